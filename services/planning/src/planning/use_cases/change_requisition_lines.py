"""Write, change and delete lines of requisition worksheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from contracts.refusals import Refusal, not_found
from domainkit.auditing import differences
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.demand.worksheets import put_deleted, put_edited
from planning.domain.masters.supply import need_item, need_vendor
from planning.domain.masters.worksheets import Worksheet
from planning.domain.requisitions.commands import ChangeLine, CreateLine, DeleteLine
from planning.domain.requisitions.editing import check_open, edit_line, location_of_vendor, new_line
from planning.domain.requisitions.lines import RequisitionLine
from planning.store import demand as demand_store
from planning.store import references as reference_store
from planning.store import requisitions
from planning.store.kinds import WORKSHEET
from planning.store.unit_of_work import DemandUnitOfWork
from planning.use_cases.publishing import publish_decisions
from recordkit.commands import Command, Done, decide_each

KIND = "requisition-line"

C = TypeVar("C", ChangeLine, DeleteLine)
Found = Mapping[UUID, RequisitionLine]
"""Lines by id: as they were read before they were locked, unless it says otherwise."""


async def create_requisition_lines(
    tx: Transaction, commands: Sequence[Command[CreateLine]]
) -> list[Done | Refusal]:
    """Lines written by hand; they serve no sales order, so there is nothing to lock."""
    query = ReferenceQuery()
    for command in commands:
        new = command.data.line
        query.need(Worksheet, command.data.worksheet)
        need_item(query, new.item_no, new.location_code)
        need_vendor(query, new.vendor_no or "", new.item_no)
    context = DecisionContext(references=await reference_store.load(tx, query, tx.now), new_id=new_id)
    lines: list[RequisitionLine] = []

    def decide(command: Command[CreateLine]) -> Done:
        if context.references.find(Worksheet, command.data.worksheet) is None:
            raise not_found(WORKSHEET, command.data.worksheet)
        line = new_line(command.data, context)
        lines.append(line)
        return Done(KIND, str(line.id), line.version, created=True)

    results = decide_each(commands, decide)
    await requisitions.insert_lines(tx, lines)
    return results


async def change_requisition_lines(
    tx: Transaction, commands: Sequence[Command[ChangeLine]]
) -> list[Done | Refusal]:
    """Edits (BC-SO-13, BC-PL-12)."""
    found = await _find(tx, commands)
    work = await _lock(tx, found)
    references = await _load(tx, commands, _now(found, work))

    def decide(command: Command[ChangeLine]) -> Done:
        line = _locked_line(command, found, work)
        edited = edit_line(line, command.data.changes, references)
        if edited is not line and line.sales_order_no:
            work.add_decision(put_edited(work.demands[line.sales_order_no], edited), command.context)
        elif edited is not line:
            work.add_line(edited)
        _audit(tx, line, edited, command, "changed")
        return Done(KIND, str(edited.id), edited.version)

    return await _decide_and_store(tx, commands, decide, work)


async def delete_requisition_lines(
    tx: Transaction, commands: Sequence[Command[DeleteLine]]
) -> list[Done | Refusal]:
    """Deletions: the line is kept as cancelled; a released sales line awaits a requisition again."""
    found = await _find(tx, commands)
    work = await _lock(tx, found)

    def decide(command: Command[DeleteLine]) -> Done:
        line = _locked_line(command, found, work)
        deleted = line.cancelled()
        if deleted.sales_order_no:
            work.add_decision(put_deleted(work.demands[deleted.sales_order_no], deleted), command.context)
        else:
            work.add_line(deleted)
        _audit(tx, line, deleted, command, "deleted")
        return Done(KIND, str(deleted.id), deleted.version)

    return await _decide_and_store(tx, commands, decide, work)


async def _find(tx: Transaction, commands: Sequence[Command[C]]) -> Found:
    lines = await requisitions.find_lines(tx, {c.data.line_id for c in commands})
    return {line.id: line for line in lines}


async def _lock(tx: Transaction, found: Found) -> DemandUnitOfWork:
    """Lines of sales orders are locked by the order's demand, the others themselves."""
    demands = await demand_store.lock(tx, (line.sales_order_no for line in found.values()))
    lines = await requisitions.lock_lines(tx, (line.id for line in found.values() if not line.sales_order_no))
    return DemandUnitOfWork(demands, lines)


def _now(found: Found, work: DemandUnitOfWork) -> Found:
    """The lines under their locks; one that is not live any more as it was read."""
    return {id_: work.find_line(id_, line.sales_order_no) or line for id_, line in found.items()}


async def _load(tx: Transaction, commands: Sequence[Command[ChangeLine]], found: Found) -> ReferenceData:
    """What the edits look up; the locations that come with other vendors are known once these are."""
    query = _query(commands, found)
    references = await reference_store.load(tx, query, tx.now)
    moved = [
        (line.item_no, location)
        for command in commands
        if (line := found.get(command.data.line_id))
        and (location := location_of_vendor(line, command.data.changes, references))
    ]
    if not moved:
        return references
    for item_no, location in moved:
        need_item(query, item_no, location)
    return await reference_store.load(tx, query, tx.now)


def _query(commands: Sequence[Command[ChangeLine]], found: Found) -> ReferenceQuery:
    """What the lines name, and what the changes name instead."""
    query = ReferenceQuery()
    for line in found.values():
        need_item(query, line.item_no, line.location_code)
        need_vendor(query, line.vendor_no, line.item_no)
    for command in commands:
        changed = found.get(command.data.line_id)
        if changed is not None:
            fields = command.data.changes.given()
            need_item(query, changed.item_no, fields.get("location_code", ""))
            need_vendor(query, fields.get("vendor_no", ""), changed.item_no)
    return query


def _locked_line(command: Command[C], found: Found, work: DemandUnitOfWork) -> RequisitionLine:
    """The line under its lock; refused where it is not there, not open, or not the version that was seen."""
    read = found.get(command.data.line_id)
    if read is None or read.worksheet != command.data.worksheet:
        raise not_found(KIND, str(command.data.line_id))
    # Only live lines are loaded with their order's demand: one that was closed before it was read is as it was read.
    line = work.find_line(read.id, read.sales_order_no) or (None if read.is_live else read)
    if line is None:
        raise not_found(KIND, str(read.id))
    command.check_version(str(line.id), line.version)
    check_open(line)
    return line


def _audit(
    tx: Transaction, before: RequisitionLine, after: RequisitionLine, command: Command[C], happened: str
) -> None:
    changes = differences(before, after)
    tx.audit.add(
        KIND, str(after.id), after.version, happened=(happened,), by=command.context.by, changes=changes
    )


async def _decide_and_store(
    tx: Transaction,
    commands: Sequence[Command[C]],
    decide: Callable[[Command[C]], Done],
    work: DemandUnitOfWork,
) -> list[Done | Refusal]:
    results = decide_each(commands, decide)
    await work.store(tx)
    publish_decisions(tx, work)
    return results
