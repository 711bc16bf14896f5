"""Purchasing codes, flags, reserve, dates: how a line is marked (BC-SO-01 to 06, BC-DS-01 to 05)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from sales.domain.orders.commands import LineChanges, NewSalesLine
from sales.domain.orders.line_changes import change_line
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order
from tests.unit.sales.samples import context, made, shipped, sold


def changed(order: Order, **fields: Any) -> Line:
    after = change_line(order, order.lines[0], LineChanges(**fields), context())
    return after.lines[0]


def codes(refused: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [violation.code for violation in refused.value.violations]


def test_a_code_copies_both_flags_and_its_removal_resets_them() -> None:
    """BC-MD-03, BC-SO-01, BC-SO-05."""
    order = made(sold("STOCK", purchasing_code="SPEC"))
    line = order.lines[0]
    assert (line.special_order, line.drop_shipment, line.reserve) == (True, False, "never")
    switched = changed(order, purchasing_code="DROP")
    assert (switched.special_order, switched.drop_shipment) == (False, True)
    cleared = changed(order, purchasing_code="")
    assert (cleared.special_order, cleared.drop_shipment, cleared.reserve) == (False, False, "optional")


def test_a_neutral_code_flags_nothing() -> None:
    """BC-MD-02."""
    line = made(sold("STOCK", purchasing_code="NEUTRAL")).lines[0]
    assert (line.purchasing_code, line.flagged, line.demand) == ("NEUTRAL", False, None)


def test_the_item_s_code_is_the_line_s_unless_another_is_given() -> None:
    """BC-MD-07."""
    lines = made(
        sold("SPECIAL"), sold("SPECIAL", purchasing_code="DROP"), sold("SPECIAL", purchasing_code="")
    ).lines
    assert [line.procurement_method for line in lines] == ["special_order", "drop_shipment", "stock"]


def test_reserve_follows_the_item_then_the_order() -> None:
    """BC-MD-08, BC-MD-09."""
    lines = made(sold("NEVER"), sold("STOCK"), sold("SERVICE"), customer_no="C2").lines
    assert [line.reserve for line in lines] == ["never", "always", "never"]


@pytest.mark.parametrize(
    ("flag", "pointer"),
    [({"purchasing_code": "SPEC"}, "/purchasing_code"), ({"drop_shipment": True}, "/drop_shipment")],
)
def test_a_line_for_which_something_is_reserved_cannot_be_flagged(flag: dict[str, Any], pointer: str) -> None:
    """BC-SO-03: as far as sales knows; other changes are free, and a flag of a line without reservations too."""
    order = made(sold("STOCK"))
    line = order.lines[0]
    reserved = replace(context(), reserved={line.id: Decimal(2)})
    with pytest.raises(Refusal) as refused:
        change_line(order, line, LineChanges(**flag), reserved)
    assert codes(refused) == ["reserved-quantity-must-be-zero"]
    assert refused.value.violations[0].pointer == pointer
    assert refused.value.waits_for == (("order-reservation", order.no),)
    assert change_line(order, line, LineChanges(quantity=Decimal(9)), reserved).lines[0].quantity == 9
    assert changed(order, **flag).flagged


@pytest.mark.parametrize("reserve", ["always", "optional"])
def test_reserve_of_a_flagged_line_stays_never(reserve: str) -> None:
    """BC-SO-02."""
    with pytest.raises(Refusal) as refused:
        changed(made(sold("SPECIAL")), reserve=reserve)
    assert codes(refused) == ["reserve-must-be-never"]


def test_a_tick_is_a_drop_shipment_and_unticking_restores_the_line() -> None:
    """BC-DS-01, BC-DS-02, BC-DS-05."""
    order = made(sold("STOCK"), requested_delivery_date=date(2026, 5, 10))
    assert order.lines[0].shipment_date == date(2026, 5, 8)
    ticked = changed(order, drop_shipment=True)
    assert (ticked.drop_shipment, ticked.reserve, ticked.shipment_date) == (True, "never", date(2026, 5, 10))
    restored = changed(order.with_line(ticked), drop_shipment=False)
    assert (restored.drop_shipment, restored.reserve, restored.shipment_date) == (
        False, "optional", date(2026, 5, 8),
    )  # fmt: skip


def test_special_order_and_drop_shipment_exclude_each_other() -> None:
    """BC-SO-04."""
    with pytest.raises(Refusal) as refused:
        changed(made(sold("SPECIAL")), drop_shipment=True)
    assert codes(refused) == ["purchasing-code-exclusive"]


def test_only_items_are_flagged() -> None:
    """BC-SD-05, BC-SD-06."""
    for line in (
        NewSalesLine(type="comment", description="x", purchasing_code="SPEC"),
        NewSalesLine(type="charge", charge_code="SHIPPING", drop_shipment=True),
    ):
        with pytest.raises(Refusal) as refused:
            made(line)
        assert codes(refused) == ["line-type-not-supported"]


def test_one_order_mixes_all_ways_to_procure() -> None:
    """BC-SO-06, G11."""
    lines = made(sold("STOCK"), sold("SPECIAL"), sold("DROPPED")).lines
    assert [line.demand is not None for line in lines] == [False, True, True]


def test_units_convert_and_others_are_refused() -> None:
    line = made(sold("BOXED")).lines[0]
    assert (line.unit_of_measure_code, line.qty_per_unit_of_measure, line.unit_price) == ("BOX", 12, 120)
    assert made(sold("BOXED", unit_of_measure_code="PCS")).lines[0].qty_per_unit_of_measure == 1
    with pytest.raises(Refusal) as refused:
        made(sold("BOXED", unit_of_measure_code="CRATE"))
    assert codes(refused) == ["unknown-unit-of-measure"]


def test_another_item_brings_its_own_defaults_under_the_old_number() -> None:
    order = made(sold("STOCK"))
    line = changed(order, item_no="SPECIAL")
    assert (line.id, line.line_no, line.quantity) == (order.lines[0].id, 10000, Decimal(5))
    assert (line.special_order, line.description) == (True, "Item SPECIAL")


def test_an_order_has_at_most_a_thousand_lines() -> None:
    with pytest.raises(Refusal) as refused:
        made(*(sold("STOCK") for _ in range(1001)))
    assert codes(refused) == ["too-many-lines"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("purchasing_code", "SPEC", "line-completely-shipped"),
        ("drop_shipment", True, "already-shipped"),
        ("quantity", Decimal(4), "quantity-below-shipped"),
    ],
)
def test_what_was_shipped_stands(field: str, value: Any, code: str) -> None:
    """BC-SD-06, BC-DS-04."""
    order = made(sold("STOCK"))
    with pytest.raises(Refusal) as refused:
        changed(order.with_line(shipped(order.lines[0])), **{field: value})
    assert code in codes(refused)
