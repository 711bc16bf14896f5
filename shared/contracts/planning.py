"""What the planning service publishes: items and locations, demand, stock, and purchase requests.

The fields that a record's request, state, event and answer share stand in bases, described once.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    CodeOrBlank,
    CurrencyCodeOrBlank,
    CustomerNoOrBlank,
    Day,
    Days,
    ExternalReference,
    Factor,
    ForeignNo,
    Generation,
    ItemNo,
    LineNo,
    LocationCode,
    LocationCodeOrBlank,
    Money,
    No,
    Percent,
    PurchaseOrderNo,
    PurchasingCodeOrBlank,
    QuantityOrZero,
    SalesOrderNo,
    Text50,
    Text100,
    TotalQuantity,
    UnitOfMeasureCode,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
    VendorNoOrBlank,
    Version,
    choice,
    text,
)
from contracts.values import Address, Deleted, Happened, Model, Problem, SalesLineRef, Snapshot

ZERO = Decimal(0)
UNITS_MAX = 50
"""Units of measure that an item may have."""

ItemUnits = Annotated[
    tuple["ItemUnit", ...],
    Meta(
        max_length=UNITS_MAX,
        description="The item's units of measure; the base unit is always among them.",
        examples=[[{"code": "PCS", "qty_per": "1"}, {"code": "BOX", "qty_per": "12"}]],
    ),
]
Reserve = Annotated[
    str,
    choice("never", "optional", "always"),
    Meta(description="Whether stock of the item may be reserved for sales lines.", examples=["optional"]),
]
ReorderingPolicy = Annotated[
    str,
    choice("", "fixed_reorder_qty", "maximum_qty", "order", "lot_for_lot"),
    Meta(description='How planning proposes replenishment; "": it does not.', examples=["lot_for_lot"]),
]
Automation = Annotated[
    str,
    choice("manual", "requisition", "purchase_order"),
    Meta(
        description=(
            "How far a released sales line goes by itself: `manual` (it waits for *get sales orders*), `requisition` "
            "(a requisition line is written) or `purchase_order` (purchasing is asked at once)."
        ),
        examples=["purchase_order"],
    ),
]
LeadTimeDays = Annotated[
    Days, Meta(description="Calendar days from ordering until the goods arrive.", examples=[7])
]
SafetyLeadTimeDays = Annotated[
    Days, Meta(description="Days by which goods shall come before they are needed.", examples=[2])
]
DropShipment = Annotated[
    bool, Meta(description="The vendor ships straight to the customer.", examples=[False])
]
SpecialOrder = Annotated[
    bool, Meta(description="Bought for this one sales line and received into stock first.", examples=[True])
]
Nonstock = Annotated[bool, Meta(description="The item was taken from a catalogue.", examples=[False])]
SalesLineId = Annotated[UUID, Meta(description="Id of the sales line.", examples=[EXAMPLE_ID])]
RequisitionLineId = Annotated[UUID, Meta(description="Id of the requisition line.", examples=[EXAMPLE_ID])]
DemandState = Annotated[
    str,
    choice("awaiting_requisition", "requisitioned", "requested", "ordered", "cancelled", "exception"),
    Meta(description="How far the procurement of the line has come.", examples=["requested"]),
]


class ItemUnit(Model, frozen=True, kw_only=True):
    """A unit of an item: `qty_per` base units make one of it."""

    code: UnitOfMeasureCode
    qty_per: Factor


class ItemDetails(Model, frozen=True, kw_only=True):
    """Description, units, costs and procurement of an item."""

    description: Annotated[Text100, Meta(description="What it is.", examples=["Climbing rope 60 m"])] = ""
    type: Annotated[
        str,
        choice("inventory", "non_inventory", "service"),
        Meta(description="Only `inventory` items have stock.", examples=["inventory"]),
    ] = "inventory"
    base_unit_of_measure: Annotated[
        UnitOfMeasureCode, Meta(description="The unit in which stock is counted.", examples=["PCS"])
    ] = "PCS"
    units_of_measure: ItemUnits = ()
    sales_unit_of_measure: Annotated[
        UnitOfMeasureCodeOrBlank,
        Meta(description='Unit of new sales lines; "" is the base unit.', examples=["PCS"]),
    ] = ""
    purchase_unit_of_measure: Annotated[
        UnitOfMeasureCodeOrBlank,
        Meta(
            description='Unit of new requisition and purchase lines; "" is the base unit.', examples=["BOX"]
        ),
    ] = ""
    vendor_no: Annotated[
        VendorNoOrBlank, Meta(description='Who supplies the item; "": decided later.', examples=["V-100"])
    ] = ""
    vendor_item_no: Annotated[
        ForeignNo, Meta(description="What the vendor calls the item.", examples=["ROPE-60"])
    ] = ""
    lead_time_days: LeadTimeDays = 0
    safety_lead_time_days: SafetyLeadTimeDays = 0
    unit_price: Annotated[
        Money, Meta(description="Sales price per base unit in the company's currency.", examples=["129.00"])
    ] = ZERO
    unit_cost: Annotated[
        Money, Meta(description="Cost per base unit in the company's currency.", examples=["80.00"])
    ] = ZERO
    last_direct_cost: Annotated[
        Money,
        Meta(description="What was paid last per base unit, in the company's currency.", examples=["78.50"]),
    ] = ZERO
    purchasing_code: PurchasingCodeOrBlank = ""
    critical: Annotated[
        bool, Meta(description="Only promised to customers when it is available.", examples=[False])
    ] = False
    replenishment_system: Annotated[
        str, choice("purchase"), Meta(description="How the item is replenished.", examples=["purchase"])
    ] = "purchase"
    reordering_policy: ReorderingPolicy = ""
    blocked: Annotated[bool, Meta(description="Neither sold nor bought.", examples=[False])] = False
    sales_blocked: Annotated[bool, Meta(description="Not sold.", examples=[False])] = False
    purchasing_blocked: Annotated[bool, Meta(description="Not bought.", examples=[False])] = False
    tax_pct: Annotated[Percent, Meta(description="Sales tax in percent.", examples=["19"])] = ZERO


CreatedFromCatalog = Annotated[bool, Meta(description="It was made of a catalog item.", examples=[False])]


class Item(ItemDetails, frozen=True, kw_only=True):
    """An item with its units, its terms and its blocking, as other services see it."""

    no: ItemNo
    reserve: Reserve = "optional"
    created_from_catalog: CreatedFromCatalog = False
    version: Version
    happened: Happened = ()
    deleted: Deleted = False


ManufacturerCode = Annotated[
    CodeOrBlank, Meta(description='Who makes it; "" where the vendor does.', examples=["ACME"])
]
CatalogEntryNo = Annotated[No, Meta(description="Number of the catalog item.", examples=["CAT-1001"])]


class CatalogItemDetails(Model, frozen=True, kw_only=True):
    """Something that a vendor offers and that is no item yet; costs and price per unit, in the company's currency."""

    manufacturer_code: ManufacturerCode = ""
    vendor_no: VendorNo
    vendor_item_no: Annotated[
        str,
        text(50, min_length=1, free=False),
        Meta(description="What the vendor calls it.", examples=["TENT-3P"]),
    ]
    description: Annotated[Text100, Meta(description="What it is.", examples=["Tent for three"])] = ""
    unit_of_measure_code: Annotated[
        UnitOfMeasureCode, Meta(description="Unit in which it is sold and bought.", examples=["PCS"])
    ] = "PCS"
    unit_price: Annotated[Money, Meta(description="Sales price of one unit.", examples=["349.00"])] = ZERO
    direct_unit_cost: Annotated[
        Money, Meta(description="What was negotiated with the vendor.", examples=["210.00"])
    ] = ZERO
    published_cost: Annotated[Money, Meta(description="The vendor's list price.", examples=["240.00"])] = ZERO
    gross_weight: Annotated[
        QuantityOrZero, Meta(description="Weight of one unit with its packing.", examples=["4.2"])
    ] = ZERO
    net_weight: Annotated[QuantityOrZero, Meta(description="Weight of one unit.", examples=["3.9"])] = ZERO
    bar_code: Annotated[ForeignNo, Meta(description="Number under its bars.", examples=["4006381333931"])] = (
        ""
    )
    purchasing_code: PurchasingCodeOrBlank = ""
    tax_pct: Annotated[Percent, Meta(description="Sales tax in percent.", examples=["19"])] = ZERO


