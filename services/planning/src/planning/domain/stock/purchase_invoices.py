"""What a posted purchase invoice means here: goods that came with it alone, and what items cost last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from decimal import Decimal

import msgspec

from contracts.purchasing.documents import PostedPurchaseInvoice, PostedPurchaseInvoiceLine
from domainkit.money import currency, plain_quantity
from domainkit.rates import rate_on
from domainkit.references import ReferenceData
from planning.domain.stock.ledger import PURCHASE, LedgerEntry


class LastCost(msgspec.Struct, frozen=True, kw_only=True):
    """What an item cost on an invoice, per base unit in the company's currency."""

    item_no: str
    cost: Decimal
    posted_at: datetime
    invoice_no: str

    @property
    def place(self) -> tuple[datetime, str]:
        """Orders invoices as they were posted: a posting date can lie in the past."""
        return self.posted_at, self.invoice_no


def invoice_entries(invoice: PostedPurchaseInvoice) -> list[LedgerEntry]:
    """Movements of what the invoice received itself (BC-PI-08); what it bills entered stock with its receipt."""
    return [
        LedgerEntry(
            posting_id=line.receipt.posting_id,
            entry_type=PURCHASE,
            item_no=line.item_no,
            location_code=line.location_code,
            quantity=plain_quantity(line.receipt.quantity * line.qty_per_unit_of_measure),
            posting_date=line.receipt.posting_date,
            document_no=invoice.no,
        )
        for line in invoice.lines
        if line.receipt is not None
    ]


def last_direct_costs(invoice: PostedPurchaseInvoice, references: ReferenceData) -> list[LastCost]:
    """What the invoice's items cost (BC-DS-30).

    Without an exchange rate nothing is known of a cost, and the item keeps the one it has.
    """
    rate = rate_on(references, invoice.currency_code, invoice.posting_date)
    if rate is None:
        return []
    home = currency(references.home_currency)
    # An invoice of an older release does not say when it was posted: its date is the best that is known.
    posted_at = invoice.posted_at or datetime.combine(invoice.posting_date, time.min, UTC)
    return [
        LastCost(
            item_no=line.item_no,
            cost=home.rounded(line.amount * rate / _base_units(line)),
            posted_at=posted_at,
            invoice_no=invoice.no,
        )
        for line in invoice.lines
        if line.item_no and line.quantity
    ]


def newest(costs: Iterable[LastCost]) -> dict[str, LastCost]:
    """Of each item the cost on the invoice that was posted last; of its lines the last one."""
    found: dict[str, LastCost] = {}
    for cost in costs:
        known = found.get(cost.item_no)
        if known is None or known.place <= cost.place:
            found[cost.item_no] = cost
    return found


def _base_units(line: PostedPurchaseInvoiceLine) -> Decimal:
    return line.quantity * line.qty_per_unit_of_measure
