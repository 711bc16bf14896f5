"""Customer orders: taken from tills, shown and searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter
from sqlalchemy import ColumnElement, Row, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from contracts.channel import ChannelInvoice
from contracts.refusals import Violation, not_found
from contracts.timeline import Subject
from httpkit import problems
from httpkit.act_requests import ActRequest
from httpkit.acts import RehearsableCreateAct
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.commands import Outcome, UseCase
from httpkit.lists import Columns, Listing, PageFilters
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from httpkit.reads import ReadMany, ReadOne
from httpkit.responses import json_response
from httpkit.till_bodies import TillBody
from httpkit.timelines import TimelineItem
from pos_gateway.domain.orders.commands import ConcludeOrder, CreateOrder, NewOrder, WithdrawOrder
from pos_gateway.domain.orders.deliveries import CARRY_OUT, SHIP
from pos_gateway.domain.orders.deliveries import PICKUP as TO_PICK_UP
from pos_gateway.domain.orders.order import as_channel_order
from pos_gateway.http.answers.orders import CustomerOrderAnswer, order_answer, present_order
from pos_gateway.http.dependencies import (
    MANAGE,
    TERMINAL,
    GatewayParts,
    InSession,
    Parts,
    RecallingStore,
)
from pos_gateway.http.filters import CustomerOrderFilters
from pos_gateway.http.resources import CUSTOMER_ORDER, orders_seen_by
from pos_gateway.jobs.sales import Accepted, NotReached, Refused, SalesOutcome
from pos_gateway.store import orders
from pos_gateway.store.orders import stored_of
from pos_gateway.store.tables import ACT, ORDER, PICKUP, READY, STAGE
from pos_gateway.use_cases.conclude_orders import conclude_orders, withdraw_orders
from pos_gateway.use_cases.create_orders import BegunOrder
from recordkit.commands import Done

router = APIRouter(prefix="/v1", tags=["customer orders"])
_READING: Final = [requires(TERMINAL, MANAGE)]
_AT_TERMINAL: Final = [requires(TERMINAL)]


@router.post(
    "/customer-orders",
    status_code=201,
    responses=answers(CustomerOrderAnswer, 201)
    | answers(CustomerOrderAnswer, 202)
    | answers(CustomerOrderAnswer, 200, refuses=[409]),
    dependencies=_AT_TERMINAL,
)
async def create_customer_order(
    act: RehearsableCreateAct,
    session: InSession,
    new: TillBody[NewOrder],
    parts: GatewayParts,
) -> Response:
    """Take an order: 201 when sales has made it, 202 when it will be pulled, 200 for one that is known already.

    With `dry_run=true` the order is answered with its amounts (200) and nothing is kept; no payment is asked for.
    """
    configuration = await parts.configurations.recent(act.runner.database)
    create = CreateOrder(new, session, configuration.mode_of(session.store_no), act.dry_run)
    if create.mode == "synchronous" and not act.dry_run:
        return await create_with_sales(act, parts.order_creation.begin_orders, create, parts)
    outcome = await act.run(
        parts.order_creation.create_orders,
        create,
        resource=CUSTOMER_ORDER,
        present=present_order,
        status=_status_of,
    )
    return await act.answer(outcome)


def _status_of(done: Done) -> int:
    """An order that was there before is done without an answer of its own."""
    return 200 if done.answer is None else 202


async def create_with_sales(act: ActRequest, begin: UseCase, data: Any, parts: Parts) -> Response:
    """While the till waits, in three transactions: begin the order, ask sales, then conclude or withdraw it.

    `begin` stores the order of `data`: it is durable as `submitting` before sales is asked, and its outcome after
    (POS-109, POS-110).
    """
    answered = await act.replay(CUSTOMER_ORDER)
    if answered is not None:
        return await act.answer(answered)
    begun: BegunOrder = (await act.execute(begin, data)).answer
    if begun.attempt == 0:
        return await act.answer(await _conclude(act, begun, None, status=200))
    outcome = await parts.sales.submit(as_channel_order(begun.order, "created"), act.context)
    if isinstance(outcome, Accepted):
        return await act.answer(await _conclude(act, begun, outcome, status=201))
    return await _decline(act, begun, outcome)


async def _conclude(act: ActRequest, begun: BegunOrder, outcome: Accepted | None, *, status: int) -> Outcome:
    transaction = outcome.transaction if outcome else None
    conclude = ConcludeOrder(begun.order.confirmation_no, begun.order.version, transaction)
    return await act.run(
        conclude_orders, conclude, resource=CUSTOMER_ORDER, present=present_order, status=status
    )


async def _decline(act: ActRequest, begun: BegunOrder, outcome: SalesOutcome) -> Response:
    """No order, where sales certainly has none; else the outcome is unknown, and the sweeper finds out.

    The till learns the order's number: its status says when the outcome is known (P7).
    """
    gone = False
    if isinstance(outcome, Refused) or (isinstance(outcome, NotReached) and begun.attempt == 1):
        withdraw = WithdrawOrder(begun.order.confirmation_no, begun.attempt)
        gone = bool((await act.execute(withdraw_orders, withdraw)).answer)
    if gone and isinstance(outcome, Refused):
        raise outcome.refusal
    if gone:
        raise problems.unavailable("sales does not answer; no order was made", "sales-unavailable")
    unknown = Violation(
        "outcome-unknown",
        "whether sales has the order is not known yet; ask again with the same key",
        members={"confirmation_no": begun.order.confirmation_no},
    )
    raise problems.HttpRefusal(503, unknown, retry_after_s=problems.RETRY_AFTER_S)


def _conditions(page: CustomerOrderFilters, store_no: str | None) -> list[ColumnElement[bool]]:
    """The filters that are no columns, and what a store sees (None: all). POS-60."""
    found: list[ColumnElement[bool]] = []
    if store_no is not None:
        found.append(or_(ORDER.c.store_no == store_no, _waits_at((store_no,))))
    if page.order_no:
        numbers = (
            ORDER.c.confirmation_no,
            ORDER.c.receipt_no,
            STAGE.c.sales_order_no,
            STAGE.c.sales_quote_no,
        )
        acts = select(ACT.c.confirmation_no).where(ACT.c.receipt_no.in_(page.order_no))
        by_number = (number.in_(page.order_no) for number in numbers)
        found.append(or_(*by_number, ORDER.c.confirmation_no.in_(acts)))
    if page.ready is not None:
        ready = exists().where(READY.c.confirmation_no == ORDER.c.confirmation_no)
        found.append(ready if page.ready else not_(ready))
    if page.pickup_store:
        found.append(_waits_at(page.pickup_store))
    if page.fulfilment_mode:
        found.append(or_(*(_REACHING[mode] for mode in page.fulfilment_mode)))
    return found


_REACHING: Final[Mapping[str, ColumnElement[bool]]] = {
    SHIP: func.cardinality(STAGE.c.ship_modes) > 0,
    TO_PICK_UP: ORDER.c.confirmation_no.in_(select(PICKUP.c.confirmation_no)),
    CARRY_OUT: STAGE.c.carried_out,
}
"""Orders with a line that reaches the customer so (POS-60)."""


def _waits_at(store_nos: Sequence[str]) -> ColumnElement[bool]:
    waiting = select(PICKUP.c.confirmation_no).where(PICKUP.c.store_no.in_(store_nos))
    return ORDER.c.confirmation_no.in_(waiting)


def _item(row: Row[Any]) -> CustomerOrderAnswer:
    stored = stored_of(row)
    return order_answer(stored.order, stored.stage)


_LISTING: Final = Listing(
    query=select(
        ORDER.c.content,
        ORDER.c.body,
        ORDER.c.received_at,
        STAGE.c.status,
        STAGE.c.attempts,
        STAGE.c.sales_order_no,
        STAGE.c.sales_quote_no,
        STAGE.c.customer_no,
        STAGE.c.invoice_no,
        STAGE.c.errors,
        STAGE.c.progress,
        STAGE.c.updated_at,
    ).join_from(ORDER, STAGE, ORDER.c.confirmation_no == STAGE.c.confirmation_no),
    key=(ORDER.c.received_at, ORDER.c.confirmation_no),
    item=_item,
    columns=Columns(
        {
            "confirmation_no": ORDER.c.confirmation_no,
            "customer_no": STAGE.c.customer_no,
            "customer_id": STAGE.c.till_customer,
            "status": STAGE.c.status,
            "date": ORDER.c.wanted_date,
            "created_at": ORDER.c.received_at,
            "updated_at": STAGE.c.updated_at,
        },
        (
            ORDER.c.confirmation_no,
            STAGE.c.sales_order_no,
            STAGE.c.customer_no,
            ORDER.c.receipt_no,
            ORDER.c.body.op("->>")("external_reference"),
        ),
    ),
    updated=STAGE.c.updated_at,
    descending=True,
)


@router.get(
    "/customer-orders",
    responses=answers(CustomerOrderAnswer, items=True),
    dependencies=_READING,
)
async def list_customer_orders(
    reading: ReadMany, page: Filters[CustomerOrderFilters], store_no: RecallingStore
) -> Response:
    """Orders of the till's store, and those to be picked up there, the newest first.

    A worker needs the permission `recall` to find and open orders.
    """
    return await reading.page(page, _LISTING.where(*_conditions(page, store_no)))


@router.get(
    "/customer-orders/{confirmation_no}/invoices",
    responses=answers(ChannelInvoice, items=True, refuses=[404]),
    dependencies=_READING,
)
async def list_invoices_of_customer_order(
    reading: ReadMany, confirmation_no: DocumentNo, store_no: RecallingStore
) -> Response:
    """Posted sales invoices of an order: what can be returned, and how much of it came back."""
    async with reading.runner.database.read() as conn:
        stored = (await orders.by_number(conn, [confirmation_no])).get(confirmation_no)
    if stored is None or not (store_no is None or stored.order.is_seen_by(store_no)):
        raise not_found("customer-order", confirmation_no)
    progress = stored.stage.progress
    return json_response({"items": progress.invoices if progress else (), "next_cursor": None})


@router.get(
    "/customer-orders/{confirmation_no}",
    responses=answers(CustomerOrderAnswer),
    dependencies=_READING,
)
async def get_customer_order(
    reading: ReadOne, confirmation_no: DocumentNo, store_no: RecallingStore
) -> Response:
    """One order, if the till's store may see it."""
    return await reading.one(orders_seen_by(store_no), confirmation_no)


@router.get(
    "/customer-orders/{confirmation_no}/timeline",
    responses=answers(TimelineItem, items=True, refuses=[404]),
    dependencies=_READING,
)
async def list_timeline_of_customer_order(
    reading: ReadMany, confirmation_no: DocumentNo, filters: Filters[PageFilters], store_no: RecallingStore
) -> Response:
    """What happened to the order, in the order of time: confirmed, pulled, synchronized, and the acts of tills."""

    async def subjects(conn: AsyncConnection, no: str) -> list[Subject]:
        shown = await orders_seen_by(store_no).read(conn, no)
        return [Subject(CUSTOMER_ORDER.kind, no)] if shown else []

    return await reading.timeline(CUSTOMER_ORDER.kind, confirmation_no, subjects, filters)
