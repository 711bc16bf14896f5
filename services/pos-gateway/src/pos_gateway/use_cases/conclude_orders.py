"""The last step of an order that is submitted while the till waits: conclude it, or withdraw it."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from pos_gateway.domain.orders.commands import ConcludeOrder, WithdrawOrder
from pos_gateway.store import stages
from pos_gateway.use_cases.create_orders import KIND
from pos_gateway.use_cases.follow_channel_transactions import follow
from recordkit.commands import Command, Done


async def conclude_orders(
    tx: Transaction, commands: Sequence[Command[ConcludeOrder]]
) -> list[Done | Refusal]:
    """Store what sales answered; the order itself is answered as it is then."""
    await follow(tx, [c.data.transaction for c in commands if c.data.transaction is not None])
    return [Done(KIND, c.data.confirmation_no, c.data.version) for c in commands]


async def withdraw_orders(
    tx: Transaction, commands: Sequence[Command[WithdrawOrder]]
) -> list[Done | Refusal]:
    """Remove orders that sales refused or never got; `answer` is False where another attempt keeps the order."""
    gone = await stages.withdraw(tx, {c.data.confirmation_no: c.data.attempt for c in commands})
    return [Done(KIND, c.data.confirmation_no, answer=c.data.confirmation_no in gone) for c in commands]
