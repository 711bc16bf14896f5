"""What the POS gateway publishes: stores, and the tills' transactions once they are pulled.

The bases hold the fields that requests, the gateway's own records, events and answers share.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    Code,
    CodeOrBlank,
    CurrencyCode,
    CustomerNoOrBlank,
    Day,
    ExternalReference,
    ItemNo,
    LineNo,
    LocationCodeOrBlank,
    No,
    NoOrBlank,
    Percent,
    Phone,
    PurchasingCodeOrBlank,
    Text50,
    Text100,
    Timestamp,
    UnitOfMeasureCodeOrBlank,
    Version,
    choice,
    decimal,
    text,
)
from contracts.values import Address, Deleted, Happened, Model, Problem

ZERO: Final = Decimal(0)

# Tokens that the gateway signs: what names it, and the scopes that services accept from it.
GATEWAY_ISSUER: Final = "pos-gateway"
TILL_SCOPE: Final = "pos:terminal"
SUBMIT_SCOPE: Final = "channel:submit"
GATEWAY_SCOPES: Final = (TILL_SCOPE, SUBMIT_SCOPE)

StoreNo = Annotated[No, Meta(description="Number of the store.", examples=["HH1"])]
StoreNoOrBlank = Annotated[NoOrBlank, Meta(description="Number of the store.", examples=["HH1"])]
TerminalNo = Annotated[No, Meta(description="Number of the terminal.", examples=["HH1-1"])]
WorkerId = Annotated[No, Meta(description="Id of the worker at the till.", examples=["W7"])]
WorkerIdOrBlank = Annotated[NoOrBlank, Meta(description="Id of the worker at the till.", examples=["W7"])]
ConfirmationNo = Annotated[
    No, Meta(description="Number under which the till confirmed the order.", examples=["K-100001"])
]
TransactionId = Annotated[
    UUID, Meta(description="Identity of the transaction in all services.", examples=[EXAMPLE_ID])
]
OrderKind = Annotated[
    str,
    choice("customer_order", "quote"),
    Meta(description="What is made: an order, or a quote that can become one.", examples=["customer_order"]),
]
DeliveryMode = Annotated[
    str,
    choice("ship", "pickup", "carry_out"),
    Meta(
        description="How the goods reach the customer: shipped, picked up at a store, or carried out at once.",
        examples=["pickup"],
    ),
]
PaymentMethod = Annotated[
    str,
    choice("cash", "card", "account"),
    Meta(description="What was paid with.", examples=["card"]),
]
CardToken = Annotated[
    str,
    text(200),
    Meta(
        description="The payment provider's token of the card; never the card's number.", examples=["tok_1"]
    ),
]
Authorisation = Annotated[
    str,
    text(200),
    Meta(description="The payment provider's authorisation of the payment.", examples=["A-9"]),
]
AddressCodeOrBlank = Annotated[
    CodeOrBlank, Meta(description="Code of the customer's address to ship to.", examples=["HOME"])
]
ShippingCode = Annotated[
    NoOrBlank,
    Meta(description='How it is shipped, such as by express; "" for the usual way.', examples=["EXPRESS"]),
]
RequestedDate = Annotated[
    Day, Meta(description="When the customer wants the goods.", examples=["2026-03-12"])
]
LineQuantity = Annotated[
    Decimal,
    decimal(6, 5, above=0),
    Meta(description="Ordered quantity in the line's unit.", examples=["2"]),
]
TillAmount = Annotated[Decimal, decimal(12, 4, minimum=0), Meta(examples=["149.00"])]
"""Money as a till states it; the currency may allow fewer decimals."""
SignedTillAmount = Annotated[Decimal, decimal(12, 4), Meta(examples=["149.00"])]
ShippingCharge = Annotated[
    TillAmount, Meta(description="What shipping costs the customer, without tax.", examples=["25.00"])
]
PersonName = Annotated[
    str, text(100, min_length=1), Meta(description="Name of the person.", examples=["Anna Berg"])
]
PhoneOrBlank = Annotated[Phone, Meta(description="Telephone number.", examples=["+49 7531 1234"])]
EmailOrBlank = Annotated[Text100, Meta(description="Address for e-mail.", examples=["anna@example.com"])]


class StoreDetails(Model, frozen=True, kw_only=True):
    """A shop, as it is entered: where its goods lie, its currency and its time zone."""

    name: Annotated[Text100, Meta(description="Name of the store.", examples=["Hamburg Harbour"])] = ""
    time_zone: Annotated[
        Text50,
        Meta(description="IANA time zone of the store's calendar.", examples=["Europe/Berlin"]),
    ]
    currency_code: Annotated[
        CurrencyCode, Meta(description="Currency in which the store sells.", examples=["EUR"])
    ]
    location_code: Annotated[
        LocationCodeOrBlank, Meta(description="Location of the store's own goods.", examples=["HH1"])
    ] = ""
    fulfilment_group: Annotated[
        tuple[Code, ...],
        Meta(
            description="Further locations that the store ships from; goods are picked up at stores that lie there.",
            examples=[["NORTH"]],
        ),
    ] = ()


class Store(StoreDetails, frozen=True, kw_only=True):
    """A shop: where its goods lie, its currency and its time zone."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    no: StoreNo


