"""Parked events over HTTP: listing them, and giving one up as an act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import column, select, table
from sqlalchemy import types as t
from starlette.responses import Response

from contracts import fields
from contracts.refusals import Refusal, not_found
from eventkit import parking
from eventkit.parking import Parked
from eventkit.transaction import Transaction
from httpkit.lists import ListFilters
from httpkit.reads import ReadRequest
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


class ParkedFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of the list of parked events."""

    status: Annotated[
        str,
        fields.choice("parked", "superseded", "discarded", "all"),
        Meta(description="What became of the event.", examples=["parked"]),
    ] = "parked"
    kind: Annotated[
        str, fields.text(40), Meta(description="Kind of the aggregate.", examples=["sales-order"])
    ] = ""


class DiscardParked(msgspec.Struct, frozen=True):
    """An operator's decision to give an event up."""

    id: UUID
    note: str


class Discarded(msgspec.Struct, frozen=True):
    """An event that was given up."""

    id: Annotated[
        UUID, Meta(description="Id of the parked event.", examples=["01930000-0000-7000-8000-000000000001"])
    ]
    status: Annotated[str, Meta(description="`discarded`", examples=["discarded"])] = "discarded"


async def answer_parked(reading: ReadRequest, page: ParkedFilters) -> Response:
    """One page of parked events, the oldest first: their ids are in the order of time."""
    query = select(PARKED)
    if page.status != "all":
        query = query.where(PARKED.c.status == page.status)
    if page.kind:
        query = query.where(PARKED.c.kind == page.kind)
    return await reading.page(page, query, key=(PARKED.c.id,), item=_parked, updated=PARKED.c.parked_at)


def _parked(row: Any) -> Parked:
    return Parked(**{name: row._mapping[name] for name in _FIELDS})  # noqa: SLF001 - SQLAlchemy's public name


async def discard_parked(tx: Transaction, commands: Sequence[Command[DiscardParked]]) -> list[Done | Refusal]:
    """Use case: discard parked events; each keeps who did it and why."""
    results: list[Done | Refusal] = []
    for command in commands:  # rare: one statement each is fine
        discard = command.data
        if await parking.discard(tx, discard.id, by=command.context.by, note=discard.note):
            results.append(Done("parked", str(discard.id), answer=Discarded(discard.id)))
        else:
            results.append(not_found("parked", str(discard.id)))
    return results
