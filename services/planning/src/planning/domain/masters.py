"""Items, locations, stockkeeping units, worksheets and the setup: what they hold and what is refused (BC-MD-06..13)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from contracts import planning as contract
from contracts.planning import ItemUnit
from contracts.refusals import Refusal, Violation
from contracts.sales import PurchasingCode
from planning.domain.state import Record, State

S = TypeVar("S", contract.Item, contract.Location, contract.StockkeepingUnit, contract.PlanningSetup)

SETUP_NO: Final = "SETUP"
DEFAULT_WORKSHEET: Final = "DEFAULT"

INVENTORY: Final = "inventory"
RESERVE_NEVER: Final = "never"
RESERVE_ALWAYS: Final = "always"


class PlanningParameters(Record, frozen=True, kw_only=True):
    """How an item is replenished; quantities in base units, periods in days."""

    safety_lead_time_days: int = 0
    reordering_policy: str = ""
    reorder_point: Decimal = Decimal(0)
    reorder_quantity: Decimal = Decimal(0)
    maximum_inventory: Decimal = Decimal(0)
    safety_stock: Decimal = Decimal(0)
    minimum_order_quantity: Decimal = Decimal(0)
    maximum_order_quantity: Decimal = Decimal(0)
    order_multiple: Decimal = Decimal(0)
    lot_accumulation_period_days: int = 0
    rescheduling_period_days: int = 0
    dampener_period_days: int = 0
    dampener_quantity: Decimal = Decimal(0)


class ItemCard(PlanningParameters, frozen=True, kw_only=True):
    """An item with everything that planning knows of it (BC-MD-06)."""

    no: str
    description: str = ""
    type: str = INVENTORY
    base_unit_of_measure: str = "PCS"
    units_of_measure: tuple[ItemUnit, ...] = ()
    sales_unit_of_measure: str = ""
    purchase_unit_of_measure: str = ""
    vendor_no: str = ""
    vendor_item_no: str = ""
    lead_time_days: int = 0
    unit_price: Decimal = Decimal(0)
    unit_cost: Decimal = Decimal(0)
    last_direct_cost: Decimal = Decimal(0)
    reserve: str = "optional"
    purchasing_code: str = ""
    critical: bool = False
    replenishment_system: str = "purchase"
    blocked: bool = False
    sales_blocked: bool = False
    purchasing_blocked: bool = False
    tax_pct: Decimal = Decimal(0)

    def qty_per(self, unit_code: str) -> Decimal | None:
        """Base units in one of a unit; "" means the base unit; None if the item has no such unit."""
        if not unit_code or unit_code == self.base_unit_of_measure:
            return Decimal(1)
        return next((u.qty_per for u in self.units_of_measure if u.code == unit_code), None)


class LocationCard(Record, frozen=True, kw_only=True):
    """Where goods lie; handling times in days (BC-MD-20)."""

    code: str
    name: str = ""
    address: str = ""
    address_2: str = ""
    city: str = ""
    post_code: str = ""
    region: str = ""
    country_code: str = ""
    contact: str = ""
    phone: str = ""
    inbound_handling_days: int = 0
    outbound_handling_days: int = 0


class StockkeepingUnitCard(PlanningParameters, frozen=True, kw_only=True):
    """An item at a location: overrides the item's vendor, lead time and planning parameters (BC-MD-12)."""

    location_code: str
    item_no: str
    vendor_no: str = ""
    lead_time_days: int | None = None

    @property
    def no(self) -> str:
        """Its key among the masters."""
        return f"{self.location_code}/{self.item_no}"


class Setup(Record, frozen=True, kw_only=True):
    """How planning works here. `automation_limit_amount`: company's currency, per purchase order; 0 = no limit."""

    automation: str = "purchase_order"
    automation_limit_amount: Decimal = Decimal(0)
    location_mandatory: bool = False
    prevent_negative_inventory: bool = False

    @property
    def no(self) -> str:
        """Its key among the masters."""
        return SETUP_NO


class Worksheet(Record, frozen=True, kw_only=True):
    """A named list of requisition lines."""

    name: str
    description: str = ""

    @property
    def no(self) -> str:
        """Its key among the masters."""
        return self.name


class ItemNeighbours(State, frozen=True, kw_only=True):
    """What an item's check looks up: whether its vendor exists, its purchasing code, and whether it was ever moved."""

    vendor_known: bool = True
    purchasing_code: PurchasingCode | None = None
    has_ledger_entries: bool = False


def with_base_unit(item: ItemCard) -> ItemCard:
    """The item with its base unit among its units."""
    if any(u.code == item.base_unit_of_measure for u in item.units_of_measure):
        return item
    base = ItemUnit(code=item.base_unit_of_measure, qty_per=Decimal(1))
    return msgspec.structs.replace(item, units_of_measure=(base, *item.units_of_measure))


