"""What is answered about projected inventory: free stock over time, its causes, and the plan's effect."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import EXAMPLE_ID, Day, ItemNo, LineNo, LocationCodeOrBlank, TotalQuantity, choice
from contracts.planning.fields import ZERO
from planning.domain.masters.parameters import MaximumInventory, ReorderPoint, ReorderQuantity, SafetyStock
from planning.domain.requisitions.lines import Accepted, ActionMessage

DEMAND: Final = "demand"
SUPPLY: Final = "supply"
SALES_ORDER: Final = "sales_order"
PURCHASE_ORDER: Final = "purchase_order"
CHANNEL_ORDER: Final = "channel_order"
REQUISITION: Final = "requisition"


class PlanningLevels(msgspec.Struct, frozen=True, kw_only=True):
    """The planning parameters that stock is compared with, in base units; 0 where there is none."""

    reordering_policy: Annotated[
        str, Meta(description='How the item is replenished there; "": not planned.', examples=["maximum_qty"])
    ] = ""
    reorder_point: ReorderPoint = ZERO
    reorder_quantity: ReorderQuantity = ZERO
    maximum_inventory: MaximumInventory = ZERO
    safety_stock: SafetyStock = ZERO


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A line that will take goods from stock or bring some."""

    date: Annotated[Day, Meta(description="When it is due.", examples=["2026-03-20"])]
    kind: Annotated[str, choice(DEMAND, SUPPLY), Meta(description="What it does.", examples=[DEMAND])]
    document_kind: Annotated[
        str,
        choice(SALES_ORDER, CHANNEL_ORDER, PURCHASE_ORDER, REQUISITION),
        Meta(
            description="Of which document; `channel_order`: a till's order that has no sales order yet; "
            "`requisition`: a line that purchasing decides now.",
            examples=[SALES_ORDER],
        ),
    ]
    document_no: Annotated[
        str, Meta(description="Number of the document, or name of the worksheet.", examples=["S-1001"])
    ]
    line_no: Annotated[
        LineNo | None, Meta(description="Its line; null for a requisition line.", examples=[10000])
    ]
    quantity: Annotated[TotalQuantity, Meta(description="Base units; negative for demand.", examples=["-5"])]
    overdue: Annotated[
        bool,
        Meta(description="Due before the first day: counted on the first day.", examples=[False]),
    ]
    projected_inventory: Annotated[
        TotalQuantity, Meta(description="Stock after it; may be negative.", examples=["7"])
    ]


class PlannedChange(msgspec.Struct, frozen=True, kw_only=True):
    """An open requisition line: what would change if it were carried out. Quantities in base units."""

    requisition_line_id: Annotated[UUID, Meta(description="Id of the line.", examples=[EXAMPLE_ID])]
    worksheet: Annotated[str, Meta(description="Its worksheet.", examples=["DEFAULT"])]
    action_message: ActionMessage
    accept_action_message: Accepted
    quantity: Annotated[TotalQuantity, Meta(description="What shall come; 0 with `cancel`.", examples=["10"])]
    due_date: Annotated[Day, Meta(description="When it shall come.", examples=["2026-03-20"])]
    original_quantity: Annotated[
        TotalQuantity, Meta(description="What comes without it; 0 with `new`.", examples=["0"])
    ]
    original_due_date: Annotated[
        Day | None, Meta(description="When that comes; null with `new`.", examples=["2026-03-10"])
    ]
    purchase_order_no: Annotated[
        str | None, Meta(description="The purchase order that the message is about.", examples=["P-1001"])
    ]
    purchase_order_line_no: Annotated[LineNo | None, Meta(description="Its line.", examples=[10000])]
    warning: Annotated[str, Meta(description="What a person should look at.", examples=["exception"])]
    explanation: Annotated[
        str,
        Meta(
            description='Why; "" if a person wrote the line.',
            examples=["sales order S-1001 line 10000 needs 5 on 2026-03-20"],
        ),
    ]


class ProjectedDay(msgspec.Struct, frozen=True, kw_only=True):
    """Stock at the end of a day on which something changes."""

    date: Annotated[Day, Meta(description="The day.", examples=["2026-03-20"])]
    projected_inventory: Annotated[
        TotalQuantity, Meta(description="Stock as things are; may be negative.", examples=["-3"])
    ]
    planned_inventory: Annotated[
        TotalQuantity,
        Meta(description="Stock if all open requisition lines were carried out.", examples=["7"]),
    ]


class ProjectedInventory(PlanningLevels, frozen=True, kw_only=True):
    """Stock of an item over time. What is bought for special orders, and they themselves, are no part of it."""

    item_no: ItemNo
    description: Annotated[str, Meta(description="What the item is.", examples=["Rope, 60 m"])]
    location_code: Annotated[
        LocationCodeOrBlank | None, Meta(description="Null: all locations together.", examples=["EAST"])
    ]
    from_date: Annotated[Day, Meta(description="The first day.", examples=["2026-03-16"])]
    to_date: Annotated[
        Day,
        Meta(
            description="The last day; earlier than asked for where more than 2,000 lines follow.",
            examples=["2026-06-30"],
        ),
    ]
    inventory: Annotated[
        TotalQuantity, Meta(description="Stock now, without what belongs to sales lines.", examples=["12"])
    ]
    shortage_date: Annotated[
        Day | None, Meta(description="The first day that ends below zero.", examples=["2026-03-20"])
    ]
    planned_shortage_date: Annotated[
        Day | None,
        Meta(
            description="The first day that ends below zero with all open requisition lines.", examples=[None]
        ),
    ]
    movements: Annotated[tuple[Movement, ...], Meta(description="In the order of time.")]
    messages: Annotated[tuple[PlannedChange, ...], Meta(description="What the worksheets propose.")]
    days: Annotated[tuple[ProjectedDay, ...], Meta(description="First and last day, and each with a change.")]
