"""Requisition worksheets by hand: get sales orders, edit, carry out, and what purchasing answers."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest
from contracts.planning.stock import Demand
from contracts.purchasing.masters import Vendor
from contracts.sales.masters import PurchasingCode
from contracts.sales.orders import LineDemand, SalesOrder
from contracts.values import Problem
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import (
    mixed_order,
    open_company,
    order_for,
    outcome,
    sales_line,
    sales_order,
    skipped,
)
from tests.support.polling import eventually

DEFAULT = "/requisition-worksheets/DEFAULT"


async def manual(planning: Planning, *orders: SalesOrder) -> None:
    """A company that procures by hand, with these orders."""
    await open_company(planning, automation="manual")
    await planning.deliver(*(("sales-order", o.no, o) for o in orders))


async def got(planning: Planning, **wish: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = (await planning.post(f"{DEFAULT}/get-sales-orders", wish))["lines"]
    return lines


async def carried_out(planning: Planning, *lines: dict[str, Any]) -> dict[str, Any]:
    """The operation of a carry-out of these lines."""
    run: dict[str, Any] = await planning.post(f"{DEFAULT}/carry-out", {"line_ids": [x["id"] for x in lines]})
    return run


def refused(answer: Any) -> list[str]:
    return [error["code"] for error in answer["errors"]]


async def test_manual_automation_awaits_a_requisition_until_orders_are_got(planning: Planning) -> None:
    """BC-SO-11: action message New, not accepted; due at the shipment date, ordered by the lead time before."""
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    demand = (await planning.published(Demand))[-1]
    assert [x.state for x in demand.lines] == ["awaiting_requisition"]
    (line,) = await got(planning, kind="special_order")
    assert (line["action_message"], line["accept_action_message"]) == ("new", False)
    assert (line["vendor_no"], line["due_date"], line["order_date"]) == ("V10", "2026-03-20", "2026-03-14")
    assert (line["direct_unit_cost"], line["generation"]) == ("80", 1)
    demand = (await planning.published(Demand))[-1]
    assert [x.state for x in demand.lines] == ["requisitioned"]


async def test_modes_take_only_their_kind_of_line(planning: Planning) -> None:
    """BC-SO-08, BC-DS-14."""
    await manual(planning, mixed_order("S-1"), mixed_order("S-2"))
    assert {x["item_no"] for x in await got(planning, kind="drop_shipment", sales_order_no="s-1")} == {"1200"}
    assert {x["item_no"] for x in await got(planning, kind="special_order", sales_order_no="S-1")} == {"1100"}
    assert len(await got(planning, kind="both", customer_no="C100", item_no="1200")) == 1


async def test_second_get_finds_nothing(planning: Planning) -> None:
    """BC-SO-09, BC-SO-10: no duplicates, in whatever worksheet."""
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    await planning.put("/requisition-worksheets/mine", {"description": "mine"})
    await got(planning, kind="both")
    for body in ({"kind": "both"}, {"kind": "drop_shipment"}, {"kind": "both", "sales_order_no": "S-404"}):
        answer = await planning.post("/requisition-worksheets/MINE/get-sales-orders", body, expect=409)
        assert answer["code"] == "no-sales-lines-to-retrieve"


async def test_unreleased_orders_are_got_too(planning: Planning) -> None:
    """BC-SO-07: the order's status is not checked; release afterwards buys nothing beside the worksheet."""
    await open_company(planning)
    line = sales_line(10000, "1100", demand=LineDemand(generation=1, quantity=Decimal(2)))
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", line, status="open")))
    assert len(await got(planning, kind="both")) == 1
    released = replace(line, demand=LineDemand(generation=1, quantity=Decimal(2), released=True))
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", released, version=2)))
    assert await planning.published(PurchaseRequest) == []


async def test_get_sales_orders_twice_at_once_makes_one_line(planning: Planning) -> None:
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    await planning.put("/requisition-worksheets/MINE", {})
    body = {"kind": "both"}
    answers = await asyncio.gather(
        *(
            planning.send("POST", f"/requisition-worksheets/{name}/get-sales-orders", body)
            for name in ("DEFAULT", "MINE", "DEFAULT")
        )
    )
    assert sorted(a.status_code for a in answers) == [200, 409, 409]
    assert len(await planning.sql("SELECT id FROM requisition_line")) == 1


