"""What a person does in a requisition worksheet: get sales orders, write, edit, delete and carry out lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from contracts.planning import PurchaseRequest
from contracts.refusals import Reason, Refusal, Violation, conflict
from contracts.sales import SalesLine, SalesOrder
from planning.domain import costs
from planning.domain.demand import (
    AWAITING,
    EXCEPTION,
    REQUISITIONED,
    SUPERSEDED,
    DemandRow,
    Draft,
    OrderDemand,
)
from planning.domain.grouping import group, purchase_request
from planning.domain.procurement import hand_over, is_flagged, is_gettable, row_for, row_of
from planning.domain.references import References
from planning.domain.requisition import (
    CANCELLED,
    NEW,
    OPEN,
    RequisitionLine,
    changed,
    for_sales_line,
    rescheduled,
)
from planning.domain.scheduling import schedule_into_stock

SPECIAL_ORDER: Final = "special_order"
DROP_SHIPMENT: Final = "drop_shipment"
BOTH: Final = "both"

NewId = Callable[[], UUID]


class GetSalesOrders(msgspec.Struct, frozen=True, kw_only=True):
    """Which flagged lines: `kind` special_order, drop_shipment or both; empty filters take all."""

    worksheet: str
    kind: str
    sales_order_no: str = ""
    customer_no: str = ""
    item_no: str = ""


class NewLine(msgspec.Struct, frozen=True, kw_only=True):
    """A requisition line written by hand; it serves no sales line."""

    worksheet: str
    item_no: str
    quantity: Decimal
    description: str | None = None
    unit_of_measure_code: str | None = None
    vendor_no: str | None = None
    due_date: date | None = None
    location_code: str = ""
    action_message: str = NEW
    accept_action_message: bool = False


def get_sales_lines(
    demand: OrderDemand, order: SalesOrder, wish: GetSalesOrders, refs: References, new_id: NewId
) -> tuple[OrderDemand, list[RequisitionLine]]:
    """Requisition lines for the flagged lines of an order that nothing procures, whatever its status (BC-SO-07..11).

    After a deleted purchase line this starts the next generation.
    """
    draft = Draft(demand)
    draft.customer_no = order.customer_no
    got = []
    for line in order.lines:
        row = draft.newest(line.id)
        if not _is_wanted(line, wish) or not is_gettable(row, line) or draft.live_lines(line.id):
            continue
        row = _row_to_procure(draft, order, line, row)
        requisition = for_sales_line(
            order, line, line_id=new_id(), generation=row.generation, worksheet=wish.worksheet, refs=refs
        )
        draft.put(requisition)
        draft.act(
            row,
            state=REQUISITIONED,
            requisition_line_id=requisition.id,
            vendor_no=requisition.vendor_no,
            problem=None,
        )
        got.append(requisition)
    draft.gettable = any(
        is_flagged(line) and is_gettable(draft.newest(line.id), line) for line in order.lines
    )
    return draft.done(), got


def _is_wanted(line: SalesLine, wish: GetSalesOrders) -> bool:
    if not is_flagged(line) or (wish.item_no and line.item_no != wish.item_no):
        return False
    return wish.kind == BOTH or (wish.kind == DROP_SHIPMENT) == line.drop_shipment


def _row_to_procure(draft: Draft, order: SalesOrder, line: SalesLine, row: DemandRow | None) -> DemandRow:
    wanted = line.demand.generation if line.demand is not None else 1
    if row is None:
        return row_for(order, line, wanted, AWAITING)
    if row.state != EXCEPTION and row.generation >= wanted:
        return row
    draft.learn(row, state=SUPERSEDED)
    return row_for(order, line, max(wanted, row.generation + 1), AWAITING)


def new_line(wish: NewLine, refs: References, line_id: UUID, today: date) -> RequisitionLine:
    """A line that a person writes; refused with every reason."""
    item = refs.items.get(wish.item_no)
    found = []
    if item is None:
        found.append(Violation("unknown-item", f"item {wish.item_no} does not exist", "/item_no"))
    elif item.blocked or item.purchasing_blocked:
        found.append(Violation("item-blocked", f"item {wish.item_no} is blocked for purchasing", "/item_no"))
    unit = wish.unit_of_measure_code or (
        item.purchase_unit_of_measure or item.base_unit_of_measure if item else ""
    )
    qty_per = item.qty_per(unit) if item else Decimal(1)
    if qty_per is None:
        detail = f"item {wish.item_no} has no unit {unit}"
        found.append(Violation("unknown-unit-of-measure", detail, "/unit_of_measure_code"))
    vendor_no = refs.vendor_no(wish.item_no, wish.location_code) if wish.vendor_no is None else wish.vendor_no
    found += _vendor_faults(vendor_no if wish.vendor_no else "", refs)
    found += _location_faults(wish.location_code, refs)
    if found:
        raise _refused(found, vendor_no)
    due = wish.due_date or today
    schedule = schedule_into_stock(due, vendor_no, wish.item_no, wish.location_code, refs)
    line = RequisitionLine(
        id=line_id,
        version=1,
        worksheet=wish.worksheet,
        status=OPEN,
        item_no=wish.item_no,
        description=wish.description if wish.description is not None else (item.description if item else ""),
        quantity=wish.quantity,
        original_quantity=wish.quantity,
        unit_of_measure_code=unit,
        qty_per_unit_of_measure=qty_per or Decimal(1),
        vendor_no=vendor_no,
        action_message=wish.action_message,
        accept_action_message=wish.accept_action_message,
        due_date=schedule.due_date,
        receipt_date=schedule.receipt_date,
        order_date=schedule.order_date,
        original_due_date=schedule.due_date,
        location_code=wish.location_code,
    )
    return _priced(line, refs)


def edit_line(line: RequisitionLine, wish: Mapping[str, Any], refs: References) -> RequisitionLine:
    """The line after a person's edit, or every reason against it (BC-SO-13, BC-PL-12).

    `wish` holds the fields that were sent. Setting the action message New accepts the line (BC-SO-14).
    """
    found = [*_frozen_faults(line, wish), *_new_value_faults(line, wish, refs)]
    if found:
        raise _refused(found, str(wish.get("vendor_no", "")))
    fields = dict(wish)
    if fields.get("action_message") == NEW:
        fields.setdefault("accept_action_message", True)
    if "unit_of_measure_code" in fields:
        fields["qty_per_unit_of_measure"] = _qty_per(line, fields["unit_of_measure_code"], refs)
    edited = msgspec.structs.replace(line, **fields)
    if {"due_date", "vendor_no", "location_code"} & wish.keys():
        schedule = rescheduled(line, edited.due_date, edited.vendor_no, refs)
        order_date = wish.get("order_date", schedule.order_date)
        edited = msgspec.structs.replace(edited, receipt_date=schedule.receipt_date, order_date=order_date)
    if wish.keys() - {"accept_action_message", "action_message", "description"}:
        edited = msgspec.structs.replace(_priced(edited, refs), warning="", problem=None)
    return line if edited == line else changed(edited)


def _frozen_faults(line: RequisitionLine, wish: Mapping[str, Any]) -> list[Violation]:
    """What stands in a linked line is the sales line's; what a message about a purchase line says is that line's."""
    found = []
    if line.sales_line_id is not None:
        for name, code in (("location_code", "location-mismatch"), ("unit_of_measure_code", "unit-mismatch")):
            if name in wish and wish[name] != getattr(line, name):
                detail = f"{name} must be {getattr(line, name)!r} as on sales order {line.sales_order_no}"
                found.append(Violation(code, detail, f"/{name}"))
    if not line.wants_purchase:
        found += [
            Violation(
                "action-message-not-new",
                f"{name} can only change while the action message is New",
                f"/{name}",
            )
            for name in ("vendor_no", "location_code", "unit_of_measure_code", "action_message")
            if name in wish and wish[name] != getattr(line, name)
        ]
    return found


def _new_value_faults(line: RequisitionLine, wish: Mapping[str, Any], refs: References) -> list[Violation]:
    found = _vendor_faults(wish.get("vendor_no", ""), refs)
    found += _location_faults(wish.get("location_code", ""), refs)
    unit = wish.get("unit_of_measure_code", "")
    if unit and unit != line.unit_of_measure_code and _qty_per(line, unit, refs) is None:
        detail = f"item {line.item_no} has no unit {unit}"
        found.append(Violation("unknown-unit-of-measure", detail, "/unit_of_measure_code"))
    return found


def _vendor_faults(vendor_no: str, refs: References) -> list[Violation]:
    """A vendor may be blank until carry-out (BC-SO-12); a given one must exist and not be blocked (BC-MD-15, 18)."""
    if not vendor_no:
        return []
    vendor = refs.vendors.get(vendor_no)
    if vendor is None:
        return [Violation("unknown-vendor", f"vendor {vendor_no} does not exist", "/vendor_no")]
    if vendor.blocked == "all" or vendor.privacy_blocked:
        return [
            Violation(
                "vendor-blocked", f"vendor {vendor_no} is blocked", "/vendor_no", reason=Reason.CONFLICT
            )
        ]
    return []


def _location_faults(location_code: str, refs: References) -> list[Violation]:
    if not location_code or location_code in refs.locations:
        return []
    return [Violation("unknown-location", f"location {location_code} does not exist", "/location_code")]


def _refused(found: Sequence[Violation], vendor_no: str) -> Refusal:
    waits = (("vendor", vendor_no),) if any(v.code == "unknown-vendor" for v in found) else ()
    return Refusal(*found, waits_for=waits)


def _qty_per(line: RequisitionLine, unit_code: str, refs: References) -> Decimal | None:
    item = refs.items.get(line.item_no)
    return item.qty_per(unit_code) if item is not None else None


def _priced(line: RequisitionLine, refs: References) -> RequisitionLine:
    cost = costs.unit_cost(
        refs, line.vendor_no, line.item_no, line.quantity, line.qty_per_unit_of_measure, line.order_date
    )
    return msgspec.structs.replace(line, direct_unit_cost=cost)


def put_edited(demand: OrderDemand, line: RequisitionLine) -> OrderDemand:
    """The order's demand with an edited requisition line; sales sees another vendor, and a problem that is gone."""
    draft = Draft(demand)
    draft.put(line)
    row = row_of(draft, line)
    if row is None:
        return draft.done()
    problem = row.problem if line.warning or line.problem else None
    if (row.vendor_no, row.problem) != (line.vendor_no, problem):
        draft.act(row, vendor_no=line.vendor_no, problem=problem)
    return draft.done()


