"""The purchase order as purchasing keeps it: a frozen value; every change returns a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from msgspec import convert
from msgspec.structs import replace

from contracts.fields import MAX_LINES, Version
from contracts.purchasing import orders as contract
from contracts.purchasing.fields import DROP_SHIPMENT, SPECIAL_ORDER, OrderStatus, ShipmentMethodCode
from contracts.purchasing.orders import PurchaseLineTerms, PurchaseLink, PurchaseOrderHeader, UndoRequest
from contracts.refusals import Reason, Refusal, Violation, conflict
from domainkit.money import ZERO, Currency
from domainkit.postings import BilledPosting, has_room_for_lines

LINE_NO_STEP: Final = 10_000

OPEN: Final = "open"
RELEASED: Final = "released"
CLOSED: Final = "closed"


class Receipt(BilledPosting, frozen=True, kw_only=True):
    """A posted receipt of a line. `order_version` is the version that posting it made.

    `document_id` is the posted receipt it stands on; its number is given last of all (gapless numbers).
    """

    order_version: int
    document_id: UUID


class Line(PurchaseLineTerms, frozen=True, kw_only=True):
    """A line of a purchase order. Received quantities are sums over its receipts, never kept beside them."""

    link: PurchaseLink | None = None
    receipts: tuple[Receipt, ...] = ()
    closed_short: bool = False
    sale_credited: Decimal = ZERO
    """What of the customer's invoices was taken back, in the sales line's unit: the vendor may invoice less (G18)."""
    deleted: bool = False

    UNAUDITED: ClassVar = frozenset({"id", "quantity_invoiced", "link", "receipts"})

    @property
    def quantity_received(self) -> Decimal:
        """All that was received and not undone."""
        return sum((r.quantity for r in self.receipts if not r.undone), ZERO)

    @property
    def outstanding_quantity(self) -> Decimal:
        """What is still to come; never below zero when the vendor delivered more."""
        return max(self.quantity - self.quantity_received, ZERO)

    @property
    def delivery_date(self) -> date | None:
        """When the vendor delivers: what was confirmed goes before what is expected (E2)."""
        return self.confirmed_date or self.expected_receipt_date

    @property
    def is_confirmed(self) -> bool:
        """The vendor has said how much comes, or when (E2)."""
        return self.confirmed_quantity is not None or self.confirmed_date is not None

    @property
    def is_refused(self) -> bool:
        """The vendor does not deliver the line (E2)."""
        return bool(self.refusal_reason)

    @property
    def qty_rcd_not_invoiced(self) -> Decimal:
        """Received, and not billed by the vendor yet (G13)."""
        return self.quantity_received - self.quantity_invoiced

    @property
    def active_link(self) -> PurchaseLink | None:
        """The sales line that this line serves now."""
        return self.link if self.link is not None and self.link.active else None

    @property
    def answering_link(self) -> PurchaseLink | None:
        """The link whose sale has a say when receipts are taken back: active, or its goods were given to another."""
        return self.link if self.link is not None and (self.link.active or self.link.replaced) else None

    @property
    def drop_shipment(self) -> bool:
        """The vendor delivers to the customer."""
        return self.link is not None and self.link.kind == DROP_SHIPMENT

    @property
    def special_order(self) -> bool:
        """Bought for one sales line, and received in stock."""
        return self.link is not None and self.link.kind == SPECIAL_ORDER

    def amount(self, currency: Currency) -> Decimal:
        """The line's amount without tax, rounded to the currency."""
        return self.amount_of(self.quantity, currency)

    def amount_of(self, quantity: Decimal, currency: Currency) -> Decimal:
        """What a quantity of the line costs; money off the whole line is shared by quantity."""
        if self.line_discount_amount is None:
            return currency.line_amount(quantity, self.direct_unit_cost, self.line_discount_pct)
        off = self.line_discount_amount * quantity / self.quantity if self.quantity else ZERO
        return currency.rounded(quantity * self.direct_unit_cost - off)

    def amount_between(self, before: Decimal, after: Decimal, currency: Currency) -> Decimal:
        """What the quantity from `before` to `after` costs: parts add up to the whole line, with money off it too."""
        if self.line_discount_amount is None:
            return self.amount_of(after - before, currency)
        return self.amount_of(after, currency) - self.amount_of(before, currency)

    def with_amount_invoiced(self, before: Line, amount: Decimal, currency: Currency) -> Line:
        """The line with what the vendor charged for it now; `before`: the line before that.

        Lines that were invoiced before amounts were kept cost what they were ordered at.
        """
        known = self.amount_invoiced
        if known is None:
            known = before.amount_of(before.quantity_invoiced, currency)
        return replace(self, amount_invoiced=known + amount)

    def received_at(self, order_version: int) -> Decimal:
        """The received total at this version of the order, which is what its reader saw."""
        return sum(
            (r.quantity for r in self.receipts if r.order_version <= order_version and not r.undone), ZERO
        )


class PendingUndo(UndoRequest, frozen=True, kw_only=True):
    """Receipts to be undone that wait for sales; `id` is the operation's id. Their lines are not invoiced yet."""

    receipt_no: str
    posting_ids: tuple[UUID, ...]
    """All receipts of the act, also those that serve no sales line."""


