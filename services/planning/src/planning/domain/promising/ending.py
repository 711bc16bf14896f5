"""What a promise planned into stock ends with its sales line, or with sales' refusal (BC-PL-34)."""

from __future__ import annotations

from uuid import UUID

from contracts.sales.orders import SalesOrder
from planning.domain.demand.working_demand import WorkingDemand
from planning.domain.requisitions.lines import OPEN
from planning.domain.requisitions.sales_lines import wants_nothing


def drop_promised_lines(working: WorkingDemand, order: SalesOrder) -> None:
    """Cancel open requisition lines of promises whose sales line needs nothing, or whose promise was refused."""
    needing = _needing(order)
    refused = {decision.id for decision in order.promise_decisions if decision.errors}
    for line in list(working.lines.values()):
        if line.promise_id is None or line.status != OPEN or line.is_bound:
            continue
        if line.sales_line_id not in needing or line.promise_id in refused:
            working.put(line.cancelled())


def may_end_promises(before: SalesOrder, after: SalesOrder) -> bool:
    """Whether a snapshot may end what a promise planned: a line needs nothing any more, or promises were decided."""
    if before.promise_decisions != after.promise_decisions:
        return True
    return not _needing(before) <= _needing(after)


def _needing(order: SalesOrder) -> set[UUID]:
    if wants_nothing(order):
        return set()
    return {line.id for line in order.lines if line.quantity > line.quantity_shipped}
