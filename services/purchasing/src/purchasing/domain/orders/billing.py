"""Which receipts of an order's line the vendor has invoiced: each once, the oldest first unless one is named."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from domainkit import postings
from purchasing.domain.orders.order import Line


def invoiced_by_receipt(line: Line) -> Mapping[UUID, Decimal]:
    """How much of each standing receipt is invoiced, by posting id."""
    return postings.invoiced_by_posting(line.receipts, line.quantity_invoiced)


def not_invoiced(line: Line, posting_id: UUID) -> Decimal:
    """What is left to invoice of one receipt of the line; 0 of one that was undone."""
    return postings.not_invoiced(line.receipts, line.quantity_invoiced, posting_id)


def with_invoiced(
    line: Line, quantity: Decimal, posting_id: UUID | None = None
) -> tuple[Line, tuple[UUID, ...]]:
    """The line after so much more was invoiced, and the receipts that this bills; `posting_id`: this one alone."""
    receipts, billed = postings.billed(line.receipts, line.quantity_invoiced, quantity, posting_id)
    return replace(line, quantity_invoiced=line.quantity_invoiced + quantity, receipts=receipts), billed
