"""What purchasing decided about requests of planning and sales."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    NoOrBlank,
    PurchaseOrderNo,
    PurchaseOrderNoOrBlank,
    SalesOrderNoOrBlank,
    TotalQuantity,
    Version,
)
from contracts.purchasing.fields import (
    ZERO,
    PurchaseInvoiceNoOrBlank,
    PurchaseOrderLineNo,
    QuantityReceived,
    RequisitionLineId,
    SalesLineId,
)
from contracts.values import Deleted, Happened, Model, Posting, Problem


class SkippedLine(Model, frozen=True, kw_only=True):
    """A line that a request left out because its sales line was procured already."""

    requisition_line_id: RequisitionLineId | None = None
    sales_line_id: SalesLineId
    code: Annotated[
        str,
        Meta(
            description="Why: `already-associated-with-purchase-order` or `superseded`.",
            examples=["already-associated-with-purchase-order"],
        ),
    ]
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    detail: Annotated[
        str,
        Meta(
            description="For people.",
            examples=["sales order S-1001 line 20000 is already associated with purchase order P-1001"],
        ),
    ] = ""


class RequestedPosting(Model, frozen=True, kw_only=True):
    """A receipt that answers a posting request of sales."""

    sales_line_id: SalesLineId
    purchase_order_no: PurchaseOrderNo
    purchase_order_line_no: PurchaseOrderLineNo
    posting: Posting


class WithdrawnLine(Model, frozen=True, kw_only=True):
    """A sales line whose purchase was taken back, but for what had been received."""

    sales_line_id: SalesLineId
    quantity_received: Annotated[
        TotalQuantity, Meta(description="What was received for the line before.", examples=["0"])
    ] = Decimal(0)


class ChangedLine(Model, frozen=True, kw_only=True):
    """A purchase line after a requested change."""

    sales_line_id: SalesLineId
    quantity: Annotated[TotalQuantity, Meta(description="What it orders now.")]
    quantity_received: QuantityReceived = ZERO
    unbought: Annotated[
        bool,
        Meta(
            description="Nothing was bought for the line, and nothing of the named generation will be.",
            examples=[False],
        ),
    ] = False
    not_taken: Annotated[
        bool,
        Meta(
            description="The purchase stays as it is: it cannot take more any more.",
            examples=[False],
        ),
    ] = False


class RequestOutcome(Model, frozen=True, kw_only=True):
    """Purchasing's decision on a request of another service; key: `request_id`; decided once, so its version is 1."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    request_id: Annotated[UUID, Meta(description="Id of the request.", examples=[EXAMPLE_ID])]
    kind: Annotated[
        str,
        Meta(
            description="`purchase_request` (planning's), `posting_request`, `withdrawal_request`, "
            "`requested_change` or `purchase_invoice_request` (sales').",
            examples=["purchase_request"],
        ),
    ]
    outcome: Annotated[
        str,
        Meta(
            description="`created`, `skipped` (every line was procured already), `refused` (`errors` holds every "
            "reason), `superseded` (a higher generation is known), `posted`, `already_posted` (the same delivery was "
            "posted before), `withdrawn` (the purchases of the lines are taken back), `changed`, `rescheduled` (the "
            "purchase line comes another day).",
            examples=["created"],
        ),
    ]
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    sales_order_no: SalesOrderNoOrBlank = ""
    skipped: Annotated[tuple[SkippedLine, ...], Meta(description="Lines that were left out.")] = ()
    errors: Annotated[tuple[Problem, ...], Meta(description="Every reason of a refusal.")] = ()
    postings: Annotated[tuple[RequestedPosting, ...], Meta(description="The receipts asked for.")] = ()
    withdrawn: Annotated[
        tuple[WithdrawnLine, ...], Meta(description="Lines whose purchases were taken back.", examples=[[]])
    ] = ()
    purchase_invoice_no: PurchaseInvoiceNoOrBlank = ""
    sales_invoice_no: Annotated[
        NoOrBlank,
        Meta(description="Sales invoice that the request is about; empty if none.", examples=["SIV-1001"]),
    ] = ""
    changed_lines: Annotated[
        tuple[ChangedLine, ...], Meta(description="The purchase lines after a requested change.")
    ] = ()
