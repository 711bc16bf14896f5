"""A service in this process: its real HTTP application and event handlers on a real, migrated database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, TypedDict, TypeVar, Unpack
from uuid import uuid4

import asyncpg
import httpx
import msgspec

from contracts.topics import KINDS
from eventkit.batch_run import Outcome
from eventkit.envelope import Record
from eventkit.kinds import Snapshot
from eventkit.processing import Processor
from eventkit.transaction import Database
from servicekit.service import Service
from servicekit.settings import ServiceSettings
from tests.support import events
from tests.support.databases import NO_BROKER
from tests.support.met_statuses import NotingStatuses
from tests.support.tokens import Issuer

Event = tuple[str, str, Snapshot]
"""Kind, number, snapshot."""
AnySnapshot = TypeVar("AnySnapshot", bound=Snapshot)
AnySettings = TypeVar("AnySettings", bound=ServiceSettings)
Rig = TypeVar("Rig", bound="ServiceUnderTest")

POOL_SIZE: Final = 8
PUT_STATUSES: Final = (200, 201)
POST_STATUSES: Final = (200, 201, 202)


class Options(TypedDict, total=False):
    """What a request carries besides its body."""

    token: str | None
    """None is the service's usual one, an empty one is not sent."""
    key: str | None
    """`Idempotency-Key`: None is a new one for a POST, an empty one is not sent."""
    headers: Mapping[str, str]
    params: Mapping[str, Any]


@dataclass(kw_only=True, repr=False)
class ServiceUnderTest:
    """One process' worth of a service. Paths are given without `/v1`.

    `get`, `put`, `post`, `patch` and `delete` expect success and return the decoded body, `refused` expects a problem,
    `send` returns whatever comes. Events go in by `deliver` and come out by `published`.
    """

    SCOPES: ClassVar[str] = ""
    """The scopes of the token that is sent unless a call names another."""

    service: Service
    client: httpx.AsyncClient
    database: Database
    issuer: Issuer
    processor: Processor
    connection: asyncpg.Connection
    """The test's own way into the database, for `sql`."""
    _one_statement: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(
        self, method: str, path: str, body: Any = None, **options: Unpack[Options]
    ) -> httpx.Response:
        """Any request, any answer; a body of bytes is sent as it is, any other as JSON."""
        raw = isinstance(body, bytes)
        return await self.client.request(
            method,
            f"/v1{path}",
            json=None if raw else body,
            content=body if raw else None,
            headers=({"Content-Type": "application/json"} if raw else {}) | self._headers(method, options),
            params=options.get("params") or None,  # empty ones would remove those in the path
        )

    def _headers(self, method: str, options: Options) -> dict[str, str]:
        token, key = options.get("token"), options.get("key")
        if token is None:
            token = self.token()
        if key is None and method == "POST":
            key = str(uuid4())
        usual = {"Authorization": f"Bearer {token}" if token else "", "Idempotency-Key": key or ""}
        return {name: value for name, value in usual.items() if value} | dict(options.get("headers", {}))

    def token(self) -> str:
        """The usual token of this service's tests."""
        return self.issuer.token(self.SCOPES)

    async def get(self, path: str, *, expect: int = 200, token: str | None = None, **params: Any) -> Any:
        """A query; `params` are its query parameters."""
        return decoded(await self.send("GET", path, token=token, params=params), (expect,))

    async def put(
        self, path: str, body: Any, *, expect: int | None = None, **options: Unpack[Options]
    ) -> Any:
        return decoded(await self.send("PUT", path, body, **options), _or(expect, PUT_STATUSES))

    async def post(
        self, path: str, body: Any = None, *, expect: int | None = None, **options: Unpack[Options]
    ) -> Any:
        """A command; the body is `{}` unless given."""
        answer = await self.send("POST", path, {} if body is None else body, **options)
        return decoded(answer, _or(expect, POST_STATUSES))

    async def patch(self, path: str, body: Any, *, expect: int = 200, **options: Unpack[Options]) -> Any:
        return decoded(await self.send("PATCH", path, body, **options), (expect,))

    async def delete(self, path: str, *, expect: int = 204, **options: Unpack[Options]) -> Any:
        return decoded(await self.send("DELETE", path, **options), (expect,))

    async def refused(
        self, method: str, path: str, body: Any = None, **options: Unpack[Options]
    ) -> tuple[int, list[str]]:
        """Status and codes of a refusal, in the order of the problem document."""
        answer = await self.send(method, path, body, **options)
        assert not answer.is_success, _seen(answer)
        return answer.status_code, codes(answer)

    async def deliver(self, *snapshots: Event, occurred_at: datetime | None = None) -> Outcome:
        """Apply snapshots as one polled batch, by the service's own subscriptions, as its consumer does."""
        return await self.apply(*(record(*each, occurred_at=occurred_at) for each in snapshots))

    async def apply(self, *records: Record) -> Outcome:
        """Apply records as one polled batch."""
        return await self.processor.process(self.database, records, ())

    async def published(self, model: type[AnySnapshot], no: str | None = None) -> list[AnySnapshot]:
        """Snapshots in the outbox, oldest first; of one aggregate if its number is given."""
        (kind,) = [k for k in KINDS.values() if k.model is model]
        rows = await self.sql(
            "SELECT subject, body FROM outbox_event WHERE type = $1 ORDER BY row_id, place", kind.event_type
        )
        decode = msgspec.json.Decoder(model).decode
        return [decode(row["body"]) for row in rows if no is None or row["subject"] == no]

    async def forget_published(self) -> None:
        """Empty the outbox, as the relay does."""
        await self.sql("DELETE FROM outbox")

    async def sql(self, statement: str, *args: Any) -> list[asyncpg.Record]:
        """Look, or prepare, behind the service's back."""
        async with self._one_statement:
            return list(await self.connection.fetch(statement, *args))

    async def script(self, statements: str) -> None:
        """Several statements, separated by semicolons."""
        async with self._one_statement:
            await self.connection.execute(statements)


