"""The purchase order that a request becomes, from what the sale says (BC-SO-18 to 23, BC-DS-11 to 16)."""

from __future__ import annotations

from datetime import date
from typing import Final

from contracts.planning.masters import Item
from contracts.planning.requests import PurchaseRequest, PurchaseRequestLine
from contracts.purchasing.fields import DROP_SHIPMENT, ORDER, SPECIAL_ORDER
from contracts.purchasing.masters import Vendor
from contracts.purchasing.orders import DemandLink, PurchaseLink
from contracts.values import Address, Problem
from domainkit.costs import Offer, catalogue_decides, offer
from domainkit.decisions import DecisionContext
from domainkit.money import ZERO
from domainkit.rates import RATE_MISSING, missing_rate
from domainkit.references import COMPANY_NO, CopyMissing, ReferenceData
from purchasing.domain.catalogue import entry_of, expected_receipt_date, order_currency
from purchasing.domain.locations import receiving_address
from purchasing.domain.orders.line_prices import price_question
from purchasing.domain.orders.order import Line, Order

_BLANK_ADDRESS: Final = Address()


def binds(line: PurchaseRequestLine) -> bool:
    """The line is bought for its sales line alone: goods for stock bind nothing."""
    return line.drop_shipment or line.special_order


def header_of(request: PurchaseRequest, lines: list[PurchaseRequestLine], references: ReferenceData) -> Order:
    """The header by BC-SO-20 and BC-DS-16; a special order goes to its location, or to the company.

    Its currency is that of our own catalogue: planning, which groups by it, may have an older copy (BC-SO-18).
    """
    vendor = references.all_of(Vendor)[request.vendor_no]
    ship_to = request.ship_to
    if ship_to == _BLANK_ADDRESS and not lines[0].drop_shipment:
        ship_to = receiving_address(references, request.location_code)
    return Order(
        no="",
        version=1,
        vendor_no=vendor.no,
        vendor_name=vendor.name,
        purchase_request_id=request.id,
        sell_to_customer_no=request.sell_to_customer_no,
        ship_to_code=request.ship_to_code,
        ship_to=ship_to,
        location_code=request.location_code,
        currency_code=order_currency(references, vendor, item_nos=[line.item_no for line in lines]),
        order_date=request.order_date,
        your_reference=request.your_reference,
        external_reference=request.external_reference,
        shipment_method_code=vendor.shipment_method_code,
    )


def unpriced_lines(
    order: Order, lines: list[PurchaseRequestLine], terms: list[Offer], references: ReferenceData
) -> tuple[Problem, ...]:
    """Lines whose cost is unknown for want of an exchange rate: they are shown, not bought at 0."""
    detail = missing_rate(order.currency_code, references, order.order_date)
    return tuple(
        Problem(
            code=RATE_MISSING,
            detail=detail,
            pointer=f"/lines/{i}",
            line_no=line.sales.sales_order_line_no if line.sales is not None else None,
        )
        for i, (line, offered) in enumerate(zip(lines, terms, strict=True))
        if offered.direct_unit_cost is None
    )


def line_of(
    order: Order, line: PurchaseRequestLine, line_no: int, terms: Offer, context: DecisionContext
) -> Line:
    """A line by BC-SO-21 and BC-DS-11: what the sales line says, at the vendor's terms."""
    return Line(
        id=context.new_id(),
        line_no=line_no,
        item_no=line.item_no,
        description=line.description,
        vendor_item_no=terms.vendor_item_no,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        direct_unit_cost=terms.direct_unit_cost or ZERO,
        line_discount_pct=terms.line_discount_pct,
        location_code=line.location_code,
        expected_receipt_date=line.expected_receipt_date or _expected(order, line, context.references),
        requested_receipt_date=line.requested_receipt_date,
        purchasing_code=line.purchasing_code,
        nonstock=line.nonstock,
        requisition_line_id=line.requisition_line_id,
        link=_link(line, context),
        demand=_demand(line),
    )


def offer_of(order: Order, line: PurchaseRequestLine, references: ReferenceData) -> Offer:
    """Without a catalogue cost the item's own is needed; a nonstock one was made before it was requested."""
    entry = entry_of(references, order.vendor_no, line.item_no)
    item = references.find(Item, line.item_no)
    question = price_question(order, line, references)
    if not catalogue_decides(question, entry):
        if item is None:
            raise CopyMissing("item", line.item_no)
        if references.company is None and order.currency_code:
            raise CopyMissing("company", COMPANY_NO)  # without it every currency would be taken for our own
    return offer(question, entry, item)


def _expected(order: Order, line: PurchaseRequestLine, references: ReferenceData) -> date:
    vendor = references.all_of(Vendor)[order.vendor_no]
    return expected_receipt_date(references, order.order_date, vendor, line.item_no)


def _demand(line: PurchaseRequestLine) -> tuple[DemandLink, ...]:
    """A line that is bought for a sales line into stock names it, so that both sides show the other (G8)."""
    if line.sales is None or binds(line):
        return ()
    link = DemandLink(
        kind=ORDER,
        sales_order_no=line.sales.sales_order_no,
        sales_order_line_no=line.sales.sales_order_line_no,
        sales_line_id=line.sales.sales_line_id,
        quantity=line.quantity,
    )
    return (link,)


def _link(line: PurchaseRequestLine, context: DecisionContext) -> PurchaseLink | None:
    """Flagged lines bind to their sales line; one bought for stock keeps no binding link."""
    if line.sales is None or not binds(line):
        return None
    kind = DROP_SHIPMENT if line.drop_shipment else SPECIAL_ORDER
    return PurchaseLink(link_id=context.new_id(), kind=kind, sales=line.sales)
