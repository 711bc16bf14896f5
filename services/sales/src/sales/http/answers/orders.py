"""Sales orders and their lines as resources."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from contracts import fields
from contracts.pos import Totals
from contracts.sales.fields import (
    CustomerName,
    LineDescription,
    SalesOrderLineNo,
    SalesOrderStatus,
    ShipmentDate,
)
from contracts.values import AddressAnswer, CreatedAt, Problem, UpdatedAt
from domainkit.money import ZERO, plain_quantity
from domainkit.structs import extended
from recordkit.commands import Notice
from sales.domain.invoices.invoice import BilledShipmentNo, PostedInvoiceNoOrBlank, SalesInvoiceStatus
from sales.domain.line_supply import costed, is_date_at_risk
from sales.domain.orders.amounts import discount_pct
from sales.domain.orders.context import OrderWithSupply
from sales.domain.orders.lines import Line, LineTerms
from sales.domain.orders.order import CANCELLED, OrderHeader
from sales.domain.quotes.quote import SalesQuoteStatus
from sales.domain.returns.return_order import (
    CreditMemoNoOrBlank,
    ReturnedInvoiceLineNo,
    ReturnedInvoiceNo,
    SalesReturnStatus,
)
from sales.domain.sourcing import Sourcing
from sales.http.answers.sourcing import SourcingAnswer, SupplierNo, SupplyOrderNo, sourcing_answer
from sales.use_cases.cancel_orders import CancellationResult

AnyDocument = TypeVar("AnyDocument", bound="SalesOrderAnswer")

ProcurementMethod = Annotated[
    str,
    fields.choice("stock", "special_order", "drop_shipment"),
    Meta(description="Where the goods of the line come from.", examples=["stock"]),
]
OutstandingQuantity = Annotated[
    fields.TotalQuantity, Meta(description="What still has to leave, in the line's unit.")
]
DateAtRisk = Annotated[
    bool,
    Meta(
        description="The vendor delivers later than the goods are needed for the planned date.",
        examples=[False],
    ),
]
PlannedDeliveryDate = Annotated[fields.Day, Meta(description="When the goods arrive.")]


class SalesLineAnswer(LineTerms, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a sales order, with its supply."""

    date_at_risk: DateAtRisk
    procurement_method: ProcurementMethod
    reserved_quantity: Annotated[
        fields.TotalQuantity,
        Meta(
            description="What planning has reserved for the line, of stock or of a purchase.", examples=["0"]
        ),
    ] = ZERO
    qty_to_ship: Annotated[fields.TotalQuantity, Meta(description="What the next posting ships.")]
    qty_to_invoice: Annotated[fields.TotalQuantity, Meta(description="What the next posting invoices.")]
    outstanding_quantity: OutstandingQuantity
    quantity_shipped: Annotated[
        fields.TotalQuantity, Meta(description="What has left for the customer.", examples=["0"])
    ]
    quantity_invoiced: Annotated[
        fields.TotalQuantity, Meta(description="What is invoiced now.", examples=["0"])
    ]
    qty_shipped_not_invoiced: Annotated[
        fields.TotalQuantity, Meta(description="What has left and is not invoiced yet.", examples=["0"])
    ]
    posting: (
        Annotated[
            str,
            fields.choice("under_way"),
            Meta(description="`under_way` while a posting waits for purchasing.", examples=["under_way"]),
        ]
        | None
    )
    sourcing: SourcingAnswer


class SalesOrderAnswer(OrderHeader, frozen=True, kw_only=True, omit_defaults=False):
    """A sales order with its totals, its lines and their supply."""

    version: fields.Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    ship_to: AddressAnswer
    totals: Totals
    lines: Annotated[tuple[SalesLineAnswer, ...], Meta(description="What is sold.")]
    warnings: Annotated[
        tuple[Notice, ...] | UnsetType,
        Meta(description="What the act found and did not stop at; left out if there is nothing."),
    ] = UNSET


class SalesQuoteAnswer(SalesOrderAnswer, frozen=True, kw_only=True, omit_defaults=False):
    """A sales quote with its totals and its lines."""

    status: SalesQuoteStatus
    sales_order_no: Annotated[
        fields.SalesOrderNoOrBlank,
        Meta(description="The order that the quote has become; empty while it is open.", examples=["S-1001"]),
    ]


