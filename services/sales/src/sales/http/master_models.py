"""Requests about sales' master data and set-up."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from httpkit.fields import (
    AddressInput,
    Code10OrBlank,
    CountryCodeOrBlank,
    CurrencyCode,
    CurrencyCodeOrBlank,
    Flag,
    Input,
    NonNegative,
    Percent,
    Rate,
    Text20,
    Text50,
    Text100,
)

LONGEST_INTERVAL_S = 86_400


class CompanyInput(Input):
    """The installation's company."""

    name: Annotated[Text100, Field(min_length=1)]
    currency_code: CurrencyCode
    time_zone: Text50
    address: Text100 = ""
    address_2: Text100 = ""
    city: Text50 = ""
    post_code: Text20 = ""
    region: Text50 = ""
    country_code: CountryCodeOrBlank = ""


class CustomerInput(AddressInput):
    """A customer; what is left out is empty or the default."""

    name: Annotated[Text100, Field(min_length=1)]
    email: Text100 = ""
    currency_code: CurrencyCodeOrBlank = ""
    location_code: Code10OrBlank = ""
    blocked: Literal["", "ship", "invoice", "all"] = ""
    privacy_blocked: Flag = False
    reserve: Literal["never", "optional", "always"] = "optional"
    shipping_advice: Literal["partial", "complete"] = "partial"
    customer_type: Literal["person", "company"] = "person"


class ShipToAddressInput(AddressInput):
    """An alternate delivery address."""

    location_code: Code10OrBlank = ""


class PurchasingCodeInput(Input):
    """How lines with this code are procured: at most one of the two flags (BC-MD-02)."""

    description: Text100 = ""
    drop_shipment: Flag = False
    special_order: Flag = False


class ChargeCodeInput(Input):
    """A charge, such as shipping."""

    description: Text100 = ""
    tax_pct: Percent = Decimal(0)
    refundable: Flag = False


class ExchangeRateInput(Input):
    """What a unit of the currency is worth in the company's."""

    rate: Rate


class SalesSetupInput(Input):
    """How sales works here; an interval of 0 synchronizes by hand only."""

    default_qty_to_ship: Literal["remainder", "blank"] = "remainder"
    synchronization_interval_s: Annotated[NonNegative, Field(le=LONGEST_INTERVAL_S)] = Decimal(5)
