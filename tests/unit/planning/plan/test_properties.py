"""What holds for every plan, whatever is planned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from planning.domain.plan.messages import EMERGENCY
from planning.domain.plan.plan import POLICIES, plan
from planning.domain.plan.profiles import Demand, Profile, Supply
from planning.domain.requisitions.lines import CANCEL, NEW
from tests.unit.planning.plan.samples import HORIZON, accepted, demand, profile, supply

QUANTITIES = st.integers(1, 60).map(Decimal)
BOUNDS = st.integers(0, 20).map(Decimal)
DAYS = st.integers(-10, 90)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    demands = [demand(i, draw(DAYS), draw(QUANTITIES)) for i in range(draw(st.integers(0, 8)))]
    policy = draw(st.sampled_from(sorted(POLICIES)))
    return profile(
        policy,
        draw(st.integers(-10, 60).map(Decimal)),
        demands,
        [_supply(draw, i, demands, policy) for i in range(draw(st.integers(0, 6)))],
        **_parameters(draw),
    )


def _supply(draw: st.DrawFn, number: int, demands: list[Demand], policy: str) -> Supply:
    for_line = None
    if policy == "order" and draw(st.booleans()):
        for_line = draw(st.sampled_from([d.line_id for d in demands] or [UUID(int=999)]))
    return supply(
        number,
        draw(DAYS),
        draw(QUANTITIES),
        fixed=for_line is None and draw(st.integers(0, 4)) == 0,
        released=draw(st.booleans()),
        for_line=for_line,
    )


def _parameters(draw: st.DrawFn) -> dict[str, Any]:
    multiple = draw(st.sampled_from([Decimal(0), Decimal(5), Decimal(6)]))
    least = multiple * draw(st.integers(1, 3)) if multiple else draw(BOUNDS)
    most = least * draw(st.integers(1, 4)) if least else Decimal(0)
    return {
        "lead_time_days": draw(st.integers(0, 20)),
        "reorder_point": draw(BOUNDS),
        "reorder_quantity": draw(st.integers(1, 60).map(Decimal)),
        "maximum_inventory": draw(st.integers(20, 100).map(Decimal)),
        "safety_stock": draw(BOUNDS),
        "minimum_order_quantity": least,
        "maximum_order_quantity": draw(st.sampled_from([Decimal(0), most])),
        "order_multiple": multiple,
        "lot_accumulation_period_days": draw(st.integers(0, 14)),
        "rescheduling_period_days": draw(st.integers(0, 30)),
        "dampener_period_days": draw(st.integers(0, 7)),
        "dampener_quantity": draw(st.integers(0, 5).map(Decimal)),
    }


@given(profiles())
def test_planning_the_accepted_plan_again_proposes_nothing(planned: Profile) -> None:
    once = accepted(planned, plan(planned, HORIZON))
    assert plan(once, HORIZON) == []


@given(profiles(), st.randoms())
def test_the_order_of_the_input_changes_nothing(planned: Profile, random: Any) -> None:
    demands, supplies = list(planned.demands), list(planned.supplies)
    random.shuffle(demands)
    random.shuffle(supplies)
    shuffled = replace(planned, demands=tuple(demands), supplies=tuple(supplies))
    assert plan(shuffled, HORIZON) == plan(planned, HORIZON)


@given(profiles())
def test_each_supply_is_spoken_of_once_and_fixed_ones_never(planned: Profile) -> None:
    """BC-PL-18."""
    about = [m.supply for m in plan(planned, HORIZON) if m.supply is not None]
    assert len({s.line_id for s in about}) == len(about)
    assert not any(s.fixed for s in about)


@given(profiles())
def test_an_accepted_plan_leaves_no_demand_without_goods(planned: Profile) -> None:
    """Quantities are conserved: stock and what comes is never less than what leaves, on any day of the plan."""
    done = accepted(planned, plan(planned, HORIZON))
    days = {HORIZON.first, *(d.day for d in done.demands)}
    for day in sorted(d for d in days if HORIZON.first <= d <= HORIZON.last):
        come = sum(s.quantity for s in done.supplies if s.day <= day)
        gone = sum(d.quantity for d in done.demands if d.day <= day)
        assert done.stock + come - gone >= 0, day


@given(profiles())
def test_every_message_says_why_and_moves_something(planned: Profile) -> None:
    for message in plan(planned, HORIZON):
        assert message.reason
        if message.action == NEW:
            assert message.quantity > 0
            assert message.day >= HORIZON.first or message.warning == EMERGENCY
            continue
        assert message.supply is not None
        same = (message.day, message.quantity) == (message.supply.day, message.supply.quantity)
        assert not same
        assert (message.quantity == 0) == (message.action == CANCEL)
        assert message.warning or not message.supply.released
