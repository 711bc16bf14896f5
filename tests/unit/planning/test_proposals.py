"""What a purchase proposal suggests, and what accepting it asks of purchasing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.planning.masters import ItemUnit
from contracts.refusals import Refusal
from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.references import ReferenceData
from planning.domain.demand.rows import OrderDemand
from planning.domain.demand.worksheets import CarryOutContext
from planning.domain.masters.items import ItemCard
from planning.domain.proposals.accepting import Accepted, accept_proposal, wanted_rows
from planning.domain.proposals.commands import Acceptance, AcceptedRow, AcceptProposal
from planning.domain.proposals.proposal import (
    Proposal,
    Supply,
    in_unit,
    needed_quantity,
    propose,
    sums_by_item,
    supply_key,
)
from tests.unit.planning.samples import DUE, KAYAK, NOW, ROPE, references, sales_line, sales_order

D = Decimal
BOOTS = ItemCard(
    no="1000",
    vendor_no="V10",
    purchase_unit_of_measure="BOX",
    units_of_measure=(ItemUnit(code="BOX", qty_per=D(12)),),
)
TENT = ItemCard(no="1001", vendor_no="V20", lead_time_days=5)
EMPTY = OrderDemand(sales_order_no="S-1")
KNOWN = references(items=(ROPE, KAYAK, BOOTS, TENT))


def stock_line(line_no: int = 10000, item_no: str = "1001", quantity: int = 5, **fields: Any) -> SalesLine:
    return SalesLine(
        **{
            "id": UUID(int=line_no),
            "line_no": line_no,
            "item_no": item_no,
            "quantity": D(quantity),
            "unit_of_measure_code": "PCS",
            "location_code": "NORTH",
            "shipment_date": DUE,
            **fields,
        }
    )


def supply(order: SalesOrder, available: Mapping[int, int], **more: Any) -> Supply:
    """ATP by line number, the line's own demand taken off, as the books have it."""
    return Supply(
        available={
            supply_key(order, line): D(available[line.line_no])
            for line in order.lines
            if line.line_no in available
        },
        **more,
    )


def proposed(
    order: SalesOrder, found: Supply | None = None, demand: OrderDemand = EMPTY, known: ReferenceData = KNOWN
) -> Proposal:
    return propose(order, demand, found or Supply(), known, proposal_id=uuid4(), now=NOW)


def accepted(
    proposal: Proposal,
    order: SalesOrder,
    *rows: AcceptedRow,
    demand: OrderDemand = EMPTY,
    found: Supply | None = None,
    known: ReferenceData = KNOWN,
) -> Accepted:
    context = CarryOutContext(references=known, new_id=uuid4, orders={order.no: order})
    acceptance = AcceptProposal(proposal.id, Acceptance(rows=rows or None))
    return accept_proposal(proposal, wanted_rows(proposal, acceptance), demand, found or Supply(), context)


