"""A service's database and its transactions, the only place that commits.

Events are published with the state that they describe: in the outbox, as the last statement of the transaction.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import QueuePool, TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from eventkit import audit, failpoints, metrics, outbox, statements, timeline
from eventkit.audit import AuditTrail
from eventkit.connections import ActPool, PoolUse, Server, query_engine
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.kinds import Kind, Snapshot
from eventkit.outbox import OutboxEvent, OutboxRow
from eventkit.statements import Row
from eventkit.timeline import NO_RULES, Rules, Timeline
from eventkit.wakeup import Wakeup

_log = structlog.get_logger(__name__)


def json_rows(rows: Iterable[Any]) -> str:
    """Many rows as the one `:rows` parameter of a set-based statement (dicts, or structs without `omit_defaults`).

    Whole documents go beside it, by `json_texts`.
    """
    return msgspec.json.encode(list(rows)).decode()


def json_fields(structs: Iterable[Any], *names: str) -> str:
    """`json_rows` of structs of which only these fields are columns; the whole struct goes beside it as a document."""
    return json_rows({name: getattr(struct, name) for name in names} for struct in structs)


def json_texts(documents: Iterable[Any]) -> list[str]:
    """Each document as JSON text, for a `json[]` parameter: nested in `:rows` PostgreSQL would parse it twice."""
    return [msgspec.json.encode(document).decode() for document in documents]


class _Publication(msgspec.Struct):
    kind: Kind
    snapshot: Snapshot
    context: Context


class Transaction:
    """One unit of work. `now` is its time (aware UTC), the same for all that it writes.

    `timeline` takes what the events of others tell; what it publishes itself is added at its end. `audit` takes what
    acts changed of documents and settings.
    """

    __slots__ = ("_after", "_conn", "_publications", "audit", "now", "timeline")

    def __init__(self, conn: PoolConnectionProxy, now: datetime, told: Rules = NO_RULES) -> None:
        self.now = now
        self.timeline = Timeline(told)
        self.audit = AuditTrail()
        self._conn = conn
        self._publications: dict[tuple[str, str], _Publication] = {}
        self._after: list[Callable[[], None]] = []

    async def all(self, statement: TextClause, **params: Any) -> Sequence[Row]:
        """Execute a statement and fetch all its rows."""
        return await statements.fetch(self._conn, statement, params)

    def stream(self, statement: TextClause, **params: Any) -> AsyncIterator[Row]:
        """Execute a statement and fetch its rows in portions."""
        return statements.stream(self._conn, statement, params)

    async def run(self, statement: TextClause, **params: Any) -> int:
        """Execute a statement; returns the number of rows it affected."""
        return await statements.execute(self._conn, statement, params)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part that may fail alone: an exception undoes what the block wrote, the transaction goes on."""
        async with self._conn.transaction():
            yield

    def publish(self, kind: Kind, no: str, snapshot: Snapshot, context: Context) -> None:
        """Publish this aggregate's new state when the transaction commits.

        A transaction publishes at most one event per aggregate: a later snapshot replaces an earlier one and gets the
        event names of both.
        """
        earlier = self._publications.get((kind.name, no))
        if earlier is not None:
            happened = tuple(dict.fromkeys((*earlier.snapshot.happened, *snapshot.happened)))
            snapshot = msgspec.structs.replace(snapshot, happened=happened)  # type: ignore[type-var]
        self._publications[kind.name, no] = _Publication(kind, snapshot, context)

    def after_commit(self, fn: Callable[[], None]) -> None:
        """Call `fn` once the transaction is durable; never if it is rolled back."""
        self._after.append(fn)

    async def _write_timeline(self) -> None:
        for (_, no), publication in self._publications.items():
            by = publication.context.by
            self.timeline.add(publication.kind, no, publication.snapshot, self.now, by)
        if rows := self.timeline.rows():
            kinds, nos, events, entries = zip(*rows, strict=True)
            await self.run(timeline.STORE, kinds=kinds, nos=nos, events=events, entries=json_texts(entries))

    async def _write_audit(self) -> None:
        if self.audit.rows:
            await self.run(audit.STORE, rows=json_rows(self.audit.rows), now=self.now)

    async def _write_outbox(self) -> list[OutboxRow]:
        if not self._publications:
            return []
        events = outbox.in_rows([self._event(no, p) for (_, no), p in self._publications.items()])
        ids = await self.all(
            outbox.STORE,
            occurred_at=self.now,
            counts=[len(row) for row in events],
            bodies=[outbox.encoded(row) for row in events],
        )
        return [OutboxRow(id_, row) for (id_,), row in zip(ids, events, strict=True)]

    def _event(self, no: str, p: _Publication) -> OutboxEvent:
        return OutboxEvent(
            topic=p.kind.topic,
            key=p.kind.message_key(no),
            type=p.kind.event_type,
            subject=no,
            version=p.snapshot.version,
            event_id=str(new_id()),
            occurred_at=self.now,
            correlation_id=p.context.correlation_id,
            causation_id=p.context.causation_id,
            traceparent=p.context.traceparent,
            by=p.context.by,
            body=msgspec.Raw(msgspec.json.encode(p.snapshot)),
        )

    def _committed(self) -> None:
        tell = logging.root.isEnabledFor(logging.DEBUG)
        for (kind, no), publication in self._publications.items():
            snapshot, context = publication.snapshot, publication.context
            for what in snapshot.happened:
                metrics.happened(kind, what).inc()
            if tell:
                _log.debug(
                    "published",
                    kind=kind,
                    no=no,
                    version=snapshot.version,
                    happened=snapshot.happened,
                    correlation_id=context.correlation_id,
                    causation_id=context.causation_id,
                    by=context.by,
                )
        for fn in self._after:
            fn()


