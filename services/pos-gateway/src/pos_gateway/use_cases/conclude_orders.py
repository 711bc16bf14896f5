"""The last step of an order that is submitted while the till waits: conclude it, or withdraw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from pos_gateway.domain.orders.availability import Shortage
from pos_gateway.domain.orders.commands import ConcludeOrder, WithdrawOrder
from pos_gateway.store import orders, stages
from pos_gateway.store.orders import Stored
from pos_gateway.use_cases.create_orders import KIND, TakenOrder
from pos_gateway.use_cases.finding_shortages import shortages_by_order
from pos_gateway.use_cases.follow_channel_transactions import follow
from recordkit.commands import Command, Done


async def conclude_orders(
    tx: Transaction, commands: Sequence[Command[ConcludeOrder]]
) -> list[Done | Refusal]:
    """Store what sales answered; the order is answered as it is then, all of a batch read together."""
    await follow(tx, [c.data.transaction for c in commands if c.data.transaction is not None])
    kept = await orders.by_number(tx, (c.data.confirmation_no for c in commands))
    short = await shortages_by_order(tx, [stored.order for stored in kept.values()], tx.now)
    return [_concluded(c.data, kept.get(c.data.confirmation_no), short) for c in commands]


def _concluded(
    conclude: ConcludeOrder, stored: Stored | None, short: Mapping[str, Mapping[int, Shortage]]
) -> Done:
    no = conclude.confirmation_no
    if stored is None:
        return Done(KIND, no, conclude.version)
    return Done(KIND, no, stored.order.version, answer=TakenOrder(stored.order, stored.stage, short[no]))


async def withdraw_orders(
    tx: Transaction, commands: Sequence[Command[WithdrawOrder]]
) -> list[Done | Refusal]:
    """Remove orders that sales refused or never got; `answer` is False where another attempt keeps the order."""
    gone = await stages.withdraw(tx, {c.data.confirmation_no: c.data.attempt for c in commands})
    return [Done(KIND, c.data.confirmation_no, answer=c.data.confirmation_no in gone) for c in commands]