def check_item(item: ItemCard, before: ItemCard | None, around: ItemNeighbours) -> None:
    """Refuse an item that contradicts itself or names what does not exist; all reasons at once (BC-MD-06, 09)."""
    found = [
        *_unit_faults(item),
        *_reserve_faults(item),
        *_parameter_faults(item),
        *_lookup_faults(item, around),
        *_history_faults(item, before, around),
    ]
    if found:
        waits = []
        if not around.vendor_known:
            waits.append(("vendor", item.vendor_no))
        if item.purchasing_code and around.purchasing_code is None:
            waits.append(("purchasing-code", item.purchasing_code))
        raise Refusal(*found, waits_for=tuple(waits))


def check_parameters(unit: PlanningParameters) -> None:
    """Refuse planning parameters that contradict each other (BC-PL-25)."""
    found = tuple(_parameter_faults(unit))
    if found:
        raise Refusal(*found)


def item_warnings(item: ItemCard, code: PurchasingCode | None) -> tuple[tuple[str, str], ...]:
    """(code, detail) of what is accepted although it will get in the way (BC-MD-10)."""
    if item.reserve == RESERVE_ALWAYS and code is not None and code.special_order:
        detail = f"reserve is always, but purchasing code {code.code} is a special order: its sales lines get never"
        return (("reserve-must-be-never", detail),)
    return ()


def item_snapshot(item: ItemCard, happened: str) -> contract.Item:
    """The item as the others see it."""
    return _snapshot(item, contract.Item, happened)


def location_snapshot(location: LocationCard, happened: str) -> contract.Location:
    """The location as the others see it."""
    return _snapshot(location, contract.Location, happened)


def unit_snapshot(unit: StockkeepingUnitCard, happened: str) -> contract.StockkeepingUnit:
    """The stockkeeping unit as the others see it."""
    return _snapshot(unit, contract.StockkeepingUnit, happened)


def setup_snapshot(setup: Setup, happened: str) -> contract.PlanningSetup:
    """The part of the setup that concerns the others."""
    return _snapshot(setup, contract.PlanningSetup, happened)


def _snapshot(record: Record, model: type[S], happened: str) -> S:
    found = msgspec.convert(record, model, from_attributes=True)
    return msgspec.structs.replace(found, happened=(happened,) if happened else ())


def _unit_faults(item: ItemCard) -> Iterator[Violation]:
    codes = [u.code for u in item.units_of_measure]
    for i, unit in enumerate(item.units_of_measure):
        if unit.code in codes[:i]:
            yield Violation(
                "duplicate-unit-of-measure", f"{unit.code} is listed twice", f"/units_of_measure/{i}/code"
            )
        if unit.code == item.base_unit_of_measure and unit.qty_per != 1:
            yield Violation(
                "base-unit-is-one", f"one {unit.code} is one base unit", f"/units_of_measure/{i}/qty_per"
            )
    for name in ("sales_unit_of_measure", "purchase_unit_of_measure"):
        code = getattr(item, name)
        if code and item.qty_per(code) is None:
            yield Violation("unknown-unit-of-measure", f"item {item.no} has no unit {code}", f"/{name}")


def _reserve_faults(item: ItemCard) -> Iterator[Violation]:
    if item.type != INVENTORY and item.reserve != RESERVE_NEVER:
        yield Violation(
            "reserve-must-be-never",
            f"a {item.type} item has no stock to reserve: reserve must be never",
            "/reserve",
        )


def _parameter_faults(item: PlanningParameters) -> Iterator[Violation]:
    least, most, multiple = item.minimum_order_quantity, item.maximum_order_quantity, item.order_multiple
    if most and least > most:
        yield Violation(
            "minimum-above-maximum",
            f"minimum order quantity {least} is above the maximum {most}",
            "/minimum_order_quantity",
        )
    if multiple and most and multiple > most:
        yield Violation(
            "multiple-above-maximum",
            f"order multiple {multiple} is above the maximum {most}",
            "/order_multiple",
        )
    if multiple and least and multiple > least:
        yield Violation(
            "multiple-above-minimum",
            f"order multiple {multiple} is above the minimum {least}",
            "/order_multiple",
        )


def _lookup_faults(item: ItemCard, around: ItemNeighbours) -> Iterator[Violation]:
    if item.vendor_no and not around.vendor_known:
        yield Violation("unknown-vendor", f"vendor {item.vendor_no} does not exist", "/vendor_no")
    if item.purchasing_code and around.purchasing_code is None:
        yield Violation(
            "unknown-purchasing-code",
            f"purchasing code {item.purchasing_code} does not exist",
            "/purchasing_code",
        )


def _history_faults(item: ItemCard, before: ItemCard | None, around: ItemNeighbours) -> Iterator[Violation]:
    """What was posted was posted in base units of that type of item."""
    if before is None or not around.has_ledger_entries:
        return
    for name in ("base_unit_of_measure", "type"):
        if getattr(item, name) != getattr(before, name):
            yield Violation(
                "has-postings", f"{name} of item {item.no} cannot change after postings", f"/{name}"
            )
