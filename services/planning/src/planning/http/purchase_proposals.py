"""Create purchase orders from a sales order: a proposal that people look at, change and accept."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from httpkit.acts import ChangeAct, CreateAct, OperationAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers
from httpkit.paths import IdInPath
from httpkit.reads import ReadOne
from planning.domain.proposals.commands import Acceptance, AcceptProposal, NewProposal
from planning.domain.requisitions.run_results import ProposalResult
from planning.http.answers import ProposalAnswer
from planning.http.filters import BY_ITEM, UNAVAILABLE, ProposalView
from planning.http.resources import PURCHASE_PROPOSAL, purchase_proposal
from planning.use_cases.propose_purchases import accept_proposals, delete_proposals, propose_purchases

router = APIRouter(prefix="/v1", tags=["purchase proposals"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]


@router.post(
    "/purchase-proposals",
    status_code=201,
    responses=answers(ProposalAnswer, 201),
    dependencies=_WRITING,
)
async def create_purchase_proposal(act: CreateAct, body: Body[NewProposal]) -> Response:
    """Compute what the lines of a sales order need beyond stock and scheduled receipts.

    Nothing is bought until the proposal is accepted. A proposal is forgotten after a week.
    """
    return await act.answer(await act.run(propose_purchases, body, resource=PURCHASE_PROPOSAL))


@router.get(
    "/purchase-proposals/{id}",
    responses=answers(ProposalAnswer),
    dependencies=_READING,
)
async def get_purchase_proposal(
    reading: ReadOne,
    id: IdInPath,  # noqa: A002 - the path's name
    view: Filters[ProposalView],
) -> Response:
    """The rows as they were computed: all or those that need something, per sales line or summed by item."""
    resource = purchase_proposal(only_unavailable=view.show == UNAVAILABLE, by_item=view.group == BY_ITEM)
    return await reading.one(resource, str(id))


@router.post(
    "/purchase-proposals/{id}/accept",
    status_code=202,
    responses=answers(ProposalResult, operation=True, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def accept_purchase_proposal(
    act: OperationAct,
    id: IdInPath,  # noqa: A002 - the path's name
    body: Body[Acceptance],
) -> Response:
    """Ask purchasing for one purchase order per vendor and grouping key.

    `rows` names the rows to buy and changes them; without it all rows are bought as they are proposed. What was
    purchased since the proposal was made is left out and listed in `skipped`. If a row cannot be bought, for instance
    because no vendor is chosen, nothing is.
    """
    return await act.answer(await act.run(accept_proposals, AcceptProposal(id, body)))


@router.delete(
    "/purchase-proposals/{id}",
    status_code=204,
    responses=answers(status=204, refuses=[404]),
    dependencies=_WRITING,
)
async def delete_purchase_proposal(act: ChangeAct, id: IdInPath) -> Response:  # noqa: A002 - the path's name
    """Give a proposal up. Purchase orders that were made of it stay."""
    return await act.answer(await act.run(delete_proposals, id))
