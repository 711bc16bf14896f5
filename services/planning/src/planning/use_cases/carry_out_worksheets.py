"""Carry out a requisition worksheet: accepted lines become purchase requests, or nothing does (BC-SO-14 to 18)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.planning.requests import PurchaseRequest
from contracts.refusals import Refusal, Violations, conflict, not_found
from contracts.sales.masters import PurchasingCode
from contracts.topics import KINDS
from contracts.values import Problem
from domainkit.references import ReferenceQuery
from eventkit import copies, operations
from eventkit.ids import new_id
from eventkit.operations import Started
from eventkit.transaction import Transaction
from planning.domain.demand.worksheets import CarryOutContext, put_handed_over, requests_for
from planning.domain.masters.supply import need_item, need_vendor
from planning.domain.masters.worksheets import Worksheet
from planning.domain.requisitions.checks import obstacles
from planning.domain.requisitions.commands import RUN_LINES_MAX, CarryOut, LinesToCarryOut
from planning.domain.requisitions.lines import OPEN, RequisitionLine
from planning.domain.requisitions.runs import RUNNING, CarryOutRun, failed, run_line
from planning.store import demand as demand_store
from planning.store import references as reference_store
from planning.store import requisitions
from planning.store.kinds import WORKSHEET
from planning.store.unit_of_work import DemandUnitOfWork
from planning.use_cases.publishing import publish_decisions
from planning.use_cases.question_plans import question_new_orders
from planning.use_cases.record_runs import finish_operations
from recordkit.commands import Command, Done, decide_each

OPERATION: Final = "carry-out"

Requests = Sequence[tuple[PurchaseRequest, list[RequisitionLine]]]
"""Purchase requests, each with its requisition lines."""


async def carry_out_worksheets(
    tx: Transaction, commands: Sequence[Command[CarryOut]]
) -> list[Done | Refusal]:
    """Start a run per command; its id is the operation's. Two at once for one line: the second finds nothing."""
    read = {command.data: await _read(tx, command.data) for command in commands}
    lines = [line for found in read.values() for line in found]
    work = await _lock(tx, lines)
    # What another act made of them meanwhile says what is looked up, such as the currency of another vendor.
    now = [work.find_line(line.id, line.sales_order_no) or line for line in lines]
    context = await _context(tx, [command.data.worksheet for command in commands], now)
    runs: list[CarryOutRun] = []

    def decide(command: Command[CarryOut]) -> Done:
        worksheet = context.references.find(Worksheet, command.data.worksheet)
        if worksheet is None:
            raise not_found(WORKSHEET, command.data.worksheet)
        command.check_version(worksheet.name, worksheet.version)
        chosen = _chosen(command.data, read[command.data], work)
        run, requests = _start(command.data, chosen, context, tx.now)
        _hand_over(requests, work, command)
        runs.append(run)
        return Done("carry-out-run", str(run.id), operation_id=run.id)

    results = decide_each(commands, decide)
    await work.store(tx)
    publish_decisions(tx, work)
    await _store_runs(tx, runs)
    await question_new_orders(tx, work)
    return results


async def _read(tx: Transaction, carry_out: CarryOut) -> list[RequisitionLine]:
    """The lines as they are before they are locked: they say which sales orders to lock."""
    if carry_out.chosen.line_ids is None:
        return await requisitions.accepted_lines(tx, carry_out.worksheet, RUN_LINES_MAX)
    return await requisitions.find_lines(tx, dict.fromkeys(carry_out.chosen.line_ids))


async def _lock(tx: Transaction, lines: Sequence[RequisitionLine]) -> DemandUnitOfWork:
    demands = await demand_store.lock(tx, (line.sales_order_no for line in lines))
    plain = await requisitions.lock_lines(tx, [line.id for line in lines if not line.sales_order_no])
    return DemandUnitOfWork(demands, plain)


async def _context(
    tx: Transaction, worksheets: Iterable[str], lines: Sequence[RequisitionLine]
) -> CarryOutContext:
    """Read under the locks, so that the copies are at least as new as what they are compared with."""
    nos = {line.sales_order_no for line in lines if line.sales_order_no}
    query = ReferenceQuery()
    query.need(Worksheet, *worksheets)
    for line in lines:
        need_item(query, line.item_no, line.location_code)
        need_vendor(query, line.vendor_no, line.item_no)
        query.need(PurchasingCode, line.purchasing_code)
    return CarryOutContext(
        references=await reference_store.load(tx, query, tx.now),
        new_id=new_id,
        orders=await copies.load(tx, KINDS["sales-order"], nos),
    )


def _chosen(
    carry_out: CarryOut, read: Sequence[RequisitionLine], work: DemandUnitOfWork
) -> list[RequisitionLine]:
    """The open lines to carry out, as they are under their locks."""
    worksheet, chosen = carry_out.worksheet, carry_out.chosen
    ours = [line for line in read if line.worksheet == worksheet]
    _check_known(worksheet, chosen, ours)
    now = (work.find_line(line.id, line.sales_order_no) for line in ours)
    is_open = [line for line in now if line is not None and line.status == OPEN]
    accepted = [line for line in is_open if chosen.line_ids is not None or line.accept_action_message]
    if not accepted:
        raise conflict("nothing-to-create", f"no open line of {worksheet} is accepted")
    return accepted


def _check_known(worksheet: str, chosen: LinesToCarryOut, lines: Iterable[RequisitionLine]) -> None:
    found = Violations()
    for id_ in sorted(set(chosen.line_ids or ()) - {line.id for line in lines}):
        found.invalid("unknown-requisition-line", f"{worksheet} has no line {id_}", "/line_ids")
    found.refuse_if_any()


def _start(
    carry_out: CarryOut, lines: Sequence[RequisitionLine], context: CarryOutContext, now: datetime
) -> tuple[CarryOutRun, Requests]:
    """The run with its requests, or failed with the reasons of every line that does not pass the checks."""
    run = CarryOutRun(
        id=context.new_id(),
        worksheet=carry_out.worksheet,
        started_at=now,
        lines=tuple(run_line(line) for line in lines),
    )
    reasons = _reasons(lines, context)
    if reasons:
        return failed(run, reasons, now), ()
    return run, requests_for(lines, context, run_id=run.id, order_date=carry_out.chosen.order_date)


def _reasons(lines: Iterable[RequisitionLine], context: CarryOutContext) -> dict[UUID, tuple[Problem, ...]]:
    refusals = (
        (line, obstacles(line, context.orders.get(line.sales_order_no), context.references)) for line in lines
    )
    return {line.id: refusal.problems() for line, refusal in refusals if refusal is not None}


def _hand_over(requests: Requests, work: DemandUnitOfWork, command: Command[CarryOut]) -> None:
    of_order: dict[str, list[tuple[RequisitionLine, PurchaseRequest]]] = {}
    for request, members in requests:
        for line in members:
            if line.sales_order_no:
                of_order.setdefault(line.sales_order_no, []).append((line, request))
            else:
                work.add_line(line.handed_over(request.id, request.run_id))
    for no, handed in of_order.items():
        work.add_decision(put_handed_over(work.demands[no], handed), command.context)
    work.add_requests((request for request, _ in requests), command.context)


async def _store_runs(tx: Transaction, runs: Sequence[CarryOutRun]) -> None:
    """A run whose lines did not pass the checks ends at once, and its operation with it."""
    await requisitions.store_runs(tx, runs)
    await operations.start(tx, [Started(run.id, OPERATION, run.worksheet) for run in runs])
    await finish_operations(tx, [run for run in runs if run.status != RUNNING])
