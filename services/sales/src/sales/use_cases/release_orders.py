"""Release orders, which starts procurement, and reopen them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from contracts.refusals import Refusal
from domainkit.references import ReferenceData, ReferenceQuery
from domainkit.structs import extended
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, Notice, decide_each
from sales.domain.orders.commands import ReleaseOrder, ReopenOrder
from sales.domain.orders.release_preview import PurchasePlan, need_vendors_terms, purchase_plan
from sales.domain.orders.releasing import Release, release, reopen, vendor_required
from sales.domain.references import need_setups
from sales.store.references import load
from sales.use_cases.locked_orders import ChangedOrders, lock_orders, need_order
from sales.use_cases.warn_of_stock_outs import warn_of_stock_outs


class ReleasePreview(PurchasePlan, frozen=True, kw_only=True):
    """What a release would make planning buy, and what does not stop it but should be known."""

    sales_order_no: str
    warnings: tuple[Notice, ...]


async def release_orders(tx: Transaction, commands: Sequence[Command[ReleaseOrder]]) -> list[Done | Refusal]:
    """Release orders; an order that is released already stays as it is. A preview is rolled back by its caller."""
    orders = await lock_orders(tx, commands)
    vendors = await _vendors_terms(tx, commands, orders)

    def decide(command: Command[ReleaseOrder]) -> Done:
        before = orders.addressed(command)
        decided = release(before, orders.context.references)
        warnings = _warnings(decided)
        done = orders.keep(decided.order, command.context, "released")
        if not command.data.preview:
            return replace(done, warnings=warnings)
        plan = purchase_plan(before, decided, vendors)
        preview = extended(ReleasePreview, plan, sales_order_no=done.no, warnings=warnings)
        return replace(done, answer=preview)

    results = decide_each(commands, decide)
    await orders.store(tx)
    lines = [
        orders.by_no[result.no].lines if isinstance(result, Done) and not command.data.preview else ()
        for command, result in zip(commands, results, strict=True)
    ]
    return await warn_of_stock_outs(tx, results, lines, orders.context.reserved)


async def _vendors_terms(
    tx: Transaction, commands: Sequence[Command[ReleaseOrder]], orders: ChangedOrders
) -> ReferenceData:
    """What previews look up besides the orders' own: the terms of the vendors, whom only their items name."""
    previewed = [
        order
        for command in commands
        if command.data.preview and (order := orders.by_no.get(command.data.no)) is not None
    ]
    if not previewed:
        return orders.context.references
    query = ReferenceQuery()
    need_setups(query)
    for order in previewed:
        need_order(query, order)
        need_vendors_terms(query, order, orders.context.references)
    return await load(tx, query)


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
