"""Moving goods and money: shipments as records on the lines, invoices over what has left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.purchasing import PurchaseLine, PurchaseOrder, RequestOutcome
from contracts.values import Posting
from sales.domain.drafts import PlannedLine
from sales.domain.lines import Line, amounts_between, discount_pct
from sales.domain.money import ZERO, round_money
from sales.domain.orders import Order, PendingPost, closed_if_done
from sales.domain.posted import Invoice, InvoiceLine, Shipment, ShipmentLine
from sales.domain.sourcing import LinkFacts


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of one line leave: `base` is the total its author saw; `posting_id` is the record's identity for ever."""

    sales_line_id: UUID
    posting_id: UUID
    quantity: Decimal
    base: Decimal
    origin: str = "sales"
    link_id: UUID | None = None
    request_id: UUID | None = None
    purchase_order_no: str = ""
    purchase_order_line_no: int | None = None
    carrier: str = ""
    tracking_no: str = ""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What a decided post does to one order: goods that leave, quantities to invoice, on which day.

    `ends` is the pending post that it completes.
    """

    order_no: str
    posting_date: date
    ends: UUID | None = None
    movements: tuple[Movement, ...] = ()
    invoiced: tuple[PlannedLine, ...] = ()


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of the documents that a deed makes; empty where it makes none."""

    shipment_no: str = ""
    invoice_no: str = ""


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """The order afterwards with its documents, and what special orders took of their grants."""

    order: Order
    shipment: Shipment | None = None
    invoice: Invoice | None = None
    from_grants: Mapping[UUID, Decimal] = {}
    happened: tuple[str, ...] = ()


def deed_of_plan(
    order: Order, posting_date: date, plan: Iterable[PlannedLine], new_id: Callable[[], UUID]
) -> Deed:
    """A post without drop shipments: sales decides it alone."""
    planned = tuple(plan)
    movements = tuple(
        Movement(sales_line_id=p.sales_line_id, posting_id=new_id(), quantity=p.ship, base=p.base)
        for p in planned
        if p.ship > 0
    )
    return Deed(order_no=order.no, posting_date=posting_date, movements=movements, invoiced=planned)


def deed_of_outcome(
    order: Order, pending: PendingPost, outcome: RequestOutcome, new_id: Callable[[], UUID]
) -> Deed:
    """A pending post that purchasing granted: its receipts with their ids, all other lines of the plan beside them.

    A receipt that became a shipment already (the same delivery, started in purchasing) moves nothing again.
    """
    known = {posting.posting_id for line in order.lines for posting in line.postings}
    received = {answered.sales_line_id: answered for answered in outcome.postings}
    dropped = {line.id for line in order.lines if line.drop_shipment}
    movements: list[Movement] = []
    for planned in pending.lines:
        if planned.ship <= 0:
            continue
        if planned.sales_line_id not in dropped:
            movements.append(_plain_movement(planned, new_id()))
            continue
        answered = received[planned.sales_line_id]
        if answered.posting.posting_id not in known:
            where = (answered.purchase_order_no, answered.purchase_order_line_no)
            movements.append(_of_receipt(planned.sales_line_id, answered.posting, *where))
    return Deed(
        order_no=order.no,
        posting_date=pending.posting_date,
        ends=pending.id,
        movements=tuple(movements),
        invoiced=pending.lines,
    )


def deeds_of_receipts(order: Order, told: PurchaseOrder) -> list[Deed]:
    """Receipts of drop-shipment lines that purchasing's people posted: one shipment per receipt, never refused.

    Postings asked for by sales are left to the outcome of their request; known ones have their shipment.
    """
    known = {posting.posting_id for line in order.lines for posting in line.postings}
    ours = {line.id for line in order.lines}
    receipts: dict[str, list[tuple[PurchaseLine, Posting]]] = {}
    for line in told.lines:
        if (
            line.link is None
            or line.link.kind != "drop_shipment"
            or line.link.sales.sales_line_id not in ours
        ):
            continue
        for posting in line.receipts:
            if posting.origin == "purchasing" and not posting.undone and posting.posting_id not in known:
                receipts.setdefault(posting.document_no, []).append((line, posting))
    return [_deed_of_receipt(order.no, told.no, receipts[document_no]) for document_no in receipts]


