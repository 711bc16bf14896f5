"""What sales has learned from planning and purchasing about the supply of a flagged line, and what that means.

Nothing here raises the order's version: it is the state of others, shown on the line as `sourcing`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.planning.stock import DemandLine
from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from contracts.values import Posting, Problem
from domainkit.money import ZERO
from sales.domain.purchase_costs import PurchaseCost

DELETED_CODE = "purchase-line-deleted"
REFUSED_CODE = "vendor-refused"
GIVEN_CODE = "goods-given-away"
NOT_BOUGHT: Final = ("awaiting_requisition", "requisitioned", "requested")
"""Stages of a line for which there is no purchase line yet."""


class SupplyLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One link of the line to a purchase line, past or present, as purchasing's last event has it."""

    link_id: UUID
    generation: int
    active: bool = True
    deleted: bool = False
    purchase_order_no: str
    purchase_order_line_no: int
    vendor_no: str = ""
    quantity: Decimal = ZERO
    expected_receipt_date: date | None = None
    confirmed_quantity: Decimal | None = None
    refusal_reason: str = ""
    receipts: tuple[Posting, ...] = ()
    closed_short: bool = False
    cost: PurchaseCost | None = None
    """What the goods cost; None: it cannot be known, for want of an exchange rate."""

    @property
    def outstanding_delivery(self) -> date | None:
        """When the vendor delivers what is still to come; None if nothing is, or no date is known."""
        if self.came_to_nothing or self.received >= self.quantity:
            return None
        return self.expected_receipt_date

    @property
    def came_to_nothing(self) -> bool:
        """The purchase line was deleted, or the vendor refused it."""
        return self.deleted or bool(self.refusal_reason)

    @property
    def received(self) -> Decimal:
        """What was received over this link, undone receipts aside."""
        return sum((p.quantity for p in self.receipts if not p.undone), ZERO)


class Sourcing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that was learned about one flagged line. Lower generations never overwrite higher ones."""

    sales_line_id: UUID
    sales_order_no: str
    sales_order_line_no: int
    special_order: bool = False
    demand: DemandLine | None = None
    links: tuple[SupplyLink, ...] = ()
    granted: Decimal = ZERO
    """What a special order may ship in all: what was received for it, never less than what has left already."""
    shipped: Decimal = ZERO
    """What sales has shipped of a special order against its grants."""
    handed_back: tuple[UUID, ...] = ()
    """Receipts that purchasing may take back: they grant nothing any more, whether their undo is known yet or not."""
    asked_generation: int = 0
    """The generation that a person asked for when an exception was resolved; what is older counts no more."""
    operation_id: UUID | None = None
    """The operation that waits until this generation is taken up."""
    revision: int = 0
    """Counts the changes of this record, so that two processes that learn at once do not overwrite each other."""
    as_of: datetime | None = None
    reallocated: Decimal = ZERO
    """Received goods that came from other lines, less those that were given to them (E5)."""
    given_to: str = ""
    """Which line got goods of this one last, for people."""
    given_generation: int = 0
    """The generation whose goods were given away; a later one buys them again."""
    covered: Decimal = ZERO
    """The total of the line when goods of other lines became its supply, because nothing was bought for it."""
    is_given_up: bool = False
    """The sales line was cancelled with its purchase: a purchase that ends is what was asked for."""

    @property
    def newest(self) -> SupplyLink | None:
        """The link of the highest generation."""
        return max(self.links, key=lambda link: link.generation, default=None)

    @property
    def active(self) -> SupplyLink | None:
        """The link that binds the line to a purchase line now."""
        return next((link for link in self.links if link.active), None)

    @property
    def generation(self) -> int:
        """The highest generation of demand and links, and of what was asked for."""
        return max(self.asked_generation, self.known_generation)

    @property
    def known_generation(self) -> int:
        """The highest generation that planning or purchasing has published."""
        return max([self.demand.generation if self.demand else 0, *(link.generation for link in self.links)])

    @property
    def current_demand(self) -> DemandLine | None:
        """Planning's demand, unless a later generation was asked for since."""
        if self.demand is None or self.demand.generation < self.asked_generation:
            return None
        return self.demand

    @property
    def received(self) -> Decimal:
        """All that was received for the line, over all its links."""
        return sum((link.received for link in self.links), ZERO)

    @property
    def grantable(self) -> Decimal:
        """What was received and is not handed back, less what was given to other lines."""
        receipts = (receipt for link in self.links for receipt in link.receipts)
        standing = (r for r in receipts if not r.undone and r.posting_id not in self.handed_back)
        return sum((r.quantity for r in standing), ZERO) + self.reallocated

    @property
    def shippable(self) -> Decimal:
        """What a special order may ship now."""
        return self.granted - self.shipped

    @property
    def effective_link(self) -> SupplyLink | None:
        """The newest link, unless planning has a later generation already, or a person asked for one."""
        newest = self.newest
        if newest is None or newest.generation < self.asked_generation:
            return None
        if self.demand is not None and self.demand.generation > newest.generation:
            return None
        return newest

    @property
    def lacks_given_goods(self) -> bool:
        """What had come is given to another line, and nothing more is to come: the line is open again (E5)."""
        link = self.effective_link
        return (
            link is not None
            and self.reallocated < 0
            and self.given_generation == self.generation
            and link.received >= link.quantity
        )

    @property
    def is_covered(self) -> bool:
        """Other lines gave all that the line needs, and nothing is bought for it."""
        return self.effective_link is None and ZERO < self.covered <= self.granted

    @property
    def state(self) -> str:
        """The stage of the supply, in the contract's words."""
        link = self.effective_link
        if self.lacks_given_goods:
            return "exception"
        if self.is_covered:
            return "received"
        if self.is_given_up and (link is None or link.came_to_nothing):
            return "none"
        if link is not None:
            return _state_of_link(link)
        return _state_of_demand(self.current_demand)

    @property
    def problem(self) -> Problem | None:
        """Why the line needs a person, if it does."""
        link = self.effective_link
        if self.is_given_up or self.is_covered:
            return None
        if self.lacks_given_goods:
            return Problem(code=GIVEN_CODE, detail=f"received goods were given to {self.given_to}")
        if link is not None:
            return _problem_of_link(link)
        return self.current_demand.problem if self.current_demand else None


