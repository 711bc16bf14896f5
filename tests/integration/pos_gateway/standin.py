"""Stands at sales' socket for outcomes that the real service cannot be made to give at will."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from contracts.channel import ActOutcome, ChannelOrder, ChannelTransaction, LineProgress
from domainkit.money import ZERO
from tests.support.polling import eventually

REFUSAL = (
    b'{"code":"item-blocked","status":409,"detail":"item 1000 is blocked","errors":'
    b'[{"pointer":"/lines/0","code":"item-blocked","detail":"item 1000 is blocked","line_no":10000}]}'
)

NOTHING: Mapping[int, str] = {}


@dataclass
class StandIn:
    """Sales for a test: what it answers next, and what it was asked."""

    url: str = ""
    status: int = 201
    body: bytes = b""
    """Empty: what sales answers when it has made an order."""
    hold: asyncio.Event | None = None
    """If set, answers wait for it."""
    break_next: int = 0
    """How many of the next connections end without an answer."""
    asked: list[ChannelOrder] = field(default_factory=list)
    received: dict[int, str] = field(default_factory=dict)
    """What came in for lines of special orders, by line number."""
    headers: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        order = await self.note(request)
        if self.hold is not None:
            await self.hold.wait()
        return Response(self.body or self.made(order), self.status, media_type="application/json")

    def made(self, order: ChannelOrder) -> bytes:
        """What sales says of an order that it has made, and whose acts it has carried out."""
        return msgspec.json.encode(transaction_of(order, self.received))

    async def note(self, request: Request) -> ChannelOrder:
        order = msgspec.json.decode(await request.body(), type=ChannelOrder)
        self.asked.append(order)
        self.headers.append(dict(request.headers))
        return order


def transaction_of(order: ChannelOrder, received: Mapping[int, str] = NOTHING) -> ChannelTransaction:
    """The transaction once sales has carried out all acts that the order carries."""
    return ChannelTransaction(
        version=order.version,
        confirmation_no=order.confirmation_no,
        transaction_id=order.transaction_id,
        store_no=order.transaction.store_no,
        status="succeeded",
        sales_order_no="" if order.kind == "quote" else order.confirmation_no.replace("K-", "S-"),
        sales_quote_no=order.confirmation_no.replace("K-", "SQ-") if order.kind == "quote" else "",
        customer_no=order.customer_no,
        acts=tuple(
            ActOutcome(act_id=act.act_id, operation=act.operation, status="done", invoice_no=f"I-{i}")
            for i, act in enumerate(order.acts, 1)
        ),
        lines=tuple(
            progress_of(line_no, received=Decimal(quantity)) for line_no, quantity in received.items()
        ),
    )


def progress_of(
    line_no: int, *, received: Decimal = ZERO, shipped: Decimal = ZERO, cancelled: Decimal = ZERO
) -> LineProgress:
    """Of a line; what has left is invoiced."""
    return LineProgress(
        line_no=line_no,
        quantity_received=received,
        quantity_shipped=shipped,
        quantity_invoiced=shipped,
        quantity_returned=ZERO,
        quantity_cancelled=cancelled,
    )


class _Breaking:
    """Ends connections without an answer as long as the stand-in says so."""

    def __init__(self, app: Starlette, sales: StandIn) -> None:
        self._app = app
        self._sales = sales

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._sales.break_next == 0:
            await self._app(scope, receive, send)
            return
        self._sales.break_next -= 1
        await self._sales.note(Request(scope, receive))
        cycle: Any = send.__self__  # type: ignore[attr-defined] # uvicorn's, which has the connection
        cycle.transport.abort()


def _returning(server: uvicorn.Server) -> Callable[[], Awaitable[bool]]:
    async def started() -> bool:
        return server.started

    return started


@asynccontextmanager
async def stand_in() -> AsyncIterator[StandIn]:
    """A running stand-in on a free port."""
    sales = StandIn()
    paths = ("/v1/channel-transactions", "/v1/channel-transactions/{transaction_id}/acts")
    inner = Starlette(routes=[Route(path, sales.answer, methods=["POST"]) for path in paths])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        sales.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            _Breaking(inner, sales), log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        await eventually(_returning(server), lambda started: started)
        try:
            yield sales
        finally:
            server.should_exit = True
            if sales.hold is not None:
                sales.hold.set()
            await serving
