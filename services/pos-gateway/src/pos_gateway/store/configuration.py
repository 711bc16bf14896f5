"""What administrators have set, as one value per revision: read again only when somebody changed it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import text

from contracts.values import Model
from eventkit.transaction import Database, Queryable, Transaction, fetch
from pos_gateway.domain.configuration import (
    CommerceParameters,
    Configuration,
    FunctionalityProfile,
    Store,
    Worker,
)

STORE, PROFILE, PARAMETERS, WORKER, TERMINAL = (
    "store",
    "functionality-profile",
    "commerce-parameters",
    "worker",
    "terminal",
)
PARAMETERS_NO = "DEFAULT"
MAX_AGE_S = 0.25
"""How long another process's change may stay unseen where no decision is taken."""
MODELS: dict[str, type[Model]] = {
    STORE: Store,
    PROFILE: FunctionalityProfile,
    PARAMETERS: CommerceParameters,
    WORKER: Worker,
}

REVISION = text("SELECT revision, version FROM configuration")

EVERYTHING = text("""
SELECT kind, no, body::text AS body FROM setting
UNION ALL
SELECT 'terminal', no, store_no FROM terminal
""")

LOCK = text("SELECT revision, version FROM configuration FOR UPDATE")

RAISE = text("""
UPDATE configuration SET revision = revision + 1, version = version + :told RETURNING revision, version
""")

ONE = text("SELECT version, body FROM setting WHERE kind = :kind AND no = :no")

SAVE = text("""
INSERT INTO setting (kind, no, version, body, updated_at) VALUES (:kind, :no, 1, CAST(:body AS jsonb), :now)
ON CONFLICT (kind, no) DO UPDATE
SET version = setting.version + 1, body = excluded.body, updated_at = excluded.updated_at
RETURNING version
""")


class Setting(msgspec.Struct, frozen=True):
    """One thing that was set, at its version."""

    version: int
    value: Any


class Configurations:
    """The configuration as of the last look. One per process; each decision looks whether it still holds."""

    def __init__(self) -> None:
        self._known = Configuration(revision=0, version=0)
        self._looked_at = -MAX_AGE_S
        self._looking = asyncio.Lock()

    @property
    def last(self) -> Configuration:
        """The configuration that this process saw last; one of revision 0 before the first look."""
        return self._known

    @property
    def version(self) -> int:
        """The version that this process saw last; 0: none yet."""
        return self._known.version

    def forget(self) -> None:
        """This process has changed it: `recent` must look again."""
        self._looked_at = -MAX_AGE_S

    async def recent(self, database: Database) -> Configuration:
        """The configuration, at most `MAX_AGE_S` old."""
        if time.monotonic() - self._looked_at < MAX_AGE_S:
            return self._known
        async with self._looking:  # many ask at once, one looks
            if time.monotonic() - self._looked_at < MAX_AGE_S:
                return self._known
            async with database.read() as conn:
                return await self.current(conn)

    async def current(self, where: Queryable) -> Configuration:
        """The configuration as it is now."""
        (row,) = await fetch(where, REVISION)
        return await self.as_of(where, row.revision, row.version)

    async def as_of(self, where: Queryable, revision: int, version: int) -> Configuration:
        """The configuration of a revision that was just read.

        What is read may be newer than `revision`: then the next look sees another one and reads again.
        """
        self._looked_at = time.monotonic()
        if revision != self._known.revision:
            self._known = _assembled(revision, version, await fetch(where, EVERYTHING))
        return self._known


def _assembled(revision: int, version: int, rows: Sequence[Any]) -> Configuration:
    settings: dict[str, dict[str, Any]] = {kind: {} for kind in MODELS}
    terminals: dict[str, str] = {}
    for row in rows:
        if row.kind == TERMINAL:
            terminals[row.no] = row.body
        else:
            settings[row.kind][row.no] = msgspec.json.decode(row.body, type=MODELS[row.kind])
    return Configuration(
        revision=revision,
        version=version,
        stores=settings[STORE],
        profiles=settings[PROFILE],
        workers=settings[WORKER],
        terminals=terminals,
        parameters=settings[PARAMETERS].get(PARAMETERS_NO) or CommerceParameters(),
    )


async def lock(tx: Transaction) -> Configuration:
    """The configuration for a change, which nobody else changes until this transaction ends.

    It may hold what this transaction has changed itself, so it is never remembered.
    """
    (row,) = await tx.all(LOCK)
    return _assembled(row.revision, row.version, await tx.all(EVERYTHING))


async def save(tx: Transaction, kind: str, no: str, value: Model) -> int:
    """Store a setting; its new version."""
    body = msgspec.json.encode(value).decode()
    (row,) = await tx.all(SAVE, kind=kind, no=no, body=body, now=tx.now)
    return int(row.version)


async def raise_revision(tx: Transaction, *, told: bool) -> int:
    """Count a change; `told`: tills are told of it by a new version, which is answered."""
    (row,) = await tx.all(RAISE, told=int(told))
    return int(row.version)


async def load(where: Queryable, kind: str, no: str) -> Setting | None:
    """One setting."""
    rows = await fetch(where, ONE, kind=kind, no=no)
    return next((Setting(row[0], msgspec.json.decode(row[1], type=MODELS[kind])) for row in rows), None)
