"""The shapes of answers: every field is there, also when it is empty."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.values import Problem


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The parent of all answers."""


class AddressView(View, frozen=True, kw_only=True):
    name: str
    address: str
    address_2: str
    city: str
    post_code: str
    region: str
    country_code: str
    contact: str
    phone: str


class VendorView(View, frozen=True, kw_only=True):
    no: str
    version: int
    name: str
    address: str
    address_2: str
    city: str
    post_code: str
    region: str
    country_code: str
    contact: str
    phone: str
    email: str
    currency_code: str
    blocked: str
    privacy_blocked: bool
    lead_time_days: int
    grouping_policy: str
    location_code: str
    shipment_method_code: str
    over_receipt_pct: Decimal


class PriceBreakView(View, frozen=True, kw_only=True):
    minimum_quantity: Decimal
    direct_unit_cost: Decimal
    line_discount_pct: Decimal
    from_date: date | None
    to_date: date | None


class ItemVendorView(View, frozen=True, kw_only=True):
    vendor_no: str
    item_no: str
    version: int
    vendor_item_no: str
    direct_unit_cost: Decimal
    minimum_quantity: Decimal
    unit_of_measure_code: str
    lead_time_days: int | None
    currency_code: str
    price_breaks: tuple[PriceBreakView, ...]


class SetupView(View, frozen=True, kw_only=True):
    version: int
    allow_purchase_invoice_before_sales_invoice: bool


class ProblemView(View, frozen=True, kw_only=True):
    code: str
    detail: str


class LineReceiptView(View, frozen=True, kw_only=True):
    """A receipt of a line. `origin`: which service's user posted it."""

    receipt_no: str
    posting_id: UUID
    quantity: Decimal
    posting_date: date
    origin: str
    carrier: str
    tracking_no: str


class LineView(View, frozen=True, kw_only=True):
    id: UUID
    line_no: int
    item_no: str
    description: str
    vendor_item_no: str
    quantity: Decimal
    unit_of_measure_code: str
    qty_per_unit_of_measure: Decimal
    direct_unit_cost: Decimal
    line_discount_pct: Decimal
    amount: Decimal
    location_code: str
    expected_receipt_date: date | None
    requested_receipt_date: date | None
    confirmed_quantity: Decimal | None
    confirmed_date: date | None
    purchasing_code: str
    drop_shipment: bool
    special_order: bool
    sales_order_no: str | None
    sales_order_line_no: int | None
    generation: int | None
    requisition_line_id: UUID | None
    outstanding_quantity: Decimal
    quantity_received: Decimal
    quantity_invoiced: Decimal
    qty_rcd_not_invoiced: Decimal
    posted_receipts: tuple[LineReceiptView, ...]
    problem: ProblemView | None


class TotalsView(View, frozen=True, kw_only=True):
    """Sums over the lines, without tax, in the order's currency."""

    amount: Decimal
    quantity: Decimal


class OrderView(View, frozen=True, kw_only=True):
    no: str
    version: int
    status: str
    vendor_no: str
    vendor_name: str
    sell_to_customer_no: str
    ship_to_code: str
    ship_to: AddressView
    location_code: str
    currency_code: str
    order_date: date
    your_reference: str
    shipment_method_code: str
    purchase_request_id: UUID | None
    totals: TotalsView
    lines: tuple[LineView, ...]


class ImpactView(View, frozen=True, kw_only=True):
    """A sales line that cannot keep its promised date."""

    sales_order_no: str
    line_no: int
    promised_delivery_date: date
    new_date: date


class ChangedOrderView(OrderView, frozen=True, kw_only=True):
    """An order after a change of a line, with the sales lines that its dates make late."""

    impacts: tuple[ImpactView, ...]


class WorkLineView(View, frozen=True, kw_only=True):
    """A line of a work list, with what of its order a buyer needs."""

    purchase_order_no: str
    status: str
    vendor_no: str
    sell_to_customer_no: str
    currency_code: str
    overdue: bool
    line: LineView


class CandidateLineView(View, frozen=True, kw_only=True):
    """A sales line that could be fetched; quantities in its unit."""

    line_no: int
    item_no: str
    description: str
    quantity: Decimal
    outstanding_quantity: Decimal
    unit_of_measure_code: str
    location_code: str
    purchasing_code: str
    drop_shipment: bool
    special_order: bool


class CandidateView(View, frozen=True, kw_only=True):
    """A sales order that *get sales order* could fetch, with the lines it would take."""

    sales_order_no: str
    customer_no: str
    customer_name: str
    status: str
    order_date: date
    ship_to_code: str
    ship_to: AddressView
    location_code: str
    your_reference: str
    lines: tuple[CandidateLineView, ...]


class CandidatesView(View, frozen=True, kw_only=True):
    items: tuple[CandidateView, ...]
    next_cursor: str | None


class ExceptionView(View, frozen=True, kw_only=True):
    """Something that needs a person: a linked line whose sales line went away, or a refused purchase request."""

    code: str
    detail: str
    since: datetime
    purchase_order_no: str
    line_no: int | None
    sales_order_no: str
    purchase_request_id: UUID | None
    errors: tuple[Problem, ...]


class ReceiptLineView(View, frozen=True, kw_only=True):
    line_no: int
    item_no: str
    description: str
    quantity: Decimal
    unit_of_measure_code: str
    location_code: str
    posting_id: UUID
    purchase_order_no: str
    purchase_order_line_no: int
    sales_order_no: str
    sales_order_line_no: int | None
    drop_shipment: bool
    special_order: bool


class ReceiptView(View, frozen=True, kw_only=True):
    no: str
    purchase_order_no: str
    vendor_no: str
    vendor_name: str
    sell_to_customer_no: str
    posting_date: date
    posted_at: datetime
    posted_by: str
    origin: str
    carrier: str
    tracking_no: str
    lines: tuple[ReceiptLineView, ...]


class InvoiceLineView(View, frozen=True, kw_only=True):
    line_no: int
    purchase_order_no: str
    purchase_order_line_no: int
    item_no: str
    quantity: Decimal
    direct_unit_cost: Decimal
    amount: Decimal


class InvoiceView(View, frozen=True, kw_only=True):
    no: str
    purchase_order_no: str
    vendor_no: str
    vendor_invoice_no: str
    posting_date: date
    currency_code: str
    amount: Decimal
    lines: tuple[InvoiceLineView, ...]
