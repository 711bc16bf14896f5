"""What a planning run knows of an item at a location: stock, demand, supply and planning parameters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.planning.fields import ZERO


class Demand(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sales line that still has to ship from stock; `quantity` in base units.

    `is_channel`: a till's order has it, whose sales order is not made yet. `overdue_since`: the day on which it was
    needed if it is planned for the first day instead.
    """

    line_id: UUID
    document_no: str
    line_no: int
    day: date
    quantity: Decimal
    is_channel: bool = False
    overdue_since: date | None = None

    @property
    def text(self) -> str:
        """The demand as explanations of messages name it."""
        document = "till's order" if self.is_channel else "sales order"
        day = self.overdue_since or self.day
        return f"{document} {self.document_no} line {self.line_no} needs {self.quantity} on {day}"


class Supply(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A purchase line that still has to bring goods into stock; `quantity` in base units.

    `fixed`: it counts and is never changed, since a part of it came (BC-PL-18). `released`: the vendor knows it, so
    a person looks at each change. `for_line`: the sales line that it was bought for; "order-to-order" with the policy
    `order` (BC-PL-19).
    """

    line_id: UUID
    document_no: str
    line_no: int
    day: date
    quantity: Decimal
    fixed: bool = False
    released: bool = False
    for_line: UUID | None = None

    @property
    def text(self) -> str:
        """The supply as explanations of messages name it."""
        return f"purchase order {self.document_no} line {self.line_no}"


class Parameters(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How the item is replenished there; quantities in base units, 0 is no bound.

    `lead_time_days`: from ordering until the goods can be used, with safety time and handling.
    """

    policy: str
    lead_time_days: int = 0
    reorder_point: Decimal = ZERO
    reorder_quantity: Decimal = ZERO
    maximum_inventory: Decimal = ZERO
    safety_stock: Decimal = ZERO
    minimum_order_quantity: Decimal = ZERO
    maximum_order_quantity: Decimal = ZERO
    order_multiple: Decimal = ZERO
    lot_accumulation_period_days: int = 0
    rescheduling_period_days: int = 0
    dampener_period_days: int = 0
    dampener_quantity: Decimal = ZERO


class Profile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An item at a location. Special orders and drop shipments are no part of it, on either side (BC-PL-07, BC-PL-09).

    `stock`: what lies there and belongs to no sales line.
    """

    item_no: str
    location_code: str
    stock: Decimal
    parameters: Parameters
    demands: tuple[Demand, ...] = ()
    supplies: tuple[Supply, ...] = ()


class Horizon(msgspec.Struct, frozen=True, gc=False):
    """The days that a run plans, both included. What lies before is taken as done (BC-PL-15); later demand waits."""

    first: date
    last: date
