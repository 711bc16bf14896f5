"""From a released sales order to purchase requests and links, on real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest
from contracts.planning.stock import Demand
from contracts.sales.orders import LineDemand
from eventkit.errors import OvertakenError, is_transient
from planning.store import demand as demand_store
from planning.store.snapshots import SNAPSHOTS
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import (
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


async def test_release_makes_one_purchase_request_per_vendor_and_grouping_key(planning: Planning) -> None:
    await open_company(planning)
    order = mixed_order("S-1")
    await planning.deliver(("sales-order", "S-1", order))
    requests = await planning.published(PurchaseRequest)
    assert [r.vendor_no for r in requests] == ["V10", "V20"]
    special, drop = requests
    assert special.ship_to.address == "Dock 3"
    assert special.lines[0].special_order
    assert special.lines[0].expected_receipt_date == date(2026, 3, 20)
    assert special.order_date == date(2026, 3, 14), "lead time of the item and a day of inbound handling"
    assert drop.ship_to == order.ship_to
    assert drop.lines[0].drop_shipment
    (demand,) = await planning.published(Demand)
    assert demand.version == 1
    assert [(x.sales_order_line_no, x.state) for x in demand.lines] == [
        (20000, "requested"),
        (30000, "requested"),
    ]
    lines = await planning.get("/requisition-lines", sales_order_no="S-1")
    assert {x["status"] for x in lines["items"]} == {"carrying_out"}
    assert all(x["accept_action_message"] for x in lines["items"])


async def test_purchase_order_carries_requisition_lines_out(planning: Planning) -> None:
    await open_company(planning)
    await planning.deliver(("sales-order", "S-1", mixed_order("S-1")))
    special, drop = await planning.published(PurchaseRequest)
    await planning.deliver(
        ("purchase-order", "P-1", order_for(special, "P-1")),
        ("purchase-order", "P-2", order_for(drop, "P-2")),
    )
    assert (await planning.get("/requisition-lines", sales_order_no="S-1"))["items"] == []
    lines = (await planning.get("/requisition-lines", sales_order_no="S-1", status="all"))["items"]
    assert {(x["status"], x["purchase_order_no"]) for x in lines} == {
        ("carried_out", "P-1"),
        ("carried_out", "P-2"),
    }
    assert await planning.sql("SELECT DISTINCT state FROM demand") == [("ordered",)]


async def test_purchase_request_is_open_until_its_outcome_is_known(planning: Planning) -> None:
    await open_company(planning)
    await planning.deliver(("sales-order", "S-1", mixed_order("S-1")))
    special, drop = await planning.published(PurchaseRequest)
    assert await open_requests(planning) == {str(special.id), str(drop.id)}
    await planning.deliver(("purchase-order", "P-1", order_for(special, "P-1")))
    assert await open_requests(planning) == {str(drop.id)}
    await planning.deliver(outcome(drop, "refused"))
    assert await open_requests(planning) == set()


async def open_requests(planning: Planning) -> set[str]:
    async with planning.database.read() as conn:
        return {no async for no, _ in SNAPSHOTS["purchase-request"](conn, None, None, True)}  # noqa: FBT003


async def test_redelivered_order_creates_one_requisition_line(planning: Planning) -> None:
    await open_company(planning)
    order = mixed_order("S-1")
    await planning.deliver(("sales-order", "S-1", order))
    await planning.deliver(("sales-order", "S-1", order))
    await planning.deliver(("sales-order", "S-1", replace(order, version=2, happened=("changed",))))
    assert len(await planning.sql("SELECT id FROM requisition_line")) == 2
    assert len(await planning.published(PurchaseRequest)) == 2


async def test_replay_after_copies_were_lost_buys_nothing_twice(planning: Planning) -> None:
    await open_company(planning)
    order = mixed_order("S-1")
    await planning.deliver(("sales-order", "S-1", order))
    await planning.forget_published()
    await planning.sql("DELETE FROM copy WHERE kind = 'sales-order' RETURNING 1")
    await planning.deliver(("sales-order", "S-1", order))
    assert await planning.published(PurchaseRequest) == []
    assert len(await planning.sql("SELECT id FROM requisition_line")) == 2


async def test_unreleased_order_is_left_to_get_sales_orders_and_taken_up_at_release(
    planning: Planning,
) -> None:
    await open_company(planning)
    line = sales_line(10000, "1100", demand=LineDemand(generation=1, quantity=Decimal(2)))
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", line, status="open")))
    assert await planning.published(PurchaseRequest) == []
    released = replace(line, demand=LineDemand(generation=1, quantity=Decimal(2), released=True))
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", released, version=2)))
    assert len(await planning.published(PurchaseRequest)) == 1


async def test_link_made_by_purchasing_is_adopted_and_supersedes_the_open_requisition(
    planning: Planning,
) -> None:
    await open_company(planning, automation="requisition")
    line = sales_line(10000, "1100")
    order = sales_order("S-1", line)
    await planning.deliver(("sales-order", "S-1", order))
    await planning.deliver(("purchase-order", "P-9", foreign_order("P-9", order, line, generation=2)))
    lines = (await planning.get("/requisition-lines", sales_order_no="S-1", status="all"))["items"]
    assert [x["status"] for x in lines] == ["superseded"]
    rows = await planning.sql("SELECT generation, state FROM demand ORDER BY generation")
    assert rows == [(1, "superseded"), (2, "ordered")]
    await planning.deliver(("sales-order", "S-1", replace(order, version=2)))
    assert len(await planning.sql("SELECT id FROM requisition_line")) == 1


async def test_foreign_link_waits_for_the_sales_order_that_has_not_come(planning: Planning) -> None:
    await open_company(planning)
    line = sales_line(10000, "1100")
    order = sales_order("S-1", line)
    await planning.deliver(("purchase-order", "P-9", foreign_order("P-9", order, line, generation=1)))
    assert await planning.sql("SELECT 1 AS one FROM copy WHERE kind = 'purchase-order'") == []
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", line, procurement_automation="manual")))
    rows = await planning.sql("SELECT state FROM demand")
    assert rows == [("ordered",)], "the waiting event was taken up with the copy it waited for"


async def test_deleted_purchase_line_is_an_exception_and_nothing_is_bought_again_by_itself(
    planning: Planning,
) -> None:
    await open_company(planning)
    order = sales_order("S-1", sales_line(10000, "1100"))
    await planning.deliver(("sales-order", "S-1", order))
    (request,) = await planning.published(PurchaseRequest)
    bought = order_for(request, "P-1")
    await planning.deliver(("purchase-order", "P-1", bought))
    await planning.deliver(("purchase-order", "P-1", without_lines(bought, version=2)))
    await planning.deliver(("sales-order", "S-1", replace(order, version=2)))
    rows = await planning.sql("SELECT state, body -> 'problem' ->> 'code' AS code FROM demand")
    assert rows == [("exception", "purchase-line-deleted")]
    assert len(await planning.published(PurchaseRequest)) == 1
    again = LineDemand(generation=2, quantity=Decimal(2), released=True)
    line = replace(order.lines[0], demand=again)
    await planning.deliver(("sales-order", "S-1", replace(order, version=3, lines=(line,))))
    requested = [line.sales for r in await planning.published(PurchaseRequest) for line in r.lines]
    assert [sales.generation for sales in requested if sales] == [1, 2]


async def test_deleted_sales_line_cancels_its_open_requisition(planning: Planning) -> None:
    await open_company(planning, automation="requisition")
    order = sales_order("S-1", sales_line(10000, "1100"))
    await planning.deliver(("sales-order", "S-1", order))
    await planning.deliver(("sales-order", "S-1", replace(order, version=2, lines=())))
    lines = (await planning.get("/requisition-lines", sales_order_no="S-1", status="all"))["items"]
    assert [x["status"] for x in lines] == ["cancelled"]
    demand = (await planning.published(Demand))[-1]
    assert [x.state for x in demand.lines] == ["cancelled"]


async def test_deleted_sales_line_of_a_purchase_raises_a_cancel_message(planning: Planning) -> None:
    """BC-PL-11."""
    await open_company(planning)
    order = sales_order("S-1", sales_line(10000, "1100"))
    await planning.deliver(("sales-order", "S-1", order))
    (request,) = await planning.published(PurchaseRequest)
    await planning.deliver(("sales-order", "S-1", replace(order, version=2, lines=())))
    assert len((await planning.get("/requisition-lines", sales_order_no="S-1"))["items"]) == 1
    bought = order_for(request, "P-1")
    await planning.deliver(("purchase-order", "P-1", bought))
    (message,) = (await planning.get("/requisition-lines", sales_order_no="S-1"))["items"]
    assert (message["action_message"], message["accept_action_message"]) == ("cancel", False)
    assert (message["purchase_order_no"], message["purchase_order_line_no"]) == ("P-1", 10000)
    await planning.deliver(("purchase-order", "P-1", without_lines(bought, version=2)))
    assert (await planning.get("/requisition-lines", sales_order_no="S-1"))["items"] == []
    assert await planning.sql("SELECT state FROM demand") == [("cancelled",)]


async def test_line_without_vendor_stays_open_and_says_so(planning: Planning) -> None:
    await open_company(planning)
    await planning.put("/items/1100", {"purchasing_code": "SPEC"})
    await planning.deliver(("sales-order", "S-1", mixed_order("S-1")))
    assert [r.vendor_no for r in await planning.published(PurchaseRequest)] == ["V20"]
    (line,) = (await planning.get("/requisition-lines", sales_order_no="S-1", status="open"))["items"]
    assert line["problem"]["code"] == "vendor-required"
    demand = (await planning.published(Demand))[-1]
    assert [(x.state, x.problem.code if x.problem else "") for x in demand.lines] == [
        ("exception", "vendor-required"),
        ("requested", ""),
    ]


async def test_two_workers_with_the_same_order_make_one_purchase_request(planning: Planning) -> None:
    await open_company(planning)
    order = sales_order("S-1", sales_line(10000, "1100"))
    await asyncio.gather(
        planning.deliver(("sales-order", "S-1", order)),
        planning.deliver(("sales-order", "S-1", replace(order, version=2))),
        return_exceptions=True,
    )
    assert len(await planning.sql("SELECT id FROM requisition_line")) == 1
    assert len(await planning.published(PurchaseRequest)) == 1


async def test_missing_vendor_copy_makes_the_order_wait(planning: Planning) -> None:
    await open_company(planning)
    await planning.sql("DELETE FROM copy WHERE kind = 'vendor' AND no = 'V10' RETURNING 1")
    await planning.deliver(
        ("sales-order", "S-1", sales_order("S-1", sales_line(10000, "1100"))),
        ("sales-order", "S-2", sales_order("S-2", sales_line(10000, "1200"))),
    )
    assert [r.vendor_no for r in await planning.published(PurchaseRequest)] == ["V20"]
    waiting = await planning.sql("SELECT no, waits_kind, waits_no FROM waiting")
    assert waiting == [("S-1", "vendor", "V10")]


async def test_of_two_that_make_the_demand_of_an_order_at_once_the_second_decides_again(
    planning: Planning, second: Planning
) -> None:
    await open_company(planning)
    order = mixed_order("S-1")
    async with second.database.begin() as tx:
        await demand_store.lock_or_create(tx, {"S-1": "C100"})
        deciding = asyncio.create_task(planning.deliver(("sales-order", "S-1", order)))
        await eventually(lambda: second.sql(BLOCKED), bool)
    with pytest.raises(OvertakenError) as overtaken:
        await deciding
    assert is_transient(overtaken.value), "the reader tries again in place"
    await planning.deliver(("sales-order", "S-1", order))
    assert await planning.sql("SELECT version, gettable FROM demand_order") == [(1, False)]
    assert len(await planning.sql("SELECT id FROM requisition_line")) == 2
