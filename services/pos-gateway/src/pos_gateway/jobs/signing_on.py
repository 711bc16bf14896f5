"""Terminals trade their secret for a token, workers sign on with their PIN.

A try is counted in a transaction of its own, before the PIN is looked at: it stays counted if the rest fails.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contracts.refusals import forbidden
from eventkit.ids import new_id
from eventkit.transaction import Database
from pos_gateway.domain.terminals.sessions import TerminalIdentity, TillSession
from pos_gateway.store import credentials
from pos_gateway.store.configuration import Configurations
from pos_gateway.tokens import Issued, TokenIssuer
from pos_gateway.use_cases.create_terminals import digest_of

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least for argon2id: a sign-on costs 20 ms of one core, and the rate limit bears the rest."""
_NO_PIN: Final = _hasher.hash(secrets.token_hex(32))
"""Verified where a worker does not exist or has no PIN: the answer takes as long as for a wrong one."""


class Session(msgspec.Struct, frozen=True):
    """A worker signed on at a terminal."""

    id: str
    issued: Issued


class WrongPin(msgspec.Struct, frozen=True):
    """There is no such worker, or the PIN is wrong."""


class TooManyTries(msgspec.Struct, frozen=True):
    """Too many wrong PINs were tried; the next try may come in `wait_s` seconds."""

    wait_s: int


class SignOnLimits(msgspec.Struct, frozen=True):
    """How many wrong PINs are accepted within `window`."""

    per_worker: int
    per_terminal: int
    window: timedelta


class SigningOn:
    """Gives tokens to terminals and workers that prove themselves."""

    def __init__(
        self, database: Database, configurations: Configurations, issuer: TokenIssuer, limits: SignOnLimits
    ) -> None:
        self._database = database
        self._configurations = configurations
        self._issuer = issuer
        self._limits = limits

    async def terminal_token(self, terminal_no: str, secret: str) -> Issued | None:
        """A token for a terminal; None for a wrong secret, and for a terminal that does not exist."""
        async with self._database.read() as conn:
            found = await credentials.terminal(conn, terminal_no)
        store_no, expected, _ = found or ("", b"", 0)
        if not hmac.compare_digest(expected, digest_of(secret)):
            return None
        return self._issuer.for_terminal(store_no, terminal_no)

    async def open_session(
        self, terminal: TerminalIdentity, worker_id: str, pin: str
    ) -> Session | WrongPin | TooManyTries:
        """Sign a worker on; refused if the worker does not work at the terminal's store."""
        limits = {
            f"terminal/{terminal.terminal_no}": self._limits.per_terminal,
            f"worker/{terminal.terminal_no}/{worker_id}": self._limits.per_worker,
        }
        wait_s = await self._count_try(limits)
        if wait_s is not None:
            return TooManyTries(wait_s)
        async with self._database.read() as conn:
            configuration = await self._configurations.current(conn)
            hashed = await credentials.pin_hash(conn, worker_id)
        worker = configuration.workers.get(worker_id)
        if not await asyncio.to_thread(_is_pin, hashed or _NO_PIN, pin) or worker is None:
            return WrongPin()
        async with self._database.begin() as tx:
            await credentials.take_back(tx, sorted(limits))
        store_no = terminal.store_no
        if not worker.works_at(store_no) or configuration.terminals.get(terminal.terminal_no) != store_no:
            raise forbidden("worker-not-of-store", f"{worker_id} does not work at {store_no}")
        return self._session(terminal, worker_id)

    async def _count_try(self, limits: Mapping[str, int]) -> int | None:
        async with self._database.begin() as tx:
            return await credentials.count_tries(tx, limits, self._limits.window)

    def _session(self, terminal: TerminalIdentity, worker_id: str) -> Session:
        session = TillSession(
            store_no=terminal.store_no, terminal_no=terminal.terminal_no, worker_id=worker_id
        )
        session_id = str(new_id())
        return Session(session_id, self._issuer.for_session(session, session_id))


async def hash_pin(pin: str) -> str:
    """The argon2 hash of a PIN; slow on purpose, so off the event loop."""
    return await asyncio.to_thread(_hasher.hash, pin)


def _is_pin(hashed: str, pin: str) -> bool:
    try:
        return _hasher.verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False
