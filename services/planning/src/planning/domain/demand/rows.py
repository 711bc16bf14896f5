"""The demand of a sales order: one row per flagged line and generation, never deleted, and its requisition lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from contracts.planning import stock as contract
from contracts.planning.requests import PurchaseRequest
from contracts.sales.orders import SalesLine, SalesOrder
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.sales_lines import outstanding
from planning.domain.requisitions.scheduling import due_date_of

AWAITING: Final = "awaiting_requisition"
REQUISITIONED: Final = "requisitioned"
REQUESTED: Final = "requested"
ORDERED: Final = "ordered"
EXCEPTION: Final = "exception"
CANCELLED: Final = "cancelled"
SUPERSEDED: Final = "superseded"
"""A higher generation of the line is known; never published: other services see the newest generation only."""

NOT_PROCURED: Final = frozenset({AWAITING, EXCEPTION, CANCELLED})

RowKey = tuple[UUID, int]
"""Sales line and generation."""


class DemandRow(contract.DemandLine, frozen=True, kw_only=True, gc=False):
    """What became of one generation of a flagged sales line: what other services see of it, and the rest.

    `released`: its order was released while the line was flagged. `withdrawn`: the sales line is gone or needs
    nothing any more, but a purchase was already requested or made. `asked`: a purchase of this generation was
    requested, or purchasing linked one by itself; planning does not request another. `supply_date`: when the purchase
    line brings what is still to come. `is_of_supply`: the due date is the purchase line's, until the sales order's next
    snapshot says its own. `has_moved`: the sale was put on another day since its purchase was asked for.
    """

    sales_order_no: str
    item_no: str
    due_date: date
    unit_of_measure_code: str = ""
    location_code: str = ""
    drop_shipment: bool = False
    released: bool = False
    withdrawn: bool = False
    asked: bool = False
    supply_date: date | None = None
    is_of_supply: bool = False
    has_moved: bool = False
    purchase_order_no: str | None = None
    purchase_order_line_no: int | None = None

    @property
    def key(self) -> RowKey:
        """Sales line and generation, which no two rows share."""
        return self.sales_line_id, self.generation


def row_for(order: SalesOrder, line: SalesLine, generation: int) -> DemandRow:
    """The first record of a generation of a flagged line: it awaits a requisition."""
    if line.demand is None:
        msg = f"line {line.line_no} of {order.no} has no demand"
        raise ValueError(msg)
    return DemandRow(
        sales_line_id=line.id,
        generation=generation,
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        state=AWAITING,
        item_no=line.item_no,
        quantity=line.demand.quantity,
        due_date=due_date_of(order, line),
        unit_of_measure_code=line.unit_of_measure_code,
        location_code=line.location_code,
        drop_shipment=line.drop_shipment,
        released=line.demand.released,
    )


def is_gettable(row: DemandRow | None, line: SalesLine) -> bool:
    """Whether *get sales orders* may take the line: something is outstanding and nothing procures it (BC-SO-07)."""
    return outstanding(line) > 0 and (row is None or row.state in NOT_PROCURED)


class OrderDemand(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The demand of one sales order, and its requisition lines that are open or being carried out.

    `version` counts what planning itself did. `gettable`: *get sales orders* should look at the order. A conservative
    hint for the search: it may be true although no line can be taken, it is never false while one can.
    """

    sales_order_no: str
    customer_no: str = ""
    version: int = 0
    gettable: bool = False
    rows: Mapping[RowKey, DemandRow] = {}
    lines: Mapping[UUID, RequisitionLine] = {}

    def newest(self) -> list[DemandRow]:
        """The row with the highest generation of each sales line."""
        return list(newest_of(self.rows.values()).values())


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision made of an order's demand, and what it asks of purchasing."""

    demand: OrderDemand
    requests: tuple[PurchaseRequest, ...] = ()


def newest_of(rows: Iterable[DemandRow]) -> dict[UUID, DemandRow]:
    """The row with the highest generation, by sales line."""
    found: dict[UUID, DemandRow] = {}
    for row in rows:
        known = found.get(row.sales_line_id)
        if known is None or known.generation < row.generation:
            found[row.sales_line_id] = row
    return found


def published_demand(demand: OrderDemand, happened: tuple[str, ...] = ()) -> contract.Demand:
    """The demand as other services see it: the newest generation of each line, in the order of the sales order."""
    rows = sorted(demand.newest(), key=lambda row: row.sales_order_line_no)
    return contract.Demand(
        version=demand.version,
        happened=happened,
        sales_order_no=demand.sales_order_no,
        lines=tuple(msgspec.convert(row, contract.DemandLine, from_attributes=True) for row in rows),
    )


def event_names(before: OrderDemand, after: OrderDemand) -> tuple[str, ...]:
    """The states that lines came into, for people."""
    entered = {row.state for key, row in after.rows.items() if row.state != _state_of(before, key)}
    return tuple(sorted(entered - {SUPERSEDED}))


def _state_of(demand: OrderDemand, key: RowKey) -> str:
    row = demand.rows.get(key)
    return row.state if row is not None else ""
