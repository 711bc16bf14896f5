"""Posting a return order: goods come back into stock and are credited at the price of their invoice (BC-SD-17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.refusals import Violations, conflict
from contracts.values import Posting
from domainkit.decisions import NewId
from domainkit.money import ZERO
from domainkit.postings import BilledPosting
from domainkit.structs import extended
from sales.domain.orders.context import OrderContext
from sales.domain.orders.header_rules import customer_of
from sales.domain.orders.lines import Line
from sales.domain.orders.order import closed_if_done
from sales.domain.posting.commands import PostingOptions
from sales.domain.posting.credit_memos import Credit, CreditMemo, credit_memo_of, with_credit
from sales.domain.posting.documents import PostedInvoice, PostedInvoiceLine
from sales.domain.returns.return_order import POSTED, ReturnLine, ReturnOrder

_CREDITED_BY: Final = ("unit_price", "line_discount_pct", "tax_pct")


class PostedReturn(msgspec.Struct, frozen=True):
    """The return order after it, the credit memo still without a number, and the invoices that it credits."""

    order: ReturnOrder
    memo: CreditMemo
    invoices: Mapping[str, PostedInvoice]


def post_return(
    order: ReturnOrder,
    wanted: PostingOptions,
    invoices: Mapping[str, PostedInvoice],
    context: OrderContext,
    posted_at: datetime,
) -> PostedReturn:
    """Receive and credit all of it, or refuse with every reason."""
    if order.status == POSTED:
        detail = f"return order {order.no} was posted as {order.credit_memo_no}"
        raise conflict("already-credited", detail, credit_memo_no=order.credit_memo_no)
    lines = [line for line in order.lines if line.has_quantity]
    if not lines or wanted.lines == ():
        raise conflict("nothing-to-post", f"there is nothing to post of {order.title}")
    found = Violations()
    customer_of(found, ReturnOrder, order.customer_no, context.references)
    _check_whole(found, lines, wanted)
    posting_date = wanted.posting_date or context.references.today
    after, credits_ = dict(invoices), list[Credit]()
    for index, line in enumerate(order.lines):
        billed = _billed(found, order, line, after, f"/lines/{index}") if line.has_quantity else None
        if billed is None:
            continue
        invoice = after[line.posted_invoice_no]
        receipt = _receipt(line, posting_date, context.new_id, posted_at)
        credits_.append(Credit(invoice=invoice, line=billed, quantity=line.quantity, receipt=receipt))
        credits_[-1] = replace(credits_[-1], location_code=line.location_code)
        after[invoice.no] = with_credit(invoice, billed.line_no, line.quantity)
    found.refuse_if_any()
    memo = credit_memo_of(credits_, posting_date, sales_return_order_no=order.no)
    changed = {no: invoice for no, invoice in after.items() if invoice is not invoices[no]}
    return PostedReturn(_returned(order, credits_), extended(CreditMemo, memo, **_references(order)), changed)


def _references(order: ReturnOrder) -> dict[str, str]:
    """What the customer calls the return; else the memo has what stands on the invoice."""
    names = ("external_document_no", "your_reference", "external_reference")
    return {name: value for name in names if (value := getattr(order, name))}


def _check_whole(found: Violations, lines: list[ReturnLine], wanted: PostingOptions) -> None:
    if wanted.lines is None:
        return
    asked = {line.line_no: line for line in wanted.lines}
    for line in lines:
        each = asked.pop(line.line_no, None)
        whole = {None, line.quantity}
        if each is None or {each.qty_to_ship, each.qty_to_invoice} - whole:
            detail = f"a return order is posted whole: line {line.line_no} has {line.quantity}"
            found.conflict("quantity-mismatch", detail, line_no=line.line_no)
    for line_no in asked:
        found.unknown("line", str(line_no), "/lines")


def _billed(
    found: Violations, order: ReturnOrder, line: ReturnLine, invoices: Mapping[str, PostedInvoice], at: str
) -> PostedInvoiceLine | None:
    """The invoice line that is credited; everything that speaks against it is found."""
    invoice = invoices.get(line.posted_invoice_no)
    billed = _billed_line(line, invoice)
    if invoice is None or billed is None:
        detail = f"line {line.line_no} names no posted invoice line"
        found.conflict("posted-invoice-required", detail, f"{at}/posted_invoice_no", line_no=line.line_no)
        return None
    if invoice.correcting:
        detail = f"a correction of invoice {invoice.no} waits for purchasing"
        found.conflict("change-pending", detail, f"{at}/posted_invoice_no", line_no=line.line_no)
    if invoice.customer_no != order.customer_no:
        detail = f"invoice {invoice.no} is of customer {invoice.customer_no}"
        found.conflict("customer-mismatch", detail, f"{at}/posted_invoice_no", line_no=line.line_no)
    if invoice.currency_code != order.currency_code:
        detail = f"invoice {invoice.no} is in {invoice.currency_code}, the return in {order.currency_code}"
        found.conflict("currency-mismatch", detail, f"{at}/posted_invoice_no", line_no=line.line_no)
    _check_same(found, line, billed, at)
    if line.quantity > billed.left_to_credit:
        detail = (
            f"line {line.line_no}: {line.quantity} is more than the {billed.left_to_credit} left to credit"
        )
        found.conflict(
            "quantity-exceeds-invoiced",
            detail,
            f"{at}/quantity",
            line_no=line.line_no,
            remaining=billed.left_to_credit,
        )
    if billed.drop_shipment and not line.location_code:
        detail = f"line {line.line_no} was a drop shipment: say where it comes back to"
        found.conflict("location-required", detail, f"{at}/location_code", line_no=line.line_no)
    return billed


def _billed_line(line: ReturnLine, invoice: PostedInvoice | None) -> PostedInvoiceLine | None:
    """The invoice line that is named; of a charge given back beside the goods, as if the invoice had a line of it."""
    if not line.is_refund:
        return invoice.line(line.posted_invoice_line_no) if invoice else None
    amount = line.unit_price * line.quantity
    return extended(PostedInvoiceLine, line, line_no=0, amount=amount, tax_amount=amount * line.tax_pct / 100)


def _check_same(found: Violations, line: ReturnLine, billed: PostedInvoiceLine, at: str) -> None:
    same_item = (line.item_no, line.charge_code) == (billed.item_no, billed.charge_code)
    for code, field, is_same in (
        ("item-mismatch", "item_no", same_item),
        ("unit-mismatch", "unit_of_measure_code", line.unit_of_measure_code == billed.unit_of_measure_code),
        ("price-mismatch", "unit_price", all(getattr(line, n) == getattr(billed, n) for n in _CREDITED_BY)),
    ):
        if not is_same:
            detail = f"line {line.line_no} is not what line {billed.line_no} of its invoice says"
            found.conflict(code, detail, f"{at}/{field}", line_no=line.line_no)


def _receipt(line: Line, posting_date: date, new_id: NewId, posted_at: datetime) -> Posting:
    return Posting(
        posting_id=new_id(),
        quantity=line.quantity,
        posting_date=posting_date,
        origin="sales",
        posted_at=posted_at,
    )


def _returned(order: ReturnOrder, credits_: list[Credit]) -> ReturnOrder:
    receipts = iter(credits_)

    def after(line: Line) -> Line:
        if not line.has_quantity:
            return line
        receipt = next(receipts).receipt
        assert receipt is not None  # noqa: S101 - made above
        posting = extended(BilledPosting, receipt, quantity_invoiced=line.quantity)
        done: Decimal = line.invoiced + line.quantity
        return replace(line, postings=(posting,), invoiced=done, ever_invoiced=max(done, ZERO))

    return closed_if_done(order.map_lines(after))
