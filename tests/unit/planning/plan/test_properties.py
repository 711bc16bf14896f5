"""What holds for every plan, whatever is planned."""

from __future__ import annotations

from datetime import date
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


def projected(planned: Profile) -> list[tuple[date, Decimal]]:
    """Stock at the end of each day of the plan on which something moves; earlier movements are done."""
    days = {HORIZON.first, *(d.day for d in planned.demands), *(s.day for s in planned.supplies)}
    return [
        (
            day,
            planned.stock
            + sum((s.quantity for s in planned.supplies if s.day <= day), Decimal(0))
            - sum((d.quantity for d in planned.demands if d.day <= day), Decimal(0)),
        )
        for day in sorted(days)
        if HORIZON.first <= day <= HORIZON.last
    ]


def _own(planned: Profile, demand: Demand) -> bool:
    return any(s.for_line == demand.line_id for s in planned.supplies)


def _explanations(planned: Profile) -> list[str]:
    """A demand by number, quantity and day, or what else sets a message off."""
    causes = ["are missing before", "below the safety stock of", "reorder point", "stock falls from"]
    return [d.text for d in planned.demands] + [
        *causes,
        "nothing needs it",
        "it fills up the stock",
        "stock rises to",
        "the demand that it was bought for is gone",
    ]


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
    for day, stock in projected(done):
        assert stock >= 0, day


@given(profiles())
def test_each_new_order_is_needed(planned: Profile) -> None:
    """Without it stock would fall below nothing or the safety stock, or lie at the reorder point, on some day.

    An emergency of the day before the plan is needed by itself: what was missing then is bought (BC-PL-15).
    """
    messages = plan(planned, HORIZON)
    bounds = planned.parameters
    is_reordered = bounds.policy in {"fixed_reorder_qty", "maximum_qty"}
    for left_out in (m for m in messages if m.action == NEW and m.day >= HORIZON.first):
        done = accepted(planned, [message for message in messages if message is not left_out])
        least = min(stock for _, stock in projected(done))
        if bounds.policy == "order":
            assert left_out.demand in planned.demands or least < bounds.safety_stock
        else:
            assert (
                least < bounds.safety_stock or least < 0 or (is_reordered and least <= bounds.reorder_point)
            )


@given(profiles())
def test_no_more_is_ordered_than_demand_safety_stock_and_modifiers_ask_for(planned: Profile) -> None:
    """Lot for lot and order buy what is missing; the rest is what minimum and multiple add to each order."""
    bounds = planned.parameters
    if bounds.policy not in {"lot_for_lot", "order"}:
        return
    new = [m for m in plan(planned, HORIZON) if m.action == NEW]
    wanted = sum((d.quantity for d in planned.demands if d.day <= HORIZON.last), bounds.safety_stock)
    most_added = (
        bounds.minimum_order_quantity + bounds.order_multiple if bounds.policy == "lot_for_lot" else 0
    )
    missing = max(wanted - min(planned.stock, Decimal(0)), Decimal(0))
    assert sum(m.quantity for m in new) <= missing + most_added * len(new)
    if planned.stock >= wanted:
        assert not [m for m in new if m.demand is None or not _own(planned, m.demand)]


@given(profiles())
def test_with_the_policy_order_what_is_tied_to_a_demand_serves_no_other(planned: Profile) -> None:
    """Firm links stay: demands have their own supply, and the rest is covered by stock and what is tied to none."""
    bound = replace(planned, parameters=replace(planned.parameters, policy="order"))
    messages = plan(bound, HORIZON)
    demands = {d.line_id: d for d in bound.demands}
    for message in messages:
        if message.action == CANCEL and message.supply is not None and message.supply.for_line in demands:
            demand_ = demands[message.supply.for_line]
            own = [s for s in accepted(bound, messages).supplies if s.for_line == demand_.line_id]
            in_time = HORIZON.first <= demand_.day <= HORIZON.last
            assert not in_time or sum(s.quantity for s in own) >= demand_.quantity
    done = accepted(bound, messages)
    tied = {d.line_id: Decimal(0) for d in done.demands}
    for each in done.supplies:
        if each.for_line in tied and each.day >= HORIZON.first:
            tied[each.for_line] += each.quantity
    for day in sorted({HORIZON.first, *(d.day for d in done.demands)}):
        if not HORIZON.first <= day <= HORIZON.last:
            continue
        free = done.stock + sum(
            s.quantity
            for s in done.supplies
            if s.day <= day and (s.for_line is None or s.day < HORIZON.first)
        )
        needed = sum(max(d.quantity - tied[d.line_id], Decimal(0)) for d in done.demands if d.day <= day)
        assert free >= needed, day


@given(profiles())
def test_every_message_says_why_and_moves_something(planned: Profile) -> None:
    for message in plan(planned, HORIZON):
        assert any(word in message.reason for word in _explanations(planned)), message.reason
        if message.action == NEW:
            assert message.quantity > 0
            assert message.day >= HORIZON.first or message.warning == EMERGENCY
            continue
        assert message.supply is not None
        same = (message.day, message.quantity) == (message.supply.day, message.supply.quantity)
        assert not same
        assert (message.quantity == 0) == (message.action == CANCEL)
        assert message.warning or not message.supply.released
