"""Terminals trade their secret for a token, workers sign on with their PIN."""

from __future__ import annotations

import hmac

import msgspec
from msgspec.structs import replace

from contracts.refusals import forbidden
from eventkit.ids import new_id
from eventkit.transaction import Database
from pos_gateway.domain.terminals.sessions import TerminalIdentity, TillClaims
from pos_gateway.jobs import metrics
from pos_gateway.jobs.proving_workers import Proved, ProvingWorkers, TooManyTries, WrongPin
from pos_gateway.store import credentials, sessions
from pos_gateway.tokens import Issued, TokenIssuer
from pos_gateway.use_cases.create_terminals import digest_of


class Session(msgspec.Struct, frozen=True):
    """A worker signed on at a terminal."""

    id: str
    issued: Issued


class TerminalBlocked(msgspec.Struct, frozen=True):
    """The secret is right, but the terminal is blocked."""


class SigningOn:
    """Gives tokens to terminals and workers that prove themselves."""

    def __init__(self, database: Database, issuer: TokenIssuer, proving: ProvingWorkers) -> None:
        self._database = database
        self._issuer = issuer
        self._proving = proving

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
        proved = await self._proving.prove(terminal, worker_id, pin)
        if not isinstance(proved, Proved):
            return proved
        _check_worker(proved, terminal)
        return await self._open(_claims_of(terminal, proved))

    async def _open(self, claims: TillClaims) -> Session:
        session_id = new_id()
        issued = self._issuer.for_session(replace(claims, sid=str(session_id)))
        async with self._database.begin() as tx:
            await sessions.add(tx, session_id, claims, issued.expires_at)
        metrics.SIGN_ONS.labels("opened").inc()
        return Session(str(session_id), issued)


def _claims_of(terminal: TerminalIdentity, proved: Proved) -> TillClaims:
    return TillClaims(
        store_no=terminal.store_no,
        terminal_no=terminal.terminal_no,
        terminal_version=proved.configuration.terminal_versions.get(terminal.terminal_no, 0),
        worker_id=proved.worker.id,
        pin_version=proved.pin_version,
    )


def _check_worker(proved: Proved, terminal: TerminalIdentity) -> None:
    worker, store_no = proved.worker, terminal.store_no
    if not worker.works_at(store_no) or proved.configuration.terminals.get(terminal.terminal_no) != store_no:
        raise forbidden("worker-not-of-store", f"{worker.id} does not work at {store_no}")
    if worker.blocked:
        raise forbidden("worker-blocked", f"{worker.id} is blocked")
