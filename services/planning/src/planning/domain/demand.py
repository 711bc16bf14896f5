"""The demand of a sales order: one row per flagged line and generation, never deleted, and its requisition lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts import planning as contract
from contracts.planning import PurchaseRequest
from contracts.values import Problem
from planning.domain.masters import DEFAULT_WORKSHEET
from planning.domain.requisition import CANCEL, OPEN, RequisitionLine
from planning.domain.state import State

AWAITING: Final = "awaiting_requisition"
REQUISITIONED: Final = "requisitioned"
REQUESTED: Final = "requested"
ORDERED: Final = "ordered"
EXCEPTION: Final = "exception"
CANCELLED: Final = "cancelled"
SUPERSEDED: Final = "superseded"
"""A higher generation of the line is known; never told to others, who see the newest generation only."""

NOT_PROCURED: Final = frozenset({AWAITING, EXCEPTION, CANCELLED})

RowKey = tuple[UUID, int]


class DemandRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What became of one generation of a flagged sales line. `quantity` in the sales line's unit.

    `released`: its order was released while the line was flagged. `withdrawn`: the sales line is gone or wants
    nothing any more, while a purchase was already asked for or made.
    """

    sales_line_id: UUID
    generation: int
    sales_order_no: str
    sales_order_line_no: int
    state: str
    item_no: str
    quantity: Decimal
    due_date: date
    unit_of_measure_code: str = ""
    location_code: str = ""
    drop_shipment: bool = False
    released: bool = False
    withdrawn: bool = False
    requisition_line_id: UUID | None = None
    vendor_no: str = ""
    purchase_order_no: str | None = None
    purchase_order_line_no: int | None = None
    problem: Problem | None = None

    @property
    def key(self) -> RowKey:
        """Unique for ever."""
        return self.sales_line_id, self.generation


def _newest(rows: Iterable[DemandRow]) -> dict[UUID, DemandRow]:
    found: dict[UUID, DemandRow] = {}
    for row in rows:
        known = found.get(row.sales_line_id)
        if known is None or known.generation < row.generation:
            found[row.sales_line_id] = row
    return found


class OrderDemand(State, frozen=True, kw_only=True):
    """The demand of one sales order, and its requisition lines that are open or being carried out.

    `version` counts what planning itself did. `gettable`: a line may be taken by *get sales orders* (a hint for the
    search: may be true in vain, is never false in vain).
    """

    sales_order_no: str
    customer_no: str = ""
    version: int = 0
    gettable: bool = False
    rows: Mapping[RowKey, DemandRow] = {}
    lines: Mapping[UUID, RequisitionLine] = {}

    def newest(self) -> Iterator[DemandRow]:
        """The row with the highest generation of each sales line."""
        return iter(_newest(self.rows.values()).values())


class Decision(State, frozen=True, kw_only=True):
    """What a decision made of an order's demand, and what it asks of purchasing."""

    demand: OrderDemand
    requests: tuple[PurchaseRequest, ...] = ()


class Draft:
    """A working copy of one order's demand while a decision is made; `acted` if planning itself did something."""

    def __init__(self, demand: OrderDemand) -> None:
        self._before = demand
        self.rows: dict[RowKey, DemandRow] = dict(demand.rows)
        self._newest = _newest(demand.rows.values())
        self.lines: dict[UUID, RequisitionLine] = dict(demand.lines)
        self.customer_no = demand.customer_no
        self.gettable = demand.gettable
        self.acted = False

    def newest(self, sales_line_id: UUID) -> DemandRow | None:
        """The row with the highest generation of a sales line."""
        return self._newest.get(sales_line_id)

    def act(self, row: DemandRow, **fields: Any) -> DemandRow:
        """Planning's own act on a row: the others are told."""
        self.acted = True
        return self.learn(row, **fields)

    def learn(self, row: DemandRow, **fields: Any) -> DemandRow:
        """What planning learned from others about a row: they know it already."""
        changed = replace(row, **fields) if fields else row
        self.rows[changed.key] = changed
        known = self._newest.get(changed.sales_line_id)
        if known is None or known.generation <= changed.generation:
            self._newest[changed.sales_line_id] = changed
        return changed

    def put(self, line: RequisitionLine) -> None:
        """A new or changed requisition line."""
        self.lines[line.id] = line

    def live_lines(self, sales_line_id: UUID, *, purchases: bool = True) -> list[RequisitionLine]:
        """Requisition lines of a sales line that still ask for a purchase (or with False: for a change of one)."""
        return [
            line
            for line in self.lines.values()
            if line.sales_line_id == sales_line_id and line.is_live and line.wants_purchase is purchases
        ]

    def done(self) -> OrderDemand:
        """The state after the decision."""
        return OrderDemand(
            sales_order_no=self._before.sales_order_no,
            customer_no=self.customer_no,
            version=self._before.version + (1 if self.acted else 0),
            gettable=self.gettable,
            rows=self.rows,
            lines=self.lines,
        )


def cancel_message(row: DemandRow, line_id: UUID) -> RequisitionLine:
    """The message that a purchase line is not needed any more; a person decides what becomes of it (BC-PL-11)."""
    return RequisitionLine(
        id=line_id,
        version=1,
        worksheet=DEFAULT_WORKSHEET,
        status=OPEN,
        action_message=CANCEL,
        item_no=row.item_no,
        quantity=Decimal(0),
        original_quantity=row.quantity,
        unit_of_measure_code=row.unit_of_measure_code,
        vendor_no=row.vendor_no,
        due_date=row.due_date,
        receipt_date=row.due_date,
        order_date=row.due_date,
        original_due_date=row.due_date,
        location_code=row.location_code,
        drop_shipment=row.drop_shipment,
        special_order=not row.drop_shipment,
        sales_order_no=row.sales_order_no,
        sales_order_line_no=row.sales_order_line_no,
        sales_line_id=row.sales_line_id,
        generation=row.generation,
        purchase_order_no=row.purchase_order_no,
        purchase_order_line_no=row.purchase_order_line_no,
    )


def snapshot(demand: OrderDemand, happened: tuple[str, ...] = ()) -> contract.Demand:
    """The demand as the others see it: the newest generation of each line, in the order of the sales order."""
    rows = sorted(demand.newest(), key=lambda row: row.sales_order_line_no)
    return contract.Demand(
        version=demand.version,
        happened=happened,
        sales_order_no=demand.sales_order_no,
        lines=tuple(_told(row) for row in rows),
    )


def happenings(before: OrderDemand, after: OrderDemand) -> tuple[str, ...]:
    """The states that lines came into, for people."""
    entered = {row.state for key, row in after.rows.items() if row.state != _state_of(before, key)}
    return tuple(sorted(entered - {SUPERSEDED}))


def _state_of(demand: OrderDemand, key: RowKey) -> str:
    row = demand.rows.get(key)
    return row.state if row is not None else ""


def _told(row: DemandRow) -> contract.DemandLine:
    return contract.DemandLine(
        sales_line_id=row.sales_line_id,
        sales_order_line_no=row.sales_order_line_no,
        generation=row.generation,
        state=row.state,
        requisition_line_id=row.requisition_line_id,
        vendor_no=row.vendor_no,
        quantity=row.quantity,
        problem=row.problem,
    )
