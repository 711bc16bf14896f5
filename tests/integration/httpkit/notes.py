"""A service as small as can be, behind the real HTTP kit: notes with a version, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from fastapi import APIRouter
from sqlalchemy import column, func, select, table, text
from sqlalchemy import types as t
from starlette.responses import Response

from contracts import fields
from contracts.refusals import Reason, Refusal, Violation, not_found, stale, unknown
from eventkit import operations
from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from httpkit.acts import CreateAct, DocumentAct, OperationAct, PatchAct, RehearsableAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import Columns, Deletion, Listing, SearchFilters, Several
from httpkit.openapi import answers
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany, ReadOne
from httpkit.responses import Resource, Shown
from recordkit import series
from recordkit.commands import Command, Done, Notice

DDL = """
CREATE TABLE note (
    no text PRIMARY KEY, version bigint NOT NULL, title text NOT NULL, quantity numeric NOT NULL,
    xid text NOT NULL, updated_at timestamptz NOT NULL,
    deleted boolean NOT NULL DEFAULT false
);
"""

INSERT = text("""
INSERT INTO note (no, version, title, quantity, xid, updated_at)
SELECT no, 1, title, quantity, pg_current_xact_id()::text, :now
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(no text, title text, quantity numeric)
ON CONFLICT (no) DO NOTHING RETURNING no
""")

LOCK = text("SELECT no, version FROM note WHERE no = ANY(CAST(:nos AS text[])) ORDER BY no FOR UPDATE")

RENAME = text("UPDATE note SET title = :title, version = version + 1, updated_at = :now WHERE no = :no")

READ = text("SELECT no, version, title, quantity FROM note WHERE no = :no")

COPY_EXISTS = text("SELECT no FROM copy WHERE kind = 'item' AND no = ANY(CAST(:nos AS text[]))")

NOTE = table(
    "note",
    column("no", t.Text()),
    column("version", t.BigInteger()),
    column("title", t.Text()),
    column("quantity", t.Numeric()),
    column("updated_at", t.DateTime(timezone=True)),
    column("deleted", t.Boolean()),
)


class Note(msgspec.Struct):
    no: str
    version: int
    title: str
    quantity: Decimal


class NewNote(msgspec.Struct, frozen=True, kw_only=True):
    no: fields.No
    title: fields.Text50
    quantity: fields.Quantity = Decimal(1)
    item_no: fields.NoOrBlank = ""
    at: fields.Timestamp | None = None


class NewTitle(msgspec.Struct, frozen=True, kw_only=True):
    title: fields.Text50


class NoteFilters(SearchFilters, frozen=True, kw_only=True):
    title: Several[fields.Text50] = ()
    written_from: fields.Day | None = None
    written_to: fields.Day | None = None

    sorts: ClassVar = ("no", "title")


NOTES = Listing(
    query=select(NOTE),
    key=(NOTE.c.title, NOTE.c.no),
    item=lambda row: Note(row.no, row.version, row.title, row.quantity),
    columns=Columns(
        {"no": NOTE.c.no, "title": NOTE.c.title, "written": func.date(NOTE.c.updated_at, type_=t.Date())},
        (NOTE.c.no, NOTE.c.title),
    ),
    updated=NOTE.c.updated_at,
    deletion=Deletion(NOTE.c.deleted, NOTE.c.version, NOTE.c.no),
)


class Count(msgspec.Struct, frozen=True):
    notes: int


class Write(msgspec.Struct, frozen=True):
    no: str
    title: str
    quantity: Decimal
    item_no: str = ""


class Rename(msgspec.Struct, frozen=True):
    no: str
    title: str


@dataclass
class Switches:
    """How a test makes the toy's acts behave."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    batches: list[int] = field(default_factory=list)
    operation_id: UUID | None = None
    raises: bool = False


async def read_note(conn: Queryable, no: str) -> Shown | None:
    rows = await fetch(conn, READ, no=no)
    return Shown(Note(*rows[0]), rows[0].version) if rows else None


NOTE_RESOURCE = Resource("note", read_note, location="/v1/notes/{no}")