Queryable = Transaction | AsyncConnection
"""Where a query runs: in a transaction, which sees what it wrote, or on a connection of `Database.read`."""


async def fetch(where: Queryable, statement: TextClause, **params: Any) -> Sequence[Any]:
    """All rows of a query; their columns are attributes."""
    if isinstance(where, Transaction):
        return await where.all(statement, **params)
    return (await where.execute(statement, params)).all()


async def fetch_one(where: Queryable, statement: TextClause, **params: Any) -> Any | None:
    """The row of a query that finds at most one; None if it finds none."""
    rows = await fetch(where, statement, **params)
    return rows[0] if rows else None


async def stream(where: Queryable, statement: TextClause, **params: Any) -> AsyncIterator[Any]:
    """The rows of a query one by one, for results that are too large for memory."""
    if isinstance(where, Transaction):
        async for record in where.stream(statement, **params):
            yield record
        return
    async with where.stream(statement, params) as result:
        async for row in result:
            yield row


class Database:
    """A service's database in one process.

    The outbox is written after all row locks were taken. The relay is woken only after the commit, because a NOTIFY
    inside the transaction would serialize all commits.
    """

    def __init__(  # noqa: PLR0913 - keywords with defaults
        self,
        url: str,
        *,
        pool_size: int = 10,
        application: str = "koppel",
        connect_timeout_s: float = 5.0,
        statement_timeout_s: float = 30.0,
        idle_in_transaction_timeout_s: float = 30.0,
        timelines: Rules = NO_RULES,
    ) -> None:
        """`url` is postgresql://user:password@host:port/name. Connects when first used.

        `pool_size` is the most connections for acts, and again for queries. `timelines`: what events tell of documents.
        """
        self._timelines = timelines
        self.url = plain_url(url)
        server = Server(
            self.url, application, connect_timeout_s, statement_timeout_s, idle_in_transaction_timeout_s
        )
        self._acts = ActPool(server, pool_size)
        self.engine = query_engine(server, pool_size)
        self.wakeup = Wakeup(self.url, application=f"{application} wake")

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction that commits at the end of the block; an exception rolls all of it back."""
        rows: list[OutboxRow] = []
        try:
            async with self._acts.acquire() as conn, conn.transaction():
                tx = Transaction(conn, datetime.now(UTC), self._timelines)
                yield tx
                await tx._write_audit()  # noqa: SLF001 - only the database ends its transactions
                await tx._write_timeline()  # noqa: SLF001 - only the database ends its transactions
                rows = await tx._write_outbox()  # noqa: SLF001 - only the database ends its transactions
                self.wakeup.handover.announce(rows)
        except BaseException:
            self.wakeup.handover.withdraw(rows)
            raise
        failpoints.reach("after_commit")
        if rows:
            self.wakeup.committed(rows)
        tx._committed()  # noqa: SLF001

    async def find(self, statement: TextClause, **params: Any) -> Sequence[Row]:
        """The rows of one query by a key, with the kept plan of an act and no transaction around it: one round trip."""
        async with self._acts.acquire() as conn:
            return await statements.fetch(conn, statement, params)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for queries; nothing is committed on it."""
        async with self.engine.connect() as conn:
            yield conn

    def pools(self) -> list[PoolUse]:
        """How many connections of each pool are open and in use now."""
        queries = self.engine.pool
        assert isinstance(queries, QueuePool)  # noqa: S101 - of which an asynchronous engine has a subclass
        used = queries.checkedout()
        return [
            self._acts.use(),
            PoolUse("queries", queries.size(), used + queries.checkedin(), used),
        ]

    async def close(self) -> None:
        """Close the connections of both pools and the one that listens."""
        await self.wakeup.close()
        await self._acts.close()
        await self.engine.dispose()


def plain_url(url: str) -> str:
    """The URL without SQLAlchemy's driver, as PostgreSQL's own clients write it."""
    scheme, _, rest = url.partition("://")
    if scheme.split("+")[0] not in {"postgresql", "postgres"}:
        msg = f"not a PostgreSQL URL: {scheme}://…"
        raise ValueError(msg)
    return f"postgresql://{rest}"