CatalogItemNo = Annotated[
    ItemNo,
    Meta(
        description="The item that it becomes; its number is reserved from the start.", examples=["TENT-3P"]
    ),
]
ItemCreated = Annotated[bool, Meta(description="The item exists.", examples=[False])]


class CatalogItem(CatalogItemDetails, frozen=True, kw_only=True):
    """A catalog item, published by planning; it becomes an item once a line selects it; key: its entry number."""

    entry_no: CatalogEntryNo
    item_no: CatalogItemNo
    item_created: ItemCreated = False
    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class LocationDetails(Address, frozen=True, kw_only=True):
    """Address and handling times of a location."""

    inbound_handling_days: Annotated[
        Days, Meta(description="Days from the arrival of goods until they can be used.", examples=[1])
    ] = 0
    outbound_handling_days: Annotated[
        Days, Meta(description="Days from picking goods until they leave.", examples=[1])
    ] = 0


class Location(LocationDetails, frozen=True, kw_only=True):
    """A place where stock is kept; handling times in days."""

    code: LocationCode
    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class StockkeepingUnitDetails(Model, frozen=True, kw_only=True):
    """What is special about the supply of an item at a location; overrides the item."""

    vendor_no: Annotated[
        VendorNoOrBlank,
        Meta(description='Who supplies the item there; "" is the item\'s vendor.', examples=["V-200"]),
    ] = ""
    lead_time_days: Annotated[
        LeadTimeDays | None,
        Meta(description="Lead time there; null is the item's.", examples=[3]),
    ] = None
    safety_lead_time_days: SafetyLeadTimeDays = 0


