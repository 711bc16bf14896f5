"""What planning makes of a sales line that changed before it was bought (G5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.sales.orders import SalesOrder
from contracts.sales.requests import RequestedChange, RequestedChangeLine
from planning.domain.demand.rows import OrderDemand
from planning.domain.demand.sales_orders import follow_sales_order
from planning.domain.demand.worksheets import get_sales_lines
from planning.domain.requisitions.checks import obstacles
from planning.domain.requisitions.commands import GetSalesOrders, SalesLineFilters
from planning.domain.requisitions.lines import CARRYING_OUT
from tests.unit.planning.samples import EMPTY, context, only_line, references, sales_line, sales_order, states

GET = GetSalesOrders("MINE", SalesLineFilters())


def requisitioned(automation: str) -> OrderDemand:
    """Two of an item, in an open requisition line of another vendor, in a person's worksheet."""
    order = sales_order(sales_line(), automation="manual")
    taken = follow_sales_order(EMPTY, order, context()).demand
    demand, (line,) = get_sales_lines(taken, order, GET, context())
    assert automation
    return replace(demand, lines={line.id: line.changed(vendor_no="V20")})


def changed(automation: str, **fields: object) -> SalesOrder:
    line = replace(sales_line(generation=2, quantity=5), shipment_date=date(2026, 4, 20))
    return sales_order(replace(line, **fields), automation=automation)


@pytest.mark.parametrize("automation", ["manual", "requisition"])
def test_g5_the_open_requisition_line_follows_its_sales_line(automation: str) -> None:
    before = requisitioned(automation)
    decision = follow_sales_order(before, changed(automation, location_code="NORTH"), context())
    line = only_line(decision.demand)
    assert line.id in before.lines, "what a person chose stays"
    assert (line.vendor_no, line.worksheet, line.generation) == ("V20", "MINE", 2)
    assert (line.quantity, line.due_date, line.version) == (Decimal(5), date(2026, 4, 20), 3)
    assert states(decision.demand) == {(10000, 1): "superseded", (10000, 2): "requisitioned"}
    assert decision.requests == ()
    again = follow_sales_order(decision.demand, changed(automation), context())
    assert (again.demand.lines, again.demand.version) == (decision.demand.lines, decision.demand.version)


def test_g5_another_item_is_requisitioned_anew() -> None:
    decision = follow_sales_order(
        requisitioned("requisition"),
        changed("requisition", item_no="1200", special_order=False, drop_shipment=True),
        context(),
    )
    assert sorted((line.status, line.item_no) for line in decision.demand.lines.values()) == [
        ("open", "1200"),
        ("superseded", "1100"),
    ]


def test_g5_automation_buys_the_changed_quantity_under_the_next_generation() -> None:
    first = follow_sales_order(EMPTY, sales_order(sales_line(), automation="purchase_order"), context())
    decision = follow_sales_order(first.demand, changed("purchase_order"), context())
    ((asked,),) = [request.lines for request in decision.requests]
    assert asked.sales is not None
    assert (asked.quantity, asked.sales.generation) == (5, 2)


def test_g5_what_a_person_was_carrying_out_waits_for_a_person_again() -> None:
    before = requisitioned("manual")
    (line,) = before.lines.values()
    rows = {key: replace(row, state="requested", asked=True) for key, row in before.rows.items()}
    under_way = replace(before, rows=rows, lines={line.id: line.changed(status=CARRYING_OUT)})
    decision = follow_sales_order(under_way, changed("manual"), context())
    assert [each.status for each in decision.demand.lines.values()] == ["superseded"]
    assert decision.demand.gettable


def test_g5_the_date_of_a_bought_line_travels_to_its_demand() -> None:
    first = follow_sales_order(EMPTY, sales_order(sales_line()), context()).demand
    later = replace(sales_line(quantity=3), shipment_date=date(2026, 4, 1))
    after = follow_sales_order(first, sales_order(later), context()).demand
    (row,) = after.rows.values()
    assert (row.due_date, row.quantity, after.version) == (date(2026, 4, 1), 3, first.version)


def test_g5_nothing_is_carried_out_while_a_change_is_under_way() -> None:
    demand = requisitioned("manual")
    line = only_line(demand)
    asked = RequestedChange(
        id=line.id, kind="change", lines=(RequestedChangeLine(sales_line_id=sales_line().id),)
    )
    order = replace(sales_order(sales_line()), requested_changes=(asked,))
    refusal = obstacles(line, order, references())
    assert refusal is not None
    assert "change-pending" in [violation.code for violation in refusal.violations]
    bought = follow_sales_order(EMPTY, replace(order, procurement_automation="purchase_order"), context())
    assert len(bought.requests) == 1, "automation goes on: purchasing decides which comes first"
