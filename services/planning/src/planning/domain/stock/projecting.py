"""Projects inventory: free stock over time with each demand and supply, as it is and with the plan's effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import asdict, replace

from contracts.planning.fields import ZERO
from contracts.refusals import invalid
from domainkit.days import days_after
from domainkit.money import plain_quantity
from planning.domain.requisitions.lines import CARRYING_OUT, RequisitionLine
from planning.domain.stock.availability import PURCHASE, SALE, OpenLine
from planning.domain.stock.projected_inventory import (
    CHANNEL_ORDER,
    DEMAND,
    PURCHASE_ORDER,
    REQUISITION,
    SALES_ORDER,
    SUPPLY,
    Movement,
    PlannedChange,
    PlanningLevels,
    ProjectedDay,
    ProjectedInventory,
)

_DAYS_AFTER_LAST: Final = 7
"""Days that are shown after the last movement where no last day is asked for."""
_DAYS_AT_LEAST: Final = 30


class ItemAtLocation(msgspec.Struct, frozen=True, kw_only=True):
    """What is projected: `location_code` None means all locations together; `free` is stock kept for no order."""

    item_no: str
    description: str
    location_code: str | None
    levels: PlanningLevels
    free: Decimal = ZERO


def check_days(from_date: date, to_date: date | None) -> None:
    """Refuse days in the wrong order."""
    if to_date is not None and to_date < from_date:
        raise invalid(
            "end-before-start", f"the projection ends on {to_date}, before {from_date}", pointer="/to_date"
        )


def project(
    item: ItemAtLocation,
    open_lines: Sequence[OpenLine],
    requisitions: Sequence[RequisitionLine],
    *,
    from_date: date,
    to_date: date | None,
) -> ProjectedInventory:
    """Stock from the first day on; what is overdue is counted on the first day.

    `requisitions`: live lines that buy into stock. Those that are being carried out are supply already; open ones are
    the plan, whose messages change the purchase lines that they name.
    """
    asked = [line for line in requisitions if line.status == CARRYING_OUT and line.wants_purchase]
    movements = sorted([*map(_of_open_line, open_lines), *map(_of_requisition, asked)], key=_place)
    changes = [line for line in requisitions if line.status != CARRYING_OUT]
    shifts = list(_shifts(changes, open_lines))
    last = to_date or _last_day(from_date, [*(m.date for m in movements), *(day for day, _ in shifts)])
    shown = _with_stock([m for m in movements if m.date <= last], item.free, from_date)
    days = tuple(_days(item.free, shown, [s for s in shifts if s[0] <= last], from_date, last))
    return ProjectedInventory(
        **asdict(item.levels),
        item_no=item.item_no,
        description=item.description,
        location_code=item.location_code,
        from_date=from_date,
        to_date=last,
        inventory=plain_quantity(item.free),
        shortage_date=next((day.date for day in days if day.projected_inventory < 0), None),
        planned_shortage_date=next((day.date for day in days if day.planned_inventory < 0), None),
        movements=tuple(shown),
        messages=tuple(map(_change, changes)),
        days=days,
    )


def _of_open_line(line: OpenLine) -> Movement:
    is_demand = line.source != PURCHASE
    kinds = {SALE: SALES_ORDER, PURCHASE: PURCHASE_ORDER}
    return Movement(
        date=line.due_date,
        kind=DEMAND if is_demand else SUPPLY,
        document_kind=kinds.get(line.source, CHANNEL_ORDER),
        document_no=line.document_no,
        line_no=line.line_no,
        quantity=-line.quantity if is_demand else line.quantity,
        overdue=False,
        projected_inventory=ZERO,
    )


def _of_requisition(line: RequisitionLine) -> Movement:
    return Movement(
        date=line.due_date,
        kind=SUPPLY,
        document_kind=REQUISITION,
        document_no=line.worksheet,
        line_no=None,
        quantity=_base_quantity(line),
        overdue=False,
        projected_inventory=ZERO,
    )


def _base_quantity(line: RequisitionLine) -> Decimal:
    return plain_quantity(line.quantity * line.qty_per_unit_of_measure)


def _place(movement: Movement) -> tuple[date, bool, str, int]:
    """Within a day supply comes first: only what is missing at the end of a day is missing."""
    return movement.date, movement.kind == DEMAND, movement.document_no, movement.line_no or 0


def _with_stock(movements: Iterable[Movement], stock: Decimal, first: date) -> list[Movement]:
    found = []
    for movement in movements:
        stock = plain_quantity(stock + movement.quantity)
        found.append(replace(movement, projected_inventory=stock, overdue=movement.date < first))
    return found


def _shifts(
    changes: Iterable[RequisitionLine], open_lines: Iterable[OpenLine]
) -> Iterator[tuple[date, Decimal]]:
    """(day, quantity) by which the plan changes stock from that day on."""
    coming = {(line.document_no, line.line_no): line for line in open_lines if line.source == PURCHASE}
    for change in changes:
        if not change.wants_purchase:
            now = coming.get((change.purchase_order_no or "", change.purchase_order_line_no or 0))
            if now is None:  # it has come, or is gone: the message has nothing left to change
                continue
            yield now.due_date, -now.quantity
        quantity = _base_quantity(change)
        if quantity:
            yield change.due_date, quantity


def _last_day(first: date, days: Iterable[date]) -> date:
    last = max(days, default=first)
    return max(days_after(first, _DAYS_AT_LEAST), days_after(last, _DAYS_AFTER_LAST))


def _days(
    stock: Decimal,
    movements: Sequence[Movement],
    shifts: Sequence[tuple[date, Decimal]],
    first: date,
    last: date,
) -> Iterator[ProjectedDay]:
    by_day: dict[date, Decimal] = {first: ZERO, last: ZERO}
    planned_by_day: dict[date, Decimal] = {}
    for movement in movements:
        day = max(movement.date, first)
        by_day[day] = by_day.get(day, ZERO) + movement.quantity
    for shifted_on, quantity in shifts:
        day = max(shifted_on, first)
        by_day.setdefault(day, ZERO)
        planned_by_day[day] = planned_by_day.get(day, ZERO) + quantity
    planned = stock
    for day in sorted(by_day):
        stock += by_day[day]
        planned += by_day[day] + planned_by_day.get(day, ZERO)
        yield ProjectedDay(
            date=day, projected_inventory=plain_quantity(stock), planned_inventory=plain_quantity(planned)
        )


def _change(line: RequisitionLine) -> PlannedChange:
    is_new = line.wants_purchase
    return PlannedChange(
        requisition_line_id=line.id,
        worksheet=line.worksheet,
        action_message=line.action_message,
        accept_action_message=line.accept_action_message,
        quantity=_base_quantity(line),
        due_date=line.due_date,
        original_quantity=ZERO if is_new else plain_quantity(line.original_quantity),
        original_due_date=None if is_new else line.original_due_date,
        purchase_order_no=line.purchase_order_no,
        purchase_order_line_no=line.purchase_order_line_no,
        warning=line.warning,
        explanation=line.explanation,
    )