class StockkeepingUnit(StockkeepingUnitDetails, frozen=True, kw_only=True):
    """What is special about an item at a location; key `<location_code>/<item_no>`; overrides the item."""

    location_code: LocationCode
    item_no: ItemNo
    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class PlanningSetupDetails(Model, frozen=True, kw_only=True):
    """The part of planning's setup that concerns other services."""

    automation: Automation = "purchase_order"
    automation_limit_amount: Annotated[
        Money,
        Meta(
            description="Most that a purchase order may cost without a person, in the company's currency; 0: no limit.",
            examples=["5000.00"],
        ),
    ] = ZERO
    location_mandatory: Annotated[
        bool, Meta(description="Requisition and journal lines need a location.", examples=[False])
    ] = False
    prevent_negative_inventory: Annotated[
        bool, Meta(description="An item journal may not take more than there is.", examples=[True])
    ] = False


class PlanningSetup(PlanningSetupDetails, frozen=True, kw_only=True):
    """How planning works here; key `SETUP`. `automation` applies to orders that say nothing themselves."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class StockLevel(Snapshot, frozen=True, kw_only=True):
    """Stock of an item at a location in base units; key `<item_no>/<location_code>`. free = stock - allocated."""

    item_no: ItemNo
    location_code: LocationCodeOrBlank = ""
    stock: Annotated[TotalQuantity, Meta(description="What is there, in base units.", examples=["12"])] = ZERO
    allocated: Annotated[
        TotalQuantity,
        Meta(description="What of it belongs to sales lines that it was bought for.", examples=["2"]),
    ] = ZERO
    reserved: Annotated[
        TotalQuantity,
        Meta(description="What of the free stock is reserved for sales lines.", examples=["1"]),
    ] = ZERO

    @property
    def unreserved(self) -> Decimal:
        """What may still be sold, reserved or promised: neither allocated nor reserved; below 0 where too much left."""
        return self.stock - self.allocated - self.reserved


class DemandLine(Model, frozen=True, kw_only=True):
    """The state of the demand of one flagged sales line in planning."""

    sales_line_id: SalesLineId
    sales_order_line_no: LineNo
    generation: Generation
    state: DemandState
    requisition_line_id: RequisitionLineId | None = None
    vendor_no: VendorNoOrBlank = ""
    quantity: Annotated[
        QuantityOrZero, Meta(description="What the sales line needs, in its unit.", examples=["2"])
    ] = ZERO
    problem: Annotated[
        Problem | None, Meta(description="What stands against the procurement of the line.")
    ] = None


class Demand(Snapshot, frozen=True, kw_only=True):
    """The newest demand of every flagged line of one sales order; key: the sales order's number."""

    sales_order_no: SalesOrderNo
    lines: Annotated[
        tuple[DemandLine, ...], Meta(description="One line per flagged sales line, in the order's order.")
    ] = ()


class ReservedLine(Model, frozen=True, kw_only=True):
    """What is reserved for one sales line, from stock and from purchase lines."""

    sales_line_id: SalesLineId
    sales_order_line_no: LineNo
    quantity_base: Annotated[
        TotalQuantity, Meta(description="What is reserved, in base units.", examples=["3"])
    ]


class OrderReservation(Snapshot, frozen=True, kw_only=True):
    """What is reserved for the lines of one sales order; key: the sales order's number."""

    sales_order_no: SalesOrderNo
    lines: Annotated[
        tuple[ReservedLine, ...], Meta(description="The lines for which something is reserved.")
    ] = ()


class ProcuredLineTerms(Model, frozen=True, kw_only=True):
    """What a requisition line and the line of a purchase request share; quantities in `unit_of_measure_code`."""

    item_no: ItemNo
    description: Annotated[Text100, Meta(description="What it is.", examples=["Climbing rope 60 m"])] = ""
    quantity: Annotated[QuantityOrZero, Meta(description="How much to buy.", examples=["2"])]
    unit_of_measure_code: UnitOfMeasureCodeOrBlank = ""
    qty_per_unit_of_measure: Annotated[
        Factor, Meta(description="Base units in one unit of the line.", examples=["1"])
    ] = Decimal(1)
    location_code: LocationCodeOrBlank = ""
    purchasing_code: PurchasingCodeOrBlank = ""
    drop_shipment: DropShipment = False
    special_order: SpecialOrder = False
    nonstock: Nonstock = False


