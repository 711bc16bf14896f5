"""A return without an order as it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.pos import TransactionIdentity
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.orders.order_money import Override, Settlement
from pos_gateway.http.answers.settlements import with_decimals


class BlindReturnAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A return of goods that no order is known of."""

    return_no: Annotated[str, Meta(description="Number of the return.", examples=["R-1001"])]
    unverified: Annotated[
        bool, Meta(description="Nothing shows that the goods were sold here.", examples=[True])
    ] = True
    transaction: Annotated[TransactionIdentity, Meta(description="Identity of the transaction at the till.")]
    received_at: Annotated[
        datetime, Meta(description="When the gateway received it.", examples=["2026-03-02T09:14:59Z"])
    ]
    settlement: Annotated[Settlement, Meta(description="What was given back.")]
    overrides: Annotated[tuple[Override, ...], Meta(description="Who approved it.")]


def present_return(act: TillAct) -> BlindReturnAnswer:
    """A return without an order, as the till gets it."""
    return BlindReturnAnswer(
        return_no=act.settlement.return_no or "",
        transaction=act.transaction,
        received_at=act.received_at,
        settlement=with_decimals(act.settlement),
        overrides=act.overrides,
    )
