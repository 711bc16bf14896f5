"""A customer order as the gateway keeps it: what was agreed at the till, and its progress in sales."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from contracts.channel import (
    ActOutcome,
    ChannelAct,
    ChannelInvoice,
    ChannelOrder,
    LineProgress,
    PostedSalesInvoiceNoOrBlank,
    Refund,
)
from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    CustomerNoOrBlank,
    Day,
    NoOrBlank,
    SalesOrderNoOrBlank,
    Text100,
    Version,
    choice,
)
from contracts.pos import (
    Authorisation,
    CardToken,
    ChannelOrderHeader,
    PersonName,
    PhoneOrBlank,
    TransactionIdentity,
    TransactionLine,
    WorkerId,
)
from contracts.values import Model, Problem
from domainkit.money import ZERO
from pos_gateway.domain.orders.captures import EXECUTED, CardCapture
from pos_gateway.domain.setup.configuration import Mode
from pos_gateway.domain.setup.records import DEPOSIT_OVERRIDE

CARD: Final = "card"
STATUSES: Final = (
    "submitting",
    "pending",
    "pulled",
    "synchronized",
    "failed",
    "held",
    "void",
    "cancelled",
    "partly_fulfilled",
    "fulfilled",
    "closed",
)
Status = Annotated[
    str,
    choice(*STATUSES),
    Meta(description="The order's progress in sales.", examples=["synchronized"]),
]
ReceiptNoOrBlank = Annotated[
    NoOrBlank, Meta(description="Number on the till's receipt.", examples=["HH1-2-17"])
]
PickupCode = Annotated[
    str, Meta(description="The collector proves the right to the goods by it.", examples=["470815"])
]
ConfigVersion = Annotated[
    int, Meta(description="Version of the configuration that held at the time.", examples=[42])
]
DepositRequired = Annotated[
    Amount, Meta(description="What must be paid in advance of goods that are still to come.")
]
CardHoldAmount = Annotated[
    Amount, Meta(description="What is held on the card for the part to ship.", examples=["899.00"])
]
DeliveryDate = Annotated[Day, Meta(description="When the goods arrive.", examples=["2026-03-14"])]


class OrderLine(TransactionLine, frozen=True, kw_only=True):
    """A line with its amounts. Stored once, and read as this or as the contract's line."""

    description: Annotated[Text100, Meta(description="What is sold.", examples=["Brass compass"])] = ""
    delivery_date: DeliveryDate | None = None
    net: Annotated[Amount, Meta(description="Amount without tax, less the discount.")]
    tax: Annotated[Amount, Meta(description="Tax on the line.", examples=["23.75"])]
    bought: bool = False
    """Whether the goods are bought for this line; stock of others is not handed over for it."""
    quantity_picked_up: Decimal = ZERO
    """At tills after the order was made; not what was carried out."""
    quantity_cancelled: Decimal = ZERO
    """By tills."""


class OrderTerms(Model, frozen=True, kw_only=True):
    """The parameters that the order was confirmed with; later changes of them do not touch it (POS-54)."""

    deposit_pct: Decimal
    cancellation_pct: Decimal
    cancellation_charge_code: str
    shipping_charge_code: str
    minor_unit: Decimal


