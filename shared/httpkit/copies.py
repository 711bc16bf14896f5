"""Copies of other services' aggregates: wait until one is new enough, and show what this service knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import fields
from contracts.keys import from_header
from contracts.refusals import Refusal
from eventkit.transaction import Database, json_rows
from httpkit import problems
from httpkit.limits import Limits
from httpkit.responses import version_of
from httpkit.waiting import Waiters

KindAndNo = tuple[str, str]

AFTER_ENTRIES_MAX: Final = 50
_SEEN: Final = re.compile(r"([a-z][a-z0-9-]{0,39})/(\S{1,400})@(\d{1,18})", re.ASCII)

READ_VERSIONS = text("""
SELECT r.kind, r.no, COALESCE(c.version, 0) AS version, COALESCE(p.version, 0) AS parked, p.reason
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(kind text, no text)
LEFT JOIN copy c ON c.kind = r.kind AND c.no = r.no
LEFT JOIN LATERAL (
    SELECT version, reason FROM parked
    WHERE status = 'parked' AND kind = r.kind AND no = r.no ORDER BY version DESC LIMIT 1) p ON true
WHERE c.version IS NOT NULL OR p.version IS NOT NULL
""")

READ_COPY = text("""
SELECT kind, no, version, received_at FROM copy
WHERE kind = :kind AND no = ANY(CAST(:nos AS text[])) ORDER BY no LIMIT 1
""")


class Arrived(msgspec.Struct, frozen=True):
    """What arrived here of an aggregate: the version of its copy, and the newest that could not be applied."""

    version: int = 0
    parked: int = 0
    reason: str = ""


NOTHING: Final = Arrived()


class CopyView(msgspec.Struct):
    """What a service knows of another's aggregate."""

    kind: Annotated[str, Meta(description="Kind of the aggregate.", examples=["sales-order"])]
    no: Annotated[str, Meta(description="Its number.", examples=["S-1001"])]
    version: fields.Version
    received_at: Annotated[
        fields.Timestamp,
        Meta(description="When this version arrived here.", examples=["2026-03-31T12:00:00Z"]),
    ]


class Copies:
    """The copies that a service keeps; `kinds` names them, others are ignored."""

    def __init__(self, database: Database, kinds: Collection[str], limits: Limits) -> None:
        self._database = database
        self.kinds = frozenset(kinds)
        self._limits = limits
        self._waiters: Waiters[KindAndNo, Arrived] = Waiters(
            "copies",
            self._arrived,
            interval_s=limits.poll_interval_s,
            most=limits.copy_waiters_max,
            most_of_a_caller=limits.copy_waiters_per_caller_max,
        )

    async def versions(self, wanted: Collection[KindAndNo]) -> Mapping[KindAndNo, int]:
        """The versions of copies; unknown ones are absent."""
        found = await self._arrived(wanted)
        return {key: arrived.version for key, arrived in found.items() if arrived.version}

    async def _arrived(self, wanted: Collection[KindAndNo]) -> Mapping[KindAndNo, Arrived]:
        rows = json_rows({"kind": kind, "no": no} for kind, no in wanted)
        async with self._database.read() as conn:
            found = (await conn.execute(READ_VERSIONS, {"rows": rows})).all()
        return {(r.kind, r.no): Arrived(r.version, r.parked, r.reason or "") for r in found}

    async def wait_for(self, after: str | None, caller: str) -> tuple[str, ...]:
        """Wait until the copies named by a `Koppel-After` header are that new; 503 if they do not come in time.

        A version that is parked here comes no sooner by asking again: the request goes on without it. Such versions are
        returned with the reason, as the answer's `Koppel-Parked` names them.
        If too many wait already, only copies that are here count.
        """
        wanted = {key: v for key, v in parse_after(after).items() if key[0] in self.kinds} if after else {}
        if not wanted:
            return ()

        def is_decided(now: Mapping[KindAndNo, Arrived]) -> bool:
            # A deleted aggregate keeps its copy and version, so a wait for it ends too.
            return all(
                max(arrived.version, arrived.parked) >= v
                for arrived, v in ((now.get(k, NOTHING), v) for k, v in wanted.items())
            )

        with self._waiters.slot(caller) as may_wait:
            if may_wait:
                found = await self._waiters.until(wanted, is_decided, self._limits.copies_wait_s)
            else:
                now = await self._arrived(wanted)
                found = now if is_decided(now) else None
        if found is None:
            names = ", ".join(f"{kind}/{no}@{version}" for (kind, no), version in sorted(wanted.items()))
            raise problems.unavailable(f"{names} has not arrived here yet; ask again", "copy-not-there-yet")
        return tuple(
            f"{version_of(kind, no, version)};reason={found[kind, no].reason}"
            for (kind, no), version in sorted(wanted.items())
            if found[kind, no].version < version
        )

    def kept(self, names: Iterable[KindAndNo]) -> tuple[KindAndNo, ...]:
        """The names of which this service keeps copies; the others are left out."""
        return tuple(n for n in names if n[0] in self.kinds)

    async def newer(
        self, than: Mapping[KindAndNo, int], timeout_s: float, caller: str
    ) -> Mapping[KindAndNo, int] | None:
        """The versions once one of the copies is newer than it was; None if none gets newer in time.

        Waiting is optional here: without a slot it returns None at once.
        """
        with self._waiters.slot(caller) as may_wait:
            if not may_wait:
                return None
            found = await self._waiters.until(
                than,
                lambda now: any(now.get(k, NOTHING).version > v for k, v in than.items()),
                timeout_s,
            )
        return None if found is None else {key: arrived.version for key, arrived in found.items()}

    async def show(self, conn: AsyncConnection, kind: str, no: str) -> CopyView | None:
        """What this service knows of an aggregate; its number may be written in any case."""
        # Ids of requests are lower case and numbers upper case; the kind does not say which it has.
        rows = await conn.execute(READ_COPY, {"kind": kind, "nos": [no, no.upper(), no.lower()]})
        row = rows.first()
        return None if row is None else CopyView(*row)

    async def close(self) -> None:
        await self._waiters.close()


def parse_after(header: str) -> dict[KindAndNo, int]:
    """The (kind, number) → version of a `Koppel-After` header, as `Koppel-Seen` gave them out."""
    entries = [e.strip() for e in header.split(",") if e.strip()]
    if len(entries) > AFTER_ENTRIES_MAX:
        raise _malformed(f"at most {AFTER_ENTRIES_MAX} entries")
    wanted: dict[KindAndNo, int] = {}
    for entry in entries:
        found = _SEEN.fullmatch(entry)
        no = from_header(found[1], found[2]) if found else ""
        # NUL cannot be stored in PostgreSQL: as a parameter it would fail the query with 500 instead of 400.
        if found is None or "\x00" in no:
            raise _malformed("entries are written as sales-order/S-1@7")
        key = (found[1], no)
        wanted[key] = max(int(found[3]), wanted.get(key, 0))
    return wanted


def _malformed(detail: str) -> Refusal:
    return problems.refusal(400, "koppel-after-malformed", f"Koppel-After: {detail}", where="header")
