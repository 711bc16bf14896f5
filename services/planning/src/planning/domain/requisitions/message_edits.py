"""Messages about purchase lines that people edit: another day or quantity turns the message (BC-PL-12)."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from contracts.refusals import Violations
from domainkit.references import ReferenceData
from planning.domain.requisitions.lines import CANCEL, RequisitionLine, action_for
from planning.domain.requisitions.scheduling import schedule_into_stock

_OF_PURCHASE_LINE: Final[tuple[str, ...]] = (
    "vendor_no",
    "location_code",
    "unit_of_measure_code",
    "order_date",
)
"""What a message has from its purchase line, however it is edited."""


def edit_message(line: RequisitionLine, fields: dict[str, Any], references: ReferenceData) -> RequisitionLine:
    """The message after a person's edit, or every reason against it; the same message if nothing changes.

    What a person has changed or accepted, it has looked at: the proposal is questioned no more.
    """
    edited = _of_sale(line, fields) if line.sales_line_id is not None else _turned(line, fields, references)
    _check(line, edited, fields)
    edited = replace(edited, warning="", problem=None)
    return line if edited == line else edited.changed()


def _of_sale(line: RequisitionLine, fields: dict[str, Any]) -> RequisitionLine:
    """What is bought for a sales line has its quantity: it can be moved, and stays what it is."""
    due = fields.get("due_date", line.due_date)
    return replace(line, **_unturned(fields), due_date=due, receipt_date=due)


def _turned(line: RequisitionLine, fields: dict[str, Any], references: ReferenceData) -> RequisitionLine:
    """What the message says now: its day and quantity compared with those of the purchase line.

    Another day alone keeps a purchase line that was to be cancelled; a cancelled one has the day that it had.
    """
    known_day = line.original_due_date or line.due_date
    due, quantity = fields.get("due_date", line.due_date), fields.get("quantity", line.quantity)
    if line.action_message == CANCEL and due != line.due_date and "quantity" not in fields:
        quantity = line.original_quantity
    action = action_for(quantity, is_moved=due != known_day, is_resized=quantity != line.original_quantity)
    if action == CANCEL:
        due = known_day
    schedule = schedule_into_stock(references, due, line.vendor_no, line.item_no, line.location_code)
    return replace(
        line,
        **_unturned(fields),
        action_message=action,
        quantity=quantity,
        due_date=due,
        receipt_date=schedule.receipt_date,
        order_date=schedule.order_date,
    )


def _unturned(fields: dict[str, Any]) -> dict[str, Any]:
    """What an edit sets besides the message itself."""
    return {name: fields[name] for name in ("description", "accept_action_message") if name in fields}


def _check(line: RequisitionLine, edited: RequisitionLine, fields: dict[str, Any]) -> None:
    found = Violations()
    kept = _OF_PURCHASE_LINE
    if line.sales_line_id is not None:
        kept += ("quantity", "due_date") if line.action_message == CANCEL else ("quantity",)
    for name in kept:
        if name in fields and fields[name] != getattr(line, name):
            detail = f"{name} can only change while the action message is New"
            found.invalid("action-message-not-new", detail, f"/{name}")
    asked = fields.get("action_message", edited.action_message)
    if asked not in {line.action_message, edited.action_message}:
        detail = "the action message follows from quantity and due date"
        found.invalid("action-message-not-new", detail, "/action_message")
    if not edited.action_message:
        detail = (
            f"purchase order {line.purchase_order_no} line {line.purchase_order_line_no} brings that quantity "
            "on that day already: delete the message to leave it as it is"
        )
        found.invalid("message-changes-nothing", detail, "/quantity" if "quantity" in fields else "/due_date")
    found.refuse_if_any()
