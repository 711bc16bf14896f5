"""Master data of purchasing: vendors, and the items that they supply with their prices."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.fields import (
    CurrencyCodeOrBlank,
    Day,
    Days,
    ItemNo,
    LocationCodeOrBlank,
    Percent,
    QuantityOrZero,
    Text100,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
    Version,
)
from contracts.purchasing.fields import (
    ZERO,
    Blocked,
    DirectUnitCost,
    GroupingPolicy,
    LineDiscountPct,
    MinimumQuantity,
    ShipmentMethodCode,
    VendorItemNo,
)
from contracts.values import Address, Deleted, Happened, Model


class VendorDetails(Address, frozen=True, kw_only=True):
    """What is known of a vendor besides its number."""

    email: Annotated[
        Text100, Meta(description="Where orders are sent.", examples=["orders@compass.example"])
    ] = ""
    currency_code: CurrencyCodeOrBlank = ""
    blocked: Blocked = ""
    privacy_blocked: Annotated[
        bool, Meta(description="The vendor's data may not be used any more.", examples=[False])
    ] = False
    lead_time_days: Annotated[Days, Meta(description="Days from order to receipt.", examples=[5])] = 0
    grouping_policy: GroupingPolicy = "standard"
    location_code: LocationCodeOrBlank = ""
    shipment_method_code: ShipmentMethodCode = ""
    over_receipt_pct: Annotated[
        Percent,
        Meta(
            description="How much more than ordered may be received, in percent; not on drop shipments.",
            examples=["2.5"],
        ),
    ] = ZERO


class Vendor(VendorDetails, frozen=True, kw_only=True):
    """A vendor, published by purchasing; key: its number."""

    no: VendorNo
    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class PriceBreak(Model, frozen=True, kw_only=True):
    """A price from a quantity on, between two dates (both included)."""

    minimum_quantity: MinimumQuantity = ZERO
    direct_unit_cost: DirectUnitCost
    line_discount_pct: LineDiscountPct = ZERO
    from_date: (
        Annotated[Day, Meta(description="First day; null: no bound.", examples=["2026-01-01"])] | None
    ) = None
    to_date: Annotated[Day, Meta(description="Last day; null: no bound.", examples=["2026-12-31"])] | None = (
        None
    )


class ItemVendorDetails(Model, frozen=True, kw_only=True):
    """The vendor's terms for an item."""

    vendor_item_no: VendorItemNo = ""
    direct_unit_cost: DirectUnitCost = ZERO
    minimum_quantity: Annotated[
        QuantityOrZero, Meta(description="The least that the vendor sells at once.", examples=["10"])
    ] = ZERO
    unit_of_measure_code: UnitOfMeasureCodeOrBlank = ""
    lead_time_days: (
        Annotated[
            Days,
            Meta(description="Days from order to receipt; null: the item's or the vendor's.", examples=[3]),
        ]
        | None
    ) = None
    currency_code: CurrencyCodeOrBlank = ""
    price_breaks: Annotated[
        tuple[PriceBreak, ...],
        Meta(description="Prices from quantities on; the lowest that holds is taken.", max_length=100),
    ] = ()


class ItemVendor(ItemVendorDetails, frozen=True, kw_only=True):
    """An item in a vendor's catalogue; key `<vendor_no>/<item_no>`."""

    vendor_no: VendorNo
    item_no: ItemNo
    version: Version
    happened: Happened = ()
    deleted: Deleted = False