def codes(refusal: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [violation.code for violation in refusal.value.violations]


@pytest.mark.parametrize(("available", "needed"), [(5, 0), (6, 0), (2, 3), (0, 5), (-1, 5)])
def test_what_is_needed_is_what_is_not_available(available: int, needed: int) -> None:
    """BC-PO-02."""
    assert needed_quantity(D(available), D(5)) == needed


def test_earlier_shipment_dates_are_served_first() -> None:
    """BC-PO-02: what one line makes the proposal buy is there for the next; rows keep the order's order."""
    order = sales_order(stock_line(10000, shipment_date=date(2026, 4, 1)), stock_line(20000))
    late, early = proposed(order, supply(order, {20000: 0, 10000: -5})).rows
    assert (early.line_no, early.needed_quantity, early.available) == (20000, 0, 5)
    assert (late.line_no, late.needed_quantity) == (10000, 5)


def test_two_lines_of_one_day_are_bought_once() -> None:
    """BC-PO-02: supply that was suggested for the first line is not suggested again."""
    order = sales_order(stock_line(10000), stock_line(20000))
    first, second = proposed(order, supply(order, {10000: -5})).rows
    assert (first.needed_quantity, second.needed_quantity) == (5, 0)


def test_rows_of_available_lines_are_shown_with_nothing_to_purchase() -> None:
    """BC-PO-03."""
    order = sales_order(stock_line(), replace(stock_line(20000), type="comment", item_no=""))
    (row,) = proposed(order, supply(order, {10000: 1})).rows
    assert (row.sales_order_quantity, row.quantity_to_purchase, row.vendor_no) == (5, 0, "V20")
    assert (row.drop_shipment, row.reserve) == (False, False)


def test_rows_of_one_item_and_location_can_be_read_together() -> None:
    """BC-PO-03: sums are for reading; they name no line."""
    order = sales_order(stock_line(10000), stock_line(20000), stock_line(30000, location_code="SOUTH"))
    north, south = sums_by_item(proposed(order, supply(order, {10000: -5, 30000: -5})).rows)
    assert (north.sales_order_quantity, north.needed_quantity) == (10, 5)
    assert (south.sales_order_quantity, south.needed_quantity) == (5, 5)


def test_a_purchase_unit_is_bought_in_whole_units() -> None:
    """BC-PO-09: rounded up; the base unit is bought as it is."""
    assert (in_unit(D("2.5"), D(1)), in_unit(D(13), D(12))) == (D("2.5"), 2)
    order = sales_order(stock_line(item_no="1000", quantity=13))
    (row,) = proposed(order, supply(order, {10000: -13})).rows
    assert (row.unit_of_measure_code, row.needed_quantity, row.quantity_to_purchase) == ("BOX", 2, 2)
    (request,) = accepted(proposed(order, supply(order, {10000: -13})), order).requests
    (line,) = request.lines
    assert (line.quantity, line.unit_of_measure_code, line.qty_per_unit_of_measure) == (2, "BOX", 12)


def test_a_flagged_line_is_proposed_in_full_in_the_unit_of_its_sale() -> None:
    """BC-PO-11, G6: whatever is in stock."""
    order = sales_order(sales_line(10000), sales_line(20000, drop=True))
    special, drop = proposed(order, supply(order, {10000: 100})).rows
    assert (special.needed_quantity, special.special_order, special.available) == (2, True, 0)
    assert (drop.needed_quantity, drop.drop_shipment) == (2, True)


def test_a_flagged_line_under_way_needs_nothing() -> None:
    """BC-PO-11: it has a purchase line, a request or an open requisition line."""
    order = sales_order(sales_line(10000))
    bought = accepted(proposed(order), order)
    assert [row.needed_quantity for row in proposed(order, demand=bought.demand).rows] == [0]


def test_what_is_bought_for_a_line_is_not_needed_again_when_it_comes_late() -> None:
    """BC-PO-12: a receipt after the shipment date is no reason to buy twice."""
    order = sales_order(stock_line())
    (row,) = proposed(order, supply(order, {10000: -5}, coming={UUID(int=10000): D(5)})).rows
    assert row.needed_quantity == 0


def test_an_item_without_stock_needs_what_was_not_bought_for_it() -> None:
    """BC-PO-11: non-inventory items are allowed."""
    work = replace(TENT, type="service", reserve="never")
    order = sales_order(stock_line())
    known = references(items=(work,))
    (row,) = proposed(order, supply(order, {10000: 9}, bought={UUID(int=10000): D(2)}), known=known).rows
    assert row.needed_quantity == 3


def test_the_order_date_is_scheduled_back_from_the_shipment_date() -> None:
    """BC-PO-13: a day of handling at NORTH, five days of lead time."""
    order = sales_order(stock_line())
    (row,) = proposed(order, supply(order, {10000: -5})).rows
    assert (row.due_date, row.order_date) == (DUE, date(2026, 3, 14))


def test_one_request_per_vendor_and_kind_names_the_sales_lines() -> None:
    """BC-PO-08, G8: lines that are sold from stock name their sales line, and bind nothing."""
    order = sales_order(stock_line(10000), stock_line(20000, "1000"), sales_line(30000))
    result = accepted(proposed(order, supply(order, {10000: -5, 20000: -5})), order)
    found = {(r.vendor_no, r.purchasing_code): [x.item_no for x in r.lines] for r in result.requests}
    assert found == {("V10", ""): ["1000"], ("V10", "SPEC"): ["1100"], ("V20", ""): ["1001"]}
    plain = next(r for r in result.requests if r.vendor_no == "V20")
    (line,) = plain.lines
    assert line.sales is not None
    assert (line.sales.sales_order_no, line.sales.sales_order_line_no) == ("S-1", 10000)
    assert (line.special_order, line.drop_shipment, plain.sell_to_customer_no) == (False, False, "")
    assert [one.status for one in result.demand.lines.values()] == ["carrying_out"] * 3


def test_quantity_and_vendor_of_a_row_can_be_changed_on_available_lines_too() -> None:
    """BC-PO-04, BC-PO-06: more than the demand; the date follows the chosen vendor's lead time."""
    order = sales_order(stock_line(item_no="1000"))
    row = AcceptedRow(line_no=10000, quantity_to_purchase=D(40), vendor_no="V20")
    (request,) = accepted(proposed(order, supply(order, {10000: 50})), order, row).requests
    assert (request.vendor_no, request.lines[0].quantity) == ("V20", 40)
    assert request.order_date == date(2026, 3, 12)


def test_a_blank_vendor_refuses_all_rows_at_once() -> None:
    """BC-PO-06: nothing is created; every row without a vendor is named."""
    order = sales_order(stock_line(10000), stock_line(20000, "1000"))
    proposal = proposed(order, supply(order, {10000: -5, 20000: -5}))
    rows = [AcceptedRow(line_no=10000, vendor_no=""), AcceptedRow(line_no=20000, vendor_no="")]
    with pytest.raises(Refusal) as refused:
        accepted(proposal, order, *rows)
    assert codes(refused) == ["vendor-required", "vendor-required"]
    assert [v.pointer for v in refused.value.violations] == ["/rows/0/vendor_no", "/rows/1/vendor_no"]


def test_nothing_to_purchase_creates_nothing() -> None:
    """BC-PO-07."""
    order = sales_order(stock_line())
    with pytest.raises(Refusal) as refused:
        accepted(proposed(order, supply(order, {10000: 1})), order)
    assert codes(refused) == ["nothing-to-create"]


def test_rows_that_are_unknown_or_named_twice_are_refused() -> None:
    order = sales_order(stock_line())
    rows = [AcceptedRow(line_no=10000), AcceptedRow(line_no=10000), AcceptedRow(line_no=99)]
    with pytest.raises(Refusal) as refused:
        accepted(proposed(order), order, *rows)
    assert codes(refused) == ["duplicate-line", "unknown-line"]


def test_a_drop_shipment_is_bought_in_the_quantity_of_its_sale() -> None:
    order = sales_order(sales_line(20000, drop=True))
    with pytest.raises(Refusal) as refused:
        accepted(proposed(order), order, AcceptedRow(line_no=20000, quantity_to_purchase=D(1)))
    assert codes(refused) == ["quantity-mismatch"]


def test_a_vendor_that_does_not_exist_or_is_blocked_is_refused() -> None:
    """BC-MD-15."""
    order = sales_order(stock_line())
    row = AcceptedRow(line_no=10000, quantity_to_purchase=D(1), vendor_no="V99")
    with pytest.raises(Refusal) as refused:
        accepted(proposed(order), order, row)
    assert codes(refused) == ["unknown-vendor"]


def test_nothing_is_reserved_for_flagged_lines_and_those_that_never_reserve() -> None:
    """BC-PO-12."""
    order = sales_order(sales_line(10000), replace(stock_line(20000), reserve="never"))
    rows = [
        AcceptedRow(line_no=10000, reserve=True),
        AcceptedRow(line_no=20000, quantity_to_purchase=D(1), reserve=True),
    ]
    with pytest.raises(Refusal) as refused:
        accepted(proposed(order), order, *rows)
    assert codes(refused) == ["reserve-must-be-never", "reserve-is-never"]


def test_accepting_again_buys_nothing_again() -> None:
    """BC-PO-12: stock lines and flagged ones; the same proposal and one that was made before."""
    order = sales_order(stock_line(10000), sales_line(20000))
    proposal = proposed(order, supply(order, {10000: -5}))
    first = accepted(proposal, order)
    with pytest.raises(Refusal) as refused:
        accepted(proposal, order, demand=first.demand)
    assert codes(refused) == ["nothing-to-create"]


def test_what_was_bought_meanwhile_is_left_out_and_listed() -> None:
    order = sales_order(stock_line(10000), stock_line(20000, "1000"))
    proposal = proposed(order, supply(order, {10000: -5, 20000: -5}))
    first = accepted(proposal, order, AcceptedRow(line_no=10000))
    second = accepted(proposal, order, demand=first.demand)
    (request,) = second.requests
    assert [line.item_no for line in request.lines] == ["1000"]
    (skipped,) = [line for line in second.run.lines if line.status == "skipped"]
    assert (skipped.sales_order_line_no, skipped.errors[0].code) == (10000, "already-purchased")
