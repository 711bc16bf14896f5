"""Stock rows change in one way, no matter what moves them: locked, stored and published together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from eventkit.context import Context
from eventkit.transaction import Transaction
from planning.domain.stock.ledger import StockKey
from planning.domain.stock.levels import moved
from planning.store import ledger
from planning.use_cases.publishing import publish_stock

StockChanges = Mapping[StockKey, tuple[Decimal, ...]]
"""By item and location: the changes of stock, of what is allocated and of what is reserved; what is left out stays."""


async def change_stock(tx: Transaction, changes: StockChanges, why: Callable[[StockKey], Context]) -> None:
    """Apply changes under the lock of the rows, and publish the levels; `why` gives the reason of each.

    Called last: every order that moves an item needs the same row, so it is locked for as short as possible.
    """
    if not changes:
        return
    levels = await ledger.lock_stock(tx, changes)
    after = [moved(levels[key], *change) for key, change in changes.items()]
    await ledger.store_stock(tx, after)
    for level in after:
        publish_stock(tx, level, why((level.item_no, level.location_code)))
