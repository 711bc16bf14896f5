"""The sales order: its state, the snapshot that others get, and the guards that all changes share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from contracts.captures import Capture
from contracts.fields import Amount, CodeOrBlank, SalesOrderNoOrBlank
from contracts.pos import Totals
from contracts.refusals import Violations, conflict, not_found
from contracts.sales.fields import Reserve, SalesOrderStatus, ShippingAdvice
from contracts.sales.orders import SalesOrder, SalesOrderHeader
from contracts.sales.requests import (
    PostingRequest,
    PostingRequestLine,
    PromiseDecision,
    PurchaseInvoiceRequest,
    RequestedChange,
    RequestedChangeLine,
    UndoDecision,
    WithdrawalRequest,
)
from domainkit.money import ZERO
from domainkit.parties import ORDERING
from sales.domain.orders.amounts import totals
from sales.domain.orders.lines import LINE_NO_STEP, Line

OPEN: Final = "open"
RELEASED: Final = "released"
CLOSED: Final = "closed"
CANCELLING: Final = "cancelling"
CANCELLED: Final = "cancelled"

D = TypeVar("D", bound="Order")


class PlannedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a post that was decided: what leaves, what is invoiced, and what its author saw as shipped."""

    sales_line_id: UUID
    ship: Decimal = ZERO
    invoice: Decimal = ZERO
    base: Decimal = ZERO


class PendingPost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A post that waits for purchasing's receipts: the plan of all its lines. `id` is the operation's id."""

    id: UUID
    posting_date: date
    ship: bool
    invoice: bool
    lines: tuple[PlannedLine, ...]
    send_to: str = ""
    """Where what is posted goes by mail."""


class Cancellation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cancellation that waits for purchasing. `id` is the operation's id, `was` the status before it."""

    id: UUID
    was: SalesOrderStatus
    remaining: bool = False
    sales_line_ids: tuple[UUID, ...] = ()
    at_till: bool = False
    """A till has settled it with its customer: it cannot be refused any more as a whole."""


class PendingChange(RequestedChange, frozen=True, kw_only=True):
    """A change of linked lines that waits for purchasing; `id` is the operation's id.

    Sales changes nothing of these lines until the answer is there.
    """

    shipment_no: str = ""
    """The posted shipment that is taken back."""
    invoice_no: str = ""
    """The posted invoice that is corrected."""
    line_no: int = 0
    """The line whose change was asked for."""
    after: Line | None = None
    """That line as it shall be."""
    fields: tuple[str, ...] = ()
    """What of it changes; all else is taken from the line as it is at the end."""
    increase: Decimal = ZERO
    """How much more is sold; below zero: less."""


class OrderHeader(SalesOrderHeader, frozen=True, kw_only=True):
    """The header with what only sales itself and its callers need to know."""

    reserve: Reserve = "optional"
    shipping_advice: ShippingAdvice = "partial"
    prepaid_amount: Annotated[
        Amount, Meta(description="What was paid at the till already.", examples=["200.00"])
    ] = ZERO
    captures: Annotated[
        tuple[Capture, ...],
        Meta(description="What was taken from the customer's card after the till's order was made."),
    ] = ()
    hold_code: Annotated[
        CodeOrBlank,
        Meta(
            description='Why a till\'s order that was repaired stays open until a person releases it; "" otherwise.',
            examples=["CHECK"],
        ),
    ] = ""


