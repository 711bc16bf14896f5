"""Planning's wish that a purchase line comes another day, decided on the line as it is (G17)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.planning import PurchaseRequest, Reschedule
from contracts.purchasing import SPECIAL_ORDER
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.orders.sending import revised
from purchasing.domain.requests.reschedules import DecidedReschedule, decide_reschedule
from tests.unit.purchasing import examples as x

KNOWN, WANTED = date(2026, 3, 9), date(2026, 3, 16)


def bought(**fields: Any) -> Line:
    values = {"expected_receipt_date": KNOWN, "requested_receipt_date": date(2026, 3, 7), **fields}
    return replace(x.line(SPECIAL_ORDER), **values)


def decided(order: Order | None) -> DecidedReschedule:
    wanted = Reschedule(
        requisition_line_id=x.new_id(),
        purchase_order_no="P-1001",
        purchase_order_line_no=10000,
        sales=x.ref(),
        original_due_date=KNOWN,
        due_date=WANTED,
    )
    request = PurchaseRequest(
        version=1, id=x.new_id(), vendor_no="V10", order_date=x.TODAY, reschedule=wanted
    )
    return decide_reschedule(request, wanted, order)


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