async def test_automation_and_worksheet_at_once_make_one_request(planning: Planning) -> None:
    """The same line by a person (the order is open) and by its release."""
    await open_company(planning)
    line = sales_line(10000, "1100", demand=LineDemand(generation=1, quantity=Decimal(2)))
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", line, status="open")))
    released = replace(line, demand=LineDemand(generation=1, quantity=Decimal(2), released=True))
    answer, _ = await asyncio.gather(
        planning.send("POST", f"{DEFAULT}/get-sales-orders", {"kind": "both"}),
        planning.deliver(("sales-order", "S-1", sales_order("S-1", released, version=2))),
    )
    lines = await planning.sql("SELECT status FROM requisition_line")
    assert len(lines) == 1
    requests = await planning.published(PurchaseRequest)
    assert len(requests) == (0 if answer.status_code == 200 else 1)


async def test_action_message_new_accepts_the_line_and_an_edit_reprices_and_reschedules(
    planning: Planning,
) -> None:
    """BC-SO-13, BC-SO-14: the quantity of a special order may change."""
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    (line,) = await got(planning, kind="both")
    path = f"{DEFAULT}/lines/{line['id']}"
    edited = await planning.patch(path, {"action_message": "new", "quantity": "5", "due_date": "2026-04-20"})
    assert edited["accept_action_message"] is True
    assert (edited["quantity"], edited["original_quantity"]) == ("5", "2")
    assert edited["order_date"] == "2026-04-14"
    same = await planning.patch(path, {"quantity": "5"})
    assert same["version"] == edited["version"]


async def test_linked_line_keeps_location_and_unit(planning: Planning) -> None:
    """BC-SO-13: all reasons at once."""
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    (line,) = await got(planning, kind="both")
    await planning.put("/locations/SOUTH", {})
    body = {"location_code": "SOUTH", "unit_of_measure_code": "BOX", "vendor_no": "V404"}
    answer = await planning.patch(f"{DEFAULT}/lines/{line['id']}", body, expect=422)
    assert {"location-mismatch", "unit-mismatch", "unknown-vendor"} <= set(refused(answer))


async def test_stale_version_of_a_line_is_refused(planning: Planning) -> None:
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    (line,) = await got(planning, kind="both")
    path, version_1 = f"{DEFAULT}/lines/{line['id']}", {"If-Match": '"1"'}
    await planning.patch(path, {"quantity": "3"}, headers=version_1)
    await planning.patch(path, {"quantity": "4"}, headers=version_1, expect=412)


async def test_chosen_vendor_is_shown_to_the_sales_order(planning: Planning) -> None:
    """BC-SO-12: the vendor may be blank after Get and is chosen in the worksheet."""
    await open_company(planning, automation="manual")
    await planning.put("/items/1100", {"purchasing_code": "SPEC"})
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", sales_line(10000, "1100"))))
    answer = await planning.post(f"{DEFAULT}/get-sales-orders", {"kind": "both"})
    assert [w["code"] for w in answer["warnings"]] == ["vendor-required"]
    await planning.patch(f"{DEFAULT}/lines/{answer['lines'][0]['id']}", {"vendor_no": "v20"})
    assert [x.vendor_no for x in (await planning.published(Demand))[-1].lines] == ["V20"]


async def test_deleted_requisition_line_awaits_again_and_can_be_got_again(planning: Planning) -> None:
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    (line,) = await got(planning, kind="both")
    await planning.delete(f"{DEFAULT}/lines/{line['id']}")
    assert [x.state for x in (await planning.published(Demand))[-1].lines] == ["awaiting_requisition"]
    assert (await planning.get(f"{DEFAULT}/lines"))["items"] == []
    (again,) = await got(planning, kind="both")
    assert again["generation"] == 1


async def test_carry_out_groups_over_sales_orders_and_ends_with_the_last_purchase_order(
    planning: Planning,
) -> None:
    """BC-SO-18: same customer, code, address and vendor: one purchase order from two sales orders."""
    await manual(planning, mixed_order("S-1"), mixed_order("S-2"))
    lines = await got(planning, kind="both")
    operation = await carried_out(planning, *lines)
    assert operation["status"] == "running"
    special, drop = await planning.published(PurchaseRequest)
    assert [len(special.lines), len(drop.lines)] == [2, 2]
    assert str(special.run_id) == operation["id"]
    await planning.deliver(("purchase-order", "P-1", order_for(special, "P-1")))
    run = await planning.get(f"/carry-out-runs/{operation['id']}")
    assert (run["status"], [o["no"] for o in run["purchase_orders"]]) == ("running", ["P-1"])
    await planning.deliver(("purchase-order", "P-2", order_for(drop, "P-2")))
    run = await planning.get(f"/carry-out-runs/{operation['id']}")
    assert run["status"] == "succeeded"
    assert [(o["no"], o["vendor_no"], len(o["lines"])) for o in run["purchase_orders"]] == [
        ("P-1", "V10", 2),
        ("P-2", "V20", 2),
    ]
    ended = await planning.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["result"]) == ("succeeded", run)


