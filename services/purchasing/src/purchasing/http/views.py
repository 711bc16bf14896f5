"""Makes answers of what was loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from contracts.purchasing import ItemVendor, PostedPurchaseInvoice, Vendor
from contracts.sales import SalesLine, SalesOrder
from contracts.values import Address, Problem
from purchasing.domain.get_sales_order import outstanding
from purchasing.domain.impacts import impacts
from purchasing.domain.orders import Line, Order, Receipt
from purchasing.domain.receipts import PostedReceipt
from purchasing.domain.setup import PurchasingSetup
from purchasing.http.view_types import (
    AddressView,
    CandidateLineView,
    CandidateView,
    ChangedOrderView,
    ExceptionView,
    ImpactView,
    InvoiceLineView,
    InvoiceView,
    ItemVendorView,
    LineReceiptView,
    LineView,
    OrderView,
    ProblemView,
    ReceiptView,
    SetupView,
    TotalsView,
    VendorView,
    WorkLineView,
)
from purchasing.store.orders import decoded as decoded_order
from purchasing.use_cases.currencies import currency


def vendor_view(vendor: Vendor) -> VendorView:
    return msgspec.convert(vendor, VendorView, from_attributes=True)


def item_vendor_view(entry: ItemVendor) -> ItemVendorView:
    return msgspec.convert(entry, ItemVendorView, from_attributes=True)


def setup_view(setup: PurchasingSetup) -> SetupView:
    return msgspec.convert(setup, SetupView, from_attributes=True)


def address_view(address: Address) -> AddressView:
    return msgspec.convert(address, AddressView, from_attributes=True)


_OWN = ("amount", "sales_order_no", "sales_order_line_no", "generation", "posted_receipts", "problem")
_PLAIN_LINE_FIELDS = tuple(f for f in LineView.__struct_fields__ if f not in _OWN)
_PLAIN_ORDER_FIELDS = tuple(f for f in OrderView.__struct_fields__ if f not in {"ship_to", "totals", "lines"})


def line_view(line: Line, currency_code: str, problem: Problem | None) -> LineView:
    """A line as people see it, with the sales line it serves."""
    link = line.active_link
    plain: dict[str, Any] = {name: getattr(line, name) for name in _PLAIN_LINE_FIELDS}
    return LineView(
        **plain,
        amount=line.amount(currency(currency_code)),
        sales_order_no=link.sales.sales_order_no if link is not None else None,
        sales_order_line_no=link.sales.sales_order_line_no if link is not None else None,
        generation=link.sales.generation if link is not None else None,
        posted_receipts=tuple(_receipt_view(r) for r in line.receipts if not r.undone),
        problem=ProblemView(code=problem.code, detail=problem.detail) if problem is not None else None,
    )


def _receipt_view(receipt: Receipt) -> LineReceiptView:
    return LineReceiptView(
        receipt_no=receipt.document_no,
        posting_id=receipt.posting_id,
        quantity=receipt.quantity,
        posting_date=receipt.posting_date,
        origin=receipt.origin,
        carrier=receipt.carrier,
        tracking_no=receipt.tracking_no,
    )


def order_view(order: Order, problems: Mapping[UUID, Problem]) -> OrderView:
    """An order as people see it: its live lines, sums over them."""
    lines = tuple(line_view(line, order.currency_code, problems.get(line.id)) for line in order.live_lines)
    plain: dict[str, Any] = {name: getattr(order, name) for name in _PLAIN_ORDER_FIELDS}
    return OrderView(
        **plain,
        ship_to=address_view(order.ship_to),
        totals=TotalsView(
            amount=sum((line.amount for line in lines), Decimal(0)),
            quantity=sum((line.quantity for line in lines), Decimal(0)),
        ),
        lines=lines,
    )


def changed_order_view(
    order: Order, problems: Mapping[UUID, Problem], sold: Mapping[str, SalesOrder]
) -> ChangedOrderView:
    """An order as people see it, with the sales lines that it makes late."""
    plain: dict[str, Any] = msgspec.structs.asdict(order_view(order, problems))
    late = tuple(msgspec.convert(i, ImpactView, from_attributes=True) for i in impacts(order, sold))
    return ChangedOrderView(**plain, impacts=late)


def receipt_view(receipt: PostedReceipt) -> ReceiptView:
    return msgspec.convert(receipt, ReceiptView, from_attributes=True)


def invoice_view(invoice: PostedPurchaseInvoice) -> InvoiceView:
    lines = tuple(msgspec.convert(line, InvoiceLineView, from_attributes=True) for line in invoice.lines)
    plain = {f: getattr(invoice, f) for f in _PLAIN_INVOICE_FIELDS}
    return InvoiceView(**plain, purchase_order_no=lines[0].purchase_order_no, lines=lines)


_PLAIN_INVOICE_FIELDS = tuple(
    f for f in InvoiceView.__struct_fields__ if f not in {"purchase_order_no", "lines"}
)


def candidate_view(order: SalesOrder, lines: Iterable[SalesLine]) -> CandidateView:
    """A sales order with the lines that could be fetched."""
    return CandidateView(
        sales_order_no=order.no,
        customer_no=order.customer_no,
        customer_name=order.customer_name,
        status=order.status,
        order_date=order.order_date,
        ship_to_code=order.ship_to_code,
        ship_to=address_view(order.ship_to),
        location_code=order.location_code,
        your_reference=order.your_reference,
        lines=tuple(_candidate_line(line) for line in lines),
    )


def _candidate_line(line: SalesLine) -> CandidateLineView:
    plain: dict[str, Any] = {f: getattr(line, f) for f in _PLAIN_CANDIDATE_FIELDS}
    return CandidateLineView(**plain, outstanding_quantity=outstanding(line))


_PLAIN_CANDIDATE_FIELDS = tuple(f for f in CandidateLineView.__struct_fields__ if f != "outstanding_quantity")


def order_row(row: Any) -> OrderView:
    """An order of a list, with its lines' problems."""
    noted = msgspec.json.decode(row.problems or "[]", type=list[tuple[UUID, str, str]])
    problems = {line_id: Problem(code=code, detail=detail) for line_id, code, detail in noted}
    return order_view(decoded_order(row.body), problems)


def work_line_row(row: Any) -> WorkLineView:
    """A line of a work list."""
    problem = msgspec.json.decode(row.problem, type=tuple[str, str]) if row.problem else None
    line = _line_decoder.decode(row.body)
    return WorkLineView(
        purchase_order_no=row.purchase_order_no,
        status=row.status,
        vendor_no=row.vendor_no,
        sell_to_customer_no=row.sell_to_customer_no,
        currency_code=row.currency_code or "",
        overdue=row.overdue,
        line=line_view(
            line, row.currency_code or "", Problem(code=problem[0], detail=problem[1]) if problem else None
        ),
    )


def exception_row(row: Any) -> ExceptionView:
    """An entry of the list of exceptions."""
    return ExceptionView(
        code=row.code,
        detail=row.detail,
        since=row.since,
        purchase_order_no=row.purchase_order_no,
        line_no=row.line_no,
        sales_order_no=row.sales_order_no,
        purchase_request_id=row.purchase_request_id,
        errors=msgspec.json.decode(row.errors, type=tuple[Problem, ...]) if row.errors else (),
    )


_line_decoder = msgspec.json.Decoder(Line)
