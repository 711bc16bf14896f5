"""Timelines of documents: written in each transaction from the events that it publishes or reads.

A service says for which kinds, and what an event of the kind says. An entry is identified by what it says, so a
redelivered, replayed or reordered event adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import text

from contracts.timeline import TimelineEntry
from eventkit.kinds import Kind, Snapshot
from eventkit.labels import MAX_LABEL_CHARS, shown

Rule = Callable[[Any], Iterable[TimelineEntry]]
Rules = Mapping[str, Rule]
"""What events tell, by kind."""

NO_RULES: Final[Rules] = {}
MAX_DETAIL_CHARS: Final = 500
_PLACES: Final = 1000

# Of two events that tell the same, one may know better who did it.
STORE: Final = text("""
INSERT INTO timeline AS t (kind, no, entry, happened, place, at, service, document, by, detail)
SELECT kind, no, entry, happened, place, at, service, document, by, detail
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    kind text, no text, entry text, happened text, place int, at timestamptz, service text, document text, by text,
    detail text)
ORDER BY kind, no, entry, happened
ON CONFLICT (kind, no, entry, happened) DO UPDATE SET by = excluded.by WHERE t.by = '' AND excluded.by <> ''
""")


class TimelineRow(msgspec.Struct, frozen=True):
    """A row of the table `timeline`; `place` orders what happened at the same moment."""

    kind: str
    no: str
    entry: str
    happened: str
    place: int
    at: datetime
    service: str
    document: str
    by: str
    detail: str


class Timeline:
    """What one transaction adds to timelines."""

    __slots__ = ("_rows", "_rules")

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._rows: dict[tuple[str, str, str, str], TimelineRow] = {}

    def add(self, kind: Kind, snapshot: Snapshot, at: datetime, by: str) -> None:
        """Take what an event says; `at` and `by` are the event's."""
        rule = self._rules.get(kind.name)
        if rule is None:
            return
        for place, entry in enumerate(rule(snapshot)):
            row = _row(entry, place, kind.owner, at, by)
            key = row.kind, row.no, row.entry, row.happened
            if key not in self._rows or (row.by and not self._rows[key].by):
                self._rows[key] = row

    def rows(self) -> list[TimelineRow]:
        """The rows to store, one per entry and act."""
        return list(self._rows.values())


def _row(entry: TimelineEntry, place: int, service: str, at: datetime, by: str) -> TimelineRow:
    knows_who = entry.at is None or entry.at == at
    return TimelineRow(
        kind=entry.subject.kind,
        no=_label(entry.subject.no),
        entry=_label(entry.id),
        happened=_label(entry.happened),
        place=entry.rank * _PLACES + place,
        at=entry.at or at,
        service=entry.service or service,
        document=_label(entry.document),
        by=_label(entry.by or (by if knows_who and not entry.service else "")),
        detail=shown(entry.detail, MAX_DETAIL_CHARS),
    )


def _label(value: str) -> str:
    """A text of an event as PostgreSQL takes it: a foreign one may hold anything."""
    return shown(value, MAX_LABEL_CHARS)
