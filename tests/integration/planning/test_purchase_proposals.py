"""Create purchase orders from a sales order: proposals, what accepting them asks, and races."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.masters import Vendor
from contracts.purchasing.orders import DemandLink, PurchaseOrder
from contracts.sales.orders import SalesOrder
from contracts.values import Problem
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import (
    mixed_order,
    open_company,
    order_for,
    outcome,
    sales_line,
    sales_order,
)
from tests.support.polling import eventually

WORKSHEET = "/requisition-worksheets/DEFAULT"


async def company(planning: Planning, *orders: SalesOrder) -> None:
    """A company that procures by hand; rope comes from Kayaks, in boxes of four."""
    await open_company(planning, automation="manual")
    rope = {"vendor_no": "V20", "purchase_unit_of_measure": "BOX", "lead_time_days": 5}
    await planning.put("/items/1000", {**rope, "units_of_measure": [{"code": "BOX", "qty_per": "4"}]})
    await planning.deliver(*(("sales-order", o.no, o) for o in orders))
    await planning.forget_published()


async def proposed(planning: Planning, no: str = "S-1") -> dict[str, Any]:
    made: dict[str, Any] = await planning.post("/purchase-proposals", {"sales_order_no": no}, expect=201)
    return made


async def accepted(planning: Planning, proposal: dict[str, Any], *rows: dict[str, Any]) -> dict[str, Any]:
    body = {"rows": list(rows)} if rows else {}
    operation: dict[str, Any] = await planning.post(
        f"/purchase-proposals/{proposal['id']}/accept", body, expect=202
    )
    return operation


async def ended(planning: Planning, operation: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await planning.get(f"/operations/{operation['id']}")
    return found


def made_order(request: PurchaseRequest, no: str) -> PurchaseOrder:
    """What purchasing makes of a request: flagged lines are linked, the others name their sales lines."""
    order = order_for(request, no)
    lines = (
        line
        if asked.special_order or asked.drop_shipment or asked.sales is None
        else replace(
            line,
            link=None,
            demand=(
                DemandLink(
                    kind="order",
                    sales_order_no=asked.sales.sales_order_no,
                    sales_order_line_no=asked.sales.sales_order_line_no,
                    sales_line_id=asked.sales.sales_line_id,
                    quantity=asked.quantity,
                ),
            ),
        )
        for line, asked in zip(order.lines, request.lines, strict=True)
    )
    return replace(order, lines=tuple(lines))


async def answer_requests(planning: Planning) -> list[PurchaseOrder]:
    """Purchasing makes a purchase order of every request."""
    requests = await planning.published(PurchaseRequest)
    orders = [made_order(request, f"P-{i}") for i, request in enumerate(requests, start=1)]
    await planning.deliver(*(("purchase-order", order.no, order) for order in orders))
    return orders


def undated(order: PurchaseOrder) -> PurchaseOrder:
    """The order without receipt dates: its goods are expected on the day of the order."""
    return replace(order, lines=tuple(replace(x, expected_receipt_date=None) for x in order.lines))


async def test_a_proposal_shows_what_each_line_needs(planning: Planning) -> None:
    """BC-PO-01, 03, 09, 11: another order's demand counts; flagged lines are proposed in full."""
    await company(planning, mixed_order("S-1"), sales_order("S-2", sales_line(10000, "1000", "3")))
    journal = {"item_no": "1000", "location_code": "NORTH", "quantity": "4", "reason": "count"}
    await planning.post("/item-journal", {"lines": [journal]})
    made = await proposed(planning)
    rope, special, drop = made["rows"]
    assert (rope["available"], rope["needed_quantity"], rope["unit_of_measure_code"]) == ("1", "1", "BOX")
    assert (rope["vendor_no"], rope["order_date"], rope["reserve"]) == ("V20", "2026-03-14", False)
    assert (special["needed_quantity"], special["special_order"]) == ("2", True)
    assert (drop["quantity_to_purchase"], drop["drop_shipment"]) == ("2", True)
    assert (await planning.get(f"/purchase-proposals/{made['id']}"))["rows"] == made["rows"]


