"""Channel transactions and their synchronization over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from contracts.pos import ChannelOrder, TransactionIdentity
from contracts.refusals import Refusal, invalid
from contracts.sales import ChannelTransaction
from contracts.values import Problem
from eventkit.transaction import Queryable, fetch_one
from eventkit.transaction import Transaction as Tx
from httpkit import problems
from httpkit.answers import json_answer
from httpkit.auth import Tokens
from httpkit.edge import Edge, Resource
from httpkit.fields import Input, No20
from httpkit.lists import Page
from httpkit.openapi import answers
from recordkit.commands import Command, Done
from sales.domain.masters import SETUP_NO, SalesSetup
from sales.store import channel, masters, synchronization
from sales.store.tables import CHANNEL_TRANSACTION
from sales.use_cases.submit_transactions import submit_transactions
from sales.use_cases.synchronize_orders import RunAnswer, synchronize

STORES_MAX = 500
ORDER = msgspec.json.Decoder(ChannelOrder)


class TransactionView(msgspec.Struct, frozen=True, kw_only=True):
    """A till's transaction as sales sees it."""

    id: UUID
    version: int
    confirmation_no: str
    store_no: str
    transaction: TransactionIdentity
    status: str
    fault_class: str
    errors: tuple[Problem, ...]
    attempts: int
    next_attempt_at: datetime | None
    sales_order_no: str | None
    customer_no: str | None
    received_at: datetime
    synchronized_at: datetime | None
    payload: ChannelOrder


class SynchronizationView(msgspec.Struct, frozen=True, kw_only=True):
    """How synchronization stands; `succeeded` and `failed` are those of the last run that had work."""

    state: str
    reason: str | None
    interval_s: Decimal
    pending: int
    oldest_pending_at: datetime | None
    last_run_at: datetime | None
    succeeded: int
    failed: int


class TransactionPage(Page):
    """Filters of the list of channel transactions."""

    status: Literal["pulled", "editing", "succeeded", "failed", "dead", "held", "void"] | None = None
    confirmation_no: str | None = None
    store_no: str | None = None


class RunInput(Input):
    """Which stores' transactions to synchronize; without, all."""

    store_nos: Annotated[tuple[No20, ...] | None, Field(max_length=STORES_MAX)] = None


def routes(edge: Edge, tokens: Tokens, batch_orders: int) -> APIRouter:
    """All routes of the channel."""
    router = APIRouter(prefix="/v1", tags=["channel transactions"])
    _transactions(router, edge, tokens)
    _synchronization(router, edge, tokens, batch_orders)
    return router


def _transactions(router: APIRouter, edge: Edge, tokens: Tokens) -> None:
    read = [Depends(tokens.require("sales:read"))]
    submit_only = [Depends(tokens.require("channel:submit"))]

    @router.post(
        "/channel-transactions",
        status_code=201,
        responses=answers(ChannelTransaction, 201),
        dependencies=submit_only,
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}},
    )
    async def submit(request: Request) -> Response:
        """Make the sales order of a till's transaction now (the POS gateway's synchronous path)."""
        return await edge.act(
            request,
            submit_transactions,
            _order_of(await request.body()),
            status=201,
            location="/v1/channel-transactions?confirmation_no={no}",
        )

    @router.get("/channel-transactions", responses=answers(TransactionView, items=True), dependencies=read)
    async def transactions(request: Request, page: Annotated[TransactionPage, Query()]) -> Response:
        """Transactions in the order in which they came."""
        query: Any = select(CHANNEL_TRANSACTION)
        for field in ("status", "confirmation_no", "store_no"):
            value = getattr(page, field)
            if value is not None:
                wanted = value if field == "status" else value.strip().upper()
                query = query.where(CHANNEL_TRANSACTION.c[field] == wanted)
        return await edge.listing(
            request,
            page,
            query,
            key=[CHANNEL_TRANSACTION.c.transaction_id],
            updated=CHANNEL_TRANSACTION.c.updated_at,
            body=_view,
        )

    @router.get("/channel-transactions/{id}", responses=answers(TransactionView), dependencies=read)
    async def transaction(request: Request, id: UUID) -> Response:  # noqa: A002 - the contract's name
        """One transaction with its payload."""
        return await edge.show(request, show_transaction, str(id), "channel-transaction")


def _order_of(body: bytes) -> ChannelOrder:
    try:
        return ORDER.decode(body)
    except msgspec.ValidationError as error:
        raise invalid("invalid", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise problems.refusal(400, "malformed-json", "the body is not JSON") from None


async def show_transaction(conn: Queryable, id_: str) -> Resource | None:
    """One transaction."""
    row = await fetch_one(conn, channel.FIND, id=UUID(id_))
    return None if row is None else Resource(_view(row), row.version or None)


def _view(row: Any) -> TransactionView:
    payload = channel.PAYLOAD.decode(row.payload)
    return TransactionView(
        id=row.transaction_id,
        version=row.version,
        confirmation_no=row.confirmation_no,
        store_no=row.store_no,
        transaction=payload.transaction,
        status=row.status,
        fault_class=row.fault_class,
        errors=channel.ERRORS.decode(row.errors),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        sales_order_no=row.sales_order_no or None,
        customer_no=row.customer_no or None,
        received_at=row.received_at,
        synchronized_at=row.synchronized_at,
        payload=payload,
    )


def _synchronization(router: APIRouter, edge: Edge, tokens: Tokens, batch_orders: int) -> None:
    manage = [Depends(tokens.require("sales:manage", "sales:write"))]
    read = [Depends(tokens.require("sales:read"))]

    @router.post("/order-synchronization/run", responses=answers(RunAnswer), dependencies=manage)
    async def run(request: Request, body: RunInput | None = None) -> Response:
        """Synchronize all that waits, also what has just failed; answers when it is done."""
        again = await edge.replay_request(request)
        if again is not None:
            return again
        stores = body.store_nos if body else None
        done = await synchronize(edge.database, batch_orders, by_hand=True, stores=stores)
        return await edge.act(request, note_run, done)

    @router.get("/order-synchronization", responses=answers(SynchronizationView), dependencies=read)
    async def status() -> Response:
        """Whether it runs, and how much waits."""
        async with edge.database.read() as conn:
            return json_answer(await _status(conn))


async def note_run(_: Tx, commands: Sequence[Command[RunAnswer]]) -> list[Done | Refusal]:
    """The last step of a run by hand: its figures are the answer that the key is remembered with."""
    return [Done("order-synchronization", "", answer=command.data) for command in commands]


async def _status(conn: AsyncConnection) -> SynchronizationView:
    now = await synchronization.find(conn)
    setup = await masters.find(conn, "sales-setup", SETUP_NO)
    columns = CHANNEL_TRANSACTION.c
    waiting = select(func.count(), func.min(columns.received_at)).where(
        columns.status.in_(["pulled", "failed"])
    )
    pending, oldest = (await conn.execute(waiting)).one()
    return SynchronizationView(
        state=now.state,
        reason=now.reason or None,
        interval_s=(
            setup if isinstance(setup, SalesSetup) else SalesSetup(version=0)
        ).synchronization_interval_s,
        pending=pending,
        oldest_pending_at=oldest,
        last_run_at=now.last_run_at,
        succeeded=now.succeeded,
        failed=now.failed,
    )
