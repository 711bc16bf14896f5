"""What the sales service publishes: its master data, orders, invoices and channel transactions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.values import Address, Model, Posting, Problem, Snapshot


class Company(Snapshot, frozen=True, kw_only=True):
    """The one company of the installation; `time_zone` (IANA) decides what "today" is."""

    name: str
    currency_code: str
    time_zone: str
    address: str = ""
    address_2: str = ""
    city: str = ""
    post_code: str = ""
    region: str = ""
    country_code: str = ""


class ShipToAddress(Snapshot, frozen=True, kw_only=True):
    """An alternate delivery address of a customer; key `<customer_no>/<code>`."""

    customer_no: str
    code: str
    name: str = ""
    address: str = ""
    address_2: str = ""
    city: str = ""
    post_code: str = ""
    region: str = ""
    country_code: str = ""
    contact: str = ""
    phone: str = ""
    location_code: str = ""


class Customer(Snapshot, frozen=True, kw_only=True):
    """Who buys. `blocked`: "", `ship`, `invoice` or `all` (BC-MD-17); a `company` pays no deposit (POS-41)."""

    no: str
    name: str
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
    location_code: str = ""
    blocked: str = ""
    privacy_blocked: bool = False
    reserve: str = "optional"
    shipping_advice: str = "partial"
    customer_type: str = "person"


class PurchasingCode(Snapshot, frozen=True, kw_only=True):
    """How a line is procured: at most one of the two flags (BC-MD-02)."""

    code: str
    description: str = ""
    drop_shipment: bool = False
    special_order: bool = False


class ChargeCode(Snapshot, frozen=True, kw_only=True):
    """A charge (shipping, cancellation); `tax_pct` in percent."""

    code: str
    description: str = ""
    tax_pct: Decimal = Decimal(0)
    refundable: bool = False


class LineDemand(Model, frozen=True, kw_only=True):
    """What a flagged line wants bought: planning compares every link with the newest of these.

    `quantity` is the wanted total in the line's unit (0: nothing any more). `generation` starts at 1 and is raised
    by `procure_again`. `released` never goes back to false: a demand survives the reopening of its order.
    """

    generation: int
    quantity: Decimal
    released: bool = False


class SalesLine(Model, frozen=True, kw_only=True):
    """A line of a sales order. `id` binds links; `line_no` is for people and never used twice."""

    id: UUID
    line_no: int
    type: str = "item"
    item_no: str = ""
    charge_code: str = ""
    description: str = ""
    quantity: Decimal = Decimal(0)
    unit_of_measure_code: str = ""
    qty_per_unit_of_measure: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    line_discount_pct: Decimal = Decimal(0)
    tax_pct: Decimal = Decimal(0)
    location_code: str = ""
    shipment_date: date | None = None
    planned_delivery_date: date | None = None
    purchasing_code: str = ""
    drop_shipment: bool = False
    special_order: bool = False
    nonstock: bool = False
    reserve: str = "optional"
    quantity_shipped: Decimal = Decimal(0)
    quantity_invoiced: Decimal = Decimal(0)
    ever_invoiced: Decimal = Decimal(0)
    """All that was ever invoiced of the line; only grows, also over corrections (BC-DS-24)."""
    demand: LineDemand | None = None
    postings: tuple[Posting, ...] = ()


class PostingRequestLine(Model, frozen=True, kw_only=True):
    """One drop-shipment line to post: `base` is what sales saw as shipped, `quantity` what shall move now."""

    sales_line_id: UUID
    base: Decimal
    quantity: Decimal


class PostingRequest(Model, frozen=True, kw_only=True):
    """Sales asks purchasing to post receipts for drop-shipment lines, all or nothing. `id` is the operation's id."""

    id: UUID
    posting_date: date
    lines: tuple[PostingRequestLine, ...]


class SalesOrder(Snapshot, frozen=True, kw_only=True):
    """A sales order; key: its number."""

    no: str
    status: str
    customer_no: str
    customer_name: str = ""
    order_date: date
    requested_delivery_date: date | None = None
    ship_to_code: str = ""
    ship_to: Address = Address()
    location_code: str = ""
    currency_code: str = ""
    external_document_no: str = ""
    your_reference: str = ""
    procurement_automation: str = ""
    confirmation_no: str = ""
    lines: tuple[SalesLine, ...] = ()
    posting_requests: tuple[PostingRequest, ...] = ()


class PostedSalesInvoiceLine(Model, frozen=True, kw_only=True):
    """A line of a posted sales invoice; `amount` without tax."""

    line_no: int
    sales_order_no: str
    sales_order_line_no: int
    sales_line_id: UUID | None = None
    item_no: str = ""
    description: str = ""
    quantity: Decimal
    unit_of_measure_code: str = ""
    unit_price: Decimal = Decimal(0)
    amount: Decimal
    tax_amount: Decimal = Decimal(0)


class PostedSalesInvoice(Snapshot, frozen=True, kw_only=True):
    """A posted sales invoice; key: its number."""

    no: str
    sales_order_no: str = ""
    customer_no: str
    posting_date: date
    currency_code: str
    amount: Decimal
    tax_amount: Decimal = Decimal(0)
    lines: tuple[PostedSalesInvoiceLine, ...] = ()


class ChannelTransaction(Snapshot, frozen=True, kw_only=True):
    """What became of a till's transaction in sales; key: the confirmation number.

    `status`: `pulled`, `editing`, `succeeded`, `failed`, `dead`, `held`, `void`.
    """

    confirmation_no: str
    transaction_id: UUID
    store_no: str
    status: str
    sales_order_no: str = ""
    customer_no: str = ""
    fault_class: str = ""
    errors: tuple[Problem, ...] = ()
    attempts: int = 0
    synchronized_at: datetime | None = None
