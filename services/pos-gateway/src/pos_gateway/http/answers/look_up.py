"""Answers of look-ups: what the gateway's copies say, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import (
    CountryCodeOrBlank,
    CustomerNo,
    ItemNo,
    LocationCodeOrBlank,
    Percent,
    PurchasingCodeOrBlank,
    Text20,
    Text50,
    Text100,
    Timestamp,
    TotalQuantity,
    UnitOfMeasureCode,
    UnitOfMeasureCodeOrBlank,
)
from contracts.pos import EmailOrBlank, PersonName, PhoneOrBlank, StoreNo, TillAmount
from contracts.sales.fields import Blocked

AsOf = Annotated[
    Timestamp, Meta(description="When the gateway learned it.", examples=["2026-03-02T09:14:59Z"])
]


class CustomerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as the gateway knows it."""

    no: CustomerNo
    name: PersonName
    address: Annotated[Text100, Meta(description="Street and number.", examples=["Seeweg 4"])]
    city: Annotated[Text50, Meta(description="Town.", examples=["Konstanz"])]
    post_code: Annotated[Text20, Meta(description="Postal code.", examples=["78462"])]
    country_code: CountryCodeOrBlank
    phone: PhoneOrBlank
    email: EmailOrBlank
    blocked: Blocked
    as_of: AsOf


class ItemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An item as the gateway knows it."""

    no: ItemNo
    description: Annotated[Text100, Meta(description="What it is.", examples=["Brass compass"])]
    base_unit_of_measure: Annotated[
        UnitOfMeasureCode, Meta(description="The unit in which stock is counted.", examples=["PCS"])
    ]
    sales_unit_of_measure: Annotated[
        UnitOfMeasureCodeOrBlank,
        Meta(description='Unit of new lines; "" is the base unit.', examples=["PCS"]),
    ]
    unit_price: Annotated[TillAmount, Meta(description="Price of one unit without tax.", examples=["149.00"])]
    tax_pct: Annotated[Percent, Meta(description="Tax in percent.", examples=["19"])]
    purchasing_code: PurchasingCodeOrBlank
    blocked: Annotated[bool, Meta(description="The item is not sold now.", examples=[False])]
    as_of: AsOf


class AvailabilityAnswer(msgspec.Struct, frozen=True):
    """What of an item is free at a store."""

    store_no: StoreNo
    location_code: Annotated[
        LocationCodeOrBlank, Meta(description="Location of the store's goods.", examples=["HH1"])
    ]
    available: Annotated[TotalQuantity, Meta(description="What is free, in the item's base unit.")]
    as_of: Annotated[
        datetime | None,
        Meta(
            description="When the gateway learned it; null if it knows nothing.",
            examples=["2026-03-02T09:14:59Z"],
        ),
    ]
