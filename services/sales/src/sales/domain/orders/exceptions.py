"""Answering a broken supply: procure again, supply from stock, or give the line up (G21)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.refusals import conflict
from contracts.sales.orders import LineDemand
from domainkit.money import ZERO
from sales.domain.orders.context import OrderContext
from sales.domain.orders.line_changes import without_code
from sales.domain.orders.lines import Line, with_demand
from sales.domain.orders.order import OPEN, RELEASED, Order, closed_if_done
from sales.domain.sourcing import Sourcing

EXCEPTION: Final = "exception"
PROCURE_AGAIN: Final = "procure_again"
CANCEL_LINE: Final = "cancel_line"


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """The order after the answer, whose supply it concerns, and the generation that counts from now on."""

    order: Order
    sales_line_id: UUID
    generation: int
    procures: bool
    """Planning has to take the generation up; otherwise the answer ends in sales."""


def resolve_exception(order: Order, line: Line, answer: str, context: OrderContext) -> Resolution:
    """Answer the exception of a line; it is the one notice of its cause, and answered once (G21)."""
    if order.status not in {OPEN, RELEASED}:
        raise conflict("order-not-open", f"sales order {order.no} is {order.status}")
    sourcing = context.sourcings.get(line.id)
    if not line.flagged or sourcing is None or sourcing.state != EXCEPTION:
        refusal = conflict(
            "no-exception", f"line {line.line_no} has no exception to resolve", line_no=line.line_no
        )
        raise refusal
    generation = _next_generation(line, sourcing)
    if answer == PROCURE_AGAIN:
        after = order.with_line(replace(line, demand=_wanted(line, sourcing, generation)))
    else:
        given_up = without_code(order, line, context.references)
        if answer == CANCEL_LINE:
            # What has left stays sold; nothing of the line is outstanding any more.
            given_up = replace(given_up, quantity=given_up.quantity_shipped, qty_to_ship=None)
        after = closed_if_done(order.with_line(replace(with_demand(given_up), last_generation=generation)))
    return Resolution(
        order=after, sales_line_id=line.id, generation=generation, procures=answer == PROCURE_AGAIN
    )


def _next_generation(line: Line, sourcing: Sourcing) -> int:
    """Above everything that sales knows of: purchasing never buys a generation twice."""
    return max(sourcing.generation, line.demand.generation if line.demand else 0) + 1


def _wanted(line: Line, sourcing: Sourcing, generation: int) -> LineDemand:
    """Asked for by a person, so planning takes it up also where the order was never released.

    What was not given to another line is not bought again (E5).
    """
    supplied = sourcing.granted if sourcing.reallocated else ZERO
    return LineDemand(generation=generation, quantity=line.quantity, released=True, supplied=supplied)
