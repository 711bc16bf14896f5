"""Repair returns that tills carried out offline: a checked change with a dry run, resubmission, void."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from contracts.refusals import Refusal, Violations, conflict, not_found
from domainkit.auditing import differences
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.commands import OfflineReturn
from pos_gateway.domain.acts.offline_returns import WAITING, counted, not_counted, without_errors
from pos_gateway.domain.acts.return_repairs import (
    EDITING,
    KIND,
    VOID,
    ActOnReturn,
    RepairReturn,
    check_open,
    check_repaired,
    next_version,
    repaired_return,
    repairing,
)
from pos_gateway.store import acts, changing
from pos_gateway.store.acts import NewActRecord, StoredAct
from pos_gateway.store.changing import LockedOrder
from pos_gateway.store.configuration import Configurations
from pos_gateway.use_cases.create_orders import KIND as ORDER
from pos_gateway.use_cases.deciding_returns import GivenReturns, context_of_return, read_given
from recordkit.commands import Command, Done


class ReturnRepairs:
    """The use cases of persons who repair returns; one after the other, as they are rare."""

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations

    async def repair_returns(
        self, tx: Transaction, commands: Sequence[Command[RepairReturn]]
    ) -> list[Done | Refusal]:
        """Change what returns name; one that sales could not be asked for is refused with all reasons (POS-101)."""
        return [await self._repaired(tx, command) for command in commands]

    async def _repaired(self, tx: Transaction, command: Command[RepairReturn]) -> Done | Refusal:
        try:
            return await self._repair(tx, command)
        except Refusal as refusal:
            return refusal

    async def _repair(self, tx: Transaction, command: Command[RepairReturn]) -> Done:
        id_ = command.data.id
        found, before = await _find(tx, id_)
        after = repaired_return(before, command.data.repair.payload)
        given = await read_given(tx, self._configurations, [after], before.confirmation_no)
        kept = await _open(tx, command)
        _check_unchanged(found, kept)
        target = _target(given, after)
        number, act = _moved(kept, after, target, given)
        base = not_counted(target.order, act)
        check_repaired(base, target.stage, after, repairing(context_of_return(after, id_, number, given)))
        if act is not kept.act:
            await changing.save_orders(tx, list(given.locked.values()))
        act = next_version(act, taken_offline=after)
        await acts.store_decided(tx, [NewActRecord(act, number, kept.content, EDITING)], tx.now)
        tx.audit.add(
            KIND,
            str(id_),
            act.version,
            happened=("changed",),
            by=command.context.by,
            changes=differences(before, after),
        )
        return Done(KIND, str(id_), act.version)


async def resubmit_returns(tx: Transaction, commands: Sequence[Command[ActOnReturn]]) -> list[Done | Refusal]:
    """Have returns decided again, by a job; their money and their worker are not judged any more."""
    return [await _ended(tx, command, WAITING) for command in commands]


async def void_returns(tx: Transaction, commands: Sequence[Command[ActOnReturn]]) -> list[Done | Refusal]:
    """Give returns up: sales is never asked for them, and what went back stays owed (POS-95)."""
    return [await _ended(tx, command, VOID) for command in commands]


async def _ended(tx: Transaction, command: Command[ActOnReturn], status: str) -> Done | Refusal:
    id_ = command.data.id
    try:
        found, taken = await _find(tx, id_)
        locked = await changing.lock(tx, [taken.confirmation_no])
        kept = await _open(tx, command)
        order = locked.get(found.confirmation_no)
        if order is not None and status == VOID:
            _check_free(order)
            order.order = without_errors(order.order, kept.act)
            await changing.save_orders(tx, [order])
    except Refusal as refusal:
        return refusal
    act = next_version(kept.act)
    await acts.store_decided(tx, [NewActRecord(act, kept.number, kept.content, status)], tx.now)
    tx.audit.add(KIND, str(id_), act.version, happened=(status,), by=command.context.by, changes=())
    return Done(KIND, str(id_), act.version)


async def _open(tx: Transaction, command: Command[RepairReturn] | Command[ActOnReturn]) -> StoredAct:
    """The return under lock, as it is now; refused unless it waits for a person, who has seen this version."""
    id_ = command.data.id
    kept = await acts.lock(tx, id_)
    if kept is None:
        raise not_found(KIND, str(id_))
    check_open(kept.status, id_)
    command.check_version(str(id_), kept.act.version)
    return kept


def _check_unchanged(found: StoredAct, kept: StoredAct) -> None:
    """What was read before the locks must hold under them: else another repair would be lost."""
    if found.act.version != kept.act.version:
        raise conflict("act-in-progress", "another person changes this return; look again")


async def _find(tx: Transaction, id_: UUID) -> tuple[StoredAct, OfflineReturn]:
    stored = (await acts.by_id(tx, [id_])).get(id_)
    if stored is None or stored.act.taken_offline is None:
        raise not_found(KIND, str(id_))
    return stored, stored.act.taken_offline


def _target(given: GivenReturns, after: OfflineReturn) -> LockedOrder:
    """The order that goods come back from; a repair names one that exists."""
    target = given.locked.get(after.confirmation_no)
    if target is None:
        found = Violations()
        found.unknown(ORDER, after.confirmation_no, "/payload/confirmation_no")
        found.refuse_if_any()
    return given.locked[after.confirmation_no]


def _moved(
    kept: StoredAct, after: OfflineReturn, target: LockedOrder, given: GivenReturns
) -> tuple[int, TillAct]:
    """The return's place among the acts of the order; its money counts for another order if it was that one's."""
    act = kept.act
    if kept.number and act.confirmation_no == after.confirmation_no:
        return kept.number, act
    _check_free(target)
    source = given.locked.get(kept.confirmation_no)
    if source is not None and act.counted:
        _check_free(source)
        source.order = replace(not_counted(source.order, act), version=source.order.version + 1)
    act = replace(act, confirmation_no=after.confirmation_no, counted=True)
    target.order = counted(target.order, act)
    target.last_number += 1
    return target.last_number, act


def _check_free(locked: LockedOrder) -> None:
    if locked.in_progress:
        no = locked.order.confirmation_no
        raise conflict("act-in-progress", f"sales is being asked for another act on {no}; ask again")
