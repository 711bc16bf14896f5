"""The audit trail over HTTP, and the job that forgets what is older than the retention."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter
from msgspec import Meta
from sqlalchemy import column, select, table
from sqlalchemy import types as t
from starlette.responses import Response

from contracts import fields
from contracts.audit import FieldChange
from contracts.fields import Timestamp
from eventkit.audit import FORGET, FORGET_BATCH_ROWS
from eventkit.transaction import Database
from httpkit.auth import NAME_MAX, requires
from httpkit.bodies import Filters
from httpkit.lists import Columns, Listing, PageFilters, Several
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from servicekit.jobs import Job

SCOPE: Final = "audit:read"
TAGS: Final = {"audit": "Who changed what of documents and settings."}
FORGET_EVERY_S: Final = 3600.0
_KIND_MAX: Final = 40
_NO_MAX: Final = 100
_AUDIT: Final = table(
    "audit",
    column("id", t.Uuid()),
    column("at", t.DateTime(timezone=True)),
    column("kind", t.Text()),
    column("no", t.Text()),
    column("version", t.BigInteger()),
    column("happened", t.Text()),
    column("by", t.Text()),
    column("changes", t.Text()),
)
_HAPPENED: Final = msgspec.json.Decoder(tuple[str, ...])
_CHANGES: Final = msgspec.json.Decoder(tuple[FieldChange, ...])


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An act on a document or a setting, and what it changed."""

    id: Annotated[UUID, Meta(description="Id of the entry.", examples=[fields.EXAMPLE_ID])]
    at: Annotated[Timestamp, Meta(description="When it was changed.")]
    by: Annotated[
        str,
        Meta(
            description="Who changed it: the subject of a token, a worker at a till, or `system:` and a job.",
            examples=["anna"],
        ),
    ]
    kind: Annotated[str, Meta(description="Kind of the document or record.", examples=["sales-order"])]
    no: Annotated[str, Meta(description="Its number; parts are separated by /.", examples=["S-1001"])]
    version: Annotated[int, Meta(description="Its version after the act; 0: it has none.", examples=[3])]
    happened: Annotated[
        tuple[str, ...], Meta(description="The act, as events name it.", examples=[["lines_changed"]])
    ]
    changes: Annotated[tuple[FieldChange, ...], Meta(description="The fields that it changed.")]


class AuditFilters(PageFilters, frozen=True, kw_only=True):
    """Filters of the audit trail."""

    kind: Several[
        Annotated[
            str, fields.text(_KIND_MAX), Meta(description="Kind of document or record.", examples=["item"])
        ]
    ] = ()
    no: Several[
        Annotated[str, fields.text(_NO_MAX), Meta(description="Its number.", examples=["S-1001"])]
    ] = ()
    by: Several[
        Annotated[str, fields.text(NAME_MAX), Meta(description="Who changed it.", examples=["anna"])]
    ] = ()
    at_from: Annotated[Timestamp, Meta(description="Changed at this time or later.")] | None = None
    at_to: Annotated[Timestamp, Meta(description="Changed at this time or earlier.")] | None = None

    sorts: ClassVar = ("at",)


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        by=row.by,
        kind=row.kind,
        no=row.no,
        version=row.version,
        happened=_HAPPENED.decode(row.happened),
        changes=_CHANGES.decode(row.changes),
    )


LISTING: Final = Listing(
    query=select(_AUDIT),
    key=(_AUDIT.c.id,),  # their ids are in the order of time
    item=_entry,
    columns=Columns({name: _AUDIT.c[name] for name in ("kind", "by", "at")}),
    descending=True,
)

router = APIRouter(prefix="/v1", tags=["audit"], dependencies=[requires(SCOPE)])


@router.get("/audit", responses=answers(AuditEntry, items=True))
async def list_audit_entries(reading: ReadMany, filters: Filters[AuditFilters]) -> Response:
    """Who changed what of documents and settings, the newest first: one entry for each act, with old and new values.

    Making a document is no change of it, making a record of master data is. Postings stand in posted documents.
    """
    if not filters.no:
        return await reading.page(filters, LISTING)
    # Numbers of documents are upper-case, ids are not.
    numbers = {*filters.no, *(no.upper() for no in filters.no)}
    return await reading.page(filters, LISTING.where(_AUDIT.c.no.in_(numbers)))


def forget_audit(days: int) -> Job:
    """The job that deletes entries older than `days`, some at a time so that no transaction gets long."""

    async def run(database: Database) -> None:
        while True:
            async with database.begin() as tx:
                before = tx.now - timedelta(days=days)
                if await tx.run(FORGET, before=before, most=FORGET_BATCH_ROWS) < FORGET_BATCH_ROWS:
                    return

    return Job("forget-audit", run, FORGET_EVERY_S)
