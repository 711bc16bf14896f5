"""Orders that something has happened to get the payment instructions that they need (POS-72, POS-78)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.payment_instructions.instructing import (
    InstructionContext,
    decide_instructions,
    may_need_instructions,
)
from pos_gateway.store import payment_instructions
from pos_gateway.store.changing import LockedOrder


async def instruct_payments(tx: Transaction, changed: Iterable[LockedOrder]) -> None:
    """Make the missing instructions of orders under lock, as they are now.

    While sales is asked for an act, what it has shipped may be that act's own pick-up, which the till takes money for.
    So the order waits until the act is concluded or withdrawn. Most orders need no instruction and cost no statement.
    """
    due = [each for each in changed if not each.in_progress and may_need_instructions(each.order, each.stage)]
    issued = await payment_instructions.of_orders(tx, [each.order.confirmation_no for each in due])
    by_order = {
        no: list(found) for no, found in groupby(issued, key=lambda instruction: instruction.confirmation_no)
    }
    context = InstructionContext(new_id, tx.now)
    new = [
        instruction
        for each in due
        for instruction in decide_instructions(
            each.order, each.stage, by_order.get(each.order.confirmation_no, ()), context
        )
    ]
    await payment_instructions.add(tx, new)
