"""Orders, and the customers made with them, follow what sales makes of their transactions (POS-105)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.channel import ChannelTransaction
from eventkit.consumer import Batch
from eventkit.transaction import Transaction
from pos_gateway.domain.orders.stages import stage_after
from pos_gateway.store import acts, changing, stages, till_customers
from pos_gateway.store.changing import LockedOrder
from pos_gateway.use_cases.instruct_payments import instruct_payments


async def follow_channel_transactions(tx: Transaction, batch: Batch[ChannelTransaction]) -> None:
    """Apply what sales published. An order that is not here (any more) has nothing to follow."""
    await follow(tx, [change.new for change in batch])


async def follow(tx: Transaction, transactions: Sequence[ChannelTransaction]) -> None:
    """Apply what sales says of transactions, by event or by the answer to a request.

    Most are plain: nothing is known of their lines and acts, and they go on. They follow in one statement.
    """
    if len(transactions) > 1:  # a single order is locked by the statement that changes it
        await changing.hold(tx, [t.confirmation_no for t in transactions])
    plain = [t for t in transactions if not (t.lines or t.invoices or t.acts or t.status == "void")]
    moved = await stages.follow(tx, plain) if plain else {}
    followed = {(t.confirmation_no, t.version) for t in plain if t.confirmation_no in moved}
    others = [t for t in transactions if (t.confirmation_no, t.version) not in followed]
    if others:
        moved |= await _follow_closely(tx, others)
    await number_customers(tx, moved, transactions)


async def _follow_closely(
    tx: Transaction, transactions: Sequence[ChannelTransaction]
) -> dict[str, UUID | None]:
    locked = await changing.lock_older(tx, transactions)
    for transaction in transactions:
        if (order := locked.get(transaction.confirmation_no)) is not None:
            follow_one(tx, order, transaction)
    await changing.save_stages(tx, list(locked.values()))
    await acts.follow(
        tx, [outcome for t in transactions if t.confirmation_no in locked for outcome in t.acts]
    )
    await instruct_payments(tx, locked.values())
    return {no: order.till_customer for no, order in locked.items()}


def follow_one(tx: Transaction, locked: LockedOrder, said: ChannelTransaction) -> None:
    """What sales says of an order under lock; an older word than the one known changes nothing."""
    if said.version > locked.sales_version and said.transaction_id == locked.order.transaction_id:
        locked.sales_version = said.version
        locked.stage = stage_after(locked.order, locked.stage, said, tx.now)


async def number_customers(
    tx: Transaction, moved: Mapping[str, UUID | None], transactions: Sequence[ChannelTransaction]
) -> None:
    """Customers made at tills get the numbers that sales gave them."""
    numbers = {
        customer: t.customer_no
        for t in transactions
        if t.customer_no and (customer := moved.get(t.confirmation_no)) is not None
    }
    await till_customers.set_numbers(tx, numbers)
