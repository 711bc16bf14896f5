"""Answers about approvals."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import EXAMPLE_ID, Timestamp
from domainkit.structs import extended
from pos_gateway.domain.approvals.approval import Approval, ApprovedAmount, Operation


class ApprovalAnswer(msgspec.Struct, frozen=True):
    """An approval, to be sent with the act in `approval_ids`."""

    id: Annotated[UUID, Meta(description="Id of the approval.", examples=[EXAMPLE_ID])]
    operation: Operation
    amount: ApprovedAmount | None
    expires_at: Annotated[
        Timestamp, Meta(description="When it can be used no more.", examples=["2026-03-02T09:30:00Z"])
    ]


def present_approval(approval: Approval) -> ApprovalAnswer:
    """The approval as the till gets it: its token and how long it can be used."""
    return extended(ApprovalAnswer, approval)
