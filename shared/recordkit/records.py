"""Master data: one table in every service, a row per kind and number, the whole record as its body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import BigInteger, Boolean, DateTime, Select, Text, column, select, table, text

from contracts.refusals import Refusal, not_found
from contracts.topics import KINDS
from domainkit import records as versions
from domainkit.auditing import differences
from domainkit.records import Record
from eventkit.kinds import Snapshot
from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from recordkit.commands import Command, Done, decide_each
from recordkit.kinds import RecordKinds

MASTER: Final = table(
    "master",
    column("kind", Text),
    column("no", Text),
    column("version", BigInteger),
    column("deleted", Boolean),
    column("body", Text),
    column("created_at", DateTime(timezone=True)),
    column("updated_at", DateTime(timezone=True)),
)
"""The table as lists query it."""

LOAD = text("SELECT kind, no, body FROM master WHERE kind = :kind AND no = ANY(CAST(:nos AS text[]))")

FIND = text("""
SELECT body, created_at, updated_at FROM master WHERE kind = :kind AND no = :no AND NOT deleted
""")

LOCK = text("""
SELECT kind, no, body FROM master WHERE kind = :kind AND no = ANY(CAST(:nos AS text[]))
ORDER BY no FOR UPDATE
""")

# No ON CONFLICT: of two transactions that create the same record the second fails on the primary key and is decided
# again, now on the first one's record. New rows are inserted in the order of their keys, so that two batches of new
# records wait for each other instead of ending in a deadlock.
STORE = text("""
WITH r AS MATERIALIZED (
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r(
        kind text, no text, version bigint, deleted boolean, is_new boolean, body json)
), changed AS (
    UPDATE master m SET version = r.version, deleted = r.deleted, body = r.body, updated_at = :now
    FROM r WHERE m.kind = r.kind AND m.no = r.no AND NOT r.is_new
)
INSERT INTO master (kind, no, version, deleted, body, created_at, updated_at)
SELECT kind, no, version, deleted, body, :now, :now FROM r WHERE is_new ORDER BY kind, no
""")

SETUP_NO: Final = "SETUP"
"""The number of a record of which there is one."""

R = TypeVar("R", bound=Record)
Check = Callable[[R, R | None], None]
"""The rules of a PUT: the record as it shall be, and as it is; raises a Refusal."""
Publish = Callable[[R], Snapshot]
"""What other services see of a record."""


async def load(where: Queryable, kinds: RecordKinds, model: type[R], nos: Iterable[str]) -> dict[str, R]:
    """Records of a model by number, deleted ones too."""
    return await _read(where, LOAD, kinds, model, nos)


async def find(conn: Queryable, kinds: RecordKinds, model: type[R], no: str) -> R | None:
    """One record; None if there is none or it is deleted."""
    record = (await load(conn, kinds, model, [no])).get(no)
    return None if record is None or record.deleted else record


def listed(kinds: RecordKinds, model: type[Record]) -> Select[Any]:
    """The query of all records of a model with their times, deleted ones too."""
    columns = (MASTER.c.body, MASTER.c.created_at, MASTER.c.updated_at)
    return select(*columns).where(MASTER.c.kind == kinds.by_model[model].name)


async def lock(tx: Transaction, kinds: RecordKinds, model: type[R], nos: Iterable[str]) -> dict[str, R]:
    """Records by number, deleted ones too, locked in the order of their numbers."""
    return await _read(tx, LOCK, kinds, model, nos)


async def put_records(
    tx: Transaction,
    commands: Sequence[Command[R]],
    kinds: RecordKinds,
    *,
    no_of: Callable[[R], str],
    check: Check[R] | None = None,
    published: Publish[R] | None = None,
) -> list[Done | Refusal]:
    """PUT of one kind of record. A record that is already as wanted keeps its version and is not published.

    Kinds of the contracts' registry are published: as they are, or as `published` makes them.
    """
    if not commands:
        return []
    model = type(commands[0].data)
    kind = kinds.by_model[model].name
    before = await lock(tx, kinds, model, (no_of(c.data) for c in commands))
    # Two commands of the batch may name one record: the second is decided on what the first made of it.
    now: dict[str, R] = dict(before)

    def decide(command: Command[R]) -> Done:
        no = no_of(command.data)
        old = now.get(no)
        check_version(old, command, no)
        if check is not None:
            check(command.data, old)
        after = versions.next_version(old, command.data)
        if after is not None:
            now[no] = after
            _audit(tx, kind, no, old, after, command)
            _publish(tx, kind, no, published(after) if published else after, command)
        return Done(kind, no, now[no].version, created=after is not None and (old is None or old.deleted))

    results = decide_each(commands, decide)
    await _store(tx, kind, before, now)
    return results


async def delete_records(
    tx: Transaction,
    commands: Sequence[Command[str]],
    kinds: RecordKinds,
    model: type[R],
    *,
    check: Callable[[R], None] | None = None,
    published: Publish[R] | None = None,
) -> list[Done | Refusal]:
    """DELETE by number: the record is marked and stays, its next version is published."""
    kind = kinds.by_model[model].name
    before = await lock(tx, kinds, model, (c.data for c in commands))
    now: dict[str, R] = dict(before)

    def decide(command: Command[str]) -> Done:
        no = command.data
        old = now.get(no)
        if old is None or old.deleted:
            raise not_found(kind, no)
        check_version(old, command, no)
        if check is not None:
            check(old)
        after = now[no] = versions.deleted(old)
        _audit(tx, kind, no, old, after, command)
        _publish(tx, kind, no, published(after) if published else after, command)
        return Done(kind, no, after.version)

    results = decide_each(commands, decide)
    await _store(tx, kind, before, now)
    return results


async def insert_records(
    tx: Transaction, kinds: RecordKinds, model: type[R], records: Mapping[str, R]
) -> None:
    """Store new records, by number, that another act than a PUT makes; their caller publishes them."""
    await _store(tx, kinds.by_model[model].name, {}, records)


def check_version(before: Record | None, command: Command[Any], no: str) -> None:
    """Refuse a record that has another version than the caller has seen (`stale-version`)."""
    # 0 also for a deleted record: callers cannot see its version, so none that they send can be right.
    version = before.version if before is not None and not before.deleted else 0
    command.check_version(no, version)


def _audit(
    tx: Transaction, kind: str, no: str, before: Record | None, after: Record, command: Command[Any]
) -> None:
    shown = before if before is None or not before.deleted else None
    changes = differences(shown, after)  # type: ignore[arg-type] # records are structs
    tx.audit.add(kind, no, after.version, happened=after.happened, by=command.context.by, changes=changes)


def _publish(tx: Transaction, kind: str, no: str, snapshot: Snapshot, command: Command[Any]) -> None:
    if kind in KINDS:
        tx.publish(KINDS[kind], no, snapshot, command.context)


async def _read(
    where: Queryable,
    statement: Any,
    kinds: RecordKinds,
    model: type[R],
    nos: Iterable[str],
) -> dict[str, R]:
    # Sorted for `LOCK`: everyone locks in this order, so two batches cannot hold what the other one needs.
    wanted = sorted({no for no in nos if no})
    if not wanted:
        return {}
    rows = await fetch(where, statement, kind=kinds.by_model[model].name, nos=wanted)
    return {no: kinds.decode(kind, body) for kind, no, body in rows}


async def _store(tx: Transaction, kind: str, before: Mapping[str, R], now: Mapping[str, R]) -> None:
    rows = [
        {
            "kind": kind,
            "no": no,
            "version": record.version,
            "deleted": record.deleted,
            "is_new": no not in before,
            "body": msgspec.Raw(msgspec.json.encode(versions.without_happened(record))),
        }
        for no, record in now.items()
        if record is not before.get(no)  # by identity: decisions keep the object where nothing changed
    ]
    if rows:
        await tx.run(STORE, rows=json_rows(rows), now=tx.now)
