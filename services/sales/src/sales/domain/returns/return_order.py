"""The sales return order: by the rules of orders; each line names the posted invoice line that it takes back."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Self, TypeVar

from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import NoOrBlank, choice
from contracts.refusals import Violations
from domainkit.decisions import DecisionContext
from domainkit.parties import BUYING_FOR
from domainkit.references import ReferenceData
from domainkit.structs import extended
from sales.domain.orders.commands import NewSalesOrder
from sales.domain.orders.creation import new_document
from sales.domain.orders.line_checks import check_not_bought
from sales.domain.orders.lines import Line
from sales.domain.orders.order import OPEN, Order

POSTED: Final = "posted"
D = TypeVar("D", bound=Order)

SalesReturnStatus = Annotated[
    str,
    choice(OPEN, POSTED),
    Meta(description="`open`: may change; `posted`: history, see `credit_memo_no`.", examples=[OPEN]),
]
CreditMemoNoOrBlank = Annotated[
    NoOrBlank, Meta(description="The posted credit memo; empty while there is none.", examples=["SC-1001"])
]
ReturnedInvoiceNo = Annotated[
    NoOrBlank, Meta(description="Posted invoice of what comes back; required at post.", examples=["SI-1001"])
]
ReturnedInvoiceLineNo = Annotated[
    int, Meta(description="Line of the posted invoice; 0 while none is named.", examples=[10000])
]


class ReturnLine(Line, frozen=True, kw_only=True):
    """A line of a return order: what of an invoiced line comes back. Its postings are receipts."""

    posted_invoice_no: ReturnedInvoiceNo = ""
    posted_invoice_line_no: ReturnedInvoiceLineNo = 0

    @property
    def is_refund(self) -> bool:
        """A charge that a till gives back beside the goods of an invoice: it names no line of it (POS-08)."""
        return self.type == "charge" and bool(self.posted_invoice_no) and not self.posted_invoice_line_no


class ReturnOrder(Order, frozen=True, kw_only=True):
    """A return order as sales keeps it until it is posted, and as history afterwards."""

    document: ClassVar[str] = "sales return order"
    stops: ClassVar[frozenset[str]] = BUYING_FOR
    takes_items_code: ClassVar[bool] = False
    sells: ClassVar[bool] = False
    posts_whole: ClassVar[bool] = True
    worked_on: ClassVar[str] = OPEN
    done: ClassVar[str] = POSTED

    status: SalesReturnStatus = OPEN
    credit_memo_no: CreditMemoNoOrBlank = ""
    lines: tuple[ReturnLine, ...] = ()

    def made(self, line: Line, new: Any) -> ReturnLine:
        """The line with the invoice that it names."""
        return extended(
            ReturnLine,
            line,
            posted_invoice_no=getattr(new, "posted_invoice_no", None) or "",
            posted_invoice_line_no=getattr(new, "posted_invoice_line_no", None) or 0,
        )

    def credited_by(self, credit_memo_no: str) -> Self:
        """The return order with the number of its credit memo."""
        return replace(self, credit_memo_no=credit_memo_no)


def new_return(new: NewSalesOrder, context: DecisionContext) -> ReturnOrder:
    """A return order by the rules of orders."""
    return as_return(None, new_document(ReturnOrder, new, context), context.references)


def as_return(_: Order | None, after: D, __: ReferenceData) -> D:
    """The return order after an act on it by the rules of orders: nothing is bought for it (BC-SD-05)."""
    found = Violations()
    for index, line in enumerate(after.lines):
        check_not_bought(found, after.document, line, f"/lines/{index}")
    if after.invoice_discount_amount:
        detail = "a return is credited at the prices of its invoices: it has no discount of its own"
        found.invalid("out-of-range", detail, "/invoice_discount_amount")
    found.refuse_if_any()
    return after
