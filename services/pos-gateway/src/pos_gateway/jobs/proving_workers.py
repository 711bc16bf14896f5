"""Workers prove themselves with their PIN: to sign on, and to approve what another worker may not do.

A try is counted in a transaction of its own, before the PIN is looked at: it stays counted if the rest fails.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec
import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from eventkit.transaction import Database
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import Worker
from pos_gateway.domain.terminals.sessions import TerminalIdentity
from pos_gateway.domain.terminals.sign_on_tries import Tries, TriesLimit
from pos_gateway.jobs import metrics
from pos_gateway.store import credentials, sign_on_tries
from pos_gateway.store.configuration import Configurations

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least for argon2id: a try costs 20 ms of one core, and the rate limit bears the rest."""
_log = structlog.get_logger(__name__)
_NO_PIN: Final = _hasher.hash(secrets.token_hex(32))
"""Verified where a worker does not exist or has no PIN: the answer takes as long as for a wrong one."""


class Proved(msgspec.Struct, frozen=True):
    """The PIN is the worker's; `configuration`: that of the check."""

    worker: Worker
    pin_version: int
    configuration: Configuration


class WrongPin(msgspec.Struct, frozen=True):
    """There is no such worker, or the PIN is wrong."""


class TooManyTries(msgspec.Struct, frozen=True):
    """Too many wrong PINs were tried; the next try may come in `wait_s` seconds."""

    wait_s: int


class TryLimits(msgspec.Struct, frozen=True):
    """How many wrong PINs bring a pause: as one worker at one terminal, as one worker anywhere, at one terminal."""

    per_worker: TriesLimit
    per_worker_anywhere: TriesLimit
    per_terminal: TriesLimit


class ProvingWorkers:
    """Looks at PINs, and limits how often they are tried."""

    def __init__(self, database: Database, configurations: Configurations, limits: TryLimits) -> None:
        self._database = database
        self._configurations = configurations
        self._limits = limits

    async def prove(
        self, terminal: TerminalIdentity, worker_id: str, pin: str
    ) -> Proved | WrongPin | TooManyTries:
        """Whether the person at this terminal is the worker."""
        limits = self._limits_of(terminal.terminal_no, worker_id)
        pause = await self._count_try(limits)
        if pause:
            return _paused(terminal, worker_id, pause)
        async with self._database.read() as conn:
            configuration = await self._configurations.current(conn)
            stored = await credentials.pin(conn, worker_id)
        worker = configuration.workers.get(worker_id)
        hashed = stored.pin_hash if stored else _NO_PIN
        if not await asyncio.to_thread(_is_pin, hashed, pin) or worker is None or stored is None:
            metrics.SIGN_ONS.labels("wrong-pin").inc()
            return WrongPin()
        await self._take_back(limits)
        return Proved(worker, stored.version, configuration)

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


def _paused(terminal: TerminalIdentity, worker_id: str, pause: timedelta) -> TooManyTries:
    metrics.SIGN_ONS.labels("paused").inc()
    wait_s = int(pause.total_seconds()) + 1
    _log.warning(
        "a PIN was not looked at after too many wrong ones",
        terminal_no=terminal.terminal_no,
        worker_id=worker_id,
        wait_s=wait_s,
    )
    return TooManyTries(wait_s)


def _in_order(limits: Mapping[str, TriesLimit]) -> list[list[str]]:
    """The terminal's count, then the worker's: the order in which all lock them."""
    terminal, *worker = sorted(limits)
    return [[terminal], worker]


async def hash_pin(pin: str) -> str:
    """The argon2 hash of a PIN; slow on purpose, so off the event loop."""
    return await asyncio.to_thread(_hasher.hash, pin)


def _is_pin(hashed: str, pin: str) -> bool:
    try:
        return _hasher.verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False
