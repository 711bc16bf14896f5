"""Pages of what is set up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from starlette.responses import Response

from contracts.values import Model
from domainkit.structs import extended
from httpkit.lists import ListFilters
from httpkit.reads import ReadRequest
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from pos_gateway.store.tables import MASTER


async def page_of(
    reading: ReadRequest, filters: ListFilters, model: type[Any], answer: type[Model]
) -> Response:
    """A page of the records of a model, by number, each as `answer`."""
    kind = KINDS_OF_GATEWAY.by_model[model].name
    query = select(MASTER.c.body).where(MASTER.c.kind == kind, MASTER.c.deleted.is_(False))

    def item(row: Row[Any]) -> Model:
        return extended(answer, KINDS_OF_GATEWAY.decode(kind, row.body))

    return await reading.page(filters, query, key=(MASTER.c.no,), item=item, updated=MASTER.c.updated_at)
