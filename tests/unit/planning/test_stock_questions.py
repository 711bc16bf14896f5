"""The item journal, availability and order tracking."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.planning.stock import StockLevel
from contracts.purchasing.orders import PurchaseLine
from contracts.refusals import Reason, Refusal, Violations
from contracts.sales.orders import SalesLine
from contracts.values import Posting, SalesLineRef
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import Setup
from planning.domain.stock.availability import Reserved, availability, open_purchase_lines, open_sales_lines
from planning.domain.stock.journal import JournalLine, PostItemJournal, check_withdrawal, decide_journal
from planning.domain.tracking import Graph, for_item, track
from tests.unit.planning.samples import (
    NOW,
    context,
    link,
    purchase_order,
    references,
    requisition_line,
    sales_line,
    sales_order,
)

LEVEL = StockLevel(version=1, item_no="1100", location_code="NORTH", stock=Decimal(5), allocated=Decimal(3))
LEVELS = {("1100", "NORTH"): LEVEL}


def withdrawal(quantity: int, setup: Setup | None = None, level: StockLevel = LEVEL) -> Refusal | None:
    found = Violations()
    check_withdrawal(found, level, Decimal(quantity), setup or Setup(), "/q")
    return found.refusal()


def journal(*quantities: int, item_no: str = "1100") -> PostItemJournal:
    lines = (JournalLine(item_no=item_no, location_code="NORTH", quantity=Decimal(q)) for q in quantities)
    return PostItemJournal(lines=tuple(lines))


def test_journal_may_take_free_stock_only() -> None:
    assert withdrawal(-2) is None
    refusal = withdrawal(-3)
    assert refusal is not None
    assert (refusal.code, refusal.reason) == ("allocated-to-special-order", Reason.CONFLICT)


def test_journal_may_take_more_than_there_is_unless_the_setup_prevents_it() -> None:
    free = replace(LEVEL, allocated=Decimal(0))
    assert withdrawal(-6, level=free) is None
    refusal = withdrawal(-6, Setup(prevent_negative_inventory=True), free)
    assert refusal is not None
    assert refusal.code == "negative-inventory"


def test_entries_are_posted_on_the_companys_today_unless_a_date_is_given() -> None:
    entries, _ = decide_journal(journal(1, -1), LEVELS, context())
    assert [(e.entry_type, e.posting_date) for e in entries] == [
        ("positive_adjustment", NOW.date()),
        ("negative_adjustment", NOW.date()),
    ]
    dated = replace(journal(1), posting_date=date(2026, 1, 31))
    assert decide_journal(dated, LEVELS, context())[0][0].posting_date == date(2026, 1, 31)


def test_each_line_sees_what_the_lines_before_it_left() -> None:
    with pytest.raises(Refusal) as refused:
        decide_journal(journal(-1, -1, -1), LEVELS, context())
    assert [v.pointer for v in refused.value.violations] == ["/lines/2/quantity"]


def test_journal_line_that_cannot_be_is_refused_before_stock_is_looked_at() -> None:
    service = references(items=[ItemCard(no="1100", type="service")])
    with pytest.raises(Refusal) as refused:
        decide_journal(journal(-99), LEVELS, context(service))
    assert [v.code for v in refused.value.violations] == ["line-type-not-supported"]


# Availability


def purchase_line(quantity: int = 10, received: int = 0, *, drop: bool = False) -> PurchaseLine:
    sales = SalesLineRef(
        sales_order_no="S-1", sales_order_line_no=10000, sales_line_id=UUID(int=10000), generation=1
    )
    return PurchaseLine(
        id=UUID(int=5),
        line_no=10000,
        item_no="1100",
        quantity=Decimal(quantity),
        quantity_received=Decimal(received),
        unit_of_measure_code="PCS",
        link=link(sales, drop=drop),
    )


def test_sales_line_is_open_for_what_is_not_shipped() -> None:
    (line,) = open_sales_lines(sales_order(sales_line(quantity=5, shipped=2))).values()
    assert (line.quantity, line.source) == (3, "sale")


def test_shipped_lines_drop_shipments_and_cancelled_orders_have_nothing_to_move() -> None:
    assert open_sales_lines(sales_order(sales_line(shipped=2), sales_line(20000, drop=True))) == {}
    assert open_sales_lines(sales_order(sales_line(), status="cancelled")) == {}


def test_purchase_line_is_open_for_what_is_not_received() -> None:
    (line,) = open_purchase_lines(purchase_order(purchase_line(10, 4))).values()
    assert (line.quantity, line.due_date) == (6, date(2026, 3, 2))


def test_closed_orders_and_drop_shipments_bring_nothing_into_stock() -> None:
    assert open_purchase_lines(replace(purchase_order(purchase_line()), status="closed")) == {}
    assert open_purchase_lines(purchase_order(purchase_line(drop=True))) == {}


def test_available_is_inventory_and_receipts_less_requirements() -> None:
    """BC-PL-01."""
    found = availability(
        LEVEL,
        Reserved(supply=Decimal(3), demand=Decimal(2)),
        location_code="NORTH",
        day=None,
        required=Decimal(4),
        scheduled=Decimal(10),
    )
    assert (found.inventory, found.available, found.allocated) == (5, 11, 3)
    assert (found.reserved, found.available_to_promise) == (3, 10)


# Tracking


def shipped(line: SalesLine) -> SalesLine:
    posting = Posting(posting_id=uuid4(), quantity=Decimal(2), posting_date=date(2026, 3, 10))
    return replace(line, postings=(posting,))


def edges(graph: Graph) -> set[tuple[str, str]]:
    kinds = {node.id: node.kind for node in graph.nodes}
    return {(kinds[edge.from_], kinds[edge.to]) for edge in graph.edges}


LINE = requisition_line()
BOUGHT = purchase_order(replace(purchase_line(), requisition_line_id=LINE.id))


def test_sales_line_leads_over_its_requisition_to_the_purchase_line() -> None:
    graph = track([sales_order(sales_line())], [LINE], [BOUGHT])
    assert edges(graph) == {("demand", "requisition"), ("requisition", "supply")}


def test_purchase_line_without_a_requisition_comes_straight_from_the_sales_line() -> None:
    graph = track([sales_order(sales_line())], [], [purchase_order(purchase_line())])
    assert edges(graph) == {("demand", "supply")}


def test_posting_follows_its_line() -> None:
    assert edges(track([sales_order(shipped(sales_line()))], [], [])) == {("demand", "shipment")}


def test_edges_are_only_drawn_between_nodes_that_are_there() -> None:
    assert track([], [LINE], []).edges == ()


def test_tracking_of_an_item_leaves_the_others_out() -> None:
    graph = track([sales_order(sales_line(), sales_line(20000, drop=True))], [LINE], [BOUGHT])
    assert {node.item_no for node in for_item(graph, "1200").nodes} == {"1200"}
