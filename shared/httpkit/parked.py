"""Parked events over HTTP: listing them, and giving one up as an act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from pydantic import Field
from sqlalchemy import column, select, table
from sqlalchemy import types as t
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from contracts.refusals import Refusal, not_found
from eventkit import parking
from eventkit.parking import Parked
from eventkit.transaction import Transaction
from httpkit import lists
from httpkit.limits import Limits
from httpkit.lists import Page, Wanted
from recordkit.commands import Command, Done

PARKED = table(
    "parked",
    column("id", t.Uuid()),
    column("topic", t.Text()),
    column("partition", t.Integer()),
    column("offset", t.BigInteger()),
    column("kind", t.Text()),
    column("no", t.Text()),
    column("version", t.BigInteger()),
    column("reason", t.Text()),
    column("error", t.Text()),
    column("status", t.Text()),
    column("parked_at", t.DateTime(timezone=True)),
    column("closed_at", t.DateTime(timezone=True)),
    column("closed_by", t.Text()),
    column("note", t.Text()),
)
_FIELDS = tuple(c.name for c in PARKED.columns)


class ParkedPage(Page):
    """Filters of the list of parked events."""

    status: Literal["parked", "superseded", "discarded", "all"] = "parked"
    kind: Annotated[str, Field(max_length=40)] = ""


class DiscardParked(msgspec.Struct, frozen=True):
    """An operator's decision to give an event up."""

    id: UUID
    note: str


class Discarded(msgspec.Struct, frozen=True):
    """What became of it."""

    id: UUID
    status: str = "discarded"


async def answer_parked(conn: AsyncConnection, request: Request, page: ParkedPage) -> Response:
    """One page of parked events, the oldest first (their ids are in the order of time)."""
    query = select(PARKED)
    if page.status != "all":
        query = query.where(PARKED.c.status == page.status)
    if page.kind:
        query = query.where(PARKED.c.kind == page.kind)
    wanted = Wanted(query, (PARKED.c.id,), updated=PARKED.c.parked_at)
    return await lists.answer(conn, request, page, wanted, _parked, Limits())


def _parked(row: Any) -> Parked:
    return Parked(**{name: row._mapping[name] for name in _FIELDS})  # noqa: SLF001 - SQLAlchemy's public name


async def discard_parked(tx: Transaction, commands: Sequence[Command[DiscardParked]]) -> list[Done | Refusal]:
    """Use case: give events up."""
    results: list[Done | Refusal] = []
    for command in commands:  # rare: one statement each is fine
        wish = command.data
        if await parking.discard(tx, wish.id, by=command.context.by, note=wish.note):
            results.append(Done("parked", str(wish.id), answer=Discarded(wish.id)))
        else:
            results.append(not_found("parked", str(wish.id)))
    return results
