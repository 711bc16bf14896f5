"""Tills and payment services say what became of payment instructions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.refusals import Refusal, not_found
from contracts.topics import KINDS
from domainkit.auditing import differences
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.payment_instructions.commands import ConfirmInstruction
from pos_gateway.domain.payment_instructions.confirming import capture_outcome, decide_confirmation
from pos_gateway.domain.payment_instructions.instructing import InstructionContext
from pos_gateway.domain.payment_instructions.instruction import CAPTURE, PaymentInstruction
from pos_gateway.store import changing, payment_instructions
from pos_gateway.use_cases.instruct_payments import instruct_payments
from recordkit.commands import Command, Done, decide_each

KIND: Final = "payment-instruction"
CAPTURE_OUTCOME: Final = KINDS["capture-outcome"]


async def confirm_payment_instructions(
    tx: Transaction, commands: Sequence[Command[ConfirmInstruction]]
) -> list[Done | Refusal]:
    """Note outcomes; a card that was declined once is tried again, and what was taken counts for its order.

    Sales learns of every attempt to take money.
    """
    orders = await payment_instructions.orders_of(tx, [c.data.id for c in commands])
    locked = await changing.lock(tx, orders.values())
    known = {each.id: each for each in await payment_instructions.of_orders(tx, sorted(locked))}
    context = InstructionContext(new_id, tx.now)
    confirmed: dict[str, PaymentInstruction] = {}
    again: list[PaymentInstruction] = []
    changed: set[str] = set()

    def decide(command: Command[ConfirmInstruction]) -> Done:
        data, no = command.data, str(command.data.id)
        instruction = known.get(data.id)
        if instruction is None or data.store_no not in {None, instruction.store_no}:
            raise not_found(KIND, no)
        order = locked[instruction.confirmation_no]
        outcome = decide_confirmation(instruction, order.order, data.confirmation, context)
        if outcome is None:
            return Done(KIND, no, answer=instruction)
        known[data.id] = confirmed[no] = outcome.instruction
        if outcome.order is not order.order:
            order.order = outcome.order
            changed.add(instruction.confirmation_no)
        if outcome.again is not None:
            again.append(outcome.again)
        changes, by = differences(instruction, outcome.instruction), command.context.by
        if outcome.instruction.kind == CAPTURE:
            said = capture_outcome(outcome.instruction, order.order, order.stage)
            tx.publish(CAPTURE_OUTCOME, no, said, command.context)
        tx.audit.add(KIND, no, 1, happened=(outcome.instruction.status,), by=by, changes=changes)
        return Done(KIND, no, answer=outcome.instruction)

    results = decide_each(commands, decide)
    await payment_instructions.confirm(tx, list(confirmed.values()))
    await payment_instructions.add(tx, again)
    await changing.save_orders(tx, [locked[no] for no in sorted(changed)])
    # What a card has failed to pay is asked of the next one.
    await instruct_payments(tx, [locked[no] for no in sorted(changed)])
    return results