class Order(OrderHeader, frozen=True, kw_only=True):
    """A sales order as sales keeps it. `last_line_no` is the highest number ever used: none is used twice.

    Quotes, invoices and return orders are made by the same rules: they extend it and say in what they differ.
    """

    document: ClassVar[str] = "sales order"
    """What the document is called in sentences."""
    stops: ClassVar[frozenset[str]] = ORDERING
    """For what a customer is blocked that gets no such document (BC-MD-17)."""
    takes_items_code: ClassVar[bool] = True
    """Whether the item's purchasing code is the default of a line (BC-MD-07)."""
    sells: ClassVar[bool] = True
    """Whether a blocked item may not stand on it (BC-MD-11)."""
    posts_whole: ClassVar[bool] = False
    """Whether a posting takes all of it, and ships and invoices at once."""
    worked_on: ClassVar[str] = RELEASED
    """Its status until everything is posted; `done` is the one from then on."""
    done: ClassVar[str] = CLOSED

    no: SalesOrderNoOrBlank = ""
    version: int = 0
    status: SalesOrderStatus = OPEN
    last_line_no: int = 0
    discount_invoiced: Decimal = ZERO
    """What posted invoices have taken of the order's discount."""
    lines: tuple[Line, ...] = ()
    pending_posts: tuple[PendingPost, ...] = ()
    cancellation: Cancellation | None = None
    requested_changes: tuple[PendingChange, ...] = ()
    undo_decisions: tuple[UndoDecision, ...] = ()
    promise_decisions: tuple[PromiseDecision, ...] = ()
    purchase_invoice_requests: tuple[PurchaseInvoiceRequest, ...] = ()
    deleted: bool = False

    UNAUDITED: ClassVar = frozenset(
        {
            "last_line_no",
            "discount_invoiced",
            "pending_posts",
            "cancellation",
            "requested_changes",
            "undo_decisions",
            "promise_decisions",
            "purchase_invoice_requests",
        }
    )

    @property
    def title(self) -> str:
        """The document with its number, in sentences."""
        return f"{self.document} {self.no}"

    @property
    def order_no(self) -> str:
        """The order that its posted documents name."""
        return self.no

    @property
    def sales_invoice_no(self) -> str:
        """The invoice that its posted documents name; "" for orders."""
        return ""

    def made(self, line: Line, new: Any) -> Line:  # noqa: ARG002 - for documents whose lines name others
        """A new line as the document keeps it; `new` is the request that it was made of."""
        return line

    def posted_as(self, invoice_no: str) -> Self:  # noqa: ARG002 - what invoices keep of it
        """The document once an invoice was posted of it."""
        return self

    @property
    def posting_requests(self) -> tuple[PostingRequest, ...]:
        """What purchasing is asked to post: the drop-shipment lines of the pending posts."""
        return tuple(self._request(post) for post in self.pending_posts)

    @property
    def withdrawal_requests(self) -> tuple[WithdrawalRequest, ...]:
        """What purchasing is asked to give up: the lines of a cancellation."""
        if self.cancellation is None:
            return ()
        return (msgspec.convert(self.cancellation, WithdrawalRequest, from_attributes=True),)

    def _request(self, post: PendingPost) -> PostingRequest:
        dropped = {line.id for line in self.lines if line.drop_shipment}
        lines = tuple(
            PostingRequestLine(sales_line_id=planned.sales_line_id, base=planned.base, quantity=planned.ship)
            for planned in post.lines
            if planned.sales_line_id in dropped and planned.ship > 0
        )
        return PostingRequest(id=post.id, posting_date=post.posting_date, lines=lines)

    @property
    def under_way(self) -> frozenset[UUID]:
        """Lines that a pending post holds: nothing else is posted of them until it ends."""
        return frozenset(line.sales_line_id for post in self.pending_posts for line in post.lines)

    @property
    def changing(self) -> frozenset[UUID]:
        """Lines that a change holds, which purchasing decides: nothing is posted of them until it ends."""
        return frozenset(line.sales_line_id for change in self.requested_changes for line in change.lines)

    @property
    def changes_to_decide(self) -> tuple[RequestedChange, ...]:
        """What purchasing is asked to decide: of an undo or a correction the drop shipments; the rest is sales' own."""
        return tuple(
            RequestedChange(id=change.id, kind=change.kind, lines=self.dropped(change))
            if change.kind in {"undo_shipment", "correct_invoice"}
            else msgspec.convert(change, RequestedChange, from_attributes=True)
            for change in self.requested_changes
        )

    def dropped(self, change: RequestedChange) -> tuple[RequestedChangeLine, ...]:
        """The lines of a change that are drop shipments."""
        dropped = {line.id for line in self.lines if line.drop_shipment}
        return tuple(line for line in change.lines if line.sales_line_id in dropped)

    @property
    def totals(self) -> Totals:
        """The order's amounts, of all lines with their whole quantity."""
        return totals(self.lines, self.currency_code, self.invoice_discount_amount)

    def line(self, line_no: int) -> Line:
        """The line with this number, which a path names."""
        for line in self.lines:
            if line.line_no == line_no:
                return line
        raise not_found("line", str(line_no))

    def next_line_no(self) -> int:
        """A number that no line of this order ever had."""
        return (self.last_line_no // LINE_NO_STEP + 1) * LINE_NO_STEP

    def with_line(self, line: Line) -> Self:
        """The order with this line in the place of its former self, or at the end."""
        if all(each.id != line.id for each in self.lines):
            return replace(self, lines=(*self.lines, line), last_line_no=max(self.last_line_no, line.line_no))
        return replace(self, lines=tuple(line if each.id == line.id else each for each in self.lines))

    def map_lines(self, change: Callable[[Line], Line]) -> Self:
        """The order with each line changed."""
        return replace(self, lines=tuple(change(line) for line in self.lines))


def snapshot(order: Order, *happened: str) -> SalesOrder:
    """What others learn of the order."""
    published = msgspec.convert(order, SalesOrder, from_attributes=True)
    if order.requested_changes:
        published = replace(published, requested_changes=order.changes_to_decide)
    return replace(published, happened=happened)


def refuse_unless_open(order: Order) -> None:
    """Lines and header change on open orders only (BC-SD-02)."""
    if order.status != OPEN:
        raise conflict("order-not-open", f"{order.title} is {order.status}; only an open one changes")


def refuse_when_ended(order: Order) -> None:
    """Nothing is done with an order that is cancelled or being cancelled."""
    if order.status == CANCELLING:
        raise conflict("change-pending", f"sales order {order.no} is being cancelled")
    if order.status == CANCELLED:
        raise conflict("order-not-open", f"sales order {order.no} is cancelled")


def refuse_while_posting(order: Order) -> None:
    """A posting that waits for purchasing holds the order."""
    if order.pending_posts:
        raise conflict("posting-under-way", f"a posting of sales order {order.no} is under way")
    if order.requested_changes:
        raise conflict("change-pending", f"a change of sales order {order.no} waits for purchasing")


def check_not_held(found: Violations, order: Order, line: Line) -> None:
    """Another service decides about the line: a posting or a change waits for it."""
    line_no = line.line_no
    if line.id in order.under_way:
        found.conflict("posting-under-way", f"a posting of line {line_no} is under way", line_no=line_no)
    if line.id in order.changing or order.cancellation is not None:
        found.conflict("change-pending", f"a change of line {line_no} waits for purchasing", line_no=line_no)


def closed_if_done(order: D) -> D:
    """Fully shipped and invoiced orders become `closed` and keep their links as history; others are `posted`."""
    done = (
        order.status == order.worked_on
        and not order.pending_posts
        and not order.requested_changes
        and all(line.completed for line in order.lines)
    )
    return replace(order, status=order.done) if done else order