@pytest.mark.parametrize(
    ("policy", "sizes"), [("standard", [1, 2]), ("per_sales_order", [1, 1, 1]), ("merge_special_orders", [3])]
)
async def test_g12_the_vendors_policy_groups_the_special_orders_of_a_worksheet(
    planning: Planning, policy: str, sizes: list[int]
) -> None:
    """BC-SO-18 for two orders of one customer, and G12 for the one of another."""
    vendor = Vendor(version=2, no="V10", name="Compass Works", lead_time_days=7, grouping_policy=policy)
    orders = [sales_order(f"S-{n}", sales_line(10000, "1100")) for n in (1, 2)]
    other = sales_order("S-3", sales_line(10000, "1100"), customer_no="C200")
    await manual(planning, *orders, other)
    await planning.deliver(("vendor", "V10", vendor))
    await carried_out(planning, *await got(planning, kind="special_order"))
    requests = await planning.published(PurchaseRequest)
    assert sorted(len(request.lines) for request in requests) == sizes


async def test_bc_so_19_the_setup_combines_special_orders_of_vendors_without_a_policy(
    planning: Planning,
) -> None:
    orders = [sales_order(f"S-{n}", sales_line(10000, "1100"), customer_no=f"C{n}00") for n in (1, 2)]
    await manual(planning, *orders)
    setup = await planning.get("/planning-setup")
    assert setup["combine_policy"] == "standard"
    await planning.put("/planning-setup", {"automation": "manual", "combine_policy": "merge_special_orders"})
    await carried_out(planning, *await got(planning, kind="special_order"))
    assert [len(request.lines) for request in await planning.published(PurchaseRequest)] == [2]
    wrong = await planning.put("/planning-setup", {"combine_policy": "always"}, expect=422)
    assert wrong["errors"][0]["pointer"] == "/combine_policy"


async def test_g12_automation_buys_for_one_sales_order_at_a_time(planning: Planning) -> None:
    """Also from a vendor that takes the special orders of several customers together."""
    await open_company(planning)
    vendor = Vendor(version=2, no="V10", name="Works", grouping_policy="merge_special_orders")
    await planning.deliver(("vendor", "V10", vendor))
    orders = [sales_order(f"S-{n}", sales_line(10000, "1100")) for n in (1, 2)]
    await planning.deliver(*(("sales-order", o.no, o) for o in orders))
    assert [len(request.lines) for request in await planning.published(PurchaseRequest)] == [1, 1]


async def test_a_caller_that_waits_is_answered_with_what_its_carry_out_ended_with(
    planning: Planning,
) -> None:
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    (line,) = await got(planning, kind="both")
    wanted = {"line_ids": [line["id"]]}
    waiting = asyncio.create_task(
        planning.post(f"{DEFAULT}/carry-out", wanted, expect=200, headers={"Prefer": "wait=20"})
    )
    (request,) = await eventually(lambda: planning.published(PurchaseRequest), bool)
    await planning.deliver(("purchase-order", "P-1", order_for(request, "P-1")))
    run = await waiting
    assert (run["status"], [o["no"] for o in run["purchase_orders"]]) == ("succeeded", ["P-1"])


async def test_nothing_accepted_is_nothing_to_create(planning: Planning) -> None:
    """BC-SO-14."""
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    await got(planning, kind="both")
    answer = await planning.post(f"{DEFAULT}/carry-out", {}, expect=409)
    assert answer["code"] == "nothing-to-create"


