"""Received goods go from one customer's special order to another's, over HTTP, on real PostgreSQL."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from contracts.sales.orders import SalesOrder
from sales.domain.sourcing import sourcing_of
from sales.store import sourcings
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import SPECIAL, STOCK, line_of, purchase, purchase_line, receipt
from tests.integration.sales.test_races import WAITING_FOR_US
from tests.support.polling import eventually


async def received(sales: Sales, no: str, quantity: str = "5") -> Any:
    """A released special order of 5, of which this has come by purchase order `no`."""
    order = await sales.released(SPECIAL)
    await sales.deliver(purchase(no, 1, purchase_line(order, 10000, receipt(quantity))))
    return order


def giving(order: Any) -> str:
    return f"/sales-orders/{order['no']}/lines/10000/reallocate"


def to(order: Any, quantity: str | None = None, line_no: int = 10000) -> dict[str, Any]:
    return {"to_sales_order_no": order["no"], "to_line_no": line_no, "quantity": quantity}


async def supply_of(sales: Sales, order: Any) -> tuple[str, str]:
    sourcing = line_of(await sales.get(f"/sales-orders/{order['no']}"))["sourcing"]
    return sourcing["state"], sourcing["quantity_received"]


async def test_e5_the_other_customer_s_line_may_ship_and_the_first_is_open_again(sales: Sales) -> None:
    first, second = await received(sales, "P-1"), await sales.released(SPECIAL)
    after = await sales.post(giving(first), to(second, "5"))
    problem = line_of(after)["sourcing"]["problem"]
    assert (after["no"], problem["code"]) == (first["no"], "goods-given-away")
    assert await supply_of(sales, first) == ("exception", "0")
    assert await supply_of(sales, second) == ("received", "5")
    (exception,) = (await sales.get("/exceptions"))["items"]
    assert exception["sales_order_no"] == first["no"]
    ready = (await sales.get("/sales-lines", ready_to_ship=True))["items"]
    assert [line["sales_order_no"] for line in ready] == [second["no"]]
    refused = await sales.send("POST", f"/sales-orders/{first['no']}/post", {"ship": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "quantity-exceeds-received")
    await sales.post(f"/sales-orders/{second['no']}/post", {"ship": True})
    for order, happened, detail in (
        (first, "goods_given", f"line 10000: 5 to sales order {second['no']} line 10000"),
        (second, "goods_taken", f"line 10000: 5 from sales order {first['no']} line 10000"),
    ):
        items = (await sales.get(f"/sales-orders/{order['no']}/timeline"))["items"]
        told = [item for item in items if item["happened"].startswith("goods_")]
        assert [(item["happened"], item["detail"]) for item in told] == [(happened, detail)]
    operation = await sales.post(
        f"/sales-orders/{first['no']}/lines/10000/resolve-exception", {"answer": "procure_again"}
    )
    assert operation["status"] == "running"
    wanted = (await sales.published(SalesOrder, first["no"]))[-1].lines[0].demand
    assert wanted is not None
    assert (wanted.generation, wanted.supplied) == (2, 0)
    assert (await sales.get("/exceptions"))["items"] == []


async def test_e5_the_same_request_again_gives_nothing_twice(sales: Sales) -> None:
    first, second = await received(sales, "P-1"), await sales.released(SPECIAL)
    headers = {"Idempotency-Key": "give-1"}
    for _ in range(2):
        await sales.post(giving(first), to(second, "2"), headers=headers)
    assert [await supply_of(sales, order) for order in (first, second)] == [
        ("exception", "3"),
        ("awaiting_requisition", "2"),
    ]


async def test_e5_goods_are_given_by_who_may_and_where_they_are_and_fit(sales: Sales) -> None:
    first, second = await received(sales, "P-1", "3"), await sales.released(SPECIAL, STOCK)
    for wanted, expect, code in (
        (to(second, "4"), 409, "quantity-exceeds-received"),
        (to(second, line_no=20000), 409, "special-order-required"),
        (to(second, line_no=30000), 422, "unknown-line"),
        (to({"no": "NONE"}), 422, "unknown-sales-order"),
        (to(first), 422, "same-line"),
        (to(second, "0"), 422, "out-of-range"),
    ):
        answer = await sales.send("POST", giving(first), wanted)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (expect, code), code
    missing = await sales.send("POST", f"/sales-orders/{first['no']}/lines/99/reallocate", to(second))
    assert missing.status_code == 404
    await sales.deliver(purchase("P-2", 1, purchase_line(second, 10000, receipt("5"))))
    for wanted, expect in ((to(second), 409), (to(second, "1"), 422)):
        full = await sales.send("POST", giving(first), wanted)
        assert (full.status_code, full.json()["code"]) == (expect, "quantity-exceeds-outstanding")


async def test_e5_goods_leave_or_are_given_and_never_both(sales: Sales) -> None:
    """Twenty times at once: 5 are here, 3 shall leave, 3 shall go to another line, and another 3 to a third."""
    for round_ in range(20):
        first = await received(sales, f"P-{round_}")
        others = [await sales.released(SPECIAL) for _ in range(2)]
        body = {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": "3"}]}
        answers = await asyncio.gather(
            sales.send("POST", f"/sales-orders/{first['no']}/post", body),
            *(sales.send("POST", giving(first), to(other, "3")) for other in others),
        )
        assert sorted(a.status_code for a in answers) == [200, 409, 409]
        losers = [a.json()["code"] for a in answers if a.status_code == 409]
        assert set(losers) == {"quantity-exceeds-received"}
        nos = ", ".join(f"'{order['no']}'" for order in (first, *others))
        rows = await sales.sql(
            f"SELECT sum(granted), bool_and(shipped <= granted) FROM line_sourcing WHERE sales_order_no IN ({nos})"
        )
        assert [tuple(row) for row in rows] == [(Decimal(5), True)]


async def test_goods_are_given_to_a_line_whose_supply_becomes_known_at_that_moment(sales: Sales) -> None:
    """E5: the first event about the line is stored while the act decides; the act then decides again."""
    first, second = await received(sales, "P-1"), await sales.released(SPECIAL)
    async with sales.database.begin() as tx:
        await sourcings.store(tx, [sourcing_of(UUID(line_of(second)["id"]), second["no"], 10000)])
        asked = asyncio.create_task(sales.send("POST", giving(first), to(second, "5")))
        await eventually(partial(sales.sql, WAITING_FOR_US), bool)
    answer = await asked
    assert answer.status_code == 200, answer.text
    assert await supply_of(sales, second) == ("received", "5")
