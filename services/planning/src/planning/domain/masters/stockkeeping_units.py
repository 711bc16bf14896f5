"""Stockkeeping units: what is special about an item at a location (BC-MD-12)."""

from __future__ import annotations

import msgspec

from contracts.fields import ItemNo, LocationCode, Version
from contracts.keys import stockkeeping_unit_no
from contracts.planning import masters as contract
from contracts.planning.fields import ZERO, ReorderingPolicy
from contracts.planning.masters import Location, StockkeepingUnitDetails
from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations
from contracts.values import Deleted, Happened
from domainkit.references import ReferenceData
from planning.domain.masters import parameters as p
from planning.domain.masters.items import ItemCard
from planning.domain.masters.parameters import check_order_quantities


class PlannedUnit(StockkeepingUnitDetails, frozen=True, kw_only=True):
    """A stockkeeping unit with its planning parameters."""

    reordering_policy: ReorderingPolicy = ""
    reorder_point: p.ReorderPoint = ZERO
    reorder_quantity: p.ReorderQuantity = ZERO
    maximum_inventory: p.MaximumInventory = ZERO
    safety_stock: p.SafetyStock = ZERO
    minimum_order_quantity: p.MinimumOrderQuantity = ZERO
    maximum_order_quantity: p.MaximumOrderQuantity = ZERO
    order_multiple: p.OrderMultiple = ZERO
    lot_accumulation_period_days: p.LotAccumulationPeriodDays = 0
    rescheduling_period_days: p.ReschedulingPeriodDays = 0
    dampener_period_days: p.DampenerPeriodDays = 0
    dampener_quantity: p.DampenerQuantity = ZERO


class StockkeepingUnitCard(PlannedUnit, frozen=True, kw_only=True):
    """An item at a location: overrides the item's vendor, lead time and planning parameters (BC-MD-12)."""

    location_code: LocationCode
    item_no: ItemNo
    version: Version = 0
    happened: Happened = ()
    deleted: Deleted = False

    @property
    def no(self) -> str:
        """Its key among the master data."""
        return stockkeeping_unit_no(self.location_code, self.item_no)


def check_unit_card(unit: StockkeepingUnitCard, references: ReferenceData) -> None:
    """Refuse a unit that names what does not exist, or that contradicts itself."""
    found = Violations()
    if references.find(ItemCard, unit.item_no) is None:
        found.unknown("item", unit.item_no)
    if references.find(Location, unit.location_code) is None:
        found.unknown("location", unit.location_code)
    if unit.vendor_no and references.find(Vendor, unit.vendor_no) is None:
        found.unknown("vendor", unit.vendor_no, "/vendor_no", copy_of="vendor")
    check_order_quantities(found, unit)
    found.refuse_if_any()


def published_unit(unit: StockkeepingUnitCard) -> contract.StockkeepingUnit:
    """The stockkeeping unit as other services see it."""
    return msgspec.convert(unit, contract.StockkeepingUnit, from_attributes=True)
