"""The terminal and the worker that a till's token identifies, and how long the token counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from pos_gateway.domain.setup.configuration import Configuration


class TerminalIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """The terminal that a token was given to."""

    store_no: str
    terminal_no: str


class TillSession(TerminalIdentity, frozen=True, kw_only=True):
    """A worker signed on at a terminal: who asks for an order."""

    worker_id: str


class TillClaims(TerminalIdentity, frozen=True, kw_only=True):
    """What a till's token says; of a session also who is signed on, by which PIN and in which session."""

    terminal_version: int = 0
    """A new secret and a block raise it; a token that does not name it is older than versions are."""
    worker_id: str = ""
    pin_version: int = 0
    """A new PIN and a block of the worker raise it."""
    sid: str = ""

    def hold(self, configuration: Configuration, ended: Collection[str]) -> bool:
        """Whether the token still counts: nothing of what it was given for has been taken back."""
        if configuration.terminals.get(self.terminal_no) != self.store_no:
            return False
        if configuration.terminal_versions.get(self.terminal_no) != self.terminal_version:
            return False
        if not self.worker_id:
            return True
        worker = configuration.workers.get(self.worker_id)
        return (
            worker is not None
            and not worker.blocked
            and worker.works_at(self.store_no)
            and configuration.pin_versions.get(self.worker_id) == self.pin_version
            and self.sid not in ended
        )


def till_claims(claims: Mapping[str, Any]) -> TillClaims | None:
    """What a token of the gateway says of a till; None for one of no terminal."""
    if "terminal_no" not in claims or "store_no" not in claims:
        return None
    known = {name: claims[name] for name in TillClaims.__struct_fields__ if name in claims}
    return msgspec.convert(known, TillClaims)
