"""What the planning service publishes: items and locations, demand, stock, and purchase requests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.values import Address, Model, Problem, SalesLineRef, Snapshot


class ItemUnit(Model, frozen=True, kw_only=True):
    """A unit of an item: `qty_per` base units make one of it."""

    code: str
    qty_per: Decimal


class Item(Snapshot, frozen=True, kw_only=True):
    """What is sold and bought (BC-MD-06)."""

    no: str
    description: str = ""
    type: str = "inventory"
    base_unit_of_measure: str = "PCS"
    units_of_measure: tuple[ItemUnit, ...] = ()
    sales_unit_of_measure: str = ""
    purchase_unit_of_measure: str = ""
    vendor_no: str = ""
    vendor_item_no: str = ""
    lead_time_days: int = 0
    unit_price: Decimal = Decimal(0)
    unit_cost: Decimal = Decimal(0)
    last_direct_cost: Decimal = Decimal(0)
    reserve: str = "optional"
    purchasing_code: str = ""
    critical: bool = False
    replenishment_system: str = "purchase"
    reordering_policy: str = ""
    blocked: bool = False
    sales_blocked: bool = False
    purchasing_blocked: bool = False
    tax_pct: Decimal = Decimal(0)


class Location(Snapshot, frozen=True, kw_only=True):
    """Where goods lie; handling times in days."""

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
    inbound_handling_days: int = 0
    outbound_handling_days: int = 0


class StockkeepingUnit(Snapshot, frozen=True, kw_only=True):
    """What is special about an item at a location; key `<location_code>/<item_no>`; overrides the item (BC-MD-12)."""

    location_code: str
    item_no: str
    vendor_no: str = ""
    """Who supplies the item there; "" = the item's vendor."""
    lead_time_days: int | None = None


class PlanningSetup(Snapshot, frozen=True, kw_only=True):
    """How planning works here; key `SETUP`. `automation` applies to orders that say nothing themselves."""

    automation: str = "purchase_order"
    location_mandatory: bool = False
    prevent_negative_inventory: bool = False


class StockLevel(Snapshot, frozen=True, kw_only=True):
    """Stock of an item at a location in base units; key `<item_no>/<location_code>`. free = stock - allocated."""

    item_no: str
    location_code: str = ""
    stock: Decimal = Decimal(0)
    allocated: Decimal = Decimal(0)


class DemandLine(Model, frozen=True, kw_only=True):
    """How far the demand of one flagged sales line has come in planning.

    `state`: `awaiting_requisition`, `requisitioned`, `requested`, `ordered`, `cancelled`, `exception`.
    """

    sales_line_id: UUID
    sales_order_line_no: int
    generation: int
    state: str
    requisition_line_id: UUID | None = None
    vendor_no: str = ""
    quantity: Decimal = Decimal(0)
    problem: Problem | None = None


class Demand(Snapshot, frozen=True, kw_only=True):
    """The newest demand of every flagged line of one sales order; key: the sales order's number."""

    sales_order_no: str
    lines: tuple[DemandLine, ...] = ()


class PurchaseRequestLine(Model, frozen=True, kw_only=True):
    """One requisition line that shall become one purchase line. Quantities are in `unit_of_measure_code`."""

    requisition_line_id: UUID
    item_no: str
    description: str = ""
    quantity: Decimal
    unit_of_measure_code: str
    qty_per_unit_of_measure: Decimal = Decimal(1)
    location_code: str = ""
    expected_receipt_date: date | None = None
    requested_receipt_date: date | None = None
    purchasing_code: str = ""
    drop_shipment: bool = False
    special_order: bool = False
    nonstock: bool = False
    sales: SalesLineRef | None = None


class PurchaseRequest(Snapshot, frozen=True, kw_only=True):
    """Planning asks purchasing to make one purchase order; key: `id`. Decided once, for ever (fence: purchase_request).

    Its lines agree in all grouping keys (BC-SO-18). `run_id` is the carry-out run, if a person started one.
    """

    id: UUID
    run_id: UUID | None = None
    vendor_no: str
    order_date: date
    sell_to_customer_no: str = ""
    ship_to_code: str = ""
    ship_to: Address = Address()
    location_code: str = ""
    currency_code: str = ""
    purchasing_code: str = ""
    your_reference: str = ""
    lines: tuple[PurchaseRequestLine, ...] = ()
