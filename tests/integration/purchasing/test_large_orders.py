"""Work lists over an order of 1,000 lines."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

LINES = 1000


async def fastest(read: Callable[[], Awaitable[Any]]) -> float:
    """Seconds of the fastest of a few reads: the others had to share the processor."""
    took: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        await read()
        took.append(time.perf_counter() - began)
    return min(took)


async def test_work_lists_look_into_a_large_order_once(purchasing: Purchasing) -> None:
    """Listing 500 of its lines, or of their exceptions, costs about as much as reading the order."""
    ids = [UUID(int=7000 + i) for i in range(LINES)]
    asked = (x.request_line(sales=x.ref(id_)) for id_ in ids)
    await purchasing.deliver_requests(x.request(*asked))
    await purchasing.deliver_sales_orders(x.sales_order(deleted=True))
    whole = await fastest(lambda: purchasing.get("/purchase-orders/P-1001"))
    for path in ("/purchase-lines", "/exceptions"):
        assert len((await purchasing.get(path, limit=500))["items"]) == 500
        listed = await fastest(lambda path=path: purchasing.get(path, limit=500))  # type: ignore[misc]
        assert listed < 3 * whole
