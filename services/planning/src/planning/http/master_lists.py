"""Lists of master data."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Select
from starlette.responses import Response

from httpkit.lists import ListFilters
from httpkit.reads import ReadRequest
from planning.store import tables


async def master_page(
    reading: ReadRequest, page: ListFilters, query: Select[Any], answer: type[Any]
) -> Response:
    """A page of master data by number, each record as `answer`."""
    columns, decoder = tables.MASTERS.c, msgspec.json.Decoder(answer)
    return await reading.page(
        page,
        query,
        key=(columns.no,),
        item=lambda row: decoder.decode(row.body),
        updated=columns.updated_at,
    )
