"""Lines of posted receipts put onto a purchase invoice: what came and is not invoiced yet, once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from contracts.refusals import Violations, conflict
from domainkit.decisions import DecisionContext
from domainkit.money import ZERO, currency
from domainkit.structs import extended
from purchasing.domain.invoices.commands import ReceiptLinesToGet
from purchasing.domain.invoices.invoice import Invoice, InvoiceLine
from purchasing.domain.orders.billing import not_invoiced, with_invoiced
from purchasing.domain.orders.discounts import part_of_discount
from purchasing.domain.orders.invoices import BilledLine, gross_amount, with_discount_taken
from purchasing.domain.orders.order import LINE_NO_STEP, Line, Order
from purchasing.domain.orders.posted_receipts import PostedReceipt, PostedReceiptLine


def with_receipt_lines(
    invoice: Invoice,
    receipt: PostedReceipt,
    wanted: ReceiptLinesToGet,
    orders: Mapping[str, Order],
    context: DecisionContext,
) -> Invoice:
    """The invoice with the receipt's lines that are not invoiced.

    A line that was named and has nothing left is `already-invoiced`; of the whole receipt such lines are left out,
    and `no-lines-to-retrieve` says that there are no others.
    """
    invoice.must_be_open()
    found = Violations()
    _check_receipt(found, invoice, receipt, wanted, orders)
    found.refuse_if_any()
    present = {line.posting_id for line in invoice.lines if line.of_receipt}
    made: list[InvoiceLine] = []
    orders = dict(orders)
    for each in _chosen(receipt, wanted):
        order_line = _order_line(each, orders)
        free = not_invoiced(order_line, each.posting_id) if order_line is not None else Decimal(0)
        if order_line is not None and free and each.posting_id not in present:
            line_no = invoice.next_line_no + len(made) * LINE_NO_STEP
            order = orders[each.purchase_order_no]
            line, orders[order.no] = _line(receipt, each, order, free, line_no, context)
            made.append(line)
        elif wanted.line_nos is not None:
            _note_nothing_left(found, each, on_invoice=each.posting_id in present)
    found.refuse_if_any()
    if not made:
        raise conflict("no-lines-to-retrieve", f"receipt {receipt.no} has no lines left to invoice")
    return invoice.with_more_lines(made)


def _check_receipt(
    found: Violations,
    invoice: Invoice,
    receipt: PostedReceipt,
    wanted: ReceiptLinesToGet,
    orders: Mapping[str, Order],
) -> None:
    if receipt.vendor_no != invoice.vendor_no:
        detail = f"receipt {receipt.no} is from vendor {receipt.vendor_no}"
        found.conflict("vendor-mismatch", detail, "/receipt_no", vendor_no=receipt.vendor_no)
    order = orders.get(receipt.purchase_order_no)
    if order is not None and order.currency_code != invoice.currency_code:
        detail = (
            f"purchase order {order.no} is in {order.currency_code}, the invoice in {invoice.currency_code}"
        )
        found.conflict("currency-mismatch", detail, "/receipt_no")
    known = {line.line_no for line in receipt.lines}
    seen: set[int] = set()
    for i, line_no in enumerate(wanted.line_nos or ()):
        if line_no not in known:
            detail = f"receipt {receipt.no} has no line {line_no}"
            found.invalid("unknown-line", detail, f"/line_nos/{i}")
        elif line_no in seen:
            found.invalid("duplicate-line", f"line {line_no} is named twice", f"/line_nos/{i}")
        seen.add(line_no)


def _chosen(receipt: PostedReceipt, wanted: ReceiptLinesToGet) -> list[PostedReceiptLine]:
    return [line for line in receipt.lines if wanted.line_nos is None or line.line_no in wanted.line_nos]


def _order_line(line: PostedReceiptLine, orders: Mapping[str, Order]) -> Line | None:
    order = orders.get(line.purchase_order_no)
    lines = order.live_lines if order is not None else ()
    return next((each for each in lines if each.line_no == line.purchase_order_line_no), None)


def _note_nothing_left(found: Violations, line: PostedReceiptLine, *, on_invoice: bool) -> None:
    how = "on this invoice" if on_invoice else "taken back" if line.undone else "invoiced"
    detail = f"line {line.line_no} of the receipt is {how} already"
    found.conflict("already-invoiced", detail, "/line_nos", line_no=line.line_no)


def _line(
    receipt: PostedReceipt,
    line: PostedReceiptLine,
    order: Order,
    quantity: Decimal,
    line_no: int,
    context: DecisionContext,
) -> tuple[InvoiceLine, Order]:
    """The line, and the order as if it was billed, from which the next line takes its share of the discount.

    At the order's cost and discounts: money off the order's line is shared by quantity, off the order by amount.
    """
    order_line = order.line(line.purchase_order_line_no)
    off = order_line.line_discount_amount
    billed, _ = with_invoiced(order_line, quantity, line.posting_id)
    bill = BilledLine(line=order_line, quantity=quantity, posting_ids=())
    share = part_of_discount(order, gross_amount(bill, currency(order.currency_code)))
    made = extended(
        InvoiceLine,
        order_line,
        id=context.new_id(),
        line_no=line_no,
        quantity=quantity,
        line_discount_amount=None if off is None else off * quantity / order_line.quantity,
        invoice_discount_amount=share or ZERO,
        receipt_no=receipt.no,
        posting_id=line.posting_id,
        purchase_order_no=line.purchase_order_no,
        purchase_order_line_no=line.purchase_order_line_no,
    )
    return made, with_discount_taken(order.with_lines([billed]), share)
