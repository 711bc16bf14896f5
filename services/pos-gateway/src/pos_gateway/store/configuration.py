"""The setup of tills as one value per revision; it is read again only after a change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text

from eventkit.transaction import Database, Queryable, Transaction, fetch
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import CommerceParameters
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from recordkit.records import SETUP_NO

MAX_AGE_S: Final = 0.25
"""How long another process's change may stay unseen where no decision is taken."""
_TERMINAL: Final = "terminal"

REVISION = text("SELECT revision, version FROM configuration")

EVERYTHING = text("""
SELECT kind, no, body::text AS body FROM master WHERE NOT deleted
UNION ALL
SELECT 'terminal', no, store_no FROM terminal
""")

LOCK = text("SELECT revision, version FROM configuration FOR UPDATE")

RAISE = text("""
UPDATE configuration SET revision = revision + :revisions, version = version + :versions
""")


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
        # Set before the read: a change during it is then found a little later, never missed.
        self._looked_at = time.monotonic()
        if revision != self._known.revision:
            self._known = _assembled(revision, version, await fetch(where, EVERYTHING))
        return self._known


def _assembled(revision: int, version: int, rows: Sequence[Any]) -> Configuration:
    records: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS_OF_GATEWAY.by_name}
    terminals: dict[str, str] = {}
    for row in rows:
        if row.kind == _TERMINAL:
            terminals[row.no] = row.body
        else:
            records[row.kind][row.no] = KINDS_OF_GATEWAY.decode(row.kind, row.body)
    return Configuration(
        revision=revision,
        version=version,
        stores=records["store"],
        profiles=records["functionality-profile"],
        workers=records["worker"],
        terminals=terminals,
        parameters=records["commerce-parameters"].get(SETUP_NO) or CommerceParameters(),
    )


async def lock(tx: Transaction) -> Configuration:
    """The configuration for a change: others wait until this transaction ends.

    It may hold what this transaction has changed itself, so it is never remembered.
    """
    (row,) = await tx.all(LOCK)
    return _assembled(row.revision, row.version, await tx.all(EVERYTHING))


async def raise_revision(tx: Transaction, *, changes: int, versions: int = 0) -> None:
    """Count changes; `versions`: by how much the version that tills see goes up."""
    if changes:
        await tx.run(RAISE, revisions=changes, versions=versions)
