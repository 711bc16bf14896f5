"""Acts of tills on customer orders: dry run, queue, and asking sales while the till waits."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from msgspec.structs import replace
from starlette.responses import Response

from contracts.refusals import Violation
from httpkit import problems
from httpkit.act_requests import ActRequest
from httpkit.acts import ExactAct
from httpkit.auth import requires
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from httpkit.till_bodies import TillBody
from pos_gateway.domain.acts.cancelling import CANCEL, CANCEL_REMAINING
from pos_gateway.domain.acts.commands import (
    ActOnOrder,
    Cancel,
    ConcludeAct,
    NewAct,
    PickUp,
    ReturnGoods,
    WithdrawAct,
)
from pos_gateway.domain.acts.edit_commands import EditOrder
from pos_gateway.domain.acts.editing import EDIT
from pos_gateway.domain.acts.pointing import pointed
from pos_gateway.domain.acts.returning import RETURN
from pos_gateway.domain.orders.order import as_channel_order
from pos_gateway.domain.terminals.sessions import TillSession
from pos_gateway.http.answers.orders import CustomerOrderAnswer, order_answer
from pos_gateway.http.dependencies import TERMINAL, GatewayParts, InSession, Parts
from pos_gateway.http.resources import order_after
from pos_gateway.jobs.sales import Accepted, NotReached, Refused, SalesOutcome
from pos_gateway.use_cases.act_on_orders import QUEUED, BegunAct
from pos_gateway.use_cases.conclude_acts import ActedOrder, conclude_acts, withdraw_acts

router = APIRouter(prefix="/v1", tags=["acts"])
_AT_TERMINAL: Final = [requires(TERMINAL)]
_ANSWERS: Final = answers(CustomerOrderAnswer, 202) | answers(CustomerOrderAnswer, 200, refuses=[404, 409])


@router.post("/customer-orders/{confirmation_no}/edit", responses=_ANSWERS, dependencies=_AT_TERMINAL)
async def edit_customer_order(
    act: ExactAct,
    confirmation_no: DocumentNo,
    session: InSession,
    new: TillBody[EditOrder],
    parts: GatewayParts,
) -> Response:
    """Change lines, add new ones, remove others; change delivery, charges, collector and deposit; of quotes too.

    Prices stay as agreed, unless `recalculate` is set. The deposit is computed anew, and the difference is due or given
    back. A line that is bought already is changed in the back office.
    """
    return await carry_out(act, EDIT, confirmation_no, new, session, parts)


@router.post("/customer-orders/{confirmation_no}/pickup", responses=_ANSWERS, dependencies=_AT_TERMINAL)
async def pick_up_customer_order(
    act: ExactAct, confirmation_no: DocumentNo, session: InSession, new: TillBody[PickUp], parts: GatewayParts
) -> Response:
    """Hand over goods that wait at this store: shipped and invoiced at once, paid less the share of the deposit.

    Lines that are left out stay open. A line that was bought for the customer is handed over as far as it was received.
    202 while sales does not have the order yet.
    """
    return await carry_out(act, "pickup", confirmation_no, new, session, parts)


@router.post("/customer-orders/{confirmation_no}/cancel", responses=_ANSWERS, dependencies=_AT_TERMINAL)
async def cancel_customer_order(
    act: ExactAct, confirmation_no: DocumentNo, session: InSession, new: TillBody[Cancel], parts: GatewayParts
) -> Response:
    """Cancel the whole order for a charge on its total, which is kept of the deposit; the rest of it goes back.

    Only while nothing of it was handed over. 202 while sales does not have the order yet.
    """
    return await carry_out(act, CANCEL, confirmation_no, new, session, parts)


@router.post(
    "/customer-orders/{confirmation_no}/cancel-remaining", responses=_ANSWERS, dependencies=_AT_TERMINAL
)
async def cancel_rest_of_customer_order(
    act: ExactAct, confirmation_no: DocumentNo, session: InSession, new: TillBody[Cancel], parts: GatewayParts
) -> Response:
    """Cancel what is still open of a partly fulfilled order, for a charge on the value of that."""
    return await carry_out(act, CANCEL_REMAINING, confirmation_no, new, session, parts)


@router.post(
    "/customer-orders/{confirmation_no}/returns",
    status_code=201,
    responses=answers(CustomerOrderAnswer, 200) | answers(CustomerOrderAnswer, 201, refuses=[404, 409]),
    dependencies=_AT_TERMINAL,
)
async def return_goods_of_customer_order(
    act: ExactAct,
    confirmation_no: DocumentNo,
    session: InSession,
    new: TillBody[ReturnGoods],
    parts: GatewayParts,
) -> Response:
    """Take goods back that are on an invoice of the order, at any store, and give their money back.

    Charges of returned lines go back in proportion, where the parameters allow it. Shipping charges count together
    over all returns of the order; above the ceiling of the parameters a manager approves.
    """
    return await carry_out(act, RETURN, confirmation_no, new, session, parts)


async def carry_out(
    act: ActRequest, operation: str, confirmation_no: str, new: NewAct, session: TillSession, parts: Parts
) -> Response:
    """An act, in three transactions: begin it, ask sales, then conclude or withdraw it.

    It is durable before sales is asked, so that its outcome is found also after a crash (POS-110). Sales is not asked
    about an order that it does not have yet: the act goes there with the order.
    """
    data = ActOnOrder(confirmation_no, operation, new, session, act.dry_run)
    resource = order_after(new.transaction)
    if act.dry_run:
        return await act.answer(await act.run(parts.till_acts.begin_acts, data, present=_rehearsed))
    answered = await act.replay(resource)
    if answered is not None:
        return await act.answer(answered)
    begun: BegunAct = (await act.execute(parts.till_acts.begin_acts, data)).answer
    conclude = ConcludeAct(confirmation_no, begun.act_id)
    if begun.attempt:
        order = as_channel_order(begun.order, operation)
        outcome = await parts.sales.carry_out(order, begun.act_id, act.context)
        if not isinstance(outcome, Accepted):
            return await _decline(act, begun, outcome, new)
        conclude = replace(conclude, transaction=outcome.transaction)
    status = _status_of(operation, begun)
    ended = await act.run(conclude_acts, conclude, resource=resource, present=_acted, status=status)
    return await act.answer(ended)


def _status_of(operation: str, begun: BegunAct) -> int:
    """An act that was done before makes nothing new; a return makes a return order."""
    if begun.repeated:
        return 200
    if begun.status == QUEUED:
        return 202
    return 201 if operation == RETURN else 200


def _rehearsed(begun: BegunAct) -> Any:
    return order_answer(replace(begun.order, version=begun.version), begun.stage)


def _acted(done: ActedOrder) -> CustomerOrderAnswer:
    return order_answer(done.order, done.stage, act=done.act)


async def _decline(act: ActRequest, begun: BegunAct, outcome: SalesOutcome, new: NewAct) -> Response:
    """Nothing was done, where sales has certainly not done it; else the sweeper finds the outcome out."""
    gone = False
    if isinstance(outcome, Refused) or (isinstance(outcome, NotReached) and begun.attempt == 1):
        withdraw = WithdrawAct(begun.act_id, begun.attempt)
        gone = bool((await act.execute(withdraw_acts, withdraw)).answer)
    if gone and isinstance(outcome, Refused):
        raise pointed(outcome.refusal, new)
    if gone:
        raise problems.unavailable("sales does not answer; nothing was done", "sales-unavailable")
    unknown = Violation(
        "outcome-unknown", "whether sales has done it is not known yet; ask again with the same key"
    )
    raise problems.HttpRefusal(503, unknown, retry_after_s=problems.RETRY_AFTER_S)
