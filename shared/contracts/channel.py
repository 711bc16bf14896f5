"""What the POS gateway and sales exchange about a till's order: the order with its acts, and what sales made of both.

An act is a later transaction of a till on an order: an edit, a pick-up, a cancellation or a return. The gateway decides
its money, sales its goods. Acts travel in the order's snapshot, over HTTP while the till waits or as an event; sales
carries each out once, known by its id.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    Count,
    CustomerNoOrBlank,
    Day,
    ItemNoOrBlank,
    LineNo,
    No,
    NoOrBlank,
    Percent,
    QuantityOrZero,
    SalesOrderNoOrBlank,
    Text100,
    Timestamp,
    Version,
    choice,
)
from contracts.pos import (
    CardToken,
    ChannelOrderHeader,
    ConfirmationNo,
    LineQuantity,
    Payment,
    Tender,
    TransactionIdentity,
    TransactionLine,
    TransactionTerms,
    WorkerIdOrBlank,
)
from contracts.values import Deleted, Happened, Model, Problem

TransactionStatus = Annotated[
    str,
    choice("pulled", "editing", "succeeded", "failed", "dead", "held", "void"),
    Meta(description="State of the transaction's synchronization.", examples=["succeeded"]),
]
FaultClass = Annotated[
    str,
    choice("", "data", "configuration", "internal"),
    Meta(
        description=(
            "What a failed attempt is due to: this transaction's data, the set-up, which fails all alike, or an "
            "internal error of the service."
        ),
        examples=["configuration"],
    ),
]
ActId = Annotated[
    UUID,
    Meta(
        description="Identity of the act in all services; the same act is carried out once.",
        examples=[EXAMPLE_ID],
    ),
]
ActOperation = Annotated[
    str,
    choice("edit", "pickup", "cancel", "cancel_remaining", "return"),
    Meta(description="What the till does to the order.", examples=["pickup"]),
]
ActStatus = Annotated[
    str,
    choice("waiting", "done", "failed"),
    Meta(
        description="Whether sales has carried the act out; it waits until the order is synchronized, and is tried "
        "again after a failure.",
        examples=["done"],
    ),
]
ReasonCodeOrBlank = Annotated[NoOrBlank, Meta(description="Why the goods come back.", examples=["DAMAGED"])]
ActReason = Annotated[Text100, Meta(description="Why.", examples=["Customer changed their mind"])]
PostedSalesInvoiceNoOrBlank = Annotated[
    NoOrBlank,
    Meta(
        description='Posted sales invoice of what was carried out; "" if there is none.',
        examples=["SI-1001"],
    ),
]


class Refund(Tender, frozen=True, kw_only=True):
    """Money given back at the till."""

    card_token: CardToken = ""


class ActLine(Model, frozen=True, kw_only=True):
    """How much of a line of the order an act is about."""

    line_no: LineNo
    quantity: LineQuantity
    reason_code: ReasonCodeOrBlank = ""


class ActCharge(Model, frozen=True, kw_only=True):
    """Money that an act asks for (a cancellation charge) or gives back (a shipping charge)."""

    charge_code: Annotated[No, Meta(description="Charge code that it is posted under.", examples=["CANCEL"])]
    amount: Annotated[Amount, Meta(description="Amount without tax.", examples=["10.00"])]
    tax_pct: Annotated[Percent, Meta(description="Tax in percent.", examples=["19"])]


class ChannelAct(TransactionTerms, frozen=True, kw_only=True):
    """An act of a till on an order. What an edit made of the order stands in the order itself."""

    act_id: ActId
    operation: ActOperation
    transaction: Annotated[TransactionIdentity, Meta(description="Identity of the transaction at the till.")]
    received_at: Annotated[
        Timestamp, Meta(description="When the gateway received it.", examples=["2026-03-02T09:14:59Z"])
    ]
    worker_id: WorkerIdOrBlank = ""
    reason: ActReason = ""
    lines: Annotated[
        tuple[ActLine, ...],
        Meta(description="What is picked up, returned or cancelled; a cancellation of everything has none."),
    ] = ()
    invoice_no: Annotated[
        NoOrBlank,
        Meta(description="Posted sales invoice that goods are returned from.", examples=["SI-1001"]),
    ] = ""
    charge: Annotated[ActCharge | None, Meta(description="Cancellation charge; null without one.")] = None
    charges_refunded: Annotated[
        tuple[ActCharge, ...], Meta(description="Charges that a return gives back.")
    ] = ()
    payments: Annotated[tuple[Payment, ...], Meta(description="What was paid with it, net of change.")] = ()
    refunds: Annotated[tuple[Refund, ...], Meta(description="What was given back with it.")] = ()


class ChannelOrder(ChannelOrderHeader, frozen=True, kw_only=True):
    """A till's customer order as sales must synchronize it; key: the confirmation number.

    Lines, totals and prepayment are those after all its `acts`. An order that an edit changed before it was
    synchronized is made as the edit left it; one that a cancellation reached before is not made.
    """

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    lines: Annotated[tuple[TransactionLine, ...], Meta(description="What is ordered.")] = ()
    acts: Annotated[
        tuple[ChannelAct, ...],
        Meta(
            description="Acts of tills that sales has not confirmed yet, in the order in which they happened."
        ),
    ] = ()


class ActOutcome(Model, frozen=True, kw_only=True):
    """What sales made of a till's act."""

    act_id: ActId
    operation: ActOperation
    status: ActStatus
    invoice_no: Annotated[
        NoOrBlank,
        Meta(
            description='Posted sales invoice of the goods or of the charge; "" without one.',
            examples=["SI-1001"],
        ),
    ] = ""
    sales_return_order_no: Annotated[
        NoOrBlank, Meta(description='Sales return order of a return; "" for others.', examples=["SR-1001"])
    ] = ""
    errors: Annotated[
        tuple[Problem, ...], Meta(description="Everything that was wrong with the last attempt.")
    ] = ()


