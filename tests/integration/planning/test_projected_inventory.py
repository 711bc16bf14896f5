"""Projected inventory over HTTP: stock over time, with the effect of the worksheet's messages, also as a picture."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from planning.jobs.calculate_plans import do_next_run
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company, sales_line, sales_order

TODAY = date(2026, 3, 16)
PATH = "/items/1000/projected-inventory"
NORTH: Any = {"location_code": "NORTH", "from_date": str(TODAY)}


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


async def company(planning: Planning) -> None:
    """Stock of 20; 15 are sold for day 5 and 10 for day 20, overdue 2; 8 come on day 25."""
    await open_company(planning, automation="manual")
    item = {"description": "Rope <60 m>", "vendor_no": "V20", "reordering_policy": "maximum_qty"}
    await planning.put(
        "/items/1000", item | {"reorder_point": "6", "maximum_inventory": "30", "safety_stock": "2"}
    )
    stock = {"item_no": "1000", "location_code": "NORTH", "quantity": "20"}
    await planning.post("/item-journal", {"lines": [stock]})
    lines = [_plain(10000, "15", 5), _plain(20000, "10", 20), _plain(30000, "2", -3)]
    special = sales_line(40000, "1100", "4")
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", *lines, special)))
    coming = PurchaseLine(
        id=uuid4(),
        line_no=10000,
        item_no="1000",
        quantity=Decimal(8),
        unit_of_measure_code="PCS",
        location_code="NORTH",
        expected_receipt_date=day(25),
    )
    order = PurchaseOrder(
        version=1,
        no="P-1",
        vendor_no="V20",
        order_date=TODAY,
        status="open",
        currency_code="EUR",
        lines=(coming,),
    )
    await planning.deliver(("purchase-order", "P-1", order))


def _plain(no: int, quantity: str, offset: int) -> Any:
    return sales_line(no, "1000", quantity, id=uuid4(), shipment_date=day(offset))


async def plan(planning: Planning) -> None:
    days = {"from_date": str(TODAY), "to_date": str(day(60))}
    await planning.post("/requisition-worksheets/DEFAULT/calculate-plan", days, expect=202)
    assert await do_next_run(planning.database)


async def test_stock_is_projected_with_each_demand_and_supply(planning: Planning) -> None:
    """Special orders are no part of it; what is overdue counts on the first day (BC-PL-07, BC-PL-15)."""
    await company(planning)
    found = await planning.get(PATH, **NORTH)
    said = [
        (x["document_no"], x["line_no"], x["quantity"], x["projected_inventory"]) for x in found["movements"]
    ]
    assert said == [
        ("S-1", 30000, "-2", "18"),
        ("S-1", 10000, "-15", "3"),
        ("S-1", 20000, "-10", "-7"),
        ("P-1", 10000, "8", "1"),
    ]
    assert [x["overdue"] for x in found["movements"]] == [True, False, False, False]
    assert (found["inventory"], found["reorder_point"], found["shortage_date"]) == ("20", "6", str(day(20)))
    assert [(x["date"], x["projected_inventory"]) for x in found["days"]] == [
        (str(TODAY), "18"),
        (str(day(5)), "3"),
        (str(day(20)), "-7"),
        (str(day(25)), "1"),
        (str(day(32)), "1"),
    ]


async def test_the_worksheets_messages_are_shown_with_their_effect(planning: Planning) -> None:
    await company(planning)
    await plan(planning)
    found = await planning.get(PATH, **NORTH)
    assert found["planned_shortage_date"] is None
    assert {x["action_message"] for x in found["messages"]} >= {"new"}
    assert all(x["explanation"] for x in found["messages"])
    last = found["days"][-1]
    assert Decimal(last["planned_inventory"]) > Decimal(last["projected_inventory"])
    everywhere = await planning.get(PATH, from_date=str(TODAY))
    assert everywhere["location_code"] is None
    assert [x for x in everywhere["messages"] if x in found["messages"]] == found["messages"]


async def test_a_picture_is_answered_where_the_caller_wants_one(planning: Planning) -> None:
    await company(planning)
    await plan(planning)
    asked = await planning.send("GET", PATH, params=NORTH, headers={"Accept": "image/svg+xml"})
    named = await planning.send("GET", PATH, params=NORTH | {"format": "svg"})
    assert (asked.status_code, asked.headers["content-type"]) == (200, "image/svg+xml")
    assert asked.text == named.text
    assert "Rope &lt;60 m&gt;" in asked.text
    assert "sales order S-1 line 10000 needs 15" in asked.text


async def test_wrong_questions_are_refused(planning: Planning) -> None:
    await open_company(planning)
    unknown = "/items/NONE/projected-inventory"
    assert await planning.refused("GET", unknown) == (404, ["unknown-item"])
    nowhere = f"{PATH}?location_code=NOWHERE"
    assert await planning.refused("GET", nowhere) == (422, ["unknown-location"])
    backwards = f"{PATH}?from_date=2026-03-16&to_date=2026-03-15"
    assert await planning.refused("GET", backwards) == (422, ["end-before-start"])
    video = await planning.send("GET", PATH, headers={"Accept": "video/mp4"})
    assert (video.status_code, video.json()["code"]) == (406, "not-acceptable")
