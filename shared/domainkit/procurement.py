"""What sales and the gateway must agree on about buying for a line: from whom, and whether that happens by itself."""

from __future__ import annotations

from typing import Final

from contracts.keys import stockkeeping_unit_no
from contracts.planning.masters import (
    Item,
    ItemDetails,
    PlanningSetup,
    StockkeepingUnit,
    StockkeepingUnitDetails,
)
from domainkit.references import ReferenceData, ReferenceQuery

PLANNING_SETUP_NO: Final = "SETUP"
BUYS_BY_ITSELF: Final = "purchase_order"
"""The automation that makes purchase orders; the default."""


def need_planning_setup(query: ReferenceQuery) -> None:
    """The set-up that says how lines are procured."""
    query.need(PlanningSetup, PLANNING_SETUP_NO)


def need_item(query: ReferenceQuery, item_no: str, location_code: str) -> None:
    """An item, and what is special about it at a location."""
    if item_no:
        query.need(Item, item_no)
        query.need(StockkeepingUnit, stockkeeping_unit_no(location_code, item_no))


def vendor_of(references: ReferenceData, item_no: str, location_code: str) -> str:
    """Number of the vendor who supplies the item at a location; "" if there is none."""
    unit = references.find(StockkeepingUnit, stockkeeping_unit_no(location_code, item_no))
    return supplier_of(unit, references.find(Item, item_no))


def supplier_of(unit: StockkeepingUnitDetails | None, item: ItemDetails | None) -> str:
    """The vendor of the stockkeeping unit, else of the item; "" if neither has one (BC-MD-12)."""
    return (unit.vendor_no if unit else "") or (item.vendor_no if item else "")


def automation_of(references: ReferenceData, of_order: str = "") -> str:
    """How far release goes by itself: as the order says itself, else as planning's set-up says."""
    setup = references.find(PlanningSetup, PLANNING_SETUP_NO)
    return of_order or (setup.automation if setup else "") or BUYS_BY_ITSELF


def buys_by_itself(references: ReferenceData, of_order: str = "") -> bool:
    """Whether release makes purchase orders."""
    return automation_of(references, of_order) == BUYS_BY_ITSELF


def prevents_negative_inventory(references: ReferenceData) -> bool:
    """Whether no more leaves than is there, as planning's set-up says."""
    setup = references.find(PlanningSetup, PLANNING_SETUP_NO)
    return setup is not None and setup.prevent_negative_inventory
