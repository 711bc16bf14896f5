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
import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec.structs import replace

from contracts.refusals import forbidden
from eventkit.ids import new_id
from eventkit.transaction import Database
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import Worker
from pos_gateway.domain.terminals.sessions import TerminalIdentity, TillClaims
from pos_gateway.domain.terminals.sign_on_tries import Tries, TriesLimit
from pos_gateway.jobs import metrics
from pos_gateway.store import credentials, sessions, sign_on_tries
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.credentials import StoredPin
from pos_gateway.tokens import Issued, TokenIssuer
from pos_gateway.use_cases.create_terminals import digest_of

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least for argon2id: a sign-on costs 20 ms of one core, and the rate limit bears the rest."""
_log = structlog.get_logger(__name__)
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


class TerminalBlocked(msgspec.Struct, frozen=True):
    """The secret is right, but the terminal is blocked."""


class SignOnLimits(msgspec.Struct, frozen=True):
    """How many wrong PINs bring a pause: as one worker at one terminal, as one worker anywhere, at one terminal."""

    per_worker: TriesLimit
    per_worker_anywhere: TriesLimit
    per_terminal: TriesLimit


class SigningOn:
    """Gives tokens to terminals and workers that prove themselves."""

    def __init__(
        self, database: Database, configurations: Configurations, issuer: TokenIssuer, limits: SignOnLimits
    ) -> None:
        self._database = database
        self._configurations = configurations
        self._issuer = issuer
        self._limits = limits

    async def terminal_token(self, terminal_no: str, secret: str) -> Issued | TerminalBlocked | None:
        """A token for a terminal; None for a wrong secret, and for a terminal that does not exist."""
        async with self._database.read() as conn:
            found = await credentials.terminal(conn, terminal_no)
        expected = found.secret_hash if found else b""
        if not hmac.compare_digest(expected, digest_of(secret)) or found is None:
            return None
        if found.blocked:
            return TerminalBlocked()
        return self._issuer.for_terminal(
            TillClaims(store_no=found.store_no, terminal_no=terminal_no, terminal_version=found.version)
        )

    async def open_session(
        self, terminal: TerminalIdentity, worker_id: str, pin: str
    ) -> Session | WrongPin | TooManyTries:
        """Sign a worker on; refused if the worker is blocked, or does not work at the terminal's store."""
        limits = self._limits_of(terminal.terminal_no, worker_id)
        pause = await self._count_try(limits)
        if pause:
            return self._paused(terminal, worker_id, pause)
        async with self._database.read() as conn:
            configuration = await self._configurations.current(conn)
            stored = await credentials.pin(conn, worker_id)
        worker = configuration.workers.get(worker_id)
        hashed = stored.pin_hash if stored else _NO_PIN
        if not await asyncio.to_thread(_is_pin, hashed, pin) or worker is None or stored is None:
            metrics.SIGN_ONS.labels("wrong-pin").inc()
            return WrongPin()
        claims = _claims_of(terminal, worker, configuration, stored)
        await self._take_back(limits)
        _check_worker(worker, terminal, configuration)
        return await self._open(claims)

    def _limits_of(self, terminal_no: str, worker_id: str) -> dict[str, TriesLimit]:
        return {
            sign_on_tries.at_terminal(terminal_no): self._limits.per_terminal,
            sign_on_tries.of_worker(worker_id): self._limits.per_worker_anywhere,
            sign_on_tries.of_worker_at(worker_id, terminal_no): self._limits.per_worker,
        }

    async def _count_try(self, limits: Mapping[str, TriesLimit]) -> timedelta:
        """Count a try in all counts; in none if one of them is in a pause, whose rest is returned.

        The terminal's comes first: while it pauses, names that were never heard leave no counts behind.
        """
        async with self._database.begin() as tx:
            counts: dict[str, Tries] = {}
            for who in _in_order(limits):
                counts |= await sign_on_tries.lock(tx, who)
                wait = max(limits[each].wait(counts[each], tx.now) for each in who)
                if wait:
                    return wait
            await sign_on_tries.save(tx, {who: limits[who].counted(t, tx.now) for who, t in counts.items()})
        return timedelta()

    async def _take_back(self, limits: Mapping[str, TriesLimit]) -> None:
        async with self._database.begin() as tx:
            for who in _in_order(limits):
                counts = await sign_on_tries.lock(tx, who)
                await sign_on_tries.save(tx, {each: limits[each].taken_back(t) for each, t in counts.items()})

    def _paused(self, terminal: TerminalIdentity, worker_id: str, pause: timedelta) -> TooManyTries:
        metrics.SIGN_ONS.labels("paused").inc()
        wait_s = int(pause.total_seconds()) + 1
        _log.warning(
            "a sign-on was refused after too many wrong PINs",
            terminal_no=terminal.terminal_no,
            worker_id=worker_id,
            wait_s=wait_s,
        )
        return TooManyTries(wait_s)

    async def _open(self, claims: TillClaims) -> Session:
        session_id = new_id()
        issued = self._issuer.for_session(replace(claims, sid=str(session_id)))
        async with self._database.begin() as tx:
            await sessions.add(tx, session_id, claims, issued.expires_at)
        metrics.SIGN_ONS.labels("opened").inc()
        return Session(str(session_id), issued)


def _in_order(limits: Mapping[str, TriesLimit]) -> list[list[str]]:
    """The terminal's count, then the worker's: the order in which all lock them."""
    terminal, *worker = sorted(limits)
    return [[terminal], worker]


def _claims_of(
    terminal: TerminalIdentity, worker: Worker, configuration: Configuration, pin: StoredPin
) -> TillClaims:
    return TillClaims(
        store_no=terminal.store_no,
        terminal_no=terminal.terminal_no,
        terminal_version=configuration.terminal_versions.get(terminal.terminal_no, 0),
        worker_id=worker.id,
        pin_version=pin.version,
    )


def _check_worker(worker: Worker, terminal: TerminalIdentity, configuration: Configuration) -> None:
    store_no = terminal.store_no
    if not worker.works_at(store_no) or configuration.terminals.get(terminal.terminal_no) != store_no:
        raise forbidden("worker-not-of-store", f"{worker.id} does not work at {store_no}")
    if worker.blocked:
        raise forbidden("worker-blocked", f"{worker.id} is blocked")


async def hash_pin(pin: str) -> str:
    """The argon2 hash of a PIN; slow on purpose, so off the event loop."""
    return await asyncio.to_thread(_hasher.hash, pin)


def _is_pin(hashed: str, pin: str) -> bool:
    try:
        return _hasher.verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False