class LineProgress(Model, frozen=True, kw_only=True):
    """How far a line of a till's order is in sales. Quantities are in the line's unit."""

    line_no: LineNo
    quantity_received: Annotated[
        QuantityOrZero,
        Meta(description="What was received for the line of a special order.", examples=["2"]),
    ]
    quantity_shipped: Annotated[QuantityOrZero, Meta(description="What has left.", examples=["2"])]
    quantity_invoiced: Annotated[QuantityOrZero, Meta(description="What is invoiced.", examples=["2"])]
    quantity_returned: Annotated[QuantityOrZero, Meta(description="What came back.", examples=["0"])]
    quantity_cancelled: Annotated[QuantityOrZero, Meta(description="What is not supplied.", examples=["0"])]


class ChannelInvoiceLine(Model, frozen=True, kw_only=True):
    """A line of a posted invoice of a till's order."""

    line_no: LineNo
    item_no: ItemNoOrBlank = ""
    quantity: Annotated[QuantityOrZero, Meta(description="What is invoiced.", examples=["2"])]
    returned_quantity: Annotated[QuantityOrZero, Meta(description="What of it came back.", examples=["0"])]


class ChannelInvoice(Model, frozen=True, kw_only=True):
    """A posted sales invoice of a till's order."""

    invoice_no: Annotated[No, Meta(description="Number of the posted sales invoice.", examples=["SI-1001"])]
    posting_date: Annotated[Day, Meta(description="When it was posted.", examples=["2026-03-12"])]
    amount: Annotated[Amount, Meta(description="What it comes to, with tax.", examples=["354.62"])]
    lines: Annotated[tuple[ChannelInvoiceLine, ...], Meta(description="What it is about.")] = ()


class TransactionProgress(Model, frozen=True, kw_only=True):
    """The state of the synchronization of a till's transaction."""

    status: TransactionStatus
    fault_class: FaultClass = ""
    errors: Annotated[
        tuple[Problem, ...], Meta(description="Everything that was wrong with the last attempt.")
    ] = ()
    attempts: Annotated[Count, Meta(description="How many attempts were made.", examples=[1])] = 0
    synchronized_at: Annotated[Timestamp, Meta(description="When its order was made.")] | None = None
    acts: Annotated[
        tuple[ActOutcome, ...], Meta(description="What became of later acts of tills on the order.")
    ] = ()


class ChannelTransaction(TransactionProgress, frozen=True, kw_only=True):
    """The state of a till's transaction in sales; key: the confirmation number."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    confirmation_no: ConfirmationNo
    transaction_id: Annotated[UUID, Meta(description="Id of the till's transaction.", examples=[EXAMPLE_ID])]
    store_no: Annotated[No, Meta(description="The store of the till.", examples=["HH1"])]
    sales_order_no: SalesOrderNoOrBlank = ""
    sales_quote_no: Annotated[
        NoOrBlank, Meta(description='Sales quote of a till\'s quote; "" for orders.', examples=["SQ-1001"])
    ] = ""
    customer_no: CustomerNoOrBlank = ""
    invoice_no: PostedSalesInvoiceNoOrBlank = ""
    order_closed: Annotated[
        bool,
        Meta(description="Whether nothing of the sales order is outstanding any more.", examples=[False]),
    ] = False
    lines: Annotated[
        tuple[LineProgress, ...],
        Meta(description="Lines of which something was received, shipped or cancelled."),
    ] = ()
    invoices: Annotated[
        tuple[ChannelInvoice, ...], Meta(description="Posted sales invoices of the order.")
    ] = ()
