"""Commands about terminals."""

from __future__ import annotations

import msgspec


class CreateTerminal(msgspec.Struct, frozen=True):
    """A terminal of a store. An existing terminal gets a new secret; the old one becomes invalid."""

    store_no: str
    no: str


class CreatedTerminal(msgspec.Struct, frozen=True):
    """A terminal with its new secret, of which only a digest is stored."""

    no: str
    store_no: str
    secret: str
