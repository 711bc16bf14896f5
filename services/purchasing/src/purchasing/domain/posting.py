"""Posting a purchase order: receive, invoice, or both, in one act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.refusals import Refusal, Violation, conflict, stale
from contracts.sales import SalesOrder
from contracts.values import Model
from purchasing.domain.invoices import Bill, Billed, Invoiced, invoice
from purchasing.domain.known import Known, customer_violations, refuse_if, vendor_violations
from purchasing.domain.money import Currency
from purchasing.domain.orders import Line, Order
from purchasing.domain.receipts import Delivery, Received, Wanted, receive

NewId = Callable[[], UUID]


class PostLine(Model, frozen=True, kw_only=True):
    """A line to post. Quantities left out: all outstanding, all received and not invoiced.

    `posted_before`: the total received that the author saw (drop shipments).
    """

    line_no: int
    qty_to_receive: Decimal | None = None
    qty_to_invoice: Decimal | None = None
    posted_before: Decimal | None = None


class PostOrder(Model, frozen=True, kw_only=True):
    """The wish to post an order. `lines` None: all outstanding, all received and not invoiced."""

    no: str
    receive: bool = False
    invoice: bool = False
    posting_date: date | None = None
    vendor_invoice_no: str = ""
    carrier: str = ""
    tracking_no: str = ""
    lines: tuple[PostLine, ...] | None = None


class Circumstances(msgspec.Struct, kw_only=True):
    """What a post is judged by besides the order."""

    known: Known
    currency: Currency
    sales_orders: Mapping[str, SalesOrder]
    before_sales_invoice: bool = False
    vendor_invoice_known_as: str = ""
    """The posted invoice that has this vendor's invoice number already."""


class Posted(msgspec.Struct, kw_only=True):
    """The order after the post. `already_posted`: all of it was received before, as the same delivery."""

    order: Order
    received: Received | None
    invoiced: Invoiced | None
    already_posted: bool


def post(
    order: Order,
    wish: PostOrder,
    seen_version: int | None,
    delivery: Delivery,
    circumstances: Circumstances,
    new_id: NewId,
) -> Posted:
    """Post an order, all or nothing. `seen_version` is the version that the caller looked at (If-Match)."""
    _must_be_clear(order, wish, circumstances)
    received = _receive(order, wish, seen_version, delivery, circumstances.known, new_id)
    after = received.order if received is not None else order
    invoiced = _invoice(after, wish, delivery.posting_date, circumstances) if wish.invoice else None
    moved = received is not None and received.document is not None
    if not moved and invoiced is None and (received is None or not received.postings):
        raise conflict("nothing-to-post", f"purchase order {order.no} has nothing to post")
    if moved or invoiced is not None:
        _must_not_be_blocked(order, received, circumstances.known)
    return Posted(
        order=invoiced.order if invoiced is not None else after,
        received=received,
        invoiced=invoiced,
        already_posted=received is not None and bool(received.postings) and not moved,
    )


def _must_be_clear(order: Order, wish: PostOrder, circumstances: Circumstances) -> None:
    if not wish.receive and not wish.invoice:
        raise conflict("nothing-to-post", "neither receive nor invoice is asked for")
    _must_name_lines(order, wish)
    if wish.invoice and circumstances.vendor_invoice_known_as:
        raise conflict(
            "already-invoiced",
            f"vendor {order.vendor_no}'s invoice {wish.vendor_invoice_no} was posted as "
            f"{circumstances.vendor_invoice_known_as}",
            pointer="/vendor_invoice_no",
            invoice_no=circumstances.vendor_invoice_known_as,
        )


def _must_name_lines(order: Order, wish: PostOrder) -> None:
    """Each line at most once, and every one on the order."""
    existing = {line.line_no for line in order.live_lines}
    seen: set[int] = set()
    violations = []
    for i, wanted in enumerate(wish.lines or ()):
        pointer = f"/lines/{i}/line_no"
        if wanted.line_no not in existing:
            detail = f"purchase order {order.no} has no line {wanted.line_no}"
            violations.append(Violation("unknown-line", detail, pointer))
        elif wanted.line_no in seen:
            violations.append(Violation("duplicate-line", f"line {wanted.line_no} is named twice", pointer))
        seen.add(wanted.line_no)
    refuse_if(violations)


def _receive(
    order: Order, wish: PostOrder, seen_version: int | None, delivery: Delivery, known: Known, new_id: NewId
) -> Received | None:
    wanted = _to_receive(order, wish, seen_version) if wish.receive else []
    # A stale view of drop shipments is judged by the same-delivery rule; of anything else it is refused.
    judged = bool(wanted) and all(w.line.drop_shipment for w in wanted)
    if (
        seen_version is not None
        and seen_version != order.version
        and (not judged or seen_version > order.version)
    ):
        raise stale(order.no, order.version)
    if not wanted:
        return None
    return receive(order, wanted, known.vendors.get(order.vendor_no), delivery, new_id)


def _to_receive(order: Order, wish: PostOrder, seen_version: int | None) -> list[Wanted]:
    if wish.lines is None:
        candidates = (_wanted(line, None, None, seen_version, "") for line in order.live_lines)
    else:
        candidates = (
            _wanted(
                order.line(w.line_no),
                w.qty_to_receive,
                w.posted_before,
                seen_version,
                f"/lines/{i}/qty_to_receive",
            )
            for i, w in enumerate(wish.lines)
        )
    return [w for w in candidates if w.quantity > 0]


def _wanted(
    line: Line,
    quantity: Decimal | None,
    posted_before: Decimal | None,
    seen_version: int | None,
    pointer: str,
) -> Wanted:
    """A line as its author saw it: what was outstanding then is what a left out quantity means."""
    if not line.drop_shipment:
        return Wanted(
            line=line, quantity=line.outstanding_quantity if quantity is None else quantity, pointer=pointer
        )
    base = posted_before
    if base is None:
        base = line.quantity_received if seen_version is None else line.received_at(seen_version)
    if quantity is None:
        quantity = max(line.quantity - base, Decimal(0))
    return Wanted(line=line, quantity=quantity, base=base, pointer=pointer)


def _invoice(
    order: Order, wish: PostOrder, posting_date: date, circumstances: Circumstances
) -> Invoiced | None:
    if wish.lines is None:
        billed = [Billed(line_id=line.id) for line in order.live_lines]
    else:
        billed = [
            Billed(
                line_id=order.line(w.line_no).id,
                quantity=w.qty_to_invoice,
                pointer=f"/lines/{i}/qty_to_invoice",
            )
            for i, w in enumerate(wish.lines)
        ]
    return invoice(
        order,
        billed,
        Bill(vendor_invoice_no=wish.vendor_invoice_no, posting_date=posting_date),
        circumstances.currency,
        circumstances.sales_orders,
        before_sales_invoice=circumstances.before_sales_invoice,
    )


def _must_not_be_blocked(order: Order, received: Received | None, known: Known) -> None:
    """A blocked vendor, or for a drop shipment customer, stops posting (section 0)."""
    violations = list(vendor_violations(order.vendor_no, known.vendors.get(order.vendor_no)))
    shipped = set(received.postings) if received is not None else set()
    if any(line.drop_shipment and line.id in shipped for line in order.lines):
        customer_no = order.sell_to_customer_no
        violations += customer_violations(customer_no, known.customers.get(customer_no), shipping=True)
    if violations:
        raise Refusal(*violations)
