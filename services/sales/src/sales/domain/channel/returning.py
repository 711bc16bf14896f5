"""Goods that a till took back: a return order from the posted invoice, with shipping charges that it gave back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec.structs import replace

from contracts.channel import ActCharge, ActLine, ChannelAct, ChannelOrder
from contracts.planning.masters import Location
from contracts.pos import Store
from contracts.refusals import Violations, not_found
from domainkit.money import ZERO
from domainkit.procurement import need_item
from domainkit.references import ReferenceData, ReferenceQuery
from sales.domain.channel.orders import location_of_store
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import Order
from sales.domain.posting.documents import PostedInvoice
from sales.domain.returns.commands import NewReturnLine, NewReturnOrder
from sales.domain.returns.invoice_terms import with_invoice_terms
from sales.domain.returns.return_order import ReturnOrder, new_return


def need_return(query: ReferenceQuery, act: ChannelAct) -> None:
    """What a return looks up by what it names itself."""
    query.need(Store, act.transaction.store_no)


def need_return_locations(
    query: ReferenceQuery, act: ChannelAct, order: Order, references: ReferenceData
) -> None:
    """What it looks up by the location of its store: goods come back there."""
    location = location_of_store(act.transaction.store_no, references) or ""
    query.need(Location, location)
    returned = {line.line_no for line in act.lines}
    for line in order.lines:
        if line.line_no in returned:
            need_item(query, line.item_no, location)


def return_of_till(
    act: ChannelAct,
    till: ChannelOrder,
    order: Order,
    invoices: Mapping[str, PostedInvoice],
    context: OrderContext,
) -> ReturnOrder:
    """The return order, still open and without a number (POS-80, POS-81).

    Raises:
        Refusal: The invoice is not this order's, or more comes back than it says and has not come back before.
    """
    invoice = invoices.get(act.invoice_no)
    if invoice is None or all(line.sales_order_no != order.no for line in invoice.lines):
        raise not_found("posted-sales-invoice", act.invoice_no)
    found = Violations()
    location = location_of_store(act.transaction.store_no, context.references)
    lines = [
        line
        for index, asked in enumerate(act.lines)
        for line in _lines(found, asked, invoice, order, location, f"/lines/{index}")
    ]
    found.refuse_if_any()
    new = NewReturnOrder(
        customer_no=order.customer_no,
        order_date=act.transaction.business_date,
        currency_code=invoice.currency_code,
        external_document_no=till.confirmation_no,
        external_reference=act.external_reference or till.external_reference,
        lines=tuple(lines),
    )
    new = with_invoice_terms(new, invoices)
    refunds = tuple(_refund(each, act.invoice_no) for each in act.charges_refunded)
    made = new_return(replace(new, lines=(*new.lines, *refunds)), context)
    return replace(made, confirmation_no=till.confirmation_no)


def _lines(
    found: Violations, asked: ActLine, invoice: PostedInvoice, order: Order, location: str | None, at: str
) -> list[NewReturnLine]:
    billed = [
        line
        for line in invoice.lines
        if (line.sales_order_no, line.sales_order_line_no) == (order.no, asked.line_no)
    ]
    available = sum((line.left_to_credit for line in billed), ZERO)
    if not billed:
        detail = f"line {asked.line_no} is not on invoice {invoice.no}"
        found.conflict("quantity-exceeds-invoiced", detail, f"{at}/line_no", line_no=asked.line_no)
    elif asked.quantity > available:
        detail = f"line {asked.line_no}: {asked.quantity} is more than the {available} left to return"
        found.invalid(
            "quantity-exceeds-returnable",
            detail,
            f"{at}/quantity",
            line_no=asked.line_no,
            available=available,
        )
    lines, left = list[NewReturnLine](), asked.quantity
    for line in billed:
        quantity = min(left, line.left_to_credit)
        if quantity > 0:
            where = location if line.type == "item" else None
            lines.append(
                NewReturnLine(
                    posted_invoice_no=invoice.no,
                    posted_invoice_line_no=line.line_no,
                    quantity=quantity,
                    location_code=where,
                )
            )
            left -= quantity
    return lines


def _refund(charge: ActCharge, invoice_no: str) -> NewReturnLine:
    """A charge that is given back may be more than any invoice says of it (POS-08), so it names no line of one."""
    return NewReturnLine(
        type="charge",
        charge_code=charge.charge_code,
        quantity=Decimal(1),
        unit_price=charge.amount,
        tax_pct=charge.tax_pct,
        posted_invoice_no=invoice_no,
    )
