"""Purchasing decided a change that sales had asked for: it is applied whole, or dropped with the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec.structs import asdict, replace

from contracts.purchasing.outcomes import RequestOutcome
from contracts.refusals import Refusal
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.operations import Finished
from eventkit.transaction import Transaction
from sales.domain.orders.change_requests import CHANGE
from sales.domain.orders.closing_short import follow_closed_short
from sales.domain.orders.ending_changes import end_change
from sales.domain.orders.order import Order, PendingChange, closed_if_done
from sales.domain.posting.correcting import CORRECT_INVOICE
from sales.domain.posting.undoing import UNDO_SHIPMENT
from sales.domain.sourcing import Sourcing
from sales.store import sourcings
from sales.use_cases.close_lines_short import ClosedShort
from sales.use_cases.end_corrections import ended_corrections
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.outcome_problems import problem_of
from sales.use_cases.request_changes import succeeded
from sales.use_cases.undo_shipments import UndoBatch, UndoneShipment

CHANGED = "changed"


async def end_changes(
    tx: Transaction, orders: LockedOrders, outcomes: Iterable[tuple[RequestOutcome, Context]]
) -> list[Finished]:
    """End pending changes; an outcome that comes again finds none. The orders are written by their holder."""
    undos, changes = UndoBatch(tx, orders), _LineChanges(tx, orders)
    decided = [(outcome, context) for outcome, context in outcomes if _pending(orders, outcome)]
    waiting = [pending for outcome, _ in decided if (pending := _pending(orders, outcome))]
    corrections = await ended_corrections(tx, orders, waiting)
    finished = []
    for outcome, context in decided:
        pending = _pending(orders, outcome)
        if pending is None:
            continue  # the same outcome came twice in the batch
        order = orders.by_no[outcome.sales_order_no]
        freed = _without(order, pending)
        if pending.kind == CORRECT_INVOICE:
            corrections.end(freed, pending, outcome, context, granted=outcome.outcome == CHANGED)
        elif outcome.outcome != CHANGED:
            orders.put(closed_if_done(freed), context, "change_refused")
            finished.append(Finished(outcome.request_id, "refused", problem=problem_of(outcome)))
        elif pending.kind == UNDO_SHIPMENT:
            ids = frozenset(id_ for line in pending.lines for id_ in line.posting_ids)
            undos.undo(freed, {pending.shipment_no: ids}, context)
            result = UndoneShipment(shipment_no=pending.shipment_no, sales_order_no=order.no)
            finished.append(Finished(outcome.request_id, "succeeded", result=asdict(result)))
        elif pending.kind == CHANGE:
            finished.append(changes.end(freed, pending, outcome, context))
        else:
            finished.append(_close_short(orders, freed, outcome, context))
    await undos.store()
    await changes.store()
    return finished + await corrections.store()


class _LineChanges:
    """Changes of bought lines that purchasing accepted (G5)."""

    def __init__(self, tx: Transaction, orders: LockedOrders) -> None:
        self._tx = tx
        self._orders = orders
        self._learned: dict[UUID, Sourcing] = {}

    def end(
        self, order: Order, pending: PendingChange, outcome: RequestOutcome, context: Context
    ) -> Finished:
        """Apply one. Without room for the line that takes the difference it is refused after all."""
        by_line = self._orders.sourcings
        try:
            ended = end_change(order, pending, outcome.changed_lines, by_line, new_id=new_id, at=self._tx.now)
        except Refusal as refusal:
            self._orders.put(closed_if_done(order), context, "change_refused")
            reasons = replace(outcome, errors=refusal.problems())
            return Finished(pending.id, "refused", problem=problem_of(reasons))
        # Into both: the next outcome of the batch must see it.
        by_line.update(ended.sourcings)
        self._learned.update(ended.sourcings)
        self._orders.put(ended.order, context, "line_changed")
        return succeeded(pending.id, order.no, pending.line_no, ended.accepted_as_line)

    async def store(self) -> None:
        """Write what is known of the lines; the orders are written by their holder."""
        rows = await sourcings.store(self._tx, list(self._learned.values()))
        self._orders.sourcings.update((row.sales_line_id, row) for row in rows)


def _close_short(orders: LockedOrders, order: Order, outcome: RequestOutcome, context: Context) -> Finished:
    line_no = 0
    for changed in outcome.changed_lines:
        sourcing = orders.sourcings.get(changed.sales_line_id)
        if sourcing is not None:
            order = follow_closed_short(order, sourcing, changed.quantity_received)
            line_no = sourcing.sales_order_line_no
    orders.put(closed_if_done(order), context, "closed_short")
    result = ClosedShort(sales_order_no=order.no, line_no=line_no)
    return Finished(outcome.request_id, "succeeded", result=asdict(result))


def _pending(orders: LockedOrders, outcome: RequestOutcome) -> PendingChange | None:
    order = orders.by_no.get(outcome.sales_order_no)
    changes = order.requested_changes if order else ()
    return next((change for change in changes if change.id == outcome.request_id), None)


def _without(order: Order, ended: PendingChange) -> Order:
    return replace(order, requested_changes=tuple(c for c in order.requested_changes if c.id != ended.id))
