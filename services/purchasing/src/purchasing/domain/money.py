"""Amounts: decimals, rounded half away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from contracts.values import Model

COST_EXPONENT = Decimal("0.00001")
"""Unit costs that are computed (from another unit of measure) keep five decimals."""
_HUNDRED = Decimal(100)


class Currency(Model, frozen=True, kw_only=True):
    """A currency and the decimals of its minor unit (EUR 2, JPY 0, KWD 3)."""

    code: str
    decimals: int = 2

    def rounded(self, amount: Decimal) -> Decimal:
        """The amount in whole minor units."""
        return amount.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)

    def line_amount(self, quantity: Decimal, unit_cost: Decimal, discount_pct: Decimal) -> Decimal:
        """Quantity times cost less discount."""
        gross = quantity * unit_cost
        return self.rounded(gross - gross * discount_pct / _HUNDRED if discount_pct else gross)


def converted_cost(cost: Decimal, from_qty_per: Decimal, to_qty_per: Decimal) -> Decimal:
    """A unit cost per one unit of measure as cost per another; exact while the units are equal."""
    if from_qty_per == to_qty_per:
        return cost
    return (cost * to_qty_per / from_qty_per).quantize(COST_EXPONENT, ROUND_HALF_UP).normalize() + Decimal(
        "0.00"
    )
