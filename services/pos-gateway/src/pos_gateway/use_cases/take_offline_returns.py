"""Take returns that tills carried out while they were offline, and bring them to sales as soon as that is possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from contracts.pos import TransactionIdentity
from contracts.refusals import Refusal, not_found
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.commands import FailReturn, TakeOfflineReturn
from pos_gateway.domain.acts.offline_returns import (
    FAILED,
    SUBMITTING,
    WAITING,
    failed,
    failed_alone,
    first_kept,
    return_of,
)
from pos_gateway.domain.acts.returning import RETURN
from pos_gateway.domain.orders.context import offline_settings
from pos_gateway.domain.orders.sameness import content_of
from pos_gateway.domain.terminals.sessions import TillSession
from pos_gateway.store import acts, changing
from pos_gateway.store.acts import NewActRecord
from pos_gateway.store.configuration import Configurations
from pos_gateway.use_cases.create_orders import KIND
from pos_gateway.use_cases.deciding_returns import (
    GivenReturns,
    context_of_return,
    decide_return,
    read_given,
    record_of,
    store_orders,
)
from pos_gateway.use_cases.instruct_payments import instruct_payments
from pos_gateway.use_cases.known_identities import KnownIdentities, known_identities
from recordkit.commands import Command, Done

_Place = tuple[TransactionIdentity, str]
"""Of a return beside another transaction: the identity, and the content."""


class TakenReturn(msgspec.Struct, frozen=True):
    """What became of a return in a batch."""

    status: Literal["created", "duplicate", "failed", "conflict"]
    act: TillAct


class OfflineReturns:
    """The use cases of returns that were taken offline."""

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations

    async def take(
        self, tx: Transaction, commands: Sequence[Command[TakeOfflineReturn]]
    ) -> list[TakenReturn | Refusal]:
        """Keep each return once, and decide it if that is possible now."""
        if not commands:
            return []
        given = await read_given(tx, self._configurations, [c.data.taken for c in commands])
        identities = {c.data.taken.transaction for c in commands}
        known = await known_identities(tx, identities)
        kept = _KeptReturns(given, known, await acts.beside(tx, identities))
        results = [kept.take(command.data) for command in commands]
        await acts.insert(tx, kept.new, tx.now)
        await store_orders(tx, kept.new, given)
        return results

    async def decide_waiting(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Decide returns that waited; what cannot be decided yet waits on."""
        asked_for = await acts.by_id(tx, ids)
        given = await read_given(
            tx,
            self._configurations,
            [x.act.taken_offline for x in asked_for.values() if x.act.taken_offline is not None],
        )
        # Read again under the locks of the orders: another process may have decided some.
        waiting = {id_: x for id_, x in (await acts.by_id(tx, ids)).items() if x.status == WAITING}
        decided: list[NewActRecord] = []
        for kept in waiting.values():
            taken = kept.act.taken_offline
            locked = None if taken is None else given.locked.get(taken.confirmation_no)
            if taken is None or locked is None:
                continue
            try:
                made = decide_return(kept.act, taken, locked, kept.number, given)
            except Refusal as refusal:  # its terminal has gone to another store since
                made = failed(locked.order, kept.act, refusal)
                locked.order = made.order
            decided.append(record_of(made, kept.number, kept.content))
        await acts.store_decided(tx, [x for x in decided if x.status != WAITING], tx.now)
        await store_orders(tx, decided, given)


class _KeptReturns:
    """The returns of a batch: those that are here already, and new ones with what became of them."""

    def __init__(self, given: GivenReturns, known: KnownIdentities, beside: dict[_Place, TillAct]) -> None:
        self._given = given
        self._known = known
        self._beside = beside
        self._of_batch: dict[TransactionIdentity, NewActRecord] = {}
        self.new: list[NewActRecord] = []

    def take(self, data: TakeOfflineReturn) -> TakenReturn | Refusal:
        """One return; refused only if it is of another store's terminal."""
        taken = data.taken
        identity, content = taken.transaction, content_of(return_of(taken))
        try:
            _check_store(data, self._given)
            try:
                earlier = self._earlier(identity, content, taken.confirmation_no)
                conflict = None
            except Refusal as refusal:
                conflict, earlier = refusal, self._beside.get((identity, content))
            if earlier is not None:
                return TakenReturn("duplicate", earlier)
            record = self._record(data, content, conflict)
        except Refusal as refusal:
            return refusal
        self.new.append(record)
        if conflict is not None:
            self._beside[identity, content] = record.act
            return TakenReturn("conflict", record.act)
        self._of_batch[identity] = record
        return TakenReturn("failed" if record.status == FAILED else "created", record.act)

    def _earlier(self, identity: TransactionIdentity, content: str, confirmation_no: str) -> TillAct | None:
        """The same return; another transaction under its identity is a conflict that names its order (B24)."""
        found = self._of_batch.get(identity)
        if found is not None:
            of_batch = KnownIdentities({}, {identity: acts.as_stored(found)})
            same = of_batch.same_act(identity, RETURN, content, confirmation_no)
        else:
            same = self._known.same_act(identity, RETURN, content, confirmation_no)
        return None if same is None else same.act

    def _record(self, data: TakeOfflineReturn, content: str, conflict: Refusal | None) -> NewActRecord:
        taken, given = data.taken, self._given
        locked = given.locked.get(taken.confirmation_no)
        number = 0 if locked is None else locked.last_number + 1
        context = context_of_return(taken, new_id(), number, given)
        kept = first_kept(taken, context.settings, context, conflict)
        if locked is None:
            refusal = conflict or not_found(KIND, taken.confirmation_no)
            return NewActRecord(failed_alone(kept, refusal), number, content, FAILED)
        locked.last_number = number
        return record_of(decide_return(kept, taken, locked, number, given), number, content)


async def fail_returns(tx: Transaction, commands: Sequence[Command[FailReturn]]) -> list[Done | Refusal]:
    """Keep returns that sales has refused, with its reasons: their money went back."""
    locked = await changing.lock(tx, [c.data.confirmation_no for c in commands])
    stored = await acts.by_id(tx, [c.data.act_id for c in commands])
    ended: list[NewActRecord] = []
    for command in commands:
        act = stored.get(command.data.act_id)
        if act is None or act.status != SUBMITTING or act.attempts != command.data.attempt:
            continue
        order = locked[command.data.confirmation_no]
        made = failed(order.order, act.act, command.data.refusal)
        order.order, order.in_progress = made.order, False
        ended.append(record_of(made, act.number, act.content))
    await acts.store_decided(tx, ended, tx.now)
    free = [locked[x.act.confirmation_no or ""] for x in ended]
    await changing.save_orders(tx, free)
    await instruct_payments(tx, free)
    return [
        Done(KIND, c.data.confirmation_no, locked[c.data.confirmation_no].order.version) for c in commands
    ]


def _check_store(data: TakeOfflineReturn, given: GivenReturns) -> None:
    """Only a terminal of the same store uploads it."""
    session = TillSession(
        store_no=data.store_no,
        terminal_no=data.taken.transaction.terminal_no,
        worker_id=data.taken.worker_id,
    )
    offline_settings(data.taken.transaction, session, given.found.configuration)
