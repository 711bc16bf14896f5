"""Taking receipts back and closing orders short."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.purchasing.orders import UndoRequestLine
from contracts.refusals import Refusal
from contracts.sales.requests import RequestedChange, RequestedChangeLine
from purchasing.domain.orders.closing_short import close_short
from purchasing.domain.orders.order import CLOSED, RELEASED, Line, Order, PendingUndo
from purchasing.domain.orders.posted_receipts import PostedReceipt, posted_receipt
from purchasing.domain.orders.undoing import (
    Undo,
    ended,
    undo_receipt,
    undos_without_sale,
    without_receipts,
)
from purchasing.domain.requests.posting_requests import LinkedLine
from purchasing.domain.requests.requested_changes import decide_requested_change
from tests.unit.purchasing import examples as x


def received(line: Line, quantity: str, posting_id: int = 1) -> Line:
    receipt = replace(x.receipt(Decimal(quantity)), posting_id=UUID(int=posting_id))
    return replace(line, receipts=(*line.receipts, receipt))


def receipt_of(order: Order) -> PostedReceipt:
    return replace(posted_receipt(order, order.lines, x.delivery()), no="PR-1")


def undone(order: Order, *line_nos: int, of: PostedReceipt | None = None) -> Undo:
    return undo_receipt(order, of or receipt_of(order), line_nos or None, UUID(int=9))


def refused(order: Order, *line_nos: int, of: PostedReceipt | None = None) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        undone(order, *line_nos, of=of)
    return [(found.code, found.pointer) for found in refusal.value.violations]


def test_bc_ds_38_goods_for_stock_are_taken_back_at_once_and_only_the_named_lines() -> None:
    order = x.order(received(x.line(), "5"), received(x.line(line_no=20000), "2", 2))
    after = undone(order, 20000)
    assert (after.pending, after.posting_ids) == (None, frozenset({UUID(int=2)}))
    assert [line.quantity_received for line in after.order.lines] == [5, 0]
    assert [line.quantity_received for line in undone(order).order.lines] == [0, 0]


def test_bc_ds_38_a_sale_is_asked_before_what_it_got_is_taken_back() -> None:
    """Unless its order is deleted: then no answer would come."""
    order = x.order(received(x.line("special_order"), "5"))
    asking = undone(order)
    assert asking.pending is not None
    assert [line.posting_id for line in asking.pending.lines] == [UUID(int=1)]
    assert (asking.order.undo_requests, asking.order.lines) == ((asking.pending,), order.lines)
    gone = undo_receipt(order, receipt_of(order), None, UUID(int=9), deleted={"S-1001"})
    assert (gone.pending, gone.order.lines[0].quantity_received) == (None, 0)


def test_bc_ds_38_what_cannot_be_taken_back_is_refused_with_every_reason() -> None:
    order = x.order(received(x.line("special_order"), "5"))
    assert refused(order, 10000, 70000) == [("unknown-line", "/lines/1")]
    assert refused(undone(order).order, 10000) == [("change-pending", "/lines/0")]
    receipt = receipt_of(order)
    before = without_receipts(order, {UUID(int=1)})
    assert refused(before, 10000, of=receipt) == [("already-undone", "/lines/0")]
    nothing_left = replace(receipt, lines=tuple(replace(line, undone=True) for line in receipt.lines))
    assert refused(before, of=nothing_left) == [("already-undone", "")]


def test_what_a_receipt_brought_is_outstanding_again() -> None:
    """BC-DS-38: also on an order that was closed."""
    closed = x.order(received(x.line(), "5"), status=CLOSED)
    after = without_receipts(closed, {UUID(int=1)})
    assert (after.lines[0].outstanding_quantity, after.status) == (Decimal(5), RELEASED)


def test_an_ended_undo_is_not_pending_any_more() -> None:
    """BC-DS-38."""
    assert ended(x.order(x.line()), UUID(int=1)).undo_requests == ()


def test_an_undo_waits_for_an_order_that_is_still_there() -> None:
    """BC-DS-38: one of two sales orders was deleted, the other one answers for both."""
    lines = tuple(
        UndoRequestLine(sales_order_no=no, sales_line_id=UUID(int=n), posting_id=UUID(int=n))
        for n, no in enumerate(("S-1", "S-2"), 1)
    )
    pending = PendingUndo(id=UUID(int=9), lines=lines, receipt_no="PR-1", posting_ids=())
    order = replace(x.order(x.line()), undo_requests=(pending,))
    assert undos_without_sale(order, {"S-1"}) == ()
    assert undos_without_sale(order, {"S-1", "S-2"}) == (pending,)


def test_closing_short_expects_nothing_more() -> None:
    """G4: lines without a receipt are ordered no more at all."""
    after = close_short(x.order(received(x.line(), "2"), x.line(line_no=20000)), None)
    assert [line.quantity for line in after.lines] == [Decimal(2), Decimal(0)]
    assert [line.closed_short for line in after.lines] == [True, True]
    with pytest.raises(Refusal):
        close_short(after, None)


def test_all_lines_of_a_requested_change_are_changed_or_none() -> None:
    """G3."""
    line = received(x.line("drop_shipment"), "2")
    purchase = x.order(line)
    asked = tuple(
        RequestedChangeLine(sales_line_id=id_, posting_ids=(UUID(int=1),)) for id_ in (x.COMPASS, x.KAYAK)
    )
    change = RequestedChange(id=UUID(int=7), kind="undo_shipment", lines=asked)
    linked = {x.COMPASS: LinkedLine("P-1001", line.id)}
    decided = decide_requested_change(x.sales_order(), change, {"P-1001": purchase}, linked, x.context())
    assert ([p.code for p in decided.errors], decided.orders, decided.undone) == (
        ["not-associated-with-purchase-order"],
        (),
        frozenset(),
    )
