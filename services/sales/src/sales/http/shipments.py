"""Combined shipments over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from httpkit.acts import CreateAct
from httpkit.auth import requires
from httpkit.bodies import Body
from httpkit.openapi import answers
from sales.domain.posting.commands import CombinedShipment
from sales.http.answers.posted_documents import CombinedShipmentAnswer, combined_shipment_answer
from sales.use_cases.ship_orders import ship_orders

router = APIRouter(prefix="/v1/shipments", tags=["sales orders"], dependencies=[requires("sales:post")])


@router.post("", status_code=201, responses=answers(CombinedShipmentAnswer, 201))
async def post_combined_shipment(act: CreateAct, body: Body[CombinedShipment]) -> Response:
    """Ship lines of several orders of one customer to one address, all or nothing: a shipment for each order."""
    outcome = await act.run(ship_orders, body, present=combined_shipment_answer, status=201)
    return await act.answer(outcome)
