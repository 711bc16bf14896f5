"""Number series over HTTP: how documents are numbered, and up to where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field, StringConstraints
from sqlalchemy import text
from starlette.responses import Response

from contracts.refusals import Refusal, Violation, not_found
from eventkit.transaction import Queryable, Transaction, fetch_one
from httpkit.answers import Resource
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import NO_LENGTH, Input
from httpkit.openapi import answers
from recordkit.commands import Command, Done

READ = text("SELECT code, prefix, next_no, last_no FROM number_series WHERE code = :code")

CHANGE = text("""
UPDATE number_series SET prefix = :prefix, next_no = :next, last_no = :last WHERE code = :code RETURNING code
""")

LOCK = text("SELECT next_no, prefix FROM number_series WHERE code = :code FOR UPDATE")

_Code = Annotated[str, Path(min_length=1, max_length=40)]
_Number = Annotated[int, Field(strict=True, ge=1, le=10**15)]


class NumberSeries(msgspec.Struct, frozen=True):
    """The next document gets `prefix` and `next`; after `last` (null: no end) the series is used up."""

    code: str
    prefix: str
    next: int
    last: int | None


class NumberSeriesInput(Input):
    """A series as it shall be. Numbers given already can be given again by it only under another prefix."""

    prefix: Annotated[
        str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z0-9_/-]{0,10}$")
    ]
    next: _Number
    last: _Number | None = None


class ChangeSeries(msgspec.Struct, frozen=True):
    """The wish to number otherwise."""

    code: str
    prefix: str
    next: int
    last: int | None


async def show_series(conn: Queryable, code: str) -> Resource | None:
    """The series as it is."""
    row = await fetch_one(conn, READ, code=code)
    return None if row is None else Resource(NumberSeries(*row))


async def change_series(tx: Transaction, commands: Sequence[Command[ChangeSeries]]) -> list[Done | Refusal]:
    """Use case: set how documents are numbered. Going back under the same prefix would give numbers twice: refused."""
    return [await _change(tx, c.data) for c in commands]


async def _change(tx: Transaction, wish: ChangeSeries) -> Done | Refusal:
    rows = await tx.all(LOCK, code=wish.code)
    if not rows:
        return not_found("number-series", wish.code)
    next_no, prefix = rows[0].next_no, rows[0].prefix
    violations = tuple(_violations(wish, prefix, next_no))
    if violations:
        return Refusal(*violations)
    await tx.run(CHANGE, code=wish.code, prefix=wish.prefix, next=wish.next, last=wish.last)
    return Done("number-series", wish.code)


def _violations(wish: ChangeSeries, prefix: str, next_no: int) -> list[Violation]:
    found = []
    if wish.prefix == prefix and wish.next < next_no:
        given = (
            f"{prefix}{next_no - 1} was given already: next must be at least {next_no}, or the prefix another"
        )
        found.append(Violation("number-already-given", given, "/next"))
    if wish.last is not None and wish.last < wish.next - 1:
        found.append(Violation("out-of-range", "last must not be before next", "/last"))
    if len(f"{wish.prefix}{wish.last or wish.next}") > NO_LENGTH:
        found.append(Violation("too-long", f"numbers have at most {NO_LENGTH} characters", "/prefix"))
    return found


def add_routes(router: APIRouter, edge: Edge, tokens: Tokens, scope: str) -> None:
    """`GET` and `PUT /number-series/{code}`."""
    reading = [Depends(tokens.require(f"{scope}:read"))]
    changing = [Depends(tokens.require(f"{scope}:manage", f"{scope}:write"))]
    documented: dict[str, Any] = {"tags": ["number series"], "responses": answers(NumberSeries)}

    @router.get("/number-series/{code}", dependencies=reading, **documented)
    async def read(request: Request, code: _Code) -> Response:
        """How a kind of document is numbered."""
        return await edge.show(request, show_series, code, "number-series")

    @router.put("/number-series/{code}", dependencies=changing, **documented)
    async def change(request: Request, code: _Code, body: NumberSeriesInput) -> Response:
        """Number otherwise from now on."""
        wish = ChangeSeries(code, body.prefix, body.next, body.last)
        return await edge.act(request, change_series, wish, show=show_series)
