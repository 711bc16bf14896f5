"""Credit memos: what is given back of posted invoices, for goods that came back or invoices that are corrected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from contracts import fields
from contracts.sales.documents import PostedSalesCreditMemoLine
from contracts.sales.fields import SalesReturnNoOrBlank
from contracts.values import Posting
from domainkit.money import ZERO, Currency, currency
from domainkit.structs import extended
from sales.domain.posting.documents import PostedDocument, PostedInvoice, PostedInvoiceLine


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """So much of an invoice line is given back. `receipt`: what came back with it, at `location_code`."""

    invoice: PostedInvoice
    line: PostedInvoiceLine
    """The line before."""
    quantity: Decimal
    receipt: Posting | None = None
    location_code: str = ""


class CreditMemoLine(PostedSalesCreditMemoLine, frozen=True, kw_only=True):
    """What is given back of one invoice line."""


class CreditMemo(PostedDocument, frozen=True, kw_only=True):
    """A posted sales credit memo."""

    posted_invoice_no: Annotated[
        fields.NoOrBlank, Meta(description="The invoice, if it is one alone.", examples=["SI-1001"])
    ] = ""
    sales_return_order_no: SalesReturnNoOrBlank = ""
    amount: Annotated[fields.Amount, Meta(description="Amount of all lines without tax.")] = ZERO
    tax_amount: Annotated[fields.Amount, Meta(description="Tax on the amount.", examples=["23.75"])] = ZERO
    lines: Annotated[tuple[CreditMemoLine, ...], Meta(description="What is given back.")] = ()

    @property
    def total(self) -> Decimal:
        """Amount and tax: what the customer gets back."""
        return self.amount + self.tax_amount


def credit_memo_of(
    credits_: Sequence[Credit], posting_date: date, *, sales_return_order_no: str = ""
) -> CreditMemo:
    """The memo of these credits, all in one currency and of one customer; it gets its number later."""
    first = credits_[0].invoice
    money = currency(first.currency_code)
    lines = tuple(_line(each, 10_000 * (i + 1), money) for i, each in enumerate(credits_))
    invoice_nos = {each.invoice.no for each in credits_}
    zero = money.rounded(ZERO)
    return extended(
        CreditMemo,
        first,
        no="",
        version=1,
        posting_date=posting_date,
        posted_invoice_no=first.no if len(invoice_nos) == 1 else "",
        sales_return_order_no=sales_return_order_no,
        amount=sum((line.amount for line in lines), zero),
        tax_amount=sum((line.tax_amount for line in lines), zero),
        lines=lines,
    )


def _line(credit: Credit, line_no: int, money: Currency) -> CreditMemoLine:
    """Its part of the invoiced amount: parts of a line add up to the whole, also with a discount."""
    billed, before = credit.line, credit.line.quantity_credited
    after = before + credit.quantity

    def part(amount: Decimal) -> Decimal:
        low, high = (money.rounded(amount * quantity / billed.quantity) for quantity in (before, after))
        return high - low

    return extended(
        CreditMemoLine,
        billed,
        line_no=line_no,
        posted_invoice_no=credit.invoice.no,
        posted_invoice_line_no=billed.line_no,
        quantity=credit.quantity,
        location_code=credit.location_code or billed.location_code,
        amount=part(billed.amount),
        tax_amount=part(billed.tax_amount),
        receipt=credit.receipt,
    )


def with_credit(invoice: PostedInvoice, line_no: int, quantity: Decimal) -> PostedInvoice:
    """The invoice of which so much more of a line is given back."""
    lines = tuple(
        replace(line, quantity_credited=line.quantity_credited + quantity)
        if line.line_no == line_no
        else line
        for line in invoice.lines
    )
    return replace(invoice, lines=lines, version=invoice.version + 1)


def numbered_memo(memo: CreditMemo, no: str) -> CreditMemo:
    """The memo with its number, which what came back carries too."""
    lines = tuple(
        replace(line, receipt=replace(line.receipt, document_no=no)) if line.receipt else line
        for line in memo.lines
    )
    return replace(memo, no=no, lines=lines)
