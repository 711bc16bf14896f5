"""Planning in this process on a database of its own: events go in as the broker would bring them, HTTP through ASGI."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from eventkit.transaction import Database
from planning.app import application
from servicekit.settings import ServiceSettings
from tests.integration.planning.rig import Rig
from tests.support.databases import Databases

TABLES = (
    "outbox copy waiting parked operation idempotency demand_order demand requisition_line purchase_request "
    "carry_out_run item_ledger_entry allocation stock open_line"
)
EMPTY = (
    "".join(f"DELETE FROM {table};" for table in TABLES.split()) + "DELETE FROM master WHERE no <> 'DEFAULT'"
)
SCOPES = "planning:read planning:write planning:post planning:manage"


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def jwks(key: Ed25519PrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    jwk = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "test", "use": "sig", "alg": "EdDSA"}
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_bytes(msgspec.json.encode({"keys": [jwk]}))
    return path


def token(key: Ed25519PrivateKey, scopes: str = SCOPES) -> str:
    claims = {
        "iss": "test",
        "sub": "buyer",
        "aud": "koppel",
        "exp": int(time.time()) + 3600,
        "scope": scopes,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": "test"})


@pytest.fixture(scope="session")
async def shared_url(databases: Databases) -> AsyncIterator[str]:
    url = await databases.fresh("planning")
    yield url
    await databases.drop(url)


@pytest.fixture
async def rig(shared_url: str, key: Ed25519PrivateKey, jwks: Path) -> AsyncIterator[Rig]:
    """Planning on empty tables."""
    async with process(shared_url, key, jwks) as made:
        yield made
    await _empty(shared_url)


@pytest.fixture
async def second(rig: Rig, key: Ed25519PrivateKey, jwks: Path) -> AsyncIterator[Rig]:
    """Another process of planning on the same database: its acts are not stored together with the first one's."""
    async with process(rig.settings.database_url, key, jwks) as made:
        yield made


@asynccontextmanager
async def process(url: str, key: Ed25519PrivateKey, jwks: Path) -> AsyncIterator[Rig]:
    settings = ServiceSettings(
        database_url=url,
        kafka_bootstrap="127.0.0.1:1",
        jwks_file=jwks,
        jwt_issuer="test",
        reference_grace_ms=100,
    )
    database = Database(url, pool_size=6)
    app = application(database, settings)
    headers = {"Authorization": f"Bearer {token(key)}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://planning", headers=headers) as client:
        yield Rig(database, client, settings)
    await database.close()


async def _empty(url: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(EMPTY)
    finally:
        await conn.close()
