"""The timeline of a document over HTTP: what happened to it in all services, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, select, tuple_

from contracts.fields import Timestamp
from contracts.timeline import Subject
from httpkit.lists import Listing

_TIMELINE: Final = Table(
    "timeline",
    MetaData(),
    Column("kind", Text, primary_key=True),
    Column("no", Text, primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("happened", Text, primary_key=True),
    Column("place", Integer),
    Column("at", DateTime(timezone=True)),
    Column("service", Text),
    Column("document", Text),
    Column("by", Text),
    Column("detail", Text),
)


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a document, or because of it."""

    at: Annotated[Timestamp, Meta(description="When it happened.")]
    service: Annotated[str, Meta(description="The service where it happened.", examples=["purchasing"])]
    document: Annotated[str, Meta(description="The document that was made or changed.", examples=["P-1001"])]
    happened: Annotated[str, Meta(description="What happened, as events name it.", examples=["released"])]
    by: Annotated[
        str,
        Meta(
            description='Who did it: the subject of a token, a worker at a till, `system:` and a job, or "" where it '
            "is not known.",
            examples=["anna"],
        ),
    ]
    detail: Annotated[
        str, Meta(description="More for people: lines, vendor, reasons.", examples=["line 10000"])
    ]


def timeline_of(subjects: Iterable[Subject]) -> Listing:
    """What happened to these, which together are one document's history."""
    columns = _TIMELINE.c
    wanted = [(subject.kind, subject.no) for subject in subjects]
    return Listing(
        query=select(_TIMELINE).where(tuple_(columns.kind, columns.no).in_(wanted)),
        key=(columns.at, columns.place, columns.kind, columns.no, columns.entry, columns.happened),
        item=_item,
    )


def _item(row: Any) -> TimelineItem:
    return TimelineItem(
        at=row.at,
        service=row.service,
        document=row.document,
        happened=row.happened,
        by=row.by,
        detail=row.detail,
    )
