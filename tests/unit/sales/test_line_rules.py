"""Figures of lines, lines of each type, and changes that depend on the type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal, Violations
from contracts.sales.masters import ExchangeRate
from domainkit.references import ReferenceQuery
from sales.domain.orders.commands import LineChanges, NewSalesLine
from sales.domain.orders.creation import add_line
from sales.domain.orders.deletion import delete_line
from sales.domain.orders.line_changes import change_line, need_line_changes
from sales.domain.orders.line_checks import check_figures
from sales.domain.orders.line_maker import LineMaker, need_new_line
from sales.domain.orders.lines import Line
from tests.unit.sales.samples import DAY, REFERENCES, context, linked, made, references, sold

SHIPPING = NewSalesLine(type="charge", charge_code="SHIPPING", unit_price=Decimal(5))


def line_of(new: NewSalesLine) -> tuple[Line, list[tuple[str, str]]]:
    """The line, and what is wrong with it."""
    found = Violations()
    line = LineMaker(found, made(), REFERENCES).make(new, made(sold("STOCK")).lines[0].id, 10000, "/line")
    refusal = found.refusal()
    return line, [(v.code, v.pointer) for v in refusal.violations] if refusal else []


def figures(line: Line, **given: Any) -> list[str]:
    found = Violations()
    changed = Line(**{n: getattr(line, n) for n in line.__struct_fields__} | given)
    check_figures(found, changed, frozenset(given), "EUR", "EUR", "")
    refusal = found.refusal()
    return [v.pointer for v in refusal.violations] if refusal else []


def test_a_charge_takes_text_and_tax_from_its_code() -> None:
    line, wrong = line_of(SHIPPING)
    assert wrong == []
    assert (line.description, line.tax_pct, line.quantity, line.reserve) == ("Shipping", 19, 1, "never")


def test_a_comment_has_a_text_alone() -> None:
    """BC-SD-05."""
    assert line_of(NewSalesLine(type="comment", description="x"))[1] == []
    wrong = line_of(NewSalesLine(type="comment", item_no="STOCK", quantity=Decimal(1)))[1]
    assert {pointer for _, pointer in wrong} == {"/line/item_no", "/line/quantity"}


def test_an_item_line_needs_an_item_and_a_quantity() -> None:
    assert [code for code, _ in line_of(NewSalesLine())[1]] == ["item-required", "quantity-required"]


def test_a_blocked_item_is_not_sold() -> None:
    """BC-MD-11."""
    assert [code for code, _ in line_of(sold("BLOCKED"))[1]] == ["item-blocked"]


def test_a_code_that_is_no_drop_shipment_s_excludes_the_tick() -> None:
    """BC-DS-05."""
    assert [c for c, _ in line_of(sold("STOCK", purchasing_code="DROP", drop_shipment=False))[1]] == [
        "purchasing-code-mismatch"
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", Decimal(0)),
        ("unit_price", Decimal("1.005")),
        ("unit_price", Decimal(-1)),
        ("tax_pct", Decimal(101)),
        ("line_discount_pct", Decimal(-1)),
        ("qty_to_ship", Decimal(6)),
        ("qty_to_invoice", Decimal(-1)),
    ],
)
def test_a_figure_out_of_its_bounds_is_named(field: str, value: Decimal) -> None:
    """BC-SD-07."""
    assert figures(made(sold("STOCK")).lines[0], **{field: value}) == [f"/{field}"]


def test_money_off_a_line_stands_instead_of_a_percentage() -> None:
    order = made(sold("STOCK", "3", unit_price=Decimal("9.99"), line_discount_amount=Decimal("1.00")))
    line = order.lines[0]
    assert (line.line_discount_amount, order.totals.net) == (1, Decimal("28.97"))
    by_percent = change_line(order, line, LineChanges(line_discount_pct=Decimal(10)), context())
    again = change_line(
        by_percent, by_percent.lines[0], LineChanges(line_discount_amount=Decimal(2)), context()
    )
    assert (again.lines[0].line_discount_amount, again.lines[0].line_discount_pct) == (2, 0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"line_discount_amount": Decimal("1.005")}, "too-many-decimals"),
        ({"line_discount_amount": Decimal("50.01")}, "out-of-range"),
        ({"line_discount_amount": Decimal(1), "line_discount_pct": Decimal(1)}, "discount-exclusive"),
    ],
)
def test_money_off_a_line_has_its_bounds(fields: dict[str, Any], code: str) -> None:
    assert line_of(sold("STOCK", **fields))[1] == [(code, "/line/line_discount_amount")]


@pytest.mark.parametrize(("currency_code", "price"), [("JPY", "-5"), ("EUR", "-5.25"), ("KWD", "-5.125")])
def test_a_charge_may_be_negative_in_any_currency(currency_code: str, price: str) -> None:
    allowance = NewSalesLine(type="charge", charge_code="SHIPPING", unit_price=Decimal(price))
    rate = ExchangeRate(version=1, currency_code=currency_code, date=DAY, rate=Decimal(1))
    order = made(allowance, currency_code=currency_code, found=references(**{currency_code: rate}))
    assert order.totals.charges == Decimal(price)
    assert order.totals.total == order.totals.charges + order.totals.tax


def test_figures_that_were_not_given_are_not_checked() -> None:
    assert figures(made(sold("STOCK", "0.5")).lines[0], description="x") == []


def test_a_line_number_is_never_used_twice() -> None:
    order = made(sold("STOCK"), sold("STOCK"))
    shorter = delete_line(order, order.lines[1], context())
    other = replace(context(), new_id=lambda: UUID(int=99))
    assert [line.line_no for line in add_line(shorter, sold("STOCK"), other).lines] == [10000, 30000]


def test_a_line_has_only_the_fields_of_its_type() -> None:
    order = made(SHIPPING)
    with pytest.raises(Refusal) as refused:
        change_line(order, order.lines[0], LineChanges(item_no="STOCK"), context())
    assert [v.code for v in refused.value.violations] == ["line-type-not-supported"]


def test_guarded_fields_of_a_bought_line_stay_others_change() -> None:
    """BC-SO-37."""
    order = made(sold("SPECIAL"))
    known = context(linked(order))
    with pytest.raises(Refusal) as refused:
        change_line(order, order.lines[0], LineChanges(quantity=Decimal(7), item_no="STOCK"), known)
    assert [v.pointer for v in refused.value.violations] == ["/item_no", "/quantity"]
    same = LineChanges(quantity=order.lines[0].quantity, unit_price=Decimal(9))
    assert change_line(order, order.lines[0], same, known).lines[0].unit_price == 9


def test_a_new_percentage_replaces_the_till_s_discount() -> None:
    order = made(sold("STOCK"))
    after = change_line(order, order.lines[0], LineChanges(line_discount_pct=Decimal(10)), context())
    assert (after.lines[0].line_discount_amount, after.lines[0].line_discount_pct) == (None, 10)


def test_what_a_line_names_is_looked_up_at_its_location() -> None:
    query = ReferenceQuery()
    need_new_line(query, sold("STOCK", location_code="SHOP"), "NORTH")
    assert {no for _, no in query} == {"COMPANY", "STOCK", "SHOP/STOCK", "SHOP"}


def test_what_a_change_names_is_looked_up_at_the_line_s_location() -> None:
    query = ReferenceQuery()
    order = made(sold("STOCK", location_code="SHOP"))
    need_line_changes(query, order, 10000, LineChanges(item_no="SPECIAL"))
    assert {no for _, no in query} == {"COMPANY", "SPECIAL", "SHOP/SPECIAL", "SHOP"}


def test_a_line_keeps_its_type() -> None:
    """BC-SO-37, BC-DS-32: on a linked line the purchase order is the reason, on any other the type itself is."""
    order = made(sold("SPECIAL"))
    (line,) = order.lines
    assert change_line(order, line, LineChanges(type="item"), context()) == order
    for known, reason in (
        (None, "line-type-not-supported"),
        (linked(order), "line-linked-to-purchase-order"),
    ):
        with pytest.raises(Refusal) as refused:
            change_line(order, line, LineChanges(type="comment"), context(known))
        assert [(v.code, v.pointer) for v in refused.value.violations] == [(reason, "/type")]
