"""The demand of an order, as planning keeps it and as others see it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.values import Problem
from planning.domain.demand.rows import (
    OrderDemand,
    event_names,
    is_gettable,
    published_demand,
    row_for,
)
from planning.domain.demand.working_demand import WorkingDemand
from planning.domain.requisitions.lines import RequisitionLine
from tests.unit.planning.samples import requisition_line, sales_line, sales_order

LINE = sales_line()
ROW = row_for(sales_order(LINE), LINE, 1)


def working(*rows_and_lines: RequisitionLine) -> WorkingDemand:
    lines = {line.id: line for line in rows_and_lines}
    return WorkingDemand(OrderDemand(sales_order_no="S-1", version=4, rows={ROW.key: ROW}, lines=lines))


def test_first_row_of_a_line_awaits_a_requisition() -> None:
    assert (ROW.state, ROW.quantity, ROW.released) == ("awaiting_requisition", Decimal(2), True)


def test_line_without_demand_has_no_row() -> None:
    with pytest.raises(ValueError, match="no demand"):
        row_for(sales_order(LINE), replace(LINE, demand=None), 1)


def test_others_see_the_newest_generation_and_nothing_of_our_own() -> None:
    second = replace(ROW, generation=2, state="requested")
    demand = OrderDemand(sales_order_no="S-1", version=3, rows={ROW.key: ROW, second.key: second})
    published = published_demand(demand, ("requested",))
    assert [(x.generation, x.state) for x in published.lines] == [(2, "requested")]
    assert type(published.lines[0]).__name__ == "DemandLine"


@pytest.mark.parametrize(("state", "gettable"), [("exception", True), ("ordered", False)])
def test_line_that_nothing_procures_is_gettable(state: str, gettable: bool) -> None:  # noqa: FBT001
    assert is_gettable(replace(ROW, state=state), LINE) is gettable


def test_shipped_line_is_not_gettable() -> None:
    assert not is_gettable(None, sales_line(shipped=2))


def test_event_names_are_the_states_that_lines_came_into() -> None:
    before = OrderDemand(sales_order_no="S-1", rows={ROW.key: ROW})
    after = OrderDemand(sales_order_no="S-1", rows={ROW.key: replace(ROW, state="ordered")})
    assert event_names(before, after) == ("ordered",)
    assert event_names(after, after) == ()


def test_planning_s_own_act_raises_the_version_and_what_it_learns_does_not() -> None:
    learned, acted = working(), working()
    learned.learn(ROW, state="ordered")
    acted.act(ROW, state="requisitioned")
    assert (learned.result().version, acted.result().version) == (4, 5)


def test_many_acts_of_one_decision_are_one_version() -> None:
    acted = working()
    acted.act(acted.act(ROW, state="requisitioned"), vendor_no="V20")
    assert acted.result().version == 5


def test_stopped_line_and_its_row_say_why() -> None:
    line = requisition_line(id=uuid4())
    stopped = working(line)
    stopped.stop(line, Problem(code="vendor-blocked", detail="blocked"))
    after = stopped.result()
    assert after.lines[line.id].problem == after.rows[ROW.key].problem


def test_withdrawn_row_that_is_ordered_raises_a_cancel_message() -> None:
    """BC-PL-11."""
    demand = working()
    demand.withdraw(demand.learn(ROW, state="ordered"), UUID(int=5))
    assert demand.result().lines[UUID(int=5)].action_message == "cancel"


def test_withdrawn_row_that_is_only_requisitioned_is_cancelled_with_its_line() -> None:
    line = requisition_line()
    demand = working(line)
    demand.withdraw(demand.learn(ROW, state="requisitioned"), uuid4())
    after = demand.result()
    assert (after.rows[ROW.key].state, after.lines[line.id].status) == ("cancelled", "cancelled")
