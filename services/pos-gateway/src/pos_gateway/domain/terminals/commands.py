"""Commands about terminals."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.pos import StoreNo, TerminalNo


class CreateTerminal(msgspec.Struct, frozen=True):
    """A terminal of a store. An existing terminal gets a new secret; the old one becomes invalid."""

    store_no: str
    no: str


class TerminalSecret(msgspec.Struct, frozen=True):
    """A terminal with its secret, which is shown this once."""

    no: TerminalNo
    store_no: StoreNo
    secret: Annotated[
        str,
        Meta(
            description="Trade it for a token. It cannot be read again.",
            examples=["fkQyQBHyWs8AOnDDpfZ0lS4yYyVYjUSHN3Iuy5bqZNk"],
        ),
    ]
