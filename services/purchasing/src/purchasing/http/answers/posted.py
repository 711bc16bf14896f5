"""Answers about posted documents."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.fields import PurchaseOrderNoOrBlank
from contracts.purchasing import (
    PostedPurchaseInvoice,
    PostedPurchaseInvoiceHeader,
    PostedPurchaseInvoiceLine,
)
from contracts.values import AddressAnswer
from domainkit.structs import extended
from purchasing.domain.orders.posted_receipts import PostedReceipt, PostedReceiptHeader, PostedReceiptLine


class PostedReceiptLineAnswer(PostedReceiptLine, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a posted receipt, with the documents it comes from."""


class PostedReceiptAnswer(PostedReceiptHeader, frozen=True, kw_only=True, omit_defaults=False):
    """A posted purchase receipt; it never changes."""

    ship_to: AddressAnswer = AddressAnswer()
    lines: Annotated[tuple[PostedReceiptLineAnswer, ...], Meta(description="What was received.")]


class PostedInvoiceLineAnswer(PostedPurchaseInvoiceLine, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a posted purchase invoice."""


class PostedInvoiceAnswer(PostedPurchaseInvoiceHeader, frozen=True, kw_only=True, omit_defaults=False):
    """A posted purchase invoice; it never changes."""

    ship_to: AddressAnswer = AddressAnswer()
    purchase_order_no: PurchaseOrderNoOrBlank
    lines: Annotated[tuple[PostedInvoiceLineAnswer, ...], Meta(description="What was invoiced.")]


def receipt_answer(receipt: PostedReceipt) -> PostedReceiptAnswer:
    """The answer about a posted receipt."""
    lines = tuple(extended(PostedReceiptLineAnswer, line) for line in receipt.lines)
    ship_to = extended(AddressAnswer, receipt.ship_to)
    return extended(PostedReceiptAnswer, receipt, ship_to=ship_to, lines=lines)


def invoice_answer(invoice: PostedPurchaseInvoice) -> PostedInvoiceAnswer:
    """The answer about a posted invoice, whose lines are all of one purchase order."""
    lines = tuple(extended(PostedInvoiceLineAnswer, line) for line in invoice.lines)
    return extended(
        PostedInvoiceAnswer,
        invoice,
        ship_to=extended(AddressAnswer, invoice.ship_to),
        purchase_order_no=lines[0].purchase_order_no,
        lines=lines,
    )
