"""Master data of planning: items and catalog items, locations, stockkeeping units, the setup."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.fields import (
    Days,
    Factor,
    ForeignNo,
    ItemNo,
    LocationCode,
    Money,
    Percent,
    PurchasingCodeOrBlank,
    QuantityOrZero,
    Text100,
    UnitOfMeasureCode,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
    VendorNoOrBlank,
    Version,
    choice,
    text,
)
from contracts.planning.fields import (
    UNITS_MAX,
    ZERO,
    Automation,
    CatalogEntryNo,
    CatalogItemNo,
    CreatedFromCatalog,
    ItemCreated,
    LeadTimeDays,
    ManufacturerCode,
    ReorderingPolicy,
    Reserve,
    SafetyLeadTimeDays,
)
from contracts.values import Address, Deleted, Happened, Model

ItemUnits = Annotated[
    tuple["ItemUnit", ...],
    Meta(
        max_length=UNITS_MAX,
        description="The item's units of measure; the base unit is always among them.",
        examples=[[{"code": "PCS", "qty_per": "1"}, {"code": "BOX", "qty_per": "12"}]],
    ),
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


class Item(ItemDetails, frozen=True, kw_only=True):
    """An item with its units, its terms and its blocking, as other services see it."""

    no: ItemNo
    reserve: Reserve = "optional"
    created_from_catalog: CreatedFromCatalog = False
    version: Version
    happened: Happened = ()
    deleted: Deleted = False


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
        bool,
        Meta(description="No item journal or posted shipment takes more than is there.", examples=[True]),
    ] = False


class PlanningSetup(PlanningSetupDetails, frozen=True, kw_only=True):
    """How planning works here; key `SETUP`. `automation` applies to orders that say nothing themselves."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
