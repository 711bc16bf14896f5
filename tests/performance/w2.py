"""W2: the measured order through `POST /v1/sales-orders` and its release, until both links stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from deploy.local.stack import LocalStack
from tests.performance import floor_processes
from tests.performance.client import JsonClient, sales_order
from tests.performance.throughput import Act, Served, Throughput, for_seconds, measure
from tests.performance.w1 import LINKED, counter
from tests.performance.w3 import Show

WARM_UP_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Shippable:
    """A line that the vendor can deliver to the customer."""

    order_no: str
    line_no: int
    quantity: str


@dataclass(slots=True)
class W2:
    """Koppel's run, with the drop shipments that it left to post (W6)."""

    figures: Throughput
    shippable: list[Shippable] = field(default_factory=list)


async def measure_floor(stack: LocalStack, run: str, *, seconds: float, show: Show) -> Throughput:
    """The same requests to the floor's processes."""
    async with (
        floor_processes.running_floor(stack, run, floor_processes.SELLING) as running,
        counter(running.database, floor_processes.LINKED) as linked,
    ):
        served = Served("floor", stack, running.children, running.address, linked)
        await measure(served, _selling(WARM_UP_S, []), show)
        return await measure(served, _selling(seconds, []), show)


async def measure_koppel(stack: LocalStack, *, seconds: float, show: Show) -> W2:
    """On the running stack."""
    address = (stack.settings.host, stack.settings.serve_port("sales"))
    children = {name: child for name, child in stack.children.items() if name not in {"postgres", "kafka"}}
    shippable: list[Shippable] = []
    async with counter(stack.database_url("sales"), LINKED) as linked:
        served = Served("Koppel", stack, children, address, linked)
        await measure(served, _selling(WARM_UP_S, shippable), show)
        return W2(await measure(served, _selling(seconds, shippable), show), shippable)


def _selling(seconds: float, shippable: list[Shippable]) -> Act:
    time_left = for_seconds(seconds)

    async def sell(client: JsonClient) -> bool:
        if not time_left():
            return False
        order = await client.send("POST", "/v1/sales-orders", sales_order())
        await client.send("POST", f"/v1/sales-orders/{order['no']}/release", {})
        shippable.extend(
            Shippable(order["no"], line["line_no"], line["quantity"])
            for line in order["lines"]
            if line.get("drop_shipment")
        )
        return True

    return sell
