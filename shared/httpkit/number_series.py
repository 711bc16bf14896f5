"""Number series over HTTP: read and change how a kind of document is numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path
from msgspec import Meta
from sqlalchemy import text
from starlette.responses import Response

from contracts import fields
from contracts.fields import NO_LENGTH
from contracts.refusals import Refusal, Violations, not_found
from domainkit.auditing import differences
from eventkit.transaction import Queryable, Transaction, fetch
from httpkit.acts import UnversionedAct
from httpkit.auth import requires
from httpkit.bodies import Body
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from httpkit.responses import Resource, Shown
from recordkit.commands import Command, Done

TAGS: Final = {"number series": "How documents are numbered."}
READ = text("SELECT code, prefix, next_no, last_no FROM number_series WHERE code = :code")

CHANGE = text("""
UPDATE number_series SET prefix = :prefix, next_no = :next, last_no = :last WHERE code = :code RETURNING code
""")

LOCK = text("SELECT next_no, prefix, last_no FROM number_series WHERE code = :code FOR UPDATE")

_CODE_IN_PATH = Annotated[
    str, Path(description="Kind of document.", examples=["sales-order"], min_length=1, max_length=40)
]
_NEXT_MAX: Final = 10**15


class Numbering(msgspec.Struct, frozen=True, kw_only=True):
    """How documents are numbered: the next number is `prefix` followed by `next`."""

    prefix: Annotated[
        str,
        fields.number(10, blank=True),
        Meta(description="What stands before the figures.", examples=["S-"]),
    ]
    next: Annotated[int, Meta(ge=1, le=_NEXT_MAX, description="The next number.", examples=[1001])]
    last: Annotated[
        Annotated[int, Meta(ge=1, le=_NEXT_MAX)] | None,
        Meta(description="The last number of the series; null: it has no end.", examples=[9999]),
    ] = None


class NumberSeries(Numbering, frozen=True, kw_only=True):
    """A series and the kind of document that it numbers."""

    code: Annotated[str, Meta(description="Kind of document.", examples=["sales-order"])]


class ChangeSeries(msgspec.Struct, frozen=True):
    """Command: change how a kind of document is numbered."""

    code: str
    numbering: Numbering


async def read_series(conn: Queryable, code: str) -> Shown | None:
    """The series with its next number; None if there is no such series."""
    rows = await fetch(conn, READ, code=code)
    if not rows:
        return None
    row = rows[0]
    return Shown(NumberSeries(code=row.code, prefix=row.prefix, next=row.next_no, last=row.last_no))


NUMBER_SERIES: Final = Resource("number-series", read_series)


async def change_series(tx: Transaction, commands: Sequence[Command[ChangeSeries]]) -> list[Done | Refusal]:
    """Use case: set how documents are numbered. Going back under the same prefix is refused: numbers would repeat."""
    return [await _change(tx, c) for c in commands]


async def _change(tx: Transaction, command: Command[ChangeSeries]) -> Done | Refusal:
    change = command.data
    rows = await tx.all(LOCK, code=change.code)
    if not rows:
        return not_found("number-series", change.code)
    new = change.numbering
    if refusal := _violations(new, rows[0].prefix, rows[0].next_no).refusal():
        return refusal
    await tx.run(CHANGE, code=change.code, prefix=new.prefix, next=new.next, last=new.last)
    before = Numbering(prefix=rows[0].prefix, next=rows[0].next_no, last=rows[0].last_no)
    tx.audit.add(
        NUMBER_SERIES.kind,
        change.code,
        0,
        happened=("changed",),
        by=command.context.by,
        changes=differences(before, new),
    )
    return Done(NUMBER_SERIES.kind, change.code)


def _violations(new: Numbering, prefix: str, next_no: int) -> Violations:
    found = Violations()
    if new.prefix == prefix and new.next < next_no:
        given = (
            f"{prefix}{next_no - 1} was given already: next must be at least {next_no}, or the prefix another"
        )
        found.invalid("number-already-given", given, "/next")
    if new.last is not None and new.last < new.next - 1:
        found.invalid("out-of-range", "last must not be before next", "/last")
    if len(f"{new.prefix}{new.last or new.next}") > NO_LENGTH:
        found.invalid("too-long", f"numbers have at most {NO_LENGTH} characters", "/prefix")
    return found


def routes(scope: str) -> APIRouter:
    """`GET` and `PUT /number-series/{code}`; `scope` is the word before the colon of the service's scopes."""
    router = APIRouter(prefix="/v1", tags=["number series"])

    @router.get(
        "/number-series/{code}",
        responses=answers(NumberSeries, refuses=[404]),
        dependencies=[requires(f"{scope}:read")],
    )
    async def get_number_series(reading: ReadMany, code: _CODE_IN_PATH) -> Response:
        """How a kind of document is numbered."""
        return await reading.one(NUMBER_SERIES, code)

    @router.put(
        "/number-series/{code}",
        responses=answers(NumberSeries, refuses=[404]),
        dependencies=[requires(f"{scope}:manage")],
    )
    async def put_number_series(act: UnversionedAct, code: _CODE_IN_PATH, body: Body[Numbering]) -> Response:
        """Change how new documents are numbered. Numbers that were used can be used again only with another prefix."""
        outcome = await act.run(change_series, ChangeSeries(code, body), resource=NUMBER_SERIES)
        return await act.answer(outcome)

    return router
