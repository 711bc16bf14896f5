"""A customer order as the gateway keeps it: what was agreed at the till, and its progress in sales."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from contracts.channel import ChannelOrder, PostedSalesInvoiceNoOrBlank
from contracts.fields import (
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
    TransactionLine,
    WorkerId,
)
from contracts.values import Model, Problem
from domainkit.money import ZERO
from pos_gateway.domain.setup.configuration import Mode

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

    @property
    def quantity_open(self) -> Decimal:
        """What is still to be handed over: nothing of what the customer carried out (POS-124)."""
        return ZERO if self.mode == "carry_out" else self.quantity


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
    """A departure from the rules by a person who has the permission."""

    operation: Annotated[str, Meta(description="What was overridden.", examples=["deposit_override"])]
    requested_by: Annotated[WorkerId, Meta(description="The worker at the till.")]
    approved_by: Annotated[str, Meta(description="The manager who approved it.", examples=["W1"])] = ""
    from_amount: Annotated[Amount | None, Meta(description="What the rules ask for.")] = None
    to_amount: Annotated[Amount | None, Meta(description="What holds instead.", examples=["50.00"])] = None
    amount: Annotated[Amount | None, Meta(description="The amount concerned.")] = None
    reason: Annotated[str, Meta(description="Why.", examples=["Regular customer"])] = ""
    at: Annotated[datetime, Meta(description="When.", examples=["2026-03-02T09:14:59Z"])]


class Collector(Model, frozen=True, kw_only=True):
    """The person who may collect the goods."""

    name: PersonName
    phone: PhoneOrBlank = ""
    pickup_code: PickupCode = ""


class CardHold(Model, frozen=True, kw_only=True):
    """A card for the balance; nothing is charged yet."""

    card_token: CardToken
    authorisation: Authorisation = ""


class CustomerOrder(ChannelOrderHeader, frozen=True, kw_only=True):
    """What was agreed at the till. The contract's order and the answer are made of it."""

    version: Version
    mode: Mode
    receipt_no: ReceiptNoOrBlank = ""
    clock_skew: bool = False
    config_version: ConfigVersion
    config_stale: bool = False
    lines: tuple[OrderLine, ...]
    deposit_required: DepositRequired
    balance_cards: tuple[CardHold, ...] = ()
    card_hold: CardHoldAmount = ZERO
    settlement: Settlement
    overrides: tuple[Override, ...] = ()
    collector: Collector | None = None
    terms: OrderTerms

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


class Stage(Model, frozen=True, kw_only=True):
    """The progress of an order in sales. It is learned from there: the order's version stays the same."""

    status: Status
    sales_order_no: SalesOrderNoOrBlank = ""
    customer_no: CustomerNoOrBlank = ""
    invoice_no: PostedSalesInvoiceNoOrBlank = ""
    errors: tuple[Problem, ...] = ()
    received_at: datetime
    updated_at: datetime


def as_channel_order(order: CustomerOrder, *happened: str) -> ChannelOrder:
    """The order as sales must synchronize it; what is the gateway's alone is left out."""
    channel_order = msgspec.convert(order, ChannelOrder, from_attributes=True)
    return msgspec.structs.replace(channel_order, happened=happened)
