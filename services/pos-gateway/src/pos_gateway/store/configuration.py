"""The setup of tills as one value per revision; it is read again only after a change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import text

from eventkit.transaction import Database, Queryable, Transaction, fetch
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import CommerceParameters
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from recordkit.records import SETUP_NO

MAX_AGE_S: Final = 0.25
"""How long another process's change may stay unseen where no decision is taken."""
_TERMINAL: Final = "terminal"
_PIN: Final = "pin"

HOLDS = text("SELECT revision, version, sign_offs FROM configuration")

EVERYTHING = text("""
SELECT kind, no, body::text AS body FROM master WHERE NOT deleted
UNION ALL
SELECT 'terminal', no, json_build_object('store_no', store_no, 'version', version, 'blocked', blocked)::text
FROM terminal
UNION ALL
SELECT 'pin', worker_id, version::text FROM worker_pin
""")

LOCK = text("SELECT revision, version FROM configuration FOR UPDATE")
COUNT_SIGN_OFFS = text("UPDATE configuration SET sign_offs = sign_offs + :ended")

RAISE = text("""
UPDATE configuration SET revision = revision + :revisions, version = version + :versions
""")


ENDED = text("SELECT id::text AS id FROM session WHERE ended_at IS NOT NULL AND expires_at > now()")


class Holds(msgspec.Struct, frozen=True):
    """What shows a process whether anything has changed since it looked."""

    revision: int
    version: int
    sign_offs: int


class _Terminal(msgspec.Struct, frozen=True):
    store_no: str
    version: int
    blocked: bool


class Configurations:
    """The configuration as of the last look. One per process; each decision looks whether it still holds."""

    def __init__(self) -> None:
        self._known = Configuration(revision=0, version=0)
        self._ended: frozenset[str] = frozenset()
        self._sign_offs = 0
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

    @property
    def ended_sessions(self) -> frozenset[str]:
        """The sessions that were ended before their time, as this process saw them last."""
        return self._ended

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
        (row,) = await fetch(where, HOLDS)
        return await self.as_of(where, Holds(row.revision, row.version, row.sign_offs))

    async def as_of(self, where: Queryable, holds: Holds) -> Configuration:
        """The configuration that holds, by what was just read.

        What is read may be newer than `holds`: then the next look sees another revision and reads again.
        """
        # Set before the read: a change during it is then found a little later, never missed.
        self._looked_at = time.monotonic()
        if holds.revision != self._known.revision:
            self._known = _assembled(holds.revision, holds.version, await fetch(where, EVERYTHING))
        if holds.sign_offs != self._sign_offs:
            self._ended = frozenset(row.id for row in await fetch(where, ENDED))
            self._sign_offs = holds.sign_offs
        return self._known


def _assembled(revision: int, version: int, rows: Sequence[Any]) -> Configuration:
    records: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS_OF_GATEWAY.by_name}
    terminals: dict[str, _Terminal] = {}
    pins: dict[str, int] = {}
    for row in rows:
        if row.kind == _TERMINAL:
            terminals[row.no] = msgspec.json.decode(row.body, type=_Terminal)
        elif row.kind == _PIN:
            pins[row.no] = int(row.body)
        else:
            records[row.kind][row.no] = KINDS_OF_GATEWAY.decode(row.kind, row.body)
    return Configuration(
        revision=revision,
        version=version,
        stores=records["store"],
        profiles=records["functionality-profile"],
        workers=records["worker"],
        terminals={no: terminal.store_no for no, terminal in terminals.items()},
        terminal_versions={no: t.version for no, t in terminals.items() if not t.blocked},
        pin_versions=pins,
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


async def count_sign_offs(tx: Transaction, ended: int) -> None:
    """Tell the other processes that sessions have ended: they look within `MAX_AGE_S`."""
    await tx.run(COUNT_SIGN_OFFS, ended=ended)
