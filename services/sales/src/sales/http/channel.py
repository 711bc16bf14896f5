"""Till transactions and their synchronization over HTTP."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Request
from msgspec import Meta
from sqlalchemy import select
from starlette.responses import Response

from contracts import fields
from contracts.channel import ChannelOrder, ChannelTransaction, TransactionStatus
from contracts.pos import ConfirmationNo
from httpkit.acts import CreateAct, DocumentAct, PatchAct
from httpkit.auth import requires
from httpkit.bodies import Filters, OptionalBody, SnapshotBody
from httpkit.lists import Columns, ListFilters, Listing, Several
from httpkit.openapi import answers
from httpkit.reads import ReadMany, ReadOne
from httpkit.till_bodies import TillBody
from sales.domain.channel.repairing import (
    ActOnTransaction,
    RepairTransaction,
    TransactionHold,
    TransactionRepair,
)
from sales.http.answers.channel import (
    SynchronizationAnswer,
    SynchronizationRunAnswer,
    TransactionAnswer,
    run_answer,
    transaction_answer,
)
from sales.http.resources import (
    ORDER_SYNCHRONIZATION,
    REPAIRED_TRANSACTION,
    SUBMITTED_TRANSACTION,
    TRANSACTION,
)
from sales.jobs.synchronize_orders import synchronize_orders
from sales.store.tables import CHANNEL_TRANSACTION
from sales.use_cases.repair_transactions import (
    hold_transactions,
    release_transactions,
    repair_transactions,
    resubmit_transactions,
    void_transactions,
)
from sales.use_cases.submit_acts import SubmitAct, submit_acts
from sales.use_cases.submit_transactions import submit_transactions
from sales.use_cases.synchronize_transactions import note_runs

STORES_MAX = 500
BATCH_ORDERS = "synchronization_batch_orders"
"""The application's state that holds how many transactions one database transaction takes."""

router = APIRouter(prefix="/v1", tags=["channel transactions"])
_READ = [requires("sales:read")]
_WRITE = [requires("sales:write")]
_MANAGE = [requires("sales:manage")]
_TransactionId = Annotated[UUID, Path(description="Id of the transaction.", examples=[fields.EXAMPLE_ID])]


class TransactionFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of the list of channel transactions."""

    status: Several[TransactionStatus] = ()
    confirmation_no: Several[ConfirmationNo] = ()
    store_no: Several[Annotated[fields.No, Meta(description="The store of the till.", examples=["HH1"])]] = ()

    sorts: ClassVar = ("confirmation_no", "status", "created_at", "updated_at")


_COLUMNS = CHANNEL_TRANSACTION.c
_LISTING = Listing(
    query=select(CHANNEL_TRANSACTION),
    key=(_COLUMNS.transaction_id,),
    item=transaction_answer,
    columns=Columns({**_COLUMNS, "created_at": _COLUMNS.received_at}),
    updated=_COLUMNS.updated_at,
)


class RunSynchronization(msgspec.Struct, frozen=True, kw_only=True):
    """Which stores' transactions to synchronize; all by default."""

    store_nos: (
        Annotated[
            tuple[fields.No, ...],
            Meta(max_length=STORES_MAX, description="Only these stores.", examples=[["HH1"]]),
        ]
        | None
    ) = None


def batch_orders(request: Request) -> int:
    """How many transactions one database transaction takes."""
    limit: int = getattr(request.app.state, BATCH_ORDERS)
    return limit


@router.post(
    "/channel-transactions",
    status_code=201,
    responses=answers(ChannelTransaction, 201),
    dependencies=[requires("channel:submit")],
)
async def submit_channel_transaction(act: CreateAct, body: SnapshotBody[ChannelOrder]) -> Response:
    """Make the sales order of a till's transaction now: the synchronous path of the POS gateway."""
    return await act.answer(await act.run(submit_transactions, body, resource=SUBMITTED_TRANSACTION))


@router.post(
    "/channel-transactions/{transaction_id}/acts",
    responses=answers(ChannelTransaction, refuses=[404, 409]),
    dependencies=[requires("channel:submit")],
)
async def submit_act_of_till(
    act: CreateAct, transaction_id: _TransactionId, body: SnapshotBody[ChannelOrder]
) -> Response:
    """Carry out a till's act on its order while the till waits; the body is the order after it, the act its last.

    A refused act leaves nothing behind. The same act again, under any key, answers with what became of it.
    """
    data = SubmitAct(transaction_id, body)
    return await act.answer(await act.run(submit_acts, data))


