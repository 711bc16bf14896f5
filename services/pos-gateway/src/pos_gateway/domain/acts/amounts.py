"""What parts of an order come to: parts of a line always add up to the whole line, net and tax (POS-53).

The formulas are those that sales invoices and credits by, so that a till takes what the invoice says.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from contracts.pos import LinePrice
from domainkit.money import ZERO, Currency


class NetAndTax(msgspec.Struct, frozen=True):
    """An amount without tax, and the tax on it."""

    net: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """The net amount and its tax."""
        return self.net + self.tax

    def __add__(self, other: NetAndTax) -> NetAndTax:
        """The sum, net and tax each by itself."""
        return NetAndTax(self.net + other.net, self.tax + other.tax)

    def __sub__(self, other: NetAndTax) -> NetAndTax:
        """What is left without the other."""
        return NetAndTax(self.net - other.net, self.tax - other.tax)


NOTHING = NetAndTax()


def part_of_line(line: LinePrice, before: Decimal, after: Decimal, currency: Currency) -> NetAndTax:
    """What the quantity from `before` to `after` of a line costs; its discount is shared in proportion."""
    return _first_of_line(line, after, currency) - _first_of_line(line, before, currency)


def _first_of_line(line: LinePrice, quantity: Decimal, currency: Currency) -> NetAndTax:
    net = currency.rounded(quantity * line.unit_price - line.discount * quantity / line.quantity)
    return NetAndTax(net, currency.share(net, line.tax_pct))


def charged(amount: Decimal, tax_pct: Decimal, currency: Currency) -> NetAndTax:
    """A charge, rounded, with the tax on it."""
    net = currency.rounded(amount)
    return NetAndTax(net, currency.share(net, tax_pct))


def part_of(
    whole: NetAndTax, quantity: Decimal, before: Decimal, after: Decimal, currency: Currency
) -> NetAndTax:
    """What of an amount for `quantity` falls on the part from `before` to `after`: all parts add up to it (POS-53).

    A line's charge goes back so too: 25.00 on 5 pieces of which 3 come back are 15.00 (POS-52).
    """

    def first(amount: Decimal, upto: Decimal) -> Decimal:
        return currency.rounded(amount * upto / quantity)

    return NetAndTax(
        first(whole.net, after) - first(whole.net, before), first(whole.tax, after) - first(whole.tax, before)
    )
