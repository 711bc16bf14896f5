"""The terminal and the worker that a till's token identifies."""

from __future__ import annotations

import msgspec


class TerminalIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """The terminal that a token was given to."""

    store_no: str
    terminal_no: str


class TillSession(TerminalIdentity, frozen=True, kw_only=True):
    """A worker signed on at a terminal: who asks for an order."""

    worker_id: str
