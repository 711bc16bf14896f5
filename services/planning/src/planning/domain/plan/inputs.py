"""Profiles of what there is: masters, stock and open lines as a planning run sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from contracts.keys import stockkeeping_unit_no
from contracts.planning.fields import ZERO
from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from domainkit.parties import may_not_be_bought
from domainkit.references import ReferenceData
from planning.domain.masters.items import INVENTORY, ItemCard
from planning.domain.masters.setup import setup_of
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard
from planning.domain.masters.supply import (
    inbound_handling_days,
    lead_time_days,
    safety_lead_time_days,
    vendor_of,
)
from planning.domain.plan.profiles import Demand, Parameters, Profile, Supply
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.stock.availability import CHANNEL, PURCHASE, OpenLine

Place = tuple[str, str]
"""An item and a location."""

_QUANTITIES: Final = (
    "reorder_point",
    "reorder_quantity",
    "maximum_inventory",
    "safety_stock",
    "minimum_order_quantity",
    "maximum_order_quantity",
    "order_multiple",
    "lot_accumulation_period_days",
    "rescheduling_period_days",
    "dampener_period_days",
    "dampener_quantity",
)

_COMPANY_WIDE: Final = ("dampener_period_days", "dampener_quantity")
"""Of these the setup has values for items that have none."""


class PlanInput:
    """What was read at one moment, by place.

    `stock` without what belongs to sales lines or is reserved; open lines without special orders. `orders`: the
    purchase orders of the open lines. `under_way`: lines that purchasing decides now, or that make promises possible.
    """

    def __init__(
        self,
        stock: Mapping[Place, Decimal],
        open_lines: Iterable[OpenLine],
        orders: Iterable[PurchaseOrder],
        under_way: Iterable[RequisitionLine],
    ) -> None:
        self.stock = stock
        self.demands: dict[Place, list[Demand]] = defaultdict(list)
        self.supplies: dict[Place, list[Supply]] = defaultdict(list)
        bought = {line.id: (order, line) for order in orders for line in order.lines}
        asked = list(under_way)
        self.under_way = frozenset(line.id for line in asked)
        changing = {
            (line.purchase_order_no, line.purchase_order_line_no): line
            for line in asked
            if not line.wants_purchase
        }
        for line in open_lines:
            place = line.item_no, line.location_code
            if line.quantity <= line.reserved:
                continue  # reserved whole: it is no concern of the plan (BC-PL-05)
            if line.source != PURCHASE:
                self.demands[place].append(_demand(line))
            elif (change := changing.get((line.document_no, line.line_no))) is None:
                self.supplies[place].append(_supply(line, bought.get(line.line_id)))
            elif change.quantity > 0:
                self.supplies[place].append(_changing(_supply(line, bought.get(line.line_id)), change))
        for new in asked:
            if new.wants_purchase:
                self.supplies[new.item_no, new.location_code].append(_under_way(new))


def profiles(places: Iterable[Place], found: PlanInput, references: ReferenceData) -> list[Profile]:
    """The profile of each item at each location that has a policy there."""
    return [
        Profile(
            item_no=place[0],
            location_code=place[1],
            stock=found.stock.get(place, ZERO),
            parameters=parameters,
            demands=tuple(found.demands.get(place, ())),
            supplies=tuple(found.supplies.get(place, ())),
        )
        for place in places
        if (parameters := parameters_of(references, *place)) is not None
    ]


def parameters_of(references: ReferenceData, item_no: str, location_code: str) -> Parameters | None:
    """Of the stockkeeping unit if it has a policy, else of the item (BC-MD-12); None where nothing is planned.

    An item that may not be bought is not planned: its lines would keep the others of the worksheet from being carried
    out.
    """
    item = references.find(ItemCard, item_no)
    unit = references.find(StockkeepingUnitCard, stockkeeping_unit_no(location_code, item_no))
    source = unit if unit is not None and unit.reordering_policy else item
    if item is None or source is None or not source.reordering_policy:
        return None
    if item.type != INVENTORY or may_not_be_bought(item):
        return None
    vendor_no = vendor_of(references, item_no, location_code)
    days = (
        lead_time_days(references, vendor_no, item_no, location_code)
        + safety_lead_time_days(references, item_no, location_code)
        + inbound_handling_days(references, location_code)
    )
    setup = setup_of(references)
    bounds = {name: getattr(source, name) for name in _QUANTITIES}
    bounds |= {name: bounds[name] or getattr(setup, name) for name in _COMPANY_WIDE}
    return Parameters(policy=source.reordering_policy, lead_time_days=days, **bounds)


def _demand(line: OpenLine) -> Demand:
    return Demand(
        line_id=line.line_id,
        document_no=line.document_no,
        line_no=line.line_no,
        day=line.due_date,
        quantity=line.quantity - line.reserved,
        is_channel=line.source == CHANNEL,
    )


def _supply(line: OpenLine, bought: tuple[PurchaseOrder, PurchaseLine] | None) -> Supply:
    """A line that came in part is fixed (BC-PL-18); so is a reserved one, and one whose order is not known whole."""
    return Supply(
        line_id=line.line_id,
        document_no=line.document_no,
        line_no=line.line_no,
        day=line.due_date,
        quantity=line.quantity - line.reserved,
        fixed=bought is None or line.reserved > 0 or bought[1].quantity_received > 0,
        released=bought is not None and bought[0].status == "released",
        for_line=_bought_for(bought[1]) if bought is not None else None,
    )


def _changing(supply: Supply, change: RequisitionLine) -> Supply:
    """As purchasing is asked to make it: a second message about it waits for the decision on the first."""
    quantity = change.quantity * change.qty_per_unit_of_measure
    return replace(supply, day=change.due_date, quantity=quantity, fixed=True)


def _bought_for(line: PurchaseLine) -> UUID | None:
    """The one sales line that the purchase line names (G8)."""
    named = {link.sales_line_id for link in line.demand}
    return named.pop() if len(named) == 1 else None


def _under_way(line: RequisitionLine) -> Supply:
    return Supply(
        line_id=line.id,
        document_no="",
        line_no=0,
        day=line.due_date,
        quantity=line.quantity * line.qty_per_unit_of_measure,
        fixed=True,
        for_line=line.planned_for.sales_line_id if line.planned_for is not None else None,
    )
