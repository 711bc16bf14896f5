"""Stands at sales' socket for outcomes that the real service cannot be made to give at will."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from contracts.channel import ChannelOrder, ChannelTransaction
from tests.support.polling import eventually

REFUSAL = (
    b'{"code":"item-blocked","status":409,"detail":"item 1000 is blocked","errors":'
    b'[{"pointer":"/lines/0","code":"item-blocked","detail":"item 1000 is blocked","line_no":10000}]}'
)


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
    headers: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        order = await self.note(request)
        if self.hold is not None:
            await self.hold.wait()
        return Response(self.body or _made(order), self.status, media_type="application/json")

    async def note(self, request: Request) -> ChannelOrder:
        order = msgspec.json.decode(await request.body(), type=ChannelOrder)
        self.asked.append(order)
        self.headers.append(dict(request.headers))
        return order


def _made(order: ChannelOrder) -> bytes:
    number = order.confirmation_no.replace("K-", "S-")
    return msgspec.json.encode(
        ChannelTransaction(
            version=1,
            confirmation_no=order.confirmation_no,
            transaction_id=order.transaction_id,
            store_no=order.transaction.store_no,
            status="succeeded",
            sales_order_no=number,
            customer_no=order.customer_no,
        )
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
    inner = Starlette(routes=[Route("/v1/channel-transactions", sales.answer, methods=["POST"])])
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
