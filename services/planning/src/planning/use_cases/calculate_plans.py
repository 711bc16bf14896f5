"""Planning runs: asked for by people, done by a job, ended with all their messages or none (BC-PL-07 to 28)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.refusals import Reason, Refusal, Violation, not_found
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit import operations
from eventkit.ids import new_id
from eventkit.operations import Finished, Started
from eventkit.transaction import Transaction
from planning.domain.masters.worksheets import Worksheet
from planning.domain.plan.commands import CalculatePlan, PlanRun, check_request, need_for_plan
from planning.domain.plan.inputs import Place, PlanInput, profiles
from planning.domain.plan.lines import plan_line
from planning.domain.plan.plan import plan
from planning.domain.plan.profiles import Horizon
from planning.domain.requisitions.lines import PLAN_OUTDATED, RequisitionLine
from planning.store import plan_inputs, plan_runs, requisitions
from planning.store import references as reference_store
from planning.store.kinds import WORKSHEET
from planning.store.unit_of_work import DemandUnitOfWork
from recordkit.commands import Command, Done, decide_each

OPERATION: Final = "calculate-plan"
_TOGETHER: Final = 100
"""Places that are planned before the event loop gets a turn: a few milliseconds."""
_RETRY_AFTER_S: Final = 2


async def ask_for_plans(tx: Transaction, commands: Sequence[Command[CalculatePlan]]) -> list[Done | Refusal]:
    """Begin a run per worksheet; its id is the operation's. A second one waits until the first has ended."""
    query = ReferenceQuery()
    for command in commands:
        query.need(Worksheet, command.data.worksheet)
        need_for_plan(query, command.data.request)
    references = await reference_store.load(tx, query, tx.now)
    asked: list[PlanRun] = []

    def decide(command: Command[CalculatePlan]) -> Done:
        name = command.data.worksheet
        worksheet = references.find(Worksheet, name)
        if worksheet is None:
            raise not_found(WORKSHEET, name)
        command.check_version(name, worksheet.version)
        check_request(command.data.request, references)
        if any(run.worksheet == name for run in asked):
            raise _under_way(name)
        run = PlanRun(id=new_id(), worksheet=name, request=command.data.request)
        asked.append(run)
        return Done("plan-run", str(run.id), operation_id=run.id)

    results = decide_each(commands, decide)
    begun = await plan_runs.begin(tx, asked)
    await operations.start(
        tx, [Started(run.id, OPERATION, run.worksheet) for run in asked if run.id in begun]
    )
    return [
        _under_way(command.data.worksheet)
        if isinstance(result, Done) and result.operation_id not in begun
        else result
        for command, result in zip(commands, results, strict=True)
    ]


def _under_way(worksheet: str) -> Refusal:
    detail = f"a plan into {worksheet} is being calculated"
    return Refusal(Violation("plan-under-way", detail, reason=Reason.CONFLICT), retry_after_s=_RETRY_AFTER_S)


class Calculated(msgspec.Struct, frozen=True):
    """What a run proposes.

    `planned`: how many items at locations have a policy. `known`: the requisition lines that it counted as supply.
    """

    lines: Sequence[RequisitionLine] = ()
    planned: int = 0
    known: Collection[UUID] = ()


async def calculate(conn: AsyncConnection, run: PlanRun) -> Calculated:
    """Balance all that the run is about, a part after the other."""
    places, found = await plan_inputs.read(conn, run.request)
    lines: list[RequisitionLine] = []
    planned = 0
    for i in range(0, len(places), _TOGETHER):
        part = places[i : i + _TOGETHER]
        references = await plan_inputs.masters(conn, part, datetime.now(UTC))
        made, count = _plan(run, part, found, references)
        lines += made
        planned += count
        await asyncio.sleep(0)
    return Calculated(lines, planned, found.under_way)


async def end_run(tx: Transaction, run: PlanRun, found: Calculated, outcome: Finished) -> None:
    """Store all lines of a run that succeeded, and its outcome; nothing if the run has ended already."""
    if not await plan_runs.end(tx, run.id):
        return
    if outcome.status == "succeeded":
        await _replace_lines(tx, run, found)
    await operations.finish(tx, [outcome])


def _plan(
    run: PlanRun, places: Sequence[Place], found: PlanInput, references: ReferenceData
) -> tuple[list[RequisitionLine], int]:
    """The lines of some places, and how many of these have a policy."""
    horizon = Horizon(run.request.from_date, run.request.to_date)
    balanced = profiles(places, found, references)
    lines = [
        plan_line(message, profile, run, references, new_id())
        for profile in balanced
        for message in plan(profile, horizon)
    ]
    return lines, len(balanced)


async def _replace_lines(tx: Transaction, run: PlanRun, found: Calculated) -> None:
    """What earlier runs proposed of these items and no person has carried out is not proposed any more.

    What was bought while the run calculated it does not know: its own orders there are for a person.
    """
    items, locations = set(run.request.item_nos), set(run.request.location_codes)
    before = [
        line
        for line in await plan_runs.proposed(tx, run.worksheet)
        if (not items or line.item_no in items) and (not locations or line.location_code in locations)
    ]
    work = DemandUnitOfWork({}, {line.id: line for line in before})
    for line in before:
        work.add_line(line.cancelled())
    await work.store(tx)
    bought = await plan_inputs.bought_since(tx, found.known)
    lines = [
        replace(line, accept_action_message=False, warning=PLAN_OUTDATED)
        if line.wants_purchase and line.place in bought
        else line
        for line in found.lines
    ]
    await requisitions.insert_lines(tx, lines)
