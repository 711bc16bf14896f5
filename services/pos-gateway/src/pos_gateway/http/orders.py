"""Customer orders: taken from tills, shown and searched."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from contracts.refusals import Violation
from eventkit.transaction import Queryable
from httpkit import problems
from httpkit.answers import Resource, Show
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.headers import header_of
from httpkit.openapi import answers
from pos_gateway.domain.answer import CustomerOrderView, view
from pos_gateway.domain.availability import shortages, wanted_for
from pos_gateway.domain.case import Till
from pos_gateway.domain.create_order import mode_of
from pos_gateway.domain.new_order import NewOrder, no
from pos_gateway.domain.order import as_channel_order
from pos_gateway.http.reading import order_in
from pos_gateway.http.searching import Orders, order_item, orders_query
from pos_gateway.http.tills import MANAGE, TERMINAL, session_of, store_of
from pos_gateway.store import orders, references
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.orders import Stored
from pos_gateway.store.tables import ORDER, STAGE
from pos_gateway.use_cases.create_orders import Begun, CreateOrder, OrderCreation
from pos_gateway.use_cases.submit_orders import (
    Conclude,
    NotReached,
    Outcome,
    Refused,
    Sales,
    Taken,
    Withdraw,
    conclude_orders,
    withdraw_orders,
)
from recordkit.commands import Command

LOCATION = "/v1/customer-orders/{no}"
_BODY = {"requestBody": {"required": True, "content": answers(NewOrder)[200]["content"]}}


def routes(edge: Edge, tokens: Tokens, till_orders: TillOrders) -> APIRouter:
    """`/customer-orders`."""
    router = APIRouter(prefix="/v1", tags=["customer orders"])
    reading = [Depends(tokens.require(TERMINAL, MANAGE))]

    @router.post(
        "/customer-orders",
        status_code=201,
        responses=answers(CustomerOrderView, 201)
        | answers(CustomerOrderView, 202)
        | answers(CustomerOrderView),
        openapi_extra=_BODY,
        dependencies=[Depends(tokens.require(TERMINAL))],
    )
    async def create(request: Request, dry_run: bool = False) -> Response:  # noqa: FBT001, FBT002
        """Take an order: 201 when sales has it, 202 when it will be pulled, 200 for one that is known already."""
        till = session_of(request)
        new = order_in(await request.body())
        return await till_orders.take(request, new, till, dry_run=dry_run)

    @router.get("/customer-orders", responses=answers(CustomerOrderView, items=True), dependencies=reading)
    async def search(request: Request, page: Annotated[Orders, Query()]) -> Response:
        """Orders of the till's store, and those to be picked up there; by any of their numbers (POS-60)."""
        return await edge.listing(
            request,
            page,
            orders_query(page, store_of(request)),
            key=(ORDER.c.received_at, ORDER.c.confirmation_no),
            body=order_item,
            updated=STAGE.c.updated_at,
            descending=True,
        )

    @router.get(
        "/customer-orders/{confirmation_no}", responses=answers(CustomerOrderView), dependencies=reading
    )
    async def show(request: Request, confirmation_no: str) -> Response:
        """One order."""
        visible = shown_to(store_of(request))
        return await edge.show(request, visible, no(confirmation_no), "customer-order")

    return router


def shown_to(store_no: str | None) -> Show:
    """Shows the orders that a store sees: its own, and those with goods to be picked up there."""

    async def show(conn: Queryable, confirmation_no: str) -> Resource | None:
        stored = (await orders.by_number(conn, [confirmation_no])).get(confirmation_no)
        if stored is None or not _is_visible(stored, store_no):
            return None
        known = await references.load(conn, [wanted_for(stored.order)])
        return Resource(
            view(stored.order, stored.stage, shortages(stored.order, known)), stored.order.version
        )

    return show


def _is_visible(stored: Stored, store_no: str | None) -> bool:
    order = stored.order
    return store_no is None or store_no == order.transaction.store_no or store_no in order.pickup_stores


show_order = shown_to(None)


class TillOrders:
    """Takes an order on the way that its store's profile says (POS-15, POS-16)."""

    def __init__(
        self, edge: Edge, configurations: Configurations, creation: OrderCreation, sales: Sales
    ) -> None:
        self._edge = edge
        self._configurations = configurations
        self._creation = creation
        self._sales = sales

    async def take(self, request: Request, new: NewOrder, till: Till, *, dry_run: bool) -> Response:
        """The answer for a new order."""
        known = await self._configurations.recent(self._edge.database)
        mode = mode_of(known, till.store_no)
        wish = CreateOrder(new, till, mode, dry_run)
        if mode == "synchronous" and not dry_run:
            return await self._take_while_the_till_waits(request, wish)
        return await self._edge.act(
            request,
            self._creation.create_orders,
            wish,
            show=show_order,
            status=lambda done: 200 if done.answer is None else 202,
            location=LOCATION,
            dry_run=dry_run,
            expect_version=False,
        )

    async def _take_while_the_till_waits(self, request: Request, wish: CreateOrder) -> Response:
        """The order is durable as `submitting` before sales is asked, and its outcome after (POS-109, POS-110)."""
        await self._edge.copies.wait_for(header_of(request, "koppel-after"))
        answered = await self._edge.replay_request(request, show=show_order)
        if answered is not None:
            return answered
        context = self._edge.context(request)
        begun_act = await self._edge.carry_out(self._creation.begin_orders, Command(wish, context))
        begun: Begun = begun_act.answer
        if begun.attempt == 0:
            return await self._conclude(request, begun, status=200)
        outcome = await self._sales.submit(as_channel_order(begun.order, "created"), context)
        if isinstance(outcome, Taken):
            return await self._conclude(request, begun, outcome, status=201)
        return await self._decline(request, begun, outcome)

    async def _conclude(
        self, request: Request, begun: Begun, outcome: Taken | None = None, *, status: int
    ) -> Response:
        order = begun.order
        transaction = outcome.transaction if outcome else None
        return await self._edge.act(
            request,
            conclude_orders,
            Conclude(order.confirmation_no, order.version, transaction),
            show=show_order,
            status=status,
            location=LOCATION,
            expect_version=False,
        )

    async def _decline(self, request: Request, begun: Begun, outcome: Outcome) -> Response:
        """No order, where sales certainly has none; else nobody knows yet, and the sweeper finds out."""
        gone = False
        if isinstance(outcome, Refused) or (isinstance(outcome, NotReached) and begun.attempt == 1):
            withdraw = Withdraw(begun.order.confirmation_no, begun.attempt)
            done = await self._edge.carry_out(withdraw_orders, Command(withdraw, self._edge.context(request)))
            gone = bool(done.answer)
        if gone and isinstance(outcome, Refused):
            return problems.respond(outcome.refusal)
        if gone:
            return problems.respond(
                problems.unavailable("sales does not answer; no order was made", "sales-unavailable")
            )
        unknown = Violation(
            "outcome-unknown", "whether sales has the order is not known yet; ask again with the same key"
        )
        return problems.respond(problems.HttpRefusal(503, unknown, retry_after_s=1))
