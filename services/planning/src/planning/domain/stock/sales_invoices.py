"""What a posted sales invoice means here: goods that left with it alone."""

from __future__ import annotations

from contracts.sales import PostedSalesInvoice
from domainkit.money import plain_quantity
from planning.domain.stock.ledger import SALE, LedgerEntry


def sales_invoice_entries(invoice: PostedSalesInvoice) -> list[LedgerEntry]:
    """Movements of what left with the invoice itself; what it bills of orders left with their shipments."""
    return [
        LedgerEntry(
            posting_id=line.shipment.posting_id,
            entry_type=SALE,
            item_no=line.item_no,
            location_code=line.location_code,
            quantity=plain_quantity(-line.shipment.quantity * line.qty_per_unit_of_measure),
            posting_date=line.shipment.posting_date,
            document_no=line.shipment.document_no,
        )
        for line in invoice.lines
        if line.shipment is not None and line.type == "item"
    ]
