"""Shipping lines of several orders together over HTTP (BC-SO-46)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import DROP, SPECIAL, STOCK, line_of, purchase, purchase_line, receipt


def together(*lines: tuple[Any, str]) -> dict[str, Any]:
    asked = [
        {"sales_order_no": order["no"], "line_no": 10000, "qty_to_ship": quantity}
        for order, quantity in lines
    ]
    return {"customer_no": "C1", "posting_date": "2026-03-05", "lines": asked}


async def shipped(sales: Sales, *orders: Any) -> list[str]:
    now = [await sales.get(f"/sales-orders/{order['no']}") for order in orders]
    return [line_of(order)["quantity_shipped"] for order in now]


async def test_special_order_goods_leave_with_another_order_under_one_number(sales: Sales) -> None:
    special, stock = await sales.released(SPECIAL), await sales.released(STOCK)
    await sales.deliver(purchase("P-1", 1, purchase_line(special, 10000, receipt("3"))))
    done = await sales.post("/shipments", together((special, "3"), (stock, "1")), expect=201)
    assert [each["sales_order_no"] for each in done["shipments"]] == [special["no"], stock["no"]]
    for each in done["shipments"]:
        document = await sales.get(f"/posted-sales-shipments/{each['shipment_no']}")
        assert (document["consignment_no"], document["posting_date"]) == (
            done["consignment_no"],
            "2026-03-05",
        )
    assert await shipped(sales, special, stock) == ["3", "1"]


async def test_one_line_that_cannot_leave_keeps_all_here(sales: Sales) -> None:
    special, stock = await sales.released(SPECIAL), await sales.released(STOCK)
    body = together((special, "1"), (stock, "1"))
    assert await sales.refused("POST", "/shipments", body) == (409, ["quantity-exceeds-received"])
    assert await shipped(sales, special, stock) == ["0", "0"]
    again = await sales.post("/shipments", together((stock, "1")), expect=201)
    assert (again["consignment_no"], again["shipments"][0]["shipment_no"]) == ("CN-1001", "SS-1001")


async def test_what_cannot_leave_together_is_refused(sales: Sales) -> None:
    stock, drop = await sales.released(STOCK), await sales.released(DROP)
    await sales.put("/customers/C9", {"name": "Bo"})
    other = await sales.post("/sales-orders", {"customer_no": "C9", "lines": [STOCK]})
    for order, status, code in (
        ({"no": "NONE"}, 422, "unknown-sales-order"),
        (other, 409, "customer-mismatch"),
        (drop, 422, "line-type-not-supported"),
    ):
        answer = await sales.refused("POST", "/shipments", together((stock, "1"), (order, "1")))
        assert (answer[0], answer[1][0]) == (status, code)
    assert (await sales.refused("POST", "/shipments", together()))[0] == 422


@pytest.mark.parametrize("attempt", range(20))
async def test_shipments_in_opposite_orders_do_not_wait_for_each_other(sales: Sales, attempt: int) -> None:
    """Four of each are there: of three requests for two of each, two leave."""
    first, second = await sales.released(STOCK), await sales.released(STOCK)
    bodies = [together((first, "2"), (second, "2")), together((second, "2"), (first, "2"))]
    answers = await asyncio.gather(
        *(sales.send("POST", "/shipments", bodies[(attempt + i) % 2]) for i in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422]
    assert await shipped(sales, first, second) == ["4", "4"]
