"""Pages of the gateway's copies of others' master data: a till looks them up also while their owners are down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, func, or_, select
from starlette.responses import Response

from httpkit.lists import ListFilters, Listing
from httpkit.reads import ReadRequest
from pos_gateway.store.tables import COPY


def found_by(kind: str, text_in: str, words: str) -> Select[Any]:
    """Copies whose number begins with `words`, or whose member `text_in` contains them; all without words."""
    query = select(COPY.c.no, COPY.c.body, COPY.c.received_at).where(
        COPY.c.kind == kind, COPY.c.body.is_not(None)
    )
    if not words:
        return query
    return query.where(
        or_(
            COPY.c.no.startswith(words.upper(), autoescape=True),
            func.lower(COPY.c.body.op("->>")(text_in)).contains(words.lower(), autoescape=True),
        )
    )


async def page_of(
    reading: ReadRequest, filters: ListFilters, query: Select[Any], item: Callable[[Any], Any]
) -> Response:
    """A page of copies by number, or by the time at which they came."""
    listing = Listing(query=query, key=(COPY.c.no,), item=item, updated=COPY.c.received_at)
    return await reading.page(filters, listing)
