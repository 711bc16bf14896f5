"""What a document's timeline holds, whichever service's event it comes from."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Subject(msgspec.Struct, frozen=True):
    """The document that has a timeline, by kind and number."""

    kind: str
    no: str


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a document.

    `id` and `happened` tell it from all else in the timeline of its subject, so that it is kept once. `document` is
    what was made or changed. Blank `at`, `by` and `service` are those of the event that says it; an event that was
    published at another time than `at` does not say who did it. Of what happened at the same moment the lower `rank`
    comes first.
    """

    subject: Subject
    id: str
    happened: str
    document: str
    detail: str = ""
    at: datetime | None = None
    by: str = ""
    service: str = ""
    rank: int = 0
