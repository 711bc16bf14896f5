"""The last step of an act that sales was asked for: conclude it, or withdraw it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.acting import concluded
from pos_gateway.domain.acts.commands import ConcludeAct, WithdrawAct
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.orders.stages import status_by_quantities
from pos_gateway.store import acts, changing, orders
from pos_gateway.store.acts import StoredAct
from pos_gateway.store.changing import LockedOrder
from pos_gateway.store.orders import Stored
from pos_gateway.use_cases.create_orders import KIND
from pos_gateway.use_cases.follow_channel_transactions import follow_one, number_customers
from pos_gateway.use_cases.instruct_payments import instruct_payments
from recordkit.commands import Command, Done

SUBMITTING: Final = "submitting"


class ActedOrder(msgspec.Struct, frozen=True):
    """An order as the till is answered that acted on it: as it is after the act."""

    order: CustomerOrder
    stage: Stage
    act: TillAct


async def conclude_acts(tx: Transaction, commands: Sequence[Command[ConcludeAct]]) -> list[Done | Refusal]:
    """Orders become what their acts make of them; one that is concluded already stays as it is.

    The orders are read again together at the end: their times are the database's.
    """
    locked = await changing.lock(tx, [c.data.confirmation_no for c in commands])
    stored = await acts.by_id(tx, [c.data.act_id for c in commands])
    ended: list[StoredAct] = []
    for command in commands:
        act, said = stored.get(command.data.act_id), command.data.transaction
        if act is None or act.status != SUBMITTING or said is None:
            continue
        ended.append(act)
        order = locked[command.data.confirmation_no]
        _take_effect(order, act)
        follow_one(tx, order, said)
        order.stage = replace(
            order.stage, status=status_by_quantities(order.order, order.stage, order.stage.status)
        )
    changed = {act.confirmation_no: locked[act.confirmation_no] for act in ended}
    await acts.conclude(tx, [act.act.act_id for act in ended])
    await changing.save_orders(tx, list(changed.values()))
    await instruct_payments(tx, changed.values())
    said_of = [c.data.transaction for c in commands if c.data.transaction is not None]
    await number_customers(tx, {no: order.till_customer for no, order in changed.items()}, said_of)
    kept = await orders.by_number(tx, locked)
    return [_done(kept[c.data.confirmation_no], stored.get(c.data.act_id)) for c in commands]


def _done(now: Stored, act: StoredAct | None) -> Done:
    answer = ActedOrder(now.order, now.stage, act.act) if act is not None else None
    return Done(KIND, now.order.confirmation_no, now.order.version, answer=answer)


def _take_effect(locked: LockedOrder, act: StoredAct) -> None:
    if act.after is not None:
        locked.order = concluded(act.after, locked.order)
    locked.acted, locked.in_progress = True, False
    locked.stage = replace(locked.stage, status=act.ends_as or locked.stage.status)


async def withdraw_acts(tx: Transaction, commands: Sequence[Command[WithdrawAct]]) -> list[Done | Refusal]:
    """Remove acts that sales refused or never got; `answer` is False where another attempt keeps the act.

    What sales has reported of their orders in between may need payment instructions now.
    """
    # The order first, then its act, as everywhere: two that lock them the other way round would wait for each other.
    asked = await acts.by_id(tx, [c.data.act_id for c in commands])
    locked = await changing.lock(tx, [act.confirmation_no for act in asked.values()])
    gone = await acts.withdraw(tx, {c.data.act_id: c.data.attempt for c in commands})
    free = [locked[asked[act_id].confirmation_no] for act_id in gone]
    for order in free:
        order.in_progress = False
    await instruct_payments(tx, free)
    return [Done("till-act", str(c.data.act_id), answer=c.data.act_id in gone) for c in commands]
