"""The unposted purchase invoice: a frozen value; every change returns a new one."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Self
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import (
    EXAMPLE_ID,
    MAX_LINES,
    Amount,
    CurrencyCodeOrBlank,
    Day,
    ExternalReference,
    InvoiceDiscountAmount,
    ItemNoOrBlank,
    LineDiscountAmount,
    LineNo,
    LocationCodeOrBlank,
    NoOrBlank,
    PurchaseOrderNoOrBlank,
    QuantityOrZero,
    SalesOrderNoOrBlank,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
    Version,
    choice,
)
from contracts.purchasing.fields import (
    ONE,
    ZERO,
    Description,
    DirectUnitCost,
    LineDiscountPct,
    PostingDate,
    PurchaseInvoiceNoOrBlank,
    PurchaseOrderLineNo,
    QtyPerUnit,
    VendorInvoiceNo,
    VendorItemNo,
    VendorName,
)
from contracts.refusals import Violations, conflict, not_found
from contracts.values import Model
from domainkit.money import Currency, currency
from domainkit.structs import extended
from purchasing.domain.orders.order import LINE_NO_STEP, OPEN, Line, Order

POSTED: Final = "posted"
ITEM: Final = "item"
COMMENT: Final = "comment"
INVOICE_DEMAND: Final = "invoice"

DocumentDate = Annotated[
    Day, Meta(description="The day of the vendor's invoice: its prices hold.", examples=["2026-03-09"])
]
SalesDocumentNo = Annotated[
    NoOrBlank,
    Meta(description='The sales document that it was made for; "" if it was not.', examples=["S-1001"]),
]
InvoiceStatus = Annotated[
    str,
    choice(OPEN, POSTED),
    Meta(description="`open`: may change; `posted`: history, see `posted_invoice_no`.", examples=[OPEN]),
]


class Demand(Model, frozen=True, kw_only=True, omit_defaults=False):
    """The sales line that a line was made for. It does not bind: several purchases may name one sales line."""

    kind: Annotated[str, choice(INVOICE_DEMAND), Meta(description="How it was made.", examples=["invoice"])]
    sales_order_no: SalesOrderNoOrBlank
    sales_invoice_no: Annotated[
        NoOrBlank, Meta(description="The sales invoice without an order; empty if none.", examples=[""])
    ] = ""
    sales_order_line_no: LineNo
    quantity: Annotated[TotalQuantity, Meta(description="What was bought for it.", examples=["5"])]


class InvoiceLine(Model, frozen=True, kw_only=True):
    """A line of a purchase invoice: an item to receive, a receipt that is billed, or a comment."""

    id: Annotated[UUID, Meta(description="Identifies the line.", examples=[EXAMPLE_ID])]
    line_no: LineNo
    type: Annotated[str, choice(ITEM, COMMENT), Meta(description="What the line holds.")] = ITEM
    item_no: ItemNoOrBlank = ""
    description: Description = ""
    vendor_item_no: VendorItemNo = ""
    quantity: Annotated[QuantityOrZero, Meta(description="What is invoiced; 0 for a comment.")] = ZERO
    unit_of_measure_code: UnitOfMeasureCodeOrBlank = ""
    qty_per_unit_of_measure: QtyPerUnit = ONE
    direct_unit_cost: DirectUnitCost = ZERO
    line_discount_pct: LineDiscountPct = ZERO
    line_discount_amount: LineDiscountAmount | None = None
    location_code: LocationCodeOrBlank = ""
    receipt_no: Annotated[
        str,
        Meta(description='Posted receipt that is billed; "": received when posted.', examples=["PR-1001"]),
    ] = ""
    posting_id: (
        Annotated[UUID, Meta(description="The receipt's movement that is billed.", examples=[EXAMPLE_ID])]
        | None
    ) = None
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    purchase_order_line_no: PurchaseOrderLineNo | None = None
    invoice_discount_amount: Annotated[
        Amount,
        Meta(
            description="The share of its purchase order's discount that a billed receipt takes; taken off already.",
            examples=["5.00"],
        ),
    ] = ZERO
    demand: Annotated[
        tuple[Demand, ...], Meta(description="The sales lines that it was made for.", examples=[[]])
    ] = ()

    UNAUDITED: ClassVar = frozenset({"id", "posting_id", "demand"})

    @property
    def of_receipt(self) -> bool:
        """Whether it bills goods that came already."""
        return self.posting_id is not None

    @property
    def as_purchase_line(self) -> Line:
        """The line as one of a purchase order: the same rules of price and change hold."""
        return extended(Line, self)

    def gross_in(self, money: Currency) -> Decimal:
        """The line's amount before the share of its order's discount, rounded to the currency."""
        return self.as_purchase_line.amount(money) if self.quantity else ZERO

    def amount_in(self, money: Currency) -> Decimal:
        """The line's amount without tax, rounded to the currency."""
        gross = self.gross_in(money)
        return gross - min(self.invoice_discount_amount, gross)