class PurchaseRequestLine(ProcuredLineTerms, frozen=True, kw_only=True):
    """One requisition line that shall become one purchase line."""

    requisition_line_id: RequisitionLineId
    unit_of_measure_code: UnitOfMeasureCode
    expected_receipt_date: Annotated[
        Day | None, Meta(description="When the goods are needed.", examples=["2026-03-20"])
    ] = None
    requested_receipt_date: Annotated[
        Day | None, Meta(description="When they shall arrive.", examples=["2026-03-19"])
    ] = None
    sales: Annotated[
        SalesLineRef | None, Meta(description="The sales line that the purchase serves, if it serves one.")
    ] = None
    replaces_received: Annotated[
        bool,
        Meta(
            description="Goods of the line were given to another sale: a purchase of it that is here gives way.",
            examples=[False],
        ),
    ] = False


class Reschedule(Model, frozen=True, kw_only=True):
    """A purchase line that planning wants on another day, in another quantity, or not at all."""

    requisition_line_id: RequisitionLineId
    purchase_order_no: PurchaseOrderNo
    purchase_order_line_no: LineNo
    sales: Annotated[
        SalesLineRef | None, Meta(description="The sales line that the purchase line serves.")
    ] = None
    original_due_date: Annotated[
        Day, Meta(description="When the purchase line was to come, as planning knew it.")
    ]
    due_date: Annotated[Day, Meta(description="When the goods are needed now.", examples=["2026-03-20"])]
    original_quantity: (
        Annotated[
            QuantityOrZero,
            Meta(
                description="What was still to come, in base units, as planning knew it; null: it does not matter."
            ),
        ]
        | None
    ) = None
    quantity: (
        Annotated[
            QuantityOrZero,
            Meta(
                description="What shall come, in base units; 0: nothing, the line is cancelled. Null: what was to come."
            ),
        ]
        | None
    ) = None


class PromisedLine(Model, frozen=True, kw_only=True):
    """The day that is promised for a sales line, and the requisition line that buys what is missing for it."""

    sales_line_id: SalesLineId
    sales_order_line_no: LineNo
    shipment_date: Annotated[Day, Meta(description="When the goods leave.", examples=["2026-03-30"])]
    requisition_line_id: Annotated[
        UUID | None, Meta(description="What buys the missing quantity; null: nothing.", examples=[EXAMPLE_ID])
    ] = None


class OrderPromise(Snapshot, frozen=True, kw_only=True):
    """A person promises dates to the customer: sales puts them on its lines, all or none; key: `id`.

    Sales decides it once and says so in its order (`promise_decisions`).
    """

    id: Annotated[UUID, Meta(description="Id of the promise, and of its operation.", examples=[EXAMPLE_ID])]
    sales_order_no: SalesOrderNo
    lines: Annotated[tuple[PromisedLine, ...], Meta(description="The promised lines.")]


class PurchaseRequest(Snapshot, frozen=True, kw_only=True):
    """Planning asks purchasing to make one purchase order; key: `id`. It is decided once (fence: purchase_request).

    Its lines agree in all grouping keys. With `reschedule` it has no lines: a line of an order shall change.
    """

    id: Annotated[UUID, Meta(description="Id of the request.", examples=[EXAMPLE_ID])]
    run_id: Annotated[
        UUID | None, Meta(description="The carry-out run, if a person started one.", examples=[EXAMPLE_ID])
    ] = None
    vendor_no: VendorNo
    order_date: Annotated[Day, Meta(description="When to order.", examples=["2026-03-12"])]
    sell_to_customer_no: CustomerNoOrBlank = ""
    ship_to_code: Annotated[
        CodeOrBlank, Meta(description="Code of the customer's ship-to address.", examples=["HUT"])
    ] = ""
    ship_to: Annotated[Address, Meta(description="Where the vendor shall ship to.")] = Address()
    location_code: LocationCodeOrBlank = ""
    currency_code: CurrencyCodeOrBlank = ""
    purchasing_code: PurchasingCodeOrBlank = ""
    your_reference: Annotated[
        Text50, Meta(description="The customer's reference on the sales order.", examples=["PO 4711"])
    ] = ""
    external_reference: ExternalReference = ""
    lines: Annotated[
        tuple[PurchaseRequestLine, ...], Meta(description="What shall be bought, one line each.")
    ] = ()
    reschedule: Reschedule | None = None
