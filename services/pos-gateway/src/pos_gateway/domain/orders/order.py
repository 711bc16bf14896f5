"""A customer order as the gateway keeps it: what was agreed at the till, and its progress in sales."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from contracts.channel import ChannelAct, ChannelOrder
from contracts.fields import Amount, Day, NoOrBlank, Text100, Version
from contracts.pos import ChannelOrderHeader, PersonName, PhoneOrBlank, TransactionLine
from contracts.values import Model, Problem
from domainkit.money import ZERO
from pos_gateway.domain.orders.captures import EXECUTED, CardCapture
from pos_gateway.domain.orders.order_money import (
    CardHold,
    CardHoldAmount,
    OrderMoney,
    OrderRefund,
    Override,
    Settlement,
)
from pos_gateway.domain.setup.configuration import Mode
from pos_gateway.domain.setup.records import DEPOSIT_OVERRIDE

CARD: Final = "card"
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


class Collector(Model, frozen=True, kw_only=True):
    """The person who may collect the goods."""

    name: PersonName
    phone: PhoneOrBlank = ""
    pickup_code: PickupCode = ""


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
    holds_freed: tuple[CardHold, ...] = ()
    """What edits no longer need of the holds on cards: they name another card, or less is to be paid."""
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
        return wanted - self.prepaid_now - self.captured

    @property
    def prepaid_now(self) -> Decimal:
        """What tills took and did not give back. What a card's issuer has declined has not gone back (POS-84)."""
        money = self.money
        declined = sum((refund.amount for refund in self.refunds_known if refund.declined), ZERO)
        return money.paid - money.refunded + declined

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


def as_channel_order(order: CustomerOrder, *happened: str) -> ChannelOrder:
    """The order as sales must synchronize it; what is the gateway's alone is left out."""
    channel_order = msgspec.convert(order, ChannelOrder, from_attributes=True)
    return msgspec.structs.replace(channel_order, happened=happened)
