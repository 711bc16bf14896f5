"""A return that a till carried out offline, as it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from contracts.channel import Refund
from contracts.fields import EXAMPLE_ID, NoOrBlank, Version, choice
from contracts.pos import TransactionIdentity
from contracts.values import Problem
from domainkit.structs import extended
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.commands import OfflineReturn
from pos_gateway.domain.orders.order_money import Settlement
from pos_gateway.http.answers.settlements import with_decimals

ReturnStatus = Annotated[
    str,
    choice("waiting", "submitting", "done", "failed", "editing", "void"),
    Meta(description="Whether it is decided, carried out, or waits for a person.", examples=["failed"]),
]


class OfflineReturnAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A return that was carried out offline, with what became of it."""

    id: Annotated[UUID, Meta(description="Id of the return.", examples=[EXAMPLE_ID])]
    version: Version
    status: ReturnStatus
    confirmation_no: Annotated[str, Meta(description="The order.", examples=["K-100001"])]
    transaction: Annotated[TransactionIdentity, Meta(description="Identity of the transaction at the till.")]
    received_at: Annotated[
        datetime, Meta(description="When the gateway received it.", examples=["2026-03-02T09:14:59Z"])
    ]
    payload: OfflineReturn | UnsetType = UNSET
    flags: Annotated[
        tuple[str, ...], Meta(description="What is strange about it.", examples=[["unverified"]])
    ]
    conflicts_with: Annotated[
        NoOrBlank,
        Meta(
            description='Order of another transaction with the same identity; else "".', examples=["K-100007"]
        ),
    ]
    refunds: Annotated[tuple[Refund, ...], Meta(description="What went back.")]
    settlement: Annotated[Settlement, Meta(description="What it came to.")]
    errors: Annotated[tuple[Problem, ...], Meta(description="Why sales is not asked for it.")]


def offline_return_answer(act: TillAct, status: str) -> OfflineReturnAnswer:
    """The answer of a return that is stored."""
    return extended(
        OfflineReturnAnswer,
        act,
        id=act.act_id,
        status=status,
        confirmation_no=act.confirmation_no or "",
        payload=act.taken_offline or UNSET,
        settlement=with_decimals(act.settlement),
    )