class SalesInvoiceLineAnswer(SalesLineAnswer, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a sales invoice, with the shipment that it bills."""

    sales_order_no: fields.SalesOrderNoOrBlank
    sales_order_line_no: SalesOrderLineNo
    shipment_no: BilledShipmentNo


class SalesInvoiceAnswer(SalesOrderAnswer, frozen=True, kw_only=True, omit_defaults=False):
    """A sales invoice with its totals and its lines."""

    status: SalesInvoiceStatus
    posted_invoice_no: PostedInvoiceNoOrBlank
    lines: Annotated[tuple[SalesInvoiceLineAnswer, ...], Meta(description="What is invoiced.")]


class SalesReturnLineAnswer(SalesLineAnswer, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a return order, with the invoice line that it takes back; what was received counts as shipped."""

    posted_invoice_no: ReturnedInvoiceNo
    posted_invoice_line_no: ReturnedInvoiceLineNo


class SalesReturnAnswer(SalesOrderAnswer, frozen=True, kw_only=True, omit_defaults=False):
    """A sales return order with its totals and its lines."""

    status: SalesReturnStatus
    credit_memo_no: CreditMemoNoOrBlank
    lines: Annotated[tuple[SalesReturnLineAnswer, ...], Meta(description="What comes back.")]


def sales_order_answer(read: OrderWithSupply) -> SalesOrderAnswer:
    """The order as GET answers it."""
    return _document_answer(read, SalesOrderAnswer)


def sales_quote_answer(read: OrderWithSupply) -> SalesQuoteAnswer:
    """The quote as GET answers it."""
    return _document_answer(read, SalesQuoteAnswer)


def sales_invoice_answer(read: OrderWithSupply) -> SalesInvoiceAnswer:
    """The invoice as GET answers it."""
    return _document_answer(read, SalesInvoiceAnswer, SalesInvoiceLineAnswer)


def sales_return_answer(read: OrderWithSupply) -> SalesReturnAnswer:
    """The return order as GET answers it."""
    return _document_answer(read, SalesReturnAnswer, SalesReturnLineAnswer)


def _document_answer(
    read: OrderWithSupply, model: type[AnyDocument], of_line: type[SalesLineAnswer] = SalesLineAnswer
) -> AnyDocument:
    order = read.order
    default = "remainder" if order.posts_whole else read.setup.default_qty_to_ship
    lines = (_line_answer(of_line, read, line, default) for line in order.lines)
    return extended(
        model,
        order,
        created_at=read.created_at,
        updated_at=read.updated_at,
        ship_to=extended(AddressAnswer, order.ship_to),
        lines=tuple(lines),
    )


class CancellationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order that was to be cancelled."""

    no: fields.SalesOrderNo
    status: SalesOrderStatus
    version: fields.Version


def cancellation_answer(result: CancellationResult) -> CancellationAnswer:
    """What a cancellation answers that sales alone decided; an operation's stored result has the same form."""
    return msgspec.convert(result, CancellationAnswer, from_attributes=True)


def _line_answer(
    model: type[SalesLineAnswer], read: OrderWithSupply, line: Line, default_qty_to_ship: str
) -> SalesLineAnswer:
    order, supply = read.order, read.sourcings.get(line.id)
    to_ship = ZERO if order.status == CANCELLED else max(ZERO, line.shippable(default_qty_to_ship))
    line = costed(line, supply.active if supply else None)
    sourcing = sourcing_answer(order.status, line, supply)
    if order.requested_changes and line.id in order.changing:
        sourcing = msgspec.structs.replace(sourcing, change_pending=True)
    return extended(
        model,
        line,
        line_discount_pct=discount_pct(line),
        date_at_risk=is_date_at_risk(line, supply),
        reserved_quantity=plain_quantity(read.reserved.get(line.id, ZERO) / line.qty_per_unit_of_measure),
        qty_to_ship=to_ship,
        qty_to_invoice=max(ZERO, line.invoiceable(to_ship)),
        outstanding_quantity=ZERO if order.status == CANCELLED else _outstanding(line),
        posting="under_way" if order.pending_posts and line.id in order.under_way else None,
        sourcing=sourcing,
    )


def _outstanding(line: Line) -> Decimal:
    return line.outstanding_quantity if line.has_quantity else ZERO


class WorkLineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A line on a work list, with what a buyer or shipper needs of its order."""

    sales_order_no: fields.SalesOrderNo
    line_no: fields.LineNo
    status: SalesOrderStatus
    customer_no: fields.CustomerNo
    customer_name: CustomerName
    item_no: fields.ItemNoOrBlank
    description: LineDescription
    quantity: Annotated[fields.TotalQuantity, Meta(description="What is sold, in the line's unit.")]
    unit_of_measure_code: fields.UnitOfMeasureCodeOrBlank
    outstanding_quantity: OutstandingQuantity
    location_code: fields.LocationCodeOrBlank
    shipment_date: ShipmentDate | None
    planned_delivery_date: PlannedDeliveryDate | None
    promised_delivery_date: (
        Annotated[fields.Day, Meta(description="What was promised to the customer; null if nothing was.")]
        | None
    )
    date_at_risk: DateAtRisk
    procurement_method: ProcurementMethod
    drop_shipment: Annotated[bool, Meta(description="The vendor delivers to the customer.", examples=[False])]
    special_order: Annotated[bool, Meta(description="The goods are bought for this line.", examples=[True])]
    ready_to_ship: Annotated[bool, Meta(description="The next step is to ship.", examples=[True])]
    overdue: Annotated[bool, Meta(description="The line should have left already.", examples=[False])]
    vendor_no: SupplierNo | None
    purchase_order_no: SupplyOrderNo | None
    sourcing: SourcingAnswer


def work_line_answer(
    row: Any, line: Line, supply: Sourcing | None, problem: Problem | None
) -> WorkLineAnswer:
    """One line of a work list: a row of it, with the line and its supply.

    `problem` is shown unless the supply has one of its own.
    """
    sourcing = sourcing_answer(row.status, line, supply)
    if row.change_pending:
        sourcing = msgspec.structs.replace(sourcing, change_pending=True)
    if sourcing.problem is None and problem is not None:
        sourcing = msgspec.structs.replace(sourcing, problem=problem)
    return extended(
        WorkLineAnswer,
        line,
        sales_order_no=row.no,
        status=row.status,
        customer_no=row.customer_no,
        customer_name=row.customer_name,
        ready_to_ship=row.ready_to_ship,
        date_at_risk=row.date_at_risk,
        overdue=row.overdue,
        vendor_no=sourcing.vendor_no,
        purchase_order_no=sourcing.purchase_order_no,
        sourcing=sourcing,
    )
