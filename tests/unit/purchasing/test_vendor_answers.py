"""The vendor's answer: confirmed, or refused with a reason (E2)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.purchasing.fields import DROP_SHIPMENT, SPECIAL_ORDER
from contracts.refusals import Refusal
from purchasing.domain.orders.commands import PurchaseLineChanges
from purchasing.domain.orders.lines import changed_line
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.sending import revised
from purchasing.domain.orders.vendor_answers import refused, what_happened
from tests.unit.purchasing import examples as x

REASON = "Out of production"


def codes(order: Order, reason: str = REASON) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        refused(order, 10000, reason)
    return [violation.code for violation in refusal.value.violations]


@pytest.mark.parametrize("kind", ["", SPECIAL_ORDER, DROP_SHIPMENT])
def test_e2_nothing_is_expected_of_a_refused_line_and_its_link_ends(kind: str) -> None:
    order = x.order(x.line(kind), x.line(line_no=20000), status="released")
    after = refused(order, 10000, f" {REASON} ")
    line = after.lines[0]
    assert (line.outstanding_quantity, line.refused_quantity, line.refusal_reason) == (0, 5, REASON)
    assert line.active_link is None
    assert (after.status, [each.line_no for each in after.printed_lines]) == ("released", [20000])


def test_an_order_of_which_all_is_refused_is_closed() -> None:
    assert refused(x.order(x.line(), status="released"), 10000, REASON).status == "closed"


def test_a_refusal_is_no_new_revision_of_what_the_vendor_has() -> None:
    order = x.order(x.line(), x.line(line_no=20000), status="released", sent_at=x.NOW, sent_version=1)
    assert not revised(order, refused(order, 10000, REASON)).changed_since_sent


def test_what_was_delivered_in_part_is_closed_short_instead() -> None:
    line = replace(x.line(), receipts=(x.receipt(Decimal(2)),))
    assert codes(x.order(line, status="released")) == ["has-postings"]


def test_a_refusal_has_a_reason() -> None:
    assert codes(x.order(x.line()), "  ") == ["reason-required"]


def test_a_line_is_refused_once_and_is_history_then() -> None:
    order = x.order(x.line(), x.line(line_no=20000), status="released")
    after = refused(order, 10000, REASON)
    assert codes(after) == ["line-refused"]
    with pytest.raises(Refusal) as refusal:
        changed_line(after, after.lines[0], PurchaseLineChanges(confirmed_date=x.TODAY), x.context())
    assert refusal.value.code == "line-refused"


def test_nothing_of_a_closed_order_is_refused() -> None:
    assert codes(x.order(x.line(), status="closed")) == ["order-not-open"]


def test_a_line_is_overdue_after_the_day_that_the_vendor_confirmed() -> None:
    late = replace(x.line(), expected_receipt_date=x.TODAY - timedelta(days=9))
    order = x.order(late)
    assert order.is_overdue(late, x.TODAY)
    assert not order.is_overdue(replace(late, confirmed_date=x.TODAY), x.TODAY)
    assert not x.order(late, status="closed").is_overdue(late, x.TODAY)
    assert not order.is_overdue(replace(late, receipts=(x.receipt(Decimal(5)),)), x.TODAY)


def test_g9_a_date_changes_on_a_line_whose_item_may_not_be_bought_any_more() -> None:
    """The date alone is looked at: item, unit and price are not validated again."""
    blocked = x.references(items=(x.item("1100", purchasing_blocked=True),))
    order = x.order(x.line(DROP_SHIPMENT), status="released")
    changes = PurchaseLineChanges(expected_receipt_date=date(2026, 5, 1))
    after = changed_line(order, order.lines[0], changes, x.context(blocked))
    assert after == replace(order.lines[0], expected_receipt_date=date(2026, 5, 1))


def test_the_timeline_tells_answers_and_dates_apart() -> None:
    line = replace(x.line(), expected_receipt_date=date(2026, 3, 9))
    confirmed = replace(line, confirmed_date=date(2026, 3, 9), confirmed_quantity=Decimal(4))
    assert what_happened(line, confirmed) == ("confirmed",)
    assert what_happened(confirmed, replace(confirmed, confirmed_date=date(2026, 3, 20))) == (
        "confirmed",
        "dates_changed",
    )
    assert what_happened(confirmed, line) == ("confirmation_withdrawn",)
    assert what_happened(line, replace(line, quantity=Decimal(9))) == ("changed",)
