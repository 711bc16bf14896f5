"""From a released sales order to purchase requests and links, on real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.sales import LineDemand
from eventkit.errors import OvertakenError, is_transient
from planning.store import demand as demand_store
from planning.store import requisitions
from tests.integration.planning.rig import Rig
from tests.integration.planning.sample import (
    foreign_order,
    mixed_order,
    open_company,
    order_for,
    outcome,
    sales_line,
    sales_order,
    without_lines,
)
from tests.support.polling import eventually

BLOCKED = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def test_release_makes_one_purchase_request_per_vendor_and_grouping_key(rig: Rig) -> None:
    await open_company(rig)
    order = mixed_order("S-1")
    await rig.deliver(("sales-order", "S-1", order))
    requests = await rig.published("purchase-request")
    assert [r.vendor_no for r in requests] == ["V10", "V20"]
    special, drop = requests
    assert special.ship_to.address == "Dock 3"
    assert special.lines[0].special_order
    assert special.lines[0].expected_receipt_date == date(2026, 3, 20)
    assert special.order_date == date(2026, 3, 14), "lead time of the item and a day of inbound handling"
    assert drop.ship_to == order.ship_to
    assert drop.lines[0].drop_shipment
    (demand,) = await rig.published("demand")
    assert demand.version == 1
    assert [(x.sales_order_line_no, x.state) for x in demand.lines] == [
        (20000, "requested"),
        (30000, "requested"),
    ]
    lines = await rig.get("/requisition-lines", sales_order_no="S-1")
    assert {x["status"] for x in lines["items"]} == {"carrying_out"}
    assert all(x["accept_action_message"] for x in lines["items"])


async def test_purchase_order_carries_requisition_lines_out(rig: Rig) -> None:
    await open_company(rig)
    await rig.deliver(("sales-order", "S-1", mixed_order("S-1")))
    special, drop = await rig.published("purchase-request")
    await rig.deliver(
        ("purchase-order", "P-1", order_for(special, "P-1")),
        ("purchase-order", "P-2", order_for(drop, "P-2")),
    )
    assert (await rig.get("/requisition-lines", sales_order_no="S-1"))["items"] == []
    lines = (await rig.get("/requisition-lines", sales_order_no="S-1", status="all"))["items"]
    assert {(x["status"], x["purchase_order_no"]) for x in lines} == {
        ("carried_out", "P-1"),
        ("carried_out", "P-2"),
    }
    rows = await rig.sql("SELECT DISTINCT state FROM demand")
    assert [r.state for r in rows] == ["ordered"]


async def test_purchase_request_is_open_until_its_outcome_is_known(rig: Rig) -> None:
    await open_company(rig)
    await rig.deliver(("sales-order", "S-1", mixed_order("S-1")))
    special, drop = await rig.published("purchase-request")
    assert await open_requests(rig) == {str(special.id), str(drop.id)}
    await rig.deliver(("purchase-order", "P-1", order_for(special, "P-1")))
    assert await open_requests(rig) == {str(drop.id)}
    await rig.deliver(outcome(drop, "refused"))
    assert await open_requests(rig) == set()


async def open_requests(rig: Rig) -> set[str]:
    async with rig.database.read() as conn:
        return {no for no, _ in await requisitions.current_requests(conn, None, None, open_only=True)}


async def test_redelivered_order_creates_one_requisition_line(rig: Rig) -> None:
    await open_company(rig)
    order = mixed_order("S-1")
    await rig.deliver(("sales-order", "S-1", order))
    await rig.deliver(("sales-order", "S-1", order))
    await rig.deliver(("sales-order", "S-1", replace(order, version=2, happened=("changed",))))
    assert len(await rig.sql("SELECT id FROM requisition_line")) == 2
    assert len(await rig.published("purchase-request")) == 2


async def test_replay_after_copies_were_lost_buys_nothing_twice(rig: Rig) -> None:
    await open_company(rig)
    order = mixed_order("S-1")
    await rig.deliver(("sales-order", "S-1", order))
    await rig.forget_published()
    await rig.sql("DELETE FROM copy WHERE kind = 'sales-order' RETURNING 1")
    await rig.deliver(("sales-order", "S-1", order))
    assert await rig.published("purchase-request") == []
    assert len(await rig.sql("SELECT id FROM requisition_line")) == 2


async def test_unreleased_order_is_left_to_get_sales_orders_and_taken_up_at_release(rig: Rig) -> None:
    await open_company(rig)
    line = sales_line(10000, "1100", demand=LineDemand(generation=1, quantity=Decimal(2)))
    await rig.deliver(("sales-order", "S-1", sales_order("S-1", line, status="open")))
    assert await rig.published("purchase-request") == []
    released = replace(line, demand=LineDemand(generation=1, quantity=Decimal(2), released=True))
    await rig.deliver(("sales-order", "S-1", sales_order("S-1", released, version=2)))
    assert len(await rig.published("purchase-request")) == 1


async def test_link_made_by_purchasing_is_adopted_and_supersedes_the_open_requisition(rig: Rig) -> None:
    await open_company(rig, automation="requisition")
    line = sales_line(10000, "1100")
    order = sales_order("S-1", line)
    await rig.deliver(("sales-order", "S-1", order))
    await rig.deliver(("purchase-order", "P-9", foreign_order("P-9", order, line, generation=2)))
    lines = (await rig.get("/requisition-lines", sales_order_no="S-1", status="all"))["items"]
    assert [x["status"] for x in lines] == ["superseded"]
    rows = await rig.sql("SELECT generation, state FROM demand ORDER BY generation")
    assert [(r.generation, r.state) for r in rows] == [(1, "superseded"), (2, "ordered")]
    await rig.deliver(("sales-order", "S-1", replace(order, version=2)))
    assert len(await rig.sql("SELECT id FROM requisition_line")) == 1


async def test_foreign_link_waits_for_the_sales_order_that_has_not_come(rig: Rig) -> None:
    await open_company(rig)
    line = sales_line(10000, "1100")
    order = sales_order("S-1", line)
    await rig.deliver(("purchase-order", "P-9", foreign_order("P-9", order, line, generation=1)))
    assert await rig.sql("SELECT 1 AS one FROM copy WHERE kind = 'purchase-order'") == []
    await rig.deliver(("sales-order", "S-1", sales_order("S-1", line, procurement_automation="manual")))
    rows = await rig.sql("SELECT state FROM demand")
    assert [r.state for r in rows] == ["ordered"], (
        "the waiting event was taken up with the copy it waited for"
    )


async def test_deleted_purchase_line_is_an_exception_and_nothing_is_bought_again_by_itself(rig: Rig) -> None:
    await open_company(rig)
    order = sales_order("S-1", sales_line(10000, "1100"))
    await rig.deliver(("sales-order", "S-1", order))
    (request,) = await rig.published("purchase-request")
    bought = order_for(request, "P-1")
    await rig.deliver(("purchase-order", "P-1", bought))
    await rig.deliver(("purchase-order", "P-1", without_lines(bought, version=2)))
    await rig.deliver(("sales-order", "S-1", replace(order, version=2)))
    rows = await rig.sql("SELECT state, body -> 'problem' ->> 'code' AS code FROM demand")
    assert [(r.state, r.code) for r in rows] == [("exception", "purchase-line-deleted")]
    assert len(await rig.published("purchase-request")) == 1
    again = LineDemand(generation=2, quantity=Decimal(2), released=True)
    line = replace(order.lines[0], demand=again)
    await rig.deliver(("sales-order", "S-1", replace(order, version=3, lines=(line,))))
    assert [r.lines[0].sales.generation for r in await rig.published("purchase-request")] == [1, 2]


async def test_deleted_sales_line_cancels_its_open_requisition(rig: Rig) -> None:
    await open_company(rig, automation="requisition")
    order = sales_order("S-1", sales_line(10000, "1100"))
    await rig.deliver(("sales-order", "S-1", order))
    await rig.deliver(("sales-order", "S-1", replace(order, version=2, lines=())))
    lines = (await rig.get("/requisition-lines", sales_order_no="S-1", status="all"))["items"]
    assert [x["status"] for x in lines] == ["cancelled"]
    demand = (await rig.published("demand"))[-1]
    assert [x.state for x in demand.lines] == ["cancelled"]


async def test_deleted_sales_line_of_a_purchase_raises_a_cancel_message(rig: Rig) -> None:
    await open_company(rig)
    order = sales_order("S-1", sales_line(10000, "1100"))
    await rig.deliver(("sales-order", "S-1", order))
    (request,) = await rig.published("purchase-request")
    await rig.deliver(("sales-order", "S-1", replace(order, version=2, lines=())))
    assert len((await rig.get("/requisition-lines", sales_order_no="S-1"))["items"]) == 1
    bought = order_for(request, "P-1")
    await rig.deliver(("purchase-order", "P-1", bought))
    (message,) = (await rig.get("/requisition-lines", sales_order_no="S-1"))["items"]
    assert (message["action_message"], message["accept_action_message"]) == ("cancel", False)
    assert (message["purchase_order_no"], message["purchase_order_line_no"]) == ("P-1", 10000)
    await rig.deliver(("purchase-order", "P-1", without_lines(bought, version=2)))
    assert (await rig.get("/requisition-lines", sales_order_no="S-1"))["items"] == []
    assert [r.state for r in await rig.sql("SELECT state FROM demand")] == ["cancelled"]


async def test_line_without_vendor_stays_open_and_says_so(rig: Rig) -> None:
    await open_company(rig)
    await rig.put("/items/1100", {"purchasing_code": "SPEC"})
    await rig.deliver(("sales-order", "S-1", mixed_order("S-1")))
    assert [r.vendor_no for r in await rig.published("purchase-request")] == ["V20"]
    (line,) = (await rig.get("/requisition-lines", sales_order_no="S-1", status="open"))["items"]
    assert line["problem"]["code"] == "vendor-required"
    demand = (await rig.published("demand"))[-1]
    assert [(x.state, x.problem.code if x.problem else "") for x in demand.lines] == [
        ("requisitioned", "vendor-required"),
        ("requested", ""),
    ]


async def test_two_workers_with_the_same_order_make_one_purchase_request(rig: Rig) -> None:
    await open_company(rig)
    order = sales_order("S-1", sales_line(10000, "1100"))
    await asyncio.gather(
        rig.deliver(("sales-order", "S-1", order)),
        rig.deliver(("sales-order", "S-1", replace(order, version=2))),
        return_exceptions=True,
    )
    assert len(await rig.sql("SELECT id FROM requisition_line")) == 1
    assert len(await rig.published("purchase-request")) == 1


async def test_missing_vendor_copy_makes_the_order_wait(rig: Rig) -> None:
    await open_company(rig)
    await rig.sql("DELETE FROM copy WHERE kind = 'vendor' AND no = 'V10' RETURNING 1")
    await rig.deliver(
        ("sales-order", "S-1", sales_order("S-1", sales_line(10000, "1100"))),
        ("sales-order", "S-2", sales_order("S-2", sales_line(10000, "1200"))),
    )
    assert [r.vendor_no for r in await rig.published("purchase-request")] == ["V20"]
    waiting = await rig.sql("SELECT no, waits_kind, waits_no FROM waiting")
    assert [tuple(r) for r in waiting] == [("S-1", "vendor", "V10")]


async def test_of_two_that_make_the_demand_of_an_order_at_once_the_second_decides_again(
    rig: Rig, second: Rig
) -> None:
    await open_company(rig)
    order = mixed_order("S-1")
    async with second.database.begin() as tx:
        await demand_store.lock_or_make(tx, {"S-1": "C100"})
        deciding = asyncio.create_task(rig.deliver(("sales-order", "S-1", order)))
        await eventually(lambda: second.sql(BLOCKED), bool)
    with pytest.raises(OvertakenError) as overtaken:
        await deciding
    assert is_transient(overtaken.value), "the reader tries again in place"
    await rig.deliver(("sales-order", "S-1", order))
    assert [(r.version, r.gettable) for r in await rig.sql("SELECT * FROM demand_order")] == [(1, False)]
    assert len(await rig.sql("SELECT id FROM requisition_line")) == 2
