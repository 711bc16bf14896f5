"""What a purchase line costs: what the vendor has invoiced, and the order's terms for the rest."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from domainkit.money import HUNDRED, ONE, ZERO, currency, in_unit
from domainkit.rates import rate_on
from domainkit.references import ReferenceData
from sales.domain.orders.lines import Line


class PurchaseCost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one unit of a purchase line costs, not rounded, in the company's currency; its unit holds `qty_per`."""

    amount: Decimal
    qty_per: Decimal = ONE
    currency_code: str

    def per(self, line: Line) -> Decimal:
        """The cost of one unit of the sales line, no finer than the currency."""
        cost = in_unit(self.amount, self.qty_per, line.qty_per_unit_of_measure)
        return currency(self.currency_code).fitted(cost)


def purchase_cost(order: PurchaseOrder, line: PurchaseLine, references: ReferenceData) -> PurchaseCost | None:
    """The cost of one unit of the line (BC-SO-24, BC-DS-11); None without the exchange rate of the order's day.

    Discounts of the line are taken off. What is invoiced costs what the vendor charged (BC-DS-30).
    """
    rate = rate_on(references, order.currency_code, order.order_date)
    quantity = max(line.quantity, line.quantity_invoiced)
    if rate is None or not quantity:
        return None
    return PurchaseCost(
        amount=_amount(line) * rate / quantity,
        qty_per=line.qty_per_unit_of_measure,
        currency_code=references.home_currency,
    )


def _amount(line: PurchaseLine) -> Decimal:
    if line.amount_invoiced is None:
        return _ordered(line)
    rest = max(line.quantity - line.quantity_invoiced, ZERO)
    return line.amount_invoiced + (_ordered(line) * rest / line.quantity if line.quantity else ZERO)


def _ordered(line: PurchaseLine) -> Decimal:
    gross = line.quantity * line.direct_unit_cost
    if line.line_discount_amount is not None:
        return gross - line.line_discount_amount
    return gross - gross * line.line_discount_pct / HUNDRED
