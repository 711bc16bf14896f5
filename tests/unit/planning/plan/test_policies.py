"""The reordering policies, rule by rule and by the rules' own examples."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from planning.domain.plan.plan import POLICIES, plan
from planning.domain.plan.profiles import Profile
from tests.unit.planning.plan.samples import FIRST, HORIZON, demand, profile, short, supply

Short = list[tuple[str, str, int, str]]


def planned(given: Profile) -> Short:
    return short(plan(given, HORIZON))


def test_bc_pl_24_an_item_without_a_policy_is_not_planned() -> None:
    assert planned(profile("", demands=[demand(1, 5, "3")], supplies=[supply(1, 1, "9")])) == []


def test_bc_pl_15_what_is_missing_before_the_plan_is_an_emergency_of_the_day_before() -> None:
    for policy in ("lot_for_lot", "order", "fixed_reorder_qty", "maximum_qty"):
        late = profile(policy, "2", [demand(1, -3, "5")], reorder_quantity="1", maximum_inventory="9")
        assert ("new", "3", -1, "emergency") in planned(late), policy
    covered = profile("lot_for_lot", "2", [demand(1, -3, "5")], [supply(1, -1, "3")])
    assert planned(covered) == []


def test_bc_pl_17_a_supply_is_moved_to_its_demand_within_the_rescheduling_period() -> None:
    need = [demand(1, 10, "5")]
    late = supply(1, 15, "5")
    assert planned(profile("lot_for_lot", "0", need, [late], rescheduling_period_days=7)) == [
        ("reschedule", "5", 10, "")
    ]
    assert planned(profile("lot_for_lot", "0", need, [late], rescheduling_period_days=3)) == [
        ("new", "5", 10, ""),
        ("cancel", "0", 15, ""),
    ]
    assert planned(profile("lot_for_lot", "0", need, [supply(1, 2, "5")])) == [("reschedule", "5", 10, "")]


def test_bc_pl_17_a_supply_takes_the_size_of_its_demand() -> None:
    need = [demand(1, 10, "5")]
    assert planned(profile("lot_for_lot", "0", need, [supply(1, 10, "3")])) == [("change_qty", "5", 10, "")]
    assert planned(profile("lot_for_lot", "0", need, [supply(1, 10, "8")])) == [("change_qty", "5", 10, "")]
    assert planned(profile("lot_for_lot", "0", need, [supply(1, 4, "8")])) == [
        ("resched_and_chg_qty", "5", 10, "")
    ]
    bounded = profile("lot_for_lot", "0", need, [supply(1, 10, "3")], maximum_order_quantity="4")
    assert planned(bounded) == [("change_qty", "4", 10, ""), ("new", "1", 10, "")]
    assert planned(profile("lot_for_lot", "9", need, [supply(1, 10, "3")])) == [("cancel", "0", 10, "")]


def test_bc_pl_16_the_earliest_demand_takes_stock_and_the_next_one_the_earliest_purchase() -> None:
    """In any order of the input; on one day the lower order number goes first."""
    demands = [demand(3, 9, "4"), demand(2, 5, "4"), demand(1, 5, "4")]
    supplies = [supply(2, 9, "4"), supply(1, 5, "4")]
    assert planned(profile("lot_for_lot", "4", demands, supplies)) == []
    later = profile("lot_for_lot", "4", demands, [supply(2, 9, "4"), supply(1, 4, "4")])
    (move,) = plan(later, HORIZON)
    assert move.supply == supply(1, 4, "4")
    assert demands[1].text in move.reason


def test_bc_pl_18_a_supply_that_came_in_part_counts_and_is_never_changed() -> None:
    fixed = supply(1, 2, "8", fixed=True)
    assert planned(profile("lot_for_lot", "0", [demand(1, 10, "5")], [fixed])) == []
    late = supply(1, 12, "8", fixed=True)
    short_of = profile("lot_for_lot", "0", [demand(1, 10, "5")], [late], rescheduling_period_days=30)
    assert planned(short_of) == [("new", "5", 10, "")]


def test_bc_pl_19_order_to_order_follows_its_demand_without_modifiers() -> None:
    need = [demand(1, 5, "3"), demand(2, 5, "4")]
    bounds: dict[str, Any] = {
        "minimum_order_quantity": "10",
        "order_multiple": "5",
        "maximum_order_quantity": "50",
    }
    assert planned(profile("order", "0", need, **bounds)) == [("new", "3", 5, ""), ("new", "4", 5, "")]
    made_for = [message.demand for message in plan(profile("order", "0", need), HORIZON)]
    assert made_for == need
    own = supply(1, 9, "6", for_line=UUID(int=2))
    assert planned(profile("order", "3", need, [own])) == [("resched_and_chg_qty", "4", 5, "")]
    orphan = supply(2, 9, "6", for_line=UUID(int=77))
    assert planned(profile("order", "7", need, [orphan])) == [("cancel", "0", 9, "")]


def test_bc_pl_19_what_came_in_part_counts_for_its_demand_and_early_supply_stays_within_the_dampener() -> (
    None
):
    """BC-PL-18, BC-PL-28; what is tied to no demand is cut to what is needed, below the minimum of an order too."""
    need = [demand(1, 5, "5")]
    part = supply(1, 5, "3", for_line=UUID(int=1), fixed=True)
    assert planned(profile("order", "0", need, [part])) == [("new", "2", 5, "")]
    early = supply(1, 3, "5", for_line=UUID(int=1))
    assert planned(profile("order", "0", need, [early], dampener_period_days=2)) == []
    assert planned(profile("order", "0", need, [early], dampener_period_days=1)) == [
        ("reschedule", "5", 5, "")
    ]
    untied = profile("order", "0", need, [supply(1, 5, "9")], minimum_order_quantity="8")
    assert planned(untied) == [("change_qty", "5", 5, "")]


def test_bc_pl_19_several_supplies_of_a_demand_bring_together_what_it_needs() -> None:
    need = [demand(1, 5, "5")]
    tied: dict[str, Any] = {"for_line": UUID(int=1)}
    both = [supply(1, 5, "3", **tied), supply(2, 5, "4", **tied)]
    assert planned(profile("order", "0", need, both)) == [("change_qty", "2", 5, "")]
    assert planned(profile("order", "0", [demand(1, 5, "9")], both)) == [("change_qty", "6", 5, "")]
    assert planned(profile("order", "0", [demand(1, 5, "2")], both)) == [
        ("change_qty", "2", 5, ""),
        ("cancel", "0", 5, ""),
    ]


def test_bc_pl_19_stock_fills_what_the_supply_of_a_demand_lacks_and_no_more() -> None:
    own = [supply(1, 5, "3", for_line=UUID(int=1))]
    assert planned(profile("order", "3", [demand(1, 5, "5")], own)) == []
    assert planned(profile("order", "1", [demand(1, 5, "5")], own)) == [("change_qty", "4", 5, "")]


def test_bc_pl_28_a_small_excess_of_a_demand_s_own_supply_stays() -> None:
    """Not a supply that nothing is needed of, small as it is."""
    need = [demand(1, 5, "5")]
    own = [supply(1, 5, "7", for_line=UUID(int=1))]
    assert planned(profile("order", "0", need, own, dampener_quantity="3")) == []
    assert planned(profile("order", "0", need, own, dampener_quantity="2")) == [("change_qty", "5", 5, "")]
    both = [*own, supply(2, 5, "2", for_line=UUID(int=1))]
    small: dict[str, Any] = {"dampener_quantity": "3"}
    assert planned(profile("order", "0", [demand(1, 5, "7")], both, **small)) == [("cancel", "0", 5, "")]


def test_bc_pl_19_a_tie_holds_although_an_earlier_demand_could_use_the_supply() -> None:
    own = supply(1, 20, "4", for_line=UUID(int=2))
    need = [demand(1, 5, "4"), demand(2, 20, "4")]
    assert planned(profile("order", "0", need, [own], rescheduling_period_days=30)) == [("new", "4", 5, "")]


def test_bc_pl_19_an_overdue_demand_keeps_its_own_supply() -> None:
    own = supply(1, 6, "4", for_line=UUID(int=1))
    assert planned(profile("order", "0", [demand(1, -2, "4")], [own])) == [("reschedule", "4", 0, "")]


def test_bc_pl_15_an_overdue_supply_of_a_demand_has_come() -> None:
    own = supply(1, -2, "4", for_line=UUID(int=1))
    assert planned(profile("order", "0", [demand(1, 5, "4")], [own])) == []
    assert planned(profile("order", "0", [demand(1, 5, "6")], [own])) == [("new", "2", 5, "")]


def test_bc_pl_21_the_reorder_quantity_comes_a_lead_time_after_the_day_that_sets_it_off() -> None:
    falls = profile(
        "fixed_reorder_qty",
        "80",
        [demand(1, 10, "30")],
        reorder_point="50",
        reorder_quantity="100",
        lead_time_days=5,
    )
    assert planned(falls) == [("new", "100", 16, "")]
    on_its_way = profile(
        "fixed_reorder_qty",
        "80",
        [demand(1, 10, "30")],
        [supply(1, 14, "20")],
        reorder_point="50",
        reorder_quantity="100",
        lead_time_days=5,
    )
    assert planned(on_its_way) == []


def test_bc_pl_22_stock_of_80_and_a_sale_of_70_are_filled_up_by_90() -> None:
    bounds: dict[str, Any] = {"reorder_point": "50", "maximum_inventory": "100"}
    sold = profile("maximum_qty", "80", [demand(1, 5, "70")], **bounds)
    assert planned(sold) == [("new", "90", 6, "")]
    cut = profile("maximum_qty", "80", [demand(1, 5, "40")], [supply(1, 6, "90")], **bounds)
    assert planned(cut) == [("change_qty", "60", 6, "attention")]


def test_bc_pl_23_demand_of_an_accumulation_period_comes_together() -> None:
    need = [demand(1, 5, "3"), demand(2, 11, "4"), demand(3, 12, "5")]
    assert planned(profile("lot_for_lot", "0", need, lot_accumulation_period_days=7)) == [
        ("new", "7", 5, ""),
        ("new", "5", 12, ""),
    ]


def test_a_message_names_the_demands_that_it_serves_and_no_other() -> None:
    """A lot that is as large as an order may be serves nothing more, though more is needed in its period."""
    need = [demand(1, 5, "4"), demand(2, 6, "3")]
    bounds: dict[str, Any] = {"maximum_order_quantity": "4", "lot_accumulation_period_days": 7}
    moved, new = plan(profile("lot_for_lot", "0", need, [supply(1, 4, "4")], **bounds), HORIZON)
    assert (moved.reason, new.reason) == (need[0].text, need[1].text)


def test_bc_pl_25_modifiers_cap_then_raise_then_round() -> None:
    bounds: dict[str, Any] = {
        "minimum_order_quantity": "6",
        "order_multiple": "4",
        "maximum_order_quantity": "20",
    }
    assert planned(profile("lot_for_lot", "0", [demand(1, 5, "1")], **bounds)) == [("new", "8", 5, "")]
    assert planned(profile("lot_for_lot", "0", [demand(1, 5, "45")], **bounds)) == [
        ("new", "20", 5, ""),
        ("new", "20", 5, ""),
        ("new", "8", 5, ""),
    ]
    (message,) = plan(profile("lot_for_lot", "0", [demand(1, 5, "1")], **bounds), HORIZON)
    assert message.reason == (
        "sales order S-1 line 10000 needs 1 on 2026-03-07; 1 becomes 8 by minimum and multiple of an order"
    )


def test_bc_pl_26_gaps_are_ordered_exactly_and_wait_for_a_person() -> None:
    bounds: dict[str, Any] = {"minimum_order_quantity": "50", "order_multiple": "50", "safety_stock": "10"}
    assert planned(profile("lot_for_lot", "4", **bounds)) == [("new", "6", 0, "exception")]
    reorder = profile(
        "fixed_reorder_qty", "12", [demand(1, 3, "20")], reorder_quantity="50", safety_stock="2"
    )
    assert planned(reorder)[:2] == [("new", "8", 3, "emergency"), ("new", "2", 3, "exception")]


def test_bc_pl_26_what_fills_the_stock_up_is_not_enlarged_by_demand_of_its_day() -> None:
    """The gap waits for a person; what demand lacks is accepted."""
    given = profile("lot_for_lot", "4", [demand(1, 0, "5")], safety_stock="10")
    assert planned(given) == [("new", "6", 0, "exception"), ("new", "5", 0, "")]


def test_bc_pl_26_a_change_of_an_order_that_the_vendor_has_needs_attention() -> None:
    known = supply(1, 2, "5", released=True)
    assert planned(profile("lot_for_lot", "0", [demand(1, 10, "5")], [known])) == [
        ("reschedule", "5", 10, "attention")
    ]


def test_bc_pl_28_dampeners_keep_small_changes_away() -> None:
    need = [demand(1, 10, "5")]
    damped: dict[str, Any] = {"dampener_period_days": 3, "dampener_quantity": "3"}
    assert planned(profile("lot_for_lot", "0", need, [supply(1, 7, "7")], **damped)) == []
    assert planned(profile("lot_for_lot", "0", need, [supply(1, 6, "8")], **damped)) == [
        ("resched_and_chg_qty", "5", 10, "")
    ]
    cut: dict[str, Any] = {**damped, "lot_accumulation_period_days": 2}
    assert planned(profile("lot_for_lot", "0", need, [supply(1, 7, "5")], **cut)) == [
        ("reschedule", "5", 10, "")
    ]


def test_bc_pl_28_a_small_excess_is_not_cut_either() -> None:
    bounds: dict[str, Any] = {"reorder_point": "50", "maximum_inventory": "100", "dampener_quantity": "5"}
    for comes, messages in (("64", []), ("66", [("change_qty", "60", 6, "attention")])):
        filled = profile("maximum_qty", "80", [demand(1, 5, "40")], [supply(1, 6, comes)], **bounds)
        assert planned(filled) == messages


def test_what_lies_after_the_last_day_waits() -> None:
    """Demand is not planned yet, and its supply is left where it is (BC-PL-15)."""
    after = (HORIZON.last - FIRST).days + 1
    for policy in POLICIES:
        late = profile(policy, "60", [demand(1, after, "5")], [supply(1, after, "9")], reorder_point="1")
        assert planned(late) == [], policy
        assert planned(profile(policy, "60", [demand(1, after, "99")], reorder_point="1")) == [], policy


def test_quantities_may_have_decimals() -> None:
    given = profile("lot_for_lot", "0.25", [demand(1, 5, "1.5")], order_multiple="0.5")
    assert [m.quantity for m in plan(given, HORIZON)] == [Decimal("1.5")]
