"""Goods that left with a sales invoice alone leave stock, and those of a credit memo come back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.sales.documents import (
    PostedSalesCreditMemo,
    PostedSalesCreditMemoLine,
    PostedSalesInvoice,
    PostedSalesInvoiceLine,
)
from contracts.values import Posting
from planning.domain.stock.ledger import SALE
from planning.domain.stock.sales_invoices import credit_memo_entries, sales_invoice_entries

DAY = date(2026, 3, 2)


def line(line_no: int, shipment: Posting | None, type_: str = "item") -> PostedSalesInvoiceLine:
    return PostedSalesInvoiceLine(
        line_no=line_no,
        type=type_,
        item_no="1000" if type_ == "item" else "",
        location_code="NORTH",
        quantity=Decimal(2),
        qty_per_unit_of_measure=Decimal(12),
        amount=Decimal(20),
        shipment=shipment,
    )


def test_only_what_left_with_the_invoice_moves_stock() -> None:
    """BC-SD-11: lines that bill an order's shipment, and charges, move nothing."""
    left = Posting(posting_id=UUID(int=1), quantity=Decimal(2), posting_date=DAY, document_no="SS-1")
    lines = (line(10000, left), line(20000, None), line(30000, left, "charge"))
    invoice = PostedSalesInvoice(
        version=1, no="SI-1", customer_no="C1", posting_date=DAY, amount=Decimal(60), lines=lines
    )
    (entry,) = sales_invoice_entries(invoice)
    assert (entry.entry_type, entry.quantity, entry.document_no) == (SALE, -24, "SS-1")
    assert (entry.item_no, entry.location_code) == ("1000", "NORTH")


def test_bc_sd_17_what_comes_back_with_a_credit_memo_enters_stock() -> None:
    back = Posting(posting_id=UUID(int=1), quantity=Decimal(2), posting_date=DAY, document_no="SC-1")
    lines = tuple(
        PostedSalesCreditMemoLine(
            line_no=10000 * i,
            item_no="1000",
            location_code="SHOP",
            quantity=Decimal(2),
            amount=Decimal(20),
            receipt=receipt,
        )
        for i, receipt in enumerate((back, None), start=1)
    )
    memo = PostedSalesCreditMemo(
        version=1, no="SC-1", customer_no="C1", posting_date=DAY, amount=Decimal(40), lines=lines
    )
    (entry,) = credit_memo_entries(memo)
    assert (entry.quantity, entry.location_code, entry.document_no) == (2, "SHOP", "SC-1")