def _deed_of_receipt(
    order_no: str, purchase_order_no: str, lines: Sequence[tuple[PurchaseLine, Posting]]
) -> Deed:
    movements = tuple(
        _of_receipt(line.link.sales.sales_line_id, posting, purchase_order_no, line.line_no)
        for line, posting in lines
        if line.link is not None
    )
    return Deed(order_no=order_no, posting_date=lines[0][1].posting_date, movements=movements)


def _plain_movement(planned: PlannedLine, posting_id: UUID) -> Movement:
    return Movement(
        sales_line_id=planned.sales_line_id, posting_id=posting_id, quantity=planned.ship, base=planned.base
    )


def _of_receipt(sales_line_id: UUID, posting: Posting, order_no: str, line_no: int) -> Movement:
    """The shipment's side of a receipt: the same posting id, so both sides can be compared."""
    return Movement(
        sales_line_id=sales_line_id,
        posting_id=posting.posting_id,
        quantity=posting.quantity,
        base=posting.base,
        origin=posting.origin,
        link_id=posting.link_id,
        request_id=posting.request_id,
        purchase_order_no=order_no,
        purchase_order_line_no=line_no,
        carrier=posting.carrier,
        tracking_no=posting.tracking_no,
    )


def carry_out(
    before: Order, deed: Deed, numbers: Numbers, links: Mapping[UUID, LinkFacts], posted_at: datetime
) -> Posted:
    """Do what was decided: postings on the lines, the documents, and `closed` when nothing is left."""
    order, happened = without_pending(before, deed.ends), list[str]()
    from_grants: dict[UUID, Decimal] = {}
    shipment = invoice = None
    if deed.movements:
        shipment = _shipment(order, deed, numbers.shipment_no, links)
        from_grants = _special_quantities(order, deed.movements)
        order = _shipped(order, deed, numbers.shipment_no, posted_at)
        happened.append("shipped")
    to_invoice = billable(order, deed.invoiced)
    if to_invoice:
        invoice = _invoice(order, deed.posting_date, numbers.invoice_no, to_invoice, links)
        order = _invoiced(order, to_invoice)
        happened.append("invoiced")
    closed = closed_if_done(order)
    if closed is not order:
        happened.append("closed")
    return Posted(
        order=closed, shipment=shipment, invoice=invoice, from_grants=from_grants, happened=tuple(happened)
    )


def without_pending(order: Order, ended: UUID | None) -> Order:
    """The order without a pending post that came to its end."""
    if ended is None:
        return order
    return replace(order, pending_posts=tuple(post for post in order.pending_posts if post.id != ended))


def shipment_of(order: Order, outcome: RequestOutcome) -> str:
    """The shipment that a receipt of the outcome became before: what the caller is answered instead of a new one."""
    asked = {answered.posting.posting_id for answered in outcome.postings}
    return next((p.document_no for line in order.lines for p in line.postings if p.posting_id in asked), "")


def will_invoice(order: Order, deed: Deed) -> bool:
    """Whether the deed makes an invoice: known before its number is taken, so that none is wasted."""
    shipping = {m.sales_line_id: m.quantity for m in deed.movements}
    by_id = {line.id: line for line in order.lines}
    return any(
        min(p.invoice, by_id[p.sales_line_id].qty_shipped_not_invoiced + shipping.get(p.sales_line_id, ZERO))
        > 0
        for p in deed.invoiced
        if p.sales_line_id in by_id
    )


def _shipped(order: Order, deed: Deed, shipment_no: str, posted_at: datetime) -> Order:
    moved = {movement.sales_line_id: movement for movement in deed.movements}

    def after(line: Line) -> Line:
        movement = moved.get(line.id)
        if movement is None:
            return line
        posting = Posting(
            posting_id=movement.posting_id,
            link_id=movement.link_id,
            base=movement.base,
            quantity=movement.quantity,
            posting_date=deed.posting_date,
            document_no=shipment_no,
            origin=movement.origin,
            request_id=movement.request_id,
            carrier=movement.carrier,
            tracking_no=movement.tracking_no,
            posted_at=posted_at,
        )
        return replace(line, postings=(*line.postings, posting), qty_to_ship=None)

    return order.map_lines(after)


def _special_quantities(order: Order, movements: Iterable[Movement]) -> dict[UUID, Decimal]:
    special = {line.id for line in order.lines if line.special_order}
    return {m.sales_line_id: m.quantity for m in movements if m.sales_line_id in special}


