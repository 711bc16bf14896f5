"""Pages of master data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from starlette.responses import Response

from domainkit.structs import extended
from httpkit.lists import ListFilters
from httpkit.reads import ReadRequest
from sales.store.kinds import KINDS_OF_SALES
from sales.store.tables import MASTER


def records_of(model: type[Any]) -> Select[Any]:
    """The records of a model that are not deleted."""
    kind = KINDS_OF_SALES.by_model[model].name
    return select(MASTER.c.body).where(MASTER.c.kind == kind, ~MASTER.c.deleted)


def member(name: str) -> Any:
    """A field of the record; one at its default is not stored."""
    return MASTER.c.body.op("->>")(name)


async def page_of(
    reading: ReadRequest, filters: ListFilters, query: Select[Any], model: type[Any], answer: type[Any]
) -> Response:
    """A page of a query over records, by number."""
    kind = KINDS_OF_SALES.by_model[model].name

    def item(row: Any) -> Any:
        return extended(answer, KINDS_OF_SALES.decode(kind, row.body))

    return await reading.page(filters, query, key=[MASTER.c.no], updated=MASTER.c.updated_at, item=item)
