"""The floor of the back office: orders that are posted and released over HTTP (W2), and drop shipments posted (W6).

As `floor.py`: no business rule, the same bodies, rows of about the same number and size, the same messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Final

import asyncpg
import msgspec
import uvloop
from fastapi import Request, Response

from tests.performance.floor import Planning, Purchasing, Role, Sales, encode, replace, run
from tests.performance.floor_work import Settings, Work
from tests.performance.orders import SAMPLES, SMALL_ROW

ORDER: Final = "floor.sales-order"
PURCHASE: Final = "floor.purchase-order"
OUTCOME: Final = "floor.request-outcome"

OPERATION: Final = SMALL_ROW[: len(SMALL_ROW) // 3]
"""What a request is answered that goes on in the other process."""


class GroupCommit:
    """Requests that arrive together share a transaction; each waits until it is durable."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._asked: list[tuple[Work, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()

    async def stored(self, request: Request, work: Work) -> None:
        """Store the work and the request's key."""
        work.entries.append((request.headers["idempotency-key"], SMALL_ROW))
        done = asyncio.get_running_loop().create_future()
        self._asked.append((work, done))
        self._arrived.set()
        await done

    async def run(self) -> None:
        connection = await asyncpg.connect(self._role.settings.database)
        while await self._arrived.wait():
            self._arrived.clear()
            taken, self._asked = self._asked, []
            together = Work()
            for work, _ in taken:
                together.entries += work.entries
                together.lines += work.lines
                together.messages += work.messages
            await self._role.commit(connection, together)
            for _, done in taken:
                done.set_result(None)


class Selling(Sales):
    """W2: POST of an order, POST of its release; then as for a till's order."""

    topics = ("floor.demand", PURCHASE)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.requests = GroupCommit(self)

    async def create(self, request: Request) -> Response:
        msgspec.json.decode(await request.body())
        no = next(self.numbers)
        order = encode(replace(SAMPLES.sales_order, no=no))
        await self.requests.stored(request, Work(entries=[(f"{no}/open", order)]))
        return Response(order, status_code=201, media_type="application/json")

    async def released(self, request: Request, no: str) -> Response:
        work, order = Work(), encode(replace(SAMPLES.sales_order, no=no))
        work.entries.append((no, order))
        work.lines += [(f"{no}/20000", SMALL_ROW), (f"{no}/30000", SMALL_ROW)]
        work.messages.append((ORDER, no, order))
        await self.requests.stored(request, work)
        return Response(order, media_type="application/json")

    def tasks(self) -> Iterator[Any]:
        yield from (self.consume(), self.requests.run())

    def routes(self) -> dict[str, Callable[..., Any]]:
        return {"/v1/sales-orders": self.create, "/v1/sales-orders/{no}/release": self.released}


class Shipping(Role):
    """W6: POST of a shipment asks purchasing; its receipt makes the shipment, which the order's next event tells."""

    topics = (PURCHASE, OUTCOME)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.requests = GroupCommit(self)

    async def ship(self, request: Request, no: str) -> Response:
        msgspec.json.decode(await request.body())
        order = encode(replace(SAMPLES.sales_order, no=no))
        operation = (f"{no}/operation", SMALL_ROW)
        work = Work(entries=[(f"{no}/asking", order)], lines=[operation], messages=[(ORDER, no, order)])
        await self.requests.stored(request, work)
        return Response(OPERATION, status_code=202, media_type="application/json")

    def handle(self, work: Work, topic: str, key: str, value: bytes) -> None:
        work.entries.append((f"{topic}/{key}", SMALL_ROW))
        if topic == OUTCOME:
            order = encode(replace(SAMPLES.sales_order, no=key))
            rows = [(f"{key}/shipped", order), (f"{key}/shipment", value), (f"{key}/movement", SMALL_ROW)]
            work.entries += rows
            work.mark(f"{key}/operation", "2 succeeded")
            work.messages.append((ORDER, f"{key}/shipped", order))

    def tasks(self) -> Iterator[Any]:
        yield from (self.consume(), self.requests.run())

    def routes(self) -> dict[str, Callable[..., Any]]:
        return {"/v1/sales-orders/{no}/post": self.ship}


class Receiving(Role):
    """W6: a sales order that asks: its copy, the fence, the posted receipt, the purchase order, the outcome."""

    topics = (ORDER,)

    def handle(self, work: Work, topic: str, key: str, value: bytes) -> None:
        work.entries.append((f"{topic}/{key}", value))
        if key.endswith("/shipped"):
            return
        order = encode(replace(SAMPLES.purchase_orders[1], no=key))
        fence, movement = (f"fence/{key}", SMALL_ROW), (f"movement/{key}", SMALL_ROW)
        work.entries += [fence, movement, (f"receipt/{key}", SMALL_ROW * 3), (f"order/{key}", order)]
        work.messages += [(PURCHASE, key, order), (OUTCOME, key, SMALL_ROW * 3)]


SELLING: Final[dict[str, type[Role]]] = {
    "selling": Selling,
    "planning": Planning,
    "purchasing": Purchasing,
}
POSTING: Final[dict[str, type[Role]]] = {"shipping": Shipping, "receiving": Receiving}


if __name__ == "__main__":
    uvloop.run(run(SELLING | POSTING))
