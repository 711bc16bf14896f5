"""What an order costs and what must be paid of it now (POS-38 to POS-42, POS-51)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from contracts.pos import LinePrice, Payment, Tender, Totals
from contracts.refusals import Violations
from contracts.sales.masters import Customer
from domainkit.money import ZERO, Currency
from pos_gateway.domain.orders.order import OrderLine
from pos_gateway.domain.orders.order_money import Settlement


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """The order's totals, and the parts of its total that are carried out, and shipped (with charges)."""

    totals: Totals
    carried_out: Decimal
    shipped: Decimal

    @property
    def to_fulfil(self) -> Decimal:
        """The part on which a deposit is asked: all but what is carried out and paid in full (POS-40)."""
        return self.totals.total - self.carried_out


def check_amount(found: Violations, amount: Decimal, currency: Currency, pointer: str) -> None:
    """An amount in whole minor units of the currency (B4)."""
    if currency.too_precise(amount):
        detail = f"an amount is a multiple of {currency.minor_unit}"
        found.invalid("invalid-amount", detail, pointer)


def line_money(line: LinePrice, currency: Currency) -> tuple[Decimal, Decimal]:
    """Net and tax of a line, each rounded per line; the discount is off the whole line."""
    net = currency.rounded(line.quantity * line.unit_price - line.discount)
    return net, currency.share(net, line.tax_pct)


def amounts_of(
    lines: Sequence[OrderLine], shipping_charge: Decimal, charge_tax_pct: Decimal, currency: Currency
) -> Amounts:
    """Totals of an order. A charge on the header belongs to the ship part only."""
    net = tax = charges = carried_out = shipped = ZERO
    for line in lines:
        net += line.net
        tax += line.tax
        if line.mode == "carry_out":
            carried_out += line.net + line.tax
        elif line.mode == "ship":
            shipped += line.net + line.tax
    for charge in (shipping_charge, *(line.shipping_charge for line in lines)):
        if charge:
            charge_tax = currency.share(charge, charge_tax_pct)
            charges += charge
            tax += charge_tax
            shipped += charge + charge_tax
    totals = Totals(
        net=currency.rounded(net),
        tax=currency.rounded(tax),
        charges=currency.rounded(charges),
        total=currency.rounded(net + tax + charges),
    )
    return Amounts(totals=totals, carried_out=carried_out, shipped=shipped)


def deposit_pct_for(customer: Customer | None, default_pct: Decimal) -> Decimal:
    """Business customers pay no deposit unless it is overridden (POS-41)."""
    return ZERO if customer is not None and customer.customer_type == "company" else default_pct


def required_deposit(amounts: Amounts, pct: Decimal, override: Decimal | None, currency: Currency) -> Decimal:
    """What must be paid in advance of goods that are still to come (POS-38, POS-39, POS-40)."""
    if override is not None:
        return currency.rounded(override)
    return currency.share(amounts.to_fulfil, pct)


def card_hold(amounts: Amounts, deposit: Decimal, currency: Currency) -> Decimal:
    """What a card is asked for: the ship part less its share of the deposit, never below 0 (POS-51)."""
    if not amounts.to_fulfil:
        return currency.rounded(ZERO)
    covered = deposit * amounts.shipped / amounts.to_fulfil
    return currency.rounded(max(ZERO, amounts.shipped - covered))


def tendered(payments: Sequence[Tender]) -> tuple[Decimal, Decimal]:
    """The sum of all payments, and the cash in it."""
    total = sum((p.amount for p in payments), ZERO)
    return total, sum((p.amount for p in payments if p.method == "cash"), ZERO)


def settle(total: Decimal, due: Decimal, payments: Sequence[Tender]) -> Settlement:
    """What a creation came to: cash above `due` is given back as change (POS-36)."""
    given, _ = tendered(payments)
    change = max(ZERO, given - due)
    return Settlement(total=total, due=due, paid=given - change, change=change)


def net_of_change(payments: Sequence[Payment], change: Decimal) -> tuple[Payment, ...]:
    """The payments as they stay in the till: change comes out of the cash, the last of it first."""
    kept: list[Payment] = []
    for payment in reversed(payments):
        back = min(change, payment.amount) if payment.method == "cash" else ZERO
        change -= back
        if payment.amount > back:
            kept.append(msgspec.structs.replace(payment, amount=payment.amount - back))
    return tuple(reversed(kept))