@router.get("/channel-transactions", responses=answers(TransactionAnswer, items=True), dependencies=_READ)
async def list_channel_transactions(reading: ReadMany, filters: Filters[TransactionFilters]) -> Response:
    """Transactions in the order in which they came."""
    return await reading.page(filters, _LISTING)


@router.get("/channel-transactions/{id}", responses=answers(TransactionAnswer), dependencies=_READ)
async def get_channel_transaction(reading: ReadOne, id: _TransactionId) -> Response:  # noqa: A002 - the API's name
    """One transaction with all that the till sent."""
    return await reading.one(TRANSACTION, str(id))


_CHANGED = answers(TransactionAnswer, refuses=[404, 409])


@router.patch("/channel-transactions/{id}", responses=_CHANGED, dependencies=_WRITE)
async def change_channel_transaction(
    act: PatchAct,
    id: _TransactionId,  # noqa: A002 - the API's name
    body: TillBody[TransactionRepair],
) -> Response:
    """Change what a till sent, before its order is made; each field is audited.

    A payload that no order could be made of is refused. The transaction is `editing` until it is sent again; its order
    is then `open`, and the transaction `held`, until a person releases it. With `dry_run` nothing is kept.
    """
    act.dry_run = body.dry_run
    data = RepairTransaction(id, body)
    return await act.answer(await act.run(repair_transactions, data, resource=REPAIRED_TRANSACTION))


@router.post("/channel-transactions/{id}/resubmit", responses=_CHANGED, dependencies=_WRITE)
async def resubmit_channel_transaction(act: DocumentAct, id: _TransactionId) -> Response:  # noqa: A002
    """Try it again from the first attempt on, also when it is `dead`; of one with an order, its failed acts."""
    data = ActOnTransaction(id)
    return await act.answer(await act.run(resubmit_transactions, data, resource=REPAIRED_TRANSACTION))


@router.post("/channel-transactions/{id}/hold", responses=_CHANGED, dependencies=_WRITE)
async def hold_channel_transaction(
    act: DocumentAct,
    id: _TransactionId,  # noqa: A002 - the API's name
    body: OptionalBody[TransactionHold],
) -> Response:
    """Keep it from being synchronized until a person releases it."""
    data = ActOnTransaction(id, body.hold_code)
    return await act.answer(await act.run(hold_transactions, data, resource=REPAIRED_TRANSACTION))


@router.post("/channel-transactions/{id}/release", responses=_CHANGED, dependencies=_WRITE)
async def release_channel_transaction(act: DocumentAct, id: _TransactionId) -> Response:  # noqa: A002
    """End a hold: it is synchronized by the next run, or its repaired order is released."""
    data = ActOnTransaction(id)
    return await act.answer(await act.run(release_transactions, data, resource=REPAIRED_TRANSACTION))


@router.post("/channel-transactions/{id}/void", responses=_CHANGED, dependencies=_WRITE)
async def void_channel_transaction(act: DocumentAct, id: _TransactionId) -> Response:  # noqa: A002
    """Give it up: no order is ever made of it."""
    data = ActOnTransaction(id)
    return await act.answer(await act.run(void_transactions, data, resource=REPAIRED_TRANSACTION))


@router.post("/order-synchronization/run", responses=answers(SynchronizationRunAnswer), dependencies=_MANAGE)
async def run_order_synchronization(
    act: CreateAct,
    body: OptionalBody[RunSynchronization],
    limit: Annotated[int, Depends(batch_orders)],
) -> Response:
    """Synchronize all that waits, also what has just failed; answers when it is done."""
    again = await act.replay(ORDER_SYNCHRONIZATION)
    if again is not None:
        return await act.answer(again)
    database = act.runner.database
    done = await synchronize_orders(database, limit, by_hand=True, stores=body.store_nos)
    return await act.answer(await act.run(note_runs, done, present=run_answer))


@router.get("/order-synchronization", responses=answers(SynchronizationAnswer), dependencies=_READ)
async def get_order_synchronization(reading: ReadMany) -> Response:
    """Whether it runs, how its last run went, and how much waits."""
    return await reading.one(ORDER_SYNCHRONIZATION, "")