def _state_of_link(link: SupplyLink) -> str:
    if link.came_to_nothing:
        return "exception"
    if link.received <= 0:
        return "ordered"
    return "received" if link.received >= link.quantity else "partly_received"


def _problem_of_link(link: SupplyLink) -> Problem | None:
    """Why nothing comes of the link; a refused line that is deleted later is no second cause."""
    if not link.came_to_nothing:
        return None
    where = f"line {link.purchase_order_line_no} of purchase order {link.purchase_order_no}"
    if link.refusal_reason:
        return Problem(code=REFUSED_CODE, detail=f"{where} was refused by the vendor: {link.refusal_reason}")
    return Problem(code=DELETED_CODE, detail=f"{where} was deleted")


def _state_of_demand(demand: DemandLine | None) -> str:
    if demand is None:
        return "awaiting_requisition"
    # Planning may know a purchase line before purchasing's own event arrives: until then it is only requested.
    return {"ordered": "requested", "cancelled": "none"}.get(demand.state, demand.state)


def sourcing_of(sales_line_id: UUID, sales_order_no: str, sales_order_line_no: int) -> Sourcing:
    """A line of which nothing is known yet."""
    return Sourcing(
        sales_line_id=sales_line_id, sales_order_no=sales_order_no, sales_order_line_no=sales_order_line_no
    )


def learn_demand(sourcing: Sourcing, demand: DemandLine, at: datetime) -> Sourcing:
    """Take over planning's demand of the line; a generation older than the last one changes nothing."""
    if sourcing.demand is not None and demand.generation < sourcing.demand.generation:
        return sourcing
    return sourcing if demand == sourcing.demand else replace(sourcing, demand=demand, as_of=at)


def learn_link(
    sourcing: Sourcing,
    order: PurchaseOrder,
    line: PurchaseLine,
    at: datetime,
    cost: PurchaseCost | None = None,
) -> Sourcing:
    """Take over the link of a purchase line that serves the sales line, and what the goods cost there."""
    link = line.link
    if link is None:
        return sourcing
    supply = SupplyLink(
        link_id=link.link_id,
        generation=link.sales.generation,
        active=link.active and not line.deleted and not order.deleted,
        deleted=line.deleted or order.deleted,
        purchase_order_no=order.no,
        purchase_order_line_no=line.line_no,
        vendor_no=order.vendor_no,
        quantity=line.quantity,
        expected_receipt_date=line.confirmed_date or line.expected_receipt_date,
        confirmed_quantity=line.confirmed_quantity,
        refusal_reason=line.refusal_reason,
        receipts=line.receipts,
        closed_short=line.closed_short,
        cost=cost,
    )
    others = tuple(each for each in sourcing.links if each.link_id != supply.link_id)
    links = tuple(sorted((*others, supply), key=lambda each: each.generation))
    if links == sourcing.links:
        return sourcing  # the same object: it is not written, and its time stays
    special = link.kind == "special_order"
    learned = replace(sourcing, links=links, special_order=special, as_of=at)
    # An undone receipt lowers the grant, but not below what has left: the table's check would refuse the snapshot.
    return replace(learned, granted=max(learned.grantable, learned.shipped))


def resolved(sourcing: Sourcing, generation: int, operation_id: UUID | None, at: datetime) -> Sourcing:
    """A person answered the exception: what came of earlier generations counts no more."""
    return replace(sourcing, asked_generation=generation, operation_id=operation_id, as_of=at)


def procured_anew(sourcing: Sourcing, generation: int, at: datetime) -> Sourcing:
    """The line changed before it was bought: what came of earlier generations counts no more."""
    return replace(sourcing, asked_generation=generation, is_given_up=False, covered=ZERO, as_of=at)
