"""Posting receipts: postings are records with the base that their author saw (architecture 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.purchasing import Vendor
from contracts.refusals import Refusal, Violation, conflict
from contracts.values import Model
from purchasing.domain.orders import NOTHING, RELEASED, Line, Order, Receipt

NewId = Callable[[], UUID]
_HUNDRED = Decimal(100)


class PostedReceiptLine(Model, frozen=True, kw_only=True):
    """A line of a posted receipt, with the names of its source."""

    line_no: int
    item_no: str
    description: str = ""
    quantity: Decimal
    unit_of_measure_code: str
    location_code: str = ""
    posting_id: UUID
    purchase_order_no: str
    purchase_order_line_no: int
    sales_order_no: str = ""
    sales_order_line_no: int | None = None
    drop_shipment: bool = False
    special_order: bool = False


class PostedReceipt(Model, frozen=True, kw_only=True):
    """A posted purchase receipt, for ever as it is. Its number is given last (gapless), `id` at once."""

    id: UUID
    no: str = ""
    purchase_order_no: str
    vendor_no: str
    vendor_name: str = ""
    sell_to_customer_no: str = ""
    posting_date: date
    posted_at: datetime
    posted_by: str = ""
    origin: str
    carrier: str = ""
    tracking_no: str = ""
    lines: tuple[PostedReceiptLine, ...]


class Delivery(Model, frozen=True, kw_only=True):
    """What one post has in common for all its lines."""

    document_id: UUID
    posting_date: date
    posted_at: datetime
    posted_by: str = ""
    origin: str
    request_id: UUID | None = None
    carrier: str = ""
    tracking_no: str = ""


class Wanted(Model, frozen=True, kw_only=True):
    """One line to receive. `base`: the total its author saw before it (None: not a drop shipment)."""

    line: Line
    quantity: Decimal
    base: Decimal | None = None
    pointer: str = ""


class Received(msgspec.Struct, kw_only=True):
    """What a post did to one order. `document` is None if nothing had to be posted any more.

    `postings` holds the receipts that answer each line, by line id: new ones, or those that were there.
    """

    order: Order
    document: PostedReceipt | None
    postings: dict[UUID, tuple[Receipt, ...]]


def same_delivery(line: Line, base: Decimal, quantity: Decimal, *, pointer: str = "") -> bool:
    """Whether the other side posted this delivery already; refused if something else was posted meanwhile.

    5 here and 5 there is 5; 2 here and 3 there is a question to a person, never a guess.
    """
    total = line.quantity_received
    if base == total:
        return False
    if base < total and quantity == total - base:
        return True
    raise conflict(
        "received-meanwhile",
        f"line {line.line_no}: {total} are received now, while {base} were seen before posting {quantity}",
        pointer=pointer,
        line_no=line.line_no,
        quantity_received=total,
        posted_before=base,
        received_meanwhile=total - base,
        qty_to_receive=quantity,
    )


def receive(
    order: Order, wanted: Sequence[Wanted], vendor: Vendor | None, delivery: Delivery, new_id: NewId
) -> Received:
    """Receive lines of one order, all or nothing; receiving releases it (BC-DS-21).

    The order's version is not raised here: whoever stores it does.
    """
    postings: dict[UUID, tuple[Receipt, ...]] = {}
    changed: list[Line] = []
    violations: list[Violation] = []
    for w in wanted:
        try:
            if _posted_before(w):
                postings[w.line.id] = covering(w.line, w.base or NOTHING)
                continue
            _must_fit(w, vendor)
        except Refusal as e:
            violations += e.violations
            continue
        receipt = _receipt(order, w, delivery, new_id)
        postings[w.line.id] = (receipt,)
        changed.append(msgspec.structs.replace(w.line, receipts=(*w.line.receipts, receipt)))
    if violations:
        raise Refusal(*violations)
    if not changed:
        return Received(order=order, document=None, postings=postings)
    after = order.with_lines(changed).replaced(status=RELEASED).settled()
    return Received(order=after, document=_document(after, changed, delivery), postings=postings)


def covering(line: Line, base: Decimal) -> tuple[Receipt, ...]:
    """The receipts posted after the line's total was `base`."""
    total = NOTHING
    found = []
    for receipt in line.receipts:
        if receipt.undone:
            continue
        if total >= base:
            found.append(receipt)
        total += receipt.quantity
    return tuple(found)


def _posted_before(wanted: Wanted) -> bool:
    if not wanted.line.drop_shipment or wanted.base is None:
        return False
    return same_delivery(wanted.line, wanted.base, wanted.quantity, pointer=wanted.pointer)


def _must_fit(wanted: Wanted, vendor: Vendor | None) -> None:
    """No more than outstanding; other lines than drop shipments by the vendor's tolerance more (E4)."""
    line = wanted.line
    tolerance = NOTHING
    if not line.drop_shipment and vendor is not None:
        tolerance = line.quantity * vendor.over_receipt_pct / _HUNDRED
    remaining = line.quantity + tolerance - line.quantity_received
    if wanted.quantity > remaining:
        raise conflict(
            "quantity-exceeds-outstanding",
            f"line {line.line_no}: {wanted.quantity} to receive, {max(remaining, NOTHING)} outstanding",
            pointer=wanted.pointer,
            line_no=line.line_no,
            qty_to_receive=wanted.quantity,
            outstanding_quantity=line.outstanding_quantity,
        )


def _receipt(order: Order, wanted: Wanted, delivery: Delivery, new_id: NewId) -> Receipt:
    link = wanted.line.active_link
    return Receipt(
        posting_id=new_id(),
        link_id=link.link_id if link is not None else None,
        base=wanted.line.quantity_received,
        quantity=wanted.quantity,
        posting_date=delivery.posting_date,
        origin=delivery.origin,
        request_id=delivery.request_id,
        carrier=delivery.carrier,
        tracking_no=delivery.tracking_no,
        posted_at=delivery.posted_at,
        order_version=order.version + 1,
        document_id=delivery.document_id,
    )


def _document(order: Order, lines: Sequence[Line], delivery: Delivery) -> PostedReceipt:
    return PostedReceipt(
        id=delivery.document_id,
        purchase_order_no=order.no,
        vendor_no=order.vendor_no,
        vendor_name=order.vendor_name,
        sell_to_customer_no=order.sell_to_customer_no,
        posting_date=delivery.posting_date,
        posted_at=delivery.posted_at,
        posted_by=delivery.posted_by,
        origin=delivery.origin,
        carrier=delivery.carrier,
        tracking_no=delivery.tracking_no,
        lines=tuple(_document_line(order, line) for line in lines),
    )


def _document_line(order: Order, line: Line) -> PostedReceiptLine:
    receipt = line.receipts[-1]
    sales = line.link.sales if line.link is not None else None
    return PostedReceiptLine(
        line_no=line.line_no,
        item_no=line.item_no,
        description=line.description,
        quantity=receipt.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        location_code=line.location_code,
        posting_id=receipt.posting_id,
        purchase_order_no=order.no,
        purchase_order_line_no=line.line_no,
        sales_order_no=sales.sales_order_no if sales is not None else "",
        sales_order_line_no=sales.sales_order_line_no if sales is not None else None,
        drop_shipment=line.drop_shipment,
        special_order=line.special_order,
    )


def with_number(document: PostedReceipt, document_nos: Mapping[UUID, str]) -> PostedReceipt:
    """The document with its number."""
    return msgspec.structs.replace(document, no=document_nos[document.id])
