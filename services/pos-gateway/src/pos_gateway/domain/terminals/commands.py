"""Commands about terminals."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.pos import StoreNo, TerminalNo


class CreateTerminal(msgspec.Struct, frozen=True):
    """A terminal of a store; one that is there already gets a new secret, and the old one is worth nothing."""

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
