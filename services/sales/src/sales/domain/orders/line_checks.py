"""Bounds of a line's figures. Only figures that the caller sent are checked, not defaults."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from contracts.refusals import Violations
from domainkit.money import HUNDRED, check_amount
from sales.domain.orders.lines import Line

FIGURES: Final = frozenset(
    {"quantity", "unit_price", "unit_cost", "line_discount_pct", "tax_pct", "qty_to_ship", "qty_to_invoice"}
)


def check_figures(found: Violations, line: Line, given: frozenset[str], currency_code: str, at: str) -> None:
    """Quantities positive, prices not negative and no finer than the currency, percentages sane (BC-SD-07)."""
    if "quantity" in given and line.quantity <= 0:
        found.invalid("quantity-must-be-positive", "quantity must be above zero", f"{at}/quantity")
    for field, price in (("unit_price", line.unit_price), ("unit_cost", line.unit_cost)):
        if field in given:
            _check_price(found, field, price, currency_code, f"{at}/{field}")
    for field, percent in (("line_discount_pct", line.line_discount_pct), ("tax_pct", line.tax_pct)):
        if field in given and not 0 <= percent <= HUNDRED:
            found.invalid("out-of-range", f"{field} must lie between 0 and 100", f"{at}/{field}")
    for field, quantity in (("qty_to_ship", line.qty_to_ship), ("qty_to_invoice", line.qty_to_invoice)):
        if field in given and quantity is not None and quantity < 0:
            found.invalid("quantity-must-be-positive", f"{field} must not be negative", f"{at}/{field}")
    if "qty_to_ship" in given:
        _check_qty_to_ship(found, line, f"{at}/qty_to_ship")


def _check_qty_to_ship(found: Violations, line: Line, pointer: str) -> None:
    outstanding = line.outstanding_quantity
    if line.qty_to_ship is not None and line.qty_to_ship > outstanding:
        detail = f"qty_to_ship {line.qty_to_ship} is more than the outstanding {outstanding}"
        found.invalid(
            "quantity-exceeds-outstanding", detail, pointer, line_no=line.line_no, remaining=outstanding
        )


def _check_price(found: Violations, field: str, price: Decimal, currency_code: str, pointer: str) -> None:
    if price < 0:
        found.invalid("out-of-range", f"{field} must not be negative", pointer)
    else:
        check_amount(found, price, currency_code, pointer)