async def test_checks_run_over_all_lines_before_anything_is_created(planning: Planning) -> None:
    """BC-SO-15, BC-SO-23, BC-DS-15, BC-MD-05: every reason of every line; the good line is not tried either."""
    drop = sales_line(30000, "1200")
    order = sales_order("S-1", sales_line(10000, "1000"), sales_line(20000, "1100"), drop)
    good = sales_order("S-2", sales_line(10000, "1100"))
    await manual(planning, order, good)
    lines = await got(planning, kind="both")
    by_item = {(x["sales_order_no"], x["item_no"]): x for x in lines}
    await planning.patch(f"{DEFAULT}/lines/{by_item['S-1', '1200']['id']}", {"quantity": "3"})
    await planning.patch(f"{DEFAULT}/lines/{by_item['S-1', '1100']['id']}", {"vendor_no": ""})
    await planning.deliver(
        ("purchasing-code", "DROP", PurchasingCode(version=2, code="DROP", special_order=True)),
    )
    operation = await carried_out(planning, *lines)
    assert (operation["status"], operation["problem"]["code"]) == ("failed", "vendor-required")
    run = await planning.get(f"/carry-out-runs/{operation['id']}")
    errors = {x["line_id"]: {e["code"] for e in x["errors"]} for x in run["failed_lines"]}
    assert errors == {
        by_item["S-1", "1200"]["id"]: {"quantity-mismatch", "purchasing-code-mismatch"},
        by_item["S-1", "1100"]["id"]: {"vendor-required"},
    }
    assert await planning.published(PurchaseRequest) == []
    assert len((await planning.get(f"{DEFAULT}/lines", status="open"))["items"]) == 3


async def test_two_carry_outs_of_one_line_make_one_purchase_request(planning: Planning) -> None:
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    (line,) = await got(planning, kind="both")
    answers = await asyncio.gather(
        *(planning.send("POST", f"{DEFAULT}/carry-out", {"line_ids": [line["id"]]}) for _ in range(3))
    )
    assert sorted(a.status_code for a in answers) == [202, 409, 409]
    assert len(await planning.published(PurchaseRequest)) == 1


async def test_what_purchasing_refuses_fails_alone_and_is_open_again(planning: Planning) -> None:
    """BC-SO-16: partly failed; the reasons stand on the line, the run and the sales order's demand."""
    await manual(planning, mixed_order("S-1"))
    lines = await got(planning, kind="both")
    operation = await carried_out(planning, *lines)
    special, drop = await planning.published(PurchaseRequest)
    errors = (
        Problem(code="vendor-blocked", detail="vendor V10 is blocked"),
        Problem(code="currency-missing", detail="no rate"),
    )
    await planning.deliver(outcome(special, "refused", errors=errors))
    await planning.deliver(("purchase-order", "P-2", order_for(drop, "P-2")))
    run = await planning.get(f"/carry-out-runs/{operation['id']}")
    assert run["status"] == "partly_failed"
    (failed,) = run["failed_lines"]
    assert [e["code"] for e in failed["errors"]] == ["vendor-blocked", "currency-missing"]
    assert (await planning.get(f"/operations/{operation['id']}"))["status"] == "partly_failed"
    (line,) = (await planning.get(f"{DEFAULT}/lines"))["items"]
    assert (line["status"], line["accept_action_message"], line["problem"]["code"]) == (
        "open",
        False,
        "vendor-blocked",
    )
    demand = (await planning.published(Demand))[-1]
    assert (demand.lines[0].state, demand.lines[0].problem) == ("exception", errors[0])


async def test_a_vendors_block_is_left_to_purchasing_and_stops_no_other_vendor(planning: Planning) -> None:
    """BC-SO-16, BC-MD-18: the requests of all vendors are made; purchasing refuses that of the blocked one."""
    await manual(planning, mixed_order("S-1"))
    lines = await got(planning, kind="both")
    await planning.deliver(("vendor", "V10", Vendor(version=2, no="V10", blocked="all")))
    operation = await carried_out(planning, *lines)
    assert operation["status"] == "running"
    assert {r.vendor_no for r in await planning.published(PurchaseRequest)} == {"V10", "V20"}


async def test_nothing_but_skipped_lines_fails_the_run(planning: Planning) -> None:
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    lines = await got(planning, kind="both")
    operation = await carried_out(planning, *lines)
    (request,) = await planning.published(PurchaseRequest)
    await planning.deliver(outcome(request, "skipped", skipped=skipped(request, "P-9")))
    run = await planning.get(f"/carry-out-runs/{operation['id']}")
    assert (run["status"], run["skipped"][0]["purchase_order_no"]) == ("failed", "P-9")
    ended = await planning.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("failed", "already-associated-with-purchase-order")


