"""Items: what planning knows of them, and what is refused (BC-MD-06 to 11)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import asdict, replace

from contracts.fields import ItemNo, Version
from contracts.planning import masters as contract
from contracts.planning.fields import ZERO, CreatedFromCatalog, Reserve
from contracts.planning.masters import ItemDetails, ItemUnit
from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations
from contracts.sales.masters import PurchasingCode
from contracts.values import Deleted, Happened
from domainkit.money import check_amount
from domainkit.references import ReferenceData
from planning.domain.masters import parameters as p
from planning.domain.masters.parameters import check_order_quantities

INVENTORY: Final = "inventory"
RESERVE_NEVER: Final = "never"
RESERVE_OPTIONAL: Final = "optional"
RESERVE_ALWAYS: Final = "always"


class PlannedItem(ItemDetails, frozen=True, kw_only=True):
    """An item with its planning parameters."""

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


class PutItem(PlannedItem, frozen=True, kw_only=True):
    """An item as it shall be. Fields that are left out get their defaults."""

    reserve: Reserve | UnsetType = UNSET
    """Left out: `never` where there is no stock, else `optional`."""


class ItemCard(PlannedItem, frozen=True, kw_only=True):
    """An item with everything that planning knows of it (BC-MD-06)."""

    no: ItemNo
    reserve: Reserve = RESERVE_OPTIONAL
    created_from_catalog: CreatedFromCatalog = False
    version: Version = 0
    happened: Happened = ()
    deleted: Deleted = False

    def qty_per(self, unit_code: str) -> Decimal | None:
        """Base units in one of a unit; "" means the base unit; None if the item has no such unit."""
        if not unit_code or unit_code == self.base_unit_of_measure:
            return Decimal(1)
        return next((u.qty_per for u in self.units_of_measure if u.code == unit_code), None)


def item_card(no: str, item: PutItem) -> ItemCard:
    """The record that a PUT asks for, with the base unit among its units."""
    members = asdict(item)
    if members["reserve"] is UNSET:
        members["reserve"] = RESERVE_OPTIONAL if item.type == INVENTORY else RESERVE_NEVER
    return _with_base_unit(ItemCard(no=no, **members))


def _with_base_unit(item: ItemCard) -> ItemCard:
    if any(u.code == item.base_unit_of_measure for u in item.units_of_measure):
        return item
    base = ItemUnit(code=item.base_unit_of_measure, qty_per=Decimal(1))
    return replace(item, units_of_measure=(base, *item.units_of_measure))


def check_item_card(
    item: ItemCard, before: ItemCard | None, references: ReferenceData, *, has_ledger_entries: bool
) -> None:
    """Refuse an item that contradicts itself or names what does not exist (BC-MD-06, 09).

    `has_ledger_entries`: goods of this item were moved before.
    """
    found = Violations()
    _check_units(found, item)
    _check_reserve(found, item)
    check_order_quantities(found, item)
    _check_names(found, item, references)
    for name in ("unit_price", "unit_cost", "last_direct_cost"):
        check_amount(found, getattr(item, name), references.home_currency, f"/{name}")
    if before is not None and has_ledger_entries:
        _check_history(found, item, before)
    found.refuse_if_any()


def _check_units(found: Violations, item: ItemCard) -> None:
    codes = [u.code for u in item.units_of_measure]
    for i, unit in enumerate(item.units_of_measure):
        where = f"/units_of_measure/{i}"
        if unit.code in codes[:i]:
            found.invalid("duplicate-unit-of-measure", f"{unit.code} is listed twice", f"{where}/code")
        if unit.code == item.base_unit_of_measure and unit.qty_per != 1:
            found.invalid("base-unit-is-one", f"one {unit.code} is one base unit", f"{where}/qty_per")
    for name in ("sales_unit_of_measure", "purchase_unit_of_measure"):
        code = getattr(item, name)
        if code and item.qty_per(code) is None:
            found.invalid("unknown-unit-of-measure", f"item {item.no} has no unit {code}", f"/{name}")


def _check_reserve(found: Violations, item: ItemCard) -> None:
    if item.type != INVENTORY and item.reserve != RESERVE_NEVER:
        detail = f"a {item.type} item has no stock to reserve: reserve must be never"
        found.invalid("reserve-must-be-never", detail, "/reserve")


def _check_names(found: Violations, item: ItemCard, references: ReferenceData) -> None:
    if item.vendor_no and references.find(Vendor, item.vendor_no) is None:
        found.unknown("vendor", item.vendor_no, "/vendor_no", copy_of="vendor")
    code = item.purchasing_code
    if code and references.find(PurchasingCode, code) is None:
        found.unknown("purchasing-code", code, "/purchasing_code", copy_of="purchasing-code")


def _check_history(found: Violations, item: ItemCard, before: ItemCard) -> None:
    """What was posted was posted in base units of that type of item."""
    for name in ("base_unit_of_measure", "type"):
        if getattr(item, name) != getattr(before, name):
            detail = f"{name} of item {item.no} cannot change after postings"
            found.conflict("has-postings", detail, f"/{name}")


def must_not_reserve(item: ItemCard, references: ReferenceData) -> str:
    """The warning that reserving the item always conflicts with its special orders; "" if it does not (BC-MD-10)."""
    code = references.find(PurchasingCode, item.purchasing_code)
    if item.reserve == RESERVE_ALWAYS and code is not None and code.special_order:
        return f"reserve is always, but purchasing code {code.code} is a special order: its sales lines get never"
    return ""


def published_item(item: ItemCard) -> contract.Item:
    """The item as other services see it."""
    return msgspec.convert(item, contract.Item, from_attributes=True)
