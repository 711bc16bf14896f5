"""Quotes become orders."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from httpkit.acts import ExactAct
from httpkit.auth import requires
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from httpkit.till_bodies import TillBody
from pos_gateway.domain.acts.commands import Conversion, ConvertQuote
from pos_gateway.http.answers.orders import CustomerOrderAnswer, present_order
from pos_gateway.http.customer_orders import create_with_sales
from pos_gateway.http.dependencies import TERMINAL, GatewayParts, InSession
from pos_gateway.http.resources import CUSTOMER_ORDER
from recordkit.commands import Done

router = APIRouter(prefix="/v1", tags=["acts"], dependencies=[requires(TERMINAL)])


@router.post(
    "/customer-orders/{confirmation_no}/convert",
    status_code=201,
    responses=answers(CustomerOrderAnswer, 200) | answers(CustomerOrderAnswer, 201, refuses=[404, 409]),
)
async def convert_customer_order(
    act: ExactAct,
    confirmation_no: DocumentNo,
    session: InSession,
    new: TillBody[Conversion],
    parts: GatewayParts,
) -> Response:
    """Make an order of a quote, with a number of its own: at the quoted prices, or at today's with `reprice`.

    An expired quote needs `reprice`. The deposit is asked for now. The quote stays, `closed`. 200 for an order that is
    known already.
    """
    configuration = await parts.configurations.recent(act.runner.database)
    mode = configuration.mode_of(session.store_no)
    convert = ConvertQuote(confirmation_no, new, session, mode, act.dry_run)
    if mode == "synchronous" and not act.dry_run:
        return await create_with_sales(act, parts.quote_conversion.begin_conversions, convert, parts)
    use_case = parts.quote_conversion.convert_quotes
    outcome = await act.run(
        use_case, convert, resource=CUSTOMER_ORDER, present=present_order, status=_status_of
    )
    return await act.answer(outcome)


def _status_of(done: Done) -> int:
    return 200 if done.answer is None else 201
