"""Answers about purchase invoices that are not posted yet."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from contracts.fields import Amount, Version
from contracts.purchasing.fields import PostedDocumentNo
from contracts.values import CreatedAt, UpdatedAt
from domainkit.money import ZERO, currency
from domainkit.structs import extended
from purchasing.domain.invoices.invoice import Invoice, InvoiceHeader, InvoiceLine
from purchasing.http.answers.orders import Answer, OrderTotals
from purchasing.store.purchase_invoices import stored_of
from recordkit.stored import StoredDocument


class PurchaseInvoiceLineAnswer(InvoiceLine, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a purchase invoice, with its amount."""

    amount: Annotated[Amount, Meta(description="Amount of the line without tax.", examples=["400.00"])]


class PurchaseInvoiceAnswer(InvoiceHeader, frozen=True, kw_only=True, omit_defaults=False):
    """A purchase invoice with its lines."""

    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    totals: OrderTotals
    lines: Annotated[tuple[PurchaseInvoiceLineAnswer, ...], Meta(description="What is invoiced.")]


class PostedInvoiceNoAnswer(Answer, frozen=True, kw_only=True):
    """The document that posting an invoice made."""

    invoice_no: PostedDocumentNo


def purchase_invoice_answer(stored: StoredDocument[Invoice]) -> PurchaseInvoiceAnswer:
    """The answer about an invoice: its lines and sums over them."""
    invoice = stored.document
    money = currency(invoice.currency_code)
    lines = tuple(
        extended(PurchaseInvoiceLineAnswer, line, amount=line.amount_in(money)) for line in invoice.lines
    )
    totals = OrderTotals(
        amount=invoice.total,
        quantity=sum((line.quantity for line in invoice.lines), ZERO),
    )
    return extended(
        PurchaseInvoiceAnswer,
        invoice,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        totals=totals,
        lines=lines,
    )


def posted_invoice_no_answer(invoice_no: str) -> PostedInvoiceNoAnswer:
    """The number of the posted invoice."""
    return PostedInvoiceNoAnswer(invoice_no=invoice_no)


def purchase_invoice_of_row(row: Any) -> PurchaseInvoiceAnswer:
    """An unposted invoice as lists show it, of a row of the query."""
    return purchase_invoice_answer(stored_of(row))
