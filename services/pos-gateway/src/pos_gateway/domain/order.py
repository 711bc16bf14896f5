"""A customer order as the gateway keeps it: what was agreed at the till, and how far it has come."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from contracts.pos import ChannelOrder, NewCustomer, Payment, Totals, TransactionIdentity
from contracts.values import Address, Model, Problem
from pos_gateway.domain.money import ZERO

Status = Literal[
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
]
Mode = Literal["synchronous", "asynchronous", "backup"]
"""How it reaches sales: the till waits for it, it is pulled, or tried first and else pulled (POS-16)."""


class OrderLine(Model, frozen=True, kw_only=True):
    """A line with its amounts. The names of the contract's `TransactionLine`: stored once, read as either."""

    line_no: int
    item_no: str
    description: str = ""
    quantity: Decimal
    unit_of_measure_code: str = ""
    unit_price: Decimal
    discount: Decimal = ZERO
    tax_pct: Decimal = ZERO
    purchasing_code: str = ""
    mode: str
    location_code: str = ""
    pickup_store_no: str = ""
    address_code: str = ""
    address: Address | None = None
    requested_date: date | None = None
    delivery_date: date | None = None
    delivery_mode: str = ""
    shipping_charge: Decimal = ZERO
    net: Decimal
    tax: Decimal

    @property
    def quantity_open(self) -> Decimal:
        """What is still to be handed over: nothing of what the customer carried out (POS-124)."""
        return ZERO if self.mode == "carry_out" else self.quantity


class Terms(Model, frozen=True, kw_only=True):
    """The parameters that the order was confirmed with; later changes of them do not touch it (POS-54)."""

    deposit_pct: Decimal
    cancellation_pct: Decimal
    cancellation_charge_code: str
    shipping_charge_code: str
    minor_unit: Decimal


class Settlement(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What a transaction came to. `due` > 0: to pay, < 0: to give back; `paid` is net of change."""

    total: Decimal
    deposit_applied: Decimal = ZERO
    charge: Decimal = ZERO
    charges_refunded: Decimal = ZERO
    due: Decimal
    paid: Decimal
    refunded: Decimal = ZERO
    change: Decimal = ZERO
    invoice_no: str | None = None
    return_no: str | None = None
    sales_return_order_no: str | None = None


class Override(Model, frozen=True, kw_only=True):
    """A departure from the rules that somebody with the right took (POS-120)."""

    operation: str
    requested_by: str
    approved_by: str = ""
    from_amount: Decimal | None = None
    to_amount: Decimal | None = None
    amount: Decimal | None = None
    reason: str = ""
    at: datetime


class Collector(Model, frozen=True, kw_only=True):
    """Who may collect the goods (POS-28)."""

    name: str
    phone: str = ""
    pickup_code: str = ""


class CardHold(Model, frozen=True, kw_only=True):
    """A card for the balance; nothing is charged yet."""

    card_token: str
    authorisation: str = ""


class CustomerOrder(Model, frozen=True, kw_only=True):
    """What was agreed. A superset of the contract's `ChannelOrder`, under the same names."""

    version: int
    confirmation_no: str
    transaction_id: UUID
    transaction: TransactionIdentity
    kind: str = "customer_order"
    mode: Mode
    receipt_no: str = ""
    customer_no: str = ""
    new_customer: NewCustomer | None = None
    currency_code: str
    occurred_at: datetime
    received_at: datetime
    clock_skew: bool = False
    config_version: int
    config_stale: bool = False
    worker_id: str
    lines: tuple[OrderLine, ...]
    shipping_charge: Decimal = ZERO
    shipping_charge_code: str = ""
    totals: Totals
    deposit_required: Decimal
    prepaid_amount: Decimal = ZERO
    payments: tuple[Payment, ...] = ()
    balance_cards: tuple[CardHold, ...] = ()
    card_hold: Decimal = ZERO
    settlement: Settlement
    overrides: tuple[Override, ...] = ()
    collector: Collector | None = None
    terms: Terms

    @property
    def carried_out(self) -> bool:
        """True if the customer left with some of the goods (POS-30)."""
        return any(line.mode == "carry_out" for line in self.lines)

    @property
    def wanted_date(self) -> date | None:
        """The earliest date of a line (POS-26)."""
        return min((line.requested_date for line in self.lines if line.requested_date), default=None)

    @property
    def pickup_stores(self) -> tuple[str, ...]:
        """Where goods wait for the customer."""
        return tuple(sorted({line.pickup_store_no for line in self.lines if line.pickup_store_no}))


class Stage(Model, frozen=True, kw_only=True):
    """How far an order has come on its way through sales. It is learned: the order's version stays."""

    status: Status
    sales_order_no: str = ""
    customer_no: str = ""
    errors: tuple[Problem, ...] = ()
    updated_at: datetime


def as_channel_order(order: CustomerOrder, *happened: str) -> ChannelOrder:
    """The order as sales must synchronize it; what is the gateway's alone is left out."""
    channel_order = msgspec.convert(order, ChannelOrder, from_attributes=True)
    return msgspec.structs.replace(channel_order, happened=happened)
