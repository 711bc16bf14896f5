"""What sales' rules ask of reference data: derived questions, in one place."""

from __future__ import annotations

from contracts.keys import ship_to_address_no
from contracts.planning.masters import CatalogItem, Item, ItemUnit, Location
from contracts.sales.masters import ShipToAddress
from domainkit.money import ONE
from domainkit.procurement import need_planning_setup, vendor_of
from domainkit.references import ReferenceData, ReferenceQuery
from sales.domain.masters import SETUP_NO, SalesSetup
from sales.domain.orders.lines import Line


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


def vendor_of_line(references: ReferenceData, line: Line) -> str:
    """Who supplies a line. The item of a catalog item may be on its way: then the catalog says it."""
    vendor_no = vendor_of(references, line.item_no, line.location_code)
    if vendor_no or not line.catalog_entry_no:
        return vendor_no
    item = item_of_catalog(references, line.catalog_entry_no)
    return item.vendor_no if item else ""


def item_of_catalog(references: ReferenceData, entry_no: str) -> Item | None:
    """The item of a catalog item: as it is, or as it will be once the line made it (BC-MD-27)."""
    entry = references.find(CatalogItem, entry_no)
    if entry is None:
        return None
    unit = ItemUnit(code=entry.unit_of_measure_code, qty_per=ONE)
    will_be = Item(
        version=1,
        no=entry.item_no,
        description=entry.description,
        base_unit_of_measure=unit.code,
        units_of_measure=(unit,),
        vendor_no=entry.vendor_no,
        vendor_item_no=entry.vendor_item_no,
        unit_price=entry.unit_price,
        unit_cost=entry.direct_unit_cost,
        last_direct_cost=entry.direct_unit_cost,
        purchasing_code=entry.purchasing_code,
        tax_pct=entry.tax_pct,
        created_from_catalog=True,
    )
    return references.find(Item, entry.item_no) or will_be
