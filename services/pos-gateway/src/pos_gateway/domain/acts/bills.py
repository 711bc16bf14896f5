"""What each act comes to, and what is due of it: above 0 the customer pays, below 0 gets money back (1C).

A bill knows no order and no till: plain amounts in, amounts out.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from contracts.pos import Totals
from domainkit.money import ZERO, Currency
from pos_gateway.domain.acts.amounts import NOTHING, NetAndTax
from pos_gateway.domain.orders.order_money import OrderMoney, Settlement


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """The amounts of an act, before money changes hands.

    `totals` are what this act comes to, of an edit what the order does. `deposit_paid`, `deposit_used` and `cancelled`
    are what it adds to the sums of the order.
    """

    totals: Totals
    due: Decimal
    deposit_applied: Decimal = ZERO
    charge: NetAndTax = NOTHING
    charges_refunded: NetAndTax = NOTHING
    deposit_paid: Decimal = ZERO
    deposit_used: Decimal = ZERO
    cancelled: Decimal = ZERO
    credited: Decimal = ZERO


def bill_of_pickup(goods: NetAndTax, applied: Decimal) -> Bill:
    """Goods are handed over, paid with what is `applied` of the deposit and the rest in money (POS-46)."""
    return Bill(
        totals=_totals(goods, NOTHING),
        due=goods.total - applied,
        deposit_applied=applied,
        deposit_used=applied,
    )


def bill_of_edit(totals: Totals, required: Decimal, money: OrderMoney) -> Bill:
    """The order comes to `totals` now and asks for a deposit of `required` (POS-42, POS-66).

    No more is given back than pick-ups have left of the deposit.
    """
    due = max(required - money.deposit_paid, -money.deposit_available)
    return Bill(totals=totals, due=due, deposit_paid=due)


def cancellation_charge(base: Decimal, pct: Decimal, currency: Currency) -> Decimal:
    """The share of what is cancelled, with its taxes and charges, that cancelling costs (POS-48)."""
    return currency.share(base, pct)


def bill_of_cancellation(cancelled: Decimal, charge: NetAndTax, available: Decimal) -> Bill:
    """The charge with its tax is kept of the deposit; the rest goes back, what is missing is paid (POS-49).

    `cancelled`: what the goods that do not come, and their charges, would have cost with tax.
    """
    return Bill(
        totals=_totals(NOTHING, charge),
        due=charge.total - available,
        charge=charge,
        deposit_used=available,
        cancelled=cancelled,
    )


def bill_of_return(goods: NetAndTax, charges: NetAndTax = NOTHING) -> Bill:
    """Goods and charges are given back: amounts below 0 (POS-50)."""
    totals = _totals(NOTHING - goods, NOTHING - charges)
    return Bill(totals=totals, due=totals.total, charges_refunded=charges, credited=-totals.total)


def _totals(goods: NetAndTax, charges: NetAndTax) -> Totals:
    both = goods + charges
    return Totals(net=goods.net, tax=both.tax, charges=charges.net, total=both.total)


def money_after(money: OrderMoney, bill: Bill, settlement: Settlement) -> OrderMoney:
    """The order's sums once the act is settled."""
    return replace(
        money,
        paid=money.paid + settlement.paid,
        refunded=money.refunded + settlement.refunded,
        deposit_paid=money.deposit_paid + bill.deposit_paid,
        deposit_used=money.deposit_used + bill.deposit_used,
        charged=money.charged + bill.charge.total,
        cancelled=money.cancelled + bill.cancelled,
        credited=money.credited + bill.credited,
        charges_refunded=money.charges_refunded + bill.charges_refunded.net,
    )
