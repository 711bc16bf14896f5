"""What sales' rules ask of reference data: derived questions, in one place."""

from __future__ import annotations

from typing import Final

from contracts.keys import ship_to_address_no, stockkeeping_unit_no
from contracts.planning import Item, Location, PlanningSetup, StockkeepingUnit
from contracts.sales import ShipToAddress
from domainkit.references import ReferenceData, ReferenceQuery
from sales.domain.masters import SETUP_NO, SalesSetup

PLANNING_SETUP_NO: Final = "SETUP"
_DEFAULT_AUTOMATION: Final = "purchase_order"


def need_setups(query: ReferenceQuery) -> None:
    """The set-ups that any decision about orders may look at."""
    query.need(SalesSetup, SETUP_NO)
    query.need(PlanningSetup, PLANNING_SETUP_NO)


def need_ship_to(query: ReferenceQuery, customer_no: str, code: str) -> None:
    """A customer's alternate address."""
    if code:
        query.need(ShipToAddress, ship_to_address_no(customer_no, code))


def need_item(query: ReferenceQuery, item_no: str, location_code: str) -> None:
    """An item, and what is special about it at a location."""
    if item_no:
        query.need(Item, item_no)
        query.need(StockkeepingUnit, stockkeeping_unit_no(location_code, item_no))


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


def vendor_of(references: ReferenceData, item_no: str, location_code: str) -> str:
    """Who supplies the item at a location: the stockkeeping unit's vendor, else the item's (BC-MD-12)."""
    unit = references.find(StockkeepingUnit, stockkeeping_unit_no(location_code, item_no))
    item = references.find(Item, item_no)
    return (unit.vendor_no if unit else "") or (item.vendor_no if item else "")


def automation_of(references: ReferenceData, of_order: str) -> str:
    """How an order is procured: as it says itself, else as planning's set-up says."""
    setup = references.find(PlanningSetup, PLANNING_SETUP_NO)
    return of_order or (setup.automation if setup else "") or _DEFAULT_AUTOMATION
