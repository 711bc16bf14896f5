"""The synchronous path of a till's act: sales has carried it out, or refused it, when the till gets its answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from contracts.channel import ChannelOrder
from contracts.refusals import Refusal, invalid, not_found
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain.channel.transactions import TillTransaction, snapshot
from sales.store import channel_acts
from sales.use_cases.carry_out_acts import Carried, carry_out_sent
from sales.use_cases.locked_acts import Sent
from sales.use_cases.report_progress import CHANNEL_TRANSACTION


class SubmitAct(msgspec.Struct, frozen=True):
    """The newest act of an order, in the order's snapshot."""

    transaction_id: UUID
    order: ChannelOrder


async def submit_acts(tx: Transaction, commands: Sequence[Command[SubmitAct]]) -> list[Done | Refusal]:
    """Carry out the last act of each snapshot, and what came before it and is not known yet.

    An act that is refused leaves nothing behind; one that is known already is answered with what became of it.
    """
    malformed = [c.data.transaction_id for c in commands if _why_malformed(c.data) is not None]
    sent = [
        Sent(c.data.order, c.context, c.data.order.acts[-1].act_id)
        for c in commands
        if _why_malformed(c.data) is None
    ]
    carried = await carry_out_sent(tx, sent) if sent else {}
    known = carried.keys() | (await channel_acts.read(tx, malformed)).keys() if malformed else carried.keys()
    return [_result(command.data, carried, known) for command in commands]


def _why_malformed(data: SubmitAct) -> Refusal | None:
    if not data.order.acts:
        return invalid("act-required", "the order carries no act", pointer="/acts")
    if data.order.transaction_id != data.transaction_id:
        detail = "the order is of another transaction than the path names"
        return invalid("transaction-mismatch", detail, pointer="/transaction_id")
    return None


def _result(data: SubmitAct, carried: Mapping[UUID, Carried], known: Collection[UUID]) -> Done | Refusal:
    if data.transaction_id not in known:
        return not_found("channel-transaction", str(data.transaction_id))
    malformed = _why_malformed(data)
    if malformed is not None:
        return malformed
    done = carried[data.transaction_id]
    return done.refusals.get(data.order.acts[-1].act_id) or _answer(done.transaction)


def _answer(transaction: TillTransaction) -> Done:
    event = snapshot(transaction)
    return Done(CHANNEL_TRANSACTION.name, event.confirmation_no, event.version, answer=event)
