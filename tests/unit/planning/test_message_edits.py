"""Messages of a planning run that people edit: the action message follows what they change (BC-PL-12)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from contracts.refusals import Refusal
from planning.domain.requisitions.commands import LineChanges
from planning.domain.requisitions.editing import edit_line
from planning.domain.requisitions.grouping import reschedule_request
from planning.domain.requisitions.lines import RequisitionLine
from tests.unit.planning import samples as x

KNOWN, LATER = date(2026, 3, 20), date(2026, 4, 20)
TURNS = [
    ({"quantity": Decimal(9)}, ("change_qty", 9, KNOWN)),
    ({"due_date": LATER}, ("reschedule", 5, LATER)),
    ({"quantity": Decimal(9), "due_date": LATER}, ("resched_and_chg_qty", 9, LATER)),
    ({"quantity": Decimal(0)}, ("cancel", 0, KNOWN)),
    ({"quantity": Decimal(0), "due_date": LATER}, ("cancel", 0, KNOWN)),
]
"""What a person gives for a purchase line of 5 on the known day, and what the message says then."""


def message(action: str, quantity: int, due: date = KNOWN, **fields: Any) -> RequisitionLine:
    return x.plain_line(
        action_message=action,
        quantity=Decimal(quantity),
        due_date=due,
        original_quantity=Decimal(5),
        original_due_date=KNOWN,
        purchase_order_no="P-1",
        purchase_order_line_no=10000,
        **fields,
    )


def edited(line: RequisitionLine, **changes: Any) -> RequisitionLine:
    return edit_line(line, LineChanges(**changes), x.references())


def refused(line: RequisitionLine, **changes: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(Refusal) as refusal:
        edited(line, **changes)
    return [(violation.code, violation.pointer) for violation in refusal.value.violations]


def said(line: RequisitionLine) -> tuple[str, int, date]:
    return line.action_message, int(line.quantity), line.due_date


@pytest.mark.parametrize(("changes", "turned"), TURNS)
def test_bc_pl_12_the_message_turns_to_what_differs_from_the_purchase_line(
    changes: dict[str, Any], turned: tuple[str, int, date]
) -> None:
    """Whichever message it was; a purchase line that was to be cancelled is kept if it gets another day."""
    assert said(edited(message("change_qty", 7), **{"quantity": Decimal(5)} | changes)) == turned
    if turned[0] != "cancel":
        assert said(edited(message("cancel", 0), **changes)) == turned


@pytest.mark.parametrize(("changes", "turned"), TURNS)
def test_bc_pl_12_carrying_out_asks_for_what_the_message_says_then(
    changes: dict[str, Any], turned: tuple[str, int, date]
) -> None:
    line = edited(message("change_qty", 7), **{"quantity": Decimal(5)} | changes)
    asked = reschedule_request(line, uuid4, run_id=None).reschedule
    assert asked is not None
    assert (asked.due_date, asked.quantity) == (turned[2], None if turned[0] == "reschedule" else turned[1])
    assert (asked.original_due_date, asked.original_quantity) == (KNOWN, 5)


def test_bc_pl_12_what_was_planned_already_counts() -> None:
    """A move that gets another quantity is both, and what is taken back is not said any more."""
    assert said(edited(message("reschedule", 5, LATER), quantity=Decimal(9)))[0] == "resched_and_chg_qty"
    assert said(edited(message("resched_and_chg_qty", 9, LATER), quantity=Decimal(5)))[0] == "reschedule"
    assert said(edited(message("resched_and_chg_qty", 9, LATER), due_date=KNOWN))[0] == "change_qty"


def test_bc_pl_12_a_turned_message_has_the_dates_of_its_new_day_and_is_questioned_no_more() -> None:
    line = edited(message("change_qty", 7, warning="attention"), due_date=LATER)
    assert (line.receipt_date, line.order_date) == (date(2026, 4, 19), date(2026, 4, 12))
    assert (line.warning, line.accept_action_message, line.version) == ("", False, 2)
    assert edited(message("change_qty", 7), accept_action_message=True).accept_action_message


def test_bc_pl_12_what_the_purchase_line_decides_changes_with_the_message_new_alone() -> None:
    line = message("change_qty", 7)
    wrong = {"vendor_no": "V20", "location_code": "SOUTH", "unit_of_measure_code": "BOX"}
    assert refused(line, **wrong, order_date=LATER, action_message="new") == [
        ("action-message-not-new", f"/{name}")
        for name in ("vendor_no", "location_code", "unit_of_measure_code", "order_date", "action_message")
    ]
    same = edited(line, vendor_no="V10", location_code="NORTH", quantity=Decimal(0), action_message="cancel")
    assert same.action_message == "cancel"


def test_bc_pl_12_a_message_that_changes_nothing_is_refused() -> None:
    assert refused(message("change_qty", 7), quantity=Decimal(5)) == [
        ("message-changes-nothing", "/quantity")
    ]
    assert refused(message("reschedule", 5, LATER), due_date=KNOWN) == [
        ("message-changes-nothing", "/due_date")
    ]


def test_what_is_bought_for_a_sale_has_its_quantity() -> None:
    """A sale's own purchase can be moved by a message, and nothing else."""
    own = x.requisition_line(
        action_message="reschedule", due_date=LATER, original_due_date=KNOWN, purchase_order_no="P-1"
    )
    assert refused(own, quantity=Decimal(9)) == [("action-message-not-new", "/quantity")]
    assert said(edited(own, due_date=date(2026, 4, 25))) == ("reschedule", 2, date(2026, 4, 25))
    cancel = x.requisition_line(action_message="cancel", quantity=Decimal(0), original_due_date=KNOWN)
    assert refused(cancel, due_date=LATER) == [("action-message-not-new", "/due_date")]


def test_a_line_that_buys_is_no_message_and_buys_something() -> None:
    assert refused(x.plain_line(), action_message="cancel", quantity=Decimal(0)) == [
        ("action-message-not-supported", "/action_message"),
        ("quantity-required", "/quantity"),
    ]
