"""Lines of posted shipments put onto a sales invoice: what left and is not invoiced yet, once (BC-SD-11)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec.structs import replace

from contracts.fields import MAX_LINES
from contracts.refusals import Violations, conflict
from domainkit.decisions import NewId
from domainkit.money import ZERO, currency
from domainkit.structs import extended
from sales.domain.invoices.commands import ShipmentLinesToGet
from sales.domain.invoices.invoice import InvoiceLine, SalesInvoice
from sales.domain.orders.amounts import amounts, remaining_net
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order, refuse_unless_open
from sales.domain.posting.documents import PostedShipment, PostedShipmentLine


def with_shipment_lines(
    invoice: SalesInvoice,
    shipment: PostedShipment,
    wanted: ShipmentLinesToGet,
    order: Order | None,
    new_id: NewId,
) -> SalesInvoice:
    """The invoice with the shipment's lines that are not invoiced.

    A line that was named and has nothing left is `already-invoiced`; of the whole shipment such lines are left out,
    and `no-lines-to-retrieve` says that there are no others. Posting decides who invoices a shipment.
    """
    refuse_unless_open(invoice)
    found = Violations()
    _check_shipment(found, invoice, shipment, wanted, order)
    found.refuse_if_any()
    left = _lines_left(found, invoice, shipment, wanted, order)
    found.refuse_if_any()
    if not left or order is None:
        raise conflict("no-lines-to-retrieve", f"shipment {shipment.no} has no lines left to invoice")
    if len(invoice.lines) + len(left) > MAX_LINES:
        raise conflict("too-many-lines", f"an invoice has at most {MAX_LINES} lines")
    for each, line, quantity in left:
        made = _line(shipment.no, each, order, line, quantity)
        invoice = invoice.with_line(replace(made, id=new_id(), line_no=invoice.next_line_no()))
    return invoice


def _check_shipment(
    found: Violations,
    invoice: SalesInvoice,
    shipment: PostedShipment,
    wanted: ShipmentLinesToGet,
    order: Order | None,
) -> None:
    if shipment.customer_no != invoice.customer_no:
        detail = f"shipment {shipment.no} went to customer {shipment.customer_no}"
        found.conflict("customer-mismatch", detail, "/shipment_no", customer_no=shipment.customer_no)
    if order is not None and order.currency_code != invoice.currency_code:
        detail = f"sales order {order.no} is in {order.currency_code}, the invoice in {invoice.currency_code}"
        found.conflict("currency-mismatch", detail, "/shipment_no")
    known = {line.line_no for line in shipment.lines}
    for i, line_no in enumerate(wanted.line_nos or ()):
        if line_no not in known:
            found.invalid("unknown-line", f"shipment {shipment.no} has no line {line_no}", f"/line_nos/{i}")


def _lines_left(
    found: Violations,
    invoice: SalesInvoice,
    shipment: PostedShipment,
    wanted: ShipmentLinesToGet,
    order: Order | None,
) -> list[tuple[PostedShipmentLine, Line, Decimal]]:
    """Lines of the shipment with those of their order, and what is left to invoice of them."""
    of_order: Mapping[int, Line] = {line.line_no: line for line in order.lines} if order is not None else {}
    present = {line.posting_id for line in invoice.lines if line.bills_shipment}
    left = []
    for each in shipment.lines:
        if wanted.line_nos is not None and each.line_no not in wanted.line_nos:
            continue
        line = of_order.get(each.line_no)
        quantity = line.left_to_invoice(each.posting_id) if line is not None else ZERO
        if line is not None and quantity > 0 and each.posting_id not in present:
            left.append((each, line, quantity))
        elif wanted.line_nos is not None:
            detail = f"line {each.line_no} of shipment {shipment.no} has nothing left to invoice"
            found.conflict("already-invoiced", detail, "/line_nos", line_no=each.line_no)
    return left


def _line(
    shipment_no: str, shipped: PostedShipmentLine, order: Order, line: Line, quantity: Decimal
) -> InvoiceLine:
    """At the order's price. Money off the order's line, and off the order, is shared by what is billed of it."""
    code = order.currency_code
    money = currency(code)
    off = line.line_discount_amount
    share = ZERO
    net = amounts(line, quantity, code).net
    left = order.invoice_discount_amount - order.discount_invoiced
    if left > 0 and line.type == "item":
        share = money.part_of(left, net, remaining_net(order.lines, code))
    if off is not None or share:
        off = quantity * line.unit_price - net + share
    return extended(
        InvoiceLine,
        line,
        demand=None,
        drop_shipment=False,
        special_order=False,
        purchasing_code="",
        quantity=quantity,
        qty_to_ship=None,
        qty_to_invoice=None,
        invoiced=ZERO,
        ever_invoiced=ZERO,
        postings=(),
        line_discount_pct=ZERO if off is not None else line.line_discount_pct,
        line_discount_amount=off,
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        sales_line_id=line.id,
        shipment_no=shipment_no,
        posting_id=shipped.posting_id,
        order_discount=share,
    )
