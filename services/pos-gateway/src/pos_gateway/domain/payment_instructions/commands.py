"""What is asked for about payment instructions."""

from __future__ import annotations

from uuid import UUID

import msgspec

from contracts.values import Model
from pos_gateway.domain.orders.captures import Outcome, Reference


class Confirmation(Model, frozen=True, kw_only=True):
    """What became of an instruction."""

    outcome: Outcome
    reference: Reference = ""


class ConfirmInstruction(msgspec.Struct, frozen=True):
    """Note the outcome. `store_no`: of the till that asks, which knows only its store's; None: all."""

    id: UUID
    confirmation: Confirmation
    store_no: str | None = None
