"""Planning runs: what they write to a worksheet, what they refuse, and two at once."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.orders import DemandLink
from contracts.sales.orders import LineDemand
from contracts.values import Problem
from planning.jobs.calculate_plans import do_next_run
from tests.integration.planning.plans import (
    DAYS,
    LINES,
    PLAN,
    a_move_and_a_cancellation,
    bought,
    company,
    day,
    plain,
    planned,
    said,
)
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import outcome, sales_line, sales_order
from tests.support.polling import eventually


async def test_a_plan_buys_what_the_demand_lacks_and_says_why(planning: Planning) -> None:
    """BC-PL-15, 17, 23: stock and what comes are counted; the line is accepted and explained."""
    await company(planning)
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", plain(10000, "7", 10))))
    stock = {"item_no": "1000", "location_code": "NORTH", "quantity": "2", "reason": "count"}
    await planning.post("/item-journal", {"lines": [stock]})
    order = bought("P-1", "1", 3)
    await planning.deliver(("purchase-order", "P-1", order))
    await planning.deliver(("sales-order", "S-2", sales_order("S-2", plain(10000, "3", 40))))
    new, larger = sorted(await planned(planning), key=lambda x: x["action_message"] != "new")
    assert said([new, larger]) == [
        ("new", "3", str(day(40)), None),
        ("resched_and_chg_qty", "5", str(day(10)), "P-1"),
    ]
    assert (new["accept_action_message"], new["vendor_no"], new["warning"]) == (True, "V20", "")
    assert new["explanation"] == f"sales order S-2 line 10000 needs 3 on {day(40)}"
    assert (larger["original_quantity"], larger["original_due_date"]) == ("1", str(day(3)))


async def test_planning_again_replaces_what_was_proposed_and_keeps_what_people_wrote(
    planning: Planning,
) -> None:
    """BC-PL-10."""
    await company(planning)
    own = await planning.post(LINES, {"item_no": "1000", "quantity": "1", "vendor_no": "V20"})
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", plain(10000, "7", 10))))
    first = await planned(planning)
    again = await planned(planning)
    assert len(first) == len(again) == 2
    assert {x["id"] for x in first} & {x["id"] for x in again} == {own["id"]}
    assert [x["id"] for x in await planned(planning, item_nos=["1100"])] == [x["id"] for x in again]


async def test_a_carried_out_plan_is_not_proposed_again(planning: Planning) -> None:
    """What purchasing decides now counts as supply already."""
    await company(planning)
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", plain(10000, "7", 10))))
    (line,) = await planned(planning)
    await planning.post("/requisition-worksheets/DEFAULT/carry-out", {}, expect=202)
    (request,) = await planning.published(PurchaseRequest)
    assert [x.requisition_line_id for x in request.lines] == [UUID(line["id"])]
    assert said([x for x in await planned(planning) if x["status"] == "open"]) == []


async def test_bc_pl_11_moves_changes_and_cancellations_are_asked_of_purchasing_each_alone(
    planning: Planning,
) -> None:
    move, cancel = await a_move_and_a_cancellation(planning)
    assert [x[0] for x in said([move, cancel])] == ["reschedule", "cancel"]
    carry_out = "/requisition-worksheets/DEFAULT/carry-out"
    run = await planning.post(carry_out, {"line_ids": [move["id"], cancel["id"]]}, expect=202)
    requests = await planning.published(PurchaseRequest)
    wanted = [r.reschedule for r in requests if r.reschedule is not None]
    assert [(w.purchase_order_no, w.due_date, w.original_quantity, w.quantity) for w in wanted] == [
        ("P-1", day(10), 7, None),
        ("P-2", day(30), 5, 0),
    ]
    outdated = Problem(code="plan-outdated", detail="purchase order P-2 line 10000 was received")
    await planning.deliver(outcome(requests[0], "rescheduled"))
    await planning.deliver(outcome(requests[1], "refused", errors=(outdated,)))
    ended = await planning.get(f"/operations/{run['id']}")
    assert (ended["status"], ended["result"]["failed_lines"][0]["errors"][0]["code"]) == (
        "partly_failed",
        "plan-outdated",
    )
    (left,) = (await planning.get(LINES))["items"]
    assert (left["id"], left["accept_action_message"], left["problem"]["code"]) == (
        cancel["id"],
        False,
        "plan-outdated",
    )


async def test_a_supply_of_policy_order_is_tied_to_its_demand_from_the_plan_on(planning: Planning) -> None:
    """BC-PL-19: its purchase names the sales line, tracking shows it, and it follows that line alone."""
    await company(planning, reordering_policy="order")
    order = sales_order("S-1", plain(10000, "7", 10))
    await planning.deliver(("sales-order", "S-1", order))
    (line,) = await planned(planning)
    assert line["planned_for"]["sales_order_no"] == "S-1"
    await planning.post("/requisition-worksheets/DEFAULT/carry-out", {}, expect=202)
    (request,) = await planning.published(PurchaseRequest)
    (asked,) = request.lines
    assert asked.sales is not None
    assert (asked.sales.sales_line_id, asked.special_order) == (order.lines[0].id, False)
    assert [x for x in await planned(planning) if x["status"] == "open"] == []
    named = DemandLink(
        kind="order",
        sales_order_no="S-1",
        sales_order_line_no=10000,
        sales_line_id=order.lines[0].id,
        quantity=Decimal(7),
    )
    made = bought("P-1", "7", 10, requisition_line_id=UUID(line["id"]), demand=(named,))
    await planning.deliver(("purchase-order", "P-1", made))
    assert (await planning.get(LINES))["items"] == []
    graph = await planning.get("/order-tracking", sales_order_no="S-1")
    kinds = {node["id"]: node["kind"] for node in graph["nodes"]}
    assert {(kinds[e["from"]], kinds[e["to"]]) for e in graph["edges"]} == {
        ("demand", "requisition"),
        ("requisition", "supply"),
    }
    assert await planned(planning) == []


async def test_a_refused_supply_of_a_plan_is_open_again(planning: Planning) -> None:
    await company(planning, reordering_policy="order")
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", plain(10000, "7", 10))))
    (line,) = await planned(planning)
    await planning.post("/requisition-worksheets/DEFAULT/carry-out", {}, expect=202)
    (request,) = await planning.published(PurchaseRequest)
    blocked = Problem(code="vendor-blocked", detail="vendor V20 is blocked")
    await planning.deliver(outcome(request, "refused", errors=(blocked,)))
    (again,) = (await planning.get(LINES))["items"]
    assert (again["id"], again["status"], again["problem"]["code"]) == (line["id"], "open", "vendor-blocked")


async def test_another_quantity_is_asked_of_purchasing_in_base_units(planning: Planning) -> None:
    """BC-PL-11: Change Qty. and Resched. & Chg. Qty.; what is carried out is not proposed again."""
    await company(planning)
    await planning.deliver(
        ("sales-order", "S-1", sales_order("S-1", plain(10000, "7", 10), plain(20000, "4", 40))),
        ("purchase-order", "P-1", bought("P-1", "5", 10)),
        ("purchase-order", "P-2", bought("P-2", "6", 30)),
    )
    lines = await planned(planning)
    assert [x[:3] for x in said(lines)] == [
        ("change_qty", "7", str(day(10))),
        ("resched_and_chg_qty", "4", str(day(40))),
    ]
    await planning.post("/requisition-worksheets/DEFAULT/carry-out", {}, expect=202)
    requests = await planning.published(PurchaseRequest)
    wanted = {r.reschedule.purchase_order_no: r.reschedule for r in requests if r.reschedule is not None}
    assert [(wanted[no].original_quantity, wanted[no].quantity) for no in ("P-1", "P-2")] == [(5, 7), (6, 4)]
    for request in requests:
        await planning.deliver(outcome(request, "rescheduled"))
    changed = [
        replace(bought(no, quantity, offset), version=2)
        for no, quantity, offset in (("P-1", "7", 10), ("P-2", "4", 40))
    ]
    for order in changed:
        await planning.deliver(("purchase-order", order.no, replace(order, deleted=False)))
    assert (await planning.get(LINES))["items"] == []


async def test_bc_pl_28_dampeners_of_the_setup_are_those_of_items_without_their_own(
    planning: Planning,
) -> None:
    await company(planning)
    await planning.put("/planning-setup", {"dampener_period_days": 3, "dampener_quantity": "3"})
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", plain(10000, "4", 10))))
    await planning.deliver(("purchase-order", "P-1", bought("P-1", "6", 8)))
    assert await planned(planning) == []
    await planning.put("/planning-setup", {"dampener_period_days": 1, "dampener_quantity": "2"})
    assert said(await planned(planning)) == [("resched_and_chg_qty", "4", str(day(10)), "P-1")]


async def test_bc_pl_07_special_orders_are_left_alone_on_both_sides(planning: Planning) -> None:
    """BC-PL-09, bad input 29: neither an earlier demand uses their supply, nor are they planned."""
    await company(planning)
    demand = LineDemand(generation=1, quantity=Decimal(7), released=True)
    special = sales_line(
        20000,
        "1000",
        "7",
        purchasing_code="SPEC",
        special_order=True,
        demand=demand,
        shipment_date=day(20),
    )
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", special)))
    assert await planned(planning) == []


async def test_bc_pl_05_what_is_reserved_is_left_out_on_both_sides(planning: Planning) -> None:
    """Another demand does not use it, and a purchase line of which something is reserved is not changed."""
    await company(planning)
    stock = {"item_no": "1000", "location_code": "NORTH", "quantity": "4", "reason": "count"}
    await planning.post("/item-journal", {"lines": [stock]})
    await planning.deliver(
        ("sales-order", "S-1", sales_order("S-1", plain(10000, "6", 40))),
        ("purchase-order", "P-1", bought("P-1", "5", 30)),
    )
    wish = {"sales_order_no": "S-1", "line_no": 10000, "quantity": "4", "from": "stock"}
    await planning.post("/reservations", wish)
    supply = {"purchase_order_no": "P-1", "line_no": 10000}
    await planning.post("/reservations", wish | {"quantity": "2", "from": supply})
    assert await planned(planning) == []
    await planning.deliver(("sales-order", "S-2", sales_order("S-2", plain(10000, "3", 10))))
    (new,) = await planned(planning)
    assert said([new]) == [("new", "3", str(day(10)), None)]


async def test_a_message_about_a_supply_that_was_reserved_since_is_for_a_person(planning: Planning) -> None:
    """BC-PL-05: it is not carried out by itself any more; the next plan leaves the supply alone."""
    await company(planning)
    await planning.deliver(("purchase-order", "P-1", bought("P-1", "5", 30)))
    (cancel,) = await planned(planning)
    assert (cancel["action_message"], cancel["accept_action_message"]) == ("cancel", True)
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", plain(10000, "5", 40))))
    supply = {"purchase_order_no": "P-1", "line_no": 10000}
    wish = {"sales_order_no": "S-1", "line_no": 10000, "quantity": "2", "from": supply}
    await planning.post("/reservations", wish)
    (questioned,) = (await planning.get(LINES))["items"]
    assert (questioned["accept_action_message"], questioned["warning"]) == (False, "plan-outdated")
    carry_out = "/requisition-worksheets/DEFAULT/carry-out"
    assert await planning.refused("POST", carry_out, {}) == (409, ["nothing-to-create"])
    assert await planned(planning) == []


async def test_a_bad_plan_is_refused_with_every_reason(planning: Planning) -> None:
    """Bad input 29."""
    await company(planning)
    wrong = {
        "from_date": "2026-03-16",
        "to_date": "2026-03-15",
        "item_nos": ["1000", "NONE"],
        "location_codes": ["NOWHERE"],
    }
    refused = await planning.refused("POST", PLAN, wrong)
    assert refused == (422, ["end-before-start", "unknown-item", "unknown-location"])
    elsewhere = "/requisition-worksheets/NONE/calculate-plan"
    assert await planning.refused("POST", elsewhere, DAYS) == (404, ["unknown-requisition-worksheet"])


@pytest.mark.parametrize("rounds", [20])
async def test_one_plan_at_a_time_per_worksheet(planning: Planning, second: Planning, rounds: int) -> None:
    await company(planning)
    for _ in range(rounds):
        answers = await asyncio.gather(*(p.send("POST", PLAN, DAYS) for p in (planning, second, planning)))
        assert sorted(a.status_code for a in answers) == [202, 409, 409]
        late = next(a for a in answers if a.status_code == 409)
        assert (late.json()["code"], late.headers["Retry-After"]) == ("plan-under-way", "2")
        ended = await asyncio.gather(*(do_next_run(p.database) for p in (planning, second)))
        assert any(ended)
    assert await planning.sql("SELECT id FROM plan_run") == []


async def test_a_caller_can_wait_for_the_plan(planning: Planning) -> None:
    """BC-PL-14: there is nothing to propose, and the answer says so."""
    await company(planning)
    asked = asyncio.create_task(planning.send("POST", PLAN, DAYS, headers={"Prefer": "wait=20"}))
    await eventually(lambda: planning.sql("SELECT id FROM plan_run"), bool)
    assert await do_next_run(planning.database)
    answer = await asked
    assert (answer.status_code, answer.json()["lines"]) == (200, 0)


async def test_a_plan_that_cannot_be_calculated_ends_failed_and_leaves_nothing(planning: Planning) -> None:
    await company(planning)
    operation = await planning.post(PLAN, DAYS, expect=202)
    await planning.sql(
        """UPDATE master SET body = '{"no": 7, "reordering_policy": "order"}' WHERE no = '1000'"""
    )
    assert await do_next_run(planning.database)
    ended = await planning.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("failed", "internal-error")
    assert (await planning.get(LINES))["items"] == []


async def test_an_item_is_planned_where_it_is_and_without_a_location_only_if_it_is_nowhere(
    planning: Planning,
) -> None:
    """Its safety stock is bought once. An item that may not be bought is not planned (BC-PL-24)."""
    await company(planning, safety_stock="5")
    (nowhere,) = await planned(planning, item_nos=["1000"])
    assert (nowhere["location_code"], nowhere["quantity"]) == ("", "5")
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", plain(10000, "7", 10))))
    lines = await planned(planning, item_nos=["1000"])
    assert [(x["location_code"], x["quantity"]) for x in lines] == [("NORTH", "5"), ("NORTH", "7")]
    blocked = {"vendor_no": "V20", "reordering_policy": "lot_for_lot", "purchasing_blocked": True}
    await planning.put("/items/1000", blocked)
    assert await planned(planning) == []