async def test_outcome_that_comes_twice_changes_nothing(planning: Planning) -> None:
    await open_company(planning)
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", sales_line(10000, "1100"))))
    (request,) = await planning.published(PurchaseRequest)
    refusal = outcome(request, "refused", errors=(Problem(code="vendor-blocked", detail="blocked"),))
    await planning.deliver(refusal)
    await planning.deliver(refusal)
    (line,) = (await planning.get("/requisition-lines"))["items"]
    assert (line["status"], line["problem"]["code"], line["version"]) == ("open", "vendor-blocked", 3)


async def test_line_written_by_hand_is_bought_without_a_sales_line(planning: Planning) -> None:
    await open_company(planning)
    line = await planning.post(
        f"{DEFAULT}/lines",
        {"item_no": "1000", "quantity": "10", "vendor_no": "V20", "location_code": "NORTH"},
        expect=201,
    )
    operation = await carried_out(planning, line)
    (request,) = await planning.published(PurchaseRequest)
    assert (request.lines[0].sales, request.sell_to_customer_no) == (None, "")
    await planning.deliver(("purchase-order", "P-1", order_for(request, "P-1")))
    assert (await planning.get(f"/carry-out-runs/{operation['id']}"))["status"] == "succeeded"
    (bought,) = (await planning.get("/requisition-lines", item_no="1000", status="carried_out"))["items"]
    assert bought["purchase_order_no"] == "P-1"


async def test_bc_md_16_another_vendor_brings_its_location_to_an_ordinary_line(planning: Planning) -> None:
    """Its handling days count from there."""
    await open_company(planning)
    await planning.put("/locations/SOUTH", {"name": "South", "inbound_handling_days": 3})
    south = Vendor(version=2, no="V20", name="Kayaks", location_code="SOUTH")
    await planning.deliver(("vendor", "V20", south))
    body = {"item_no": "1000", "quantity": 1, "vendor_no": "V10", "location_code": "NORTH"}
    line = await planning.post(f"{DEFAULT}/lines", {**body, "due_date": "2026-03-20"})
    moved = await planning.patch(f"{DEFAULT}/lines/{line['id']}", {"vendor_no": "V20"})
    assert (moved["location_code"], moved["receipt_date"]) == ("SOUTH", "2026-03-17")


async def test_blocked_vendor_and_unknown_things_are_refused_in_the_worksheet(planning: Planning) -> None:
    await open_company(planning)
    await planning.deliver(("vendor", "V20", Vendor(version=2, no="V20", blocked="all")))
    body = {"item_no": "404", "quantity": "1", "vendor_no": "V20", "location_code": "NOWHERE"}
    answer = await planning.post(f"{DEFAULT}/lines", body, expect=422)
    assert set(refused(answer)) == {"unknown-item", "vendor-blocked", "unknown-location"}
    for bad in (
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "1.000001"},
        {"quantity": "1", "surprise": 1},
    ):
        await planning.post(f"{DEFAULT}/lines", {"item_no": "1000", **bad}, expect=422)
    missing = await planning.post("/requisition-worksheets/NONE/carry-out", {}, expect=404)
    assert missing["code"] == "unknown-requisition-worksheet"


async def test_carried_out_line_cannot_change_any_more(planning: Planning) -> None:
    await open_company(planning)
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", sales_line(10000, "1100"))))
    (line,) = (await planning.get(f"{DEFAULT}/lines"))["items"]
    pending = await planning.patch(f"{DEFAULT}/lines/{line['id']}", {"quantity": "9"}, expect=409)
    assert pending["code"] == "change-pending"
    request: PurchaseRequest
    (request,) = await planning.published(PurchaseRequest)
    await planning.deliver(("purchase-order", "P-1", order_for(request, "P-1")))
    closed = await planning.patch(f"{DEFAULT}/lines/{line['id']}", {"quantity": "9"}, expect=409)
    assert closed["code"] == "requisition-line-closed"


async def test_below_minimum_and_above_limit_stop_the_automation(planning: Planning) -> None:
    """E9, and automation never raises a special order to the vendor's minimum."""
    await open_company(planning, automation_limit_amount="150")
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", sales_line(10000, "1100"))))
    (line,) = (await planning.get("/requisition-lines"))["items"]
    assert (line["status"], line["warning"], line["quantity"]) == ("open", "above-automation-limit", "2")
    problem = (await planning.published(Demand))[-1].lines[0].problem
    assert problem is not None
    assert problem.code == "above-automation-limit"
    operation = await carried_out(planning, line)
    assert operation["status"] == "running", "a person may"


