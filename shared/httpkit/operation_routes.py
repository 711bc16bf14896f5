"""What became of a request: operations that end in another service, and what this service knows of others' data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from contracts.keys import TWO_PARTS, joined
from contracts.refusals import not_found
from httpkit import preconditions
from httpkit.act_headers import Prefer
from httpkit.act_requests import command_runner
from httpkit.auth import name_of_caller, requires
from httpkit.bodies import Filters
from httpkit.copies import CopyView
from httpkit.openapi import answers
from httpkit.operations import LISTING, RUNNING, Operation, OperationFilters
from httpkit.paths import IdInPath
from httpkit.reads import ReadMany
from httpkit.responses import json_response
from httpkit.slashes import put_back

_KIND = Annotated[
    str,
    Path(description="Kind of the aggregate, as in Koppel-Seen.", examples=["sales-order"], max_length=40),
]
_NO = Annotated[
    str,
    Path(
        description="Its number; parts are separated by /.", examples=["S-1001"], min_length=1, max_length=400
    ),
]


def routes(*scopes: str, of_list: Sequence[str]) -> APIRouter:
    """`GET /operations`, `GET /operations/{id}` and `GET /copies/{kind}/{no}`, for tokens with one of the scopes.

    `of_list`: who sees all operations, also those of others.
    """
    router = APIRouter(prefix="/v1", tags=["operations"])

    @router.get("/operations", responses=answers(Operation, items=True), dependencies=[requires(*of_list)])
    async def list_operations(reading: ReadMany, page: Filters[OperationFilters]) -> Response:
        """Acts that other services decide, the newest first."""
        return await reading.page(page, LISTING)

    @router.get(
        "/operations/{id}",
        responses=answers(Operation, refuses=[404]),
        dependencies=[requires(*scopes)],
    )
    async def get_operation(request: Request, id: IdInPath, prefer: Prefer = None) -> Response:  # noqa: A002
        """An act that another service decides: still running, or with its result."""
        operations = command_runner(request).operations
        found = await operations.find(id)
        wait_s = preconditions.preferred_wait_s(prefer)
        if found is not None and found.status == RUNNING and wait_s:
            found = await operations.ended(id, wait_s, name_of_caller(request)) or found
        if found is None:
            raise not_found("operation", str(id))
        return json_response(found)

    @router.get(
        "/copies/{kind}/{no:path}",
        responses=answers(CopyView, refuses=[404]),
        dependencies=[requires(*scopes)],
    )
    async def get_copy(reading: ReadMany, kind: _KIND, no: _NO) -> Response:
        """What this service knows of another service's document or master data."""
        runner = reading.runner
        async with runner.database.read() as conn:
            found = await runner.copies.show(conn, kind, _copy_no(kind, no))
        if found is None:
            raise not_found("copy", f"{kind}/{no}")
        return json_response(found)

    return router


def _copy_no(kind: str, segments: str) -> str:
    """The number of a copy; where it has two parts, these are two segments of the path."""
    if kind not in TWO_PARTS:
        return put_back(segments)
    first, _, second = segments.partition("/")
    return joined(put_back(first), put_back(second))