class Notes:
    """The use cases and routes."""

    def __init__(self) -> None:
        self.switches = Switches()
        self.switches.gate.set()

    async def write(self, tx: Transaction, commands: Sequence[Command[Write]]) -> list[Done | Refusal]:
        self.switches.batches.append(len(commands))
        self.switches.entered.set()
        await self.switches.gate.wait()
        known = {row.no for row in await tx.all(COPY_EXISTS, nos=[c.data.item_no for c in commands])}
        taken: dict[str, bool] = {}
        wishes = [c.data for c in commands if not c.data.item_no or c.data.item_no in known]
        for row in await tx.all(INSERT, rows=json_rows(wishes), now=tx.now):
            taken[row.no] = False
        results = [_written(c.data, known, taken) for c in commands]
        if self.switches.raises and isinstance(results[0], Refusal):
            raise results[0]
        return results

    async def rename(self, tx: Transaction, commands: Sequence[Command[Rename]]) -> list[Done | Refusal]:
        rows = await tx.all(LOCK, nos=[c.data.no for c in commands])
        versions = {row.no: row.version for row in rows}
        results: list[Done | Refusal] = []
        for c in commands:
            version = versions.get(c.data.no)
            if version is None:
                results.append(not_found("note", c.data.no))
            elif c.if_match and version not in c.if_match:
                results.append(stale(c.data.no, version))
            else:
                await tx.run(RENAME, no=c.data.no, title=c.data.title, now=tx.now)
                versions[c.data.no] = version + 1
                warning = Notice("odd", "this title is odd")
                warnings = (warning,) if c.data.title == "odd" else ()
                results.append(Done("note", c.data.no, version + 1, warnings=warnings))
        return results

    async def count(self, tx: Transaction, commands: Sequence[Command[Any]]) -> list[Done | Refusal]:
        """An act whose answer is not the resource."""
        row = (await tx.all(text("SELECT count(*) AS n FROM note")))[0]
        return [Done("note", "ALL", answer={"notes": row.n}) for _ in commands]

    async def send_away(self, tx: Transaction, commands: Sequence[Command[Any]]) -> list[Done | Refusal]:
        """An act that another service ends."""
        id_ = self.switches.operation_id
        assert id_ is not None
        await operations.start(tx, [operations.Started(id_, "send", "N-1")])
        return [Done("note", "N-1", 2, operation_id=id_) for _ in commands]

    async def break_off(self, tx: Transaction, commands: Sequence[Command[Write]]) -> list[Done | Refusal]:
        """Fails in the database for the title "bad", for the whole batch."""
        self.switches.batches.append(len(commands))
        self.switches.entered.set()
        await self.switches.gate.wait()
        titles = [c.data.title for c in commands]
        await tx.run(text("SELECT 1 / CAST(NOT :bad AS int)"), bad="bad" in titles)
        await tx.all(INSERT, rows=json_rows([c.data for c in commands]), now=tx.now)
        return [Done("note", c.data.no, 1, created=True) for c in commands]

    async def number(self, tx: Transaction, commands: Sequence[Command[Any]]) -> list[Done | Refusal]:
        """Gives each note a number of the series."""
        numbers = await series.take(tx, "note", len(commands))
        return [Done("note", no, answer={"no": no}) for no in numbers]

    async def crash(self, _: Transaction, __: Sequence[Command[Any]]) -> list[Done | Refusal]:
        raise ZeroDivisionError("secret internals")

    def routes(self) -> APIRouter:  # noqa: C901 - a list of routes
        router = APIRouter(prefix="/v1", tags=["notes"])
        writing = [requires("notes:write")]
        reading = [requires("notes:read")]

        @router.post(
            "/notes", status_code=201, responses=answers(Note, 201, refuses=[409]), dependencies=writing
        )
        async def create_note(act: RehearsableAct, body: Body[NewNote]) -> Response:
            data = Write(body.no, body.title, body.quantity, body.item_no)
            outcome = await act.run(self.write, data, resource=NOTE_RESOURCE)
            return await act.answer(outcome)

        @router.patch("/notes/{no}", responses=answers(Note), dependencies=writing)
        async def change_note(act: PatchAct, no: RecordNo, body: Body[NewTitle]) -> Response:
            outcome = await act.run(self.rename, Rename(no, body.title), resource=NOTE_RESOURCE)
            return await act.answer(outcome)

        @router.post("/notes/{no}/rename", responses=answers(Note, refuses=[404]), dependencies=writing)
        async def rename_note(act: DocumentAct, no: RecordNo, body: Body[NewTitle]) -> Response:
            outcome = await act.run(self.rename, Rename(no, body.title), resource=NOTE_RESOURCE)
            return await act.answer(outcome)

        @router.post("/notes/{no}/send", responses=answers(Note, operation=True), dependencies=writing)
        async def send_note(act: OperationAct, no: RecordNo) -> Response:
            return await act.answer(await act.run(self.send_away, no))

        @router.post("/count", responses=answers(Count), dependencies=writing)
        async def count_notes(act: CreateAct) -> Response:
            return await act.answer(await act.run(self.count, None))

        @router.post("/breaks", status_code=201, responses=answers(Note, 201), dependencies=writing)
        async def break_note(act: CreateAct, body: Body[NewNote]) -> Response:
            data = Write(body.no, body.title, body.quantity)
            outcome = await act.run(self.break_off, data, resource=NOTE_RESOURCE)
            return await act.answer(outcome)

        @router.post("/numbers", responses=answers(dict[str, str]), dependencies=writing)
        async def number_note(act: CreateAct) -> Response:
            return await act.answer(await act.run(self.number, None))

        @router.post("/in-two-steps", status_code=201, responses=answers(Note, 201), dependencies=writing)
        async def create_two_notes(act: CreateAct, body: Body[NewNote]) -> Response:
            again = await act.replay(NOTE_RESOURCE)
            if again is not None:
                return await act.answer(again)
            await act.execute(self.write, Write(f"{body.no}-1", body.title, body.quantity))
            last = Write(f"{body.no}-2", body.title, body.quantity)
            return await act.answer(await act.run(self.write, last, resource=NOTE_RESOURCE))

        @router.post("/crash", responses=answers(), dependencies=writing)
        async def crash(act: CreateAct) -> Response:
            return await act.answer(await act.run(self.crash, None))

        @router.get("/notes", responses=answers(Note, changes=True), dependencies=reading)
        async def list_notes(reading: ReadMany, page: Filters[NoteFilters]) -> Response:
            return await reading.page(page, NOTES)

        @router.get("/notes/{no}", responses=answers(Note), dependencies=reading)
        async def get_note(reading: ReadOne, no: RecordNo) -> Response:
            return await reading.one(NOTE_RESOURCE, no)

        return router


def _written(wish: Write, known: set[str], taken: dict[str, bool]) -> Done | Refusal:
    if wish.item_no and wish.item_no not in known:
        return unknown("item", wish.item_no, pointer="/item_no", copy_of="item")
    if taken.get(wish.no, True):
        return Refusal(_already(wish.no))
    taken[wish.no] = True
    return Done("note", wish.no, 1, created=True)


def _already(no: str) -> Violation:
    return Violation("note-exists", f"note {no} exists", "/no", {"no": no}, Reason.CONFLICT)
