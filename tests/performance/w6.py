"""W6: drop shipments posted from the sales side; purchasing posts the receipts, sales the shipments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from deploy.local.stack import LocalStack
from tests.performance import floor_processes
from tests.performance.client import JsonClient
from tests.performance.throughput import Act, Served, Throughput, measure
from tests.performance.w1 import counter
from tests.performance.w2 import Shippable
from tests.performance.w3 import Show

PAIRS: Final = 1000
SHIPPED: Final = "SELECT count(*) FROM posted_sales_shipment"
"""In the sales database: each stands for a receipt that purchasing has posted before."""
FLOOR_SHIPPED: Final = "SELECT count(*) FROM line WHERE mark > '2'"


async def measure_floor(stack: LocalStack, run: str, *, pairs: int, show: Show) -> Throughput:
    """As many postings between two processes of the floor."""
    async with (
        floor_processes.running_floor(stack, run, floor_processes.POSTING) as running,
        counter(running.database, FLOOR_SHIPPED) as shipped,
    ):
        served = Served("floor", stack, running.children, running.address, shipped)
        lines = (Shippable(f"S{n}", 30000, "1") for n in range(pairs))
        return await measure(served, _posting(lines), show)


async def measure_koppel(
    stack: LocalStack, shippable: Iterable[Shippable], *, pairs: int, show: Show
) -> Throughput:
    """Of lines that W2 left, whose purchase orders stand."""
    address = (stack.settings.host, stack.settings.serve_port("sales"))
    children = {name: child for name, child in stack.children.items() if name not in {"postgres", "kafka"}}
    async with counter(stack.database_url("sales"), SHIPPED) as shipped:
        served = Served("Koppel", stack, children, address, shipped)
        return await measure(served, _posting([*shippable][:pairs]), show)


def _posting(lines: Iterable[Shippable]) -> Act:
    left: Iterator[Shippable] = iter(lines)

    async def post(client: JsonClient) -> bool:
        line = next(left, None)
        if line is None:
            return False
        wanted = {"line_no": line.line_no, "qty_to_ship": line.quantity}
        body = {"ship": True, "lines": [wanted]}
        await client.send("POST", f"/v1/sales-orders/{line.order_no}/post", body)
        return True

    return post
