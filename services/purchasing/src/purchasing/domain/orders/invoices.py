"""Invoicing: at most what was received, and a drop shipment not before its sale (BC-DS-24..26)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.purchasing.documents import PostedPurchaseInvoice, PostedPurchaseInvoiceLine
from contracts.refusals import Violations
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import Model
from domainkit.money import ZERO, Currency, currency
from domainkit.structs import extended
from purchasing.domain.orders.billing import not_invoiced, with_invoiced
from purchasing.domain.orders.discounts import part_of_discount
from purchasing.domain.orders.order import RELEASED, Line, Order
from purchasing.domain.orders.posted_receipts import source_of

SalesOrders = Mapping[str, SalesOrder]
"""Sales orders by number, as far as their copies have come."""


class LineToInvoice(Model, frozen=True, kw_only=True):
    """One line to invoice. `quantity` None: all that is received and not invoiced.

    `posting_id`: the receipt that is billed; None: the oldest ones that are not billed yet.
    """

    line_id: UUID
    quantity: Decimal | None = None
    posting_id: UUID | None = None
    pointer: str = ""


class VendorInvoice(Model, frozen=True, kw_only=True):
    """What the vendor's invoice says. `before_sale`: a drop shipment may be invoiced before its sale is."""

    vendor_invoice_no: str = ""
    posting_date: date
    lines: Sequence[LineToInvoice]
    before_sale: bool = False


class BilledLine(msgspec.Struct, kw_only=True):
    """So much of an order's line is invoiced. `line` is the line before, `posting_ids` the receipts that are billed."""

    line: Line
    quantity: Decimal
    posting_ids: tuple[UUID, ...]


class Billed(msgspec.Struct, kw_only=True):
    """An order after lines of it were invoiced."""

    order: Order
    lines: tuple[BilledLine, ...]


class Invoiced(msgspec.Struct, kw_only=True):
    """The order after it was invoiced, and the posted invoice, whose number is given last."""

    order: Order
    document: PostedPurchaseInvoice


def invoice(order: Order, vendor_invoice: VendorInvoice, sales_orders: SalesOrders) -> Invoiced | None:
    """Invoice lines of one order, all or nothing; None if nothing is left to invoice."""
    found = Violations()
    billed = bill(found, order, vendor_invoice.lines, sales_orders, before_sale=vendor_invoice.before_sale)
    found.refuse_if_any()
    if not billed.lines:
        return None
    document = _document(order, billed.lines, vendor_invoice)
    amounts = [line.amount for line in document.lines]
    discount = sum((line.invoice_discount_amount for line in document.lines), ZERO)
    after = with_amounts(billed.order, billed.lines, amounts)
    return Invoiced(order=with_discount_taken(after, discount), document=document)


def bill(
    found: Violations,
    order: Order,
    lines: Sequence[LineToInvoice],
    sales_orders: SalesOrders,
    *,
    before_sale: bool,
) -> Billed:
    """The order with more of its lines invoiced. What refuses it is added to `found`: then the result is not used."""
    after, billed = order, []
    for wanted in lines:
        line = next(each for each in after.live_lines if each.id == wanted.line_id)
        free = _left_to_invoice(line, wanted)
        quantity = free if wanted.quantity is None else wanted.quantity
        if not quantity:
            continue
        if order.is_being_undone(line):
            detail = f"line {line.line_no}: a receipt is being taken back"
            found.conflict("posting-under-way", detail, wanted.pointer, line_no=line.line_no)
            continue
        if quantity > free:
            _note_exceeds_received(found, line, quantity, wanted)
            continue
        if not before_sale:
            _check_sale(found, line, quantity, sales_orders, wanted.pointer)
        changed, posting_ids = with_invoiced(line, quantity, wanted.posting_id)
        after = after.with_lines([changed])
        billed.append(BilledLine(line=line, quantity=quantity, posting_ids=posting_ids))
    if billed:
        after = after.replaced(status=RELEASED).settled()
    return Billed(order=after, lines=tuple(billed))


def with_amounts(order: Order, billed: Iterable[BilledLine], amounts: Iterable[Decimal]) -> Order:
    """The order that was billed, its lines with what the vendor charged: the goods cost that (BC-DS-30)."""
    money = currency(order.currency_code)
    after = {line.id: line for line in order.lines}
    for each, amount in zip(billed, amounts, strict=True):
        line_id = each.line.id
        after[line_id] = after[line_id].with_amount_invoiced(each.line, amount, money)
    return order.with_lines(after.values())


