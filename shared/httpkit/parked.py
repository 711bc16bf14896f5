"""Parked events over HTTP: listing them, and giving one up as an act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import column, select, table
from sqlalchemy import types as t
from starlette.responses import Response

from contracts import fields
from contracts.refusals import Refusal, invalid, not_found
from eventkit import parking
from eventkit.consumer import Subscription
from eventkit.parking import REASONS, Parked
from eventkit.redrive import Redriven, redrive
from eventkit.transaction import Database, Queryable, Transaction
from httpkit.lists import Columns, ListFilters, Listing
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
MAX_EVENTS: Final = 200
"""Of one request; `next_after` leads on."""
ParkedId = Annotated[
    UUID, Meta(description="Id of the parked event.", examples=["01930000-0000-7000-8000-000000000001"])
]
NextAfter = Annotated[
    UUID,
    Meta(
        description="With `all`: there may be more; give it as `after`.",
        examples=["01930000-0000-7000-8000-000000000001"],
    ),
]
DiscardNote = Annotated[
    fields.Text250, Meta(description="Why; stays on record.", examples=["Entered by hand."])
]


class ParkedFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of the list of parked events."""

    status: Annotated[
        str,
        fields.choice("parked", "superseded", "discarded", "all"),
        Meta(description="What became of the event.", examples=["parked"]),
    ] = "parked"
    sorts: ClassVar = ("parked_at", "kind")
    kind: Annotated[
        str, fields.text(40), Meta(description="Kind of the aggregate.", examples=["sales-order"])
    ] = ""
    reason: Annotated[
        str, fields.choice("", *REASONS), Meta(description="Why it was parked.", examples=["error"])
    ] = ""


class ParkedSelection(msgspec.Struct, frozen=True, kw_only=True):
    """Which parked events an act is about: either ids, or `all`, which may be narrowed."""

    ids: Annotated[
        tuple[UUID, ...],
        Meta(
            max_length=MAX_EVENTS,
            description="These events.",
            examples=[["01930000-0000-7000-8000-000000000001"]],
        ),
    ] = ()
    all: Annotated[
        bool, Meta(description="All that are parked now, or those of `kind` and `reason`.", examples=[True])
    ] = False
    kind: Annotated[
        str, fields.text(40), Meta(description="With `all`: of this kind.", examples=["sales-order"])
    ] = ""
    reason: Annotated[
        str,
        fields.choice("", *REASONS),
        Meta(description="With `all`: parked for this reason.", examples=["error"]),
    ] = ""
    after: Annotated[
        UUID | None,
        Meta(
            description="With `all`: go on after this event, which is the `next_after` of the answer before.",
            examples=["01930000-0000-7000-8000-000000000001"],
        ),
    ] = None

    async def found(self, where: Queryable) -> list[UUID]:
        """Their ids, at most `MAX_EVENTS`."""
        narrowed = self.kind or self.reason or self.after
        if self.all == bool(self.ids) or (self.ids and narrowed):
            raise invalid("no-selection", "give ids, or all (with kind or reason for fewer)", pointer="/ids")
        if self.ids:
            return list(dict.fromkeys(self.ids))
        after = self.after or parking.FIRST
        return await parking.ids(where, kind=self.kind, reason=self.reason, after=after, limit=MAX_EVENTS)

    def next_after(self, ids: Sequence[UUID]) -> UUID | None:
        """Where the next request has to go on; None after the last one."""
        return ids[-1] if self.all and len(ids) == MAX_EVENTS else None


class ParkedDiscarding(ParkedSelection, frozen=True, kw_only=True):
    """Request to discard parked events, with the reason."""

    note: DiscardNote


class DiscardParked(msgspec.Struct, frozen=True):
    """An operator's decision to give an event up."""

    id: UUID
    note: str


class Discarded(msgspec.Struct, frozen=True):
    """An event that was given up."""

    id: ParkedId
    status: Annotated[str, Meta(description="`discarded`", examples=["discarded"])] = "discarded"


class RedrivenOne(Redriven, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one of several events."""

    id: ParkedId


class RedrivenMany(msgspec.Struct, frozen=True):
    """What became of events that were applied again, each on its own."""

    items: Annotated[tuple[RedrivenOne, ...], Meta(description="In the order in which they were tried.")]
    next_after: NextAfter | None


class DiscardedMany(msgspec.Struct, frozen=True):
    """Events that an operator discarded."""

    ids: Annotated[
        tuple[UUID, ...],
        Meta(
            description="Those that were parked; others are left out.",
            examples=[["01930000-0000-7000-8000-000000000001"]],
        ),
    ]
    next_after: NextAfter | None


async def answer_parked(reading: ReadRequest, page: ParkedFilters) -> Response:
    """One page of parked events, the oldest first: their ids are in the order of time."""
    of_status = [] if page.status == "all" else [PARKED.c.status == page.status]
    return await reading.page(page, _LISTING.where(*of_status))


def _parked(row: Any) -> Parked:
    return Parked(**{name: row._mapping[name] for name in _FIELDS})  # noqa: SLF001 - SQLAlchemy's public name


_LISTING: Final = Listing(
    query=select(PARKED),
    key=(PARKED.c.id,),
    item=_parked,
    columns=Columns({"kind": PARKED.c.kind, "reason": PARKED.c.reason, "parked_at": PARKED.c.parked_at}),
    updated=PARKED.c.parked_at,
)


async def discard_parked(tx: Transaction, commands: Sequence[Command[DiscardParked]]) -> list[Done | Refusal]:
    """Use case: discard parked events; each keeps who did it and why."""
    results: list[Done | Refusal] = []
    for command in commands:  # rare: one statement each is fine
        discard = command.data
        if await parking.discard(tx, [discard.id], by=command.context.by, note=discard.note):
            results.append(Done("parked", str(discard.id), answer=Discarded(discard.id)))
        else:
            results.append(not_found("parked", str(discard.id)))
    return results


async def discard_selected(
    tx: Transaction, commands: Sequence[Command[ParkedDiscarding]]
) -> list[Done | Refusal]:
    """Use case: discard several parked events at once."""
    results: list[Done | Refusal] = []
    for command in commands:
        chosen = command.data
        try:
            ids = await chosen.found(tx)
        except Refusal as refusal:
            results.append(refusal)
            continue
        discarded = await parking.discard(tx, ids, by=command.context.by, note=chosen.note)
        answer = DiscardedMany(tuple(id_ for id_ in ids if id_ in discarded), chosen.next_after(ids))
        results.append(Done("parked", "", answer=answer))
    return results


async def redrive_selected(
    database: Database, subscriptions: Sequence[Subscription[Any]], chosen: ParkedSelection
) -> RedrivenMany:
    """Apply several parked events again, the oldest first, each in a transaction of its own."""
    async with database.read() as conn:
        ids = await chosen.found(conn)
    items = []
    for id_ in ids:
        redriven = await redrive(database, subscriptions, id_)
        items.append(RedrivenOne(id=id_, outcome=redriven.outcome, error=redriven.error))
    return RedrivenMany(tuple(items), chosen.next_after(ids))
