"""Orders that a till took while it was offline: they have happened, so they are kept with what is wrong (POS-112)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from contracts.refusals import conflict
from pos_gateway.domain.orders.commands import NewOrder
from pos_gateway.domain.orders.create_order import CLOCK_SKEW_LIMIT
from pos_gateway.domain.orders.offline import decide_offline, flags_of, is_skewed, kept_beside
from pos_gateway.domain.orders.order import CustomerOrder
from tests.unit.pos_gateway.samples import NOW, TODAY, context, decide, line, new_order, settings

SETTINGS = replace(settings(), profile=replace(settings().profile, offline_creation_allowed=True))


def taken(new: NewOrder) -> CustomerOrder:
    return decide_offline(new, context(SETTINGS))


def codes(order: CustomerOrder) -> list[str]:
    return [error.code for error in order.errors]


def test_pos_112_an_order_that_keeps_the_rules_is_the_one_that_it_would_be_online() -> None:
    new = new_order(line(quantity="2"), payments=[{"method": "cash", "amount": "200.00"}])
    order = taken(new)
    assert (codes(order), order.lines, order.totals) == ([], decide(new).lines, decide(new).totals)


def test_pos_112_an_order_that_breaks_rules_is_kept_as_it_was_entered() -> None:
    """Also what is missing is taken for something: a mode for a pick-up, which lets nothing leave by itself."""
    order = taken(new_order(line(item_no="404", quantity="2", fulfilment={"mode": None})))
    (kept,) = order.lines
    assert "unknown-item" in codes(order)
    assert (kept.item_no, kept.quantity, kept.mode, kept.net) == ("404", 2, "pickup", Decimal(200))


def test_pos_114_all_that_is_wrong_is_noted_together() -> None:
    not_allowed = replace(SETTINGS, profile=replace(SETTINGS.profile, offline_creation_allowed=False))
    elsewhere = replace(not_allowed, worker=replace(not_allowed.worker, store_nos=("S2",), permissions=()))
    order = decide_offline(new_order(line(item_no="404")), context(elsewhere))
    assert {"offline-creation-not-allowed", "worker-not-of-store", "unknown-item"} <= set(codes(order))


def test_b24_a_second_order_under_a_taken_identity_is_kept_under_a_number_of_its_own() -> None:
    """Only another transaction is a conflict of two orders; a receipt number can be given anew."""
    order = replace(taken(new_order(line())), errors=())
    twice = conflict("duplicate-transaction", "sold before", confirmation_no="K-0")
    kept = kept_beside(order, twice, "K-2")
    assert (kept.confirmation_no, kept.conflicts_with, codes(kept)) == (
        "K-2",
        "K-0",
        ["duplicate-transaction"],
    )
    receipt = conflict("duplicate-receipt-no", "used before", confirmation_no="K-0")
    assert kept_beside(order, receipt, "K-2").conflicts_with == ""


def test_pos_118_a_clock_ahead_or_on_another_day_is_shown() -> None:
    """A business day may end after midnight; that an order is old says nothing about the clock."""
    day = timedelta(days=1)
    assert not is_skewed(NOW + CLOCK_SKEW_LIMIT, TODAY, SETTINGS, NOW)
    assert is_skewed(NOW + CLOCK_SKEW_LIMIT + timedelta(seconds=1), TODAY, SETTINGS, NOW)
    assert not is_skewed(NOW - day, TODAY, SETTINGS, NOW)
    assert is_skewed(NOW - 2 * day, TODAY, SETTINGS, NOW)
    assert not is_skewed(NOW - 40 * day, TODAY - 40 * day, SETTINGS, NOW)
    order = replace(taken(new_order(line())), clock_skew=True, config_stale=True)
    assert flags_of(order) == ("clock_skew", "config_stale")
