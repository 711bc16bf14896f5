"""Timelines of documents: written in each transaction from the events that it publishes or reads.

A service says for which kinds, and what an event of the kind says. What an event says of a document is one row, which
a redelivered or replayed event does not write again. Several events can say the same (all later snapshots list a
posting): the view `timeline` shows each entry once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

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

STORE: Final = text("""
INSERT INTO timeline_event (kind, no, event, entries)
SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:nos AS text[]), CAST(:events AS text[]), CAST(:entries AS text[]))
ON CONFLICT DO NOTHING
""")


class Entry(msgspec.Struct, frozen=True):
    """A row of the view `timeline`, without its document; `place` orders what happened at the same moment."""

    entry: str
    happened: str
    place: int
    at: datetime
    service: str
    document: str
    by: str
    detail: str


class TimelineRow(NamedTuple):
    """A row of the table `timeline_event`: what an event says of a document."""

    kind: str
    no: str
    event: str
    entries: list[Entry]


class Timeline:
    """What one transaction adds to timelines."""

    __slots__ = ("_rows", "_rules")

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._rows: dict[tuple[str, str, str], list[Entry]] = {}
        """By document (kind and number) and event."""

    def add(self, kind: Kind, no: str, snapshot: Snapshot, at: datetime, by: str) -> None:
        """Take what an event of the aggregate `no` says; `at` and `by` are the event's."""
        rule = self._rules.get(kind.name)
        if rule is None:
            return
        # One version can be published with other words again: asked for first, then pulled; or republished.
        event = _label("/".join((kind.name, no, str(snapshot.version), *snapshot.happened)))
        said: dict[tuple[str, str, str], list[Entry]] = {}
        for place, entry in enumerate(rule(snapshot)):
            key = entry.subject.kind, _label(entry.subject.no), event
            said.setdefault(key, []).append(_entry(entry, place, kind.owner, at, by))
        self._rows = said | self._rows

    def rows(self) -> list[TimelineRow]:
        """The rows to store, ordered, so that two transactions with the same ones wait for each other in turn."""
        return [TimelineRow(*key, self._rows[key]) for key in sorted(self._rows)]


def _entry(entry: TimelineEntry, place: int, service: str, at: datetime, by: str) -> Entry:
    knows_who = entry.at is None or entry.at == at
    return Entry(
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
