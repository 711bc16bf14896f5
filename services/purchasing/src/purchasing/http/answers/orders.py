"""Answers about purchase orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    CurrencyCodeOrBlank,
    CustomerNoOrBlank,
    Generation,
    LineNo,
    PurchaseOrderNo,
    PurchaseOrderNoOrBlank,
    SalesOrderNo,
    SalesOrderNoOrBlank,
    Text50,
    Timestamp,
    TotalQuantity,
    VendorNo,
    Version,
    choice,
)
from contracts.purchasing.fields import (
    OrderStatus,
    PostingDate,
    PurchaseRequestId,
    QuantityReceived,
    ShipmentMethodCode,
)
from contracts.purchasing.orders import PurchaseLineTerms, PurchaseOrderHeader
from contracts.sales.orders import SalesOrder
from contracts.values import AddressAnswer, CreatedAt, Problem, UpdatedAt
from domainkit.money import ZERO, Currency, currency
from domainkit.structs import extended
from purchasing.domain.orders.discounts import order_total
from purchasing.domain.orders.late_deliveries import LateDelivery, late_deliveries
from purchasing.domain.orders.order import Line, Order, Receipt
from purchasing.domain.orders.posting import PostedDocuments
from purchasing.store.orders import stored_of
from recordkit.stored import StoredDocument

RECEIVED_NOT_INVOICED: Final = "received-not-invoiced"
Overdue = Annotated[bool, Meta(description="Expected before today and still outstanding.", examples=[False])]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Answers that share no fields with a contract; no field is ever left out."""


class LineProblem(Answer, frozen=True, kw_only=True):
    """Why the sales line that a purchase line serves does not want it any more."""

    code: Annotated[str, Meta(description="Stable, kebab-case.", examples=["sales-line-cancelled"])]
    detail: Annotated[
        str, Meta(description="For people.", examples=["sales order S-1001 line 20000 was cancelled"])
    ]


class LineReceipt(Answer, frozen=True, kw_only=True):
    """A posted receipt of a line that was not undone."""

    receipt_no: Annotated[str, Meta(description="Number of the posted receipt.", examples=["PR-1001"])]
    posting_id: Annotated[
        UUID, Meta(description="Identifies the movement in all services.", examples=[EXAMPLE_ID])
    ]
    quantity: Annotated[TotalQuantity, Meta(description="What was received.", examples=["2"])]
    posting_date: PostingDate
    origin: Annotated[
        str,
        Meta(description="Service whose user posted it: `sales` or `purchasing`.", examples=["purchasing"]),
    ]
    carrier: Annotated[Text50, Meta(description="Who carried the goods.", examples=["DHL"])]
    tracking_no: Annotated[Text50, Meta(description="The carrier's number.", examples=["JD0146000"])]


