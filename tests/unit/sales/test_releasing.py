"""Releasing starts procurement; reopening withdraws nothing."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from contracts.planning.masters import Item, PlanningSetup
from contracts.refusals import Refusal
from sales.domain.orders.order import CLOSED, Order, snapshot
from sales.domain.orders.releasing import release, reopen
from tests.unit.sales.samples import REFERENCES, made, references, sold


def refused(order: Order) -> Refusal:
    with pytest.raises(Refusal) as found:
        release(order, REFERENCES)
    return found.value


def test_a_vendor_is_the_stockkeeping_unit_s_before_the_item_s() -> None:
    """BC-MD-12: the item has no vendor, the unit at the line's location has."""
    order = made(sold("ORPHAN", location_code="SHOP"))
    assert [p.vendor_no for p in release(order, REFERENCES).purchases] == ["V9"]


def test_a_missing_vendor_refuses_where_buying_is_automatic() -> None:
    """G20: and waits for a newer copy of the item."""
    found = refused(made(sold("ORPHAN"), sold("SPECIAL")))
    assert [(v.code, v.members["line_no"]) for v in found.violations] == [("vendor-required", 10000)]
    assert found.waits_for == (("item", "ORPHAN"),)


def test_a_missing_vendor_is_named_where_planning_buys_by_hand() -> None:
    """G20."""
    by_hand = references(SETUP=PlanningSetup(version=1, automation="manual"))
    released = release(made(sold("ORPHAN"), sold("SPECIAL")), by_hand)
    assert [purchase.line_no for purchase in released.without_vendor] == [10000]


def test_the_order_s_own_automation_goes_before_planning_s() -> None:
    """G20."""
    order = replace(made(sold("ORPHAN")), procurement_automation="requisition")
    assert release(order, REFERENCES).order.status == "released"


def test_only_demand_that_starts_now_is_bought() -> None:
    order = release(made(sold("SPECIAL"), sold("STOCK")), REFERENCES).order
    again = release(reopen(order), REFERENCES)
    assert again.purchases == ()


def test_a_released_order_stays_as_it_is() -> None:
    order = release(made(sold("STOCK")), REFERENCES).order
    assert release(order, REFERENCES).order is order


def test_an_item_blocked_meanwhile_refuses() -> None:
    """BC-MD-11."""
    order = made(sold("SPECIAL"))
    blocked = references(SPECIAL=Item(version=2, no="SPECIAL", vendor_no="V1", purchasing_blocked=True))
    with pytest.raises(Refusal) as found:
        release(order, blocked)
    assert [v.code for v in found.value.violations] == ["item-blocked"]


def test_release_needs_a_line_with_a_quantity() -> None:
    """BC-SD-02."""
    assert refused(made()).code == "nothing-to-release"


def test_reopening_withdraws_no_demand() -> None:
    order = reopen(release(made(sold("SPECIAL")), REFERENCES).order)
    assert order.status == "open"
    demand = snapshot(order, "reopened").lines[0].demand
    assert demand is not None
    assert demand.released


def test_a_closed_order_is_not_opened_again() -> None:
    with pytest.raises(Refusal) as found:
        reopen(replace(made(sold("STOCK")), status=CLOSED))
    assert found.value.code == "order-closed"
