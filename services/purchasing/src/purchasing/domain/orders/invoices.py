"""Invoicing: at most what was received, and a drop shipment not before its sale (BC-DS-24..26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.purchasing import PostedPurchaseInvoice, PostedPurchaseInvoiceLine
from contracts.refusals import Violations
from contracts.sales import SalesLine, SalesOrder
from contracts.values import Model
from domainkit.money import ZERO, Currency, currency
from domainkit.postings import covered
from domainkit.structs import extended
from purchasing.domain.orders.order import RELEASED, Line, Order
from purchasing.domain.orders.posted_receipts import source_of

SalesOrders = Mapping[str, SalesOrder]
"""Sales orders by number, as far as their copies have come."""


class LineToInvoice(Model, frozen=True, kw_only=True):
    """One line to invoice. `quantity` None: all that is received and not invoiced."""

    line_id: UUID
    quantity: Decimal | None = None
    pointer: str = ""


class VendorInvoice(Model, frozen=True, kw_only=True):
    """What the vendor's invoice says. `before_sale`: a drop shipment may be invoiced before its sale is."""

    vendor_invoice_no: str = ""
    posting_date: date
    lines: Sequence[LineToInvoice]
    before_sale: bool = False


class Invoiced(msgspec.Struct, kw_only=True):
    """The order after it was invoiced, and the posted invoice, whose number is given last."""

    order: Order
    document: PostedPurchaseInvoice


def invoice(order: Order, vendor_invoice: VendorInvoice, sales_orders: SalesOrders) -> Invoiced | None:
    """Invoice lines of one order, all or nothing; None if nothing is left to invoice."""
    lines = {line.id: line for line in order.live_lines}
    quantities: list[tuple[Line, Decimal]] = []
    found = Violations()
    for wanted in vendor_invoice.lines:
        line = lines[wanted.line_id]
        quantity = line.qty_rcd_not_invoiced if wanted.quantity is None else wanted.quantity
        if not quantity:
            continue
        if quantity > line.qty_rcd_not_invoiced:
            _note_exceeds_received(found, line, quantity, wanted.pointer)
        elif not vendor_invoice.before_sale:
            _check_sale(found, line, quantity, sales_orders, wanted.pointer)
        quantities.append((line, quantity))
    found.refuse_if_any()
    if not quantities:
        return None
    after = order.with_lines(
        replace(line, quantity_invoiced=line.quantity_invoiced + quantity) for line, quantity in quantities
    )
    return Invoiced(
        order=after.replaced(status=RELEASED).settled(), document=_document(order, quantities, vendor_invoice)
    )


def _note_exceeds_received(found: Violations, line: Line, quantity: Decimal, pointer: str) -> None:
    found.conflict(
        "quantity-exceeds-received",
        f"line {line.line_no}: {quantity} to invoice, {line.qty_rcd_not_invoiced} received and not invoiced",
        pointer,
        line_no=line.line_no,
        qty_to_invoice=quantity,
        qty_rcd_not_invoiced=line.qty_rcd_not_invoiced,
    )


def _check_sale(
    found: Violations, line: Line, quantity: Decimal, sales_orders: SalesOrders, pointer: str
) -> None:
    """No more of a drop shipment, in base units, than the customer was ever invoiced (BC-DS-24)."""
    link = line.link
    if link is None or not line.drop_shipment:
        return
    sold = _sales_line(line, sales_orders)
    ever_invoiced = sold.ever_invoiced * sold.qty_per_unit_of_measure if sold is not None else ZERO
    if (line.quantity_invoiced + quantity) * line.qty_per_unit_of_measure <= ever_invoiced:
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


def _sales_line(line: Line, sales_orders: SalesOrders) -> SalesLine | None:
    if line.link is None:
        return None
    sales = line.link.sales
    order = sales_orders.get(sales.sales_order_no)
    lines = order.lines if order is not None else ()
    return next((x for x in lines if x.id == sales.sales_line_id), None)


def _document(
    order: Order, quantities: Sequence[tuple[Line, Decimal]], vendor_invoice: VendorInvoice
) -> PostedPurchaseInvoice:
    money = currency(order.currency_code)
    lines = tuple(_line(order, line, quantity, money) for line, quantity in quantities)
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


def _line(order: Order, line: Line, quantity: Decimal, money: Currency) -> PostedPurchaseInvoiceLine:
    billed = [r.posting_id for r in covered(line.receipts, line.quantity_invoiced, quantity)]
    return extended(
        PostedPurchaseInvoiceLine,
        line,
        **source_of(order, line),
        quantity=quantity,
        amount=line.amount_between(line.quantity_invoiced, line.quantity_invoiced + quantity, money),
        posting_id=next(iter(billed), None),
        posting_ids=tuple(billed),
    )
