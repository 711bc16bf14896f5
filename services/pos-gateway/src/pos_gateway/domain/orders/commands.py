"""Commands about customer orders: what a till asks for, and the steps of an order on its way to sales.

A till may send null for what it does not know: optional fields are `X | None`.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.channel import ChannelTransaction
from contracts.fields import (
    EXAMPLE_ID,
    CappedDay,
    CountryCodeOrBlank,
    CurrencyCodeOrBlank,
    CustomerNoOrBlank,
    Day,
    ItemNoOrBlank,
    LocationCodeOrBlank,
    NoOrBlank,
    PurchasingCodeOrBlank,
    Text20,
    UnitOfMeasureCodeOrBlank,
    new_lines,
    text,
)
from contracts.pos import (
    AddressCodeOrBlank,
    Authorisation,
    CardToken,
    DeliveryMode,
    EmailOrBlank,
    LinePrice,
    OrderKind,
    PersonName,
    PhoneOrBlank,
    RequestedDate,
    ShippingCharge,
    ShippingCode,
    SignedTillAmount,
    StoreNoOrBlank,
    Tender,
    TillAmount,
    TransactionIdentity,
    TransactionTerms,
)
from contracts.values import (
    Address,
    City,
    ContactName,
    Model,
    PartyName,
    PhoneNo,
    PostCode,
    Region,
    StreetAddress,
    StreetAddress2,
)
from pos_gateway.domain.setup.configuration import Mode
from pos_gateway.domain.terminals.sessions import TillSession

ADDRESSES_MAX = 50
"""Addresses of a new customer."""
TENDERS_MAX = 100
"""Payments of a transaction, and its refunds, cards and approvals."""


class NewAddress(Model, frozen=True, kw_only=True):
    """An address written out; what is left out is empty."""

    name: PartyName | None = None
    address: StreetAddress | None = None
    address_2: StreetAddress2 | None = None
    city: City | None = None
    post_code: PostCode | None = None
    region: Region | None = None
    country_code: CountryCodeOrBlank | None = None
    contact: ContactName | None = None
    phone: PhoneNo | None = None


class CustomerAddress(NewAddress, frozen=True, kw_only=True):
    """An address of a new customer; lines name it by `code`."""

    code: AddressCodeOrBlank | None = None


class NewTillCustomer(NewAddress, frozen=True, kw_only=True):
    """A customer made at the till, with its own address and others to ship to."""

    name: PersonName
    phone: PhoneOrBlank | None = None
    email: EmailOrBlank | None = None
    addresses: Annotated[
        tuple[CustomerAddress, ...],
        Meta(
            max_length=ADDRESSES_MAX,
            description="Addresses to ship to, which lines name by their codes. Where the customer has no address of "
            "its own, the first one is.",
            examples=[[{"code": "HOME", "city": "Konstanz"}]],
        ),
    ] = ()


class NewFulfilment(Model, frozen=True, kw_only=True):
    """How goods reach the customer."""

    mode: DeliveryMode | None = None
    address_code: AddressCodeOrBlank | None = None
    address: NewAddress | None = None
    store_no: Annotated[StoreNoOrBlank, Meta(description="Where the goods are picked up.")] | None = None
    location_code: (
        Annotated[LocationCodeOrBlank, Meta(description="Where to ship from; the store's own by default.")]
        | None
    ) = None
    date: RequestedDate | None = None
    delivery_date: (
        Annotated[Day, Meta(description="When the goods arrive.", examples=["2026-03-14"])] | None
    ) = None
    delivery_mode: ShippingCode | None = None


class NewLine(LinePrice, frozen=True, kw_only=True):
    """A line as a till asks for it; what it leaves out, the order's header says."""

    item_no: ItemNoOrBlank | None = None
    type: Annotated[Text20, Meta(description="Only `item` is sold at tills.", examples=["item"])] | None = (
        None
    )
    unit_of_measure_code: UnitOfMeasureCodeOrBlank | None = None
    purchasing_code: PurchasingCodeOrBlank | None = None
    fulfilment: NewFulfilment | None = None
    shipping_charge: ShippingCharge | None = None


OfflineKey = Annotated[
    str,
    text(255),
    Meta(
        description="The key under which the till would have sent it; its transaction identifies it.",
        examples=["KN1-1-17"],
    ),
]
WorkedWithVersion = Annotated[
    int,
    Meta(description="The configuration that the till worked with, if it was offline.", examples=[42]),
]


class NewPayment(Tender, frozen=True, kw_only=True):
    """A payment as a till states it, with the change that it gives back."""

    card_token: CardToken | None = None
    authorisation: Authorisation | None = None


