"""Posting a sales invoice: whole, with the goods that leave with it and the shipments of orders that it bills."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from contracts.planning.masters import Item
from contracts.refusals import Violations, conflict
from domainkit.references import ReferenceData
from sales.domain.invoices.invoice import POSTED, InvoiceLine, SalesInvoice
from sales.domain.orders.context import OrderContext
from sales.domain.orders.header_rules import check_discount_fits, customer_of
from sales.domain.orders.line_maker import may_not_be_sold
from sales.domain.orders.order import Order, PlannedLine, check_not_held, closed_if_done
from sales.domain.posting.commands import PostingOptions
from sales.domain.posting.plans import plan_post


def plan_invoice(
    invoice: SalesInvoice, wanted: PostingOptions, context: OrderContext
) -> tuple[PlannedLine, ...]:
    """All that leaves and is invoiced of it; an invoice is posted whole or not at all."""
    if invoice.status == POSTED:
        detail = f"sales invoice {invoice.no} was posted as {invoice.posted_invoice_no}"
        raise conflict("already-invoiced", detail, invoice_no=invoice.posted_invoice_no)
    found = Violations()
    customer_of(found, type(invoice), invoice.customer_no, context.references)
    check_discount_fits(found, invoice)
    _check_items(found, invoice, context.references)
    found.refuse_if_any()
    plan = plan_post(invoice, replace(wanted, ship=True, invoice=True), context)
    _check_whole(found, invoice, plan)
    found.refuse_if_any()
    return plan


def _check_items(found: Violations, invoice: SalesInvoice, references: ReferenceData) -> None:
    """An item may have been blocked since the line was made (BC-MD-11); what left already is billed."""
    for index, line in enumerate(invoice.lines):
        item = references.find(Item, line.item_no) if line.type == "item" else None
        if item and may_not_be_sold(item) and not line.bills_shipment:
            detail = f"item {item.no} cannot be sold: it is blocked"
            found.conflict("item-blocked", detail, f"/lines/{index}", line_no=line.line_no)


def _check_whole(found: Violations, invoice: SalesInvoice, plan: tuple[PlannedLine, ...]) -> None:
    planned = {line.sales_line_id: line.invoice for line in plan}
    for line in invoice.lines:
        quantity = planned.get(line.id)
        if line.has_quantity and quantity != line.quantity:
            detail = f"a sales invoice is posted whole: line {line.line_no} has {line.quantity}"
            found.conflict("quantity-mismatch", detail, line_no=line.line_no)


def bill_shipments(invoice: SalesInvoice, orders: Mapping[str, Order]) -> list[Order]:
    """The orders once the invoice bills their shipments; refused if another invoice, or an undo, was first."""
    found = Violations()
    after = dict(orders)
    for index, line in enumerate(invoice.lines):
        if line.bills_shipment:
            _bill(found, line, after, f"/lines/{index}")
    found.refuse_if_any()
    return [closed_if_done(order) for no, order in after.items() if order is not orders[no]]


def _bill(found: Violations, line: InvoiceLine, orders: dict[str, Order], at: str) -> None:
    order = orders.get(line.sales_order_no)
    sold = next((x for x in order.lines if x.id == line.sales_line_id), None) if order else None
    left = sold.left_to_invoice(line.posting_id) if sold and line.posting_id else 0
    if order is None or sold is None or not left:
        detail = f"line {line.line_no}: shipment {line.shipment_no} has nothing left to invoice"
        found.conflict("already-invoiced", detail, at, line_no=line.line_no)
        return
    check_not_held(found, order, sold)
    if line.quantity > left:
        detail = (
            f"line {line.line_no}: {line.quantity} is more than the {left} of shipment {line.shipment_no}"
        )
        found.conflict(
            "quantity-exceeds-shipped", detail, f"{at}/quantity", line_no=line.line_no, remaining=left
        )
        return
    given = min(order.discount_invoiced + line.order_discount, order.invoice_discount_amount)
    billed, _ = sold.billed(line.quantity, line.posting_id)
    orders[order.no] = replace(order.with_line(billed), discount_invoiced=given)
