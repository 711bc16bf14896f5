"""What sales' rules ask of reference data: derived questions, in one place."""

from __future__ import annotations

from contracts.keys import ship_to_address_no
from contracts.planning import Location
from contracts.sales import ShipToAddress
from domainkit.procurement import need_planning_setup
from domainkit.references import ReferenceData, ReferenceQuery
from sales.domain.masters import SETUP_NO, SalesSetup


def need_setups(query: ReferenceQuery) -> None:
    """The set-ups that any decision about orders may look at."""
    query.need(SalesSetup, SETUP_NO)
    need_planning_setup(query)


def need_ship_to(query: ReferenceQuery, customer_no: str, code: str) -> None:
    """A customer's alternate address."""
    if code:
        query.need(ShipToAddress, ship_to_address_no(customer_no, code))


def sales_setup(references: ReferenceData) -> SalesSetup:
    """Sales' settings; the defaults if none were entered."""
    return references.find(SalesSetup, SETUP_NO) or SalesSetup(version=0)


def ship_to_of(references: ReferenceData, customer_no: str, code: str) -> ShipToAddress | None:
    """A customer's alternate address."""
    return references.find(ShipToAddress, ship_to_address_no(customer_no, code)) if code else None


def outbound_days(references: ReferenceData, location_code: str) -> int:
    """Days that a location needs before goods leave (BC-SD-08)."""
    location = references.find(Location, location_code)
    return location.outbound_handling_days if location else 0
