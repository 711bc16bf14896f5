"""The synchronous path of a till's order: the sales order exists when the till gets its answer (POS-109)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.pos import ChannelOrder
from contracts.refusals import Refusal, conflict
from eventkit.context import Context
from eventkit.transaction import Transaction as Tx
from recordkit.commands import Command, Done
from sales.domain import channel as rules
from sales.store import channel, series
from sales.store.channel import Kept
from sales.use_cases.order_makers import make_orders
from sales.use_cases.synchronize_orders import publish_transactions

OPEN_STATUSES = frozenset({rules.PULLED, rules.FAILED, rules.DEAD})


async def submit_transactions(tx: Tx, commands: Sequence[Command[ChannelOrder]]) -> list[Done | Refusal]:
    """Make the sales orders of till transactions now, or refuse them whole.

    The back-up path may bring the same transaction: both insert the same row first, so one order is made, and
    whoever comes second is answered with it. A refused transaction that came only this way leaves nothing behind.
    """
    wanted: dict[UUID, tuple[ChannelOrder, Context]] = {
        c.data.transaction_id: (c.data, c.context) for c in commands
    }
    new = await channel.claim(tx, wanted)
    kept = await channel.lock(tx, wanted)
    todo = [each for each in kept.values() if each.transaction.status in OPEN_STATUSES]
    attempt = await make_orders(tx, todo)
    ended = [
        rules.succeeded(each.transaction, order.no, order.customer_no, tx.now)
        for each in todo
        if (order := attempt.made.get(each.transaction.transaction_id))
    ]
    await channel.store(tx, ended)
    publish_transactions(tx, ended, todo)
    await channel.forget(tx, [id_ for id_ in new if id_ not in attempt.made])
    now = {**kept, **{after.transaction_id: Kept(after, wanted[after.transaction_id][1]) for after in ended}}
    missing = [wanted[id_][0] for id_ in wanted if id_ not in kept]
    others = await channel.others_of_identity(tx, missing) if missing else {}
    return [_answered(c.data.transaction_id, now, attempt.refused, others) for c in commands]


def _answered(
    id_: UUID, now: dict[UUID, Kept], refused: dict[UUID, Refusal], others: dict[UUID, str]
) -> Done | Refusal:
    if id_ in refused:
        return refused[id_]
    kept = now.get(id_)
    if kept is None:
        return conflict(
            "duplicate-transaction",
            f"the transaction's identity belongs to order {others.get(id_, '')}",
            confirmation_no=others.get(id_, ""),
        )
    known = kept.transaction
    if known.status in OPEN_STATUSES:
        return series.exhausted(series.SALES_ORDER)
    if known.status != rules.SUCCEEDED:
        detail = f"transaction {known.payload.confirmation_no} is {known.status}"
        return conflict("transaction-not-open", detail)
    answer = rules.snapshot(known)
    return Done("channel-transaction", known.payload.confirmation_no, known.version, answer=answer)
