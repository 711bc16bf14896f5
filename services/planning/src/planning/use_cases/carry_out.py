"""Carry out a requisition worksheet: accepted lines become purchase requests, or nothing does (BC-SO-14 to 18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from contracts.planning import PurchaseRequest
from contracts.refusals import Refusal, Violation, conflict, not_found
from contracts.sales import SalesOrder
from contracts.topics import KINDS
from contracts.values import Problem
from eventkit import copies, operations
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain import checks
from planning.domain.demand import OrderDemand
from planning.domain.references import References
from planning.domain.requisition import OPEN, RequisitionLine
from planning.domain.runs import RUNNING, CarryOutRun, failed, of_line
from planning.domain.worksheets import hand_over_lines, handed_over, requests_of
from planning.store import demand as demand_store
from planning.store import masters, references, requisitions
from planning.store.decided import Decided
from planning.use_cases.publishing import publish_demand, publish_requests
from planning.use_cases.record_runs import finish_operations
from recordkit.commands import Command, Done

MAX_LINES: Final = 10_000
"""Lines that one run carries out; the next run takes the next ones."""

OPERATION: Final = "carry-out"


class CarryOut(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines: those named (that accepts them), or all accepted ones. `order_date` goes before the lines' own."""

    worksheet: str
    line_ids: tuple[UUID, ...] | None = None
    order_date: date | None = None


class _State(msgspec.Struct):
    """What the runs of one transaction share; each starts from what the one before left."""

    demands: dict[str, OrderDemand]
    plain: dict[UUID, RequisitionLine]
    orders: Mapping[str, SalesOrder]
    refs: References

    def line(self, read: RequisitionLine) -> RequisitionLine | None:
        """The line as it is now, if it is still live."""
        demand = self.demands.get(read.sales_order_no)
        return demand.lines.get(read.id) if demand is not None else self.plain.get(read.id)


class _Run(msgspec.Struct, frozen=True):
    run: CarryOutRun
    requests: tuple[tuple[PurchaseRequest, list[RequisitionLine]], ...]
    context: Context


async def carry_out(tx: Transaction, commands: Sequence[Command[CarryOut]]) -> list[Done | Refusal]:
    """Start a run per command; its id is the operation's. Two at once for one line: the second finds nothing."""
    worksheets = await masters.existing(tx, masters.WORKSHEET, [c.data.worksheet for c in commands])
    read = [await _read(tx, command.data) for command in commands]
    state = await _lock(tx, [line for lines in read for line in lines])
    before = dict(state.demands)
    results: list[Done | Refusal] = []
    runs: list[_Run] = []
    for command, lines in zip(commands, read, strict=True):
        try:
            if command.data.worksheet not in worksheets:
                raise not_found("requisition-worksheet", command.data.worksheet)
            run = _start(command, lines, state, tx)
        except Refusal as refusal:
            results.append(refusal)
            continue
        _hand_over(run, state)
        runs.append(run)
        results.append(Done("carry-out-run", str(run.run.id), operation_id=run.run.id))
    await _store(tx, runs, before, state)
    return results


async def _read(tx: Transaction, wish: CarryOut) -> list[RequisitionLine]:
    if wish.line_ids is None:
        return await requisitions.accepted_lines(tx, wish.worksheet, MAX_LINES)
    return await requisitions.find_lines(tx, wish.line_ids)


async def _lock(tx: Transaction, lines: Sequence[RequisitionLine]) -> _State:
    nos = {line.sales_order_no for line in lines if line.sales_order_no}
    demands = await demand_store.lock(tx, nos)
    plain = await requisitions.lock_lines(tx, [line.id for line in lines if not line.sales_order_no])
    orders = await copies.load(tx, KINDS["sales-order"], nos)
    wanted = references.Wanted()
    for line in lines:
        wanted.item(line.item_no, line.location_code)
        wanted.vendor(line.vendor_no, line.item_no)
        wanted.purchasing_code(line.purchasing_code)
    return _State(demands, plain, orders, await references.load(tx, wanted))


def _start(
    command: Command[CarryOut], read: Sequence[RequisitionLine], state: _State, tx: Transaction
) -> _Run:
    """The run: with purchase requests, or failed with the reasons of every line that does not pass the checks."""
    lines = _chosen(command.data, read, state)
    run = CarryOutRun(
        id=new_id(),
        worksheet=command.data.worksheet,
        started_at=tx.now,
        lines=tuple(of_line(line) for line in lines),
    )
    faults = {
        line.id: tuple(_problem(v) for v in found)
        for line in lines
        if (found := checks.violations(line, state.orders.get(line.sales_order_no), state.refs))
    }
    if faults:
        return _Run(failed(run, faults, tx.now), (), command.context)
    requests = requests_of(
        lines,
        state.orders,
        state.refs,
        run_id=run.id,
        order_date=command.data.order_date,
        new_id=new_id,
    )
    return _Run(run, tuple(requests), command.context)


def _chosen(wish: CarryOut, read: Sequence[RequisitionLine], state: _State) -> list[RequisitionLine]:
    """The open lines to carry out, as they are under their locks."""
    mine = [line for line in read if line.worksheet == wish.worksheet]
    unknown = set(wish.line_ids or ()) - {line.id for line in mine}
    if unknown:
        violations = tuple(
            Violation("unknown-requisition-line", f"{wish.worksheet} has no line {id_}", "/line_ids")
            for id_ in sorted(unknown)
        )
        raise Refusal(*violations)
    now = [line for line in map(state.line, mine) if line is not None and line.status == OPEN]
    chosen = [line for line in now if wish.line_ids is not None or line.accept_action_message]
    if not chosen:
        raise conflict("nothing-to-create", f"no open line of {wish.worksheet} is accepted")
    return chosen


def _problem(violation: Violation) -> Problem:
    return Problem(
        code=violation.code,
        detail=violation.detail,
        line_no=violation.members.get("line_no"),
        pointer=violation.pointer,
    )


def _hand_over(run: _Run, state: _State) -> None:
    of_order: dict[str, list[tuple[RequisitionLine, PurchaseRequest]]] = {}
    for request, members in run.requests:
        for line in members:
            if line.sales_order_no:
                of_order.setdefault(line.sales_order_no, []).append((line, request))
            else:
                state.plain[line.id] = handed_over(line, request)
    for no, handed in of_order.items():
        state.demands[no] = hand_over_lines(state.demands[no], handed)


async def _store(
    tx: Transaction, runs: Sequence[_Run], before: Mapping[str, OrderDemand], state: _State
) -> None:
    decided = Decided()
    contexts: dict[str, Context] = {}
    for run in runs:
        requests = [request for request, _ in run.requests]
        decided.ask(requests)
        publish_requests(tx, requests, run.context)
        for _, members in run.requests:
            contexts |= dict.fromkeys((line.sales_order_no for line in members), run.context)
    for no in contexts:
        if no:
            decided.add(before[no], state.demands[no])
    handed = {line.id for run in runs for _, members in run.requests for line in members}
    decided.change(line for id_, line in state.plain.items() if id_ in handed)
    await decided.store(tx)
    for old, new in decided.told():
        publish_demand(tx, old, new, contexts[new.sales_order_no])
    await requisitions.store_runs(tx, [run.run for run in runs])
    await operations.start(tx, [operations.Started(run.run.id, OPERATION, run.run.worksheet) for run in runs])
    await finish_operations(tx, [run.run for run in runs if run.run.status != RUNNING])
