"""What an order agreed about money: settlements, overrides, payments, refunds and the cards for its balance."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.channel import Refund
from contracts.fields import EXAMPLE_ID, Amount
from contracts.pos import Authorisation, CardToken, TransactionIdentity, WorkerId
from contracts.values import Model
from domainkit.money import ZERO

CardHoldAmount = Annotated[
    Amount, Meta(description="What is held on the card for the part to ship.", examples=["899.00"])
]


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
    approval_required: Annotated[
        bool,
        Meta(
            description="A manager must approve it; only in a rehearsal, which shows the amounts all the same.",
            examples=[False],
        ),
    ] = False
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


class CardHold(Model, frozen=True, kw_only=True):
    """A card for the balance; nothing is charged yet."""

    card_token: CardToken
    authorisation: Authorisation = ""
    amount: Annotated[Amount | None, Meta(description="The most that it was authorised for.")] = None