class Order(PurchaseOrderHeader, frozen=True, kw_only=True):
    """A purchase order. `version` counts purchasing's acts on it."""

    status: OrderStatus = OPEN
    shipment_method_code: ShipmentMethodCode = ""
    version: Version = 0
    sent_version: Version | None = None
    """The version that was last sent (BC-DS-40)."""
    discount_invoiced: Decimal = ZERO
    """What posted invoices have taken of the order's discount."""
    lines: tuple[Line, ...] = ()
    undo_requests: tuple[PendingUndo, ...] = ()
    deleted: bool = False

    UNAUDITED: ClassVar = frozenset({"sent_version", "discount_invoiced", "undo_requests"})

    @property
    def live_lines(self) -> tuple[Line, ...]:
        """The lines that were not deleted."""
        return tuple(line for line in self.lines if not line.deleted)

    @property
    def printed_lines(self) -> tuple[Line, ...]:
        """The lines that the vendor is asked for: what it has refused is on paper no more."""
        return tuple(line for line in self.live_lines if not line.is_refused)

    @property
    def linked_lines(self) -> tuple[Line, ...]:
        """The lines that serve a sales line now."""
        return tuple(line for line in self.live_lines if line.active_link is not None)

    @property
    def has_postings(self) -> bool:
        """Anything received (and not undone) or invoiced."""
        return any(line.quantity_received or line.quantity_invoiced for line in self.lines)

    @property
    def received_not_invoiced(self) -> bool:
        """Goods came that the vendor has not invoiced (G13)."""
        return any(line.qty_rcd_not_invoiced > 0 for line in self.live_lines)

    @property
    def next_line_no(self) -> int:
        """A number that no line of this order ever had."""
        return max((line.line_no for line in self.lines), default=0) + LINE_NO_STEP

    @property
    def next_receipt_date(self) -> date | None:
        """When the next outstanding line is expected; None if nothing is outstanding or no date is known."""
        if self.status == CLOSED or self.deleted:
            return None
        dates = (line.delivery_date for line in self.live_lines if line.outstanding_quantity)
        return min((d for d in dates if d is not None), default=None)

    def is_overdue(self, line: Line, today: date) -> bool:
        """Whether something of the line should have come before this day (E2)."""
        due = line.delivery_date
        return due is not None and due < today and line.outstanding_quantity > 0 and self.status != CLOSED

    def line(self, line_no: int, *, addressed: bool = False, pointer: str = "") -> Line:
        """The live line with this number; `unknown-line` if there is none (`addressed`: the path names it)."""
        for line in self.lines:
            if line.line_no == line_no and not line.deleted:
                return line
        detail = f"purchase order {self.no} has no line {line_no}"
        reason = Reason.NOT_FOUND if addressed else Reason.INVALID
        raise Refusal(Violation("unknown-line", detail, pointer, reason=reason))

    def with_lines(self, changed: Iterable[Line]) -> Self:
        """The order with these lines in place of those with the same id."""
        by_id = {line.id: line for line in changed}
        return self.replaced(lines=tuple(by_id.get(line.id, line) for line in self.lines))

    def with_more_lines(self, added: Iterable[Line]) -> Self:
        """The order with these lines at its end."""
        lines = (*self.lines, *added)
        if len(lines) > MAX_LINES:
            raise conflict(
                "too-many-lines", f"a purchase order has at most {MAX_LINES} lines", pointer="/lines"
            )
        if not has_room_for_lines((line.receipts for line in self.lines), len(lines)):
            raise conflict(
                "too-many-postings", f"the receipts of purchase order {self.no} leave no room for more lines"
            )
        return self.replaced(lines=lines)

    def replaced(self, **fields: Any) -> Self:
        """The order with these fields changed."""
        return replace(self, **fields)

    def must_be_open(self) -> None:
        """Changes need an open order (`order-not-open`)."""
        if self.status != OPEN:
            raise conflict("order-not-open", f"purchase order {self.no} is {self.status}; reopen it first")

    def is_being_undone(self, line: Line) -> bool:
        """Whether a receipt of the line is to be taken back and waits for sales."""
        waiting = {id_ for request in self.undo_requests for id_ in request.posting_ids}
        return any(receipt.posting_id in waiting for receipt in line.receipts)

    def settled(self) -> Self:
        """Closed once all lines are received and invoiced in full; links stay, so that nothing is bought again."""
        lines = self.live_lines
        if lines and all(not line.outstanding_quantity and not line.qty_rcd_not_invoiced for line in lines):
            return self.replaced(status=CLOSED)
        return self

    def stamped(self, document_nos: Mapping[UUID, str]) -> Self:
        """The order with the numbers of its new posted receipts, which are known last of all."""
        return self.with_lines(
            replace(line, receipts=tuple(stamped(r, document_nos) for r in line.receipts))
            for line in self.lines
            if any(not r.document_no for r in line.receipts)
        )

    def snapshot(self, *happened: str) -> contract.PurchaseOrder:
        """The order as other services see it."""
        return replace(convert(self, contract.PurchaseOrder, from_attributes=True), happened=happened)


def stamped(receipt: Receipt, document_nos: Mapping[UUID, str]) -> Receipt:
    """The receipt with its document's number, if it has none yet."""
    if receipt.document_no:
        return receipt
    return replace(receipt, document_no=document_nos[receipt.document_id])


def as_deleted(line: Line) -> Line:
    """A deleted line stays in the order with its link inactive, so that the sales line learns of it."""
    link = replace(line.link, active=False) if line.link is not None else None
    return replace(line, deleted=True, link=link)
