"""What posted sales invoices and credit memos mean here: goods that left or came back with them alone."""

from __future__ import annotations

from decimal import Decimal

from contracts.sales.documents import (
    PostedSalesCreditMemo,
    PostedSalesCreditMemoLine,
    PostedSalesInvoice,
    PostedSalesInvoiceLine,
)
from contracts.values import Posting
from domainkit.money import plain_quantity
from planning.domain.stock.ledger import SALE, LedgerEntry


def sales_invoice_entries(invoice: PostedSalesInvoice) -> list[LedgerEntry]:
    """Movements of what left with the invoice itself; what it bills of orders left with their shipments."""
    return [
        _entry(line, line.shipment, -line.shipment.quantity)
        for line in invoice.lines
        if line.shipment is not None and line.type == "item"
    ]


def credit_memo_entries(memo: PostedSalesCreditMemo) -> list[LedgerEntry]:
    """Movements of what came back (BC-SD-17); it is free stock, also of a special order."""
    return [
        _entry(line, line.receipt, line.receipt.quantity)
        for line in memo.lines
        if line.receipt is not None and line.type == "item"
    ]


def _entry(
    line: PostedSalesInvoiceLine | PostedSalesCreditMemoLine, posting: Posting, quantity: Decimal
) -> LedgerEntry:
    return LedgerEntry(
        posting_id=posting.posting_id,
        entry_type=SALE,
        item_no=line.item_no,
        location_code=line.location_code,
        quantity=plain_quantity(quantity * line.qty_per_unit_of_measure),
        posting_date=posting.posting_date,
        document_no=posting.document_no,
    )
