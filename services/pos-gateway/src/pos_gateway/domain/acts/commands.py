"""What tills ask for: acts on an order. The fields that all acts have stand in `NewAct` (see the API's point 12)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.channel import ChannelTransaction, ReasonCodeOrBlank
from contracts.fields import ItemNo, LineNo, No, NoOrBlank, Percent, decimal, new_lines, text
from contracts.pos import (
    ZERO,
    CardToken,
    ConfirmationNo,
    LineQuantity,
    PersonName,
    SignedTillAmount,
    Tender,
    TillAmount,
    TransactionIdentity,
    TransactionTerms,
    WorkerId,
)
from contracts.refusals import Refusal
from contracts.values import Model
from pos_gateway.domain.orders.commands import (
    TENDERS_MAX,
    ApprovalIds,
    BalanceCards,
    CreateOrder,
    DepositOverride,
    OfflineKey,
    Payments,
    StatedTotals,
    WorkedWithVersion,
)
from pos_gateway.domain.setup.configuration import Mode
from pos_gateway.domain.terminals.sessions import TillSession


class NewRefund(Tender, frozen=True, kw_only=True):
    """Money that the till gives back."""

    card_token: CardToken | None = None


class NewAct(TransactionTerms, frozen=True, kw_only=True):
    """What every act says: its own transaction, and the money that changed hands."""

    transaction: Annotated[
        TransactionIdentity,
        Meta(description="Identity of this transaction, not of the one that made the order."),
    ]
    receipt_no: (
        Annotated[NoOrBlank, Meta(description="Number on the act's receipt.", examples=["HH1-2-18"])] | None
    ) = None
    payments: Payments = ()
    refunds: Annotated[
        tuple[NewRefund, ...], Meta(max_length=TENDERS_MAX, description="What is given back now.")
    ] = ()
    approval_ids: ApprovalIds = ()
    totals: StatedTotals | None = None


class CollectedBy(Model, frozen=True, kw_only=True):
    """The person who collects the goods, with the code that proves the right to them."""

    name: PersonName
    pickup_code: Annotated[
        str,
        Meta(
            max_length=20, description="The code that the order's collector was given.", examples=["470815"]
        ),
    ]


class PickUpLine(Model, frozen=True, kw_only=True):
    """How much of a line is picked up."""

    line_no: LineNo
    quantity: Annotated[
        Decimal,
        decimal(6, 5, minimum=0),
        Meta(description="In the line's unit; 0 as if the line were left out.", examples=["2"]),
    ]


class PickUp(NewAct, frozen=True, kw_only=True):
    """Goods that the customer, or the collector, takes along."""

    lines: Annotated[
        tuple[PickUpLine, ...], Meta(description="What is handed over; lines that are left out stay open.")
    ] = ()
    deposit_applied: (
        Annotated[
            SignedTillAmount,
            Meta(
                description="What of the deposit is used, where the deposit was overridden.",
                examples=["50.00"],
            ),
        ]
        | None
    ) = None
    collected_by: CollectedBy | None = None


class Cancel(NewAct, frozen=True, kw_only=True):
    """An order, or what is left of it, that the customer no longer wants."""

    reason: Annotated[
        str,
        text(100, min_length=1),
        Meta(description="Why it is cancelled.", examples=["Customer changed their mind"]),
    ]
    cancellation_charge: (
        Annotated[
            SignedTillAmount,
            Meta(
                description="Charge without tax instead of the proposed one; needs the permission.",
                examples=["10.00"],
            ),
        ]
        | None
    ) = None


class ReturnLine(Model, frozen=True, kw_only=True):
    """How much of a line of the order comes back, and why."""

    line_no: LineNo
    quantity: LineQuantity
    reason_code: ReasonCodeOrBlank = ""


class ReturnGoods(NewAct, frozen=True, kw_only=True):
    """Invoiced goods that the customer brings back."""

    invoice_no: Annotated[
        No, Meta(description="Posted sales invoice that the goods are on.", examples=["SI-1001"])
    ]
    lines: Annotated[tuple[ReturnLine, ...], Meta(description="What comes back.")] = ()
    shipping_refund: (
        Annotated[
            TillAmount,
            Meta(
                description="Shipping charges that are given back, without tax, besides those of returned lines.",
                examples=["5.00"],
            ),
        ]
        | None
    ) = None


class OfflineReturn(ReturnGoods, frozen=True, kw_only=True):
    """A return that a till carried out while it was offline."""

    operation: Annotated[
        Literal["return"], Meta(description="What tells it from an order.", examples=["return"])
    ]
    confirmation_no: ConfirmationNo
    worker_id: WorkerId
    idempotency_key: OfflineKey | None = None
    config_version: WorkedWithVersion | None = None


class TakeOfflineReturn(msgspec.Struct, frozen=True):
    """Keep a return that was carried out offline. `store_no`: of the terminal that uploads it."""

    taken: OfflineReturn
    store_no: str


class FailReturn(msgspec.Struct, frozen=True):
    """Sales has refused a return that was carried out offline, in this attempt."""

    confirmation_no: str
    act_id: UUID
    attempt: int
    refusal: Refusal


class BlindReturnLine(Model, frozen=True, kw_only=True):
    """Goods that come back without an order, for the price that is given back."""

    item_no: ItemNo
    quantity: LineQuantity
    unit_price: Annotated[TillAmount, Meta(description="What one unit is given back for, without tax.")]
    tax_pct: Annotated[Percent, Meta(description="Tax in percent.")] = ZERO
    reason_code: ReasonCodeOrBlank = ""


class BlindReturn(NewAct, frozen=True, kw_only=True):
    """Goods that a customer brings back without an order or receipt."""

    lines: Annotated[
        tuple[BlindReturnLine, ...],
        new_lines("What comes back."),
    ] = ()


class TakeBlindReturn(msgspec.Struct, frozen=True):
    """Take goods back that no order is known of."""

    new: BlindReturn
    session: TillSession
    dry_run: bool = False


class Conversion(NewAct, frozen=True, kw_only=True):
    """A quote that the customer has agreed to."""

    reprice: Annotated[
        bool,
        Meta(
            description="At today's prices: an expired quote needs it, before that the permission `recalculate` does.",
            examples=[False],
        ),
    ] = False
    deposit_override: DepositOverride | None = None
    balance_cards: BalanceCards = ()


class ConvertQuote(msgspec.Struct, frozen=True):
    """Make an order of a quote. `mode` says how it reaches sales, as settled when the request came in."""

    confirmation_no: str
    new: Conversion
    session: TillSession
    mode: Mode
    dry_run: bool = False


class ActOnOrder(msgspec.Struct, frozen=True):
    """Carry out an act on an order. `operation`: its name in `domain/acts/operations.py::OPERATIONS`."""

    confirmation_no: str
    operation: str
    new: NewAct
    session: TillSession
    dry_run: bool = False


class ConcludeAct(msgspec.Struct, frozen=True):
    """Sales has carried out the act; without a transaction there is nothing new."""

    confirmation_no: str
    act_id: UUID
    transaction: ChannelTransaction | None = None


class WithdrawAct(msgspec.Struct, frozen=True):
    """Sales has certainly not carried out the act in this attempt."""

    act_id: UUID
    attempt: int


class TakeBatch(msgspec.Struct, frozen=True):
    """Keep what tills took while they were offline; a refusal stands for an entry that cannot be read."""

    entries: tuple[CreateOrder | TakeOfflineReturn | Refusal, ...]
