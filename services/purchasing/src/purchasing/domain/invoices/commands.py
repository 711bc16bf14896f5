"""What people ask of purchase invoices: the data of requests and commands."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from contracts.fields import (
    MAX_LINES,
    CurrencyCodeOrBlank,
    ExternalReference,
    InvoiceDiscountAmount,
    LineNo,
    LocationCodeOrBlank,
    No,
    NoOrBlank,
    VendorNo,
    new_lines,
)
from contracts.purchasing.fields import (
    ZERO,
    PostingDate,
    VendorInvoiceNo,
)
from contracts.values import Model
from domainkit.changes import Changes
from purchasing.domain.invoices.invoice import DocumentDate
from purchasing.domain.orders.commands import NewPurchaseLine, WrittenLine, WrittenLineChanges


class NewInvoiceLine(WrittenLine, frozen=True, kw_only=True):
    """A new line of an item; what is null is taken from the item, the vendor or the header."""

    @property
    def as_purchase_line(self) -> NewPurchaseLine:
        """The same asked of a purchase order."""
        return NewPurchaseLine(**{name: getattr(self, name) for name in self.__struct_fields__})


class NewPurchaseInvoice(Model, frozen=True, kw_only=True):
    """A new purchase invoice; what is null is taken from the vendor or the company."""

    no: Annotated[
        NoOrBlank, Meta(description='A number of your own; "" takes the next one.', examples=["PIV-1001"])
    ] = ""
    vendor_no: VendorNo
    vendor_invoice_no: VendorInvoiceNo = ""
    currency_code: CurrencyCodeOrBlank = ""
    location_code: LocationCodeOrBlank | None = None
    document_date: DocumentDate | None = None
    posting_date: PostingDate | None = None
    external_reference: ExternalReference = ""
    invoice_discount_amount: InvoiceDiscountAmount = ZERO
    lines: Annotated[tuple[NewInvoiceLine, ...], new_lines("What is invoiced.")] = ()


class PurchaseInvoiceChanges(Changes, frozen=True, kw_only=True):
    """The fields of a header to change; those left out stay."""

    vendor_invoice_no: VendorInvoiceNo | UnsetType = UNSET
    location_code: LocationCodeOrBlank | UnsetType = UNSET
    document_date: DocumentDate | UnsetType = UNSET
    posting_date: PostingDate | UnsetType | None = UNSET
    external_reference: ExternalReference | UnsetType = UNSET
    invoice_discount_amount: InvoiceDiscountAmount | UnsetType = UNSET


class InvoiceLineChanges(WrittenLineChanges, frozen=True, kw_only=True):
    """The fields of a line to change; those left out stay."""


class ReceiptLinesToGet(Model, frozen=True, kw_only=True):
    """The lines of a posted receipt to invoice."""

    receipt_no: Annotated[No, Meta(description="Number of the posted receipt.", examples=["PR-1001"])]
    line_nos: (
        Annotated[
            tuple[LineNo, ...],
            Meta(description="Lines of the receipt; null: all.", max_length=MAX_LINES, examples=[[10000]]),
        ]
        | None
    ) = None


class InvoicePosting(Model, frozen=True, kw_only=True):
    """How to post an invoice: for which day; without one for today."""

    posting_date: PostingDate | None = None


class ActOnInvoice(Model, frozen=True, kw_only=True):
    """Delete an unposted purchase invoice; its receipt lines can be invoiced again."""

    no: str


class ChangeInvoice(Model, frozen=True, kw_only=True):
    """Change the header of this invoice."""

    no: str
    changes: PurchaseInvoiceChanges


class AddInvoiceLine(Model, frozen=True, kw_only=True):
    """A new line at the end of this invoice."""

    no: str
    line: NewInvoiceLine


class ChangeInvoiceLine(Model, frozen=True, kw_only=True):
    """Change a line of this invoice."""

    no: str
    line_no: int
    changes: InvoiceLineChanges


class DeleteInvoiceLine(Model, frozen=True, kw_only=True):
    """Take a line off this invoice."""

    no: str
    line_no: int


class GetReceiptLines(Model, frozen=True, kw_only=True):
    """Put lines of a posted receipt onto this invoice."""

    no: str
    wanted: ReceiptLinesToGet


class PostInvoice(Model, frozen=True, kw_only=True):
    """Post a purchase invoice; costs go to the lines it pays for."""

    no: str
    posting: InvoicePosting