class BalanceCard(Model, frozen=True, kw_only=True):
    """A card for the balance; nothing is charged now."""

    card_token: CardToken
    authorisation: Authorisation | None = None
    amount: (
        Annotated[TillAmount, Meta(description="The most that it was authorised for.", examples=["150.00"])]
        | None
    ) = None


Payments = Annotated[tuple[NewPayment, ...], Meta(max_length=TENDERS_MAX, description="What is paid now.")]
BalanceCards = Annotated[
    tuple[BalanceCard, ...], Meta(max_length=TENDERS_MAX, description="Cards for the balance.")
]
ApprovalIds = Annotated[
    tuple[UUID, ...],
    Meta(max_length=TENDERS_MAX, description="Approvals of a manager.", examples=[[EXAMPLE_ID]]),
]


class NewCollector(Model, frozen=True, kw_only=True):
    """The person who collects the goods for the customer."""

    name: PersonName
    phone: PhoneOrBlank | None = None


DepositOverride = Annotated[
    SignedTillAmount,
    Meta(description="Deposit instead of the computed one; needs the permission.", examples=["50.00"]),
]


class StatedTotals(Model, frozen=True, kw_only=True):
    """The amounts as the till has them; any of them."""

    net: Annotated[SignedTillAmount, Meta(description="Sum of the lines without tax.")] | None = None
    tax: Annotated[SignedTillAmount, Meta(description="Tax on lines and charges.")] | None = None
    charges: Annotated[SignedTillAmount, Meta(description="Charges without tax.")] | None = None
    total: Annotated[SignedTillAmount, Meta(description="What the customer pays.")] | None = None


class NewOrder(TransactionTerms, frozen=True, kw_only=True):
    """A customer order as a till asks for it."""

    transaction: Annotated[TransactionIdentity, Meta(description="Identity of the transaction at the till.")]
    kind: OrderKind | None = None
    receipt_no: (
        Annotated[
            NoOrBlank,
            Meta(
                description="Number on the receipt, unique in its store. It becomes the confirmation number, "
                "unless another store's order has that one.",
                examples=["HH1-2-17"],
            ),
        ]
        | None
    ) = None
    currency_code: CurrencyCodeOrBlank | None = None
    customer_no: CustomerNoOrBlank | None = None
    customer_id: (
        Annotated[UUID, Meta(description="A customer made at a till before.", examples=[EXAMPLE_ID])] | None
    ) = None
    new_customer: NewTillCustomer | None = None
    fulfilment: (
        Annotated[NewFulfilment, Meta(description="For lines that do not say it themselves.")] | None
    ) = None
    lines: Annotated[
        tuple[NewLine, ...],
        new_lines("What is ordered: 1 to 1,000 lines, shipping charges among them."),
    ] = ()
    shipping_charge: ShippingCharge | None = None
    collector: NewCollector | None = None
    deposit_override: DepositOverride | None = None
    payments: Payments = ()
    balance_cards: BalanceCards = ()
    totals: StatedTotals | None = None
    expiry_date: (
        Annotated[
            CappedDay,
            Meta(
                description="Last day on which a quote holds; another one than the usual needs a permission, and ten "
                "years is the most.",
            ),
        ]
        | None
    ) = None
    approval_ids: ApprovalIds = ()
    config_version: WorkedWithVersion | None = None


class CreateOrder(msgspec.Struct, frozen=True):
    """Take an order. `mode` says how it reaches sales, as settled when the request came in."""

    new: NewOrder
    session: TillSession
    mode: Mode
    dry_run: bool = False
    offline: bool = False
    """The till took it while it was offline, and has its receipt: it is kept, also if something is wrong with it."""
    quote_no: str = ""
    """Confirmation number of the quote that it is made of."""
    content: str = ""
    """Digest of the till's request, where `new` was made of a quote; see `sameness.py`."""


class ConcludeOrder(msgspec.Struct, frozen=True):
    """The outcome of an order that was submitted to sales; without a transaction there is nothing new."""

    confirmation_no: str
    version: int
    transaction: ChannelTransaction | None = None


class WithdrawOrder(msgspec.Struct, frozen=True):
    """Sales has certainly not taken the order in this attempt."""

    confirmation_no: str
    attempt: int


def address_of(written: NewAddress) -> Address:
    """An address as documents carry it: parts that were left out are empty."""
    parts = {name: getattr(written, name) for name in Address.__struct_fields__}
    return Address(**{name: part for name, part in parts.items() if part is not None})