def _shipment(order: Order, deed: Deed, no: str, links: Mapping[UUID, LinkFacts]) -> Shipment:
    by_id = {line.id: line for line in order.lines}
    tracked = next((m for m in deed.movements if m.tracking_no or m.carrier), None)
    return Shipment(
        no=no,
        sales_order_no=order.no,
        customer_no=order.customer_no,
        customer_name=order.customer_name,
        posting_date=deed.posting_date,
        external_document_no=order.external_document_no,
        your_reference=order.your_reference,
        ship_to_code=order.ship_to_code,
        ship_to=order.ship_to,
        location_code=order.location_code,
        carrier=tracked.carrier if tracked else "",
        tracking_no=tracked.tracking_no if tracked else "",
        lines=tuple(_shipment_line(order.no, by_id[m.sales_line_id], m, links) for m in deed.movements),
    )


def _shipment_line(
    order_no: str, line: Line, moved: Movement, links: Mapping[UUID, LinkFacts]
) -> ShipmentLine:
    link = links.get(line.id)
    return ShipmentLine(
        line_no=line.line_no,
        sales_order_no=order_no,
        sales_order_line_no=line.line_no,
        sales_line_id=line.id,
        posting_id=moved.posting_id,
        type=line.type,
        item_no=line.item_no,
        charge_code=line.charge_code,
        description=line.description,
        quantity=moved.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        location_code=line.location_code,
        drop_shipment=line.drop_shipment,
        special_order=line.special_order,
        purchase_order_no=moved.purchase_order_no or (link.purchase_order_no if link else ""),
        purchase_order_line_no=moved.purchase_order_line_no
        or (link.purchase_order_line_no if link else None),
        base=line.quantity_shipped,
    )


def billable(order: Order, planned: Iterable[PlannedLine]) -> dict[UUID, Decimal]:
    """What of the plan can be invoiced after the goods left: never more than is shipped and not invoiced."""
    by_id = {line.id: line for line in order.lines}
    capped = {
        p.sales_line_id: min(p.invoice, by_id[p.sales_line_id].qty_shipped_not_invoiced)
        for p in planned
        if p.sales_line_id in by_id
    }
    return {line_id: quantity for line_id, quantity in capped.items() if quantity > 0}


def _invoiced(order: Order, quantities: Mapping[UUID, Decimal]) -> Order:
    def after(line: Line) -> Line:
        quantity = quantities.get(line.id, ZERO)
        if quantity <= 0:
            return line
        return replace(
            line,
            invoiced=line.invoiced + quantity,
            ever_invoiced=line.ever_invoiced + quantity,
            qty_to_invoice=None,
        )

    return order.map_lines(after)


def _invoice(
    order: Order,
    posting_date: date,
    no: str,
    quantities: Mapping[UUID, Decimal],
    links: Mapping[UUID, LinkFacts],
) -> Invoice:
    lines = tuple(
        _invoice_line(order, line, quantities[line.id], links.get(line.id))
        for line in order.lines
        if line.id in quantities
    )
    zero = round_money(ZERO, order.currency_code)
    return Invoice(
        no=no,
        sales_order_no=order.no,
        customer_no=order.customer_no,
        customer_name=order.customer_name,
        posting_date=posting_date,
        external_document_no=order.external_document_no,
        your_reference=order.your_reference,
        currency_code=order.currency_code,
        amount=sum((line.amount for line in lines), zero),
        tax_amount=sum((line.tax_amount for line in lines), zero),
        lines=lines,
    )


def _invoice_line(order: Order, line: Line, quantity: Decimal, link: LinkFacts | None) -> InvoiceLine:
    amount = amounts_between(line, line.invoiced, line.invoiced + quantity, order.currency_code)
    return InvoiceLine(
        line_no=line.line_no,
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        sales_line_id=line.id,
        type=line.type,
        item_no=line.item_no,
        charge_code=line.charge_code,
        description=line.description,
        quantity=quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        unit_price=line.unit_price,
        line_discount_pct=discount_pct(line),
        tax_pct=line.tax_pct,
        amount=amount.net,
        tax_amount=amount.tax,
        purchase_order_no=link.purchase_order_no if link else "",
        purchase_order_line_no=link.purchase_order_line_no if link else None,
    )
