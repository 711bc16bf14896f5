"""Which receipts of an order's line the vendor has invoiced: each once, the oldest first unless one is named."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from domainkit.money import ZERO
from purchasing.domain.orders.order import Line


def invoiced_by_receipt(line: Line) -> Mapping[UUID, Decimal]:
    """How much of each standing receipt is invoiced, by posting id.

    Lines that were invoiced before receipts kept their share have a total only: it counts for the oldest receipts.
    """
    standing = [receipt for receipt in line.receipts if not receipt.undone]
    known = {receipt.posting_id: receipt.quantity_invoiced for receipt in standing}
    rest = line.quantity_invoiced - sum(known.values(), ZERO)
    for receipt in standing:
        more = min(max(rest, ZERO), receipt.quantity - known[receipt.posting_id])
        known[receipt.posting_id] += more
        rest -= more
    return known


def not_invoiced(line: Line, posting_id: UUID) -> Decimal:
    """What is left to invoice of one receipt of the line; 0 of one that was undone."""
    found = invoiced_by_receipt(line)
    receipt = next((r for r in line.receipts if r.posting_id == posting_id and not r.undone), None)
    return ZERO if receipt is None else receipt.quantity - found[posting_id]


def with_invoiced(
    line: Line, quantity: Decimal, posting_id: UUID | None = None
) -> tuple[Line, tuple[UUID, ...]]:
    """The line after so much more was invoiced, and the receipts that this bills; `posting_id`: this one alone."""
    found = dict(invoiced_by_receipt(line))
    rest = quantity
    billed: list[UUID] = []
    for receipt in line.receipts:
        if receipt.undone or posting_id not in {None, receipt.posting_id}:
            continue
        share = min(rest, receipt.quantity - found[receipt.posting_id])
        if share > 0:
            found[receipt.posting_id] += share
            rest -= share
            billed.append(receipt.posting_id)
    receipts = tuple(replace(r, quantity_invoiced=found.get(r.posting_id, ZERO)) for r in line.receipts)
    after = replace(line, quantity_invoiced=line.quantity_invoiced + quantity, receipts=receipts)
    return after, tuple(billed)
