"""Sales lines gave received goods to others: what that means for the allocations of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from contracts.sales.orders import SalesOrder
from contracts.topics import KINDS
from domainkit.money import ZERO
from eventkit import copies
from eventkit.consumer import Batch, Waiting
from eventkit.transaction import Transaction
from planning.domain.requisitions.sales_lines import find_line
from planning.domain.stock.allocations import Transfer, is_freed, transfers_of
from planning.domain.stock.ledger import LedgerEntry
from planning.store import ledger

SALES_ORDER: Final = KINDS["sales-order"]


class Given(msgspec.Struct, frozen=True):
    """What a batch of sales orders gave away that was not given before."""

    of_order: Mapping[str, tuple[Transfer, ...]] = {}
    """By the order that gave it, in the order of the batch."""
    balances: Mapping[UUID, Decimal] = {}
    """What is allocated to the lines that give."""
    gone: frozenset[UUID] = frozenset()
    """Lines that got goods and need nothing any more: the goods are free."""


NOTHING: Final = Given()


async def read_given(tx: Transaction, batch: Batch[SalesOrder]) -> Given:
    """Look at what the snapshots give away; a batch that gives nothing costs nothing."""
    found = [(change.no, transfers_of(change.new, change.old)) for change in batch]
    transfers = [transfer for _, of_order in found for transfer in of_order]
    if not transfers:
        return NOTHING
    applied = await ledger.applied_transfers(tx, (transfer.id for transfer in transfers))
    todo = {no: tuple(t for t in of_order if t.id not in applied) for no, of_order in found}
    # Held: an order that ends now either frees the goods, which are stored then, or is seen here as it ended.
    takers = await copies.hold(tx, SALES_ORDER, {transfer.to_order_no for transfer in transfers})
    return Given(
        todo,
        await ledger.balances(tx, (transfer.from_line_id for transfer in transfers)),
        frozenset(t.to_line_id for t in transfers if _is_gone(t, takers.get(t.to_order_no))),
    )


def _is_gone(transfer: Transfer, order: SalesOrder | None) -> bool:
    """Judged by the copy; where there is none yet, the line's own snapshots tell later."""
    if order is None:
        return False
    line = find_line(order, transfer.to_line_id)
    return line is None or is_freed(line, order)


def wait_for_receipts(given: Given, no: str, entries: Iterable[LedgerEntry]) -> None:
    """Goods are not given away here before they are known to have come: the event waits for their purchase."""
    transfers = given.of_order.get(no, ())
    for line_id in dict.fromkeys(transfer.from_line_id for transfer in transfers):
        own = [transfer for transfer in transfers if transfer.from_line_id == line_id]
        left = sum((entry.quantity for entry in entries if entry.sales_line_id == line_id), ZERO)
        needed = sum((transfer.quantity for transfer in own), ZERO)
        if given.balances.get(line_id, ZERO) + left < needed and own[-1].purchase_order_no:
            raise Waiting("purchase-order", own[-1].purchase_order_no)
