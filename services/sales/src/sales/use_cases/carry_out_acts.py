"""Acts of tills on their orders, by whichever way they come: each is taken in once and carried out once (POS-103)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import chain
from uuid import UUID

import msgspec
import structlog
from msgspec.structs import replace

from contracts.refusals import Refusal, conflict
from eventkit.transaction import Transaction
from sales.domain.channel.acts import (
    CANCEL,
    EDIT,
    WAITING,
    KeptAct,
    Numbers,
    carried_out,
    happened,
    numbered,
    refused,
    with_act,
    with_errors,
)
from sales.domain.channel.progress import NONE, Progress, progress_of, with_invoices
from sales.domain.channel.transactions import (
    DEFECT,
    SUCCEEDED,
    UNMADE_STATUSES,
    VOID,
    TillTransaction,
    retrying,
    voided,
    with_snapshot,
)
from sales.store import channel_acts, channel_transactions, order_locks
from sales.store.channel_transactions import KeptTransaction
from sales.use_cases.act_batches import ActBatch
from sales.use_cases.act_numbers import LeftNumbers
from sales.use_cases.happened_edits import HappenedEdits
from sales.use_cases.locked_acts import Locked, Sent, context_of_acts, lock_for_acts
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.make_till_orders import publish_transactions
from sales.use_cases.report_progress import publish_transaction

_log = structlog.get_logger(__name__)


class Carried(msgspec.Struct, frozen=True):
    """A transaction after acts on it, and why those were refused whose callers wait."""

    transaction: TillTransaction
    refusals: Mapping[UUID, Refusal]


async def carry_out_sent(tx: Transaction, sent: Sequence[Sent]) -> dict[UUID, Carried]:
    """Take the acts of these snapshots in and carry out what can be; transactions that are not known are absent.

    An act of an order that is not synchronized waits for it; a cancellation makes the transaction void.
    """
    locked = await lock_for_acts(tx, sent)
    todo: dict[UUID, list[Sent]] = {id_: [] for id_ in locked.kept}
    for each in sent:
        if each.order.transaction_id in todo:
            todo[each.order.transaction_id].append(each)
    return await _carry_out(tx, locked, todo)


async def carry_out_open(tx: Transaction, ids: Sequence[UUID]) -> int:
    """Try again what failed of synchronized transactions; how many of them have nothing open any more."""
    locked = await lock_for_acts(tx, (), ids)
    todo = {
        id_: [Sent(each.transaction.payload, each.context)]
        for id_, each in locked.kept.items()
        if each.transaction.status == SUCCEEDED and each.transaction.open_acts
    }
    done = await _carry_out(tx, locked, todo, again=True)
    return sum(1 for each in done.values() if not each.transaction.open_acts)


async def store_ended(
    tx: Transaction, ended: Sequence[TillTransaction], kept: Sequence[KeptTransaction]
) -> list[TillTransaction]:
    """Store and publish transactions after an attempt, and carry out what waited for orders that were made in it."""
    await channel_transactions.store(tx, ended)
    await channel_acts.store_details(tx, [each for each in ended if each.progress != NONE])
    publish_transactions(tx, ended, kept)
    todo = {each.transaction_id: each for each in ended if each.status == SUCCEEDED and each.open_acts}
    if not todo:
        return list(ended)
    orders = await order_locks.lock(tx, (each.sales_order_no for each in todo.values()))
    contexts = {each.transaction.transaction_id: each.context for each in kept}
    waited = {id_: KeptTransaction(each, contexts[id_]) for id_, each in todo.items()}
    again = {id_: [Sent(each.payload, contexts[id_])] for id_, each in todo.items()}
    done = await _carry_out(tx, Locked(orders=orders, kept=waited), again, again=True)
    return [done[x.transaction_id].transaction if x.transaction_id in done else x for x in ended]


async def _carry_out(
    tx: Transaction, locked: Locked, todo: Mapping[UUID, Sequence[Sent]], *, again: bool = False
) -> dict[UUID, Carried]:
    """Decide the acts of these snapshots one after the other, store what they made, and publish what became of them.

    `again`: what failed before is tried too.
    """
    if not todo:
        return {}
    context = await context_of_acts(tx, locked, todo)
    orders = LockedOrders(locked.orders.orders, locked.orders.sourcings, reports=False)
    acts = (act for snapshots in todo.values() for each in snapshots for act in each.order.acts)
    open_acts = [each for id_ in todo for each in locked.kept[id_].transaction.open_acts]
    left = await LeftNumbers.of(tx, chain(acts, (each.act for each in open_acts)))
    edits = await HappenedEdits.of(tx, orders, context, open_acts)
    batch = ActBatch(tx, orders, locked, context, left, edits)
    customers = await _customers_of_void(tx, locked, todo)
    decided: dict[UUID, Carried] = {}
    for id_, snapshots in todo.items():
        carried = Carried(locked.kept[id_].transaction, {})
        for each in snapshots:
            carried = _decide(batch, carried, each, customers, again=again)
        decided[id_] = carried
    numbers = await batch.store()
    done: dict[UUID, Carried] = {}
    stored: list[TillTransaction] = []
    for id_, carried in decided.items():
        before = locked.kept[id_].transaction
        after = before
        if carried.transaction != before:
            after = _ended(tx, carried.transaction, numbers, batch)
            stored.append(after)
            words = happened(before.acts, after.acts)
            publish_transaction(tx, after, todo[id_][-1].context, *words)
        done[id_] = Carried(after, carried.refusals)
    await channel_acts.store_details(tx, stored)
    return done


def _decide(
    batch: ActBatch, carried: Carried, sent: Sent, customers: Mapping[UUID, str], *, again: bool
) -> Carried:
    """Try what is new, in the order in which it happened. What a refused act brought is not kept."""
    before = carried.transaction
    current = with_snapshot(before, sent.order)
    for kept in current.open_acts:
        if kept.status != WAITING and not again:
            continue
        try:
            current = _tried(batch, current, kept, sent, customers)
        except Refusal as refusal:
            if kept.act_id == sent.asked:
                acts = tuple(each for each in current.acts if each.act_id != sent.asked)
                kept_as_it_was = replace(current, acts=acts, payload=before.payload)
                return Carried(kept_as_it_was, {**carried.refusals, kept.act_id: refusal})
            current = replace(current, acts=with_act(current.acts, refused(kept, refusal)))
        except Exception:
            if kept.act_id == sent.asked:
                raise
            _log.exception("an act failed on an internal error", act_id=str(kept.act_id))
            current = replace(current, acts=with_act(current.acts, with_errors(kept, (DEFECT,))))
    return Carried(current, carried.refusals)


def _tried(
    batch: ActBatch,
    transaction: TillTransaction,
    kept: KeptAct,
    sent: Sent,
    customers: Mapping[UUID, str],
) -> TillTransaction:
    """The transaction once the act is carried out, or as it was where the act waits. Raises the Refusal."""
    if kept.operation == EDIT and transaction.repaired:
        detail = f"the back office has repaired {transaction.confirmation_no}: it is changed there"
        raise conflict("order-repaired", detail)
    if transaction.is_made:
        has_happened = kept.act_id != sent.asked
        after = batch.decide(kept, transaction, sent.context, has_happened=has_happened)
        return replace(transaction, acts=with_act(transaction.acts, after))
    settles_void = transaction.status == VOID and kept.operation == CANCEL
    if transaction.status not in UNMADE_STATUSES and not settles_void:
        detail = f"transaction {transaction.confirmation_no} is {transaction.status}"
        raise conflict("transaction-not-open", detail)
    if kept.operation == CANCEL:
        batch.give_up(kept.act, transaction, _customer_no(transaction, customers), sent.context)
        return voided(_with_done(transaction, kept))
    # An edit is in the payload already; what else happens to the order waits for it.
    return _with_done(transaction, kept) if kept.operation == EDIT else transaction


def _with_done(transaction: TillTransaction, kept: KeptAct) -> TillTransaction:
    return replace(transaction, acts=with_act(transaction.acts, carried_out(kept)))


def _ended(
    tx: Transaction, transaction: TillTransaction, numbers: Mapping[UUID, Numbers], batch: ActBatch
) -> TillTransaction:
    """The transaction with the numbers of what its acts made, and how far its order is."""
    after = replace(
        transaction,
        version=transaction.version + 1,
        acts=tuple(
            numbered(each, numbers[each.act_id]) if each.act_id in numbers else each
            for each in transaction.acts
        ),
    )
    if not after.is_made:
        return after
    jitter = random.random()  # noqa: S311 - no secret
    return retrying(replace(after, progress=_progress(after, batch)), tx.now, jitter)


def _progress(transaction: TillTransaction, batch: ActBatch) -> Progress:
    order = batch.orders.by_no.get(transaction.sales_order_no)
    invoices = [*batch.made, *batch.invoices.values()]
    if order is None:
        return with_invoices(transaction.progress, transaction.sales_order_no, invoices)
    return progress_of(transaction.progress, transaction.payload, order, batch.orders.sourcings, invoices)


def _customer_no(transaction: TillTransaction, customers: Mapping[UUID, str]) -> str:
    till = transaction.payload
    if till.customer_no or till.new_customer is None:
        return till.customer_no
    return customers.get(till.new_customer.id, "")


async def _customers_of_void(
    tx: Transaction, locked: Locked, todo: Mapping[UUID, Sequence[Sent]]
) -> dict[UUID, str]:
    """The numbers of customers made at tills whose orders may be cancelled before they are made."""
    payloads = (
        each.transaction.payload
        for id_, each in locked.kept.items()
        if id_ in todo and each.transaction.status in UNMADE_STATUSES
    )
    ids = [each.new_customer.id for each in payloads if each.new_customer and not each.customer_no]
    return await channel_transactions.customers(tx, ids)
