"""Request bodies."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from pydantic import Field

from contracts.planning import ItemUnit
from httpkit.fields import (
    AddressInput,
    Code10,
    Code10OrBlank,
    Date,
    Days,
    Factor,
    Flag,
    Input,
    Money,
    No20,
    No20OrBlank,
    NonNegative,
    Percent,
    Quantity,
    SignedQuantity,
    Text50,
    Text100,
)
from planning.domain.journal import JournalLine, JournalPosting
from planning.domain.masters import (
    INVENTORY,
    RESERVE_NEVER,
    ItemCard,
    LocationCard,
    Setup,
    StockkeepingUnitCard,
    Worksheet,
    with_base_unit,
)
from planning.domain.worksheets import GetSalesOrders, NewLine
from planning.use_cases.carry_out import MAX_LINES, CarryOut
from planning.use_cases.change_requisition_lines import ChangeLine

JOURNAL_LINES_MAX = 1000
UNITS_MAX = 50

_LEFT_OUT: Any = None
"""Default of fields that may be left out and not be null; only what was sent is looked at."""

_ZERO: Any = Decimal(0)

ReorderingPolicy = Literal["", "fixed_reorder_qty", "maximum_qty", "order", "lot_for_lot"]


class ParametersInput(Input):
    """How an item is replenished; quantities in base units (BC-PL-29: none is negative)."""

    safety_lead_time_days: Days = 0
    reordering_policy: ReorderingPolicy = ""
    reorder_point: NonNegative = _ZERO
    reorder_quantity: NonNegative = _ZERO
    maximum_inventory: NonNegative = _ZERO
    safety_stock: NonNegative = _ZERO
    minimum_order_quantity: NonNegative = _ZERO
    maximum_order_quantity: NonNegative = _ZERO
    order_multiple: NonNegative = _ZERO
    lot_accumulation_period_days: Days = 0
    rescheduling_period_days: Days = 0
    dampener_period_days: Days = 0
    dampener_quantity: NonNegative = _ZERO


class UnitInput(Input):
    code: Code10
    qty_per: Factor


class ItemInput(ParametersInput):
    """An item; left-out fields get their defaults (reserve: `never` where there is no stock, else `optional`)."""

    description: Text100 = ""
    type: Literal["inventory", "non_inventory", "service"] = "inventory"
    base_unit_of_measure: Code10 = "PCS"
    units_of_measure: Annotated[tuple[UnitInput, ...], Field(max_length=UNITS_MAX)] = ()
    sales_unit_of_measure: Code10OrBlank = ""
    purchase_unit_of_measure: Code10OrBlank = ""
    vendor_no: No20OrBlank = ""
    vendor_item_no: Text50 = ""
    lead_time_days: Days = 0
    unit_price: Money = _ZERO
    unit_cost: Money = _ZERO
    last_direct_cost: Money = _ZERO
    reserve: Literal["never", "optional", "always"] = _LEFT_OUT
    purchasing_code: Code10OrBlank = ""
    critical: Flag = False
    replenishment_system: Literal["purchase"] = "purchase"
    blocked: Flag = False
    sales_blocked: Flag = False
    purchasing_blocked: Flag = False
    tax_pct: Percent = _ZERO

    def item(self, no: str) -> ItemCard:
        """The wish, with the base unit among the units."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        values["units_of_measure"] = tuple(
            ItemUnit(code=u.code, qty_per=u.qty_per) for u in self.units_of_measure
        )
        if "reserve" not in self.model_fields_set:
            values["reserve"] = "optional" if self.type == INVENTORY else RESERVE_NEVER
        return with_base_unit(ItemCard(no=no, **values))


class LocationInput(AddressInput):
    inbound_handling_days: Days = 0
    outbound_handling_days: Days = 0

    def location(self, code: str) -> LocationCard:
        """The wish."""
        return LocationCard(code=code, **self.model_dump())


