"""What the supply of a line means for it: its cost, a date at risk, a quantity that is not met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from contracts.values import Problem
from domainkit.money import ZERO
from domainkit.promises import is_late
from sales.domain.orders.lines import Line
from sales.domain.sourcing import Sourcing, SupplyLink


def active_links(line_ids: Iterable[UUID], sourcings: Mapping[UUID, Sourcing]) -> dict[UUID, SupplyLink]:
    """The binding link of each of these lines that has one."""
    links = ((line_id, sourcings[line_id].active) for line_id in line_ids if line_id in sourcings)
    return {line_id: link for line_id, link in links if link is not None}


def costed(line: Line, link: SupplyLink | None) -> Line:
    """The line at the cost of the purchase that it is linked to; without one at its own (BC-SO-24, BC-SO-36)."""
    if link is None or link.cost is None:
        return line
    cost = link.cost.per(line)
    return line if cost == line.unit_cost else replace(line, unit_cost=cost)


def is_date_at_risk(line: Line, supply: Sourcing | None) -> bool:
    """Whether what the vendor still has to deliver comes too late for the line (G10)."""
    link = supply.effective_link if supply is not None and line.flagged else None
    delivery = link.outstanding_delivery if link is not None else None
    return delivery is not None and is_late(line, delivery)


def overdue_procurement(released_at: datetime) -> Problem:
    """What is wrong with a line that is not bought long after its release, where nothing else is known to be."""
    detail = f"released at {released_at:%Y-%m-%d %H:%M} UTC and not bought yet"
    return Problem(code="overdue-procurement", detail=detail)


def quantity_problem(line: Line, supply: Sourcing) -> Problem | None:
    """A warning if the active link brings more or less than the line needs of it; it blocks nothing."""
    link = supply.effective_link
    if link is None or not link.active or supply.is_given_up:
        return None
    needed = _needed_from(link, line, supply)
    confirmed = link.confirmed_quantity
    if confirmed is not None and confirmed < min(link.quantity, needed) and link.received < link.quantity:
        detail = f"the vendor has confirmed {confirmed} of {link.quantity} on {link.purchase_order_no}"
        return Problem(code="under-confirmed", detail=detail)
    if link.quantity == needed:
        return None
    code = "over-ordered" if link.quantity > needed else "under-ordered"
    detail = f"{link.quantity} bought by purchase order {link.purchase_order_no}, {needed} to buy"
    return Problem(code=code, detail=detail)


def _needed_from(link: SupplyLink, line: Line, supply: Sourcing) -> Decimal:
    """What was outstanding without this link: less what left from stock, or came by links before it."""
    return line.quantity - brought_otherwise(line, supply, link)


def brought_otherwise(line: Line, supply: Sourcing | None, link: SupplyLink | None) -> Decimal:
    """What the line has from stock and from other links than this one; without a link: all that it has."""
    if line.drop_shipment:
        return line.quantity_shipped - (line.shipped_over(link.link_id) if link else ZERO)
    if supply is None:
        return line.quantity_shipped
    # Shipments of a special order do not name their link; what left against grants stands in `shipped`.
    from_stock = line.quantity_shipped - supply.shipped
    return from_stock + supply.received + supply.reallocated - (link.received if link else ZERO)
