"""A purchase proposal: what each line of a sales order needs beyond stock and what is to come (BC-PO-01 to 13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    Day,
    ItemNo,
    LineNo,
    LocationCodeOrBlank,
    QuantityOrZero,
    SalesOrderNo,
    Text100,
    Timestamp,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    VendorNoOrBlank,
)
from contracts.planning.fields import DropShipment, SpecialOrder
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import Model
from domainkit.money import ZERO, plain_quantity
from domainkit.references import ReferenceData
from domainkit.structs import extended
from planning.domain.demand.rows import NOT_PROCURED, OrderDemand
from planning.domain.masters.items import INVENTORY, ItemCard
from planning.domain.masters.supply import vendor_of
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.sales_lines import is_flagged, outstanding, wants_nothing
from planning.domain.requisitions.scheduling import due_date_of, schedule_for_sales_line

PURCHASE: Final = "purchase"

SupplyKey = tuple[str, str, date]
"""Item, location, and the day up to which it is asked for."""


VERSION: Final = 1
"""Of every proposal: it is accepted or given up, and never changes."""


class RowTerms(Model, frozen=True, kw_only=True):
    """What is needed of an item. Needed quantity and quantity to purchase are in `unit_of_measure_code`."""

    item_no: ItemNo
    description: Annotated[Text100, Meta(description="What it is.", examples=["Climbing rope 60 m"])] = ""
    location_code: LocationCodeOrBlank = ""
    sales_order_quantity: Annotated[
        TotalQuantity, Meta(description="What the sales line sells, in its own unit.", examples=["5"])
    ]
    needed_quantity: Annotated[
        TotalQuantity,
        Meta(description="What neither stock nor scheduled receipts cover.", examples=["3"]),
    ]
    available: Annotated[
        TotalQuantity,
        Meta(
            description="Base units that the line finds on its shipment date; 0 on a flagged line.",
            examples=["2"],
        ),
    ]
    unit_of_measure_code: UnitOfMeasureCodeOrBlank
    quantity_to_purchase: Annotated[
        QuantityOrZero, Meta(description="What will be bought unless it is changed.", examples=["3"])
    ]
    vendor_no: Annotated[
        VendorNoOrBlank,
        Meta(
            description='Who shall supply; "" is decided before the proposal is accepted.', examples=["V-100"]
        ),
    ] = ""
    reserve: Annotated[bool, Meta(description="Reserve the purchase for the line.", examples=[False])] = False
    drop_shipment: DropShipment = False
    special_order: SpecialOrder = False
    due_date: Annotated[Day, Meta(description="When the goods must leave.", examples=["2026-03-20"])]
    order_date: Annotated[
        Day, Meta(description="When to order: back from then by the lead time.", examples=["2026-03-12"])
    ]
    bought_before: Annotated[
        TotalQuantity, Meta(description="Base units that were bought for the line before.", examples=["0"])
    ] = ZERO


class ProposalRow(RowTerms, frozen=True, kw_only=True):
    """What one sales line needs, what is available for it and what is proposed to buy."""

    line_no: Annotated[LineNo, Meta(description="Line of the sales order.")]
    sales_line_id: Annotated[UUID, Meta(description="Id of the sales line.", examples=[EXAMPLE_ID])]


class Proposal(Model, frozen=True, kw_only=True):
    """What a sales order needs, as it was when the proposal was made."""

    id: Annotated[UUID, Meta(description="Id of the proposal.", examples=[EXAMPLE_ID])]
    sales_order_no: SalesOrderNo
    created_at: Annotated[Timestamp, Meta(description="When it was made.")]
    rows: Annotated[tuple[ProposalRow, ...], Meta(description="One row per sales line, in its order.")] = ()


class Supply(msgspec.Struct, frozen=True, kw_only=True):
    """Quantities in base units.

    `available`: free stock and receipts less demand, without special orders and drop shipments. `bought`: carried out
    for a sales line, in total; `coming`: what of it purchase lines still have to bring.
    """

    available: Mapping[SupplyKey, Decimal] = {}
    bought: Mapping[UUID, Decimal] = {}
    coming: Mapping[UUID, Decimal] = {}


def needed_quantity(available: Decimal, wanted: Decimal) -> Decimal:
    """BC-PO-02: nothing if it is there, all of it if less than nothing is there, else the difference."""
    if available >= wanted:
        return ZERO
    return wanted if available < ZERO else wanted - available


def in_unit(base_quantity: Decimal, qty_per: Decimal) -> Decimal:
    """Base units in whole purchase units, rounded up (BC-PO-09); in the base unit as they are."""
    if qty_per == 1:
        return plain_quantity(base_quantity)
    return plain_quantity((base_quantity / qty_per).to_integral_value(ROUND_CEILING))


def purchase_unit(item: ItemCard | None, line: SalesLine) -> tuple[str, Decimal]:
    """Unit and base units in it in which a line is bought (BC-PO-09); a flagged line keeps the unit of its sale."""
    if item is None or is_flagged(line):
        return line.unit_of_measure_code, line.qty_per_unit_of_measure
    code = item.purchase_unit_of_measure or item.base_unit_of_measure
    return code, item.qty_per(code) or Decimal(1)


def supply_key(order: SalesOrder, line: SalesLine) -> SupplyKey:
    """Where and until when the line looks for supply: at its location, up to its shipment date."""
    return line.item_no, line.location_code, due_date_of(order, line)


def item_lines(order: SalesOrder) -> list[SalesLine]:
    """The lines that can be bought for; a deleted or cancelled order has none."""
    return [] if wants_nothing(order) else [line for line in order.lines if line.type == "item"]


def bought_for(line_id: UUID, demand: OrderDemand | None, supply: Supply) -> Decimal:
    """Base units bought for a sales line so far, requests under way with them."""
    return supply.bought.get(line_id, ZERO) + under_way(line_id, demand)


def under_way(line_id: UUID, demand: OrderDemand | None) -> Decimal:
    """Base units of the line that purchasing has been asked for and has not decided."""
    live = demand.lines.values() if demand is not None else ()
    return sum((_base(one) for one in live if one.sales_line_id == line_id and not one.is_bound), ZERO)


def is_procured(line: SalesLine, demand: OrderDemand | None) -> bool:
    """A flagged line that has a purchase line, a request or an open requisition line (BC-PO-11)."""
    if demand is None:
        return False
    row = next((one for one in demand.newest() if one.sales_line_id == line.id), None)
    live = any(
        one.sales_line_id == line.id and one.is_live and one.wants_purchase for one in demand.lines.values()
    )
    return live or (row is not None and row.state not in NOT_PROCURED)


def propose(
    order: SalesOrder,
    demand: OrderDemand | None,
    supply: Supply,
    references: ReferenceData,
    *,
    proposal_id: UUID,
    now: datetime,
) -> Proposal:
    """The proposal for a sales order; earlier shipment dates are served first (BC-PO-02)."""
    lines = [line for line in item_lines(order) if _is_purchased(line, references)]
    suggested: dict[tuple[str, str], Decimal] = {}
    rows: dict[UUID, ProposalRow] = {}
    for line in sorted(lines, key=lambda one: (due_date_of(order, one), one.line_no)):
        rows[line.id] = _row(order, line, demand, supply, suggested, references)
    return Proposal(
        id=proposal_id,
        sales_order_no=order.no,
        created_at=now,
        rows=tuple(rows[line.id] for line in lines),
    )


def _is_purchased(line: SalesLine, references: ReferenceData) -> bool:
    """BC-PO-05: only what is replenished by purchase is shown."""
    item = references.find(ItemCard, line.item_no)
    return item is None or item.replenishment_system == PURCHASE


def _row(
    order: SalesOrder,
    line: SalesLine,
    demand: OrderDemand | None,
    supply: Supply,
    suggested: dict[tuple[str, str], Decimal],
    references: ReferenceData,
) -> ProposalRow:
    item = references.find(ItemCard, line.item_no)
    unit, qty_per = purchase_unit(item, line)
    available = ZERO
    if is_flagged(line):
        needed = ZERO if is_procured(line, demand) else outstanding(line)
    else:
        available, base = _plain_need(order, line, item, demand, supply, suggested)
        needed = in_unit(base, qty_per)
        place = (line.item_no, line.location_code)
        suggested[place] = suggested.get(place, ZERO) + needed * qty_per
    vendor_no = vendor_of(references, line.item_no, line.location_code)
    schedule = schedule_for_sales_line(references, order, line, vendor_no)
    return ProposalRow(
        line_no=line.line_no,
        sales_line_id=line.id,
        item_no=line.item_no,
        description=line.description,
        location_code=line.location_code,
        sales_order_quantity=line.quantity,
        needed_quantity=needed,
        available=plain_quantity(available),
        unit_of_measure_code=unit,
        quantity_to_purchase=needed,
        vendor_no=vendor_no,
        drop_shipment=line.drop_shipment,
        special_order=line.special_order,
        due_date=schedule.due_date,
        order_date=schedule.order_date,
        bought_before=bought_for(line.id, demand, supply),
    )


def _plain_need(
    order: SalesOrder,
    line: SalesLine,
    item: ItemCard | None,
    demand: OrderDemand | None,
    supply: Supply,
    suggested: Mapping[tuple[str, str], Decimal],
) -> tuple[Decimal, Decimal]:
    """(available, needed) of a line that is sold from stock, in base units.

    What was bought for the line itself counts whenever it comes, so that a late delivery is not bought again.
    """
    wanted = outstanding(line) * line.qty_per_unit_of_measure
    if item is not None and item.type != INVENTORY:
        # Without stock, what was received leaves no trace but the purchase.
        bought = bought_for(line.id, demand, supply)
        return bought, max(wanted - bought, ZERO)
    so_far = suggested.get((line.item_no, line.location_code), ZERO)
    available = supply.available.get(supply_key(order, line), ZERO) + wanted + so_far
    own = supply.coming.get(line.id, ZERO) + under_way(line.id, demand)
    return available, min(needed_quantity(available, wanted), max(wanted - own, ZERO))


def sums_by_item(rows: Iterable[ProposalRow]) -> tuple[RowTerms, ...]:
    """The rows of one item, location, unit, vendor and procurement together; available is what the last one finds."""
    groups: dict[tuple[object, ...], list[ProposalRow]] = {}
    for row in rows:
        key = (row.item_no, row.location_code, row.unit_of_measure_code, row.vendor_no)
        groups.setdefault((*key, row.drop_shipment, row.special_order), []).append(row)
    return tuple(_sum(members) for members in groups.values())


def _sum(members: list[ProposalRow]) -> RowTerms:
    return extended(
        RowTerms,
        members[-1],
        sales_order_quantity=sum((row.sales_order_quantity for row in members), ZERO),
        needed_quantity=sum((row.needed_quantity for row in members), ZERO),
        quantity_to_purchase=sum((row.quantity_to_purchase for row in members), ZERO),
        bought_before=sum((row.bought_before for row in members), ZERO),
        due_date=min(row.due_date for row in members),
        order_date=min(row.order_date for row in members),
    )


def _base(line: RequisitionLine) -> Decimal:
    return line.quantity * line.qty_per_unit_of_measure if line.is_live and line.wants_purchase else ZERO