class Settlement(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What a transaction came to."""

    total: Annotated[Amount, Meta(description="What the order comes to.")]
    deposit_applied: Annotated[Amount, Meta(description="What of the deposit was used.")] = ZERO
    charge: Annotated[Amount, Meta(description="Cancellation charge.", examples=["10.00"])] = ZERO
    charges_refunded: Annotated[Amount, Meta(description="Charges that were given back.")] = ZERO
    due: Annotated[Amount, Meta(description="Above 0: to pay; below 0: to give back.")]
    paid: Annotated[Amount, Meta(description="What was paid, net of change.")]
    refunded: Annotated[Amount, Meta(description="What was given back.")] = ZERO
    change: Annotated[Amount, Meta(description="Cash that was given back at once.", examples=["5.00"])] = ZERO
    invoice_no: Annotated[
        str | None, Meta(description="Posted sales invoice of the transaction.", examples=["SI-1001"])
    ] = None
    return_no: Annotated[str | None, Meta(description="The return, if it was one.", examples=["R-1001"])] = (
        None
    )
    sales_return_order_no: Annotated[
        str | None, Meta(description="Sales return order of the return.", examples=["SR-1001"])
    ] = None


# POS-120
class Override(Model, frozen=True, kw_only=True):
    """A departure from the rules: by a worker who has the permission, or whose act a manager approved."""

    operation: Annotated[str, Meta(description="What was overridden.", examples=["deposit_override"])]
    requested_by: Annotated[WorkerId, Meta(description="The worker at the till.")]
    approved_by: Annotated[str, Meta(description="The manager who approved it.", examples=["W1"])] = ""
    approval_id: Annotated[
        UUID | None, Meta(description="The manager's approval.", examples=[EXAMPLE_ID])
    ] = None
    from_amount: Annotated[Amount | None, Meta(description="What the rules ask for.")] = None
    to_amount: Annotated[Amount | None, Meta(description="What holds instead.", examples=["50.00"])] = None
    amount: Annotated[Amount | None, Meta(description="The amount concerned.")] = None
    reason: Annotated[str, Meta(description="Why.", examples=["Regular customer"])] = ""
    at: Annotated[datetime, Meta(description="When.", examples=["2026-03-02T09:14:59Z"])]


class OrderRefund(Refund, frozen=True, kw_only=True):
    """Money given back at a till after the order was made."""

    transaction: Annotated[TransactionIdentity, Meta(description="The transaction that gave it back.")]
    by_instruction: Annotated[
        bool, Meta(description="A payment instruction carries it out.", examples=[True])
    ] = False
    declined: Annotated[
        bool, Meta(description="The card was declined: it has not gone back.", examples=[False])
    ] = False


class OrderMoney(Model, frozen=True, kw_only=True):
    """Sums over the order's life, in its currency (POS-122, POS-123, POS-127)."""

    paid: Amount
    """Taken by all transactions, net of change."""
    refunded: Amount = ZERO
    """Given back by all transactions."""
    deposit_paid: Amount
    """Paid in advance of goods, less what edits gave back."""
    deposit_used: Amount = ZERO
    """What of it pick-ups and invoices have used, a cancellation kept or gave back."""
    charged: Amount = ZERO
    """Cancellation charges, with their tax."""
    cancelled: Amount = ZERO
    """What cancelled goods and their charges would have come to, with tax."""
    credited: Amount = ZERO
    """What returned goods and charges came to, with tax."""
    charges_refunded: Amount = ZERO
    """Shipping charges that returns gave back, without tax: they count to the ceiling (POS-07)."""

    @property
    def deposit_available(self) -> Decimal:
        """What of the deposit can still be used (POS-43)."""
        return self.deposit_paid - self.deposit_used


class Collector(Model, frozen=True, kw_only=True):
    """The person who may collect the goods."""

    name: PersonName
    phone: PhoneOrBlank = ""
    pickup_code: PickupCode = ""


class CardHold(Model, frozen=True, kw_only=True):
    """A card for the balance; nothing is charged yet."""

    card_token: CardToken
    authorisation: Authorisation = ""
    amount: Annotated[Amount | None, Meta(description="The most that it was authorised for.")] = None


class CustomerOrder(ChannelOrderHeader, frozen=True, kw_only=True):
    """What was agreed at the till. The contract's order and the answer are made of it."""

    version: Version
    mode: Mode
    receipt_no: ReceiptNoOrBlank = ""
    clock_skew: bool = False
    config_version: ConfigVersion
    config_stale: bool = False
    expires_at: datetime | None = None
    """The end of a quote's last day in its store."""
    lines: tuple[OrderLine, ...]
    deposit_required: DepositRequired
    balance_cards: tuple[CardHold, ...] = ()
    card_hold: CardHoldAmount = ZERO
    card_hold_ended: Decimal = ZERO
    """What cancellations no longer need of the hold."""
    captures: tuple[CardCapture, ...] = ()
    """What was taken from its card without a till. They are facts of others: acts of tills leave them alone."""
    refunds_declined: tuple[int, ...] = ()
    """Numbers of refund instructions that failed; as facts of others as captures are."""
    settlement: Settlement
    overrides: tuple[Override, ...] = ()
    collector: Collector | None = None
    converted_into: NoOrBlank = ""
    """Of a quote that is closed: confirmation number of its order."""
    terms: OrderTerms
    acts: tuple[ChannelAct, ...] = ()
    """Those that sales had not confirmed when the newest one was made; they travel with the order."""
    last_line_no: int = 0
    """The highest number of a line that it ever had, if an edit has added or removed lines: none is used twice."""
    last_act_id: UUID | None = None
    """The act that `settlement` is of; None: the order's creation."""
    refunds: tuple[OrderRefund, ...] = ()
    money_sums: OrderMoney | None = None
    """None before the first act; see `money`."""
    errors_of_returns: tuple[Problem, ...] = ()
    """Why returns that tills carried out offline are not posted."""

    @property
    def money(self) -> OrderMoney:
        """The sums over its life. Before the first act they follow from its creation."""
        if self.money_sums is not None:
            return self.money_sums
        first = self.settlement
        return OrderMoney(paid=first.paid, deposit_paid=first.paid - (first.due - self.deposit_required))

    @property
    def balance(self) -> Decimal:
        """What is still to be paid: for what the customer has, and for what is still to come."""
        money = self.money
        wanted = self.totals.total - money.cancelled - money.credited + money.charged
        declined = sum((refund.amount for refund in self.refunds_known if refund.declined), ZERO)
        return wanted - money.paid - self.captured + money.refunded - declined

    @property
    def captured(self) -> Decimal:
        """What was taken from its card after it was made."""
        return sum((c.amount for c in self.captures if c.outcome == EXECUTED), ZERO)

    @property
    def refunds_by_instruction(self) -> tuple[OrderRefund, ...]:
        """Those that a payment service carries out, each under the number of its place (POS-84)."""
        return tuple(refund for refund in self.refunds if refund.by_instruction)

    @property
    def refunds_known(self) -> tuple[OrderRefund, ...]:
        """All refunds, with those that a card's issuer has declined."""
        failed = [self.refunds_by_instruction[number - 1] for number in self.refunds_declined]
        return tuple(
            replace(refund, declined=any(refund is each for each in failed)) for refund in self.refunds
        )

    @property
    def deposit_overridden(self) -> bool:
        """Whether a worker has set its deposit (POS-47)."""
        return any(override.operation == DEPOSIT_OVERRIDE for override in self.overrides)

    @property
    def carried_out(self) -> bool:
        """Whether the customer left with some of the goods (POS-30)."""
        return any(line.mode == "carry_out" for line in self.lines)

    @property
    def wanted_date(self) -> date | None:
        """The earliest date of a line (POS-26)."""
        return min((line.requested_date for line in self.lines if line.requested_date), default=None)

    @property
    def ship_modes(self) -> tuple[str, ...]:
        """The modes of delivery that its lines are shipped by (POS-10)."""
        return tuple(sorted({line.delivery_mode for line in self.lines if line.mode == "ship"} - {""}))

    @property
    def pickup_stores(self) -> tuple[str, ...]:
        """Where goods wait for the customer."""
        return tuple(sorted({line.pickup_store_no for line in self.lines if line.pickup_store_no}))

    def is_seen_by(self, store_no: str) -> bool:
        """Whether a store sees it: its own orders, and those with goods to be picked up there (POS-121)."""
        return store_no == self.transaction.store_no or store_no in self.pickup_stores


class SalesProgress(Model, frozen=True, kw_only=True):
    """What sales has reported of the order, its lines and its acts."""

    lines: tuple[LineProgress, ...] = ()
    invoices: tuple[ChannelInvoice, ...] = ()
    acts: tuple[ActOutcome, ...] = ()
    order_closed: bool = False

    def line(self, line_no: int) -> LineProgress | None:
        """The progress of a line; None where nothing has happened to it."""
        return next((line for line in self.lines if line.line_no == line_no), None)

    def outcome(self, act_id: UUID | None) -> ActOutcome | None:
        """What sales made of an act; None while it does not know the act."""
        return next((act for act in self.acts if act.act_id == act_id), None)


class Stage(Model, frozen=True, kw_only=True):
    """The progress of an order in sales. It is learned from there: the order's version stays the same."""

    status: Status
    sales_order_no: SalesOrderNoOrBlank = ""
    customer_no: CustomerNoOrBlank = ""
    invoice_no: PostedSalesInvoiceNoOrBlank = ""
    sales_quote_no: NoOrBlank = ""
    errors: tuple[Problem, ...] = ()
    progress: SalesProgress | None = None
    """None until sales reports something of lines, invoices or acts."""
    received_at: datetime
    updated_at: datetime

    @property
    def synchronized(self) -> bool:
        """Whether sales has made its document of the order."""
        return bool(self.sales_order_no or self.sales_quote_no)


def as_channel_order(order: CustomerOrder, *happened: str) -> ChannelOrder:
    """The order as sales must synchronize it; what is the gateway's alone is left out."""
    channel_order = msgspec.convert(order, ChannelOrder, from_attributes=True)
    return msgspec.structs.replace(channel_order, happened=happened)