class PurchaseLineAnswer(PurchaseLineTerms, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a purchase order, with the sales line it serves."""

    amount: Annotated[Amount, Meta(description="Amount of the line without tax.", examples=["400.00"])]
    sent: Annotated[bool, Meta(description="Its order was sent to the vendor.", examples=[True])]
    confirmed: Annotated[
        bool, Meta(description="The vendor has said how much comes, or when.", examples=[True])
    ]
    refused: Annotated[bool, Meta(description="The vendor does not deliver it.", examples=[False])]
    overdue: Overdue
    drop_shipment: Annotated[bool, Meta(description="The vendor delivers to the customer.", examples=[False])]
    special_order: Annotated[bool, Meta(description="Bought for one sales line.", examples=[True])]
    sales_order_no: SalesOrderNo | None
    sales_order_line_no: LineNo | None
    generation: Generation | None
    outstanding_quantity: Annotated[TotalQuantity, Meta(description="What is still to come.", examples=["3"])]
    quantity_received: QuantityReceived
    qty_rcd_not_invoiced: Annotated[
        TotalQuantity, Meta(description="Received, and not invoiced by the vendor yet.", examples=["2"])
    ]
    posted_receipts: Annotated[
        tuple[LineReceipt, ...], Meta(description="The receipts that were not undone.")
    ]
    problem: LineProblem | None


class OrderTotals(Answer, frozen=True, kw_only=True):
    """Sums over the lines, without tax, in the order's currency."""

    amount: Annotated[
        Amount,
        Meta(description="Sum of the lines' amounts less the document's discount.", examples=["400.00"]),
    ]
    quantity: Annotated[TotalQuantity, Meta(description="Sum of the lines' quantities.", examples=["5"])]


class PurchaseOrderAnswer(PurchaseOrderHeader, frozen=True, kw_only=True, omit_defaults=False):
    """A purchase order with its live lines."""

    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    sent_version: Annotated[Version, Meta(description="The version that was last sent; null: none.")] | None
    shipment_method_code: ShipmentMethodCode
    ship_to: AddressAnswer
    invoicing: Annotated[
        str,
        choice("", RECEIVED_NOT_INVOICED),
        Meta(
            description="`received-not-invoiced`: goods came whose vendor invoice is missing; empty: none are.",
            examples=[RECEIVED_NOT_INVOICED],
        ),
    ]
    totals: OrderTotals
    lines: Annotated[tuple[PurchaseLineAnswer, ...], Meta(description="What is bought.")]


class LateDeliveryAnswer(LateDelivery, frozen=True, kw_only=True, omit_defaults=False):
    """A sales line that cannot keep its promised date any more."""


class ChangedPurchaseOrderAnswer(PurchaseOrderAnswer, frozen=True, kw_only=True, omit_defaults=False):
    """An order after a change of a line, with the sales lines that its dates make late."""

    impacts: Annotated[
        tuple[LateDeliveryAnswer, ...], Meta(description="Sales lines that the order's dates make late.")
    ]


class PurchaseLineOfListAnswer(Answer, frozen=True, kw_only=True):
    """A line of a work list, with what of its order a buyer needs."""

    purchase_order_no: PurchaseOrderNo
    status: OrderStatus
    vendor_no: VendorNo
    sell_to_customer_no: CustomerNoOrBlank
    currency_code: CurrencyCodeOrBlank
    overdue: Overdue
    line: PurchaseLineAnswer


class PostedDocumentsAnswer(Answer, frozen=True, kw_only=True):
    """The documents that a post made."""

    receipt_no: (
        Annotated[
            str, Meta(description="The posted receipt; null if nothing was received.", examples=["PR-1001"])
        ]
        | None
    )
    invoice_no: (
        Annotated[
            str, Meta(description="The posted invoice; null if nothing was invoiced.", examples=["PI-1001"])
        ]
        | None
    )
    already_posted: Annotated[
        bool,
        Meta(
            description="The receipt had been posted before, as the same delivery; it was not posted again.",
            examples=[False],
        ),
    ]


class ProblemAnswer(Problem, frozen=True, kw_only=True):
    """One reason of a refusal; what is empty is left out."""


class PurchaseExceptionAnswer(Answer, frozen=True, kw_only=True):
    """Something that needs a person: a linked line whose sales line went away, or a refused purchase request."""

    code: Annotated[str, Meta(description="Stable, kebab-case.", examples=["sales-line-cancelled"])]
    detail: Annotated[
        str, Meta(description="For people.", examples=["sales order S-1001 line 20000 was cancelled"])
    ]
    since: Annotated[Timestamp, Meta(description="When it was noticed.")]
    purchase_order_no: PurchaseOrderNoOrBlank
    line_no: LineNo | None
    sales_order_no: SalesOrderNoOrBlank
    purchase_request_id: PurchaseRequestId | None
    errors: Annotated[tuple[ProblemAnswer, ...], Meta(description="Every reason of a refused request.")]


def line_answer(
    line: Line, money: Currency, problem: Problem | None, *, sent: bool, overdue: bool
) -> PurchaseLineAnswer:
    """The answer about a line; `money`: the order's currency."""
    link = line.active_link
    return extended(
        PurchaseLineAnswer,
        line,
        amount=line.amount(money),
        sent=sent,
        confirmed=line.is_confirmed,
        refused=line.is_refused,
        overdue=overdue,
        sales_order_no=link.sales.sales_order_no if link is not None else None,
        sales_order_line_no=link.sales.sales_order_line_no if link is not None else None,
        generation=link.sales.generation if link is not None else None,
        posted_receipts=tuple(_receipt(r) for r in line.receipts if not r.undone),
        problem=LineProblem(code=problem.code, detail=problem.detail) if problem is not None else None,
    )


def _receipt(receipt: Receipt) -> LineReceipt:
    return extended(LineReceipt, receipt, receipt_no=receipt.document_no)


def order_answer(
    stored: StoredDocument[Order], problems: Mapping[UUID, Problem], today: date
) -> PurchaseOrderAnswer:
    """The answer about an order: its live lines and sums over them. `problems`: by line; `today`: the company's."""
    order = stored.document
    money = currency(order.currency_code)
    sent = order.sent_at is not None
    lines = tuple(
        line_answer(line, money, problems.get(line.id), sent=sent, overdue=order.is_overdue(line, today))
        for line in order.live_lines
    )
    return extended(
        PurchaseOrderAnswer,
        order,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        ship_to=extended(AddressAnswer, order.ship_to),
        invoicing=RECEIVED_NOT_INVOICED if order.received_not_invoiced else "",
        totals=OrderTotals(
            amount=order_total(order),
            quantity=sum((line.quantity for line in lines), ZERO),
        ),
        lines=lines,
    )


def changed_order_answer(
    stored: StoredDocument[Order],
    problems: Mapping[UUID, Problem],
    sold: Mapping[str, SalesOrder],
    today: date,
) -> ChangedPurchaseOrderAnswer:
    """The answer about a changed order, with the sales lines that it makes late."""
    late = tuple(extended(LateDeliveryAnswer, each) for each in late_deliveries(stored.document, sold))
    return extended(ChangedPurchaseOrderAnswer, order_answer(stored, problems, today), impacts=late)


def posted_documents_answer(posted: PostedDocuments) -> PostedDocumentsAnswer:
    """The numbers of the documents that a post made."""
    return extended(PostedDocumentsAnswer, posted)


def order_of_row(row: Any, today: date) -> PurchaseOrderAnswer:
    """An order of a list row, with the problems that are noted for its lines."""
    noted = msgspec.json.decode(row.problems or "[]", type=list[tuple[UUID, str, str]])
    problems = {line_id: Problem(code=code, detail=detail) for line_id, code, detail in noted}
    return order_answer(stored_of(row), problems, today)


def line_of_row(row: Any) -> PurchaseLineOfListAnswer:
    """A line of a work list, with the problem that was noted for it."""
    noted = msgspec.json.decode(row.problem, type=tuple[str, str]) if row.problem else None
    problem = Problem(code=noted[0], detail=noted[1]) if noted is not None else None
    currency_code = row.currency_code or ""
    money = currency(currency_code)
    line = line_answer(_decode_line(row.body), money, problem, sent=row.sent, overdue=row.overdue)
    return extended(PurchaseLineOfListAnswer, row, currency_code=currency_code, line=line)


def exception_of_row(row: Any) -> PurchaseExceptionAnswer:
    """An entry of the list of exceptions."""
    errors = _decode_errors(row.errors) if row.errors else ()
    return extended(PurchaseExceptionAnswer, row, errors=errors)


_decode_line = msgspec.json.Decoder(Line).decode
_decode_errors = msgspec.json.Decoder(tuple[ProblemAnswer, ...]).decode
