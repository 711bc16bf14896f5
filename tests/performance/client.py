"""A client of the back office, and the order that it posts."""

from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

import msgspec

from tests.performance.company import LOCATION
from tests.performance.load import Connection
from tests.performance.orders import CUSTOMERS, SAMPLES


def sales_order() -> dict[str, Any]:
    """The measured order as `POST /v1/sales-orders` takes it, of any customer."""
    lines = [
        {
            "item_no": line.item_no,
            "quantity": str(line.quantity),
            "unit_price": str(line.unit_price),
            "purchasing_code": line.purchasing_code,
        }
        for line in SAMPLES.sales_order.lines
    ]
    return {"customer_no": random.choice(CUSTOMERS), "location_code": LOCATION, "lines": lines}


def is_linked(order: dict[str, Any]) -> bool:
    """Whether both flagged lines name their purchase order."""
    flagged = [line for line in order["lines"] if line["special_order"] or line["drop_shipment"]]
    return len(flagged) == 2 and all(line["sourcing"]["purchase_order_no"] for line in flagged)


class JsonClient:
    """JSON over one connection that stays open: a library's own latency would be measured too."""

    def __init__(self, connection: Connection, token: str) -> None:
        self._connection = connection
        self._token = token

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        content = msgspec.json.encode(body) if body is not None else b""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
            f"Idempotency-Key: {uuid4().hex}\r\n\r\n"
        )
        status, answer = await self._connection.request(head.encode() + content)
        assert status < 300, f"{method} {path}: {status} {answer[:2000].decode()}"
        decoded: dict[str, Any] = msgspec.json.decode(answer)
        return decoded

    async def send_raw(self, request: bytes, expected: int) -> None:
        """A request that is put together already."""
        status, answer = await self._connection.request(request)
        assert status == expected, f"{status} {answer[:2000].decode()}"
