"""What a posted purchase invoice means here: goods that came with it alone, and what items cost last."""

from __future__ import annotations

from decimal import Decimal

from contracts.purchasing import PostedPurchaseInvoice, PostedPurchaseInvoiceLine
from domainkit.money import currency, plain_quantity
from domainkit.rates import rate_on
from domainkit.references import ReferenceData
from planning.domain.stock.ledger import PURCHASE, LedgerEntry


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


def last_direct_costs(invoice: PostedPurchaseInvoice, references: ReferenceData) -> dict[str, Decimal]:
    """What the invoice's items cost per base unit in the company's currency, by item (BC-DS-30).

    Without an exchange rate nothing is known of a cost, and the item keeps the one it has.
    """
    rate = rate_on(references, invoice.currency_code, invoice.posting_date)
    if rate is None:
        return {}
    home = currency(references.home_currency)
    return {
        line.item_no: home.rounded(line.amount * rate / _base_units(line))
        for line in invoice.lines
        if line.item_no and line.quantity
    }


def _base_units(line: PostedPurchaseInvoiceLine) -> Decimal:
    return line.quantity * line.qty_per_unit_of_measure
