"""Reservations and plans through all services: what planning holds and proposes, sales and purchasing do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from deploy.local.client import Koppel, Refused, until
from tests.e2e.acts import DEADLINE_S, open_order, order_when

SHEET = "/requisition-worksheets/DEFAULT"


async def item(koppel: Koppel, no: str, **fields: Any) -> None:
    """An item of vendor V20 with ten pieces in stock."""
    await koppel.planning.put(f"/items/{no}", {"description": "Tent pole", "vendor_no": "V20", **fields})
    counted = {"item_no": no, "location_code": "NORTH", "quantity": "10", "reason": "count"}
    await koppel.planning.post("/item-journal", {"lines": [counted]})


async def test_a_reserved_line_cannot_become_a_special_order_until_it_is_given_up(koppel: Koppel) -> None:
    """BC-PL-02, BC-PL-04, BC-SO-03: sales learns what planning holds, and a shipment takes it."""
    await item(koppel, "1910")
    order = await open_order(koppel, "C100", [{"item_no": "1910", "quantity": "6"}])
    no = order["no"]
    wish = {"sales_order_no": no, "line_no": 10000, "quantity": "4", "from": "stock"}
    made = await koppel.planning.post("/reservations", wish)
    await order_when(koppel, no, lambda x: Decimal(x["lines"][0]["reserved_quantity"]) == 4)
    line = f"/sales-orders/{no}/lines/10000"
    with pytest.raises(Refused) as refused:
        await koppel.sales.patch(line, {"purchasing_code": "SPECIAL"})
    assert refused.value.problem["code"] == "reserved-quantity-must-be-zero"
    await koppel.sales.post(f"/sales-orders/{no}/release")
    posted = {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": "3"}]}
    await koppel.sales.post(f"/sales-orders/{no}/post", posted)
    left = await order_when(koppel, no, lambda x: Decimal(x["lines"][0]["reserved_quantity"]) == 1)
    assert Decimal(left["lines"][0]["outstanding_quantity"]) == 3
    await koppel.planning.delete(f"/reservations/{made['id']}")
    await order_when(koppel, no, lambda x: Decimal(x["lines"][0]["reserved_quantity"]) == 0)


async def test_a_plan_that_is_carried_out_changes_and_cancels_purchase_lines_and_proposes_nothing_again(
    koppel: Koppel,
) -> None:
    """BC-PL-11."""
    await item(koppel, "1920", reordering_policy="lot_for_lot", rescheduling_period_days=90)
    await open_order(koppel, "C100", [{"item_no": "1920", "quantity": "12"}])
    line = {"item_no": "1920", "quantity": "7", "location_code": "NORTH"}
    large = (await koppel.purchasing.post("/purchase-orders", {"vendor_no": "V20", "lines": [line]}))["no"]
    surplus = (await koppel.purchasing.post("/purchase-orders", {"vendor_no": "V20", "lines": [line]}))["no"]

    async def planned() -> list[dict[str, Any]]:
        days = {"from_date": "2026-01-01", "to_date": "2027-12-31", "item_nos": ["1920"]}
        run = await koppel.planning.post(f"{SHEET}/calculate-plan", days)
        await ended(run["id"])
        found = await koppel.planning.get(f"{SHEET}/lines", item_no="1920")
        return list(found["items"])

    async def ended(id_: str) -> dict[str, Any]:
        operation = await until(
            lambda: koppel.planning.get(f"/operations/{id_}"),
            lambda found: found["status"] != "running",
            deadline_s=DEADLINE_S,
        )
        assert operation["status"] == "succeeded", operation
        return dict(operation)

    lines = await until(planned, lambda found: len(found) == 2, deadline_s=DEADLINE_S)
    assert {x["action_message"] for x in lines} <= {"change_qty", "resched_and_chg_qty", "cancel"}
    run = await koppel.planning.post(f"{SHEET}/carry-out", {"line_ids": [x["id"] for x in lines]})
    await ended(run["id"])
    bought = (await koppel.purchasing.get("/purchase-orders", vendor_no="V20", limit=500))["items"]
    left = [(x["quantity"], o["no"]) for o in bought for x in o["lines"] if x["item_no"] == "1920"]
    assert [(Decimal(quantity), no in {large, surplus}) for quantity, no in left] == [(Decimal(2), True)]
    assert await until(planned, lambda found: not found, deadline_s=DEADLINE_S) == []
