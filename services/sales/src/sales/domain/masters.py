"""Sales' own setup records, and the rules of its master data."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Final

from msgspec import Meta

from contracts.fields import Version, choice, decimal
from contracts.planning.masters import Location
from contracts.refusals import Violations, conflict, invalid, not_found
from contracts.sales.masters import Company, Customer, ExchangeRate, PurchasingCode, ShipToAddress
from contracts.values import Deleted, Happened, Model
from domainkit.days import is_time_zone
from domainkit.references import ReferenceData

SETUP_NO: Final = "SALES-SETUP"
DEFAULT_SYNCHRONIZATION_INTERVAL_S: Final = Decimal(5)
LONGEST_INTERVAL_S: Final = 86_400


class SalesSetupDetails(Model, frozen=True, kw_only=True):
    """Sales' settings for the installation, as they are entered."""

    default_qty_to_ship: Annotated[
        str,
        choice("remainder", "blank"),
        Meta(
            description="What is shipped of a line for which nothing was set: all that is left, or nothing.",
            examples=["remainder"],
        ),
    ] = "remainder"
    synchronization_interval_s: Annotated[
        Decimal,
        decimal(5, 5, minimum=0, maximum=LONGEST_INTERVAL_S),
        Meta(
            description="Seconds between two synchronizations of till orders; 0: only by hand.",
            examples=["5"],
        ),
    ] = DEFAULT_SYNCHRONIZATION_INTERVAL_S


class SalesSetup(SalesSetupDetails, frozen=True, kw_only=True):
    """Sales' settings as they are stored; there is one record. Other services do not see it."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False


def check_company(company: Company, before: Company | None = None, *, has_documents: bool = False) -> None:
    """The time zone decides what "today" is, so it must exist; amounts of documents keep their meaning."""
    found = Violations()
    if not is_time_zone(company.time_zone):
        found.invalid("unknown-time-zone", f"{company.time_zone} is no time zone", "/time_zone")
    if before is not None and has_documents and company.currency_code != before.currency_code:
        detail = f"there are documents: the company's currency stays {before.currency_code}"
        found.conflict("currency-in-use", detail, "/currency_code")
    found.refuse_if_any()


def check_exchange_rate(rate: ExchangeRate, home_currency: str) -> None:
    """A rate is what a unit costs in the company's currency: of that currency itself it is 1."""
    if rate.currency_code == home_currency and rate.rate != 1:
        detail = f"{home_currency} is the company's currency: its rate is 1"
        raise invalid("out-of-range", detail, pointer="/rate")


def check_purchasing_code(code: PurchasingCode) -> None:
    """A code means a special order or a drop shipment or neither, never both (BC-MD-02)."""
    if code.drop_shipment and code.special_order:
        detail = f"purchasing code {code.code} may be either a drop shipment or a special order"
        raise invalid("purchasing-code-exclusive", detail, pointer="/special_order")


def check_customer_record(customer: Customer, references: ReferenceData) -> None:
    """The customer's location must exist."""
    _check_location(customer.location_code, references)


def check_customer_unused(customer: Customer, in_use: Collection[str]) -> None:
    """A customer with open documents stays."""
    if customer.no in in_use:
        raise conflict("customer-in-use", f"customer {customer.no} has open sales documents")


def check_ship_to_address(address: ShipToAddress, references: ReferenceData) -> None:
    """An address belongs to a customer that exists; so must its location."""
    if references.find(Customer, address.customer_no) is None:
        raise not_found("customer", address.customer_no)
    _check_location(address.location_code, references)


def _check_location(code: str, references: ReferenceData) -> None:
    found = Violations()
    if code and references.find(Location, code) is None:
        found.unknown("location", code, "/location_code", copy_of="location")
    found.refuse_if_any()
