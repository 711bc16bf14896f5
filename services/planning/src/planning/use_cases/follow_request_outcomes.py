"""Purchasing decided a purchase request: refused lines are open again, skipped ones are superseded."""

from __future__ import annotations

from uuid import UUID

from contracts.purchasing import RequestOutcome
from contracts.values import Problem
from eventkit.consumer import Batch, Change
from eventkit.transaction import Transaction
from planning.domain.demand import OrderDemand
from planning.domain.outcomes import errors_of, follow_outcome, settle
from planning.domain.requisition import RequisitionLine
from planning.store import demand as demand_store
from planning.store import requisitions
from planning.store.decided import Decided
from planning.use_cases.publishing import publish_demand
from planning.use_cases.record_runs import Settled, record_runs

PURCHASE_REQUEST = "purchase_request"


async def follow_request_outcomes(tx: Transaction, batch: Batch[RequestOutcome]) -> None:
    """Bring requisition lines, demand and runs up to the outcomes of a batch; others' requests do not concern us."""
    mine = [change for change in batch if change.new.kind == PURCHASE_REQUEST]
    if not mine:
        return
    ids = await requisitions.lines_of_requests(tx, [change.new.request_id for change in mine])
    demands = await demand_store.lock(tx, (no for _, no in ids if no))
    plain = await requisitions.lock_lines(tx, (line_id for line_id, no in ids if not no))
    decided = Decided()
    settled: dict[UUID, RequisitionLine] = {}
    errors: dict[UUID, tuple[Problem, ...]] = {}
    contexts = {}
    for change in mine:
        with batch.deciding(change):
            follows, lines = _follow(change, demands, plain)
            for demand in follows:
                decided.add(demands[demand.sales_order_no], demand)
                demands[demand.sales_order_no] = demand
                contexts[demand.sales_order_no] = change.context
            settled |= {line.id: line for line in lines}
            errors[change.new.request_id] = change.new.errors
    decided.change(settled.values())
    await decided.store(tx)
    after = [line for _, line in decided.changed_lines()] + list(settled.values())
    before = {line.id: line for line, _ in decided.changed_lines() if line is not None} | plain
    await record_runs(tx, [_settled(line, before.get(line.id), errors) for line in after])
    for old, new in decided.told():
        publish_demand(tx, old, new, contexts[new.sales_order_no])


def _follow(
    change: Change[RequestOutcome],
    demands: dict[str, OrderDemand],
    plain: dict[UUID, RequisitionLine],
) -> tuple[list[OrderDemand], list[RequisitionLine]]:
    outcome = change.new
    concerned = [
        demand
        for demand in demands.values()
        if any(line.purchase_request_id == outcome.request_id for line in demand.lines.values())
    ]
    lines = (settle(line, outcome) for line in plain.values())
    return [follow_outcome(demand, outcome) for demand in concerned], [
        line for line in lines if line is not None
    ]


def _settled(
    line: RequisitionLine, before: RequisitionLine | None, errors: dict[UUID, tuple[Problem, ...]]
) -> Settled:
    request_id = before.purchase_request_id if before is not None else None
    return Settled(line, errors_of(line, errors.get(request_id, ())) if request_id is not None else ())
