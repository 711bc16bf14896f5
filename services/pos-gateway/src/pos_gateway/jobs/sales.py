"""What asking sales for an order at once can come to."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from contracts.channel import ChannelOrder, ChannelTransaction
from contracts.refusals import Refusal
from eventkit.context import Context


class Accepted(msgspec.Struct, frozen=True):
    """Sales has made its order of it, or carried out the act."""

    transaction: ChannelTransaction


class Refused(msgspec.Struct, frozen=True):
    """Sales refuses the order or the act, and has kept nothing of it."""

    refusal: Refusal


class NotReached(msgspec.Struct, frozen=True):
    """Sales was certainly not asked."""

    reason: str


class Unknown(msgspec.Struct, frozen=True):
    """Sales may have done it or not (POS-110)."""

    reason: str


SalesOutcome = Accepted | Refused | NotReached | Unknown


class Sales(Protocol):
    """Sales, as far as this service asks it something."""

    async def submit(self, order: ChannelOrder, context: Context) -> SalesOutcome:
        """Ask for one order; never raises, never takes longer than its deadline."""
        ...

    async def carry_out(self, order: ChannelOrder, act_id: UUID, context: Context) -> SalesOutcome:
        """Ask for the newest act of an order, in the same way; `order`: as it is after the act."""
        ...
