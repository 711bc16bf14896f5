"""The synchronous path of a till's order: the sales order exists when the till gets its answer (POS-109)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.channel import ChannelOrder
from contracts.refusals import Refusal, conflict
from eventkit.context import Context
from eventkit.transaction import Transaction
from recordkit import series
from recordkit.commands import Command, Done
from sales.domain.channel.transactions import OPEN_STATUSES, SUCCEEDED, snapshot, succeeded
from sales.store import channel_transactions
from sales.store.channel_transactions import KeptTransaction
from sales.use_cases.carry_out_acts import store_ended
from sales.use_cases.make_till_orders import Attempt, make_orders
from sales.use_cases.report_progress import CHANNEL_TRANSACTION


async def submit_transactions(
    tx: Transaction, commands: Sequence[Command[ChannelOrder]]
) -> list[Done | Refusal]:
    """Make the sales orders of till transactions now, or refuse them whole.

    The back-up path may bring the same transaction: both insert the same row first, so one order is made, and the
    later one is answered with it. A refused transaction that came only this way leaves nothing behind.
    A defect of the program is raised as it is: nothing of the batch is stored, and its caller gets an internal error.
    """
    wanted: dict[UUID, tuple[ChannelOrder, Context]] = {
        c.data.transaction_id: (c.data, c.context) for c in commands
    }
    new, kept = await channel_transactions.claim_locked(tx, wanted)
    todo = [each for each in kept.values() if each.transaction.status in OPEN_STATUSES]
    attempt = await make_orders(tx, todo)
    for defect in attempt.defects.values():
        raise defect
    ended = [
        succeeded(each.transaction, made, tx.now)
        for each in todo
        if (made := attempt.made.get(each.transaction.transaction_id))
    ]
    ended = await store_ended(tx, ended, todo)
    # A refused transaction that only this request brought is removed: the till may correct it and send it again.
    await channel_transactions.forget(tx, [id_ for id_ in new if id_ not in attempt.made])
    done = {after.transaction_id: KeptTransaction(after, wanted[after.transaction_id][1]) for after in ended}
    missing = [wanted[id_][0] for id_ in wanted if id_ not in kept]
    others = await channel_transactions.others_of_identity(tx, missing) if missing else {}
    return [_result(c.data.transaction_id, kept | done, attempt, others) for c in commands]


def _result(
    id_: UUID, now: dict[UUID, KeptTransaction], attempt: Attempt, others: dict[UUID, str]
) -> Done | Refusal:
    if id_ in attempt.refused:
        return attempt.refused[id_]
    kept = now.get(id_)
    if kept is None:
        other = others.get(id_, "")
        detail = f"the transaction's identity belongs to order {other}"
        return conflict("duplicate-transaction", detail, confirmation_no=other)
    transaction = kept.transaction
    if transaction.status in OPEN_STATUSES:
        return series.exhausted(attempt.unnumbered[id_])
    if transaction.status != SUCCEEDED:
        detail = f"transaction {transaction.confirmation_no} is {transaction.status}"
        return conflict("transaction-not-open", detail)
    event = snapshot(transaction)
    return Done(CHANNEL_TRANSACTION.name, event.confirmation_no, event.version, created=True, answer=event)