async def test_new_generation_ends_a_run_whose_request_is_under_way(planning: Planning) -> None:
    """I11: sales may know before planning that the first generation came to nothing."""
    order = sales_order("S-1", sales_line(10000, "1100"), procurement_automation="manual")
    await manual(planning, order)
    operation = await carried_out(planning, *await got(planning, kind="both"))
    again = replace(order.lines[0], demand=LineDemand(generation=2, quantity=Decimal(2), released=True))
    await planning.deliver(("sales-order", "S-1", replace(order, version=2, lines=(again,))))
    assert (await planning.get(f"/operations/{operation['id']}"))["status"] == "failed"
    (line,) = await got(planning, kind="both")
    assert line["generation"] == 2


async def test_g5_change_against_carry_out(planning: Planning) -> None:
    """Twenty times: what is carried out has the quantity of its generation, and one line waits for what changed."""
    await open_company(planning, automation="manual")
    for round_ in range(20):
        no = f"S-{round_}"
        order = sales_order(no, sales_line(10000, "1100"))
        await planning.deliver(("sales-order", no, order))
        (line,) = await got(planning, kind="both", sales_order_no=no)
        wanted = LineDemand(generation=2, quantity=Decimal(5), released=True)
        changed = replace(order.lines[0], quantity=Decimal(5), demand=wanted)
        await asyncio.gather(
            carried_out(planning, line),
            planning.deliver(("sales-order", no, replace(order, version=2, lines=(changed,)))),
        )
        (request,) = [
            each
            for each in await planning.published(PurchaseRequest)
            if each.lines[0].sales and each.lines[0].sales.sales_order_no == no
        ]
        (asked,) = request.lines
        assert asked.sales is not None
        assert (asked.sales.generation, asked.quantity) in {(1, Decimal(2)), (2, Decimal(5))}
        live = (await planning.get("/requisition-lines", sales_order_no=no, status="open,carrying_out"))[
            "items"
        ]
        assert [each["generation"] for each in live] == ([2] if asked.sales.generation == 2 else [])
        (demand,) = (await planning.published(Demand, no))[-1].lines
        assert (demand.generation, demand.state) == (
            2,
            "requested" if asked.sales.generation == 2 else "awaiting_requisition",
        )


async def test_requests_without_token_or_scope_are_turned_away(planning: Planning) -> None:
    for path in ("/items", "/requisition-lines", "/stock"):
        await planning.get(path, token="", expect=401)


async def test_two_processes_that_get_or_carry_out_at_once_buy_one_line_once(
    planning: Planning, second: Planning
) -> None:
    """Each process stores its own acts: the rows' locks decide."""
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))

    async def at_once(act: str, body: dict[str, Any]) -> list[int]:
        answers = await asyncio.gather(
            *(process.send("POST", f"{DEFAULT}/{act}", body) for process in (planning, second))
        )
        return sorted(a.status_code for a in answers)

    assert await at_once("get-sales-orders", {"kind": "both"}) == [200, 409]
    (line,) = (await planning.get(f"{DEFAULT}/lines"))["items"]
    assert await at_once("carry-out", {"line_ids": [line["id"]]}) == [202, 409]
    assert len(await planning.published(PurchaseRequest)) == 1


async def test_line_is_only_found_in_its_own_worksheet(planning: Planning) -> None:
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    await planning.put("/requisition-worksheets/MINE", {})
    (line,) = await got(planning, kind="both")
    assert (await planning.get(f"{DEFAULT}/lines/{line['id']}"))["id"] == line["id"]
    await planning.get(f"/requisition-worksheets/MINE/lines/{line['id']}", expect=404)
    await planning.patch(f"/requisition-worksheets/MINE/lines/{line['id']}", {"quantity": "1"}, expect=404)
    await planning.get(f"{DEFAULT}/lines/nonsense", expect=422)


async def test_who_waits_for_a_carry_out_gets_its_result(planning: Planning) -> None:
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    lines = await got(planning, kind="both")
    body = {"line_ids": [x["id"] for x in lines]}
    waiting = asyncio.create_task(
        planning.post(f"{DEFAULT}/carry-out", body, expect=200, headers={"Prefer": "wait=10"})
    )
    (request,) = await eventually(lambda: planning.published(PurchaseRequest), bool)
    await planning.deliver(("purchase-order", "P-1", order_for(request, "P-1")))
    run = await waiting
    assert (run["status"], [o["no"] for o in run["purchase_orders"]]) == ("succeeded", ["P-1"])


