"""Post movements of goods to the item ledger; stock and allocations follow in the same transaction (I9)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from uuid import UUID

from eventkit.context import Context
from eventkit.transaction import Transaction
from planning.domain.stock.allocations import Transfer, allocate, transferred
from planning.domain.stock.ledger import LedgerEntry
from planning.domain.stock.levels import stock_changes
from planning.store import ledger
from planning.use_cases.change_stock import change_stock


async def post_entries(  # noqa: PLR0913 - one batch of movements, and why
    tx: Transaction,
    entries: Sequence[LedgerEntry],
    *,
    freed: Mapping[UUID, bool],
    transfers: Sequence[Transfer] = (),
    gone: Collection[UUID] = (),
    orders: Iterable[str] = (),
    why: Callable[[LedgerEntry], Context],
    otherwise: Context,
) -> dict[ledger.EntryKey, int]:
    """Write what is not in the ledger yet; returns the numbers of the new entries.

    `freed` says of sales lines whether their goods are free stock now; `orders` are the sales orders of these
    lines. `transfers` are allocated goods that lines gave to others, of which those that are `gone` need nothing any
    more. `why` gives the reason of a movement, `otherwise` that of goods becoming free.
    """
    # Only postings that were inserted just now move stock: of a redelivered one no row comes back.
    numbers = await ledger.insert_entries(tx, entries)
    new = [e for e in entries if (e.posting_id, e.reversal) in numbers]
    given = await ledger.insert_transfers(tx, transfers)
    if not new and not freed and not given:
        return numbers
    allocated_orders = {e.sales_order_no for e in new if e.allocates} | set(orders)
    allocated_orders.update(no for t in given for no in (t.from_order_no, t.to_order_no))
    before = await ledger.lock_allocations(tx, allocated_orders)
    after = transferred(allocate(before, new, freed), given, gone)
    changes = stock_changes(new, before, after)
    changed = [a for line_id, a in after.items() if before.get(line_id) is not a]
    await ledger.store_allocations(tx, changed, before)
    reasons = {e.stock_key: why(e) for e in new}
    await change_stock(tx, changes, lambda key: reasons.get(key, otherwise))
    return numbers
