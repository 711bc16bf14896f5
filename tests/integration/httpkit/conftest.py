"""The toy service of `notes.py` in this process, on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from contracts.topics import KINDS
from eventkit.consumer import Subscription
from eventkit.transaction import Database
from httpkit.app import create_app
from httpkit.auth import Tokens
from httpkit.commands import CommandRunner
from httpkit.limits import Limits
from servicekit.schema import DDL as KIT_DDL
from servicekit.settings import ServiceSettings
from tests.integration.httpkit.notes import DDL, Notes
from tests.support.baseline import Baseline
from tests.support.databases import Databases
from tests.support.tokens import Issuer

SHORT_WAITS = Limits(reference_grace_s=0.6, copies_wait_s=0.6, poll_interval_s=0.01)
ALL_SCOPES = "notes:read notes:write notes:manage ops:manage"


@dataclass
class Service:
    """One process of the toy service."""

    client: httpx.AsyncClient
    notes: Notes
    runner: CommandRunner
    database: Database
    issuer: Issuer
    app: FastAPI
    url: str

    def token(self, **claims: Any) -> str:
        """A token with all scopes; `claims` replace the usual ones."""
        return self.issuer.token(ALL_SCOPES, **claims)

    async def sql(self, statement: str, *args: Any) -> list[Any]:
        conn = await asyncpg.connect(self.url)
        try:
            return list(await conn.fetch(statement, *args))
        finally:
            await conn.close()


@pytest.fixture(scope="session")
async def shared_url(databases: Databases) -> AsyncIterator[str]:
    made = await databases.fresh("sales", migrated=False)
    await _execute(made, KIT_DDL + DDL)
    yield made
    await databases.drop(made)


@pytest.fixture(scope="session")
async def baseline(shared_url: str) -> AsyncIterator[Baseline]:
    async with Baseline.of(shared_url) as made:
        yield made


@pytest.fixture
async def url(shared_url: str, baseline: Baseline) -> AsyncIterator[str]:
    """The tables, empty."""
    yield shared_url
    await baseline.restore()


async def _execute(url: str, script: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(script)
    finally:
        await conn.close()


@asynccontextmanager
async def serve(database: Database, issuer: Issuer, limits: Limits, url: str) -> AsyncIterator[Service]:
    """One process' worth of the toy; `url` is the direct way to its database."""
    settings = ServiceSettings(database_url=url, kafka_bootstrap="127.0.0.1:1", issuers=(issuer.trusted(),))
    tokens = Tokens(settings.trusted_issuers)
    runner = CommandRunner(database, copies=("item", "item-vendor"), limits=limits)
    notes = Notes()
    app = create_app(
        "notes",
        runner,
        tokens,
        [notes.routes()],
        settings=settings,
        subscriptions=[Subscription(KINDS["vendor"])],
        number_series=True,
    )
    headers = {"Authorization": f"Bearer {issuer.token(ALL_SCOPES)}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notes", headers=headers) as client:
        yield Service(client, notes, runner, database, issuer, app, url)
    await runner.close()
    await database.close()


@pytest.fixture
async def service(url: str, issuer: Issuer, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """One process of the service; other limits by indirect parametrization."""
    limits = getattr(request, "param", SHORT_WAITS)
    async with serve(Database(url, pool_size=8), issuer, limits, url) as made:
        yield made


@pytest.fixture
async def second(url: str, issuer: Issuer) -> AsyncIterator[Service]:
    """Another process of the same service on the same database."""
    async with serve(Database(url, pool_size=8), issuer, SHORT_WAITS, url) as made:
        yield made
