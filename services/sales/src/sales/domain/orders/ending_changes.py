"""Purchasing accepted a change of bought lines: the order after it (G5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.fields import MAX_LINES
from contracts.purchasing.outcomes import ChangedLine
from contracts.refusals import conflict
from contracts.sales.orders import LineDemand
from domainkit.decisions import NewId
from domainkit.money import ZERO
from sales.domain.orders.closing_short import lowered
from sales.domain.orders.lines import Line, with_demand
from sales.domain.orders.order import Order, PendingChange, closed_if_done
from sales.domain.sourcing import Sourcing, procured_anew


class EndedChange(msgspec.Struct, frozen=True, kw_only=True):
    """The order after the change, and what is known of the supply of its lines."""

    order: Order
    sourcings: Mapping[UUID, Sourcing]
    """The records that changed."""
    accepted_as_line: int | None = None
    """The line that sells what the purchase could not take."""


def end_change(
    order: Order,
    pending: PendingChange,
    changed: Iterable[ChangedLine],
    sourcings: Mapping[UUID, Sourcing],
    *,
    new_id: NewId,
    at: datetime,
) -> EndedChange:
    """Apply a change that was accepted; `order` does not wait for it any more.

    A line that was not bought is procured under the next generation: purchasing buys no earlier one any more, so a
    purchase request that is still on its way cannot buy it as it was.
    """
    by_line = {each.sales_line_id: each for each in changed}
    if pending.ship_to is not None:
        order = replace(order, ship_to=pending.ship_to, ship_to_code=pending.ship_to_code)
    learned: dict[UUID, Sourcing] = {}
    accepted_as_line = None
    for asked in pending.lines:
        line = next((each for each in order.lines if each.id == asked.sales_line_id), None)
        answer = by_line.get(asked.sales_line_id)
        if line is None or answer is None:
            continue
        after = _changed(line, pending, answer) if line.line_no == pending.line_no else line
        sourcing = sourcings.get(line.id)
        if answer.unbought:
            after = _procured_anew(after, sourcing, asked.generation)
        if sourcing is not None:
            now = _learned(sourcing, after, answer, at, gives_up=asked.quantity == ZERO)
            learned |= {line.id: now} if now is not sourcing else {}
        order = order.with_line(after)
        if answer.not_taken and line.line_no == pending.line_no and pending.increase > ZERO:
            order, accepted_as_line = _with_difference(order, after, pending, new_id)
    # A line that is no matter of a purchase changes with the address alone.
    order = _with_unasked(order, pending)
    return EndedChange(order=closed_if_done(order), sourcings=learned, accepted_as_line=accepted_as_line)


def _with_unasked(order: Order, pending: PendingChange) -> Order:
    line = next((each for each in order.lines if each.line_no == pending.line_no), None)
    if line is None or any(asked.sales_line_id == line.id for asked in pending.lines):
        return order
    return order.with_line(with_demand(_with_fields(line, pending)))


def _with_fields(line: Line, pending: PendingChange) -> Line:
    return replace(line, **{name: getattr(pending.after, name) for name in pending.fields})


def _changed(line: Line, pending: PendingChange, answer: ChangedLine) -> Line:
    """The line after its change. What lowered it in between (closed short) stays."""
    after = _with_fields(line, pending)
    if pending.increase > ZERO and answer.not_taken:
        return with_demand(replace(after, quantity=line.quantity))
    if pending.increase < ZERO:
        return with_demand(lowered(replace(after, quantity=line.quantity), after.quantity))
    return with_demand(after)


def _procured_anew(line: Line, sourcing: Sourcing | None, asked_generation: int) -> Line:
    """The line under its next generation. What came to nothing is not bought again by itself."""
    known = max(asked_generation, sourcing.generation if sourcing else 0)
    if line.demand is None:
        return replace(line, last_generation=max(line.last_generation, known))
    link = sourcing.effective_link if sourcing else None
    if line.outstanding_quantity <= 0 or (link is not None and link.came_to_nothing):
        return line
    demand = LineDemand(
        generation=max(known, line.demand.generation) + 1,
        quantity=line.demand.quantity,
        released=line.demand.released,
        supplied=line.demand.supplied,
    )
    return replace(line, demand=demand)


def _learned(
    sourcing: Sourcing, line: Line, answer: ChangedLine, at: datetime, *, gives_up: bool
) -> Sourcing:
    if gives_up:
        return replace(sourcing, is_given_up=True)
    if answer.unbought and line.demand is not None and line.demand.generation > sourcing.generation:
        return procured_anew(sourcing, line.demand.generation, at)
    return sourcing


def _with_difference(order: Order, line: Line, pending: PendingChange, new_id: NewId) -> tuple[Order, int]:
    """One more line, procured by itself, for what the purchase of the first could not take."""
    if len(order.lines) >= MAX_LINES:
        raise conflict("too-many-lines", f"an order has at most {MAX_LINES} lines")
    quantity, line_no = pending.increase, order.next_line_no()
    more = replace(
        line,
        id=new_id(),
        line_no=line_no,
        quantity=quantity,
        line_discount_amount=None,
        qty_to_ship=None,
        qty_to_invoice=None,
        invoiced=ZERO,
        ever_invoiced=ZERO,
        last_generation=0,
        postings=(),
        reallocations=(),
        promised_delivery_date=line.planned_delivery_date,
        demand=LineDemand(generation=1, quantity=quantity, released=True),
    )
    return order.with_line(more), line_no
