"""What GET answers: every field is there, also when it is empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from contracts.purchasing import ItemVendor, PostedPurchaseInvoice, Vendor
from contracts.sales import SalesLine, SalesOrder
from contracts.values import Address, Problem
from purchasing.domain.get_sales_order import outstanding
from purchasing.domain.orders import Line, Order, Receipt
from purchasing.domain.receipts import PostedReceipt
from purchasing.domain.setup import PurchasingSetup
from purchasing.store.orders import decoded as decoded_order
from purchasing.use_cases.currencies import currency


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The parent of all answers."""


class AddressView(View, frozen=True, kw_only=True):
    name: str
    address: str
    address_2: str
    city: str
    post_code: str
    region: str
    country_code: str
    contact: str
    phone: str


class VendorView(View, frozen=True, kw_only=True):
    no: str
    version: int
    name: str
    address: str
    address_2: str
    city: str
    post_code: str
    region: str
    country_code: str
    contact: str
    phone: str
    email: str
    currency_code: str
    blocked: str
    privacy_blocked: bool
    lead_time_days: int
    grouping_policy: str
    location_code: str
    shipment_method_code: str
    over_receipt_pct: Decimal


class PriceBreakView(View, frozen=True, kw_only=True):
    minimum_quantity: Decimal
    direct_unit_cost: Decimal
    line_discount_pct: Decimal
    from_date: date | None
    to_date: date | None


class ItemVendorView(View, frozen=True, kw_only=True):
    vendor_no: str
    item_no: str
    version: int
    vendor_item_no: str
    direct_unit_cost: Decimal
    minimum_quantity: Decimal
    unit_of_measure_code: str
    lead_time_days: int | None
    currency_code: str
    price_breaks: tuple[PriceBreakView, ...]


class SetupView(View, frozen=True, kw_only=True):
    version: int
    allow_purchase_invoice_before_sales_invoice: bool


class ProblemView(View, frozen=True, kw_only=True):
    code: str
    detail: str


class LineReceiptView(View, frozen=True, kw_only=True):
    """A receipt of a line. `origin`: which service's user posted it."""

    receipt_no: str
    posting_id: UUID
    quantity: Decimal
    posting_date: date
    origin: str
    carrier: str
    tracking_no: str


class LineView(View, frozen=True, kw_only=True):
    id: UUID
    line_no: int
    item_no: str
    description: str
    vendor_item_no: str
    quantity: Decimal
    unit_of_measure_code: str
    qty_per_unit_of_measure: Decimal
    direct_unit_cost: Decimal
    line_discount_pct: Decimal
    amount: Decimal
    location_code: str
    expected_receipt_date: date | None
    requested_receipt_date: date | None
    confirmed_quantity: Decimal | None
    confirmed_date: date | None
    purchasing_code: str
    drop_shipment: bool
    special_order: bool
    sales_order_no: str | None
    sales_order_line_no: int | None
    generation: int | None
    requisition_line_id: UUID | None
    outstanding_quantity: Decimal
    quantity_received: Decimal
    quantity_invoiced: Decimal
    qty_rcd_not_invoiced: Decimal
    posted_receipts: tuple[LineReceiptView, ...]
    problem: ProblemView | None


class TotalsView(View, frozen=True, kw_only=True):
    """Sums over the lines, without tax, in the order's currency."""

    amount: Decimal
    quantity: Decimal


class OrderView(View, frozen=True, kw_only=True):
    no: str
    version: int
    status: str
    vendor_no: str
    vendor_name: str
    sell_to_customer_no: str
    ship_to_code: str
    ship_to: AddressView
    location_code: str
    currency_code: str
    order_date: date
    your_reference: str
    shipment_method_code: str
    purchase_request_id: UUID | None
    totals: TotalsView
    lines: tuple[LineView, ...]


class WorkLineView(View, frozen=True, kw_only=True):
    """A line of a work list, with what of its order a buyer needs."""

    purchase_order_no: str
    status: str
    vendor_no: str
    sell_to_customer_no: str
    currency_code: str
    overdue: bool
    line: LineView


class CandidateLineView(View, frozen=True, kw_only=True):
    """A sales line that could be fetched; quantities in its unit."""

    line_no: int
    item_no: str
    description: str
    quantity: Decimal
    outstanding_quantity: Decimal
    unit_of_measure_code: str
    location_code: str
    purchasing_code: str
    drop_shipment: bool
    special_order: bool


class CandidateView(View, frozen=True, kw_only=True):
    """A sales order that *get sales order* could fetch, with the lines it would take."""

    sales_order_no: str
    customer_no: str
    customer_name: str
    status: str
    order_date: date
    ship_to_code: str
    ship_to: AddressView
    location_code: str
    your_reference: str
    lines: tuple[CandidateLineView, ...]


class CandidatesView(View, frozen=True, kw_only=True):
    items: tuple[CandidateView, ...]
    next_cursor: str | None


class ExceptionView(View, frozen=True, kw_only=True):
    """Something that needs a person: a linked line whose sales line went away, or a refused purchase request."""

    code: str
    detail: str
    since: datetime
    purchase_order_no: str
    line_no: int | None
    sales_order_no: str
    purchase_request_id: UUID | None
    errors: tuple[Problem, ...]


class ReceiptLineView(View, frozen=True, kw_only=True):
    line_no: int
    item_no: str
    description: str
    quantity: Decimal
    unit_of_measure_code: str
    location_code: str
    posting_id: UUID
    purchase_order_no: str
    purchase_order_line_no: int
    sales_order_no: str
    sales_order_line_no: int | None
    drop_shipment: bool
    special_order: bool


class ReceiptView(View, frozen=True, kw_only=True):
    no: str
    purchase_order_no: str
    vendor_no: str
    vendor_name: str
    sell_to_customer_no: str
    posting_date: date
    posted_at: datetime
    posted_by: str
    origin: str
    carrier: str
    tracking_no: str
    lines: tuple[ReceiptLineView, ...]


class InvoiceLineView(View, frozen=True, kw_only=True):
    line_no: int
    purchase_order_no: str
    purchase_order_line_no: int
    item_no: str
    quantity: Decimal
    direct_unit_cost: Decimal
    amount: Decimal


class InvoiceView(View, frozen=True, kw_only=True):
    no: str
    purchase_order_no: str
    vendor_no: str
    vendor_invoice_no: str
    posting_date: date
    currency_code: str
    amount: Decimal
    lines: tuple[InvoiceLineView, ...]


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
