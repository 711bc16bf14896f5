"""Take returns that tills carried out while they were offline, and bring them to sales as soon as that is possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from contracts.pos import TransactionIdentity
from contracts.refusals import Refusal, not_found
from domainkit.references import ReferenceQuery
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.commands import FailReturn, OfflineReturn, TakeOfflineReturn
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.acts.offline_returns import (
    FAILED,
    SUBMITTING,
    WAITING,
    Decided,
    decide_offline_return,
    failed,
    first_kept,
    return_of,
    with_failed,
)
from pos_gateway.domain.acts.returning import RETURN, RETURN_OF_GOODS
from pos_gateway.domain.approvals.approval import Approval
from pos_gateway.domain.approvals.using import GivenApprovals, used_by
from pos_gateway.domain.orders.context import offline_settings
from pos_gateway.domain.orders.sameness import content_of, duplicate_transaction
from pos_gateway.domain.setup.configuration import Configuration, PastSettings
from pos_gateway.domain.terminals.sessions import TillSession
from pos_gateway.store import acts, approvals, changing, orders, past_settings
from pos_gateway.store.acts import NewActRecord, StoredAct
from pos_gateway.store.changing import LockedOrder
from pos_gateway.store.configuration import Configurations
from pos_gateway.use_cases.create_orders import KIND
from pos_gateway.use_cases.deciding_orders import new_pickup_code
from pos_gateway.use_cases.instruct_payments import instruct_payments
from pos_gateway.use_cases.looking_up import LookedUp, look_up
from recordkit.commands import Command, Done


class TakenReturn(msgspec.Struct, frozen=True):
    """What became of a return in a batch."""

    status: Literal["created", "duplicate", "failed"]
    act: TillAct


class _Given(msgspec.Struct, frozen=True):
    locked: Mapping[str, LockedOrder]
    past: Mapping[int, PastSettings]
    found: LookedUp
    approvals: dict[UUID, Approval]
    """The open ones that were named; a return that uses one takes it away from those after it."""


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
        given = await self._given(tx, [c.data.taken for c in commands])
        identities = {c.data.taken.transaction for c in commands}
        known = await acts.by_identity(tx, identities)
        of_orders = await orders.by_identity(tx, identities)
        new: dict[TransactionIdentity, NewActRecord] = {}
        results: list[TakenReturn | Refusal] = []
        for command in commands:
            try:
                identity, content = command.data.taken.transaction, content_of(return_of(command.data.taken))
                if identity in of_orders:
                    raise duplicate_transaction(identity, of_orders[identity].order.confirmation_no)
                earlier = known.get(identity) or new.get(identity)
                if earlier is not None:
                    results.append(_repeated(identity, content, earlier))
                    continue
                new[identity] = record = _record(command.data, content, given)
                results.append(TakenReturn("failed" if record.status == FAILED else "created", record.act))
            except Refusal as refusal:
                results.append(refusal)
        await acts.insert(tx, list(new.values()), tx.now)
        await self._store_orders(tx, list(new.values()), given)
        return results

    async def decide_waiting(self, tx: Transaction, ids: Sequence[UUID]) -> None:
        """Decide returns that waited; what cannot be decided yet waits on."""
        asked_for = await acts.by_id(tx, ids)
        given = await self._given(
            tx, [x.act.taken_offline for x in asked_for.values() if x.act.taken_offline is not None]
        )
        # Read again under the locks of the orders: another process may have decided some.
        waiting = {id_: x for id_, x in (await acts.by_id(tx, ids)).items() if x.status == WAITING}
        taken = {id_: x.act.taken_offline for id_, x in waiting.items() if x.act.taken_offline is not None}
        decided: list[NewActRecord] = []
        for id_, asked in taken.items():
            kept, locked = waiting[id_], given.locked[asked.confirmation_no]
            try:
                made = _decide(kept.act, asked, locked, kept.number, given)
            except Refusal as refusal:  # its terminal has gone to another store since
                made = Decided(failed(kept.act, refusal), FAILED)
                locked.order = with_failed(locked.order, made.act)
            decided.append(NewActRecord(made.act, kept.number, kept.content, made.status, made.after))
        await acts.store_decided(tx, [x for x in decided if x.status != WAITING], tx.now)
        await self._store_orders(tx, decided, given)

    async def _given(self, tx: Transaction, taken: Sequence[OfflineReturn]) -> _Given:
        locked = await changing.lock(tx, [x.confirmation_no for x in taken])
        past = await past_settings.load(tx, {x.config_version for x in taken if x.config_version is not None})

        def query_by(configuration: Configuration) -> ReferenceQuery:
            query = ReferenceQuery()
            for each in taken:
                if (order := locked.get(each.confirmation_no)) is not None:
                    known = _known(each, configuration, past)
                    RETURN_OF_GOODS.need(query, order.order, each, known)
            return query

        found = await look_up(tx, self._configurations, query_by, 0)
        named = [id_ for each in taken for id_ in each.approval_ids]
        return _Given(locked, past, found, await approvals.lock(tx, named))

    @staticmethod
    async def _store_orders(tx: Transaction, records: Sequence[NewActRecord], given: _Given) -> None:
        await approvals.spend(tx, {id_: r.act.act_id for r in records for id_ in used_by(r.act.overrides)})
        changed = {r.act.confirmation_no or "" for r in records if r.status == FAILED}
        await changing.save_orders(tx, [given.locked[no] for no in changed if no in given.locked])


async def fail_returns(tx: Transaction, commands: Sequence[Command[FailReturn]]) -> list[Done | Refusal]:
    """Keep returns that sales has refused, with its reasons: their money went back."""
    locked = await changing.lock(tx, [c.data.confirmation_no for c in commands])
    stored = await acts.by_id(tx, [c.data.act_id for c in commands])
    ended: list[NewActRecord] = []
    for command in commands:
        act = stored.get(command.data.act_id)
        if act is None or act.status != SUBMITTING or act.attempts != command.data.attempt:
            continue
        kept = failed(act.act, command.data.refusal)
        order = locked[command.data.confirmation_no]
        order.order, order.in_progress = with_failed(order.order, kept), False
        ended.append(NewActRecord(kept, act.number, act.content, FAILED))
    await acts.store_decided(tx, ended, tx.now)
    free = [locked[x.act.confirmation_no or ""] for x in ended]
    await changing.save_orders(tx, free)
    await instruct_payments(tx, free)
    return [
        Done(KIND, c.data.confirmation_no, locked[c.data.confirmation_no].order.version) for c in commands
    ]


def _repeated(identity: TransactionIdentity, content: str, earlier: StoredAct | NewActRecord) -> TakenReturn:
    """The same return; another transaction under its identity is a conflict that names its order (B24)."""
    if (earlier.act.operation, earlier.content) != (RETURN, content):
        raise duplicate_transaction(
            identity, earlier.act.confirmation_no or earlier.act.settlement.return_no or ""
        )
    return TakenReturn("duplicate", earlier.act)


def _record(data: TakeOfflineReturn, content: str, given: _Given) -> NewActRecord:
    taken = data.taken
    locked = given.locked.get(taken.confirmation_no)
    number = 0 if locked is None else locked.last_number + 1
    _check_store(data, given)
    context = _context(taken, new_id(), number, given)
    kept = first_kept(taken, context.settings, context)
    if locked is None:
        refusal = not_found(KIND, taken.confirmation_no)
        return NewActRecord(failed(kept, refusal), number, content, FAILED)
    locked.last_number = number
    made = _decide(kept, taken, locked, number, given)
    return NewActRecord(made.act, number, content, made.status, made.after)


def _check_store(data: TakeOfflineReturn, given: _Given) -> None:
    """Only a terminal of the same store uploads it."""
    session = TillSession(
        store_no=data.store_no,
        terminal_no=data.taken.transaction.terminal_no,
        worker_id=data.taken.worker_id,
    )
    offline_settings(data.taken.transaction, session, given.found.configuration)


def _known(
    taken: OfflineReturn, configuration: Configuration, past: Mapping[int, PastSettings]
) -> Configuration:
    return configuration.as_known(taken.config_version, taken.transaction.store_no, past)


def _decide(kept: TillAct, taken: OfflineReturn, locked: LockedOrder, number: int, given: _Given) -> Decided:
    """The state under lock is what the next return of the same batch sees."""
    if locked.in_progress:
        return Decided(kept, WAITING)
    context = _context(taken, kept.act_id, number, given)
    made = decide_offline_return(locked.order, locked.stage, kept, taken, context)
    if made.status == FAILED:
        locked.order = with_failed(locked.order, made.act)
    if made.status == SUBMITTING:
        locked.in_progress = True
    for id_ in used_by(made.act.overrides):
        del given.approvals[id_]
    return made


def _context(taken: OfflineReturn, act_id: UUID, number: int, given: _Given) -> ActContext:
    identity = taken.transaction
    session = TillSession(
        store_no=identity.store_no, terminal_no=identity.terminal_no, worker_id=taken.worker_id
    )
    return ActContext(
        references=given.found.references,
        new_id=new_id,
        by=taken.worker_id,
        settings=offline_settings(identity, session, _known(taken, given.found.configuration, given.past)),
        act_id=act_id,
        number=number,
        new_pickup_code=new_pickup_code,
        approvals=GivenApprovals(
            open=given.approvals,
            ids=taken.approval_ids,
            by=taken.worker_id,
            transaction=identity,
            confirmation_no=taken.confirmation_no,
        ),
    )