def record(kind: str, no: str, snapshot: Snapshot, *, occurred_at: datetime | None = None) -> Record:
    """A snapshot as the broker brings it."""
    return events.record(KINDS[kind], no, snapshot, occurred_at=occurred_at)


def codes(answer: httpx.Response) -> list[str]:
    """All reasons of a refusal."""
    return [error["code"] for error in answer.json()["errors"]]


def decoded(answer: httpx.Response, expected: Collection[int]) -> Any:
    """The answer's body; fails unless the status is an expected one."""
    assert answer.status_code in expected, f"expected {expected}, {_seen(answer)}"
    return answer.json() if answer.content else None


def _or(expect: int | None, usual: Collection[int]) -> Collection[int]:
    return usual if expect is None else (expect,)


def _seen(answer: httpx.Response) -> str:
    return f"got {answer.status_code} from {answer.request.method} {answer.request.url}: {answer.text}"


def settings_on(
    model: type[AnySettings], url: str, issuer: Issuer, *, reference_grace_ms: int = 0, **more: Any
) -> AnySettings:
    """Settings of a service on this database that trusts the issuer; there is no broker."""
    given: dict[str, Any] = {
        "database_url": url,
        "kafka_bootstrap": NO_BROKER,
        "issuers": (issuer.trusted(),),
        "reference_grace_ms": reference_grace_ms,
    }
    return model(**given | more)


@asynccontextmanager
async def serving(rig: type[Rig], service: Service, issuer: Issuer) -> AsyncIterator[Rig]:
    """One process' worth of the service, from start-up to shutdown."""
    url = service.settings.database_url
    database = Database(url, pool_size=POOL_SIZE, timelines=service.timelines)
    app = service.http(database)
    transport = httpx.ASGITransport(NotingStatuses(app, service.name))
    connection = await asyncpg.connect(url)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=f"http://{service.name}") as client,
    ):
        yield rig(
            service=service,
            client=client,
            database=database,
            issuer=issuer,
            processor=Processor(service.subscriptions, "test-cluster"),
            connection=connection,
        )
    await connection.close()
    await database.close()
