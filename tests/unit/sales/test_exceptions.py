"""Answering a broken supply: the next generation, ordinary stock, or nothing any more."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.planning.stock import DemandLine
from contracts.refusals import Refusal
from sales.domain.orders.exceptions import Resolution, resolve_exception
from sales.domain.orders.lines import with_demand
from sales.domain.orders.order import Order
from sales.domain.sourcing import Sourcing, learn_demand, resolved, sourcing_of
from tests.unit.sales import samples as x

ORDER = x.made(x.sold("SPECIAL"))
LINE = ORDER.lines[0]
OPERATION = UUID(int=77)


def broken(generation: int = 1) -> Sourcing:
    """A line whose purchase was refused."""
    demand = DemandLine(
        sales_line_id=LINE.id, sales_order_line_no=LINE.line_no, generation=generation, state="exception"
    )
    return learn_demand(sourcing_of(LINE.id, ORDER.no, LINE.line_no), demand, x.NOW)


def answered(answer: str, sourcing: Sourcing | None, order: Order = ORDER) -> Resolution:
    sourcings = {} if sourcing is None else {LINE.id: sourcing}
    return resolve_exception(order, order.lines[0], answer, x.context(sourcings))


def test_procuring_again_wants_the_next_generation() -> None:
    """G21."""
    decided = answered("procure_again", broken(3))
    demand = decided.order.lines[0].demand
    assert demand is not None
    assert (demand.generation, demand.released, demand.quantity) == (4, True, Decimal(5))
    assert (decided.generation, decided.procures) == (4, True)


def test_supply_from_stock_makes_an_ordinary_line() -> None:
    """G21."""
    line = answered("supply_from_stock", broken()).order.lines[0]
    assert (line.flagged, line.purchasing_code, line.demand, line.quantity) == (False, "", None, Decimal(5))


def test_a_cancelled_line_keeps_only_what_has_left() -> None:
    """G21."""
    order = replace(ORDER, lines=(x.shipped(LINE, "2"),))
    line = answered("cancel_line", broken(), order).order.lines[0]
    assert (line.quantity, line.outstanding_quantity, line.flagged) == (Decimal(2), Decimal(0), False)


def test_a_line_without_an_exception_has_nothing_to_resolve() -> None:
    """G21."""
    for sourcing in (None, sourcing_of(LINE.id, ORDER.no, LINE.line_no)):
        with pytest.raises(Refusal) as refused:
            answered("cancel_line", sourcing)
        assert refused.value.violations[0].code == "no-exception"


def test_an_exception_is_answered_once() -> None:
    """G21: what comes late of the old generation brings it back no more."""
    after = resolved(broken(), 2, OPERATION, x.NOW)
    assert (after.state, after.problem, after.generation) == ("awaiting_requisition", None, 2)
    late = DemandLine(
        sales_line_id=LINE.id,
        sales_order_line_no=LINE.line_no,
        generation=1,
        state="exception",
        vendor_no="V9",
    )
    assert learn_demand(after, late, x.NOW).state == "awaiting_requisition"
    with pytest.raises(Refusal):
        answered("procure_again", after)


def test_a_line_that_is_flagged_again_starts_above_what_was_given_up() -> None:
    """G21: purchasing never buys a generation twice."""
    line = answered("supply_from_stock", broken(2)).order.lines[0]
    again = with_demand(replace(line, special_order=True)).demand
    assert again is not None
    assert again.generation == 4
