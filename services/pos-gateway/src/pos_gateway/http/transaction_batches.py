"""What tills took while they were offline, many at a time."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from contracts.refusals import Refusal
from httpkit.acts import CreateAct
from httpkit.auth import requires
from httpkit.openapi import answers
from pos_gateway.domain.acts.commands import OfflineReturn, TakeBatch, TakeOfflineReturn
from pos_gateway.domain.orders.commands import CreateOrder
from pos_gateway.domain.orders.offline import order_of
from pos_gateway.domain.terminals.sessions import TerminalIdentity, TillSession
from pos_gateway.http.answers.transaction_batches import BatchAnswer, present_batch, status_of
from pos_gateway.http.bodies import BatchBody, OfflineEntry
from pos_gateway.http.dependencies import TERMINAL, GatewayParts, OfTerminal

router = APIRouter(prefix="/v1", tags=["customer orders"], dependencies=[requires(TERMINAL)])


@router.post("/transaction-batches", responses=answers(BatchAnswer) | answers(BatchAnswer, 207))
async def create_transaction_batch(
    act: CreateAct, terminal: OfTerminal, entries: BatchBody, parts: GatewayParts
) -> Response:
    """Keep up to 1,000 transactions that tills of the store took offline; one result for each, 207 if they differ.

    One that breaks rules is `failed`, one whose identity another order has is a `conflict`: both are kept under a
    confirmation number, and repaired in the back office. A return (`operation: "return"`, `confirmation_no`, and what
    a return of an order says) goes to sales as soon as that is possible; it is `unverified` until the gateway has
    checked it. Only what cannot be read, or is another store's, is `rejected`.
    """
    batch = TakeBatch(tuple(_entry(entry, terminal) for entry in entries))
    outcome = await act.run(
        parts.batch_taking.take_batches,
        batch,
        present=present_batch,
        status=lambda done: status_of(done.answer),
    )
    return await act.answer(outcome)


def _entry(entry: OfflineEntry, terminal: TerminalIdentity) -> CreateOrder | TakeOfflineReturn | Refusal:
    if isinstance(entry, Refusal):
        return entry
    if isinstance(entry, OfflineReturn):
        return TakeOfflineReturn(entry, terminal.store_no)
    session = TillSession(
        store_no=terminal.store_no, terminal_no=entry.transaction.terminal_no, worker_id=entry.worker_id
    )
    return CreateOrder(order_of(entry), session, "asynchronous", offline=True)
