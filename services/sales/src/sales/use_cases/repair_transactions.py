"""Repair transactions of tills: a validated change of the payload, hold, release, resubmission, void."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from contracts.refusals import Refusal, not_found
from eventkit.errors import OvertakenError
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain.channel.repairing import (
    ActOnTransaction,
    RepairTransaction,
    given_up,
    held,
    released,
    repaired,
    resubmitted,
)
from sales.domain.channel.transactions import TillTransaction
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import OPEN
from sales.domain.orders.releasing import release
from sales.store import channel_acts, channel_transactions, order_locks
from sales.use_cases.locked_orders import LockedOrders, load_context
from sales.use_cases.make_till_orders import check_payload
from sales.use_cases.report_progress import CHANNEL_TRANSACTION, publish_transaction

T = TypeVar("T", RepairTransaction, ActOnTransaction)


async def repair_transactions(
    tx: Transaction, commands: Sequence[Command[RepairTransaction]]
) -> list[Done | Refusal]:
    """Change payloads; one that no order could be made of is refused with everything that is wrong (POS-101).

    The row's lock keeps a running synchronization and a repair apart: whichever is later sees the other's outcome.
    """

    async def decide(transaction: TillTransaction, command: Command[RepairTransaction]) -> TillTransaction:
        after = repaired(transaction, command.data.repair.payload, tx.now, command.context.by)
        await check_payload(tx, after)
        return after

    return await _each(tx, commands, decide)


async def hold_transactions(
    tx: Transaction, commands: Sequence[Command[ActOnTransaction]]
) -> list[Done | Refusal]:
    """Hold transactions: no run takes them."""

    async def decide(transaction: TillTransaction, command: Command[ActOnTransaction]) -> TillTransaction:
        return held(transaction, command.data.hold_code)

    return await _each(tx, commands, decide)


async def void_transactions(
    tx: Transaction, commands: Sequence[Command[ActOnTransaction]]
) -> list[Done | Refusal]:
    """Give transactions up: no order is ever made of them (POS-95)."""

    async def decide(transaction: TillTransaction, _: Command[ActOnTransaction]) -> TillTransaction:
        return given_up(transaction)

    return await _each(tx, commands, decide)


async def resubmit_transactions(
    tx: Transaction, commands: Sequence[Command[ActOnTransaction]]
) -> list[Done | Refusal]:
    """Try transactions again from the first attempt on, or the failed acts of those that have their order."""

    async def decide(transaction: TillTransaction, _: Command[ActOnTransaction]) -> TillTransaction:
        return resubmitted(transaction, tx.now)

    return await _each(tx, commands, decide)


async def release_transactions(
    tx: Transaction, commands: Sequence[Command[ActOnTransaction]]
) -> list[Done | Refusal]:
    """Release held transactions: they wait for synchronization again, or their repaired order is released (POS-102).

    Decided again (OvertakenError) where the order was made while this waited for the transaction.
    """
    # Orders are locked before transactions, as in all other acts on orders.
    found = await channel_acts.read(tx, [command.data.id for command in commands])
    rows = await order_locks.lock(tx, [x.sales_order_no for x in found.values() if x.sales_order_no])
    context: OrderContext = await load_context(tx, rows, (), None)
    orders = LockedOrders(rows.orders, rows.sourcings, reports=False)

    async def decide(transaction: TillTransaction, command: Command[ActOnTransaction]) -> TillTransaction:
        known = found.get(transaction.transaction_id)
        if known is None or known.sales_order_no != transaction.sales_order_no:
            raise OvertakenError(f"the order of {transaction.confirmation_no} was made in between")
        after = released(transaction, tx.now)
        order = orders.by_no.get(transaction.sales_order_no)
        if order is not None and order.status == OPEN:
            orders.put(release(order, context.references).order, command.context, "released")
        return after

    results = await _each(tx, commands, decide)
    await orders.store(tx)
    return results


async def _each(
    tx: Transaction, commands: Sequence[Command[T]], decide: Callable[..., Awaitable[TillTransaction]]
) -> list[Done | Refusal]:
    """Decide one after the other on locked transactions, store and publish."""
    locked = await channel_transactions.lock(tx, [command.data.id for command in commands])
    current = {id_: each.transaction for id_, each in locked.items()}
    results: list[Done | Refusal] = []
    for command in commands:
        id_ = command.data.id
        try:
            before = _found(current, command)
            after = await decide(before, command)
        except Refusal as refusal:
            results.append(refusal)
            continue
        current[id_] = after
        if after != before:
            publish_transaction(tx, after, command.context, after.status)
        results.append(Done(CHANNEL_TRANSACTION.name, after.confirmation_no, after.version))
    changed = [after for id_, after in current.items() if after != locked[id_].transaction]
    await channel_acts.store_details(tx, changed)
    return results


def _found(current: dict[UUID, TillTransaction], command: Command[Any]) -> TillTransaction:
    transaction = current.get(command.data.id)
    if transaction is None:
        raise not_found("channel-transaction", str(command.data.id))
    command.check_version(transaction.confirmation_no, transaction.version)
    return transaction
