"""Taking receipts back: once, while they are not invoiced, and of linked lines with sales' consent (BC-DS-38)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.purchasing.orders import UndoRequestLine
from contracts.refusals import Violations, conflict
from purchasing.domain.orders.billing import not_invoiced
from purchasing.domain.orders.order import CLOSED, RELEASED, Line, Order, PendingUndo, Receipt
from purchasing.domain.orders.posted_receipts import PostedReceipt


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """The order after it: without the receipts, or waiting for sales, which has to agree (`pending`)."""

    order: Order
    posting_ids: frozenset[UUID]
    pending: PendingUndo | None = None


def undo_receipt(
    order: Order,
    receipt: PostedReceipt,
    line_nos: Sequence[int] | None,
    request_id: UUID,
    deleted: Collection[str] = (),
) -> Undo:
    """Take lines of a posted receipt back, all or none; linked ones first ask sales.

    `deleted`: sales orders that are gone, which cannot be asked any more: nothing depends on their receipts.
    """
    found = Violations()
    wanted = _wanted(found, receipt, line_nos)
    for posting_id, at in wanted.items():
        line = _line_of(order, posting_id)
        if line is not None:
            check_undoable(found, order, line, posting_id, at)
    found.refuse_if_any()
    ids = frozenset(wanted)
    if not ids:
        raise conflict("already-undone", f"receipt {receipt.no} was taken back before")
    asked = tuple(
        _asked(line, id_) for line in order.live_lines if line.answering_link for id_ in _ids_of(line) & ids
    )
    if _are_gone(asked, deleted):
        return Undo(order=without_receipts(order, ids), posting_ids=ids)
    pending = PendingUndo(id=request_id, lines=asked, receipt_no=receipt.no, posting_ids=tuple(sorted(ids)))
    return Undo(
        order=order.replaced(undo_requests=(*order.undo_requests, pending)), posting_ids=ids, pending=pending
    )


def undos_without_sale(order: Order, deleted: Collection[str]) -> tuple[PendingUndo, ...]:
    """Pending undos whose sales orders are all deleted by now: no answer comes."""
    return tuple(pending for pending in order.undo_requests if _are_gone(pending.lines, deleted))


def _are_gone(asked: Sequence[UndoRequestLine], deleted: Collection[str]) -> bool:
    return all(line.sales_order_no in deleted for line in asked)


def _wanted(found: Violations, receipt: PostedReceipt, line_nos: Sequence[int] | None) -> dict[UUID, str]:
    """The receipts that are taken back, and where the request names them."""
    if line_nos is None:
        return {line.posting_id: "" for line in receipt.lines if not line.undone}
    by_no = {line.line_no: line for line in receipt.lines}
    wanted = {}
    for index, line_no in enumerate(line_nos):
        if line_no in by_no:
            wanted[by_no[line_no].posting_id] = f"/lines/{index}"
        else:
            found.unknown("line", str(line_no), f"/lines/{index}")
    return wanted


def _line_of(order: Order, posting_id: UUID) -> Line | None:
    return next((line for line in order.lines if posting_id in _ids_of(line)), None)


def _ids_of(line: Line) -> set[UUID]:
    return {receipt.posting_id for receipt in line.receipts}


def _asked(line: Line, posting_id: UUID) -> UndoRequestLine:
    if line.link is None:
        msg = f"line {line.line_no} serves no sales line"
        raise ValueError(msg)
    sales = line.link.sales
    return UndoRequestLine(
        sales_order_no=sales.sales_order_no, sales_line_id=sales.sales_line_id, posting_id=posting_id
    )


def check_undoable(found: Violations, order: Order, line: Line, posting_id: UUID, pointer: str = "") -> None:
    """A receipt that stands, of which the vendor has billed nothing, and that no other act takes back."""
    if check_not_billed(found, order, line, posting_id, pointer) and order.is_being_undone(line):
        detail = f"line {line.line_no} of purchase order {order.no} is being taken back"
        found.conflict("change-pending", detail, pointer, line_no=line.line_no)


def check_not_billed(
    found: Violations, order: Order, line: Line, posting_id: UUID, pointer: str = ""
) -> bool:
    """A receipt that stands and of which the vendor has billed nothing; whether it is.

    All that sales' own request needs: were it refused for an undo that waits for sales, which sales refuses for its
    request, two people who take one delivery back at once would both be refused.
    """
    line_no = line.line_no
    receipt = next((each for each in line.receipts if each.posting_id == posting_id), None)
    if receipt is None or receipt.undone:
        found.conflict("already-undone", f"line {line_no} was taken back before", pointer, line_no=line_no)
    elif not_invoiced(line, posting_id) < receipt.quantity:
        detail = f"line {line_no} of purchase order {order.no} is invoiced by the vendor"
        found.conflict("already-invoiced", detail, pointer, line_no=line_no)
    else:
        return True
    return False


def without_receipts(order: Order, posting_ids: Collection[UUID]) -> Order:
    """The order without these receipts; what they brought is outstanding again, also on a closed order."""
    after = order.with_lines(
        replace(line, receipts=tuple(_undone(receipt, posting_ids) for receipt in line.receipts))
        for line in order.lines
    )
    return after.replaced(status=RELEASED if after.status == CLOSED else after.status)


def _undone(receipt: Receipt, posting_ids: Collection[UUID]) -> Receipt:
    return replace(receipt, undone=True) if receipt.posting_id in posting_ids else receipt


def ended(order: Order, request_id: UUID) -> Order:
    """The order without a pending undo that came to its end."""
    left = tuple(request for request in order.undo_requests if request.id != request_id)
    return order.replaced(undo_requests=left)
