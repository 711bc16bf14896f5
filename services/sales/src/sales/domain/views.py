"""What readers see: the contract's shape of orders, lines and posted documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from contracts.values import Address, Posting
from sales.domain.lines import Line, Totals, discount_pct
from sales.domain.masters import SalesSetup
from sales.domain.money import ZERO
from sales.domain.orders import CLOSED, Order
from sales.domain.posted import Invoice, InvoiceLine, Shipment, ShipmentLine
from sales.domain.sourcing import Sourcing, SourcingView, ready_to_ship, view

Known = Mapping[UUID, Sourcing]


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a sales order, with its supply."""

    id: UUID
    line_no: int
    type: str
    item_no: str
    charge_code: str
    description: str
    quantity: Decimal
    unit_of_measure_code: str
    qty_per_unit_of_measure: Decimal
    unit_price: Decimal
    line_discount_pct: Decimal
    tax_pct: Decimal
    unit_cost: Decimal
    location_code: str
    shipment_date: date | None
    planned_delivery_date: date | None
    promised_delivery_date: date | None
    date_at_risk: bool
    purchasing_code: str
    drop_shipment: bool
    special_order: bool
    nonstock: bool
    procurement_method: str
    reserve: str
    reserved_quantity: Decimal
    qty_to_ship: Decimal
    qty_to_invoice: Decimal
    outstanding_quantity: Decimal
    quantity_shipped: Decimal
    quantity_invoiced: Decimal
    qty_shipped_not_invoiced: Decimal
    posting: str | None
    sourcing: SourcingView


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """A sales order."""

    no: str
    version: int
    status: str
    customer_no: str
    customer_name: str
    order_date: date
    requested_delivery_date: date | None
    ship_to_code: str
    ship_to: Mapping[str, str]
    location_code: str
    currency_code: str
    external_document_no: str
    your_reference: str
    confirmation_no: str
    reserve: str
    shipping_advice: str
    procurement_automation: str
    prepaid_amount: Decimal
    totals: Totals
    lines: tuple[LineView, ...]


def address_view(address: Address) -> dict[str, str]:
    """All parts of an address, empty ones too."""
    return {name: getattr(address, name) for name in address.__struct_fields__}


def order_view(order: Order, known: Known, setup: SalesSetup) -> OrderView:
    """The order as GET answers it."""
    return OrderView(
        no=order.no,
        version=order.version,
        status=order.status,
        customer_no=order.customer_no,
        customer_name=order.customer_name,
        order_date=order.order_date,
        requested_delivery_date=order.requested_delivery_date,
        ship_to_code=order.ship_to_code,
        ship_to=address_view(order.ship_to),
        location_code=order.location_code,
        currency_code=order.currency_code,
        external_document_no=order.external_document_no,
        your_reference=order.your_reference,
        confirmation_no=order.confirmation_no,
        reserve=order.reserve,
        shipping_advice=order.shipping_advice,
        procurement_automation=order.procurement_automation,
        prepaid_amount=order.prepaid_amount,
        totals=order.totals,
        lines=tuple(line_view(order, line, known.get(line.id), setup) for line in order.lines),
    )


def line_view(order: Order, line: Line, known: Sourcing | None, setup: SalesSetup) -> LineView:
    """One line as readers see it."""
    to_ship = max(ZERO, line.shippable(setup.default_qty_to_ship))
    sourcing = view(line, known)
    if order.status == CLOSED and sourcing.link_active:
        sourcing = msgspec.structs.replace(sourcing, link_active=False)
    late = sourcing.expected_receipt_date
    return LineView(
        id=line.id,
        line_no=line.line_no,
        type=line.type,
        item_no=line.item_no,
        charge_code=line.charge_code,
        description=line.description,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        unit_price=line.unit_price,
        line_discount_pct=discount_pct(line),
        tax_pct=line.tax_pct,
        unit_cost=line.unit_cost,
        location_code=line.location_code,
        shipment_date=line.shipment_date,
        planned_delivery_date=line.planned_delivery_date,
        promised_delivery_date=None,
        date_at_risk=bool(late and line.shipment_date and late > line.shipment_date),
        purchasing_code=line.purchasing_code,
        drop_shipment=line.drop_shipment,
        special_order=line.special_order,
        nonstock=line.nonstock,
        procurement_method=line.procurement_method,
        reserve=line.reserve,
        reserved_quantity=ZERO,
        qty_to_ship=to_ship,
        qty_to_invoice=max(ZERO, line.invoiceable(to_ship)),
        outstanding_quantity=line.outstanding_quantity if line.counts else ZERO,
        quantity_shipped=line.quantity_shipped,
        quantity_invoiced=line.quantity_invoiced,
        qty_shipped_not_invoiced=line.qty_shipped_not_invoiced,
        posting="under_way" if line.id in order.under_way else None,
        sourcing=sourcing,
    )


class WorkLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line on a work list, with what a buyer or shipper needs of its order (E1)."""

    sales_order_no: str
    line_no: int
    status: str
    customer_no: str
    customer_name: str
    item_no: str
    description: str
    quantity: Decimal
    unit_of_measure_code: str
    outstanding_quantity: Decimal
    location_code: str
    shipment_date: date | None
    planned_delivery_date: date | None
    procurement_method: str
    drop_shipment: bool
    special_order: bool
    ready_to_ship: bool
    overdue: bool
    vendor_no: str | None
    purchase_order_no: str | None
    sourcing: SourcingView


def work_line(order: Order, line: Line, known: Sourcing | None, today: date) -> WorkLine:
    """One line of a work list."""
    sourcing = view(line, known)
    return WorkLine(
        sales_order_no=order.no,
        line_no=line.line_no,
        status=order.status,
        customer_no=order.customer_no,
        customer_name=order.customer_name,
        item_no=line.item_no,
        description=line.description,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        outstanding_quantity=line.outstanding_quantity,
        location_code=line.location_code,
        shipment_date=line.shipment_date,
        planned_delivery_date=line.planned_delivery_date,
        procurement_method=line.procurement_method,
        drop_shipment=line.drop_shipment,
        special_order=line.special_order,
        ready_to_ship=order.status == "released" and ready_to_ship(line, known),
        overdue=bool(line.outstanding_quantity > 0 and line.shipment_date and line.shipment_date < today),
        vendor_no=sourcing.vendor_no,
        purchase_order_no=sourcing.purchase_order_no,
        sourcing=sourcing,
    )


class PostedReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt that was posted for a sales line."""

    receipt_no: str
    quantity: Decimal
    posting_date: date
    posting_id: UUID
    undone: bool


class LinePurchase(msgspec.Struct, frozen=True, kw_only=True):
    """The purchase of one flagged line (BC-SO-31), also of a purchase order that is closed."""

    line_no: int
    item_no: str
    state: str
    generation: int
    vendor_no: str | None
    purchase_order_no: str | None
    purchase_order_line_no: int | None
    quantity_ordered: Decimal
    quantity_received: Decimal
    link_active: bool
    posted_receipts: tuple[PostedReceipt, ...]


def line_purchase(line: Line, known: Sourcing | None) -> LinePurchase:
    """Where a flagged line is bought, and what was received for it over all its links."""
    sourcing = view(line, known)
    receipts = [posting for link in (known.links if known else ()) for posting in link.receipts]
    return LinePurchase(
        line_no=line.line_no,
        item_no=line.item_no,
        state=sourcing.state,
        generation=sourcing.generation,
        vendor_no=sourcing.vendor_no,
        purchase_order_no=sourcing.purchase_order_no,
        purchase_order_line_no=sourcing.purchase_order_line_no,
        quantity_ordered=sourcing.quantity_ordered,
        quantity_received=sourcing.quantity_received,
        link_active=sourcing.link_active,
        posted_receipts=tuple(map(_receipt, receipts)),
    )


def _receipt(posting: Posting) -> PostedReceipt:
    return PostedReceipt(
        receipt_no=posting.document_no,
        quantity=posting.quantity,
        posting_date=posting.posting_date,
        posting_id=posting.posting_id,
        undone=posting.undone,
    )


def document_view(document: Shipment | Invoice) -> dict[str, Any]:
    """A posted document with every field, empty ones too."""
    body = _all_fields(document)
    body["lines"] = [_all_fields(line) for line in document.lines]
    if isinstance(document, Shipment):
        body["ship_to"] = address_view(document.ship_to)
    else:
        body["total"] = document.amount + document.tax_amount
    return body


def _all_fields(value: Shipment | Invoice | ShipmentLine | InvoiceLine) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}
