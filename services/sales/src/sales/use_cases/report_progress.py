"""The gateway learns how far tills' orders are, whichever act or event changed them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.transaction import Transaction
from sales.domain.channel.progress import Progress, progress_of, with_invoices
from sales.domain.channel.transactions import TillTransaction, snapshot
from sales.domain.orders.context import Sourcings
from sales.domain.orders.order import Order
from sales.domain.posting.documents import PostedInvoice
from sales.store import channel_acts, sourcings
from sales.store import orders as order_store

CHANNEL_TRANSACTION = KINDS["channel-transaction"]


def publish_transaction(tx: Transaction, after: TillTransaction, context: Context, *happened: str) -> None:
    """Publish for the gateway what became of its transaction."""
    tx.publish(CHANNEL_TRANSACTION, after.confirmation_no, snapshot(after, *happened), context)


async def report_orders(
    tx: Transaction,
    orders: Mapping[str, tuple[Order, Context]],
    supply: Sourcings,
    invoices: Sequence[PostedInvoice] = (),
) -> None:
    """Publish the progress of tills' orders that this transaction has locked and changed; by confirmation number."""

    def now(transaction: TillTransaction) -> Progress:
        order, _ = orders[transaction.confirmation_no]
        return progress_of(transaction.progress, transaction.payload, order, supply, invoices)

    await _report(tx, {no: context for no, (_, context) in orders.items()}, now)


async def report_invoices(tx: Transaction, invoices: Mapping[str, tuple[PostedInvoice, Context]]) -> None:
    """Publish what was credited of tills' invoices; by invoice number."""
    contexts = {each.confirmation_no: context for each, context in invoices.values() if each.confirmation_no}
    changed = [each for each, _ in invoices.values()]

    def now(transaction: TillTransaction) -> Progress:
        return with_invoices(transaction.progress, transaction.sales_order_no, changed)

    await _report(tx, contexts, now)


async def report_grants(tx: Transaction, contexts: Mapping[str, Context]) -> None:
    """Publish what was received for lines of tills' orders; by sales order number. The orders are not locked."""
    if not contexts:
        return
    orders = await order_store.read(tx, contexts)
    of_tills = {each.confirmation_no: contexts[no] for no, each in orders.items() if each.confirmation_no}
    if not of_tills:
        return
    await channel_acts.lock_confirmed(tx, of_tills)
    # What changes the progress of an order locks its transaction, so this second look sees the last state.
    found = await order_store.read(tx, [no for no, each in orders.items() if each.confirmation_no])
    supply = await sourcings.of_orders(tx, found)
    by_confirmation = {order.confirmation_no: (order, contexts[no]) for no, order in found.items()}
    await report_orders(tx, by_confirmation, supply)


async def _report(
    tx: Transaction, contexts: Mapping[str, Context], now: Callable[[TillTransaction], Progress]
) -> None:
    """Store and publish the progress where it is another than what was published last."""
    changed = []
    for no, kept in (await channel_acts.lock_confirmed(tx, contexts)).items():
        before = kept.transaction
        progress = now(before)
        if before.sales_order_no and progress != before.progress:
            after = replace(before, version=before.version + 1, progress=progress)
            changed.append(after)
            publish_transaction(tx, after, contexts[no])
    await channel_acts.store_details(tx, changed)
