"""Answers about posted documents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import PurchaseOrderNo, PurchaseOrderNoOrBlank, Version
from contracts.purchasing.documents import (
    PostedPurchaseInvoice,
    PostedPurchaseInvoiceHeader,
    PostedPurchaseInvoiceLine,
)
from contracts.values import AddressAnswer, CreatedAt, UpdatedAt
from domainkit.structs import extended
from purchasing.domain.orders.posted_receipts import PostedReceipt, PostedReceiptHeader, PostedReceiptLine
from purchasing.store.invoices import order_of


class PostedReceiptLineAnswer(PostedReceiptLine, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a posted receipt, with the documents it comes from."""


class PostedReceiptAnswer(PostedReceiptHeader, frozen=True, kw_only=True, omit_defaults=False):
    """A posted purchase receipt; its lines say what was taken back."""

    created_at: CreatedAt
    updated_at: UpdatedAt
    ship_to: AddressAnswer = AddressAnswer()
    lines: Annotated[tuple[PostedReceiptLineAnswer, ...], Meta(description="What was received.")]


class UndoneReceiptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken back; the receipt shows which of its lines are undone."""

    receipt_no: Annotated[str, Meta(description="Number of the posted receipt.", examples=["PR-1001"])]
    purchase_order_no: PurchaseOrderNo


def undone_receipt_answer(receipt: PostedReceipt) -> UndoneReceiptAnswer:
    """The answer about a receipt that was taken back."""
    return UndoneReceiptAnswer(receipt_no=receipt.no, purchase_order_no=receipt.purchase_order_no)


class PostedInvoiceLineAnswer(PostedPurchaseInvoiceLine, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a posted purchase invoice."""


class PostedInvoiceAnswer(PostedPurchaseInvoiceHeader, frozen=True, kw_only=True, omit_defaults=False):
    """A posted purchase invoice; it never changes."""

    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    ship_to: AddressAnswer = AddressAnswer()
    purchase_order_no: PurchaseOrderNoOrBlank
    lines: Annotated[tuple[PostedInvoiceLineAnswer, ...], Meta(description="What was invoiced.")]


def receipt_answer(receipt: PostedReceipt, posted_at: datetime, updated_at: datetime) -> PostedReceiptAnswer:
    """The answer about a posted receipt."""
    return extended(
        PostedReceiptAnswer,
        receipt,
        created_at=posted_at,
        updated_at=updated_at,
        ship_to=extended(AddressAnswer, receipt.ship_to),
        lines=tuple(extended(PostedReceiptLineAnswer, line) for line in receipt.lines),
    )


def invoice_answer(invoice: PostedPurchaseInvoice, posted_at: datetime) -> PostedInvoiceAnswer:
    """The answer about a posted invoice; its order is blank if it is of several or of none."""
    return extended(
        PostedInvoiceAnswer,
        invoice,
        created_at=posted_at,
        updated_at=posted_at,
        ship_to=extended(AddressAnswer, invoice.ship_to),
        purchase_order_no=order_of(invoice),
        lines=tuple(extended(PostedInvoiceLineAnswer, line) for line in invoice.lines),
    )