class TransactionIdentity(Model, frozen=True, kw_only=True):
    """The identity of a till's transaction: store, terminal, business date and sequence."""

    store_no: StoreNo
    terminal_no: TerminalNo
    business_date: Annotated[
        Day, Meta(description="The business day that was open at the till.", examples=["2026-03-02"])
    ]
    sequence: Annotated[
        int,
        Meta(ge=0, le=2**53, description="The terminal's count of that day's transactions.", examples=[17]),
    ]


class NamedAddress(Address, frozen=True, kw_only=True):
    """An address of a customer that lines and orders name by its code."""

    code: Annotated[Code, Meta(description="Code of the address.", examples=["HOME"])]


class NewCustomer(Model, frozen=True, kw_only=True):
    """A customer made at the till; `id` stands for it until sales has given a number."""

    id: Annotated[
        UUID, Meta(description="Stands for the customer until it has a number.", examples=[EXAMPLE_ID])
    ]
    name: PersonName
    phone: PhoneOrBlank = ""
    email: EmailOrBlank = ""
    address: Annotated[Address, Meta(description="Where the customer lives.")] = Address()
    addresses: Annotated[
        tuple[NamedAddress, ...], Meta(description="Addresses to ship to, named by their codes.")
    ] = ()


class LinePrice(Model, frozen=True, kw_only=True):
    """Quantity and price of a line, as entered at the till."""

    quantity: LineQuantity
    unit_price: Annotated[TillAmount, Meta(description="Price of one unit without tax.", examples=["149.00"])]
    discount: Annotated[
        TillAmount, Meta(description="Money off the whole line, without tax.", examples=["10.00"])
    ] = ZERO
    tax_pct: Annotated[Percent, Meta(description="Tax in percent.", examples=["19"])] = ZERO


class LineTerms(LinePrice, frozen=True, kw_only=True):
    """What was agreed on a line, besides how the goods reach the customer."""

    line_no: LineNo
    item_no: ItemNo
    unit_of_measure_code: UnitOfMeasureCodeOrBlank = ""
    purchasing_code: PurchasingCodeOrBlank = ""
    shipping_charge: ShippingCharge = ZERO


class TransactionLine(LineTerms, frozen=True, kw_only=True):
    """A line of a till's order, with how its goods reach the customer."""

    mode: DeliveryMode
    location_code: Annotated[
        LocationCodeOrBlank, Meta(description="Location that the goods come from.", examples=["HH1"])
    ] = ""
    pickup_store_no: Annotated[
        StoreNoOrBlank, Meta(description='Store where the goods are picked up; else "".', examples=["HH1"])
    ] = ""
    address_code: AddressCodeOrBlank = ""
    address: Annotated[Address | None, Meta(description="Where the goods are shipped to.")] = None
    requested_date: RequestedDate | None = None
    delivery_mode: ShippingCode = ""


