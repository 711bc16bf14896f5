"""Order promising: available to promise, capable to promise, and what accepting them plans."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.sales.requests import PromiseDecision
from contracts.values import Problem
from planning.domain.demand.rows import ORDERED, DemandRow, OrderDemand
from planning.domain.demand.sales_orders import follow_sales_order
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import Setup
from planning.domain.promising.accepting import Accepted, accept_promise
from planning.domain.promising.commands import AcceptPromise, LinePromise
from planning.domain.promising.ending import may_end_promises
from planning.domain.promising.projection import Promisable
from planning.domain.promising.promising import Foreseen, Held, PromisingSupply, promise_lines
from tests.unit.planning.samples import DUE, NOW, context, references, sales_line, sales_order

TODAY = NOW.date()  # 2026-03-02
PLACE = ("1000", "NORTH")
STOCK_ITEM = ItemCard(no="1000", vendor_no="V10", lead_time_days=9)
FOUND = references(
    items=[STOCK_ITEM, ItemCard(no="1100", vendor_no="V10"), ItemCard(no="1200", vendor_no="V20")],
    setup=Setup(promising_offset_days=1),
)
ORDER = OrderDemand(sales_order_no="S-1")


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def plain(line_no: int = 10000, quantity: int = 10, shipment_date: date = DUE) -> SalesLine:
    return replace(
        sales_line(line_no, quantity=quantity),
        item_no="1000",
        purchasing_code="",
        special_order=False,
        demand=None,
        shipment_date=shipment_date,
    )


def supply(stock: int = 0, *moves: tuple[int, int], **more: Any) -> PromisingSupply:
    dated = [(day(offset), Decimal(quantity)) for offset, quantity in moves]
    return PromisingSupply(stock={PLACE: Decimal(stock)}, moves={PLACE: dated}, **more)


def foreseen(
    found: PromisingSupply, *lines: SalesLine, demand: OrderDemand | None = None, status: str = "open"
) -> list[Foreseen]:
    return promise_lines(sales_order(*lines, status=status), demand, found, FOUND)


def promised(found: PromisingSupply, *lines: SalesLine, **more: Any) -> list[LinePromise]:
    return [each.promise for each in foreseen(found, *lines, **more)]


def bought(line: SalesLine, supply_date: date | None) -> OrderDemand:
    row = DemandRow(
        sales_line_id=line.id,
        generation=1,
        sales_order_no="S-1",
        sales_order_line_no=line.line_no,
        state=ORDERED,
        item_no=line.item_no,
        quantity=line.quantity,
        due_date=DUE,
        supply_date=supply_date,
        purchase_order_no="P-1",
    )
    return replace(ORDER, rows={row.key: row})


def accepted(found: PromisingSupply, order: SalesOrder, **asked: Any) -> Accepted:
    lines = promise_lines(order, ORDER, found, FOUND)
    accept = AcceptPromise(sales_order_no=order.no, **asked)
    return accept_promise(order, lines, accept, ORDER, context(FOUND))


def test_bc_pl_30_stock_that_covers_a_line_is_promised_for_the_requested_date() -> None:
    (found,) = promised(supply(12), plain())
    assert (found.requested_date, found.atp_date, found.unavailable_quantity) == (DUE, DUE, 0)


def test_bc_pl_30_the_earliest_date_is_that_of_the_receipt_that_covers_the_line() -> None:
    (found,) = promised(supply(6, (30, 3), (40, 1)), plain())
    assert (found.atp_date, found.unavailable_quantity) == (day(40), 4)


def test_bc_pl_30_what_is_reserved_for_a_line_is_there_for_it_when_it_comes() -> None:
    """Others' promises take nothing of it; only the rest is looked for in what is not reserved."""
    line = plain()
    late = Held(Decimal(10), day(30))
    (found,) = foreseen(supply(-5, held={line.id: late}), line)
    assert (found.promise.atp_date, found.missing, found.promise.unavailable_quantity) == (day(30), 0, 0)
    (found,) = foreseen(supply(3, held={line.id: Held(Decimal(7))}), line)
    assert (found.promise.atp_date, found.missing) == (DUE, 0)
    (found,) = foreseen(supply(2, held={line.id: Held(Decimal(7))}), line)
    assert (found.promise.atp_date, found.missing) == (None, 1)


def test_bc_pl_30_what_was_promised_to_others_is_not_promised_again() -> None:
    """Stock is there today, but a later sale needs it."""
    (found,) = promised(supply(12, (60, -5)), plain())
    assert found.atp_date is None
    (found,) = promised(supply(12, (60, -5), (70, 3)), plain())
    assert found.atp_date == day(70)


def test_bc_pl_30_an_item_that_never_covers_the_line_has_no_date() -> None:
    (found,) = promised(supply(6), plain())
    assert found.atp_date is None


def test_bc_pl_31_of_ten_with_six_available_four_are_planned_after_the_lead_time() -> None:
    """Today, the offset of a day, 9 days of lead time and one of inbound handling; wanted before."""
    (found,) = foreseen(supply(6), plain(shipment_date=day(2)))
    assert (found.promise.ctp_date, found.missing, found.promise.unavailable_quantity) == (day(11), 4, 4)