async def test_who_waits_for_a_carry_out_that_fails_gets_every_reason(planning: Planning) -> None:
    """BC-SO-15: the problem document is the one that the operation shows."""
    await manual(planning, sales_order("S-1", sales_line(10000, "1100")))
    (line,) = await got(planning, kind="both")
    await planning.patch(f"{DEFAULT}/lines/{line['id']}", {"vendor_no": ""})
    answer = await planning.send(
        "POST", f"{DEFAULT}/carry-out", {"line_ids": [line["id"]]}, headers={"Prefer": "wait=5"}
    )
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (409, "/problems/vendor-required")
    assert [(e["code"], e["line_id"], e["line_no"]) for e in problem["errors"]] == [
        ("vendor-required", line["id"], 10000)
    ]
    operation = await planning.get(answer.headers["location"].removeprefix("/v1"))
    assert operation["problem"] == problem


async def test_blocked_vendor_alone_is_a_conflict(planning: Planning) -> None:
    """BC-MD-18."""
    await open_company(planning)
    await planning.deliver(("vendor", "V30", Vendor(version=1, no="V30", blocked="all")))
    line = {"item_no": "1000", "quantity": "1", "vendor_no": "V30"}
    assert await planning.refused("POST", f"{DEFAULT}/lines", line) == (409, ["vendor-blocked"])
    unknown_too = line | {"location_code": "NOWHERE"}
    assert await planning.refused("POST", f"{DEFAULT}/lines", unknown_too) == (
        422,
        ["unknown-location", "vendor-blocked"],
    )


async def test_carry_out_of_another_version_of_the_worksheet_is_refused(planning: Planning) -> None:
    await open_company(planning)
    stale = await planning.refused("POST", f"{DEFAULT}/carry-out", {}, headers={"If-Match": '"7"'})
    assert stale == (412, ["stale-version"])


async def test_g17_a_moved_sale_proposes_to_move_its_purchase_and_a_person_decides(
    planning: Planning,
) -> None:
    """Automation never carries it out; purchasing's answer ends the run, alone where it refuses."""
    await open_company(planning)
    order = sales_order("S-1", sales_line(10000, "1100"), sales_line(20000, "1100"))
    await planning.deliver(("sales-order", "S-1", order))
    (request,) = await planning.published(PurchaseRequest)
    await planning.deliver(("purchase-order", "P-1", order_for(request, "P-1")))
    moved = tuple(replace(line, shipment_date=date(2026, 3, 27)) for line in order.lines)
    event = ("sales-order", "S-1", replace(order, version=2, status="open", lines=moved))
    await planning.deliver(event)
    await planning.deliver(event)
    lines = (await planning.get("/requisition-lines", sales_order_no="S-1"))["items"]
    names = ("action_message", "accept_action_message", "due_date", "original_due_date")
    shown = [tuple(line[name] for name in names) for line in lines]
    assert shown == [("reschedule", False, "2026-03-27", "2026-03-20")] * 2
    assert {x["purchase_order_line_no"] for x in lines} == {10000, 20000}
    assert len(await planning.published(PurchaseRequest)) == 1, "nothing is asked without a person"
    for line in lines:
        await planning.patch(f"{DEFAULT}/lines/{line['id']}", {"accept_action_message": True})
    operation = await planning.post(f"{DEFAULT}/carry-out", {})
    first, second = (await planning.published(PurchaseRequest))[1:]
    assert first.reschedule is not None
    assert (first.reschedule.due_date, first.lines) == (date(2026, 3, 27), ())
    problem = Problem(code="plan-outdated", detail="it comes on another day")
    await planning.deliver(outcome(first, "rescheduled"), outcome(second, "refused", errors=(problem,)))
    run = await planning.get(f"/carry-out-runs/{operation['id']}")
    assert run["status"] == "partly_failed"
    assert [e["code"] for line in run["failed_lines"] for e in line["errors"]] == ["plan-outdated"]
    (left,) = (await planning.get("/requisition-lines", sales_order_no="S-1"))["items"]
    assert (left["status"], left["accept_action_message"], left["problem"]["code"]) == (
        "open", False, "plan-outdated",
    )  # fmt: skip
    assert (await planning.published(Demand))[-1].lines[0].state == "requested", "the sale is not told"