def delete_line(demand: OrderDemand, line: RequisitionLine) -> OrderDemand:
    """The order's demand without the line: it awaits a requisition again, and *get sales orders* finds it."""
    draft = Draft(demand)
    draft.put(deleted(line))
    row = row_of(draft, line)
    if row is not None and line.wants_purchase and row.state == REQUISITIONED:
        draft.act(row, state=AWAITING, requisition_line_id=None, problem=None)
        draft.gettable = True
    return draft.done()


def deleted(line: RequisitionLine) -> RequisitionLine:
    """The line, kept as cancelled."""
    return changed(line, status=CANCELLED, accept_action_message=False)


def check_open(line: RequisitionLine) -> None:
    """Only open lines are a person's to change; one that purchasing decides must be waited for."""
    if line.status == OPEN:
        return
    if line.is_live:
        raise conflict("change-pending", "the line is being carried out", line_id=str(line.id))
    raise conflict("requisition-line-closed", f"the line is {line.status}", line_id=str(line.id))


def requests_of(
    lines: Sequence[RequisitionLine],
    orders: Mapping[str, SalesOrder],
    refs: References,
    *,
    run_id: UUID,
    order_date: date | None,
    new_id: NewId,
) -> list[tuple[PurchaseRequest, list[RequisitionLine]]]:
    """One purchase request per group, over all sales orders of the worksheet (BC-SO-18)."""
    return [
        (
            purchase_request(members, orders, refs, new_id=new_id, run_id=run_id, order_date=order_date),
            members,
        )
        for members in group(lines, orders, refs)
    ]


def hand_over_lines(
    demand: OrderDemand, handed: Sequence[tuple[RequisitionLine, PurchaseRequest]]
) -> OrderDemand:
    """The order's demand after its lines went to purchasing."""
    draft = Draft(demand)
    for line, request in handed:
        hand_over(draft, line, request)
    return draft.done()


def handed_over(line: RequisitionLine, request: PurchaseRequest) -> RequisitionLine:
    """A line without a sales order after it went to purchasing."""
    draft = Draft(OrderDemand(sales_order_no=""))
    hand_over(draft, line, request)
    return draft.lines[line.id]