def test_lines_of_one_order_share_what_there_is() -> None:
    first, second = promised(supply(12), plain(10000), plain(20000))
    assert (first.atp_date, second.atp_date, second.unavailable_quantity) == (DUE, None, 8)


def test_bc_pl_32_a_special_order_has_the_date_of_its_own_purchase_alone() -> None:
    line = sales_line()
    plenty = PromisingSupply(stock={("1100", "NORTH"): Decimal(99)})
    (unlinked,) = promised(plenty, line)
    assert (unlinked.atp_date, unlinked.ctp_date) == (None, DUE)
    (later,) = promised(plenty, line, demand=bought(line, day(30)))
    assert (later.atp_date, later.purchase_order_no) == (day(30), "P-1")
    (requested,) = promised(plenty, line, demand=bought(line, day(5)))
    assert requested.atp_date == DUE


def test_bc_pl_32_what_was_received_for_a_special_order_is_there() -> None:
    line = sales_line()
    here = PromisingSupply(allocated={line.id: Decimal(2)})
    (found,) = promised(here, line, demand=bought(line, None))
    assert (found.atp_date, found.unavailable_quantity) == (DUE, 0)


def test_bc_pl_33_a_drop_shipment_is_requisitioned_with_its_sales_order() -> None:
    order = sales_order(sales_line(drop=True), status="open")
    found = accepted(PromisingSupply(), order)
    (line,) = found.demand.lines.values()
    assert (line.drop_shipment, line.sales_order_no, line.sell_to_customer_no) == (True, "S-1", "C1")
    assert (line.accept_action_message, line.promise_id) == (True, found.promise.id)
    assert found.promise.lines[0].requisition_line_id == line.id


def test_accepting_available_lines_plans_nothing() -> None:
    found = accepted(supply(12), sales_order(plain(), status="open"))
    assert found.demand.lines == {}
    assert [(x.shipment_date, x.requisition_line_id) for x in found.promise.lines] == [(DUE, None)]


def test_bc_pl_31_accepting_plans_what_is_missing_into_stock() -> None:
    found = accepted(supply(6), sales_order(plain(shipment_date=day(2)), status="open"))
    (line,) = found.demand.lines.values()
    assert (line.quantity, line.due_date, line.order_date, line.vendor_no) == (4, day(11), day(1), "V10")
    assert (line.special_order, line.worksheet, line.sales_line_id) == (False, "DEFAULT", UUID(int=10000))


@pytest.mark.parametrize(
    ("order", "asked", "codes"),
    [
        (sales_order(plain(), status="open"), {"line_nos": (20000,)}, ["unknown-line"]),
        (sales_order(plain(), status="released"), {}, ["order-not-open"]),
        (
            sales_order(replace(plain(), quantity_shipped=Decimal(10)), status="open"),
            {},
            ["nothing-to-promise"],
        ),
        (
            sales_order(replace(plain(), quantity_shipped=Decimal(10)), plain(20000), status="open"),
            {"line_nos": (10000, 30000)},
            ["unknown-line", "nothing-to-promise"],
        ),
    ],
)
def test_what_cannot_be_promised_is_refused_with_every_reason(
    order: SalesOrder, asked: dict[str, Any], codes: list[str]
) -> None:
    with pytest.raises(Refusal) as refused:
        accepted(supply(12), order, **asked)
    assert [violation.code for violation in refused.value.violations] == codes


def test_bc_pl_34_a_deleted_sales_line_ends_what_was_planned_for_it() -> None:
    order = sales_order(plain(shipment_date=day(2)), plain(20000, 2, DUE), status="open")
    demand = accepted(supply(6), order).demand
    without = replace(order, lines=order.lines[1:])
    assert may_end_promises(order, without)
    after = follow_sales_order(demand, without, context(FOUND)).demand
    statuses = {line.sales_order_line_no: line.status for line in after.lines.values()}
    assert (statuses[10000], statuses[20000]) == ("cancelled", "open")


def test_a_promise_that_sales_refused_plans_nothing() -> None:
    order = sales_order(plain(shipment_date=day(2)), status="open")
    found = accepted(supply(6), order)
    errors = (Problem(code="change-pending", detail="held"),)
    refused = replace(order, promise_decisions=(PromiseDecision(id=found.promise.id, errors=errors),))
    assert may_end_promises(order, refused)
    (line,) = follow_sales_order(found.demand, refused, context(FOUND)).demand.lines.values()
    assert line.status == "cancelled"


def test_days_before_the_first_count_on_it() -> None:
    there = Promisable(Decimal(5), [(day(-3), Decimal(-2))], TODAY)
    assert (there.earliest(Decimal(3), day(-9)), there.missing(Decimal(4), day(-9))) == (TODAY, 1)


def test_a_line_more_ends_no_promise() -> None:
    assert not may_end_promises(sales_order(plain()), sales_order(plain(), plain(20000)))