class Tender(Model, frozen=True, kw_only=True):
    """One payment at the till: with what, and how much."""

    method: PaymentMethod
    amount: Annotated[
        Decimal, decimal(12, 4, above=0), Meta(description="How much was paid.", examples=["200.00"])
    ]


class Payment(Tender, frozen=True, kw_only=True):
    """Money taken at the till, net of change."""

    card_token: CardToken = ""
    authorisation: Authorisation = ""


class Totals(Model, frozen=True, kw_only=True):
    """Amounts of an order in its currency; total = net + tax + charges."""

    net: Annotated[Amount, Meta(description="Sum of the lines without tax.", examples=["1184.50"])]
    tax: Annotated[Amount, Meta(description="Tax on lines and charges.", examples=["225.06"])]
    charges: Annotated[Amount, Meta(description="Charges without tax.", examples=["25.00"])]
    total: Annotated[Amount, Meta(description="What the customer pays.", examples=["1434.56"])]


class TransactionTerms(Model, frozen=True, kw_only=True):
    """Fields that a till enters and that every document made from the transaction repeats."""

    occurred_at: Annotated[
        Timestamp,
        Meta(description="The till's clock at the transaction.", examples=["2026-03-02T10:14:58+01:00"]),
    ]
    external_reference: ExternalReference = ""


class TillOrderTerms(TransactionTerms, frozen=True, kw_only=True):
    """What was agreed at the till, as the event and the answer show it."""

    transaction: Annotated[TransactionIdentity, Meta(description="Identity of the transaction at the till.")]
    kind: OrderKind = "customer_order"
    currency_code: CurrencyCode
    received_at: Annotated[
        Timestamp, Meta(description="When the gateway received it.", examples=["2026-03-02T09:14:59Z"])
    ]
    worker_id: WorkerIdOrBlank = ""
    payments: Annotated[tuple[Payment, ...], Meta(description="What was paid, net of change.")] = ()
    totals: Annotated[Totals, Meta(description="What the order comes to.")]


class ChannelOrderHeader(TillOrderTerms, frozen=True, kw_only=True):
    """The header of a till's order.

    `transaction_id` is the order's identity at every hop: one transaction makes one sales order.
    """

    confirmation_no: ConfirmationNo
    transaction_id: TransactionId
    customer_no: CustomerNoOrBlank = ""
    new_customer: Annotated[
        NewCustomer | None, Meta(description="The customer, if it was made at a till and has no number yet.")
    ] = None
    shipping_charge: Annotated[
        ShippingCharge, Meta(description="What shipping the whole order costs, without tax.")
    ] = ZERO
    shipping_charge_code: Annotated[
        NoOrBlank, Meta(description="Charge code of shipping charges.", examples=["SHIPPING"])
    ] = ""
    shipping_charge_tax_pct: Annotated[
        Percent | None,
        Meta(
            description="Tax on shipping charges in percent when the order was taken; null without charges."
        ),
    ] = None
    expiry_date: Annotated[
        Day | None,
        Meta(description="Last day on which a quote holds; null for orders.", examples=["2026-03-31"]),
    ] = None
    quote_no: Annotated[
        NoOrBlank,
        Meta(
            description='Confirmation number of the quote that the order was made of; else "".',
            examples=["K-100007"],
        ),
    ] = ""
    prepaid_amount: Annotated[
        Amount, Meta(description="What was paid at the till, net of change.", examples=["200.00"])
    ] = ZERO
    hold_code: Annotated[
        CodeOrBlank,
        Meta(
            description='Why its order is on hold if the back office had to repair it; "" for no code.',
            examples=["CHECK"],
        ),
    ] = ""
    errors: Annotated[
        tuple[Problem, ...],
        Meta(
            description="What is wrong with a transaction that a till took while it was offline. No order is made of "
            "it until it is repaired."
        ),
    ] = ()
    conflicts_with: Annotated[
        NoOrBlank,
        Meta(
            description='Number of another order with the same identity of its transaction; else "".',
            examples=["K-100007"],
        ),
    ] = ""