class InvoiceHeader(Model, frozen=True, kw_only=True):
    """The header of an unposted purchase invoice."""

    no: Annotated[NoOrBlank, Meta(description="Number of the invoice here.", examples=["PIV-1001"])] = ""
    status: InvoiceStatus = OPEN
    vendor_no: VendorNo
    vendor_name: VendorName = ""
    vendor_invoice_no: VendorInvoiceNo = ""
    currency_code: CurrencyCodeOrBlank = ""
    location_code: LocationCodeOrBlank = ""
    document_date: DocumentDate
    posting_date: PostingDate | None = None
    sales_document_no: SalesDocumentNo = ""
    external_reference: ExternalReference = ""
    invoice_discount_amount: InvoiceDiscountAmount = ZERO
    posted_invoice_no: PurchaseInvoiceNoOrBlank = ""


class Invoice(InvoiceHeader, frozen=True, kw_only=True):
    """A purchase invoice that is not posted yet. A posted one stays, so that nothing is invoiced again."""

    version: Version = 0
    last_line_no: int = 0
    lines: tuple[InvoiceLine, ...] = ()
    deleted: bool = False

    UNAUDITED: ClassVar = frozenset({"last_line_no"})

    @property
    def as_order(self) -> Order:
        """The invoice as an order of its vendor and day, by which its lines are priced."""
        return Order(
            no=self.no,
            status=OPEN,
            vendor_no=self.vendor_no,
            currency_code=self.currency_code,
            location_code=self.location_code,
            order_date=self.document_date,
        )

    @property
    def lines_amount(self) -> Decimal:
        """What its lines cost together, before its own discount."""
        money = currency(self.currency_code)
        return sum((line.amount_in(money) for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        """What the vendor is owed, without tax."""
        amount = self.lines_amount
        return amount - min(self.invoice_discount_amount, amount)

    @property
    def next_line_no(self) -> int:
        """A number that no line of this invoice ever had."""
        return self.last_line_no + LINE_NO_STEP

    def line(self, line_no: int) -> InvoiceLine:
        """The line with this number, which a path names."""
        for line in self.lines:
            if line.line_no == line_no:
                return line
        raise not_found("line", str(line_no))

    def must_be_open(self) -> None:
        """A posted invoice is history."""
        if self.status == POSTED:
            detail = f"purchase invoice {self.no} was posted as {self.posted_invoice_no}"
            raise conflict("has-postings", detail, invoice_no=self.posted_invoice_no)

    def with_line(self, changed: InvoiceLine) -> Self:
        """The invoice with this line in place of that with the same number."""
        return self.replaced(
            lines=tuple(changed if line.line_no == changed.line_no else line for line in self.lines)
        )

    def with_more_lines(self, added: Iterable[InvoiceLine]) -> Self:
        """The invoice with these lines at its end."""
        lines = (*self.lines, *added)
        if len(lines) > MAX_LINES:
            detail = f"a purchase invoice has at most {MAX_LINES} lines"
            raise conflict("too-many-lines", detail, pointer="/lines")
        last = max((line.line_no for line in lines), default=0)
        return self.replaced(lines=lines, last_line_no=max(self.last_line_no, last))

    def replaced(self, **fields: Any) -> Self:
        """The invoice with these fields changed."""
        return replace(self, **fields)


def check_quantity_of_receipt(found: Violations, line: InvoiceLine, changed: Iterable[str]) -> None:
    """A line that bills a receipt stands for goods that came: what they are does not change."""
    for name in sorted({"item_no", "unit_of_measure_code", "location_code"} & set(changed)):
        detail = f"{name} of line {line.line_no} cannot change: it bills receipt {line.receipt_no}"
        found.conflict("has-postings", detail, f"/{name}", line_no=line.line_no)
