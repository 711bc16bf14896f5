"""A till's wish for a customer order, in the shape in which it is sent (`POST /v1/customer-orders`).

Only the shape is said here; what may stand in the fields is decided by `checks`, for all fields at once.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.values import Address

MAX_LINES = 1000

Code = Annotated[str, Meta(max_length=10)]
No = Annotated[str, Meta(max_length=20)]
Words = Annotated[str, Meta(max_length=100)]
Token = Annotated[str, Meta(max_length=200)]
Sequence = Annotated[int, Meta(ge=0, le=2**53)]
Day = date
Moment = Annotated[datetime, Meta(tz=True)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the request; a field that is not of the contract is refused."""


class NewTransaction(Part, frozen=True, kw_only=True):
    """The identity in the trade's standard: store, terminal, business day, sequence number (POS-86)."""

    store_no: No
    terminal_no: No
    business_date: date
    sequence: Sequence


class NewAddress(Part, frozen=True, kw_only=True):
    """An address written out."""

    name: Words | None = None
    address: Words | None = None
    address_2: Words | None = None
    city: Words | None = None
    post_code: No | None = None
    region: Words | None = None
    country_code: Code | None = None
    contact: Words | None = None
    phone: Words | None = None

    def value(self) -> Address:
        """As documents carry it."""
        return Address(**{f: v.strip() for f in NewAddress.__struct_fields__ if (v := getattr(self, f))})


class CustomerAddress(NewAddress, frozen=True, kw_only=True):
    """An address of a new customer; lines name it by `code`."""

    code: Code | None = None


class NewCustomer(Part, frozen=True, kw_only=True):
    """A customer made at the till (POS-99)."""

    name: Words
    phone: Words | None = None
    email: Words | None = None
    addresses: tuple[CustomerAddress, ...] = ()


class NewFulfilment(Part, frozen=True, kw_only=True):
    """How goods reach the customer. `mode`: ship, pickup, carry_out; `location_code`: where to ship from."""

    mode: Code | None = None
    address_code: Code | None = None
    address: NewAddress | None = None
    store_no: No | None = None
    location_code: Code | None = None
    date: Day | None = None
    delivery_date: Day | None = None
    delivery_mode: No | None = None


class NewLine(Part, frozen=True, kw_only=True):
    """A line; `discount` is money off the whole line."""

    item_no: No | None = None
    type: No | None = None
    quantity: Decimal
    unit_of_measure_code: Code | None = None
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    tax_pct: Decimal = Decimal(0)
    purchasing_code: Code | None = None
    fulfilment: NewFulfilment | None = None
    shipping_charge: Decimal | None = None


class NewPayment(Part, frozen=True, kw_only=True):
    """Money taken at the till. `method`: cash, card, account."""

    method: No
    amount: Decimal
    card_token: Token | None = None
    authorisation: Token | None = None


class BalanceCard(Part, frozen=True, kw_only=True):
    """A card for the balance; nothing is charged now (POS-32)."""

    card_token: Token
    authorisation: Token | None = None


class NewCollector(Part, frozen=True, kw_only=True):
    """Who may collect instead of the customer (POS-28)."""

    name: Words
    phone: Words | None = None


class StatedTotals(Part, frozen=True, kw_only=True):
    """The amounts as the till has them; any of them."""

    net: Decimal | None = None
    tax: Decimal | None = None
    charges: Decimal | None = None
    total: Decimal | None = None


class NewOrder(Part, frozen=True, kw_only=True):
    """The whole wish. `config_version`: the configuration the till worked with, if it was offline."""

    transaction: NewTransaction
    occurred_at: Moment
    kind: No | None = None
    receipt_no: No | None = None
    currency_code: Code | None = None
    customer_no: No | None = None
    customer_id: UUID | None = None
    new_customer: NewCustomer | None = None
    fulfilment: NewFulfilment | None = None
    lines: tuple[NewLine, ...] = ()
    shipping_charge: Decimal | None = None
    collector: NewCollector | None = None
    deposit_override: Decimal | None = None
    payments: tuple[NewPayment, ...] = ()
    balance_cards: tuple[BalanceCard, ...] = ()
    totals: StatedTotals | None = None
    expiry_date: date | None = None
    approval_ids: tuple[UUID, ...] = ()
    config_version: int | None = None


def no(text: str | None) -> str:
    """A number or code as it is stored: trimmed, upper-case, "" for none."""
    return text.strip().upper() if text else ""
