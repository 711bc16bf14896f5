"""Commands about terminals."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import UnsetType


class CreateTerminal(msgspec.Struct, frozen=True):
    """A terminal of a store. An existing terminal gets a new secret; the old one becomes invalid."""

    store_no: str
    no: str


class ChangeTerminal(msgspec.Struct, frozen=True):
    """A terminal that is to be blocked, or no more."""

    no: str
    blocked: bool | UnsetType


class EndSession(msgspec.Struct, frozen=True):
    """A session that ends before its time. `terminal_no`: the terminal that asks; None: an administrator."""

    id: UUID
    terminal_no: str | None


class CreatedTerminal(msgspec.Struct, frozen=True):
    """A terminal with its new secret, of which only a digest is stored."""

    no: str
    store_no: str
    secret: str
