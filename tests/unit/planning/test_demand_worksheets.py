"""What becomes of demand when a person works in a requisition worksheet."""

from __future__ import annotations

from uuid import uuid4

from planning.domain.demand.purchase_orders import follow_purchase_order
from planning.domain.demand.rows import OrderDemand
from planning.domain.demand.sales_orders import follow_sales_order
from planning.domain.demand.worksheets import (
    CarryOutContext,
    get_sales_lines,
    put_deleted,
    put_edited,
    put_handed_over,
    requests_for,
)
from planning.domain.requisitions.commands import GetSalesOrders, SalesLineFilters
from planning.domain.requisitions.lines import RequisitionLine
from tests.unit.planning.samples import (
    EMPTY,
    bought,
    context,
    references,
    requisition_line,
    sales_line,
    sales_order,
    states,
)

MANUAL = sales_order(sales_line(), sales_line(20000, drop=True), automation="manual")


def got(
    demand: OrderDemand, kind: str = "both", item_no: str = ""
) -> tuple[OrderDemand, list[RequisitionLine]]:
    get = GetSalesOrders("MINE", SalesLineFilters(kind=kind, item_no=item_no))
    return get_sales_lines(demand, MANUAL, get, context())


def test_get_sales_orders_takes_only_the_kind_and_item_that_were_asked_for() -> None:
    """BC-SO-08, BC-DS-14."""
    assert [x.item_no for x in got(EMPTY, "drop_shipment")[1]] == ["1200"]
    assert [x.item_no for x in got(EMPTY, "special_order")[1]] == ["1100"]
    assert [x.item_no for x in got(EMPTY, item_no="1200")[1]] == ["1200"]


def test_lines_are_written_to_the_worksheet_and_not_accepted() -> None:
    """BC-SO-11."""
    _, lines = got(EMPTY)
    assert {(x.worksheet, x.accept_action_message) for x in lines} == {("MINE", False)}


def test_second_get_finds_nothing() -> None:
    """BC-SO-09."""
    taken, _ = got(EMPTY)
    assert got(taken)[1] == []
    assert not taken.gettable


def test_get_sales_orders_after_a_deleted_purchase_line_starts_the_next_generation() -> None:
    """BC-SO-42."""
    first = follow_sales_order(EMPTY, sales_order(sales_line()), context())
    linked = follow_purchase_order(first.demand, bought(first.requests[0]), uuid4)
    broken = follow_purchase_order(linked, bought(first.requests[0], active=False), uuid4)
    get = GetSalesOrders("DEFAULT", SalesLineFilters())
    again, (line,) = get_sales_lines(broken, sales_order(sales_line()), get, context())
    assert line.generation == 2
    assert states(again) == {(10000, 1): "superseded", (10000, 2): "requisitioned"}


def test_deleted_line_awaits_a_requisition_again() -> None:
    taken, (line,) = got(EMPTY, "special_order")
    after = put_deleted(taken, line.cancelled())
    assert states(after) == {(10000, 1): "awaiting_requisition"}
    assert after.gettable


def test_another_vendor_is_published_and_an_unchanged_one_is_not() -> None:
    taken, (line,) = got(EMPTY, "special_order")
    assert put_edited(taken, line.changed(vendor_no="V20")).version == taken.version + 1
    assert put_edited(taken, line.changed(accept_action_message=True)).version == taken.version


def test_lines_of_several_sales_orders_share_a_request_of_the_run() -> None:
    lines = [requisition_line(), requisition_line(sales_order_no="S-2")]
    run_id = uuid4()
    sees = CarryOutContext(references=references(), new_id=uuid4)
    ((request, members),) = requests_for(lines, sees, run_id=run_id, order_date=None)
    assert (request.run_id, members) == (run_id, lines)


def test_handed_over_line_is_purchasings_to_decide() -> None:
    taken, (line,) = got(EMPTY, "special_order")
    sees = CarryOutContext(references=references(), new_id=uuid4, orders={"S-1": MANUAL})
    ((request, _),) = requests_for([line], sees, run_id=uuid4(), order_date=None)
    after = put_handed_over(taken, [(line, request)])
    assert states(after) == {(10000, 1): "requested"}
    assert after.lines[line.id].purchase_request_id == request.id
