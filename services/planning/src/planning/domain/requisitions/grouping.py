"""Which requisition lines share a purchase order (BC-SO-17, BC-SO-18, BC-DS-17, G12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec.structs import replace

from contracts.fields import MAX_LINES
from contracts.planning.requests import PurchaseRequest, PurchaseRequestLine, Reschedule
from contracts.sales.orders import SalesOrder
from contracts.values import Address
from domainkit import grouping
from domainkit.grouping import GroupingKey
from domainkit.references import ReferenceData
from planning.domain.masters.supply import grouping_policy, location_address
from planning.domain.requisitions.costs import currency_of
from planning.domain.requisitions.lines import RESCHEDULE, RequisitionLine
from planning.domain.requisitions.sales_lines import find_line


def grouping_key(line: RequisitionLine, ship_to: Address, references: ReferenceData) -> GroupingKey:
    """The key of one line; `ship_to` is where it goes. Addresses are compared as text, not as codes (BC-SO-18)."""
    policy = grouping_policy(references, line.vendor_no)
    return grouping.grouping_key(line, ship_to, currency_of(references, line), policy)


def ship_to_of(line: RequisitionLine, order: SalesOrder | None, references: ReferenceData) -> Address:
    """Where the goods go: a drop shipment to the sales order's ship-to, all else to the line's location (BC-SO-20)."""
    if line.drop_shipment and order is not None:
        return order.ship_to
    return location_address(references, line.location_code)


def group(
    lines: Iterable[RequisitionLine], orders: Mapping[str, SalesOrder], references: ReferenceData
) -> list[list[RequisitionLine]]:
    """The lines by purchase order, in the order of BC-SO-17; within one by sales order and line.

    A group that is larger than a purchase order may be becomes several.
    """
    # Sorted throughout: the same lines give the same requests in each run, in any order of the worksheet.
    groups: dict[GroupingKey, list[RequisitionLine]] = {}
    for line in lines:
        ship_to = ship_to_of(line, orders.get(line.sales_order_no), references)
        groups.setdefault(grouping_key(line, ship_to, references), []).append(line)
    found: list[list[RequisitionLine]] = []
    for key in sorted(groups):
        members = sorted(groups[key], key=lambda m: (m.sales_order_no, m.sales_order_line_no or 0, m.id))
        found += [members[i : i + MAX_LINES] for i in range(0, len(members), MAX_LINES)]
    return found


def purchase_request(
    lines: Sequence[RequisitionLine],
    orders: Mapping[str, SalesOrder],
    references: ReferenceData,
    *,
    new_id: Callable[[], UUID],
    run_id: UUID | None = None,
    order_date: date | None = None,
) -> PurchaseRequest:
    """The purchase request of one group of lines; its order date is the earliest of theirs (BC-SO-20).

    What is bought for several customers together (G12) names none of them, and has no customer's reference.
    """
    first = lines[0]
    order = orders.get(first.sales_order_no)
    customers = {line.sell_to_customer_no for line in lines}
    return PurchaseRequest(
        version=1,
        happened=("requested",),
        id=new_id(),
        run_id=run_id,
        vendor_no=first.vendor_no,
        order_date=order_date or min(line.order_date for line in lines),
        sell_to_customer_no=first.sell_to_customer_no if len(customers) == 1 else "",
        ship_to_code=first.ship_to_code,
        ship_to=ship_to_of(first, order, references),
        location_code=first.location_code,
        currency_code=currency_of(references, first),
        purchasing_code=first.purchasing_code,
        your_reference=order.your_reference if order is not None and len(customers) == 1 else "",
        external_reference=_shared_by_all("external_reference", lines, orders),
        lines=tuple(_request_line(line, orders.get(line.sales_order_no)) for line in lines),
    )


def reschedule_request(
    line: RequisitionLine, new_id: Callable[[], UUID], *, run_id: UUID | None
) -> PurchaseRequest:
    """The request that a purchase line changes as its message says; alone, so that it is refused alone (G17, BC-PL-11).

    What a planning run proposes holds for the purchase line as the run knew it.
    """
    is_planned = line.sales_line_id is None
    return PurchaseRequest(
        version=1,
        happened=("requested",),
        id=new_id(),
        run_id=run_id,
        vendor_no=line.vendor_no,
        order_date=line.order_date,
        reschedule=Reschedule(
            requisition_line_id=line.id,
            purchase_order_no=line.purchase_order_no or "",
            purchase_order_line_no=line.purchase_order_line_no or 0,
            sales=line.sales_ref(),
            original_due_date=line.original_due_date or line.due_date,
            due_date=line.due_date,
            original_quantity=line.original_quantity if is_planned else None,
            quantity=line.quantity if is_planned and line.action_message != RESCHEDULE else None,
        ),
    )


def _shared_by_all(field: str, lines: Sequence[RequisitionLine], orders: Mapping[str, SalesOrder]) -> str:
    """The header field's value if all sales orders of the lines agree, else ""."""
    found = {getattr(order, field) for line in lines if (order := orders.get(line.sales_order_no))}
    return found.pop() if len(found) == 1 else ""


def _request_line(line: RequisitionLine, order: SalesOrder | None) -> PurchaseRequestLine:
    sales = line.sales_ref() or line.planned_for
    if sales is not None and order is not None:
        # What is bought into stock has no customer of its own, and its sales line all the same.
        sales = replace(sales, customer_no=order.customer_no)
    return PurchaseRequestLine(
        requisition_line_id=line.id,
        item_no=line.item_no,
        description=line.description,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        location_code=line.location_code,
        expected_receipt_date=line.due_date,
        requested_receipt_date=line.receipt_date,
        purchasing_code=line.purchasing_code,
        drop_shipment=line.drop_shipment,
        special_order=line.special_order,
        nonstock=line.nonstock,
        sales=sales,
        replaces_received=_gave_goods_away(line, order),
    )


def _gave_goods_away(line: RequisitionLine, order: SalesOrder | None) -> bool:
    """Goods of the sales line went to another: an earlier purchase of it may be here, and bound to it (E5)."""
    sales = find_line(order, line.sales_line_id)
    return sales is not None and any(each.quantity < 0 for each in sales.reallocations)
