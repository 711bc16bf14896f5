"""Requisition lines that people write, change and delete."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.planning.masters import ItemUnit, Location
from contracts.refusals import Reason, Refusal
from domainkit.references import ReferenceData
from planning.domain.requisitions.commands import CreateLine, LineChanges, NewLine
from planning.domain.requisitions.editing import check_open, edit_line, new_line
from planning.domain.requisitions.lines import RequisitionLine
from tests.unit.planning.samples import (
    DUE,
    NORTH,
    ROPE,
    context,
    plain_line,
    references,
    requisition_line,
    vendor,
)

BOX = ItemUnit(code="BOX", qty_per=Decimal(6))
FOUND = references(
    items=[replace(ROPE, units_of_measure=(BOX,), description="Rope")],
    locations=[NORTH, Location(version=1, code="SOUTH")],
    vendors=[
        vendor("V10"),
        vendor("V20"),
        vendor("V30", location_code="SOUTH"),
        vendor("BAD", blocked="all"),
    ],
)


def written(found: ReferenceData = FOUND, /, **fields: Any) -> RequisitionLine:
    new = NewLine(**{"item_no": "1100", "quantity": Decimal(3), **fields})
    return new_line(CreateLine("MINE", new), context(found))


def edited(line: RequisitionLine, **changes: Any) -> RequisitionLine:
    return edit_line(line, LineChanges(**changes), FOUND)


def refusal(line: RequisitionLine, **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        edited(line, **changes)
    return refused.value


def test_new_line_takes_from_the_item_what_is_left_out() -> None:
    line = written()
    assert (line.vendor_no, line.description, line.unit_of_measure_code) == ("V10", "Rope", "PCS")
    assert (line.due_date, line.direct_unit_cost) == (FOUND.today, 70)


def test_bc_md_16_another_vendor_brings_its_location_unless_the_line_is_bought_for_a_sale() -> None:
    plain = replace(plain_line(), vendor_no="V10", location_code="NORTH")
    assert edited(plain, vendor_no="V30").location_code == "SOUTH"
    assert edited(plain, vendor_no="V30", location_code="NORTH").location_code == "NORTH"
    assert edited(plain, vendor_no="V20").location_code == "NORTH"
    assert edited(requisition_line(vendor_no="V10"), vendor_no="V30").location_code == "NORTH"


def test_new_line_keeps_what_is_given() -> None:
    line = written(vendor_no="V20", due_date=DUE, unit_of_measure_code="BOX", location_code="NORTH")
    assert (line.vendor_no, line.due_date, line.qty_per_unit_of_measure) == ("V20", DUE, 6)
    assert line.receipt_date == date(2026, 3, 19)


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        ({"item_no": "404"}, "unknown-item", Reason.INVALID),
        ({"unit_of_measure_code": "PALLET"}, "unknown-unit-of-measure", Reason.INVALID),
        ({"location_code": "NOWHERE"}, "unknown-location", Reason.INVALID),
        ({"vendor_no": "V404"}, "unknown-vendor", Reason.INVALID),
        ({"vendor_no": "BAD"}, "vendor-blocked", Reason.CONFLICT),
    ],
)
def test_new_line_that_names_what_cannot_be_bought_is_refused(
    fields: dict[str, str], code: str, reason: Reason
) -> None:
    """BC-MD-15, BC-MD-18."""
    with pytest.raises(Refusal) as refused:
        written(**fields)
    assert (refused.value.code, refused.value.reason) == (code, reason)


def test_blocked_item_alone_is_a_conflict() -> None:
    """BC-MD-11."""
    with pytest.raises(Refusal) as refused:
        written(references(items=[replace(ROPE, blocked=True)]))
    assert (refused.value.code, refused.value.reason) == ("item-blocked", Reason.CONFLICT)


def test_blocked_item_beside_an_unknown_vendor_is_wrong_with_the_request() -> None:
    with pytest.raises(Refusal) as refused:
        written(references(items=[replace(ROPE, blocked=True)]), vendor_no="V404")
    assert refused.value.reason == Reason.INVALID
    assert {v.code for v in refused.value.violations} == {"item-blocked", "unknown-vendor"}


def test_action_message_new_accepts_the_line() -> None:
    """BC-SO-14."""
    assert edited(requisition_line(), action_message="new").accept_action_message is True
    assert not edited(
        requisition_line(), action_message="new", accept_action_message=False
    ).accept_action_message


def test_edit_that_changes_nothing_is_the_same_line() -> None:
    line = edited(requisition_line(), quantity=Decimal(3))
    assert edited(line, quantity=Decimal(3)) is line


def test_other_due_date_moves_receipt_and_order() -> None:
    line = edited(plain_line(), due_date=date(2026, 4, 20))
    assert (line.receipt_date, line.order_date) == (date(2026, 4, 19), date(2026, 4, 12))


def test_given_order_date_stays() -> None:
    line = edited(plain_line(), due_date=date(2026, 4, 20), order_date=date(2026, 4, 1))
    assert line.order_date == date(2026, 4, 1)


def test_other_unit_is_priced_anew() -> None:
    line = edited(plain_line(unit_of_measure_code="PCS"), unit_of_measure_code="BOX")
    assert (line.qty_per_unit_of_measure, line.direct_unit_cost) == (6, 420)


def test_edit_clears_warning_and_problem() -> None:
    assert edited(plain_line(warning="below-minimum"), quantity=Decimal(20)).warning == ""


def test_linked_line_keeps_location_and_unit() -> None:
    """BC-SO-13."""
    found = refusal(requisition_line(), location_code="SOUTH", unit_of_measure_code="BOX")
    assert [v.code for v in found.violations] == ["location-mismatch", "unit-mismatch"]


def test_message_about_a_purchase_line_keeps_its_vendor() -> None:
    """BC-PL-12."""
    assert (
        refusal(requisition_line(action_message="cancel"), vendor_no="V20").code == "action-message-not-new"
    )


def test_blocked_vendor_alone_is_a_conflict() -> None:
    """BC-MD-18."""
    found = refusal(plain_line(), vendor_no="BAD")
    assert (found.code, found.reason) == ("vendor-blocked", Reason.CONFLICT)


def test_unknown_vendor_may_still_come() -> None:
    assert refusal(plain_line(), vendor_no="V404").waits_for == (("vendor", "V404"),)


def test_vendor_may_be_blank_until_carry_out() -> None:
    """BC-SO-12."""
    assert edited(plain_line(), vendor_no="").vendor_no == ""


@pytest.mark.parametrize(
    ("status", "code"),
    [("carrying_out", "change-pending"), ("carried_out", "requisition-line-closed")],
)
def test_only_open_lines_can_be_changed(status: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_open(requisition_line(status=status))
    assert refused.value.code == code
