"""An approval: one operation on one order, for one amount, asked for by one worker."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import EXAMPLE_ID, Timestamp, choice, text
from contracts.pos import ConfirmationNo, TillAmount, TransactionIdentity, WorkerId
from contracts.values import Model
from pos_gateway.domain.setup.records import DEPOSIT_OVERRIDE
from pos_gateway.domain.terminals.sessions import TillSession

REFUND_SHIPPING, CHANGE_CANCELLATION_CHARGE = "refund_shipping", "change_cancellation_charge"
COLLECTOR_OVERRIDE, BLIND_RETURN, REFUND_TENDER = "collector_override", "blind_return", "refund_tender"
OF_AN_AMOUNT: Final = frozenset({DEPOSIT_OVERRIDE, REFUND_SHIPPING, CHANGE_CANCELLATION_CHARGE})
"""Operations whose approval must name the amount: without it a manager would sign a blank cheque."""
AT_ANY_STORE: Final = frozenset({REFUND_SHIPPING, REFUND_TENDER})
"""Operations of returns, which every store takes."""

Operation = Annotated[
    str,
    choice(
        DEPOSIT_OVERRIDE,
        REFUND_SHIPPING,
        CHANGE_CANCELLATION_CHARGE,
        COLLECTOR_OVERRIDE,
        BLIND_RETURN,
        REFUND_TENDER,
    ),
    Meta(description="What is approved.", examples=[DEPOSIT_OVERRIDE]),
]
ApprovedAmount = Annotated[
    TillAmount, Meta(description="The amount that the act will have, such as the new deposit.")
]


class ApprovalTerms(Model, frozen=True, kw_only=True):
    """What a manager is asked to approve: for an order, or for a transaction that makes one."""

    operation: Operation
    amount: ApprovedAmount | None = None
    reason: Annotated[str, text(250, min_length=1), Meta(description="Why.", examples=["Regular customer"])]
    confirmation_no: ConfirmationNo | None = None
    transaction: (
        Annotated[TransactionIdentity, Meta(description="The transaction, where no order exists yet.")] | None
    ) = None


class ApproveAct(msgspec.Struct, frozen=True):
    """A manager approves what a worker at a till asks for. `proved`: whether the PIN was the manager's."""

    terms: ApprovalTerms
    asks: TillSession
    approver_id: str
    proved: bool


class Approval(ApprovalTerms, frozen=True, kw_only=True):
    """A manager's approval, to be used once and before it expires."""

    id: Annotated[UUID, Meta(description="Id of the approval.", examples=[EXAMPLE_ID])]
    requested_by: WorkerId
    approved_by: WorkerId
    approved_at: datetime
    expires_at: Annotated[
        Timestamp, Meta(description="When it can be used no more.", examples=["2026-03-02T09:30:00Z"])
    ]

    def covers(self, operation: str, amount: Decimal | None) -> bool:
        """Whether it is for this operation with this amount; one without an amount is for any."""
        return self.operation == operation and self.amount in (None, amount)
