"""Goods that came and that the vendor has not invoiced yet: how much, and what they are worth (G13)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from contracts.values import Model
from domainkit.money import ZERO, currency
from domainkit.rates import rate_on
from domainkit.references import ReferenceData
from purchasing.domain.orders.billing import invoiced_by_receipt
from purchasing.domain.orders.order import Line


class NotInvoiced(Model, frozen=True, kw_only=True):
    """What of a line is received and not invoiced. `amount` is in the order's currency, `company_amount` in ours.

    `company_amount` is None without the exchange rate of the order's day.
    """

    quantity: Decimal
    received_since: date
    """The day of the oldest receipt that is not invoiced."""
    amount: Decimal
    company_amount: Decimal | None


def received_not_invoiced(
    line: Line, currency_code: str, order_date: date, references: ReferenceData, until: date | None = None
) -> NotInvoiced | None:
    """What came on a day up to `until` and is not invoiced now; None if nothing."""
    billed = invoiced_by_receipt(line)
    open_receipts = [
        (receipt.posting_date, receipt.quantity - billed[receipt.posting_id])
        for receipt in line.receipts
        if not receipt.undone
        and (until is None or receipt.posting_date <= until)
        and receipt.quantity > billed[receipt.posting_id]
    ]
    if not open_receipts:
        return None
    quantity = sum((quantity for _, quantity in open_receipts), ZERO)
    invoiced = line.quantity_invoiced
    amount = line.amount_between(invoiced, invoiced + quantity, currency(currency_code))
    rate = rate_on(references, currency_code, order_date)
    home = currency(references.home_currency)
    return NotInvoiced(
        quantity=quantity,
        received_since=min(day for day, _ in open_receipts),
        amount=amount,
        company_amount=None if rate is None else home.rounded(amount * rate),
    )
