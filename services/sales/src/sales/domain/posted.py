"""Posted documents of sales: shipments and invoices. They never change but for what is undone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.values import Address
from sales.domain.money import ZERO


class ShipmentLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What left of one line of the order."""

    line_no: int
    sales_order_no: str
    sales_order_line_no: int
    sales_line_id: UUID
    posting_id: UUID
    type: str = "item"
    item_no: str = ""
    charge_code: str = ""
    description: str = ""
    quantity: Decimal
    unit_of_measure_code: str = ""
    location_code: str = ""
    drop_shipment: bool = False
    special_order: bool = False
    purchase_order_no: str = ""
    purchase_order_line_no: int | None = None
    base: Decimal = ZERO
    """The line's shipped total before this movement."""


class Shipment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A posted sales shipment."""

    no: str = ""
    version: int = 1
    sales_order_no: str
    customer_no: str
    customer_name: str = ""
    posting_date: date
    external_document_no: str = ""
    your_reference: str = ""
    ship_to_code: str = ""
    ship_to: Address = Address()
    location_code: str = ""
    consignment_no: str = ""
    carrier: str = ""
    tracking_no: str = ""
    lines: tuple[ShipmentLine, ...] = ()


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was invoiced of one line; `amount` without tax."""

    line_no: int
    sales_order_no: str
    sales_order_line_no: int
    sales_line_id: UUID
    type: str = "item"
    item_no: str = ""
    charge_code: str = ""
    description: str = ""
    quantity: Decimal
    unit_of_measure_code: str = ""
    unit_price: Decimal = ZERO
    line_discount_pct: Decimal = ZERO
    tax_pct: Decimal = ZERO
    amount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    purchase_order_no: str = ""
    purchase_order_line_no: int | None = None


class Invoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A posted sales invoice; `amount` without tax, total = amount + tax_amount."""

    no: str = ""
    version: int = 1
    sales_order_no: str
    customer_no: str
    customer_name: str = ""
    posting_date: date
    external_document_no: str = ""
    your_reference: str = ""
    currency_code: str = ""
    amount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    lines: tuple[InvoiceLine, ...] = ()
