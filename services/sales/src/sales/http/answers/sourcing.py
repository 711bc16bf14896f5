"""`sourcing` of a line: the stage of its supply."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts import fields
from contracts.purchasing.fields import PurchaseInvoiceNo
from contracts.values import Posting, Problem
from domainkit.money import ZERO
from sales.domain.line_supply import quantity_problem
from sales.domain.orders.lines import Line
from sales.domain.orders.order import CLOSED, Order
from sales.domain.sourcing import Sourcing

SourcingState = Annotated[
    str,
    fields.choice(
        "none",
        "awaiting_requisition",
        "requisitioned",
        "requested",
        "ordered",
        "partly_received",
        "received",
        "exception",
    ),
    Meta(description="The stage of the line's supply.", examples=["ordered"]),
]
SupplierNo = Annotated[
    fields.No, Meta(description="The vendor who supplies the line; null while unknown.", examples=["V-100"])
]
SupplyOrderNo = Annotated[
    fields.No,
    Meta(description="The purchase order that supplies the line; null without one.", examples=["P-1001"]),
]
SupplyOrderLineNo = Annotated[
    int, Meta(description="The line of the purchase order; null without one.", examples=[10000])
]
QuantityOrdered = Annotated[
    Decimal, Meta(description="What the purchase line orders, in the line's unit.", examples=["5"])
]
QuantityReceived = Annotated[
    Decimal, Meta(description="What was received for the line, over all its links.", examples=["2"])
]
LinkActive = Annotated[
    bool, Meta(description="The purchase line is bound to this line now.", examples=[True])
]


class SourcingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The stage of a line's supply, and where it is bought."""

    state: SourcingState = "none"
    generation: fields.Generation = 0
    vendor_no: SupplierNo | None = None
    requisition_line_id: (
        Annotated[
            UUID,
            Meta(description="Planning's requisition line; null without one.", examples=[fields.EXAMPLE_ID]),
        ]
        | None
    ) = None
    purchase_order_no: SupplyOrderNo | None = None
    purchase_order_line_no: SupplyOrderLineNo | None = None
    quantity_ordered: QuantityOrdered = ZERO
    quantity_received: QuantityReceived = ZERO
    expected_receipt_date: (
        Annotated[
            fields.Day,
            Meta(description="When the vendor delivers, as confirmed, else as expected."),
        ]
        | None
    ) = None
    change_pending: Annotated[
        bool, Meta(description="A change of the line waits for purchasing.", examples=[False])
    ] = False
    link_active: LinkActive = False
    problem: Problem | None = None
    as_of: (
        Annotated[datetime, Meta(description="When this was learned.", examples=["2026-03-31T12:00:00Z"])]
        | None
    ) = None


NO_SOURCING = SourcingAnswer()


def sourcing_answer(status: str, line: Line, supply: Sourcing | None) -> SourcingAnswer:
    """What a reader sees about the line's supply, by the status of its order. Ordinary lines have none."""
    if not line.flagged or line.demand is None:
        return NO_SOURCING
    if supply is None and line.demand.quantity <= 0:
        return NO_SOURCING
    if supply is None or supply.generation < line.demand.generation:
        return SourcingAnswer(state="awaiting_requisition", generation=line.demand.generation)
    link, demand = supply.effective_link, supply.current_demand
    shown = link if link is not None and not link.came_to_nothing else None
    return SourcingAnswer(
        state=supply.state,
        generation=supply.generation,
        vendor_no=(link.vendor_no if link else demand.vendor_no if demand else "") or None,
        requisition_line_id=demand.requisition_line_id if demand else None,
        purchase_order_no=shown.purchase_order_no if shown else None,
        purchase_order_line_no=shown.purchase_order_line_no if shown else None,
        quantity_ordered=shown.quantity if shown else ZERO,
        quantity_received=supply.received + supply.reallocated,
        expected_receipt_date=shown.expected_receipt_date if shown else None,
        link_active=shown is not None and shown.active and status != CLOSED,
        problem=supply.problem or quantity_problem(line, supply),
        as_of=supply.as_of,
    )


class ClosedShortAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The line that was closed short."""

    sales_order_no: fields.SalesOrderNo
    line_no: fields.LineNo


class ResolvedExceptionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How the exception of a line ended."""

    sales_order_no: fields.SalesOrderNo
    line_no: fields.LineNo
    generation: Annotated[
        fields.Generation,
        Meta(description="The generation that counts from now on; what came of earlier ones does not."),
    ]


class PostedReceiptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt that was posted for a sales line."""

    receipt_no: Annotated[str, Meta(description="Number of the posted receipt.", examples=["PR-1001"])]
    quantity: Annotated[Decimal, Meta(description="What was received.", examples=["2"])]
    posting_date: Annotated[fields.Day, Meta(description="The day of the receipt.")]
    posting_id: Annotated[
        UUID, Meta(description="Identifies the movement in all services.", examples=[fields.EXAMPLE_ID])
    ]
    undone: Annotated[bool, Meta(description="The receipt was taken back.", examples=[False])]


class LinePurchaseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The purchase of one flagged line, also of a purchase order that is closed."""

    line_no: fields.LineNo
    item_no: fields.ItemNo
    state: SourcingState
    generation: fields.Generation
    vendor_no: SupplierNo | None
    purchase_order_no: SupplyOrderNo | None
    purchase_order_line_no: SupplyOrderLineNo | None
    quantity_ordered: QuantityOrdered
    quantity_received: QuantityReceived
    link_active: LinkActive
    posted_receipts: Annotated[
        tuple[PostedReceiptAnswer, ...],
        Meta(description="What was received for the line, undone receipts too."),
    ]


class LinePurchasesAnswer(msgspec.Struct, frozen=True):
    """Where the flagged lines of an order are bought."""

    items: Annotated[tuple[LinePurchaseAnswer, ...], Meta(description="One entry per flagged line.")]


def line_purchase_answer(order: Order, line: Line, supply: Sourcing | None) -> LinePurchaseAnswer:
    """Where a flagged line is bought, and what was received for it over all its links."""
    sourcing = sourcing_answer(order.status, line, supply)
    receipts = [posting for link in (supply.links if supply else ()) for posting in link.receipts]
    return LinePurchaseAnswer(
        line_no=line.line_no,
        item_no=line.item_no,
        state=sourcing.state,
        generation=sourcing.generation,
        vendor_no=sourcing.vendor_no,
        purchase_order_no=sourcing.purchase_order_no,
        purchase_order_line_no=sourcing.purchase_order_line_no,
        quantity_ordered=sourcing.quantity_ordered,
        quantity_received=sourcing.quantity_received,
        link_active=sourcing.link_active,
        posted_receipts=tuple(map(_receipt, receipts)),
    )


def _receipt(posting: Posting) -> PostedReceiptAnswer:
    return PostedReceiptAnswer(
        receipt_no=posting.document_no,
        quantity=posting.quantity,
        posting_date=posting.posting_date,
        posting_id=posting.posting_id,
        undone=posting.undone,
    )


class PurchaseInvoiceNoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The purchase invoice that purchasing made."""

    purchase_invoice_no: PurchaseInvoiceNo