async def test_only_unavailable_rows_and_sums_by_item_are_views(planning: Planning) -> None:
    """BC-PO-03."""
    lines = (sales_line(10000, "1000", "1"), sales_line(20000, "1000", "9"), sales_line(30000, "1300", "1"))
    await company(planning, sales_order("S-1", *lines))
    stock = [{"item_no": "1300", "location_code": "NORTH", "quantity": "1", "reason": "count"}]
    await planning.put("/items/1300", {})
    await planning.post("/item-journal", {"lines": stock})
    made = await proposed(planning)
    path = f"/purchase-proposals/{made['id']}"
    found = await planning.get(path, show="unavailable", group="item")
    (row,) = found["rows"]
    assert (row["line_no"], row["sales_order_quantity"]) == (None, "10")
    assert [x["line_no"] for x in made["rows"]] == [10000, 20000, 30000]
    assert await planning.refused("GET", f"{path}?show=some") == (422, ["not-allowed"])


async def test_accepting_makes_one_order_per_vendor_linked_both_ways(planning: Planning) -> None:
    """BC-DS-18, BC-PO-08, BC-PO-12, G8: order tracking shows a stock line's purchase from either side."""
    await company(planning, mixed_order("S-1"))
    operation = await accepted(planning, await proposed(planning))
    orders = await answer_requests(planning)
    done = await ended(planning, operation)
    assert done["status"] == "succeeded"
    assert {o["vendor_no"] for o in done["result"]["purchase_orders"]} == {"V10", "V20"}
    assert len(done["result"]["purchase_orders"]) == 3
    assert done["result"]["skipped"] == []
    plain = next(o for o in orders if o.lines[0].demand)
    for asked in ("sales_order_no=S-1", f"purchase_order_no={plain.no}"):
        graph = await planning.get(f"/order-tracking?{asked}")
        assert {"S-1", plain.no} <= {node["document_no"] for node in graph["nodes"]}
        assert f"supply:{plain.lines[0].id}" in {edge["to"] for edge in graph["edges"]}


