"""Bounds of a line's figures. Only figures that the caller sent are checked, not defaults."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from contracts.refusals import Violations
from domainkit.money import HUNDRED, ZERO, check_amount
from sales.domain.orders.lines import Line

FIGURES: Final = frozenset(
    {
        "quantity",
        "unit_price",
        "unit_cost",
        "line_discount_pct",
        "line_discount_amount",
        "tax_pct",
        "qty_to_ship",
        "qty_to_invoice",
    }
)


def check_figures(
    found: Violations, line: Line, given: frozenset[str], currency_code: str, home_currency: str, at: str
) -> None:
    """Quantities positive, prices not negative and no finer than the currency, percentages sane (BC-SD-07).

    Prices are in the order's currency, costs in the company's.
    """
    if "quantity" in given and line.quantity <= 0:
        found.invalid("quantity-must-be-positive", "quantity must be above zero", f"{at}/quantity")
    if "unit_price" in given:
        _check_price(found, line, "unit_price", line.unit_price, currency_code, at)
    if "unit_cost" in given:
        _check_price(found, line, "unit_cost", line.unit_cost, home_currency, at)
    if given & {"line_discount_amount", "quantity", "unit_price"}:
        _check_discount(found, line, given, currency_code, at)
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


def _check_price(
    found: Violations, line: Line, field: str, price: Decimal, currency_code: str, at: str
) -> None:
    """A charge may be negative, as the allowances of other systems' orders are."""
    if price < 0 and (line.type != "charge" or field != "unit_price"):
        found.invalid("out-of-range", f"{field} must not be negative", f"{at}/{field}")
    else:
        check_amount(found, price, currency_code, f"{at}/{field}")


def _check_discount(
    found: Violations, line: Line, given: frozenset[str], currency_code: str, at: str
) -> None:
    """Money off a line: instead of a percentage, and no more than the line costs."""
    amount, pointer = line.line_discount_amount, f"{at}/line_discount_amount"
    if amount is None:
        return
    check_amount(found, amount, currency_code, pointer)
    if "line_discount_amount" in given and line.line_discount_pct:
        detail = "a line has a discount in percent or in money, not both"
        found.invalid("discount-exclusive", detail, pointer)
    if amount > max(line.quantity * line.unit_price, ZERO):
        found.invalid("out-of-range", f"the discount {amount} is more than the line costs", pointer)


def check_not_bought(found: Violations, document: str, line: Line, at: str) -> None:
    """Nothing is bought for lines of invoices and return orders: no special order, no drop shipment (BC-SD-05)."""
    if line.flagged:
        field = "purchasing_code" if line.purchasing_code else "drop_shipment"
        detail = f"a line of a {document} is neither a special order nor a drop shipment"
        found.invalid("line-type-not-supported", detail, f"{at}/{field}")
