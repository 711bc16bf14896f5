"""A line of a sales order: what is sold, how it is procured, what was shipped and invoiced."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, ClassVar, Final, Self
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import Amount, LineDiscountAmount, SalesOrderNoOrBlank
from contracts.sales.fields import SalesLineId, SalesOrderLineNo
from contracts.sales.orders import LineDemand, Reallocation, SalesLineTerms
from contracts.values import Posting
from domainkit.money import ZERO
from domainkit.postings import BilledPosting, billed, credited, not_invoiced

LINE_NO_STEP: Final = 10_000


class OrderedLine(msgspec.Struct, frozen=True, kw_only=True):
    """The line of an order that a posted line is about; blank of what no order sold."""

    sales_order_no: SalesOrderNoOrBlank = ""
    sales_order_line_no: SalesOrderLineNo = 0
    sales_line_id: SalesLineId | None = None


class LineTerms(SalesLineTerms, frozen=True, kw_only=True):
    """What a line sells, with what only sales itself needs to know."""

    unit_cost: Annotated[
        Amount, Meta(description="Cost of one unit in the company's currency.", examples=["7.00"])
    ] = ZERO
    line_discount_amount: LineDiscountAmount | None = None


class Line(LineTerms, frozen=True, kw_only=True):
    """One line as the order keeps it. Totals moved are sums over `postings`, never stored beside them.

    `qty_to_ship` and `qty_to_invoice` are None until they are set: then the set-up's default holds (BC-SD-07).
    `line_discount_amount` is money off the whole line; it stands instead of the percentage.
    """

    qty_to_ship: Decimal | None = None
    qty_to_invoice: Decimal | None = None
    invoiced: Decimal = ZERO
    ever_invoiced: Decimal = ZERO
    demand: LineDemand | None = None
    last_generation: int = 0
    """The highest generation that was given up: a line that is flagged again starts above it."""
    postings: tuple[BilledPosting, ...] = ()
    reallocations: tuple[Reallocation, ...] = ()
    """Received goods of a special order that were given to other lines, or came from them (E5)."""

    UNAUDITED: ClassVar = frozenset(
        {"id", "invoiced", "ever_invoiced", "demand", "last_generation", "postings", "reallocations"}
    )

    @property
    def flagged(self) -> bool:
        """Whether the line is bought for its customer: special order or drop shipment."""
        return self.drop_shipment or self.special_order

    @property
    def procurement_method(self) -> str:
        """`drop_shipment`, `special_order` or `stock` (G11)."""
        if self.drop_shipment:
            return "drop_shipment"
        return "special_order" if self.special_order else "stock"

    @property
    def has_quantity(self) -> bool:
        """Whether the line has a quantity to ship and invoice; comments have none."""
        return self.type != "comment"

    @property
    def released_once(self) -> bool:
        """A flagged line after its first release: it changes only by request, also while the order is open."""
        return self.demand is not None and self.demand.released

    @property
    def quantity_shipped(self) -> Decimal:
        """What left for the customer, undone postings aside."""
        return sum((p.quantity for p in self.postings if not p.undone), ZERO)

    def shipped_over(self, link_id: UUID) -> Decimal:
        """What a drop shipment's link brought: a link of another generation, or stock, does not count."""
        return sum((p.quantity for p in self.postings if p.link_id == link_id and not p.undone), ZERO)

    @property
    def least_quantity(self) -> Decimal:
        """The line cannot sell less (BC-SD-07)."""
        return self.quantity_shipped

    def ordered(self, order_no: str) -> OrderedLine:
        """What posted lines say of their order: this line of it."""
        return OrderedLine(sales_order_no=order_no, sales_order_line_no=self.line_no, sales_line_id=self.id)

    @property
    def own_shipment(self) -> Posting | None:
        """What left with the invoice itself: nothing, it left with the order's shipments."""
        return None

    def left_to_invoice(self, posting_id: UUID) -> Decimal:
        """What of one shipment is not invoiced yet; 0 of one that was taken back."""
        return not_invoiced(self.postings, self.invoiced, posting_id)

    def billed(self, quantity: Decimal, posting_id: UUID | None = None) -> tuple[Self, tuple[UUID, ...]]:
        """The line after so much more was invoiced, and the shipments that this bills: the oldest, or this one."""
        postings, ids = billed(self.postings, self.invoiced, quantity, posting_id)
        after = replace(
            self,
            invoiced=self.invoiced + quantity,
            ever_invoiced=self.ever_invoiced + quantity,
            qty_to_invoice=None,
            postings=postings,
        )
        return after, ids

    def not_invoiced(self, quantity: Decimal, posting_ids: Collection[UUID]) -> Self:
        """The line after an invoice of so much, which billed these shipments, was taken back."""
        postings = credited(self.postings, self.invoiced, quantity, posting_ids)
        return replace(self, invoiced=max(self.invoiced - quantity, ZERO), postings=postings)

    @property
    def quantity_invoiced(self) -> Decimal:
        """What is invoiced now; corrections lower it, unlike `ever_invoiced` (BC-DS-24)."""
        return self.invoiced

    @property
    def outstanding_quantity(self) -> Decimal:
        """What still has to leave (BC-SD-07)."""
        return self.quantity - self.quantity_shipped

    @property
    def qty_shipped_not_invoiced(self) -> Decimal:
        """What left and is not invoiced yet (BC-SD-07)."""
        return self.quantity_shipped - self.invoiced

    @property
    def completed(self) -> bool:
        """Whether nothing of the line is left to ship or to invoice."""
        return not self.has_quantity or (
            self.outstanding_quantity <= 0 and self.qty_shipped_not_invoiced <= 0
        )

    def shippable(self, default_qty_to_ship: str) -> Decimal:
        """Qty. to Ship: what was set, but never more than is outstanding; else by the set-up's default."""
        if not self.has_quantity:
            return ZERO
        if self.qty_to_ship is None:
            return self.outstanding_quantity if default_qty_to_ship == "remainder" else ZERO
        return min(self.qty_to_ship, self.outstanding_quantity)

    def invoiceable(self, shipping: Decimal) -> Decimal:
        """Qty. to Invoice when `shipping` leaves in the same post: what was set, capped; else all that has left."""
        if not self.has_quantity:
            return ZERO
        moved = self.qty_shipped_not_invoiced + shipping
        return moved if self.qty_to_invoice is None else min(self.qty_to_invoice, moved)


def released(line: Line) -> Line:
    """The line after a release of its order: the demand of a flagged one stands from then on.

    Its planned date is promised to the customer by the first release, and kept (G10).
    """
    promised = line.promised_delivery_date or line.planned_delivery_date
    demand = line.demand
    if demand is not None and not demand.released:
        demand = replace(demand, released=True)
    if promised is line.promised_delivery_date and demand is line.demand:
        return line
    return replace(line, promised_delivery_date=promised, demand=demand)


def with_demand(line: Line) -> Line:
    """The line with what it wants bought: its quantity, from the first flag on; nothing without a flag."""
    if not line.flagged:
        return line if line.demand is None else replace(line, demand=None)
    demand = line.demand or LineDemand(generation=line.last_generation + 1, quantity=line.quantity)
    return replace(line, demand=replace(demand, quantity=line.quantity))