async def test_a_proposal_is_accepted_as_it_was_seen_and_its_purchase_orders_can_be_waited_for(
    planning: Planning,
) -> None:
    await company(planning, mixed_order("S-1"))
    path = f"/purchase-proposals/{(await proposed(planning))['id']}"
    seen = (await planning.send("GET", path)).headers["ETag"]
    assert (await planning.send("GET", path, headers={"If-None-Match": seen})).status_code == 304
    stale = await planning.send("POST", f"{path}/accept", {}, headers={"If-Match": '"999999"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    kept = await planning.send("DELETE", path, headers={"If-Match": '"999999"'})
    assert kept.status_code == 412
    headers = {"If-Match": seen, "Prefer": "wait=20"}
    waiting = asyncio.create_task(planning.send("POST", f"{path}/accept", {}, headers=headers))
    await eventually(lambda: planning.published(PurchaseRequest), lambda found: len(found) == 3)
    await answer_requests(planning)
    answer = await waiting
    assert (answer.status_code, len(answer.json()["purchase_orders"])) == (200, 3)


async def test_a_repeated_proposal_suggests_nothing(planning: Planning) -> None:
    """BC-DS-19, BC-PO-07, BC-PO-12: requests under way count, and so do the orders that come of them, however late."""
    await company(planning, mixed_order("S-1"))
    await accepted(planning, await proposed(planning))
    under_way = await proposed(planning)
    assert [row["needed_quantity"] for row in under_way["rows"]] == ["0", "0", "0"]
    assert [w["code"] for w in under_way["warnings"]] == ["all-available"]
    orders = await answer_requests(planning)
    late = [replace(o, version=2, order_date=date(2027, 3, 2)) for o in map(undated, orders)]
    await planning.deliver(*(("purchase-order", o.no, o) for o in late))
    again = await proposed(planning)
    assert [row["needed_quantity"] for row in again["rows"]] == ["0", "0", "0"]
    refused = await planning.refused("POST", f"/purchase-proposals/{again['id']}/accept", {})
    assert refused == (409, ["nothing-to-create"])


async def test_a_refused_request_leaves_no_line_behind(planning: Planning) -> None:
    """BC-PO-10: the operation says why, and the lines can be proposed again."""
    await company(planning, sales_order("S-1", sales_line(10000, "1000"), sales_line(20000, "1100")))
    operation = await accepted(planning, await proposed(planning))
    requests = await planning.published(PurchaseRequest)
    blocked = (Problem(code="vendor-blocked", detail="blocked"),)
    await planning.deliver(*(outcome(request, "refused", errors=blocked) for request in requests))
    done = await ended(planning, operation)
    assert (done["status"], done["problem"]["code"]) == ("failed", "vendor-blocked")
    assert (await planning.get("/requisition-lines"))["items"] == []
    assert [row["needed_quantity"] for row in (await proposed(planning))["rows"]] == ["1", "2"]


async def test_a_deleted_proposal_is_gone(planning: Planning) -> None:
    """BC-PO-10."""
    await company(planning, mixed_order("S-1"))
    path = f"/purchase-proposals/{(await proposed(planning))['id']}"
    await planning.delete(path)
    for method, where in (("DELETE", path), ("GET", path), ("POST", f"{path}/accept")):
        body: dict[str, Any] | None = {} if method == "POST" else None
        assert await planning.refused(method, where, body) == (404, ["unknown-purchase-proposal"])


async def test_bad_requests_are_refused_with_every_reason(planning: Planning) -> None:
    """BC-PO-04 to 06: bad input 27."""
    never = sales_line(30000, "1000", reserve="never")
    await company(planning, sales_order("S-1", sales_line(10000, "1000"), sales_line(20000, "1300"), never))
    await planning.put("/items/1300", {})
    unknown = await planning.refused("POST", "/purchase-proposals", {"sales_order_no": "S-404"})
    assert unknown == (422, ["unknown-sales-order"])
    made = await proposed(planning)
    assert [w["code"] for w in made["warnings"]] == ["vendor-required"]
    accept = f"/purchase-proposals/{made['id']}/accept"
    assert await planning.refused("POST", accept, {}) == (409, ["vendor-required"])
    rows: list[tuple[dict[str, Any], tuple[int, list[str]]]] = [
        ({"line_no": 10000, "vendor_no": "V404"}, (422, ["unknown-vendor"])),
        ({"line_no": 99}, (422, ["unknown-line"])),
        ({"line_no": 10000, "quantity_to_purchase": "-1"}, (422, ["out-of-range"])),
        ({"line_no": 10000, "quantity_to_purchase": "0"}, (409, ["nothing-to-create"])),
        ({"line_no": 30000, "quantity_to_purchase": "1", "reserve": True}, (409, ["reserve-is-never"])),
    ]
    for row, refusal in rows:
        assert await planning.refused("POST", accept, {"rows": [row]}) == refusal
    await planning.deliver(("vendor", "V20", Vendor(version=2, no="V20", blocked="all")))
    row = {"line_no": 10000}
    assert await planning.refused("POST", accept, {"rows": [row]}) == (409, ["vendor-blocked"])
    assert await planning.published(PurchaseRequest) == []


async def test_what_is_bought_with_reserve_is_reserved_for_its_line_once(planning: Planning) -> None:
    """BC-PO-12: what the line needs of it, in base units; the other row is bought without."""
    order = sales_order("S-1", sales_line(10000, "1000", "6"), sales_line(20000, "1000", "2"))
    await company(planning, order)
    rows = [{"line_no": 10000, "reserve": True}, {"line_no": 20000}]
    await accepted(planning, await proposed(planning), *rows)
    (bought,) = await answer_requests(planning)
    await planning.deliver(("purchase-order", bought.no, replace(bought, version=2)))
    (held,) = (await planning.get("/reservations"))["items"]
    assert (held["line_no"], held["quantity_base"], held["automatic"]) == (10000, "6", True)
    assert held["from"] == {"purchase_order_no": bought.no, "line_no": 10000}


@pytest.mark.parametrize("rounds", [20])
async def test_two_accepts_at_once_buy_once(planning: Planning, second: Planning, rounds: int) -> None:
    """BC-PO-12: the same proposal twice, and one that was made before; a stock line and a flagged one."""
    await company(planning)
    for i in range(rounds):
        no = f"S-{i}"
        order = sales_order(no, sales_line(10000, "1000", "4"), sales_line(20000, "1100"))
        await planning.deliver(("sales-order", no, order))
        one, other = await proposed(planning, no), await proposed(planning, no)
        answers = await asyncio.gather(
            planning.send("POST", f"/purchase-proposals/{one['id']}/accept", {}),
            second.send("POST", f"/purchase-proposals/{other['id']}/accept", {}),
            second.send("POST", f"/purchase-proposals/{one['id']}/accept", {}),
        )
        assert sorted(a.status_code for a in answers) == [202, 409, 409], no
        assert {a.json()["code"] for a in answers if a.status_code == 409} == {"nothing-to-create"}
    lines = await planning.sql("SELECT count(*), count(DISTINCT sales_line_id) FROM requisition_line")
    assert [tuple(row) for row in lines] == [(2 * rounds, 2 * rounds)]


@pytest.mark.parametrize("rounds", [20])
async def test_proposal_against_worksheet_makes_one_requisition(
    planning: Planning, second: Planning, rounds: int
) -> None:
    """BC-SO-22, BC-PO-11: bad input 15, planning's half; the other half is the unique link of purchasing."""
    await company(planning)
    for i in range(rounds):
        no = f"S-{i}"
        await planning.deliver(("sales-order", no, sales_order(no, sales_line(20000, "1100"))))
        made = await proposed(planning, no)
        got, bought = await asyncio.gather(
            planning.send("POST", f"{WORKSHEET}/get-sales-orders", {"sales_order_no": no}),
            second.send("POST", f"/purchase-proposals/{made['id']}/accept", {}),
        )
        assert sorted((got.status_code, bought.status_code)) in ([200, 409], [202, 409]), no
    live = await planning.sql("SELECT count(*), count(DISTINCT sales_line_id) FROM requisition_line")
    assert [tuple(row) for row in live] == [(rounds, rounds)]


async def test_a_proposal_takes_the_next_generation_after_a_deleted_purchase_line(planning: Planning) -> None:
    await company(planning, sales_order("S-1", sales_line(20000, "1100")))
    await accepted(planning, await proposed(planning))
    (order,) = await answer_requests(planning)
    (line,) = order.lines
    assert line.link is not None
    gone = replace(line, deleted=True, link=replace(line.link, active=False))
    await planning.deliver(("purchase-order", order.no, replace(order, version=2, lines=(gone,))))
    await planning.forget_published()
    await accepted(planning, await proposed(planning))
    (request,) = await planning.published(PurchaseRequest)
    assert request.lines[0].sales is not None
    assert (request.lines[0].sales.generation, request.lines[0].quantity) == (2, Decimal(2))


async def test_special_order_supply_and_demand_are_left_out(planning: Planning) -> None:
    """BC-PO-02, BC-PL-07: neither a special order's demand nor its purchase changes what a stock line needs."""
    stock = sales_line(10000, "1100", "2", purchasing_code="", special_order=False, demand=None)
    special = sales_line(20000, "1100", "7", id=uuid4())
    await company(planning, sales_order("S-1", stock, special))
    (row, _) = (await proposed(planning))["rows"]
    assert (row["available"], row["needed_quantity"]) == ("0", "2")
    await accepted(planning, await proposed(planning), {"line_no": 20000})
    await answer_requests(planning)
    (row, _) = (await proposed(planning))["rows"]
    assert (row["available"], row["needed_quantity"]) == ("0", "2")
