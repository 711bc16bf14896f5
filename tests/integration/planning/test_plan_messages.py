"""Messages of a planning run that people edit before they carry them out (BC-PL-12)."""

from __future__ import annotations

import asyncio
from collections import Counter

from contracts.planning.requests import PurchaseRequest
from tests.integration.planning.plans import (
    LINES,
    a_move_and_a_cancellation,
    bought,
    company,
    day,
    plain,
    planned,
    said,
)
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import sales_order

CARRY_OUT = "/requisition-worksheets/DEFAULT/carry-out"


async def test_a_purchase_line_that_is_being_changed_is_planned_as_it_will_be(planning: Planning) -> None:
    """No second message is made about it, and what it will bring is not bought again."""
    await a_move_and_a_cancellation(planning)
    await planning.post(CARRY_OUT, {}, expect=202)
    assert [x["status"] for x in await planned(planning)] == ["carrying_out"] * 2
    await planning.deliver(("sales-order", "S-2", sales_order("S-2", plain(10000, "5", 30))))
    (new,) = [x for x in await planned(planning) if x["status"] == "open"]
    assert said([new]) == [("new", "5", str(day(30)), None)]


async def test_bc_pl_12_an_edited_message_turns_and_is_carried_out_as_it_says_then(
    planning: Planning,
) -> None:
    move, cancel = await a_move_and_a_cancellation(planning)
    both = await planning.patch(f"{LINES}/{move['id']}", {"quantity": "9"})
    kept = await planning.patch(f"{LINES}/{cancel['id']}", {"due_date": str(day(50))})
    assert said([both, kept]) == [
        ("resched_and_chg_qty", "9", str(day(10)), "P-1"),
        ("reschedule", "5", str(day(50)), "P-2"),
    ]
    gone = await planning.patch(f"{LINES}/{move['id']}", {"quantity": "0"})
    assert said([gone]) == [("cancel", "0", str(day(3)), "P-1")]
    await planning.post(CARRY_OUT, {"line_ids": [move["id"], cancel["id"]]}, expect=202)
    asked = [r.reschedule for r in await planning.published(PurchaseRequest) if r.reschedule is not None]
    assert [(w.purchase_order_no, w.due_date, w.original_quantity, w.quantity) for w in asked] == [
        ("P-1", day(3), 7, 0),
        ("P-2", day(50), 5, None),
    ]


async def test_bc_pl_12_what_a_message_cannot_become_is_refused_with_every_reason(planning: Planning) -> None:
    await company(planning)
    await planning.deliver(("purchase-order", "P-1", bought("P-1", "5", 30)))
    (cancel,) = await planned(planning)
    path = f"{LINES}/{cancel['id']}"
    wrong = {"vendor_no": "V10", "location_code": "SOUTH", "unit_of_measure_code": "BOX"}
    assert await planning.refused("PATCH", path, wrong) == (422, ["action-message-not-new"] * 3)
    assert await planning.refused("PATCH", path, {"item_no": "1100"}) == (422, ["unknown-field"])
    assert await planning.refused("PATCH", path, {"quantity": "5"}) == (422, ["message-changes-nothing"])
    assert await planning.refused("PATCH", path, {"quantity": "-1"}) == (422, ["out-of-range"])
    assert (await planning.get(path))["version"] == cancel["version"]
    line = await planning.post(LINES, {"item_no": "1000", "quantity": "1", "vendor_no": "V20"})
    nothing = {"quantity": "0", "action_message": "cancel"}
    assert await planning.refused("PATCH", f"{LINES}/{line['id']}", nothing) == (
        422,
        ["action-message-not-supported", "quantity-required"],
    )


async def test_an_edit_against_a_carry_out_is_carried_out_or_refused(planning: Planning) -> None:
    """Twenty times: what is asked of purchasing is what the line says, before or after the edit."""
    await company(planning)
    for i in range(20):
        no = f"P-{i}"
        await planning.deliver(("purchase-order", no, bought(no, "5", 30)))
        line = next(x for x in await planned(planning) if x["purchase_order_no"] == no)
        edit = ("PATCH", f"{LINES}/{line['id']}", {"quantity": "3"})
        carry_out = ("POST", CARRY_OUT, {"line_ids": [line["id"]]})
        edited, carried = await asyncio.gather(*(planning.send(*each) for each in (edit, carry_out)))
        assert (carried.status_code, edited.status_code in {200, 409}) == (202, True), edited.text
        asked = (await planning.published(PurchaseRequest))[-1].reschedule
        assert asked is not None
        assert (asked.purchase_order_no, asked.quantity) == (no, 3 if edited.status_code == 200 else 0)
    assert Counter(x["status"] for x in (await planning.get(LINES))["items"]) == {"carrying_out": 20}
