"""Master data over HTTP: a record by its number, and pages of the records of one model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from msgspec.structs import replace
from sqlalchemy import ColumnElement
from starlette.responses import Response

from domainkit.records import Record
from eventkit.transaction import Queryable, fetch_one
from httpkit.lists import Columns, Deletion, ListFilters, Listing, member
from httpkit.reads import ReadRequest
from httpkit.responses import Resource, Shown
from recordkit import records
from recordkit.kinds import RecordKinds
from recordkit.records import MASTER

R = TypeVar("R", bound=Record)

_NUMBERS = ("no", "code", "id")


class MasterResource(Resource, frozen=True, kw_only=True):
    """The records of one model, deleted ones left out."""

    listing: Listing
    """All of them; a list with filters of its own narrows it."""

    def at(self, location: str) -> MasterResource:
        """The same records at another address, for those whose number has two parts."""
        return replace(self, location=location)

    async def page(
        self, reading: ReadRequest, filters: ListFilters, *conditions: ColumnElement[bool]
    ) -> Response:
        """A page of the records that also meet the conditions, by number."""
        return await reading.page(filters, self.listing.where(*conditions))


def master_resource(  # noqa: PLR0913 - keywords with defaults: what differs between models
    kinds: RecordKinds,
    model: type[R],
    present: Callable[..., Any],
    location: str = "",
    *,
    default: R | None = None,
    filters: Iterable[str] = (),
    searched: Iterable[str] = ("name",),
) -> MasterResource:
    """The records of `model`.

    `present(record, created_at=…, updated_at=…)` makes the answer of one, `default` stands for one that is not there.
    `filters`: members of records that lists filter and sort by; `searched`: those that `query` looks in, besides the
    number.
    """
    kind = kinds.by_model[model].name

    async def read(conn: Queryable, no: str) -> Shown | None:
        row = await fetch_one(conn, records.FIND, kind=kind, no=no)
        if row is not None:
            return _shown(row)
        if default is None:
            return None
        return Shown(present(default, created_at=None, updated_at=None), default.version)

    def _shown(row: Any) -> Shown:
        record = kinds.decode(kind, row.body)
        return Shown(present(record, created_at=row.created_at, updated_at=row.updated_at), record.version)

    return MasterResource(
        kind=kind,
        read=read,
        location=location,
        listing=Listing(
            query=records.listed(kinds, model),
            key=(MASTER.c.no,),
            columns=_columns(filters, searched),
            item=lambda row: _shown(row).body,
            updated=MASTER.c.updated_at,
            deletion=Deletion(MASTER.c.deleted, MASTER.c.version, MASTER.c.no),
        ),
    )


def _columns(filters: Iterable[str], searched: Iterable[str]) -> Columns:
    body = MASTER.c.body
    by_name: dict[str, ColumnElement[Any]] = dict.fromkeys(_NUMBERS, MASTER.c.no)
    by_name |= {name: member(body, name) for name in filters}
    by_name |= {"created_at": MASTER.c.created_at, "updated_at": MASTER.c.updated_at}
    return Columns(by_name, (MASTER.c.no, *(member(body, name) for name in searched)))
