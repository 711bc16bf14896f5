"""When the lines of a sales order can leave: available to promise, capable to promise (BC-PL-30 to 33)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.planning.fields import ZERO
from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.days import days_after
from domainkit.money import plain_quantity
from domainkit.references import ReferenceData
from planning.domain.demand.rows import ORDERED, DemandRow, OrderDemand, newest_of
from planning.domain.masters.items import INVENTORY, ItemCard
from planning.domain.masters.setup import setup_of
from planning.domain.masters.supply import (
    inbound_handling_days,
    lead_time_days,
    safety_lead_time_days,
    vendor_of,
)
from planning.domain.promising.commands import LinePromise, OrderPromising
from planning.domain.promising.projection import Promisable
from planning.domain.requisitions.sales_lines import is_flagged, wants_nothing
from planning.domain.requisitions.scheduling import due_date_of
from planning.domain.reservations.reservation import Reservation

Place = tuple[str, str]
"""An item and a location."""


class Held(msgspec.Struct, frozen=True):
    """What is reserved for a line, in base units, and the day on which all of it is there; None: it is in stock."""

    quantity: Decimal = ZERO
    day: date | None = None


class PromisingSupply(msgspec.Struct, frozen=True, kw_only=True):
    """Stock and movements by item and location, without what is reserved and without the order's own lines.

    `held`: what is reserved for these lines; `allocated`: what was received for them.
    """

    stock: Mapping[Place, Decimal] = {}
    moves: Mapping[Place, list[tuple[date, Decimal]]] = {}
    held: Mapping[UUID, Held] = {}
    allocated: Mapping[UUID, Decimal] = {}


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """A line with its promise; `missing`: base units to buy for the CTP date."""

    sales: SalesLine
    promise: LinePromise
    missing: Decimal

    @property
    def day(self) -> date | None:
        """ATP where there is one, else CTP."""
        return self.promise.atp_date or self.promise.ctp_date


def held_by(reservations: Iterable[Reservation]) -> dict[UUID, Held]:
    """What is reserved, by sales line."""
    found: dict[UUID, Held] = {}
    for each in reservations:
        known = found.get(each.sales_line_id, Held())
        days = [known.day, each.supply_date if each.purchase_quantity else None]
        found[each.sales_line_id] = Held(
            known.quantity + each.quantity, max((day for day in days if day is not None), default=None)
        )
    return found


def lines_to_promise(order: SalesOrder, references: ReferenceData) -> list[SalesLine]:
    """Lines of inventory items that still have something to ship."""
    if wants_nothing(order):
        return []
    return [
        line
        for line in order.lines
        if line.type == "item"
        and line.quantity > line.quantity_shipped
        and (item := references.find(ItemCard, line.item_no)) is not None
        and item.type == INVENTORY
    ]


def promise_lines(
    order: SalesOrder, demand: OrderDemand | None, supply: PromisingSupply, references: ReferenceData
) -> list[Foreseen]:
    """The promise of each line; an earlier line of the order takes what it is promised before later ones."""
    today = references.today
    rows = newest_of(demand.rows.values()) if demand is not None else {}
    places: dict[Place, Promisable] = {}
    found = []
    for line in lines_to_promise(order, references):
        if is_flagged(line):
            found.append(_of_own_purchase(order, line, rows.get(line.id), supply, references))
            continue
        place = line.item_no, line.location_code
        if place not in places:
            places[place] = Promisable(supply.stock.get(place, ZERO), supply.moves.get(place, ()), today)
        held = supply.held.get(line.id, Held())
        found.append(_from_stock(order, line, places[place], held, references))
    return found


def order_promising(order_no: str, foreseen: list[Foreseen]) -> OrderPromising:
    """What is promised for the lines of one order."""
    return OrderPromising(sales_order_no=order_no, lines=tuple(each.promise for each in foreseen))


def _from_stock(
    order: SalesOrder, line: SalesLine, there: Promisable, held: Held, references: ReferenceData
) -> Foreseen:
    """What is reserved for the line is its own; the rest is found in what is reserved for none (BC-PL-01)."""
    requested = due_date_of(order, line)
    quantity = max(_base_outstanding(line) - held.quantity, ZERO)
    reserved_by = max(requested, references.today, held.day or requested)
    atp = there.earliest(quantity, reserved_by) if quantity else reserved_by
    ctp = max(_ctp_date(line, requested, references), reserved_by)
    missing = there.missing(quantity, ctp)
    unavailable = there.missing(quantity, max(requested, references.today))
    taken = atp or ctp
    if atp is None:
        there.move(ctp, missing)
    there.move(taken, -quantity)
    return Foreseen(
        sales=line, promise=_promise(order, line, atp, ctp, unavailable=unavailable), missing=missing
    )


def _of_own_purchase(
    order: SalesOrder,
    line: SalesLine,
    row: DemandRow | None,
    supply: PromisingSupply,
    references: ReferenceData,
) -> Foreseen:
    """The expected receipt date of the linked purchase line, never another's supply (BC-PL-32, BC-PL-33)."""
    requested = due_date_of(order, line)
    quantity = _base_outstanding(line)
    is_here = supply.allocated.get(line.id, ZERO) >= quantity
    linked = row if row is not None and row.state == ORDERED else None
    arrival = references.today if is_here else linked.supply_date if linked is not None else None
    atp = max(arrival, requested, references.today) if arrival is not None else None
    ctp = _ctp_date(line, requested, references)
    promise = _promise(
        order,
        line,
        atp,
        ctp if atp is None else atp,
        unavailable=ZERO if atp is not None and atp <= requested else quantity,
        purchase_order_no=linked.purchase_order_no if linked is not None else None,
    )
    return Foreseen(sales=line, promise=promise, missing=ZERO if atp is not None else quantity)


def _ctp_date(line: SalesLine, requested: date, references: ReferenceData) -> date:
    """Today, the setup's offset, and the time until ordered goods can leave (BC-PL-31)."""
    item_no, location_code = line.item_no, line.location_code
    vendor_no = vendor_of(references, item_no, location_code)
    days = setup_of(references).promising_offset_days
    days += lead_time_days(references, vendor_no, item_no, location_code)
    if not line.drop_shipment:
        days += safety_lead_time_days(references, item_no, location_code)
        days += inbound_handling_days(references, location_code)
    return max(requested, days_after(references.today, days))


def _base_outstanding(line: SalesLine) -> Decimal:
    return plain_quantity((line.quantity - line.quantity_shipped) * line.qty_per_unit_of_measure)


def _promise(
    order: SalesOrder,
    line: SalesLine,
    atp: date | None,
    ctp: date,
    *,
    unavailable: Decimal,
    purchase_order_no: str | None = None,
) -> LinePromise:
    return LinePromise(
        line_no=line.line_no,
        item_no=line.item_no,
        location_code=line.location_code,
        requested_date=due_date_of(order, line),
        quantity=plain_quantity(line.quantity - line.quantity_shipped),
        unavailable_quantity=plain_quantity(unavailable / line.qty_per_unit_of_measure),
        atp_date=atp,
        ctp_date=ctp,
        special_order=line.special_order,
        drop_shipment=line.drop_shipment,
        purchase_order_no=purchase_order_no,
    )
