"""Terminals trade their secret for a token, workers sign on with their PIN (contract points 1 and 2)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contracts.refusals import Refusal, conflict, forbidden, not_found
from eventkit.ids import new_id
from eventkit.transaction import Database, Transaction
from httpkit import problems
from pos_gateway.domain.case import Till
from pos_gateway.store import configuration, signing_on
from pos_gateway.store.configuration import Configurations
from pos_gateway.tokens import Issued, TokenIssuer
from recordkit.commands import Command, Done

SECRET_BYTES = 32
TERMINAL_KIND = "terminal"
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least for argon2id: a sign-on costs 20 ms of one core, and the rate limit bears the rest."""
_NOBODYS_PIN = _hasher.hash(secrets.token_hex(SECRET_BYTES))
"""Verified where a worker does not exist or has no PIN: the answer takes as long as for a wrong one."""


class NewTerminal(msgspec.Struct, frozen=True):
    """A terminal of a store; if it is there already it gets a new secret, and the old one is worth nothing."""

    store_no: str
    no: str


class TerminalSecret(msgspec.Struct, frozen=True):
    """A terminal with its secret, which is shown this once."""

    no: str
    store_no: str
    secret: str


class Session(msgspec.Struct, frozen=True):
    """A worker signed on at a terminal."""

    id: str
    issued: Issued


class SignOnLimits(msgspec.Struct, frozen=True):
    """How many wrong PINs are borne within `window`."""

    per_worker: int
    per_terminal: int
    window: timedelta


class Terminals:
    """Sets terminals up."""

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations

    async def put_terminals(
        self, tx: Transaction, commands: Sequence[Command[NewTerminal]]
    ) -> list[Done | Refusal]:
        """Make terminals and their secrets. Only the secret's hash is kept: 256 random bits need no slow one."""
        known = await configuration.lock(tx)
        done: list[Done | Refusal] = []
        for command in commands:
            new = command.data
            if new.store_no not in known.stores:
                done.append(not_found("store", new.store_no))
                continue
            secret = secrets.token_urlsafe(SECRET_BYTES)
            version = await signing_on.save_terminal(tx, new.no, new.store_no, _digest(secret))
            done.append(_of_other_store(new) if version is None else _shown_once(new, secret, version))
        await configuration.raise_revision(tx, told=False)
        tx.after_commit(self._configurations.forget)
        return done


def _of_other_store(new: NewTerminal) -> Refusal:
    return conflict("terminal-of-other-store", f"terminal {new.no} belongs to another store", pointer="/no")


def _shown_once(new: NewTerminal, secret: str, version: int) -> Done:
    return Done(TERMINAL_KIND, new.no, version, answer=TerminalSecret(new.no, new.store_no, secret))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


class SigningOn:
    """Gives tokens to terminals and workers that prove themselves."""

    def __init__(
        self, database: Database, configurations: Configurations, issuer: TokenIssuer, limits: SignOnLimits
    ) -> None:
        self._database = database
        self._configurations = configurations
        self._issuer = issuer
        self._limits = limits

    async def terminal_token(self, terminal_no: str, secret: str) -> Issued:
        """A token for a terminal; 401 for a wrong secret, the same for a terminal that does not exist."""
        async with self._database.read() as conn:
            found = await signing_on.terminal(conn, terminal_no)
        store_no, expected, _ = found or ("", b"", 0)
        if not hmac.compare_digest(expected, _digest(secret)):
            raise problems.refusal(401, "wrong-secret", "terminal or secret is wrong")
        return self._issuer.for_terminal(store_no, terminal_no)

    async def open_session(self, store_no: str, terminal_no: str, worker_id: str, pin: str) -> Session:
        """Sign a worker on. Wrong PIN 401, too many of them 429, a worker of another store 403."""
        who = {
            f"terminal/{terminal_no}": self._limits.per_terminal,
            f"worker/{terminal_no}/{worker_id}": self._limits.per_worker,
        }
        await self._count_try(who)
        async with self._database.read() as conn:
            known = await self._configurations.current(conn)
            hashed = await signing_on.pin_hash(conn, worker_id)
        worker = known.workers.get(worker_id)
        if not await asyncio.to_thread(_is_pin, hashed or _NOBODYS_PIN, pin) or worker is None:
            raise problems.refusal(401, "wrong-pin", "worker or PIN is wrong")
        async with self._database.begin() as tx:
            await signing_on.take_back(tx, sorted(who))
        if not worker.works_at(store_no) or known.terminals.get(terminal_no) != store_no:
            raise forbidden("worker-not-of-store", f"{worker_id} does not work at {store_no}")
        till = Till(store_no=store_no, terminal_no=terminal_no, worker_id=worker_id)
        session_id = str(new_id())
        return Session(session_id, self._issuer.for_session(till, session_id))

    async def _count_try(self, who: dict[str, int]) -> None:
        """In a transaction of its own: a try stays counted whatever becomes of it."""
        async with self._database.begin() as tx:
            wait_s = await signing_on.count_tries(tx, who, self._limits.window)
        if wait_s is not None:
            detail = "too many wrong PINs; wait before the next try"
            raise problems.refusal(429, "too-many-tries", detail, retry_after_s=wait_s)


async def hash_pin(pin: str) -> str:
    """The argon2 hash of a PIN; slow on purpose, so off the event loop."""
    return await asyncio.to_thread(_hasher.hash, pin)


def _is_pin(hashed: str, pin: str) -> bool:
    try:
        return _hasher.verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False
