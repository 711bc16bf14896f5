"""People ship from stock neither the goods of special orders nor, by planning's setup, what is not there."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from contracts.keys import stock_no
from contracts.planning.masters import PlanningSetup
from contracts.planning.stock import StockLevel
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import STOCK, line_of
from tests.integration.sales.test_combined_shipments import together

ALLOCATED = (409, ["allocated-to-special-order"])
NEGATIVE = (409, ["negative-inventory"])


async def stocked(sales: Sales, order: Any, there: int, allocated: int = 0, version: int = 1) -> None:
    line = line_of(order)
    level = StockLevel(
        version=version,
        item_no=line["item_no"],
        location_code=line["location_code"],
        stock=Decimal(there),
        allocated=Decimal(allocated),
    )
    await sales.deliver(("stock", stock_no(level.item_no, level.location_code), level))


def shipping(quantity: int) -> dict[str, Any]:
    return {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": quantity}]}


async def test_goods_of_special_orders_leave_neither_alone_nor_together_nor_with_an_invoice(
    sales: Sales,
) -> None:
    """BC-SO-33: of 5 that are here 4 are allocated."""
    order = await sales.released(STOCK | {"quantity": "5"})
    invoice = await sales.post("/sales-invoices", {"customer_no": "C1", "lines": [STOCK | {"quantity": "2"}]})
    await stocked(sales, order, 5, allocated=4)
    post = f"/sales-orders/{order['no']}/post"
    assert await sales.refused("POST", post, shipping(2)) == ALLOCATED
    assert await sales.refused("POST", "/shipments", together((order, "2"))) == ALLOCATED
    assert await sales.refused("POST", f"/sales-invoices/{invoice['no']}/post", {}) == ALLOCATED
    assert (await sales.get("/posted-sales-shipments"))["items"] == []
    await sales.post(post, shipping(1), expect=200)


async def test_what_is_not_there_is_shipped_unless_planning_prevents_negative_inventory(sales: Sales) -> None:
    """BC-SO-33: then it leaves as far as it is there."""
    order = await sales.released(STOCK | {"quantity": "9"})
    post = f"/sales-orders/{order['no']}/post"
    await sales.post(post, shipping(1), expect=200)
    setup = PlanningSetup(version=1, prevent_negative_inventory=True)
    await sales.deliver(("planning-setup", "SETUP", setup))
    assert await sales.refused("POST", post, shipping(1)) == NEGATIVE
    await stocked(sales, order, 3)
    assert await sales.refused("POST", post, shipping(4)) == NEGATIVE
    await sales.post(post, shipping(3), expect=200)


async def test_a_post_that_stock_refuses_waits_for_goods_that_are_on_their_way(sales: Sales) -> None:
    order = await sales.released(STOCK | {"quantity": "2"})
    await stocked(sales, order, 2, allocated=2)
    asked = sales.post(f"/sales-orders/{order['no']}/post", shipping(2), expect=200)
    await asyncio.gather(asked, stocked(sales, order, 4, allocated=2, version=2))
