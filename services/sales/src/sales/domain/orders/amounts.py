"""Amounts of lines and orders, in the order's currency."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from contracts.pos import Totals
from domainkit.money import HUNDRED, ZERO, currency, plain
from sales.domain.orders.lines import Line

_PERCENT_DECIMALS = 5


class Amounts(msgspec.Struct, frozen=True):
    """Net amount of a quantity of a line, and the tax on it."""

    net: Decimal
    tax: Decimal


def amounts(line: Line, quantity: Decimal, currency_code: str) -> Amounts:
    """What a quantity of the line costs the customer: discount taken off, rounded once for net and once for tax."""
    money = currency(currency_code)
    if line.line_discount_amount is None:
        net = money.line_amount(quantity, line.unit_price, line.line_discount_pct)
    else:
        discount = line.line_discount_amount * quantity / line.quantity if line.quantity else ZERO
        net = money.rounded(quantity * line.unit_price - discount)
    return Amounts(net, money.share(net, line.tax_pct))


def amounts_between(line: Line, before: Decimal, after: Decimal, currency_code: str) -> Amounts:
    """The amounts of the quantity from `before` to `after`, so that parts always add up to the whole line."""
    low, high = amounts(line, before, currency_code), amounts(line, after, currency_code)
    return Amounts(high.net - low.net, high.tax - low.tax)


def discounted(
    lines: Sequence[Line], each: Sequence[Amounts], discount: Decimal, currency_code: str
) -> tuple[Amounts, ...]:
    """The amounts of these lines less the document's discount, which item lines share; tax is on what remains."""
    if not discount:
        return tuple(each)
    money = currency(currency_code)
    nets = [amount.net if line.type == "item" else ZERO for line, amount in zip(lines, each, strict=True)]
    return tuple(
        Amounts(amount.net - share, money.share(amount.net - share, line.tax_pct)) if share else amount
        for line, amount, share in zip(lines, each, money.spread(discount, nets), strict=True)
    )


def totals(lines: Sequence[Line], currency_code: str, discount: Decimal = ZERO) -> Totals:
    """The sums over all lines with their whole quantity, less the order's discount; `net` is without the charges."""
    net = charges = tax = currency(currency_code).rounded(ZERO)
    whole = [amounts(line, line.quantity, currency_code) for line in lines]
    for line, amount in zip(lines, discounted(lines, whole, discount, currency_code), strict=True):
        tax += amount.tax
        if line.type == "charge":
            charges += amount.net
        else:
            net += amount.net
    return Totals(net=net, tax=tax, charges=charges, total=net + tax + charges)


def remaining_net(lines: Sequence[Line], currency_code: str) -> Decimal:
    """What is still to invoice of the item lines, before the order's discount."""
    items = (line for line in lines if line.type == "item")
    return sum((amounts_between(x, x.invoiced, x.quantity, currency_code).net for x in items), ZERO)


def discount_pct(line: Line) -> Decimal:
    """The discount as a percentage, for people: computed where money was given off."""
    gross = line.quantity * line.unit_price
    if line.line_discount_amount is None or not gross:
        return line.line_discount_pct
    return plain(round(line.line_discount_amount * HUNDRED / gross, _PERCENT_DECIMALS))
