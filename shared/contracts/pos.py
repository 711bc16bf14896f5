"""What the POS gateway publishes: stores, and the tills' transactions once they are pulled."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.values import Address, Model, Snapshot


class Store(Snapshot, frozen=True, kw_only=True):
    """A shop: where its goods lie, its currency and its time zone (IANA)."""

    no: str
    name: str = ""
    time_zone: str
    currency_code: str
    location_code: str = ""
    fulfilment_group: tuple[str, ...] = ()


class TransactionIdentity(Model, frozen=True, kw_only=True):
    """Unique for ever: store, terminal, business date, sequence (POS-86)."""

    store_no: str
    terminal_no: str
    business_date: date
    sequence: int


class NewCustomer(Model, frozen=True, kw_only=True):
    """A customer made at the till; `id` stands for it until sales has given a number (POS-99)."""

    id: UUID
    name: str
    phone: str = ""
    email: str = ""
    address: Address = Address()


class TransactionLine(Model, frozen=True, kw_only=True):
    """A line of a till's order. `discount` is money off the whole line; `mode`: `ship`, `pickup`, `carry_out`."""

    line_no: int
    item_no: str
    quantity: Decimal
    unit_of_measure_code: str = ""
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    tax_pct: Decimal = Decimal(0)
    purchasing_code: str = ""
    mode: str
    location_code: str = ""
    pickup_store_no: str = ""
    address_code: str = ""
    address: Address | None = None
    requested_date: date | None = None
    delivery_mode: str = ""
    shipping_charge: Decimal = Decimal(0)


class Payment(Model, frozen=True, kw_only=True):
    """Money taken at the till, net of change; `method`: `cash`, `card`, `account`."""

    method: str
    amount: Decimal
    card_token: str = ""
    authorisation: str = ""


class Totals(Model, frozen=True, kw_only=True):
    """Amounts of an order in its currency; total = net + tax + charges."""

    net: Decimal
    tax: Decimal
    charges: Decimal
    total: Decimal


class ChannelOrder(Snapshot, frozen=True, kw_only=True):
    """A till's customer order as sales must synchronize it; key: the confirmation number.

    `transaction_id` is the order's identity at every hop: one transaction makes one sales order.
    """

    confirmation_no: str
    transaction_id: UUID
    transaction: TransactionIdentity
    kind: str = "customer_order"
    customer_no: str = ""
    new_customer: NewCustomer | None = None
    currency_code: str
    occurred_at: datetime
    received_at: datetime
    worker_id: str = ""
    lines: tuple[TransactionLine, ...] = ()
    shipping_charge: Decimal = Decimal(0)
    shipping_charge_code: str = ""
    prepaid_amount: Decimal = Decimal(0)
    payments: tuple[Payment, ...] = ()
    totals: Totals
