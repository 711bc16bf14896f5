"""What is asked for about payment instructions."""

from __future__ import annotations

from uuid import UUID

import msgspec

from contracts.captures import CaptureResult, Reference
from contracts.values import Model


class Confirmation(Model, frozen=True, kw_only=True):
    """What became of an instruction."""

    outcome: CaptureResult
    reference: Reference = ""


class ConfirmInstruction(msgspec.Struct, frozen=True):
    """Note the outcome. `store_no`: of the till that asks, which knows only its store's; None: all."""

    id: UUID
    confirmation: Confirmation
    store_no: str | None = None
