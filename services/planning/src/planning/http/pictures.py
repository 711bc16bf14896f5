"""Projected inventory as a chart that a buyer reads: stock, its levels, what comes and goes, and the plan."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from domainkit.money import plain_quantity
from paperkit.charts import Bar, Chart, Key, Level, Line, Point, plain
from planning.domain.requisitions.lines import CANCEL
from planning.domain.stock.projected_inventory import (
    DEMAND,
    PURCHASE_ORDER,
    Movement,
    PlannedChange,
    ProjectedInventory,
)

_NOTES_MAX: Final = 6
"""Messages in words below the chart."""
_NOTE_LENGTH_MAX: Final = 135
_ACTIONS: Final = {
    "change_qty": "Change Qty.",
    "reschedule": "Reschedule",
    "resched_and_chg_qty": "Resched. & Chg. Qty.",
    "cancel": "Cancel",
}


def chart_of(projected: ProjectedInventory) -> Chart:
    """The chart of a projected inventory: stock over time, reorder point and the plan's effect."""
    where = "all locations" if projected.location_code is None else projected.location_code or "no location"
    changed = {(m.purchase_order_no, m.purchase_order_line_no) for m in projected.messages}
    has_plan = bool(projected.messages)
    planned = [Point(day.date, day.planned_inventory) for day in projected.days]
    lines = [
        Line(
            label="projected inventory",
            style="projected",
            points=tuple(Point(day.date, day.projected_inventory) for day in projected.days),
        )
    ]
    if has_plan:
        lines.append(Line(label="with the worksheets' messages", style="planned", points=tuple(planned)))
    keys = [Key("demand", "demand"), Key("supply", "supply")]
    keys += [Key("planned", "plan"), Key("changed or cancelled", "removed")] if has_plan else []
    return Chart(
        title=f"{projected.item_no} {projected.description}".strip(),
        subtitle=f"Projected inventory at {where}, {projected.from_date} to {projected.to_date}; {_stock(projected)}",
        first=projected.from_date,
        last=projected.to_date,
        lines=tuple(lines),
        levels=tuple(_levels(projected)),
        bars=(
            *(_bar(m, projected, (m.document_no, m.line_no) in changed) for m in projected.movements),
            *(_planned_bar(m, projected) for m in projected.messages if m.action_message != CANCEL),
        ),
        keys=tuple(keys),
        notes=tuple(_notes(projected)),
    )


def _stock(projected: ProjectedInventory) -> str:
    said = f"{plain(projected.inventory)} in stock now"
    if projected.shortage_date is not None:
        said += f"; short from {projected.shortage_date}"
    if projected.planned_shortage_date is not None:
        said += f", with the messages from {projected.planned_shortage_date}"
    return said


def _levels(projected: ProjectedInventory) -> Iterator[Level]:
    for label, style, value in (
        ("reorder point", "reorder", projected.reorder_point),
        ("safety stock", "safety", projected.safety_stock),
        ("maximum inventory", "maximum", projected.maximum_inventory),
    ):
        if value:
            yield Level(label=f"{label} {plain(value)}", style=style, value=value)


def _bar(movement: Movement, projected: ProjectedInventory, is_changed: bool) -> Bar:  # noqa: FBT001
    is_purchase = movement.document_kind == PURCHASE_ORDER
    style = "removed" if is_changed and is_purchase else movement.kind
    line = f" line {movement.line_no}" if movement.line_no is not None else ""
    kind = movement.document_kind.replace("_", " ")
    overdue = ", overdue" if movement.overdue else ""
    verb = "needs" if movement.kind == DEMAND else "brings"
    return Bar(
        day=max(movement.date, projected.from_date),
        value=movement.quantity,
        style=style,
        text=f"{kind} {movement.document_no}{line} {verb} {plain(abs(movement.quantity))} on {movement.date}{overdue}",
    )


def _planned_bar(message: PlannedChange, projected: ProjectedInventory) -> Bar:
    return Bar(
        day=max(message.due_date, projected.from_date),
        value=plain_quantity(Decimal(message.quantity)),
        style="plan",
        text=_in_words(message),
    )


def _notes(projected: ProjectedInventory) -> Iterator[str]:
    for message in projected.messages[:_NOTES_MAX]:
        text = _in_words(message)
        yield text if len(text) <= _NOTE_LENGTH_MAX else f"{text[: _NOTE_LENGTH_MAX - 1]}…"
    more = len(projected.messages) - _NOTES_MAX
    if more > 0:
        yield f"and {more} more messages"
    overdue = sum(movement.overdue for movement in projected.movements)
    if overdue:
        yield f"Overdue lines that are counted on {projected.from_date}: {overdue}"


def _in_words(message: PlannedChange) -> str:
    action = _ACTIONS.get(message.action_message, "New")
    warning = f" ({message.warning})" if message.warning else ""
    why = f": {message.explanation}" if message.explanation else ""
    about = f" {message.purchase_order_no} line {message.purchase_order_line_no}" if action != "New" else ""
    what = f", {plain(message.quantity)} on {message.due_date}" if message.action_message != CANCEL else ""
    return f"{action}{about}{what}{warning}{why}"
