"""The timeline of a sales order: what happened in all services, each once, in order, on real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from contracts.values import Problem
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import (
    SPECIAL,
    STOCK,
    demand,
    pulled,
    purchase,
    purchase_line,
    receipt,
    till_order,
)


async def timeline(sales: Sales, no: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await sales.get(f"/sales-orders/{no}/timeline"))["items"]
    return items


def told(items: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(item["service"], item["document"], item["happened"]) for item in items]


def that(event: tuple[str, str, Any], *happened: str) -> tuple[str, str, Any]:
    kind, no, snapshot = event
    return kind, no, replace(snapshot, happened=happened)


async def test_the_timeline_of_a_sales_order_tells_the_acts_of_all_services(sales: Sales) -> None:
    """P2: one timeline per order over all stages."""
    order = await sales.released(SPECIAL)
    no, now = order["no"], datetime.now(UTC)
    goods = replace(receipt("5"), posted_at=now + timedelta(seconds=3))
    for second, event in enumerate(
        (
            that(demand(order, 1, "requested"), "requested"),
            that(purchase("P-77", 1, purchase_line(order)), "created"),
            that(purchase("P-77", 2, purchase_line(order, 10000, goods)), "received"),
        ),
        start=1,
    ):
        await sales.deliver(event, occurred_at=now + timedelta(seconds=second))
    items = await timeline(sales, no)
    assert told(items) == [
        ("sales", no, "created"),
        ("sales", no, "released"),
        ("planning", no, "requested"),
        ("purchasing", "P-77", "created"),
        ("purchasing", "P-77", "linked"),
        ("purchasing", "R-1", "received"),
    ]
    assert [item["at"] for item in items] == sorted(item["at"] for item in items)
    assert all(item["by"] for item in items)
    assert (items[2]["detail"], items[3]["detail"], items[5]["by"]) == ("line 10000", "vendor V10", "tester")


async def test_redelivered_and_reordered_events_are_told_once(sales: Sales) -> None:
    """P2: each entry is identified by its event or its posting, not by when it arrived."""
    order = await sales.released(SPECIAL)
    at = datetime.now(UTC) + timedelta(seconds=1)
    goods = replace(receipt("5"), posted_at=at)
    made = that(purchase("P-1", 1, purchase_line(order)), "created")
    released = that(purchase("P-1", 2, purchase_line(order)), "released")
    received = that(purchase("P-1", 3, purchase_line(order, 10000, goods)), "received")
    changed = that(purchase("P-1", 4, purchase_line(order, 10000, goods)), "changed")
    await sales.deliver(changed, occurred_at=at + timedelta(seconds=5))
    first = {(i["document"], i["happened"]): i for i in await timeline(sales, order["no"])}
    assert first["R-1", "received"]["by"] == "", "a later event does not say who received"
    for event in (received, released, made, received):
        await sales.deliver(event, occurred_at=at)
    await sales.deliver(made, released, received, changed, occurred_at=at)
    items = await timeline(sales, order["no"])
    assert sorted(told(items)) == sorted(set(told(items)))
    assert {what for _, document, what in told(items) if document == "P-1"} == {
        "created",
        "released",
        "changed",
        "linked",
    }
    (got,) = [item for item in items if item["happened"] == "received"]
    assert got["by"] == "tester"


async def test_the_reason_of_an_exception_is_told(sales: Sales) -> None:
    """G21: what broke the supply of a line is seen in the order's history."""
    order = await sales.released(SPECIAL)
    why = Problem(code="vendor-blocked", detail="vendor V10 is blocked")
    await sales.deliver(that(demand(order, 1, "exception", problem=why), "exception"))
    *_, last = await timeline(sales, order["no"])
    assert (last["happened"], last["detail"]) == ("exception", "vendor V10 is blocked")


async def test_shipments_and_invoices_are_told_by_their_numbers(sales: Sales) -> None:
    """P2: a posted document is one entry, however many lines it has."""
    order = await sales.released(STOCK, {"item_no": "1000", "quantity": "1"})
    posted = await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True, "invoice": True})
    seen = told(await timeline(sales, order["no"]))
    assert seen.count(("sales", posted["shipment_no"], "shipped")) == 1
    assert seen.count(("sales", posted["invoice_no"], "invoiced")) == 1


async def test_a_till_s_order_begins_at_the_till(sales: Sales) -> None:
    """P2: the till's transaction belongs to the history of the order that was made of it, on both paths."""
    slow, fast = till_order(1), till_order(2, worker_id="W7")
    await sales.deliver(that(pulled(slow), "pulled"))
    await sales.post("/order-synchronization/run")
    await sales.post("/channel-transactions", msgspec.json.encode(fast))
    for each, words in ((slow, {"pulled"}), (fast, set[str]())):
        (order,) = (await sales.get("/sales-orders", confirmation_no=each.confirmation_no))["items"]
        items = await timeline(sales, order["no"])
        assert (items[0]["service"], items[0]["happened"], items[0]["by"]) == (
            "pos-gateway", "confirmed", each.worker_id,
        )  # fmt: skip
        assert {item["happened"] for item in items} >= {"created", "released", "synchronized"} | words


async def test_a_deleted_order_keeps_its_timeline_and_an_unknown_one_has_none(sales: Sales) -> None:
    """P2: the number of a deleted order stays taken, so does its history."""
    order = await sales.order(STOCK)
    await sales.delete(f"/sales-orders/{order['no']}")
    *_, last = await timeline(sales, order["no"])
    assert last["happened"] == "deleted"
    assert await sales.refused("GET", "/sales-orders/NONE/timeline") == (404, ["unknown-sales-order"])


async def test_the_timeline_is_read_page_by_page(sales: Sales) -> None:
    """P2: entries of one moment do not get lost between two pages."""
    order = await sales.released(SPECIAL)
    await sales.deliver(that(purchase("P-1", 1, purchase_line(order)), "created", "released"))
    whole, path, cursor = await timeline(sales, order["no"]), f"/sales-orders/{order['no']}/timeline", ""
    found = []
    for _ in whole:
        page = await sales.get(path, limit=1, cursor=cursor)
        found += page["items"]
        cursor = page["next_cursor"]
    assert found == whole
    assert cursor is None
