"""What is particular about quotes: they expire, and no money or goods change hands (POS-55, POS-56; B15)."""

from __future__ import annotations

from datetime import date
from typing import Final

from contracts.refusals import Violations
from domainkit.days import days_after
from pos_gateway.domain.orders import deliveries
from pos_gateway.domain.orders.commands import NewOrder
from pos_gateway.domain.orders.context import TillSettings

HOLDS_DAYS_MAX: Final = 3650
"""A later expiry is taken for this one: no prices are kept for longer than ten years."""
_NO_MONEY: Final = "a quote takes no money and no card; its order does"


def kind_of(new: NewOrder, settings: TillSettings) -> str:
    """What is made: what the till says, else what the parameters do (POS-09)."""
    return new.kind or settings.parameters.default_order_type


def is_quote(new: NewOrder, settings: TillSettings) -> bool:
    """Whether a quote is made, no order."""
    return kind_of(new, settings) == "quote"


def usual_expiry(new: NewOrder, settings: TillSettings) -> date:
    """The expiry date of a quote that names none: so many days after the business date (POS-13)."""
    return days_after(new.transaction.business_date, settings.parameters.quote_expiration_days)


def expiry_of(new: NewOrder, settings: TillSettings) -> date | None:
    """The last day on which the quote holds; None for an order."""
    if not is_quote(new, settings):
        return None
    latest = days_after(new.transaction.business_date, HOLDS_DAYS_MAX)
    return min(new.expiry_date or usual_expiry(new, settings), latest)


def check_quote(found: Violations, new: NewOrder, settings: TillSettings) -> None:
    """A quote does not expire in the past, takes no payment and no deposit, and hands nothing over."""
    if not is_quote(new, settings):
        if new.expiry_date is not None:
            found.invalid("expiry-date-not-allowed", "only a quote expires", "/expiry_date")
        return
    if new.expiry_date is not None and new.expiry_date < new.transaction.business_date:
        found.invalid("date-in-the-past", "the quote would have expired already", "/expiry_date")
    if new.payments:
        found.invalid("payment-not-allowed", _NO_MONEY, "/payments")
    if new.balance_cards:
        found.invalid("payment-not-allowed", _NO_MONEY, "/balance_cards")
    if new.deposit_override is not None:
        detail = "a quote has no deposit that could be set"
        found.invalid("deposit-override-not-allowed", detail, "/deposit_override")
    for i, line in enumerate(new.lines):
        if deliveries.inherited(new.fulfilment, line.fulfilment).mode == deliveries.CARRY_OUT:
            detail = "goods of a quote stay in the store"
            found.invalid("carry-out-not-allowed", detail, f"/lines/{i}/fulfilment/mode")
