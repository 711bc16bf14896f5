"""Correcting a posted sales invoice: all of it is credited, and its orders can be invoiced again (G18, BC-DS-37)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.refusals import Violations, conflict
from contracts.sales.requests import RequestedChangeLine
from contracts.values import Posting
from domainkit.decisions import NewId
from domainkit.money import ZERO
from sales.domain.orders.order import CLOSED, RELEASED, Order, PendingChange, check_not_held
from sales.domain.posting.credit_memos import Credit, CreditMemo, credit_memo_of, with_credit
from sales.domain.posting.documents import Links, PostedInvoice, PostedInvoiceLine

CORRECT_INVOICE: Final = "correct_invoice"

Orders = Mapping[str, Order]
"""The orders that an invoice bills, by number."""


class CorrectionStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a correction: `lower_allowance` in purchasing, then `credit` and `receive` in sales."""

    service: str
    act: str
    line_no: int
    item_no: str = ""
    quantity: Decimal
    sales_order_no: str = ""
    purchase_order_no: str = ""


def check_correctable(invoice: PostedInvoice, orders: Orders) -> None:
    """An invoice is corrected whole and once, and not while others decide about its orders."""
    if invoice.correcting:
        raise conflict("change-pending", f"a correction of invoice {invoice.no} waits for purchasing")
    found = Violations()
    for line in invoice.lines:
        if line.quantity_credited:
            detail = f"line {line.line_no}: {line.quantity_credited} of {line.quantity} is credited already"
            found.conflict("already-credited", detail, line_no=line.line_no)
    if invoice.credit_memo_no:
        detail = f"invoice {invoice.no} was corrected by credit memo {invoice.credit_memo_no}"
        raise conflict("already-credited", detail, credit_memo_no=invoice.credit_memo_no)
    for line in invoice.lines:
        order = orders.get(line.sales_order_no)
        sold = next((x for x in order.lines if x.id == line.sales_line_id), None) if order else None
        if order is not None and sold is not None:
            check_not_held(found, order, sold)
    if len(orders) > 1 and dropped(invoice, orders):
        detail = "the invoice bills a drop shipment and several orders: return it line by line"
        found.conflict("line-type-not-supported", detail)
    found.refuse_if_any()


def dropped(invoice: PostedInvoice, orders: Orders) -> list[PostedInvoiceLine]:
    """What of the invoice was a drop shipment: the vendor may invoice no more of it than the customer was."""
    ids = {line.id for order in orders.values() for line in order.lines if line.drop_shipment}
    return [line for line in invoice.lines if line.sales_line_id in ids]


def steps(invoice: PostedInvoice, orders: Orders, links: Links) -> tuple[CorrectionStep, ...]:
    """What a correction would do, in its order."""
    by_line = {str(line_id): link.purchase_order_no for line_id, link in links.items()}
    lowered = tuple(
        _step("purchasing", "lower_allowance", line, by_line.get(str(line.sales_line_id), ""))
        for line in dropped(invoice, orders)
    )
    credited = tuple(_step("sales", "credit", line) for line in invoice.lines)
    received = tuple(_step("sales", "receive", line) for line in invoice.lines if line.shipment)
    return (*lowered, *credited, *received)


def _step(service: str, act: str, line: PostedInvoiceLine, purchase_order_no: str = "") -> CorrectionStep:
    return CorrectionStep(
        service=service,
        act=act,
        line_no=line.line_no,
        item_no=line.item_no,
        quantity=line.quantity,
        sales_order_no=line.sales_order_no,
        purchase_order_no=purchase_order_no,
    )


def asked_of_purchasing(invoice: PostedInvoice, order: Order, request_id: UUID) -> PendingChange:
    """The request to purchasing; all lines that the invoice bills wait with the drop shipments."""
    lines = tuple(
        RequestedChangeLine(sales_line_id=line.sales_line_id, quantity=line.quantity)
        for line in invoice.lines
        if line.sales_order_no == order.no and line.sales_line_id is not None
    )
    return PendingChange(id=request_id, kind=CORRECT_INVOICE, lines=lines, invoice_no=invoice.no)


class Corrected(msgspec.Struct, frozen=True):
    """The credit memo still without a number, the invoice, and the orders that can be invoiced again."""

    memo: CreditMemo
    invoice: PostedInvoice
    orders: Sequence[Order]


def correct(
    invoice: PostedInvoice, orders: Orders, posting_date: date, new_id: NewId, posted_at: datetime
) -> Corrected:
    """Credit all of the invoice. Goods that left with it come back; those of orders stay shipped."""
    credits_ = [
        Credit(
            invoice=invoice,
            line=line,
            quantity=line.quantity,
            receipt=_receipt(line, posting_date, new_id, posted_at),
        )
        for line in invoice.lines
    ]
    after = replace(invoice, correcting=False)
    changed: dict[str, Order] = {}
    for line in invoice.lines:
        after = with_credit(after, line.line_no, line.quantity)
        order = changed.get(line.sales_order_no) or orders.get(line.sales_order_no)
        if order is not None:
            changed[order.no] = _not_invoiced(order, invoice, line)
    after = replace(after, version=invoice.version + 1)
    return Corrected(credit_memo_of(credits_, posting_date), after, list(changed.values()))


def _receipt(
    line: PostedInvoiceLine, posting_date: date, new_id: NewId, posted_at: datetime
) -> Posting | None:
    if line.shipment is None:
        return None
    return Posting(
        posting_id=new_id(),
        quantity=line.quantity,
        posting_date=posting_date,
        origin="sales",
        posted_at=posted_at,
    )


def _not_invoiced(order: Order, invoice: PostedInvoice, billed: PostedInvoiceLine) -> Order:
    """The order before the line was invoiced; `ever_invoiced` stays, purchasing has lowered its allowance."""
    sold = next((line for line in order.lines if line.id == billed.sales_line_id), None)
    if sold is None:
        return order
    discount = billed.order_discount if invoice.sales_invoice_no else billed.invoice_discount_amount
    return replace(
        order.with_line(sold.not_invoiced(billed.quantity, billed.posting_ids)),
        status=RELEASED if order.status == CLOSED else order.status,
        discount_invoiced=max(order.discount_invoiced - discount, ZERO),
    )
