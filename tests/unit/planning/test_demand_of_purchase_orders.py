"""What planning learns from purchase orders."""

from __future__ import annotations

from uuid import uuid4

from msgspec.structs import replace

from planning.domain.demand.purchase_orders import follow_purchase_order, unknown_links
from planning.domain.demand.rows import event_names
from planning.domain.demand.sales_orders import follow_sales_order
from tests.unit.planning.samples import (
    EMPTY,
    bought,
    context,
    linked_by_others,
    sales_line,
    sales_order,
    states,
)

FIRST = follow_sales_order(EMPTY, sales_order(sales_line()), context())
REQUEST = FIRST.requests[0]
LINKED = follow_purchase_order(FIRST.demand, bought(REQUEST), uuid4)


def test_what_is_learned_from_purchasing_is_not_published_again() -> None:
    assert LINKED.version == FIRST.demand.version
    assert event_names(FIRST.demand, LINKED) == ("ordered",)


def test_requisition_line_is_carried_out_by_its_purchase_line() -> None:
    (line,) = LINKED.lines.values()
    assert (line.status, line.purchase_order_no, line.purchase_order_line_no) == ("carried_out", "P-1", 10000)


def test_deleted_purchase_line_is_an_exception_that_names_it() -> None:
    after = follow_purchase_order(LINKED, bought(REQUEST, active=False), uuid4)
    (row,) = after.rows.values()
    assert (row.state, row.purchase_order_no) == ("exception", None)
    assert row.problem is not None
    assert row.problem.detail == "purchase order P-1 line 10000 was deleted"
    assert after.gettable


def test_e2_a_line_that_the_vendor_refused_is_an_exception_with_the_reason() -> None:
    order = bought(REQUEST, active=False)
    refused = replace(order.lines[0], deleted=False, refusal_reason="Out of production")
    after = follow_purchase_order(LINKED, replace(order, lines=(refused,)), uuid4)
    (row,) = after.rows.values()
    assert row.problem is not None
    assert (row.state, row.problem.code) == ("exception", "vendor-refused")
    assert row.problem.detail.endswith("was refused by the vendor: Out of production")


def test_link_of_an_unknown_generation_is_adopted() -> None:
    line = sales_line()
    assert len(unknown_links(EMPTY, linked_by_others(line, 3), "S-1")) == 1
    after = follow_purchase_order(EMPTY, linked_by_others(line, 3), uuid4)
    assert states(after) == {(10000, 3): "ordered"}
    assert unknown_links(after, linked_by_others(line, 3), "S-1") == []


def test_adopted_link_supersedes_the_open_requisition_line() -> None:
    line = sales_line()
    requisitioned = follow_sales_order(EMPTY, sales_order(line, automation="requisition"), context()).demand
    after = follow_purchase_order(requisitioned, linked_by_others(line, 2), uuid4)
    assert [x.status for x in after.lines.values()] == ["superseded"]
    assert states(after) == {(10000, 1): "superseded", (10000, 2): "ordered"}


def test_purchase_of_a_withdrawn_line_raises_a_cancel_message() -> None:
    """BC-PL-11."""
    gone = follow_sales_order(FIRST.demand, sales_order(), context()).demand
    after = follow_purchase_order(gone, bought(REQUEST), uuid4)
    (message,) = (x for x in after.lines.values() if x.is_live)
    assert (message.action_message, message.purchase_order_no) == ("cancel", "P-1")


def test_cancel_message_ends_with_the_purchase_line() -> None:
    gone = follow_sales_order(LINKED, sales_order(), context()).demand
    after = follow_purchase_order(gone, bought(REQUEST, active=False), uuid4)
    assert not [x for x in after.lines.values() if x.is_live]
    assert states(after) == {(10000, 1): "cancelled"}
