"""Purchasing decided a purchase request: refused lines are open again, skipped ones are superseded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from contracts.purchasing.outcomes import RequestOutcome
from contracts.values import Problem
from eventkit.consumer import Batch, Change
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.demand.outcomes import errors_of, follow_outcome, settle
from planning.domain.demand.rows import OrderDemand
from planning.domain.requisitions.lines import RequisitionLine
from planning.store import demand as demand_store
from planning.store import requisitions
from planning.store.unit_of_work import DemandUnitOfWork
from planning.use_cases.publishing import publish_decisions
from planning.use_cases.record_runs import Settled, record_runs

PURCHASE_REQUEST: Final = "purchase_request"

Errors = Mapping[UUID, tuple[Problem, ...]]
"""Why a request was refused, by its id."""


async def follow_request_outcomes(tx: Transaction, batch: Batch[RequestOutcome]) -> None:
    """Bring requisition lines, demand and runs up to the outcomes of a batch; requests of sales are left out."""
    ours = [change for change in batch if change.new.kind == PURCHASE_REQUEST]
    if not ours:
        return
    work = await _lock(tx, ours)
    errors: dict[UUID, tuple[Problem, ...]] = {}
    for change in ours:
        with batch.deciding(change):
            demands, lines = _follow(change.new, work)
            for demand in demands:
                work.add_decision(demand, change.context)
            for line in lines:
                work.add_line(line)
            errors[change.new.request_id] = change.new.errors
    await work.store(tx)
    await record_runs(tx, [_settled(before, after, errors) for before, after in work.changed_lines()])
    publish_decisions(tx, work)


async def _lock(tx: Transaction, changes: list[Change[RequestOutcome]]) -> DemandUnitOfWork:
    """Lines of sales orders are locked by the order's demand, the others themselves."""
    ids = await requisitions.lines_of_requests(tx, [change.new.request_id for change in changes])
    demands = await demand_store.lock(tx, (no for _, no in ids if no))
    lines = await requisitions.lock_lines(tx, (line_id for line_id, no in ids if not no))
    return DemandUnitOfWork(demands, lines)


def _follow(
    outcome: RequestOutcome, work: DemandUnitOfWork
) -> tuple[list[OrderDemand], list[RequisitionLine]]:
    """The demands and the requisition lines without a sales order that the outcome concerns, after it."""
    demands = [
        follow_outcome(demand, outcome, new_id)
        for demand in work.demands.values()
        if any(line.purchase_request_id == outcome.request_id for line in demand.lines.values())
    ]
    lines = (settle(line, outcome) for line in work.lines.values())
    return demands, [line for line in lines if line is not None]


def _settled(before: RequisitionLine | None, after: RequisitionLine, errors: Errors) -> Settled:
    request_id = before.purchase_request_id if before is not None else None
    return Settled(after, errors_of(after, errors.get(request_id, ())) if request_id is not None else ())
