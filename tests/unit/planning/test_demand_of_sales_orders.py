"""What planning makes of a sales order: pure decisions over plain values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from msgspec.structs import replace

from contracts.purchasing.masters import PriceBreak
from contracts.sales.masters import PurchasingCode
from contracts.sales.orders import LineDemand, Reallocation
from domainkit.references import CopyMissing, ReferenceData
from planning.domain.demand.outcomes import follow_outcome
from planning.domain.demand.purchase_orders import follow_purchase_order
from planning.domain.demand.rows import DemandRow, OrderDemand, published_demand
from planning.domain.demand.sales_orders import follow_sales_order
from planning.domain.demand.worksheets import get_sales_lines, put_deleted
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import Setup
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard
from planning.domain.requisitions.commands import GetSalesOrders, SalesLineFilters
from planning.domain.requisitions.lines import WARNINGS
from tests.unit.planning.samples import (
    DROP,
    EMPTY,
    ROPE,
    bought,
    context,
    linked_by_others,
    offer,
    only_line,
    references,
    refused,
    sales_line,
    sales_order,
    states,
    vendor,
)

GET = GetSalesOrders("DEFAULT", SalesLineFilters())
UNRELEASED = sales_order(sales_line(released=False), status="open")


@pytest.mark.parametrize(
    ("automation", "state", "lines", "requests"),
    [
        ("manual", "awaiting_requisition", 0, 0),
        ("requisition", "requisitioned", 1, 0),
        ("purchase_order", "requested", 1, 1),
    ],
)
def test_automation_decides_how_far_a_released_line_goes(
    automation: str, state: str, lines: int, requests: int
) -> None:
    decision = follow_sales_order(EMPTY, sales_order(sales_line(), automation=automation), context())
    assert states(decision.demand) == {(10000, 1): state}
    assert (len(decision.demand.lines), len(decision.requests)) == (lines, requests)
    assert decision.demand.version == 1
    assert decision.demand.gettable is (automation == "manual")


def test_order_that_says_nothing_follows_the_setup() -> None:
    manual = context(references(setup=Setup(automation="manual")))
    decision = follow_sales_order(EMPTY, sales_order(sales_line()), manual)
    assert states(decision.demand) == {(10000, 1): "awaiting_requisition"}


def test_special_order_is_dated_back_by_handling_safety_and_lead_time() -> None:
    """BC-SO-11, BC-PL-27: due at the shipment date; lead time of the vendor when nothing nearer has one."""
    item = ItemCard(no="1100", vendor_no="V10", safety_lead_time_days=2)
    decision = follow_sales_order(EMPTY, sales_order(sales_line()), context(references(items=[item])))
    line = only_line(decision.demand)
    assert (line.due_date, line.receipt_date, line.order_date) == (
        date(2026, 3, 20),
        date(2026, 3, 17),
        date(2026, 3, 10),
    )


def test_drop_shipment_is_asked_for_at_the_delivery_date_without_handling() -> None:
    """BC-DS-11, BC-DS-16."""
    line = only_line(follow_sales_order(EMPTY, sales_order(sales_line(drop=True)), context()).demand)
    assert (line.due_date, line.receipt_date, line.order_date) == (
        date(2026, 3, 20),
        date(2026, 3, 22),
        date(2026, 3, 13),
    )


def test_vendor_is_the_stockkeeping_units_before_the_items() -> None:
    """BC-MD-12: a blocked vendor on the item card does not matter then."""
    unit = StockkeepingUnitCard(location_code="NORTH", item_no="1100", vendor_no="V20")
    found = references(units=[unit], vendors=[vendor("V10", blocked="all"), vendor("V20")])
    (request,) = follow_sales_order(EMPTY, sales_order(sales_line()), context(found)).requests
    assert request.vendor_no == "V20"


OBSTACLES = {
    "vendor-required": references(items=[ItemCard(no="1100")]),
    "item-blocked": references(items=[replace(ROPE, purchasing_blocked=True)]),
    "vendor-blocked": references(vendors=[vendor("V10", blocked="all")]),
    "purchasing-code-mismatch": references(
        codes=[PurchasingCode(version=2, code="SPEC", drop_shipment=True), DROP]
    ),
    "below-minimum": references(offers=[offer(minimum_quantity=Decimal(10))]),
    "above-automation-limit": references(setup=Setup(automation_limit_amount=Decimal(139))),
    "location-required": references(setup=Setup(location_mandatory=True)),
}


@pytest.mark.parametrize(("code", "found"), OBSTACLES.items(), ids=OBSTACLES)
def test_what_stands_against_automation_leaves_the_line_open_and_shows_on_the_sales_order(
    code: str, found: ReferenceData
) -> None:
    """BC-MD-05, BC-MD-11, BC-MD-18, BC-MD-21, G20, G21, E9; automation never raises a quantity."""
    location = "" if code == "location-required" else "NORTH"
    order = sales_order(sales_line(location_code=location))
    decision = follow_sales_order(EMPTY, order, context(found))
    line = only_line(decision.demand)
    assert (decision.requests, line.status, line.accept_action_message) == ((), "open", False)
    assert line.quantity == 2
    assert code in {line.warning, line.problem.code if line.problem else ""}
    (shown,) = published_demand(decision.demand).lines
    state = "requisitioned" if code in WARNINGS else "exception"
    assert (shown.state, shown.problem.code if shown.problem else "") == (state, code)


def test_vendor_blocked_for_privacy_stops_the_purchase() -> None:
    """BC-MD-18."""
    found = references(vendors=[vendor("V10", privacy_blocked=True)])
    assert follow_sales_order(EMPTY, sales_order(sales_line()), context(found)).requests == ()


def test_vendor_payment_block_stops_nothing() -> None:
    """BC-MD-18."""
    found = references(vendors=[vendor("V10", blocked="payment")])
    assert len(follow_sales_order(EMPTY, sales_order(sales_line()), context(found)).requests) == 1


def test_cost_preview_is_the_lowest_price_that_the_purchase_order_will_have() -> None:
    """BC-MD-15."""
    known = offer(
        direct_unit_cost=Decimal(90),
        price_breaks=(
            PriceBreak(
                minimum_quantity=Decimal(2), direct_unit_cost=Decimal(80), line_discount_pct=Decimal(10)
            ),
            PriceBreak(minimum_quantity=Decimal(50), direct_unit_cost=Decimal(60)),
            PriceBreak(direct_unit_cost=Decimal(1), to_date=date(2025, 12, 31)),
        ),
    )
    decision = follow_sales_order(EMPTY, sales_order(sales_line()), context(references(offers=[known])))
    line = only_line(decision.demand)
    assert (line.direct_unit_cost, line.line_discount_pct) == (80, 10)


def test_vendor_copy_that_has_not_come_is_waited_for() -> None:
    with pytest.raises(CopyMissing) as missing:
        follow_sales_order(EMPTY, sales_order(sales_line()), context(references(vendors=[])))
    assert (missing.value.kind, missing.value.no) == ("vendor", "V10")


def test_purchasing_code_copy_that_has_not_come_is_waited_for() -> None:
    with pytest.raises(CopyMissing) as missing:
        follow_sales_order(EMPTY, sales_order(sales_line()), context(references(codes=[])))
    assert (missing.value.kind, missing.value.no) == ("purchasing-code", "SPEC")


def test_deleted_purchasing_code_is_not_waited_for_and_stops_nothing() -> None:
    found = references(codes=[], deleted=[(PurchasingCode, "SPEC")])
    assert len(follow_sales_order(EMPTY, sales_order(sales_line()), context(found)).requests) == 1


def test_unreleased_lines_are_only_gettable() -> None:
    decision = follow_sales_order(EMPTY, UNRELEASED, context())
    assert (decision.demand.rows, decision.demand.gettable, decision.demand.version) == ({}, True, 0)


def test_requisition_that_a_person_took_before_release_stays_theirs() -> None:
    taken, lines = get_sales_lines(EMPTY, UNRELEASED, GET, context())
    assert len(lines) == 1
    after = follow_sales_order(taken, sales_order(sales_line()), context())
    assert (after.requests, states(after.demand)) == ((), {(10000, 1): "requisitioned"})


def test_requisition_deleted_before_release_is_procured_at_release() -> None:
    taken, (line,) = get_sales_lines(EMPTY, UNRELEASED, GET, context())
    without = put_deleted(taken, line.cancelled())
    assert len(follow_sales_order(without, sales_order(sales_line()), context()).requests) == 1


def test_line_that_is_flagged_again_before_release_is_procured_at_release() -> None:
    taken, _ = get_sales_lines(EMPTY, UNRELEASED, GET, context())
    gone = follow_sales_order(taken, sales_order(status="open"), context()).demand
    assert states(gone) == {(10000, 1): "cancelled"}
    assert len(follow_sales_order(gone, sales_order(sales_line()), context()).requests) == 1


def test_next_generation_supersedes_an_exception() -> None:
    first = follow_sales_order(EMPTY, sales_order(sales_line()), context())
    linked = follow_purchase_order(first.demand, bought(first.requests[0]), context().new_id)
    broken = follow_purchase_order(linked, bought(first.requests[0], active=False), context().new_id)
    again = follow_sales_order(broken, sales_order(sales_line(generation=2)), context())
    assert states(again.demand) == {(10000, 1): "superseded", (10000, 2): "requested"}
    assert [x.generation for x in published_demand(again.demand).lines] == [2]


def test_lower_generation_than_the_highest_known_is_never_taken_up() -> None:
    """A line that purchasing got by itself, before its order was released."""
    line = sales_line()
    adopted = follow_purchase_order(EMPTY, linked_by_others(line, 2), context().new_id)
    after = follow_sales_order(adopted, sales_order(line), context())
    assert (after.requests, states(after.demand)) == ((), {(10000, 2): "ordered"})


def test_replacing_a_line_keeps_the_demand_of_the_others() -> None:
    first = follow_sales_order(EMPTY, sales_order(sales_line(), sales_line(20000, drop=True)), context())
    after = follow_sales_order(first.demand, sales_order(sales_line(20000, drop=True)), context())
    assert states(after.demand) == {(10000, 1): "requested", (20000, 1): "requested"}
    withdrawn = {row.sales_order_line_no: row.withdrawn for row in after.demand.rows.values()}
    assert withdrawn == {10000: True, 20000: False}


def test_line_that_is_flagged_again_after_release_is_procured_again() -> None:
    """Nothing was asked for it when its flag was taken off."""
    manual = follow_sales_order(EMPTY, sales_order(sales_line(), automation="requisition"), context())
    gone = follow_sales_order(manual.demand, sales_order(), context()).demand
    assert states(gone) == {(10000, 1): "cancelled"}
    again = follow_sales_order(gone, sales_order(sales_line()), context())
    assert (len(again.requests), states(again.demand)) == (1, {(10000, 1): "requested"})


@pytest.mark.parametrize("is_ordered", [False, True])
def test_purchase_under_way_goes_on_when_its_line_is_there_again(*, is_ordered: bool) -> None:
    """A false event had taken the line away: nobody has to cancel its purchase."""
    first = follow_sales_order(EMPTY, sales_order(sales_line()), context())
    demand = first.demand
    if is_ordered:
        demand = follow_purchase_order(demand, bought(first.requests[0]), context().new_id)
    gone = follow_sales_order(demand, sales_order(), context()).demand
    assert only_row(gone).withdrawn
    again = follow_sales_order(gone, sales_order(sales_line()), context())
    assert (again.requests, states(again.demand)) == ((), states(demand))
    assert not only_row(again.demand).withdrawn
    assert not [line for line in again.demand.lines.values() if line.is_live and not line.wants_purchase]


def test_line_that_is_there_again_after_its_purchase_was_refused_waits_for_a_person() -> None:
    first = follow_sales_order(EMPTY, sales_order(sales_line()), context())
    gone = follow_sales_order(first.demand, sales_order(), context()).demand
    cancelled = follow_outcome(gone, refused(first.requests[0]), uuid4)
    assert states(cancelled) == {(10000, 1): "cancelled"}
    again = follow_sales_order(cancelled, sales_order(sales_line()), context())
    assert (again.requests, states(again.demand)) == ((), {(10000, 1): "awaiting_requisition"})
    assert again.demand.gettable


def only_row(demand: OrderDemand) -> DemandRow:
    (row,) = demand.rows.values()
    return row


def test_cancelled_order_wants_nothing_any_more() -> None:
    requisitioned = follow_sales_order(EMPTY, sales_order(sales_line(), automation="requisition"), context())
    after = follow_sales_order(requisitioned.demand, sales_order(sales_line(), status="cancelled"), context())
    assert (states(after.demand), only_line(after.demand).status) == ({(10000, 1): "cancelled"}, "cancelled")
    assert not after.demand.gettable


def test_e5_only_what_is_not_here_already_is_bought() -> None:
    line = sales_line(quantity=5)
    demand = LineDemand(generation=1, quantity=Decimal(5), released=True, supplied=Decimal(3))
    first = follow_sales_order(EMPTY, sales_order(replace(line, demand=demand)), context())
    assert [asked.quantity for request in first.requests for asked in request.lines] == [2]
    nothing = replace(line, demand=replace(demand, supplied=Decimal(5)))
    assert follow_sales_order(EMPTY, sales_order(nothing), context()).requests == ()


def test_e5_a_line_that_gave_goods_away_says_that_its_earlier_purchase_gives_way() -> None:
    line = sales_line()
    record = Reallocation(
        id=uuid4(),
        quantity=Decimal(-2),
        sales_order_no="S-2",
        sales_order_line_no=10000,
        sales_line_id=uuid4(),
    )
    (request,) = follow_sales_order(
        EMPTY, sales_order(replace(line, reallocations=(record,))), context()
    ).requests
    assert [asked.replaces_received for asked in request.lines] == [True]
