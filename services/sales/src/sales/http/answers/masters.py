"""Master data and set-up as resources."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.fields import Code, CurrencyCode, CustomerNo, Day, No, Version
from contracts.sales.masters import (
    ChargeCodeDetails,
    CompanyDetails,
    CustomerDetails,
    ExchangeRateDetails,
    PurchasingCodeDetails,
    ShipToAddressDetails,
)
from contracts.values import CreatedAt, UpdatedAt
from sales.domain.masters import SalesSetupDetails


class CompanyAnswer(CompanyDetails, frozen=True, kw_only=True, omit_defaults=False):
    """The one company of the installation."""

    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class SalesSetupAnswer(SalesSetupDetails, frozen=True, kw_only=True, omit_defaults=False):
    """How sales works here; version 0 while nothing was entered."""

    version: Version
    created_at: CreatedAt | None
    updated_at: UpdatedAt | None


class ExchangeRateAnswer(ExchangeRateDetails, frozen=True, kw_only=True, omit_defaults=False):
    """What a unit of a currency is worth in the company's, from a date on."""

    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    currency_code: CurrencyCode
    date: Annotated[Day, Meta(description="The first day of the rate.")]


class CustomerAnswer(CustomerDetails, frozen=True, kw_only=True, omit_defaults=False):
    """A customer: who buys, and on which terms."""

    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    no: CustomerNo


class ShipToAddressAnswer(ShipToAddressDetails, frozen=True, kw_only=True, omit_defaults=False):
    """An alternate delivery address of a customer."""

    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    customer_no: CustomerNo
    code: Annotated[Code, Meta(description="Code of the address.", examples=["SHED"])]


class PurchasingCodeAnswer(PurchasingCodeDetails, frozen=True, kw_only=True, omit_defaults=False):
    """A purchasing code: how a line is procured."""

    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    code: Annotated[Code, Meta(description="The code.", examples=["SPEC"])]


class ChargeCodeAnswer(ChargeCodeDetails, frozen=True, kw_only=True, omit_defaults=False):
    """A charge, such as shipping or a cancellation."""

    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    code: Annotated[No, Meta(description="The code.", examples=["SHIPPING"])]