class StockkeepingUnitInput(ParametersInput):
    """An item at a location; `lead_time_days` null or left out = the item's (BC-MD-12)."""

    vendor_no: No20OrBlank = ""
    lead_time_days: Days | None = None

    def unit(self, location_code: str, item_no: str) -> StockkeepingUnitCard:
        """The wish."""
        return StockkeepingUnitCard(location_code=location_code, item_no=item_no, **self.model_dump())


class SetupInput(Input):
    automation: Literal["manual", "requisition", "purchase_order"] = "purchase_order"
    automation_limit_amount: Money = _ZERO
    location_mandatory: Flag = False
    prevent_negative_inventory: Flag = False

    def setup(self) -> Setup:
        """The wish."""
        return Setup(**self.model_dump())


class WorksheetInput(Input):
    description: Text100 = ""

    def worksheet(self, name: str) -> Worksheet:
        """The wish."""
        return Worksheet(name=name, description=self.description)


class JournalLineInput(Input):
    """`quantity` in base units, negative = out."""

    item_no: No20
    location_code: Code10OrBlank = ""
    quantity: SignedQuantity
    reason: Text100 = ""


class JournalInput(Input):
    lines: Annotated[tuple[JournalLineInput, ...], Field(min_length=1, max_length=JOURNAL_LINES_MAX)]
    posting_date: Date | None = None

    def posting(self) -> JournalPosting:
        """The wish."""
        lines = tuple(JournalLine(x.item_no, x.location_code, x.quantity, x.reason) for x in self.lines)
        return JournalPosting(lines, self.posting_date)


class NewLineInput(Input):
    item_no: No20
    quantity: Quantity
    description: Text100 | None = None
    unit_of_measure_code: Code10 | None = None
    vendor_no: No20OrBlank | None = None
    due_date: Date | None = None
    location_code: Code10OrBlank = ""
    action_message: Literal["", "new"] = "new"
    accept_action_message: Flag = False

    def line(self, worksheet: str) -> NewLine:
        """The wish."""
        return NewLine(worksheet=worksheet, **self.model_dump())


class LineChangeInput(Input):
    """Only what is sent changes. `action_message: new` accepts the line (BC-SO-14)."""

    quantity: Quantity = _LEFT_OUT
    vendor_no: No20OrBlank = _LEFT_OUT
    due_date: Date = _LEFT_OUT
    order_date: Date = _LEFT_OUT
    location_code: Code10OrBlank = _LEFT_OUT
    unit_of_measure_code: Code10 = _LEFT_OUT
    description: Text100 = _LEFT_OUT
    action_message: Literal["", "new", "cancel"] = _LEFT_OUT
    accept_action_message: Flag = _LEFT_OUT

    def change(self, worksheet: str, line_id: UUID) -> ChangeLine:
        """The wish."""
        return ChangeLine(worksheet, line_id, {name: getattr(self, name) for name in self.model_fields_set})


class GetSalesOrdersInput(Input):
    kind: Literal["special_order", "drop_shipment", "both"] = "both"
    sales_order_no: No20OrBlank = ""
    customer_no: No20OrBlank = ""
    item_no: No20OrBlank = ""

    def wish(self, worksheet: str) -> GetSalesOrders:
        """The wish."""
        return GetSalesOrders(worksheet=worksheet, **self.model_dump())


class CarryOutInput(Input):
    """Without `line_ids` all accepted lines; naming a line accepts it."""

    line_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MAX_LINES)] | None = None
    order_date: Date | None = None

    def wish(self, worksheet: str) -> CarryOut:
        """The wish."""
        ids = None if self.line_ids is None else tuple(dict.fromkeys(self.line_ids))
        return CarryOut(worksheet=worksheet, line_ids=ids, order_date=self.order_date)


def line_id(value: str) -> UUID | None:
    """The id in a path; None if it cannot be one."""
    try:
        return msgspec.convert(value, UUID)
    except msgspec.ValidationError:
        return None
