"""Posted shipments and invoices as resources: every field is there, empty or not."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import (
    Amount,
    ItemNoOrBlank,
    LineNo,
    No,
    PurchaseOrderNoOrBlank,
    SalesOrderNo,
    SalesOrderNoOrBlank,
    TotalQuantity,
    choice,
)
from contracts.values import AddressAnswer, CreatedAt, UpdatedAt
from domainkit.structs import extended
from recordkit.stored import StoredDocument
from sales.domain.posting.correcting import CorrectionStep
from sales.domain.posting.credit_memos import CreditMemo, CreditMemoLine
from sales.domain.posting.documents import (
    PostedInvoice,
    PostedInvoiceLine,
    PostedShipment,
    PostedShipmentLine,
)
from sales.use_cases.apply_postings import AppliedPosting
from sales.use_cases.correct_invoices import CorrectionPreview, correction_result
from sales.use_cases.post_credit_memos import MadeMemo
from sales.use_cases.ship_orders import ShippedTogether


class PostedShipmentLineAnswer(PostedShipmentLine, frozen=True, kw_only=True, omit_defaults=False):
    """What left of one line of the order."""


class PostedShipmentAnswer(PostedShipment, frozen=True, kw_only=True, omit_defaults=False):
    """A posted sales shipment: what left, and where to."""

    created_at: CreatedAt
    updated_at: UpdatedAt
    ship_to: AddressAnswer = AddressAnswer()
    lines: Annotated[tuple[PostedShipmentLineAnswer, ...], Meta(description="What left.")] = ()


class PostedInvoiceLineAnswer(PostedInvoiceLine, frozen=True, kw_only=True, omit_defaults=False):
    """What was invoiced of one line."""


class PostedInvoiceAnswer(PostedInvoice, frozen=True, kw_only=True, omit_defaults=False):
    """A posted sales invoice: what is owed for what was shipped."""

    ship_to: AddressAnswer = AddressAnswer()
    created_at: CreatedAt
    updated_at: UpdatedAt
    total: Annotated[Amount, Meta(description="Amount and tax: what the customer owes.", examples=["148.75"])]
    lines: Annotated[tuple[PostedInvoiceLineAnswer, ...], Meta(description="What was invoiced.")] = ()


class CreditMemoLineAnswer(CreditMemoLine, frozen=True, kw_only=True, omit_defaults=False):
    """What is given back of one invoice line."""


class CreditMemoAnswer(CreditMemo, frozen=True, kw_only=True, omit_defaults=False):
    """A posted sales credit memo: what the customer gets back."""

    ship_to: AddressAnswer = AddressAnswer()
    created_at: CreatedAt
    updated_at: UpdatedAt
    total: Annotated[Amount, Meta(description="Amount and tax: what is given back.", examples=["148.75"])]
    lines: Annotated[tuple[CreditMemoLineAnswer, ...], Meta(description="What is given back.")] = ()


def credit_memo_answer(stored: StoredDocument[CreditMemo]) -> CreditMemoAnswer:
    """The credit memo as GET answers it."""
    memo = stored.document
    return extended(
        CreditMemoAnswer,
        memo,
        ship_to=extended(AddressAnswer, memo.ship_to),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        lines=tuple(extended(CreditMemoLineAnswer, line) for line in memo.lines),
    )


def shipment_answer(stored: StoredDocument[PostedShipment]) -> PostedShipmentAnswer:
    """The shipment as GET answers it."""
    shipment = stored.document
    return extended(
        PostedShipmentAnswer,
        shipment,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        ship_to=extended(AddressAnswer, shipment.ship_to),
        lines=tuple(extended(PostedShipmentLineAnswer, line) for line in shipment.lines),
    )


def invoice_answer(stored: StoredDocument[PostedInvoice]) -> PostedInvoiceAnswer:
    """The invoice as GET answers it."""
    invoice = stored.document
    return extended(
        PostedInvoiceAnswer,
        invoice,
        ship_to=extended(AddressAnswer, invoice.ship_to),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        lines=tuple(extended(PostedInvoiceLineAnswer, line) for line in invoice.lines),
    )


class UndoneShipmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken back; the shipment shows which of its lines are undone."""

    shipment_no: Annotated[No, Meta(description="Number of the posted shipment.", examples=["SS-1001"])]
    sales_order_no: SalesOrderNo


class PostingResultAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The documents that a post made."""

    shipment_no: (
        Annotated[
            str, Meta(description="Number of the posted shipment; null without one.", examples=["SS-1001"])
        ]
        | None
    ) = None
    invoice_no: (
        Annotated[
            str, Meta(description="Number of the posted invoice; null without one.", examples=["SI-1001"])
        ]
        | None
    ) = None


class ReturnPostingAnswer(PostingResultAnswer, frozen=True, kw_only=True):
    """What posting a return order made: goods come back with the credit memo itself."""

    credit_memo_no: Annotated[No, Meta(description="Number of the posted credit memo.", examples=["SC-1001"])]


def return_posting_answer(made: MadeMemo) -> ReturnPostingAnswer:
    """The number of the credit memo."""
    return ReturnPostingAnswer(credit_memo_no=made.memo.no)


def posting_answer(applied: AppliedPosting) -> PostingResultAnswer:
    """What a post answers that sales alone decided; that of an operation is its stored result, of the same form."""
    return msgspec.convert(applied.result(), PostingResultAnswer, from_attributes=True)


class CorrectionStepAnswer(CorrectionStep, frozen=True, kw_only=True):
    """One step of a correction, in the order in which they are taken."""

    service: Annotated[str, Meta(description="The service that takes it.", examples=["purchasing"])]
    act: Annotated[
        str,
        choice("lower_allowance", "credit", "receive"),
        Meta(
            description="Let the vendor invoice less, give money back, or take back what left with the invoice.",
            examples=["credit"],
        ),
    ]
    line_no: LineNo
    item_no: ItemNoOrBlank
    quantity: Annotated[TotalQuantity, Meta(description="How much of the line.", examples=["5"])]
    sales_order_no: SalesOrderNoOrBlank
    purchase_order_no: PurchaseOrderNoOrBlank


class CorrectionPreviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a correction would do."""

    posted_invoice_no: Annotated[No, Meta(description="The invoice.", examples=["SI-1001"])]
    steps: Annotated[tuple[CorrectionStepAnswer, ...], Meta(description="In their order.")]


class CorrectionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The documents that corrected a posted invoice, with the steps taken."""

    posted_invoice_no: Annotated[No, Meta(description="The invoice.", examples=["SI-1001"])]
    credit_memo_no: Annotated[No, Meta(description="The credit memo of all of it.", examples=["SC-1001"])]


def correction_answer(value: MadeMemo | CorrectionPreview) -> CorrectionAnswer | CorrectionPreviewAnswer:
    """The numbers; of a dry run the steps."""
    if isinstance(value, CorrectionPreview):
        found = tuple(extended(CorrectionStepAnswer, step) for step in value.steps)
        return extended(CorrectionPreviewAnswer, value, steps=found)
    return extended(CorrectionAnswer, correction_result(value))


class ShipmentOfOrderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The shipment of one order of a combined shipment."""

    sales_order_no: SalesOrderNo
    shipment_no: Annotated[No, Meta(description="Number of the posted shipment.", examples=["SS-1001"])]


class CombinedShipmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The shipments of one customer's orders that left together."""

    consignment_no: Annotated[
        No, Meta(description="The number that all these shipments carry.", examples=["CN-1001"])
    ]
    shipments: Annotated[tuple[ShipmentOfOrderAnswer, ...], Meta(description="One shipment for each order.")]


def combined_shipment_answer(together: ShippedTogether) -> CombinedShipmentAnswer:
    """The numbers of the consignment and its shipments."""
    posted = [each.shipment for each in together.shipments if each.shipment is not None]
    return CombinedShipmentAnswer(
        consignment_no=together.consignment_no,
        shipments=tuple(
            ShipmentOfOrderAnswer(sales_order_no=each.sales_order_no, shipment_no=each.no) for each in posted
        ),
    )
