"""End links of sales lines, also of lines that nothing was bought for: then nothing buys them late."""

from __future__ import annotations

from collections.abc import Sequence

from eventkit.errors import OvertakenError
from eventkit.transaction import Transaction
from purchasing.domain.links import LinkRow
from purchasing.store import links


async def end_links(tx: Transaction, ended: Sequence[LinkRow], fences: Sequence[LinkRow]) -> None:
    """End the links of given up purchases; a line without one gets an ended link (`fences`).

    Raises OvertakenError if such a line was linked in between: the batch is decided again, and then sees the purchase.
    """
    await links.end(tx, ended)
    won = await links.claim(tx, fences)
    states = await links.states(tx, {row.sales_line_id for row in fences} - won)
    linked = sorted(state.active_order_no for state in states.values() if state.active_order_no)
    if linked:
        raise OvertakenError(f"lines without a purchase were linked to {', '.join(linked)}")
    await links.end(tx, [row for row in fences if row.sales_line_id in won])
