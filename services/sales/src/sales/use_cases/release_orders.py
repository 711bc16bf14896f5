"""Release orders, which starts procurement, and reopen them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, Notice, decide_each
from sales.domain.orders.commands import ReleaseOrder, ReopenOrder
from sales.domain.orders.releasing import PlannedPurchase, Release, release, reopen, vendor_required
from sales.use_cases.locked_orders import lock_orders


class ReleasePreview(msgspec.Struct, frozen=True, kw_only=True):
    """What a release would make planning buy, and what does not stop it but should be known."""

    sales_order_no: str
    purchases: tuple[PlannedPurchase, ...]
    warnings: tuple[Notice, ...]


async def release_orders(tx: Transaction, commands: Sequence[Command[ReleaseOrder]]) -> list[Done | Refusal]:
    """Release orders; an order that is released already stays as it is. A preview is rolled back by its caller."""
    orders = await lock_orders(tx, commands)

    def decide(command: Command[ReleaseOrder]) -> Done:
        decided = release(orders.addressed(command), orders.context.references)
        warnings = _warnings(decided)
        done = orders.keep(decided.order, command.context, "released")
        if not command.data.preview:
            return replace(done, warnings=warnings)
        preview = ReleasePreview(sales_order_no=done.no, purchases=decided.purchases, warnings=warnings)
        return replace(done, answer=preview)

    results = decide_each(commands, decide)
    await orders.store(tx)
    return results


def _warnings(decided: Release) -> tuple[Notice, ...]:
    missing = decided.without_vendor
    return tuple(Notice("vendor-required", vendor_required(line), line.line_no) for line in missing)


async def reopen_orders(tx: Transaction, commands: Sequence[Command[ReopenOrder]]) -> list[Done | Refusal]:
    """Open orders for edits again; the demand of their lines stands."""
    orders = await lock_orders(tx, commands)

    def decide(command: Command[ReopenOrder]) -> Done:
        return orders.keep(reopen(orders.addressed(command)), command.context, "reopened")

    results = decide_each(commands, decide)
    await orders.store(tx)
    return results
