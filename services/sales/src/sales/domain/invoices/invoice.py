"""The unposted sales invoice: by the rules of orders, but nothing is bought for it and it is posted whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import NoOrBlank, SalesOrderNoOrBlank, choice
from contracts.refusals import Violations
from contracts.sales.documents import UnpostedSalesInvoice
from contracts.sales.fields import SalesLineId, SalesOrderLineNo
from contracts.values import Posting, PostingId
from domainkit.decisions import DecisionContext
from domainkit.money import ZERO
from domainkit.parties import INVOICING
from domainkit.references import ReferenceData
from domainkit.structs import extended
from sales.domain.orders.commands import NewSalesOrder
from sales.domain.orders.creation import new_document
from sales.domain.orders.line_checks import check_not_bought
from sales.domain.orders.lines import Line, OrderedLine
from sales.domain.orders.order import OPEN, Order

POSTED: Final = "posted"
D = TypeVar("D", bound=Order)
_OF_SHIPMENT: Final = ("item_no", "unit_of_measure_code", "location_code")

SalesInvoiceStatus = Annotated[
    str,
    choice(OPEN, POSTED),
    Meta(description="`open`: may change; `posted`: history, see `posted_invoice_no`.", examples=[OPEN]),
]
BilledShipmentNo = Annotated[
    NoOrBlank,
    Meta(
        description="Posted shipment that the line bills; empty: its goods leave now.", examples=["SS-1001"]
    ),
]
PostedInvoiceNoOrBlank = Annotated[
    NoOrBlank, Meta(description="The posted invoice; empty while there is none.", examples=["SI-1001"])
]


class InvoiceLine(Line, frozen=True, kw_only=True):
    """A line of a sales invoice: goods that leave with it, a shipment that it bills, a charge or a comment.

    `order_discount`: what the line takes of the discount in money on its order; its own discount has it in it.
    """

    sales_order_no: SalesOrderNoOrBlank = ""
    sales_order_line_no: SalesOrderLineNo = 0
    sales_line_id: SalesLineId | None = None
    shipment_no: BilledShipmentNo = ""
    posting_id: PostingId | None = None
    order_discount: Decimal = ZERO

    @property
    def bills_shipment(self) -> bool:
        """The goods left before, with the shipment of an order."""
        return self.posting_id is not None

    @property
    def quantity_shipped(self) -> Decimal:
        """What left, with the invoice or before it."""
        return self.quantity if self.bills_shipment else super().quantity_shipped

    @property
    def least_quantity(self) -> Decimal:
        """Of a shipment less can be billed."""
        return ZERO

    def ordered(self, order_no: str) -> OrderedLine:  # noqa: ARG002 - each line has its own order
        """The order's line that left before; of goods without an order this line."""
        if self.bills_shipment:
            return extended(OrderedLine, self)
        return OrderedLine(sales_line_id=self.id)

    def billed(self, quantity: Decimal, posting_id: UUID | None = None) -> tuple[Self, tuple[UUID, ...]]:
        """The line after it was invoiced, and the shipment that it bills."""
        after, ids = super().billed(quantity, posting_id)
        return after, (self.posting_id,) if self.posting_id is not None else ids

    @property
    def own_shipment(self) -> Posting | None:
        """What left with the invoice."""
        return extended(Posting, self.postings[0]) if self.postings else None


class SalesInvoice(Order, frozen=True, kw_only=True):
    """A sales invoice as sales keeps it until it is posted, and as history afterwards."""

    document: ClassVar[str] = "sales invoice"
    stops: ClassVar[frozenset[str]] = INVOICING
    takes_items_code: ClassVar[bool] = False
    posts_whole: ClassVar[bool] = True
    worked_on: ClassVar[str] = OPEN
    done: ClassVar[str] = POSTED

    status: SalesInvoiceStatus = OPEN
    posted_invoice_no: PostedInvoiceNoOrBlank = ""
    lines: tuple[InvoiceLine, ...] = ()

    @property
    def order_no(self) -> str:
        """No order: its lines name those that they bill."""
        return ""

    @property
    def sales_invoice_no(self) -> str:
        """The invoice that its posted documents name."""
        return self.no

    def made(self, line: Line, new: Any) -> InvoiceLine:  # noqa: ARG002 - shipments come by an act of their own
        """A line of goods that leave with the invoice."""
        return extended(InvoiceLine, line)

    def posted_as(self, invoice_no: str) -> Self:
        """The invoice with the number of its posted document."""
        return replace(self, posted_invoice_no=invoice_no)


def new_invoice(new: NewSalesOrder, context: DecisionContext) -> SalesInvoice:
    """An invoice by the rules of orders."""
    return as_invoice(None, new_document(SalesInvoice, new, context), context.references)


def snapshot(invoice: Order, *happened: str) -> UnpostedSalesInvoice:
    """What purchasing learns of the invoice: its lines, and what shall be bought for them."""
    published = msgspec.convert(invoice, UnpostedSalesInvoice, from_attributes=True)
    return replace(published, happened=happened)


def as_invoice(before: Order | None, after: D, _: ReferenceData) -> D:
    """The invoice after an act on it by the rules of orders.

    Nothing is bought for it (BC-SD-05), and what a shipment of an order brought stays what it is.
    """
    known = {line.id: line for line in before.lines} if before is not None else {}
    found = Violations()
    for index, line in enumerate(after.lines):
        check_not_bought(found, after.document, line, f"/lines/{index}")
        was = known.get(line.id)
        if isinstance(was, InvoiceLine) and was.bills_shipment:
            _check_stays(found, was, line)
    found.refuse_if_any()
    return after


def _check_stays(found: Violations, was: InvoiceLine, line: Line) -> None:
    for field in _OF_SHIPMENT:
        if getattr(was, field) != getattr(line, field):
            detail = f"cannot change {field}: line {was.line_no} bills shipment {was.shipment_no}"
            found.conflict("has-postings", detail, f"/{field}", line_no=was.line_no)
