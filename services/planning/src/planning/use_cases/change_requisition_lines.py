"""Write, edit and delete lines of requisition worksheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from contracts.refusals import Refusal, not_found, stale
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.demand import OrderDemand
from planning.domain.references import References
from planning.domain.requisition import RequisitionLine
from planning.domain.worksheets import (
    NewLine,
    check_open,
    delete_line,
    deleted,
    edit_line,
    new_line,
    put_edited,
)
from planning.store import demand as demand_store
from planning.store import masters, references, requisitions
from planning.store.decided import Decided
from planning.use_cases.publishing import publish_demand
from recordkit.commands import Command, Done

KIND = "requisition-line"


class ChangeLine(msgspec.Struct, frozen=True):
    """An edit: the fields that were sent."""

    worksheet: str
    line_id: UUID
    fields: dict[str, Any]


class DeleteLine(msgspec.Struct, frozen=True):
    """A deletion."""

    worksheet: str
    line_id: UUID


W = TypeVar("W", ChangeLine, DeleteLine)
State = tuple[OrderDemand | None, RequisitionLine]


async def create_requisition_lines(
    tx: Transaction, commands: Sequence[Command[NewLine]]
) -> list[Done | Refusal]:
    """Lines written by hand."""
    worksheets = await masters.existing(tx, masters.WORKSHEET, [c.data.worksheet for c in commands])
    wanted = references.Wanted()
    for command in commands:
        wanted.item(command.data.item_no, command.data.location_code)
        wanted.vendor(command.data.vendor_no or "", command.data.item_no)
    refs = await references.load(tx, wanted)
    lines: list[RequisitionLine] = []
    results: list[Done | Refusal] = []
    for command in commands:
        try:
            if command.data.worksheet not in worksheets:
                raise not_found("requisition-worksheet", command.data.worksheet)
            line = new_line(command.data, refs, new_id(), refs.today(tx.now))
        except Refusal as refusal:
            results.append(refusal)
            continue
        lines.append(line)
        results.append(Done(KIND, str(line.id), line.version))
    await requisitions.insert_lines(tx, lines)
    return results


async def change_requisition_lines(
    tx: Transaction, commands: Sequence[Command[ChangeLine]]
) -> list[Done | Refusal]:
    """Edits (BC-SO-13, BC-PL-12)."""

    def decide(wish: ChangeLine, state: State, refs: References) -> State:
        demand, line = state
        edited = edit_line(line, wish.fields, refs)
        if edited is line or demand is None:
            return demand, edited
        return put_edited(demand, edited), edited

    return await _change(tx, commands, decide)


async def delete_requisition_lines(
    tx: Transaction, commands: Sequence[Command[DeleteLine]]
) -> list[Done | Refusal]:
    """Deletions: the line is kept as cancelled; a released sales line awaits a requisition again."""

    def decide(_: DeleteLine, state: State, __: References) -> State:
        demand, line = state
        return (delete_line(demand, line) if demand is not None else None), deleted(line)

    return await _change(tx, commands, decide)


async def _change(
    tx: Transaction, commands: Sequence[Command[W]], decide: Callable[[W, State, References], State]
) -> list[Done | Refusal]:
    """Lines of sales orders are locked by the order's demand, the others themselves."""
    found = {line.id: line for line in await requisitions.find_lines(tx, [c.data.line_id for c in commands])}
    demands = await demand_store.lock(tx, (line.sales_order_no for line in found.values()))
    plain = await requisitions.lock_lines(tx, (line.id for line in found.values() if not line.sales_order_no))
    refs = await references.load(tx, _wanted(commands, found.values()))
    decided = Decided()
    changed: dict[UUID, RequisitionLine] = {}
    contexts: dict[str, Context] = {}
    results: list[Done | Refusal] = []
    for command in commands:
        try:
            demand, line = _locked(command, found, demands, plain)
            after, edited = decide(command.data, (demand, line), refs)
        except Refusal as refusal:
            results.append(refusal)
            continue
        if demand is None or after is None:
            plain[line.id] = changed[line.id] = edited
        else:
            decided.add(demand, after)
            demands[after.sales_order_no] = after
            contexts[after.sales_order_no] = command.context
        results.append(Done(KIND, str(edited.id), edited.version))
    decided.change(changed.values())
    await decided.store(tx)
    for before, after in decided.told():
        publish_demand(tx, before, after, contexts[after.sales_order_no])
    return results


def _locked(
    command: Command[W],
    found: Mapping[UUID, RequisitionLine],
    demands: Mapping[str, OrderDemand],
    plain: Mapping[UUID, RequisitionLine],
) -> tuple[OrderDemand | None, RequisitionLine]:
    """The line as it is under its lock; refused where it is not there, not open, or not the version that was seen."""
    read = found.get(command.data.line_id)
    if read is None or read.worksheet != command.data.worksheet:
        raise not_found("requisition-line", str(command.data.line_id))
    demand = demands.get(read.sales_order_no)
    line = demand.lines.get(read.id, read) if demand is not None else plain[read.id]
    if demand is not None and read.id not in demand.lines and read.is_live:
        raise not_found("requisition-line", str(read.id))
    if command.expected_version is not None and command.expected_version != line.version:
        raise stale(str(line.id), line.version)
    check_open(line)
    return demand, line


def _wanted(commands: Iterable[Command[W]], lines: Iterable[RequisitionLine]) -> references.Wanted:
    wanted = references.Wanted()
    for line in lines:
        wanted.item(line.item_no, line.location_code)
        wanted.vendor(line.vendor_no, line.item_no)
    by_id = {line.id: line for line in lines}
    for command in commands:
        fields = _fields(command.data)
        line_ = by_id.get(command.data.line_id)
        if line_ is not None and fields:
            wanted.item(line_.item_no, fields.get("location_code", ""))
            wanted.vendor(fields.get("vendor_no", ""), line_.item_no)
    return wanted


def _fields(wish: ChangeLine | DeleteLine) -> Mapping[str, Any]:
    return wish.fields if isinstance(wish, ChangeLine) else {}