def with_discount_taken(order: Order, discount: Decimal) -> Order:
    """The order after an invoice took so much of its discount."""
    if not discount:
        return order
    return order.replaced(discount_invoiced=order.discount_invoiced + discount)


def _left_to_invoice(line: Line, wanted: LineToInvoice) -> Decimal:
    if wanted.posting_id is None:
        return line.qty_rcd_not_invoiced
    return not_invoiced(line, wanted.posting_id)


def _note_exceeds_received(found: Violations, line: Line, quantity: Decimal, wanted: LineToInvoice) -> None:
    """A receipt that is billed, or taken back, is `already-invoiced`; otherwise the quantity is more than what came."""
    free = _left_to_invoice(line, wanted)
    if wanted.posting_id is not None and not free:
        detail = f"the receipt of line {line.line_no} is invoiced or taken back already"
        found.conflict("already-invoiced", detail, wanted.pointer, line_no=line.line_no)
        return
    found.conflict(
        "quantity-exceeds-received",
        f"line {line.line_no}: {quantity} to invoice, {free} received and not invoiced",
        wanted.pointer,
        line_no=line.line_no,
        qty_to_invoice=quantity,
        qty_rcd_not_invoiced=free,
    )


def _check_sale(
    found: Violations, line: Line, quantity: Decimal, sales_orders: SalesOrders, pointer: str
) -> None:
    """No more of a drop shipment, in base units, than the customer was ever invoiced (BC-DS-24)."""
    link = line.link
    if link is None or not line.drop_shipment:
        return
    sold = _sales_line(line, sales_orders)
    allowed = allowed_to_invoice(line, sold) if sold is not None else ZERO
    if (line.quantity_invoiced + quantity) * line.qty_per_unit_of_measure <= allowed:
        return
    sales_order_no = link.sales.sales_order_no
    found.conflict(
        "sales-order-not-invoiced",
        f"line {line.line_no} cannot be invoiced before the associated sales order: post the invoice of "
        f"sales order {sales_order_no} first",
        pointer,
        line_no=line.line_no,
        sales_order_no=sales_order_no,
        qty_to_invoice=quantity,
        quantity_invoiced=line.quantity_invoiced,
        sales_quantity_invoiced=sold.ever_invoiced if sold is not None else ZERO,
    )
    found.may_change_with("sales-order", sales_order_no)


def allowed_to_invoice(line: Line, sold: SalesLine) -> Decimal:
    """Base units that the vendor may invoice: what the customer was ever invoiced less what was taken back (G18)."""
    return (sold.ever_invoiced - line.sale_credited) * sold.qty_per_unit_of_measure


def _sales_line(line: Line, sales_orders: SalesOrders) -> SalesLine | None:
    if line.link is None:
        return None
    sales = line.link.sales
    order = sales_orders.get(sales.sales_order_no)
    lines = order.lines if order is not None else ()
    return next((x for x in lines if x.id == sales.sales_line_id), None)


def _document(
    order: Order, billed: Sequence[BilledLine], vendor_invoice: VendorInvoice
) -> PostedPurchaseInvoice:
    money = currency(order.currency_code)
    gross = [gross_amount(each, money) for each in billed]
    discount = part_of_discount(order, sum(gross, ZERO))
    shares = money.spread(discount, gross)
    lines = tuple(
        _line(order, each, amount, share) for each, amount, share in zip(billed, gross, shares, strict=True)
    )
    return extended(
        PostedPurchaseInvoice,
        order,
        version=1,
        happened=("posted",),
        no="",
        vendor_invoice_no=vendor_invoice.vendor_invoice_no,
        posting_date=vendor_invoice.posting_date,
        amount=sum((line.amount for line in lines), ZERO),
        lines=lines,
    )


def gross_amount(billed: BilledLine, money: Currency) -> Decimal:
    """What is billed costs by the order's line, before the order's discount."""
    before = billed.line.quantity_invoiced
    return billed.line.amount_between(before, before + billed.quantity, money)


def _line(order: Order, billed: BilledLine, gross: Decimal, share: Decimal) -> PostedPurchaseInvoiceLine:
    return extended(
        PostedPurchaseInvoiceLine,
        billed.line,
        **source_of(order, billed.line),
        quantity=billed.quantity,
        amount=gross - share,
        invoice_discount_amount=share or ZERO,
        posting_id=next(iter(billed.posting_ids), None),
        posting_ids=billed.posting_ids,
    )
