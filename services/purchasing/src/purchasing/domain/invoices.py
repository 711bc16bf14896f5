"""Invoicing: at most what was received, and a drop shipment not before its sale (BC-DS-24..26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.purchasing import PostedPurchaseInvoice, PostedPurchaseInvoiceLine
from contracts.refusals import Reason, Refusal, Violation
from contracts.sales import SalesLine, SalesOrder
from contracts.values import Model
from purchasing.domain.money import Currency
from purchasing.domain.orders import NOTHING, RELEASED, Line, Order


class Billed(Model, frozen=True, kw_only=True):
    """One line to invoice. `quantity` None: all that is received and not invoiced."""

    line_id: UUID
    quantity: Decimal | None = None
    pointer: str = ""


class Bill(Model, frozen=True, kw_only=True):
    """What the vendor's invoice says."""

    vendor_invoice_no: str = ""
    posting_date: date


class Invoiced(msgspec.Struct, kw_only=True):
    """The order after it was invoiced, and the posted invoice, whose number is given last."""

    order: Order
    document: PostedPurchaseInvoice


def invoice(
    order: Order,
    billed: Sequence[Billed],
    bill: Bill,
    currency: Currency,
    sales_orders: Mapping[str, SalesOrder],
    *,
    before_sales_invoice: bool,
) -> Invoiced | None:
    """Invoice lines of one order, all or nothing; None if nothing is left to invoice.

    `before_sales_invoice` is the setup's allow_purchase_invoice_before_sales_invoice.
    """
    lines = {line.id: line for line in order.live_lines}
    quantities: list[tuple[Line, Decimal]] = []
    violations: list[Violation] = []
    waits_for: list[tuple[str, str]] = []
    for b in billed:
        line = lines[b.line_id]
        quantity = line.qty_rcd_not_invoiced if b.quantity is None else b.quantity
        if quantity > line.qty_rcd_not_invoiced:
            violations.append(_exceeds_received(line, quantity, b.pointer))
        elif quantity and not before_sales_invoice and _beyond_sale(line, quantity, sales_orders):
            violations.append(_not_invoiced(line, quantity, sales_orders, b.pointer))
            waits_for.append(("sales-order", _sales_order_no(line)))
        elif quantity:
            quantities.append((line, quantity))
    if violations:
        raise Refusal(*violations, waits_for=tuple(waits_for))
    if not quantities:
        return None
    after = order.with_lines(
        msgspec.structs.replace(line, quantity_invoiced=line.quantity_invoiced + quantity)
        for line, quantity in quantities
    )
    return Invoiced(
        order=after.replaced(status=RELEASED).settled(), document=_document(order, quantities, bill, currency)
    )


def _exceeds_received(line: Line, quantity: Decimal, pointer: str) -> Violation:
    return Violation(
        "quantity-exceeds-received",
        f"line {line.line_no}: {quantity} to invoice, {line.qty_rcd_not_invoiced} received and not invoiced",
        pointer,
        {
            "line_no": line.line_no,
            "qty_to_invoice": quantity,
            "qty_rcd_not_invoiced": line.qty_rcd_not_invoiced,
        },
        Reason.CONFLICT,
    )


def _beyond_sale(line: Line, quantity: Decimal, sales_orders: Mapping[str, SalesOrder]) -> bool:
    """Whether more would be invoiced (base unit) than the customer was ever invoiced (BC-DS-24)."""
    if not line.drop_shipment:
        return False
    sold = _sales_line(line, sales_orders)
    ever_invoiced = sold.ever_invoiced * sold.qty_per_unit_of_measure if sold is not None else NOTHING
    return (line.quantity_invoiced + quantity) * line.qty_per_unit_of_measure > ever_invoiced


def _not_invoiced(
    line: Line, quantity: Decimal, sales_orders: Mapping[str, SalesOrder], pointer: str
) -> Violation:
    sales_order_no = _sales_order_no(line)
    sold = _sales_line(line, sales_orders)
    return Violation(
        "sales-order-not-invoiced",
        f"line {line.line_no} cannot be invoiced before the associated sales order: post the invoice of "
        f"sales order {sales_order_no} first",
        pointer,
        {
            "line_no": line.line_no,
            "sales_order_no": sales_order_no,
            "qty_to_invoice": quantity,
            "quantity_invoiced": line.quantity_invoiced,
            "sales_quantity_invoiced": sold.ever_invoiced if sold is not None else NOTHING,
        },
        Reason.CONFLICT,
    )


def _sales_order_no(line: Line) -> str:
    return line.link.sales.sales_order_no if line.link is not None else ""


def _sales_line(line: Line, sales_orders: Mapping[str, SalesOrder]) -> SalesLine | None:
    order = sales_orders.get(_sales_order_no(line))
    if order is None or line.link is None:
        return None
    return next((x for x in order.lines if x.id == line.link.sales.sales_line_id), None)


def _document(
    order: Order, quantities: Sequence[tuple[Line, Decimal]], bill: Bill, currency: Currency
) -> PostedPurchaseInvoice:
    lines = tuple(
        PostedPurchaseInvoiceLine(
            line_no=line.line_no,
            purchase_order_no=order.no,
            purchase_order_line_no=line.line_no,
            item_no=line.item_no,
            quantity=quantity,
            direct_unit_cost=line.direct_unit_cost,
            amount=currency.line_amount(quantity, line.direct_unit_cost, line.line_discount_pct),
        )
        for line, quantity in quantities
    )
    return PostedPurchaseInvoice(
        version=1,
        happened=("posted",),
        no="",
        vendor_no=order.vendor_no,
        vendor_invoice_no=bill.vendor_invoice_no,
        posting_date=bill.posting_date,
        currency_code=order.currency_code,
        amount=sum((line.amount for line in lines), NOTHING),
        lines=lines,
    )
