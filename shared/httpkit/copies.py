"""Copies of other services' aggregates: wait until one is new enough, and show what this service knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Final
from urllib.parse import unquote

import msgspec
from msgspec import Meta
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import fields
from contracts.refusals import Refusal
from eventkit.transaction import Database, json_rows
from httpkit import problems
from httpkit.limits import Limits
from httpkit.waiting import Waiters

KindAndNo = tuple[str, str]

AFTER_ENTRIES_MAX: Final = 50
_SEEN: Final = re.compile(r"([a-z][a-z0-9-]{0,39})/(\S{1,400})@(\d{1,18})", re.ASCII)

READ_VERSIONS = text("""
SELECT c.kind, c.no, c.version FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(kind text, no text)
JOIN copy c ON c.kind = r.kind AND c.no = r.no
""")

READ_COPY = text("""
SELECT kind, no, version, received_at FROM copy
WHERE kind = :kind AND no = ANY(CAST(:nos AS text[])) ORDER BY no LIMIT 1
""")


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
        self._waiters: Waiters[KindAndNo, int] = Waiters(
            "copies",
            self.versions,
            interval_s=limits.poll_interval_s,
            most=limits.copy_waiters_max,
            most_of_a_caller=limits.copy_waiters_per_caller_max,
        )

    async def versions(self, wanted: Collection[KindAndNo]) -> Mapping[KindAndNo, int]:
        """The versions of copies; unknown ones are absent."""
        rows = json_rows({"kind": kind, "no": no} for kind, no in wanted)
        async with self._database.read() as conn:
            found = (await conn.execute(READ_VERSIONS, {"rows": rows})).all()
        return {(kind, no): version for kind, no, version in found}

    async def wait_for(self, after: str | None, caller: str) -> None:
        """Wait until the copies named by a `Koppel-After` header are that new; 503 if they do not come in time.

        If too many wait already, only copies that are here count.
        """
        wanted = {key: v for key, v in parse_after(after).items() if key[0] in self.kinds} if after else {}
        if not wanted:
            return

        def new_enough(now: Mapping[KindAndNo, int]) -> bool:
            # A deleted aggregate keeps its copy and version, so a wait for it ends too.
            return all(now.get(k, 0) >= v for k, v in wanted.items())

        with self._waiters.slot(caller) as may_wait:
            if may_wait:
                here = await self._waiters.until(wanted, new_enough, self._limits.copies_wait_s) is not None
            else:
                here = new_enough(await self.versions(wanted))
        if not here:
            names = ", ".join(f"{kind}/{no}@{version}" for (kind, no), version in sorted(wanted.items()))
            raise problems.unavailable(f"{names} has not arrived here yet; ask again", "copy-not-there-yet")

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
            return await self._waiters.until(
                than, lambda now: any(now.get(k, 0) > v for k, v in than.items()), timeout_s
            )

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
        no = unquote(found[2]) if found else ""
        # NUL cannot be stored in PostgreSQL: as a parameter it would fail the query with 500 instead of 400.
        if found is None or "\x00" in no:
            raise _malformed("entries are written as sales-order/S-1@7")
        key = (found[1], no)
        wanted[key] = max(int(found[3]), wanted.get(key, 0))
    return wanted


def _malformed(detail: str) -> Refusal:
    return problems.refusal(400, "koppel-after-malformed", f"Koppel-After: {detail}", where="header")
