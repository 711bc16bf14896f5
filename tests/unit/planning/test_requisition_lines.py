"""Requisition lines: how they go on, what they cost, when they are due, and what keeps them from being bought."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.planning.masters import ItemUnit
from contracts.refusals import Reason
from contracts.sales.masters import ExchangeRate, PurchasingCode
from contracts.sales.orders import SalesOrder
from contracts.values import Address, Problem
from planning.domain.masters.items import ItemCard
from planning.domain.requisitions.checks import foreseen_refusal, obstacles
from planning.domain.requisitions.costs import currency_of, home_amount, missed_minimum, priced
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.sales_lines import (
    find_line,
    has_flagged_lines,
    is_flagged,
    line_for_sales_line,
    outstanding,
    wants_nothing,
)
from planning.domain.requisitions.scheduling import due_date_of, rescheduled, schedule_for_sales_line
from tests.unit.planning.samples import (
    DROP,
    DUE,
    ROPE,
    offer,
    plain_line,
    references,
    requisition_line,
    sales_line,
    sales_order,
    vendor,
)

SALES_LINE = sales_line()
ORDER = sales_order(SALES_LINE)
LINE = line_for_sales_line(
    ORDER, SALES_LINE, references(), line_id=UUID(int=9), generation=1, worksheet="DEFAULT"
)
DROP_LINE = sales_line(drop=True)
DROP_ORDER = replace(sales_order(DROP_LINE, ship_to=Address(address="Seeweg 4")), ship_to_code="HUT")
DROP_REQUISITION = line_for_sales_line(
    DROP_ORDER, DROP_LINE, references(), line_id=UUID(int=9), generation=1, worksheet="DEFAULT"
)


def codes(line: RequisitionLine, order: SalesOrder | None = ORDER) -> list[str]:
    found = obstacles(line, order, references())
    return [v.code for v in found.violations] if found else []


def test_line_of_a_sales_line_is_open_new_and_not_accepted() -> None:
    """BC-SO-11."""
    assert (LINE.status, LINE.action_message, LINE.accept_action_message) == ("open", "new", False)
    assert (LINE.vendor_no, LINE.quantity, LINE.original_quantity) == ("V10", 2, 2)


def test_line_refers_to_its_sales_line() -> None:
    reference = LINE.sales_ref()
    assert reference is not None
    assert (reference.sales_order_no, reference.sales_line_id) == ("S-1", SALES_LINE.id)
    assert plain_line().sales_ref() is None


def test_only_a_drop_shipment_has_a_ship_to_code() -> None:
    assert (LINE.ship_to_code, DROP_REQUISITION.ship_to_code) == ("", "HUT")


def test_each_change_is_the_next_version() -> None:
    request = uuid4()
    after = LINE.handed_over(request, None).carried_out("P-1", 10000)
    assert (after.version, after.status, after.purchase_order_no) == (3, "carried_out", "P-1")
    assert after.purchase_request_id == request


def test_warning_stops_automation_alone_and_is_no_problem_of_the_line() -> None:
    """G20."""
    stopped = LINE.stopped(Problem(code="below-minimum", detail="from 10"))
    assert (stopped.warning, stopped.problem) == ("below-minimum", None)


def test_problem_stops_the_line() -> None:
    problem = Problem(code="vendor-blocked", detail="blocked")
    stopped = LINE.handed_over(uuid4(), None).stopped(problem)
    assert (stopped.status, stopped.problem, stopped.purchase_request_id) == ("open", problem, None)


def test_cancelled_and_superseded_lines_are_not_live() -> None:
    assert not LINE.cancelled().is_live
    assert not LINE.superseded().is_live
    assert LINE.is_live


def test_flagged_is_a_line_that_is_bought_for_its_customer() -> None:
    assert is_flagged(SALES_LINE)
    assert not is_flagged(replace(SALES_LINE, special_order=False))
    assert has_flagged_lines(ORDER)


def test_outstanding_is_what_is_wanted_less_what_was_shipped() -> None:
    assert outstanding(sales_line(quantity=5, shipped=2)) == 3
    assert outstanding(sales_line(quantity=2, shipped=3)) == 0


def test_line_is_only_found_in_an_order_that_is_there() -> None:
    assert find_line(ORDER, SALES_LINE.id) is SALES_LINE
    assert find_line(replace(ORDER, deleted=True), SALES_LINE.id) is None
    assert find_line(None, SALES_LINE.id) is None


def test_cancelled_order_wants_nothing() -> None:
    assert wants_nothing(replace(ORDER, status="cancelled"))
    assert not wants_nothing(ORDER)


# Dates


def test_due_date_is_the_shipment_date_else_the_wished_one_else_the_orders() -> None:
    """BC-SO-11."""
    undated = replace(SALES_LINE, shipment_date=None)
    assert due_date_of(ORDER, SALES_LINE) == DUE
    assert due_date_of(replace(ORDER, requested_delivery_date=date(2026, 4, 1)), undated) == date(2026, 4, 1)
    assert due_date_of(ORDER, undated) == ORDER.order_date


def test_goods_for_stock_come_before_they_are_handled() -> None:
    """BC-PL-27."""
    schedule = schedule_for_sales_line(references(), ORDER, SALES_LINE, "V10")
    assert (schedule.receipt_date, schedule.order_date) == (date(2026, 3, 19), date(2026, 3, 12))


def test_drop_shipment_comes_at_the_delivery_date() -> None:
    """BC-DS-16."""
    schedule = schedule_for_sales_line(references(), DROP_ORDER, DROP_LINE, "V20")
    assert (schedule.receipt_date, schedule.order_date) == (date(2026, 3, 22), date(2026, 3, 13))


def test_line_that_moves_to_another_location_is_scheduled_by_its_handling() -> None:
    schedule = rescheduled(references(), LINE, DUE, "V10", "")
    assert schedule.receipt_date == DUE


# Costs


def test_price_in_the_vendors_unit_is_converted_to_the_lines() -> None:
    item = replace(ROPE, units_of_measure=(ItemUnit(code="BOX", qty_per=Decimal(6)),))
    boxes = offer(direct_unit_cost=Decimal(60), unit_of_measure_code="BOX")
    assert priced(references(items=[item], offers=[boxes]), LINE).direct_unit_cost == 10


def test_without_a_catalogue_price_the_item_costs_what_was_paid_last() -> None:
    assert priced(references(), LINE).direct_unit_cost == 70
    assert priced(references(items=[]), LINE).direct_unit_cost == 0


def test_a_foreign_catalogue_decides_currency_and_cost_of_the_line() -> None:
    """BC-MD-15, BC-SO-18."""
    dollars = offer(direct_unit_cost=Decimal(7), currency_code="USD")
    found = references(offers=[dollars], vendors=[vendor(currency_code="GBP")])
    assert currency_of(found, LINE) == "USD"
    assert priced(found, LINE).direct_unit_cost == 7


def test_a_line_without_a_price_in_a_foreign_currency_costs_the_converted_last_cost() -> None:
    """BC-MD-15."""
    rate = ExchangeRate(version=1, currency_code="USD", date=date(2026, 1, 1), rate=Decimal("0.80"))
    american = references(vendors=[vendor(currency_code="USD")])
    converted = priced(american.with_records(ExchangeRate, {"USD/2026-01-01": rate}), LINE)
    assert (converted.direct_unit_cost, converted.warning) == (Decimal("87.50"), "")
    unknown = priced(american, LINE)
    assert (unknown.direct_unit_cost, unknown.warning) == (0, "exchange-rate-missing")


def test_what_a_line_costs_at_home_is_judged_by_the_rate_else_by_the_items_own_cost() -> None:
    """E9."""
    found = references(vendors=[vendor(currency_code="USD")], offers=[offer(direct_unit_cost=Decimal(100))])
    assert home_amount(found, [LINE]) == 140
    rate = ExchangeRate(version=1, currency_code="USD", date=date(2026, 1, 1), rate=Decimal("0.80"))
    assert home_amount(found.with_records(ExchangeRate, {"USD/2026-01-01": rate}), [LINE]) == 160
    only_cost = references(items=[ItemCard(no="1100", unit_cost=Decimal(65))])
    assert home_amount(only_cost, [LINE]) == 130


def test_quantity_below_the_vendors_minimum_misses_it() -> None:
    found = references(offers=[offer(minimum_quantity=Decimal(10))])
    assert missed_minimum(found, LINE) == 10
    assert missed_minimum(found, replace(LINE, quantity=Decimal(10))) is None
    assert missed_minimum(references(), LINE) is None


# Checks


def test_line_as_its_sales_line_is_free_of_obstacles() -> None:
    assert codes(LINE) == []
    assert codes(DROP_REQUISITION, DROP_ORDER) == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (replace(LINE, action_message="cancel"), "action-message-not-supported"),
        (replace(LINE, vendor_no=""), "vendor-required"),
        (replace(LINE, quantity=Decimal(0)), "quantity-required"),
        (replace(LINE, location_code="SOUTH"), "location-mismatch"),
        (replace(LINE, unit_of_measure_code="BOX"), "unit-mismatch"),
        (replace(LINE, purchasing_code="DROP"), "purchasing-code-mismatch"),
        (replace(LINE, sales_line_id=UUID(int=1)), "unknown-sales-line"),
        (plain_line(item_no="404"), "unknown-item"),
    ],
)
def test_what_keeps_a_line_from_being_carried_out(line: RequisitionLine, code: str) -> None:
    """BC-SO-13, BC-SO-15, BC-MD-11."""
    assert codes(line) == [code]


def test_whether_a_vendor_may_be_bought_from_is_foreseen_and_not_decided_here() -> None:
    """BC-SO-16, BC-MD-18."""
    blocked = references(vendors=[vendor("V10", blocked="all")])
    for line, found, code in (
        (LINE, blocked, "vendor-blocked"),
        (LINE, references(vendors=[]), "unknown-vendor"),
    ):
        assert codes(line) == []
        refusal = foreseen_refusal(line, found)
        assert refusal is not None
        assert refusal.code == code
    assert foreseen_refusal(LINE, references()) is None


def test_every_obstacle_is_a_conflict_with_the_state_of_things_and_names_the_sales_line() -> None:
    found = obstacles(replace(LINE, vendor_no="", quantity=Decimal(0)), ORDER, references())
    assert found is not None
    assert {v.reason for v in found.violations} == {Reason.CONFLICT}
    assert {v.members["line_no"] for v in found.violations} == {10000}
    assert all(v.detail.startswith("sales order S-1 line 10000: ") for v in found.violations)


def test_completely_shipped_line_is_not_bought() -> None:
    """BC-SO-23."""
    assert codes(LINE, sales_order(sales_line(shipped=2))) == ["line-completely-shipped"]


def test_quantity_of_a_special_order_may_differ_and_that_of_a_drop_shipment_not() -> None:
    """BC-DS-15."""
    assert codes(replace(LINE, quantity=Decimal(5))) == []
    assert codes(replace(DROP_REQUISITION, quantity=Decimal(5)), DROP_ORDER) == ["quantity-mismatch"]


def test_drop_shipment_goes_to_the_customer_and_the_address_of_the_order() -> None:
    """BC-DS-15."""
    elsewhere = replace(DROP_REQUISITION, ship_to_code="SHED", sell_to_customer_no="C2")
    assert codes(elsewhere, DROP_ORDER) == ["ship-to-mismatch", "customer-mismatch"]


def test_code_that_means_something_else_now_stops_the_line() -> None:
    """BC-MD-05."""
    found = references(codes=[PurchasingCode(version=2, code="SPEC", drop_shipment=True), DROP])
    refusal = obstacles(LINE, ORDER, found)
    assert refusal is not None
    assert refusal.code == "purchasing-code-mismatch"


def test_line_that_serves_no_sales_order_is_compared_with_none() -> None:
    assert codes(plain_line(), None) == []
    assert codes(requisition_line(), None) == ["unknown-sales-line"]
