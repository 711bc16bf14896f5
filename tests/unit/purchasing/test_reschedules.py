"""Planning's wish that a purchase line comes another day, decided on the line as it is (G17)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest, Reschedule
from contracts.purchasing.fields import SPECIAL_ORDER
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.orders.sending import revised
from purchasing.domain.requests.reschedules import DecidedReschedule, decide_reschedule
from tests.unit.purchasing import examples as x

KNOWN, WANTED = date(2026, 3, 9), date(2026, 3, 16)


def bought(**fields: Any) -> Line:
    values: dict[str, Any] = {
        "expected_receipt_date": KNOWN,
        "requested_receipt_date": date(2026, 3, 7),
        **fields,
    }
    return replace(x.line(SPECIAL_ORDER), **values)


def decided(order: Order | None, **fields: Any) -> DecidedReschedule:
    values = {"sales": x.ref(), "original_due_date": KNOWN, "due_date": WANTED, **fields}
    wanted = Reschedule(
        requisition_line_id=x.new_id(), purchase_order_no="P-1001", purchase_order_line_no=10000, **values
    )
    request = PurchaseRequest(
        version=1, id=x.new_id(), vendor_no="V10", order_date=x.TODAY, reschedule=wanted
    )
    return decide_reschedule(request, wanted, order, x.references())


def planned(order: Order | None, quantity: int | None, **fields: Any) -> DecidedReschedule:
    """A message of a planning run, which knew 5 of the line to come on its day."""
    values = {"sales": None, "due_date": KNOWN, "original_quantity": Decimal(5), **fields}
    return decided(order, quantity=None if quantity is None else Decimal(quantity), **values)


def plain(**fields: Any) -> Line:
    return replace(bought(**fields), link=None)


def codes(order: Order | None) -> list[str]:
    return [error.code for error in decided(order).errors]


def test_g17_the_line_comes_on_the_day_and_keeps_all_else() -> None:
    line = bought()
    after = decided(x.order(line, status="released")).order
    assert after is not None
    assert after.lines == (
        replace(line, expected_receipt_date=WANTED, requested_receipt_date=date(2026, 3, 14)),
    )


def test_the_vendor_is_asked_again_for_the_day_that_it_had_confirmed() -> None:
    line = bought(expected_receipt_date=date(2026, 3, 1), confirmed_date=KNOWN, confirmed_quantity=Decimal(4))
    order = x.order(line, status="released", sent_at=x.NOW, sent_version=1)
    after = decided(order).order
    assert after is not None
    assert (after.lines[0].confirmed_date, after.lines[0].confirmed_quantity) == (None, 4)
    assert revised(order, after).changed_since_sent


def test_a_day_that_planning_did_not_know_refuses_it() -> None:
    assert codes(x.order(bought(expected_receipt_date=date(2026, 3, 10)))) == ["plan-outdated"]
    assert codes(x.order(bought(confirmed_date=date(2026, 3, 10)))) == ["plan-outdated"]


def test_a_line_that_serves_another_sale_now_is_not_moved() -> None:
    other = replace(bought(), link=x.line(SPECIAL_ORDER, sales_line_id=x.KAYAK).link)
    assert codes(x.order(other)) == ["plan-outdated"]


@pytest.mark.parametrize(
    ("line", "status"),
    [(bought(receipts=(x.receipt(Decimal(5)),)), "released"), (bought(), "closed")],
)
def test_what_is_not_expected_any_more_is_not_moved(line: Line, status: str) -> None:
    assert codes(x.order(line, status=status)) == ["nothing-outstanding"]


def test_a_line_that_is_gone_is_said_to_be_gone() -> None:
    gone = replace(bought(), deleted=True)
    assert (
        codes(None)
        == codes(x.order(gone))
        == codes(x.order(bought(), deleted=True))
        == ["purchase-line-deleted"]
    )


def test_bc_pl_11_the_line_takes_the_quantity_at_its_price_and_if_asked_the_day() -> None:
    after = planned(x.order(plain()), 9).order
    assert after is not None
    assert after.lines == (replace(plain(), id=after.lines[0].id, quantity=Decimal(9)),)
    both = planned(x.order(plain(), status="released"), 2, due_date=WANTED).order
    assert both is not None
    assert (both.lines[0].quantity, both.lines[0].expected_receipt_date) == (2, WANTED)


def test_a_quantity_in_base_units_becomes_one_in_the_line_s_unit() -> None:
    boxes = plain(quantity=Decimal(2), unit_of_measure_code="BOX", qty_per_unit_of_measure=Decimal(6))
    after = planned(x.order(boxes), 18, original_quantity=Decimal(12)).order
    assert after is not None
    assert after.lines[0].quantity == 3


def test_bc_pl_11_a_cancelled_line_is_deleted_and_with_the_last_one_the_order() -> None:
    other = replace(x.line(line_no=20000), expected_receipt_date=KNOWN)
    after = planned(x.order(plain(), other), 0).order
    assert after is not None
    assert ([line.deleted for line in after.lines], after.deleted) == ([True, False], False)
    last = planned(x.order(plain()), 0).order
    assert last is not None
    assert last.deleted


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (plain(quantity=Decimal(6)), "plan-outdated"),
        (plain(quantity=Decimal(9), receipts=(x.receipt(Decimal(4)),)), "plan-outdated"),
        (plain(expected_receipt_date=date(2026, 3, 10)), "plan-outdated"),
        (bought(), "associated-with-sales-order"),
    ],
)
@pytest.mark.parametrize("quantity", [0, 9])
def test_a_supply_that_is_not_what_the_plan_knew_or_serves_a_sale_is_left_alone(
    line: Line, code: str, quantity: int
) -> None:
    """BC-PL-07, BC-PL-18: not changed, not cancelled."""
    assert [error.code for error in planned(x.order(line), quantity).errors] == [code]


def test_a_planned_move_is_outdated_by_another_quantity() -> None:
    outdated = planned(x.order(plain(quantity=Decimal(6))), None, due_date=WANTED)
    assert [error.code for error in outdated.errors] == ["plan-outdated"]


def test_a_line_without_a_day_comes_on_its_order_s() -> None:
    undated = plain(expected_receipt_date=None, requested_receipt_date=None)
    after = planned(x.order(undated), 9, original_due_date=x.TODAY, due_date=x.TODAY).order
    assert after is not None
    assert after.lines[0].quantity == 9
