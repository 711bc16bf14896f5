"""Answers about terminals and sessions. A terminal's secret is shown when it is made, and never again."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import EXAMPLE_ID, Timestamp, Version
from contracts.pos import StoreNo, TerminalNo
from contracts.values import CreatedAt, UpdatedAt
from domainkit.structs import extended
from pos_gateway.domain.terminals.commands import CreatedTerminal

AccessToken = Annotated[
    str, Meta(description="Send it as `Authorization: Bearer …`.", examples=["eyJhbGciOiJFZERTQSJ9…"])
]


class TerminalAnswer(msgspec.Struct, frozen=True):
    """A terminal of a store, without its secret."""

    no: TerminalNo
    store_no: StoreNo
    blocked: Annotated[bool, Meta(description="It gets no tokens.", examples=[False])]
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class CreatedTerminalAnswer(msgspec.Struct, frozen=True):
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


class TerminalTokenAnswer(msgspec.Struct, frozen=True):
    """A terminal's token: it signs workers on and reads."""

    access_token: AccessToken
    token_type: Annotated[str, Meta(description="Always `Bearer`.", examples=["Bearer"])]
    expires_in: Annotated[int, Meta(description="Seconds for which it is valid.", examples=[3600])]


class SessionAnswer(msgspec.Struct, frozen=True):
    """A worker's session; its token stands for terminal and worker."""

    id: Annotated[str, Meta(description="Id of the session.", examples=[EXAMPLE_ID])]
    access_token: AccessToken
    expires_at: Annotated[
        Timestamp, Meta(description="Until when it is valid.", examples=["2026-03-02T17:00:00Z"])
    ]


def present_terminal(terminal: CreatedTerminal) -> CreatedTerminalAnswer:
    """The answer of the request that made the terminal; a repeated one does not show the secret again."""
    return extended(CreatedTerminalAnswer, terminal)
