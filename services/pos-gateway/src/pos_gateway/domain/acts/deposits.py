"""How the deposit is used up by what the customer gets (POS-43 to POS-47)."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from contracts.refusals import Violations
from domainkit.money import ZERO, Currency
from pos_gateway.domain.orders.amounts import check_amount
from pos_gateway.domain.orders.order import CustomerOrder

POINTER = "/deposit_applied"


class DepositUse(msgspec.Struct, frozen=True, kw_only=True):
    """What is handed over, and what of the deposit can pay it."""

    total: Decimal
    """Of what is handed over now."""
    to_fulfil: Decimal
    """Of all that the deposit was asked for."""
    available: Decimal
    completes: bool
    """Nothing is left to fulfil afterwards."""


def deposit_share(order: CustomerOrder, part: Decimal, to_fulfil: Decimal, currency: Currency) -> Decimal:
    """What of the deposit falls on goods of the amount `part`.

    It is the order's percentage of them (POS-44); of a deposit that a worker set, in proportion to all that it was
    asked for.
    """
    if not order.deposit_overridden:
        return currency.share(part, order.terms.deposit_pct)
    return currency.rounded(order.deposit_required * part / to_fulfil if to_fulfil else ZERO)


def proposed_deposit(order: CustomerOrder, use: DepositUse, currency: Currency) -> Decimal:
    """What of the deposit is used by the rules: all that is left if the order is complete with it (POS-44, POS-45).

    Differences of rounding end there; it can exceed the pick-up's total, and the rest is given back.
    """
    if use.completes:
        return use.available
    return min(use.available, use.total, deposit_share(order, use.total, use.to_fulfil, currency))


def check_applied(
    found: Violations,
    order: CustomerOrder,
    use: DepositUse,
    stated: Decimal | None,
    currency: Currency,
    *,
    dry_run: bool = False,
) -> Decimal:
    """What is applied: the till states it for a part of an order whose deposit a worker set (POS-47).

    A rehearsal proposes the share (P11).
    """
    proposed = proposed_deposit(order, use, currency)
    if use.completes or not order.deposit_overridden:
        if stated is not None and stated != proposed:
            detail = f"{proposed} of the deposit is used, which cannot be changed"
            found.invalid("deposit-application-not-allowed", detail, POINTER, proposed=proposed)
        return proposed
    if stated is None:
        if not dry_run:
            detail = f"state what of the deposit is used; its share is {proposed}"
            found.invalid("deposit-application-required", detail, POINTER, proposed=proposed)
        return proposed
    most = min(use.available, use.total)
    if not 0 <= stated <= most:
        detail = f"from 0 to {most} of the deposit can be used"
        found.invalid("deposit-override-out-of-range", detail, POINTER, maximum=most)
    else:
        check_amount(found, stated, currency, POINTER)
    return currency.rounded(stated)
