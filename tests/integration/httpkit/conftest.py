"""The toy service of `notes.py` in this process, on a database of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from jwt.algorithms import OKPAlgorithm

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
from tests.support.databases import Databases

SHORT_WAITS = Limits(reference_grace_s=0.6, copies_wait_s=0.6, poll_interval_s=0.01)
EMPTY = "".join(
    f"DELETE FROM {table};"
    for table in ("note", "idempotency", "copy", "operation", "parked", "outbox", "number_series")
)
ALL_SCOPES = "notes:read notes:write notes:manage ops:manage"


@dataclass
class Issuer:
    """Signs tokens, and says with which key."""

    key: Ed25519PrivateKey
    jwks: Path

    def token(self, scope: str = ALL_SCOPES, **claims: Any) -> str:
        now = int(time.time())
        body = {"iss": "test", "sub": "tester", "aud": "koppel", "exp": now + 3600, "scope": scope, **claims}
        return jwt.encode(body, self.key, algorithm="EdDSA", headers={"kid": "test"})


@dataclass
class Service:
    """What a test holds in its hands."""

    client: httpx.AsyncClient
    notes: Notes
    runner: CommandRunner
    database: Database
    issuer: Issuer
    app: FastAPI
    url: str

    async def sql(self, statement: str, *args: Any) -> list[Any]:
        conn = await asyncpg.connect(self.url)
        try:
            return list(await conn.fetch(statement, *args))
        finally:
            await conn.close()


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    key = Ed25519PrivateKey.generate()
    jwk = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "test", "use": "sig", "alg": "EdDSA"}
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_bytes(msgspec.json.encode({"keys": [jwk]}))
    return Issuer(key, path)


@pytest.fixture(scope="session")
async def shared_url(databases: Databases) -> AsyncIterator[str]:
    made = await databases.fresh("sales", migrated=False)
    await _execute(made, KIT_DDL + DDL)
    yield made
    await databases.drop(made)


@pytest.fixture
async def url(shared_url: str) -> AsyncIterator[str]:
    """The tables, empty."""
    yield shared_url
    await _execute(shared_url, EMPTY)


async def _execute(url: str, script: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(script)
    finally:
        await conn.close()


@asynccontextmanager
async def serve(database: Database, issuer: Issuer, limits: Limits, url: str) -> AsyncIterator[Service]:
    """One process' worth of the toy; `url` is the direct way to its database."""
    settings = ServiceSettings(
        database_url=url, kafka_bootstrap="127.0.0.1:1", jwks_file=issuer.jwks, jwt_issuer="test"
    )
    tokens = Tokens(settings)
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
    headers = {"Authorization": f"Bearer {issuer.token()}"}
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
