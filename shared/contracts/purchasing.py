"""What the purchasing service publishes: vendors, purchase orders with their links and receipts, and its decisions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.values import Address, Model, Posting, Problem, SalesLineRef, Snapshot


class Vendor(Snapshot, frozen=True, kw_only=True):
    """Who supplies. `blocked`: "", `payment` or `all` (BC-MD-18)."""

    no: str
    name: str = ""
    address: str = ""
    address_2: str = ""
    city: str = ""
    post_code: str = ""
    region: str = ""
    country_code: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    currency_code: str = ""
    blocked: str = ""
    privacy_blocked: bool = False
    lead_time_days: int = 0
    grouping_policy: str = "standard"
    location_code: str = ""
    shipment_method_code: str = ""
    over_receipt_pct: Decimal = Decimal(0)


class PriceBreak(Model, frozen=True, kw_only=True):
    """A price from a quantity on, between two dates (both included)."""

    minimum_quantity: Decimal = Decimal(0)
    direct_unit_cost: Decimal
    line_discount_pct: Decimal = Decimal(0)
    from_date: date | None = None
    to_date: date | None = None


class ItemVendor(Snapshot, frozen=True, kw_only=True):
    """An item in a vendor's catalogue; key `<vendor_no>/<item_no>` (BC-MD-14)."""

    vendor_no: str
    item_no: str
    vendor_item_no: str = ""
    direct_unit_cost: Decimal = Decimal(0)
    minimum_quantity: Decimal = Decimal(0)
    unit_of_measure_code: str = ""
    lead_time_days: int | None = None
    currency_code: str = ""
    price_breaks: tuple[PriceBreak, ...] = ()


class PurchaseLink(Model, frozen=True, kw_only=True):
    """The tie between a purchase line and the sales line it serves. At most one active link per sales line.

    `kind`: `special_order` or `drop_shipment`. A link = sales line + generation: a re-created one starts at nothing.
    """

    link_id: UUID
    kind: str
    sales: SalesLineRef
    active: bool = True


class PurchaseLine(Model, frozen=True, kw_only=True):
    """A line of a purchase order; costs in the order's currency. `requisition_line_id` names what asked for it."""

    id: UUID
    line_no: int
    item_no: str
    description: str = ""
    vendor_item_no: str = ""
    quantity: Decimal
    unit_of_measure_code: str
    qty_per_unit_of_measure: Decimal = Decimal(1)
    direct_unit_cost: Decimal = Decimal(0)
    line_discount_pct: Decimal = Decimal(0)
    location_code: str = ""
    expected_receipt_date: date | None = None
    requested_receipt_date: date | None = None
    purchasing_code: str = ""
    quantity_received: Decimal = Decimal(0)
    quantity_invoiced: Decimal = Decimal(0)
    requisition_line_id: UUID | None = None
    link: PurchaseLink | None = None
    receipts: tuple[Posting, ...] = ()
    deleted: bool = False
    """A deleted line stays in the snapshot with its link inactive, so that the sales line learns of it."""


class PurchaseOrder(Snapshot, frozen=True, kw_only=True):
    """A purchase order; key: its number. `purchase_request_id` names the request that made it, if one did."""

    no: str
    status: str
    vendor_no: str
    vendor_name: str = ""
    purchase_request_id: UUID | None = None
    sell_to_customer_no: str = ""
    ship_to_code: str = ""
    ship_to: Address = Address()
    location_code: str = ""
    currency_code: str = ""
    order_date: date
    your_reference: str = ""
    lines: tuple[PurchaseLine, ...] = ()


class SkippedLine(Model, frozen=True, kw_only=True):
    """A line that a request left out because its sales line was procured already."""

    requisition_line_id: UUID | None = None
    sales_line_id: UUID
    code: str
    purchase_order_no: str = ""
    detail: str = ""


class RequestedPosting(Model, frozen=True, kw_only=True):
    """A receipt that answers a posting request of sales."""

    sales_line_id: UUID
    purchase_order_no: str
    purchase_order_line_no: int
    posting: Posting


class RequestOutcome(Snapshot, frozen=True, kw_only=True):
    """How purchasing decided a request of another service; key: `request_id`; decided once, so its version is 1.

    `kind`: `purchase_request` (planning's) or `posting_request` (sales').
    `outcome`: `created`, `skipped` (every line was procured already), `refused` (`errors` holds every reason),
    `superseded` (a higher generation is known), `posted`, `already_posted` (the same delivery stood there before).
    """

    request_id: UUID
    kind: str
    outcome: str
    purchase_order_no: str = ""
    sales_order_no: str = ""
    skipped: tuple[SkippedLine, ...] = ()
    errors: tuple[Problem, ...] = ()
    postings: tuple[RequestedPosting, ...] = ()


class PostedPurchaseInvoiceLine(Model, frozen=True, kw_only=True):
    """A line of a posted purchase invoice; `amount` without tax."""

    line_no: int
    purchase_order_no: str = ""
    purchase_order_line_no: int = 0
    item_no: str = ""
    quantity: Decimal
    direct_unit_cost: Decimal = Decimal(0)
    amount: Decimal


class PostedPurchaseInvoice(Snapshot, frozen=True, kw_only=True):
    """A posted purchase invoice; key: its number."""

    no: str
    vendor_no: str
    vendor_invoice_no: str
    posting_date: date
    currency_code: str
    amount: Decimal
    lines: tuple[PostedPurchaseInvoiceLine, ...] = ()
