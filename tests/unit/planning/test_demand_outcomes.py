"""What planning does when purchasing has decided a purchase request."""

from __future__ import annotations

from uuid import uuid4

from contracts.purchasing.outcomes import RequestOutcome, SkippedLine
from contracts.values import Problem
from planning.domain.demand.outcomes import errors_of, follow_outcome
from planning.domain.demand.purchase_orders import follow_purchase_order
from planning.domain.demand.sales_orders import follow_sales_order
from planning.domain.demand.worksheets import put_deleted, put_edited, put_handed_over
from tests.unit.planning.samples import (
    EMPTY,
    bought,
    context,
    only_line,
    refused,
    requisition_line,
    sales_line,
    sales_order,
    states,
)

FIRST = follow_sales_order(EMPTY, sales_order(sales_line()), context())
REQUEST = FIRST.requests[0]


def test_refused_request_opens_its_lines_with_the_reason() -> None:
    first = follow_sales_order(EMPTY, sales_order(sales_line(), sales_line(20000)), context())
    errors = (
        Problem(code="currency-missing", detail="no rate"),
        Problem(code="item-blocked", detail="blocked", line_no=20000),
    )
    after = follow_outcome(first.demand, refused(first.requests[0], *errors), uuid4)
    found = {x.sales_order_line_no: x.problem.code for x in after.lines.values() if x.problem}
    assert found == {10000: "currency-missing", 20000: "item-blocked"}
    assert states(after) == {(10000, 1): "exception", (20000, 1): "exception"}
    assert after.version == first.demand.version + 1


def test_a_refused_purchase_is_procured_again_by_the_worksheet() -> None:
    """G21: its requisition line stays open, so that nothing is bought twice."""
    refused_once = follow_outcome(FIRST.demand, refused(REQUEST), uuid4)
    line = only_line(refused_once)
    asked_again = put_handed_over(refused_once, [(line, REQUEST)])
    assert (states(asked_again), only_line(asked_again).status) == ({(10000, 1): "requested"}, "carrying_out")
    bought_at_last = follow_purchase_order(asked_again, bought(REQUEST), context().new_id)
    assert states(bought_at_last) == {(10000, 1): "ordered"}


def test_a_refused_purchase_whose_line_is_edited_is_no_exception_any_more() -> None:
    """G21."""
    refused_once = follow_outcome(FIRST.demand, refused(REQUEST), uuid4)
    edited = only_line(refused_once).changed(vendor_no="V20", problem=None)
    after = put_edited(refused_once, edited)
    assert states(after) == {(10000, 1): "requisitioned"}
    (row,) = after.rows.values()
    assert (row.vendor_no, row.problem) == ("V20", None)


def test_a_refused_purchase_whose_line_is_deleted_awaits_a_requisition() -> None:
    """G21."""
    refused_once = follow_outcome(FIRST.demand, refused(REQUEST), uuid4)
    after = put_deleted(refused_once, only_line(refused_once).cancelled())
    assert (states(after), after.gettable) == ({(10000, 1): "awaiting_requisition"}, True)


def test_the_same_outcome_again_changes_nothing() -> None:
    after = follow_outcome(FIRST.demand, refused(REQUEST), uuid4)
    assert follow_outcome(after, refused(REQUEST), uuid4).version == after.version


def test_refused_request_of_a_deleted_sales_line_ends_cancelled() -> None:
    """I8: never silently open."""
    gone = follow_sales_order(FIRST.demand, sales_order(), context()).demand
    assert states(gone) == {(10000, 1): "requested"}
    after = follow_outcome(gone, refused(REQUEST), uuid4)
    assert (states(after), only_line(after).status) == ({(10000, 1): "cancelled"}, "cancelled")


def superseded() -> RequestOutcome:
    """A request that came after its sale was given up."""
    line = only_line(FIRST.demand)
    skipped = SkippedLine(requisition_line_id=line.id, sales_line_id=sales_line().id, code="superseded")
    return RequestOutcome(
        version=1, request_id=REQUEST.id, kind="purchase_request", outcome="superseded", skipped=(skipped,)
    )


def test_g22_a_request_that_came_after_the_cancellation_ends_cancelled_in_either_order() -> None:
    cancelled = sales_order(sales_line(), status="cancelled")
    gone = follow_sales_order(FIRST.demand, cancelled, context()).demand
    first_the_sale = follow_outcome(gone, superseded(), uuid4)
    first_the_request = follow_sales_order(
        follow_outcome(FIRST.demand, superseded(), uuid4), cancelled, context()
    ).demand
    assert states(first_the_sale) == states(first_the_request) == {(10000, 1): "cancelled"}


def test_a_purchase_that_is_linked_late_to_a_cancelled_line_is_a_matter_for_a_person() -> None:
    """I8: never silently open."""
    cancelled = sales_order(sales_line(), status="cancelled")
    gone = follow_sales_order(follow_outcome(FIRST.demand, superseded(), uuid4), cancelled, context()).demand
    late = follow_purchase_order(gone, bought(REQUEST), context().new_id)
    assert "cancel" in {line.action_message for line in late.lines.values()}


def test_skipped_line_is_superseded_and_names_the_purchase_order_that_has_it() -> None:
    line = only_line(FIRST.demand)
    skipped = SkippedLine(
        requisition_line_id=line.id,
        sales_line_id=sales_line().id,
        code="already-associated-with-purchase-order",
        purchase_order_no="P-9",
    )
    outcome = RequestOutcome(
        version=1, request_id=REQUEST.id, kind="purchase_request", outcome="skipped", skipped=(skipped,)
    )
    after = only_line(follow_outcome(FIRST.demand, outcome, uuid4))
    assert (after.status, after.purchase_order_no) == ("superseded", "P-9")


def test_reasons_of_other_lines_do_not_concern_a_line() -> None:
    own, other = (Problem(code="c", detail="d", line_no=no) for no in (10000, 20000))
    assert errors_of(requisition_line(), (own, other)) == (own,)
