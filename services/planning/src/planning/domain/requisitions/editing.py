"""Requisition lines that people write, change and delete (BC-SO-12 to 14, BC-PL-12)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from contracts.planning.masters import Location
from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations, conflict
from domainkit.decisions import DecisionContext
from domainkit.parties import check_item, check_vendor
from domainkit.references import ReferenceData
from planning.domain.masters.items import ItemCard
from planning.domain.masters.supply import vendor_of
from planning.domain.requisitions.commands import CreateLine, LineChanges, NewLine
from planning.domain.requisitions.costs import priced
from planning.domain.requisitions.lines import ASKS_FOR_A_PURCHASE, NEW, OPEN, RequisitionLine
from planning.domain.requisitions.message_edits import edit_message
from planning.domain.requisitions.scheduling import rescheduled, schedule_into_stock

_OF_SALES_LINE: Final = {"location_code": "location-mismatch", "unit_of_measure_code": "unit-mismatch"}
"""What a linked line has from its sales line, and the code of a difference."""
_RESCHEDULES: Final = frozenset({"due_date", "vendor_no", "location_code"})
_KEEPS_THE_PRICE: Final = frozenset({"accept_action_message", "action_message", "description"})


def new_line(create: CreateLine, context: DecisionContext) -> RequisitionLine:
    """A line that a person writes; refused with every reason."""
    new, references = create.line, context.references
    item = references.find(ItemCard, new.item_no)
    unit = new.unit_of_measure_code or _purchase_unit(item)
    _check_new_line(new, item, unit, references)
    vendor_no = (
        vendor_of(references, new.item_no, new.location_code) if new.vendor_no is None else new.vendor_no
    )
    due = new.due_date or references.today
    schedule = schedule_into_stock(references, due, vendor_no, new.item_no, new.location_code)
    line = RequisitionLine(
        id=context.new_id(),
        version=1,
        worksheet=create.worksheet,
        status=OPEN,
        item_no=new.item_no,
        description=new.description if new.description is not None else (item.description if item else ""),
        quantity=new.quantity,
        original_quantity=new.quantity,
        unit_of_measure_code=unit,
        qty_per_unit_of_measure=_qty_per(item, unit) or Decimal(1),
        vendor_no=vendor_no,
        action_message=new.action_message,
        accept_action_message=new.accept_action_message,
        due_date=schedule.due_date,
        receipt_date=schedule.receipt_date,
        order_date=schedule.order_date,
        original_due_date=schedule.due_date,
        location_code=new.location_code,
    )
    return priced(references, line)


def _purchase_unit(item: ItemCard | None) -> str:
    return (item.purchase_unit_of_measure or item.base_unit_of_measure) if item else ""


def _check_new_line(new: NewLine, item: ItemCard | None, unit: str, references: ReferenceData) -> None:
    found = Violations()
    if item is None:
        found.unknown("item", new.item_no, "/item_no")
    else:
        check_item(found, item)
        _check_unit(found, item, unit)
    _check_vendor_and_location(found, new.vendor_no or "", new.location_code, references)
    found.refuse_if_any()


def edit_line(line: RequisitionLine, changes: LineChanges, references: ReferenceData) -> RequisitionLine:
    """The line after a person's edit, or every reason against it (BC-SO-13, BC-PL-12).

    The same line if nothing changes. Setting the action message New accepts the line (BC-SO-14).
    """
    fields = changes.given()
    if not line.wants_purchase:
        return edit_message(line, fields, references)
    if location := location_of_vendor(line, changes, references):
        fields["location_code"] = location
    item = references.find(ItemCard, line.item_no)
    _check_changes(line, fields, item, references)
    if fields.get("action_message") == NEW:
        fields.setdefault("accept_action_message", True)
    if "unit_of_measure_code" in fields:
        # The unit was checked: an unknown one can only be that of the line already, which keeps its factor.
        factor = _qty_per(item, fields["unit_of_measure_code"])
        fields["qty_per_unit_of_measure"] = factor or line.qty_per_unit_of_measure
    edited = replace(line, **fields)
    if _RESCHEDULES & fields.keys():
        schedule = rescheduled(references, line, edited.due_date, edited.vendor_no, edited.location_code)
        order_date = fields.get("order_date", schedule.order_date)
        edited = replace(edited, receipt_date=schedule.receipt_date, order_date=order_date)
    if fields.keys() - _KEEPS_THE_PRICE:
        edited = priced(references, replace(edited, warning="", problem=None))
    return line if edited == line else edited.changed()


def location_of_vendor(line: RequisitionLine, changes: LineChanges, references: ReferenceData) -> str:
    """Where another vendor's goods are received by default: it comes with the vendor, unless a location is given too.

    Lines that are bought for a sales line keep its location (BC-MD-16).
    """
    fields = changes.given()
    vendor_no = fields.get("vendor_no", line.vendor_no)
    if line.sales_line_id is not None or vendor_no == line.vendor_no or "location_code" in fields:
        return ""
    vendor = references.find(Vendor, vendor_no)
    return vendor.location_code if vendor is not None else ""


def _check_changes(
    line: RequisitionLine, fields: dict[str, Any], item: ItemCard | None, references: ReferenceData
) -> None:
    found = Violations()
    changed = {name for name, value in fields.items() if value != getattr(line, name)}
    if line.sales_line_id is not None:
        for name, code in _OF_SALES_LINE.items():
            if name in changed:
                detail = f"{name} must be {getattr(line, name)!r} as on sales order {line.sales_order_no}"
                found.invalid(code, detail, f"/{name}")
    if fields.get("action_message", NEW) not in ASKS_FOR_A_PURCHASE:
        detail = f"{fields['action_message']} is said of a purchase line, and this line has none"
        found.invalid("action-message-not-supported", detail, "/action_message")
    if "quantity" in changed and not fields["quantity"]:
        found.invalid("quantity-required", "a line that buys needs a quantity", "/quantity")
    if "unit_of_measure_code" in changed:
        _check_unit(found, item, fields["unit_of_measure_code"])
    _check_vendor_and_location(
        found, fields.get("vendor_no", ""), fields.get("location_code", ""), references
    )
    found.refuse_if_any()


def _check_unit(found: Violations, item: ItemCard | None, unit: str) -> None:
    if _qty_per(item, unit) is None:
        detail = f"item {item.no if item else ''} has no unit {unit}"
        found.invalid("unknown-unit-of-measure", detail, "/unit_of_measure_code")


def _check_vendor_and_location(
    found: Violations, vendor_no: str, location_code: str, references: ReferenceData
) -> None:
    """A vendor may be blank until carry-out (BC-SO-12); a given one must exist and not be blocked (BC-MD-15, 18)."""
    if vendor_no:
        check_vendor(found, vendor_no, references.find(Vendor, vendor_no), copy_of="vendor")
    if location_code and references.find(Location, location_code) is None:
        found.unknown("location", location_code, "/location_code")


def _qty_per(item: ItemCard | None, unit: str) -> Decimal | None:
    return item.qty_per(unit) if item is not None else None


def check_open(line: RequisitionLine) -> None:
    """Only open lines are a person's to change; one that purchasing decides must be waited for."""
    if line.status == OPEN:
        return
    if line.is_live:
        raise conflict("change-pending", "the line is being carried out", line_id=str(line.id))
    raise conflict("requisition-line-closed", f"the line is {line.status}", line_id=str(line.id))
