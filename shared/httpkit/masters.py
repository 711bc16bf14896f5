"""Master data over HTTP: a record by its number, and pages of the records of one model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace
from sqlalchemy import Select
from starlette.responses import Response

from domainkit.records import Record
from eventkit.transaction import Queryable
from httpkit.lists import ListFilters
from httpkit.reads import ReadRequest
from httpkit.responses import Resource, Shown
from recordkit import records
from recordkit.kinds import RecordKinds
from recordkit.records import MASTER

R = TypeVar("R", bound=Record)


class MasterResource(Resource, frozen=True, kw_only=True):
    """The records of one model, deleted ones left out."""

    query: Select[Any]
    """All of them; a list with filters narrows it."""
    item: Callable[[Any], Any]
    """The answer of a row of the query."""

    def at(self, location: str) -> MasterResource:
        """The same records at another address, for those whose number has two parts."""
        return replace(self, location=location)

    async def page(
        self, reading: ReadRequest, page: ListFilters, query: Select[Any] | None = None
    ) -> Response:
        """A page of the records, or of a narrowed `query`, by number."""
        wanted = self.query if query is None else query
        return await reading.page(
            page, wanted, key=(MASTER.c.no,), item=self.item, updated=MASTER.c.updated_at
        )


def master_resource(
    kinds: RecordKinds,
    model: type[R],
    present: Callable[[R], Any],
    location: str = "",
    *,
    default: R | None = None,
) -> MasterResource:
    """The records of `model`; `present` makes the answer of one, `default` stands for one that is not there."""
    kind = kinds.by_model[model].name

    async def read(conn: Queryable, no: str) -> Shown | None:
        record = await records.find(conn, kinds, model, no) or default
        return None if record is None else Shown(present(record), record.version)

    return MasterResource(
        kind=kind,
        read=read,
        location=location,
        query=records.listed(kinds, model),
        item=lambda row: present(kinds.decode(kind, row.body)),
    )
