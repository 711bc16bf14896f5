"""Dependency of routes that only read: one resource with its ETag, or a page of a list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from contracts.refusals import not_found
from contracts.timeline import Subject
from httpkit import lists, preconditions, responses
from httpkit.act_headers import KoppelAfter
from httpkit.act_requests import command_runner, wait_for_copies
from httpkit.auth import name_of_caller
from httpkit.lists import Listing, PageFilters
from httpkit.responses import Json, Resource
from httpkit.timelines import timeline_of

T = TypeVar("T")

IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="Answer 304 if the resource still has this version (its ETag). "
        "Acts on the resource raise its version; what it learns from other services does not.",
        examples=['"7"'],
    ),
]


class ReadRequest:
    """One request to read; it starts after the copies that `Koppel-After` names have arrived."""

    def __init__(self, request: Request, if_none_match: str | None = None) -> None:
        self._request = request
        self._if_none_match = if_none_match
        self.runner = command_runner(request)

    async def one(self, resource: Resource, no: str) -> Response:
        """The resource with its ETag; refused if there is none, 304 if the caller has this version."""
        async with self.runner.database.read() as conn:
            found = await resource.read(conn, no)
        if found is None:
            raise not_found(resource.kind, no)
        headers = responses.etag_headers(found.version)
        if found.version is not None and preconditions.is_unchanged(self._if_none_match, found.version):
            return Json(b"", 304, headers)
        return responses.json_response(found.body, 200, headers)

    async def answer(self, query: Callable[[AsyncConnection], Awaitable[Any]]) -> Response:
        """200 with a computed answer: a struct without a version, so without an ETag."""
        return responses.json_response(await self.computed(query))

    async def computed(self, query: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """What the query computes, for a route that answers it in more than one format."""
        async with self.runner.database.read() as conn:
            return await query(conn)

    async def page(self, filters: PageFilters, listing: Listing) -> Response:
        """A page of a list, narrowed by its filters."""
        async with self.runner.database.read() as conn:
            return await lists.answer(conn, self._request, filters, listing)

    async def timeline(
        self,
        kind: str,
        no: str,
        subjects: Callable[[AsyncConnection, str], Awaitable[Sequence[Subject]]],
        filters: PageFilters,
    ) -> Response:
        """A page of what happened to a document; refused if nothing is kept under its number."""
        async with self.runner.database.read() as conn:
            found = await subjects(conn, no)
            if not found:
                raise not_found(kind, no)
            return await lists.answer(conn, self._request, filters, timeline_of(found))

    def page_of(self, items: Sequence[Any], next_cursor: str | None, **about: Any) -> Response:
        """A page of items that more than one query found, with what is said `about` the list as a whole."""
        return lists.page_of(self._request, items, next_cursor, about)


async def read_one(
    request: Request, if_none_match: IfNoneMatch = None, koppel_after: KoppelAfter = None
) -> ReadRequest:
    """Dependency of a GET of one resource; waits for the copies that `Koppel-After` names."""
    await wait_for_copies(request, koppel_after, name_of_caller(request))
    return ReadRequest(request, if_none_match)


async def read_many(request: Request, koppel_after: KoppelAfter = None) -> ReadRequest:
    """Dependency of a GET of a list, or of a resource without a version; waits as `read_one` does."""
    await wait_for_copies(request, koppel_after, name_of_caller(request))
    return ReadRequest(request)


ReadOne = Annotated[ReadRequest, Depends(read_one)]
ReadMany = Annotated[ReadRequest, Depends(read_many)]
