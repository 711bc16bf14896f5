"""What may be shipped of a flagged line: what receipts granted, and lines gave one another (E5, BC-SO-35)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from sales.domain.orders.lines import Line
from sales.domain.sourcing import Sourcing, SupplyLink, procured_anew


def given_away(sourcing: Sourcing, quantity: Decimal, to: str, at: datetime) -> Sourcing:
    """Without goods that another line gets; what may be shipped is less by them (E5)."""
    return replace(
        sourcing,
        reallocated=sourcing.reallocated - quantity,
        granted=sourcing.granted - quantity,
        given_to=to,
        given_generation=sourcing.generation,
        as_of=at,
    )


def taken_over(sourcing: Sourcing, quantity: Decimal, at: datetime) -> Sourcing:
    """With goods that another line gave (E5)."""
    return replace(
        sourcing,
        special_order=True,
        reallocated=sourcing.reallocated + quantity,
        granted=sourcing.granted + quantity,
        as_of=at,
    )


def covering(sourcing: Sourcing, generation: int, total: Decimal, at: datetime) -> Sourcing:
    """Of which from now on only what other lines did not give is bought, under this generation (E5)."""
    return replace(procured_anew(sourcing, generation, at), covered=total)


def hand_back(sourcing: Sourcing, posting_id: UUID) -> Sourcing | None:
    """Without the grant of a receipt; None if goods of it have left already (BC-SO-35)."""
    after = replace(sourcing, handed_back=(*sourcing.handed_back, posting_id))
    if after.grantable < after.shipped:
        return None
    return replace(after, granted=after.grantable)


def supplied_total(line: Line, sourcing: Sourcing, link: SupplyLink, received: Decimal) -> Decimal:
    """What the line sells if its link brings no more than `received`: that, and what left or came without the link."""
    if line.drop_shipment:
        return line.quantity_shipped - line.shipped_over(link.link_id) + received
    here = sourcing.received + sourcing.reallocated
    return line.quantity_shipped - sourcing.shipped + here - link.received + received


def shipped_more(sourcing: Sourcing, quantity: Decimal) -> Sourcing:
    """The sourcing after a special order's shipment; the database refuses more than was granted."""
    return replace(sourcing, shipped=sourcing.shipped + quantity)
