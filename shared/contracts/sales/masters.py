"""Master data of sales: the company, exchange rates, customers with their addresses, purchasing codes, charge codes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from contracts.fields import (
    Code,
    CurrencyCode,
    CurrencyCodeOrBlank,
    CustomerNo,
    Day,
    LocationCodeOrBlank,
    No,
    Rate,
    Text50,
    Text100,
    Version,
    text,
)
from contracts.sales.fields import (
    Blocked,
    CustomerType,
    DropShipment,
    Reserve,
    ShippingAdvice,
    SpecialOrder,
    TaxPct,
)
from contracts.values import Address, Deleted, Happened, Model, PostalAddress


class CompanyDetails(PostalAddress, frozen=True, kw_only=True):
    """The one company of the installation, as it is entered."""

    name: Annotated[
        str,
        text(100, min_length=1),
        Meta(description="Name of the company.", examples=["Northsea Outfitters"]),
    ]
    currency_code: CurrencyCode
    time_zone: Annotated[
        Text50,
        Meta(description='IANA time zone, which decides what "today" is.', examples=["Europe/Berlin"]),
    ]


class Company(CompanyDetails, frozen=True, kw_only=True):
    """The one company of the installation."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class ExchangeRateDetails(Model, frozen=True, kw_only=True):
    """What a unit of a currency is worth in the company's, as it is entered."""

    rate: Annotated[Rate, Meta(description="Units of the company's currency per unit of this one.")]


class ExchangeRate(ExchangeRateDetails, frozen=True, kw_only=True):
    """What a unit of a currency is worth in the company's, from a date on; key `<currency>/<date>`."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    currency_code: CurrencyCode
    date: Annotated[Day, Meta(description="The first day of the rate.")]


class ShipToAddressDetails(Address, frozen=True, kw_only=True):
    """An alternate delivery address, as it is entered."""

    location_code: LocationCodeOrBlank = ""


class ShipToAddress(ShipToAddressDetails, frozen=True, kw_only=True):
    """An alternate delivery address of a customer; key `<customer_no>/<code>`."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    customer_no: CustomerNo
    code: Annotated[Code, Meta(description="Code of the address.", examples=["SHED"])]


class CustomerDetails(Address, frozen=True, kw_only=True):
    """A customer, as it is entered."""

    name: Annotated[
        str, text(100, min_length=1), Meta(description="Name of the customer.", examples=["Anna Berg"])
    ]
    email: Annotated[Text100, Meta(description="Address for e-mail.", examples=["anna@example.com"])] = ""
    currency_code: CurrencyCodeOrBlank = ""
    location_code: LocationCodeOrBlank = ""
    blocked: Blocked = ""
    privacy_blocked: Annotated[
        bool, Meta(description="Blocked for everything, for privacy.", examples=[False])
    ] = False
    reserve: Reserve = "optional"
    shipping_advice: ShippingAdvice = "partial"
    customer_type: CustomerType = "person"


class Customer(CustomerDetails, frozen=True, kw_only=True):
    """A customer with addresses, terms and blocking, as other services see it."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    no: CustomerNo


class PurchasingCodeDetails(Model, frozen=True, kw_only=True):
    """How lines with a code are procured, as it is entered: at most one of the two flags."""

    description: Annotated[Text100, Meta(description="What the code means.", examples=["Special order"])] = ""
    drop_shipment: DropShipment = False
    special_order: SpecialOrder = False


class PurchasingCode(PurchasingCodeDetails, frozen=True, kw_only=True):
    """How a line is procured: at most one of the two flags."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    code: Annotated[Code, Meta(description="The code.", examples=["SPEC"])]


class ChargeCodeDetails(Model, frozen=True, kw_only=True):
    """A charge such as shipping, as it is entered."""

    description: Annotated[Text100, Meta(description="What is charged.", examples=["Shipping"])] = ""
    tax_pct: TaxPct = Decimal(0)
    refundable: Annotated[
        bool, Meta(description="The charge is paid back with a return.", examples=[False])
    ] = False


class ChargeCode(ChargeCodeDetails, frozen=True, kw_only=True):
    """A charge, such as shipping or a cancellation."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    code: Annotated[No, Meta(description="The code.", examples=["SHIPPING"])]
