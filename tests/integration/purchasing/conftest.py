"""Purchasing in this process, on a database of its own: the real application, the real batch path."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from eventkit.transaction import Database
from purchasing.app import application
from servicekit.settings import ServiceSettings
from tests.integration.purchasing.rig import Purchasing

SCOPES = "purchasing:read purchasing:write purchasing:post"


@pytest.fixture(scope="session")
def token_and_keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    key = Ed25519PrivateKey.generate()
    jwk = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "test", "use": "sig", "alg": "EdDSA"}
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_bytes(msgspec.json.encode({"keys": [jwk]}))
    claims = {
        "iss": "test",
        "sub": "tester",
        "aud": "koppel",
        "exp": int(time.time()) + 3600,
        "scope": SCOPES,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": "test"}), path


@pytest.fixture
async def purchasing(
    fresh_database: Callable[..., Awaitable[str]], token_and_keys: tuple[str, Path]
) -> AsyncIterator[Purchasing]:
    """A company EUR, vendors V10 and V20, items 1000, 1100, 1200, customer C100, location NORTH."""
    token, jwks = token_and_keys
    url = await fresh_database("purchasing")
    settings = ServiceSettings(
        database_url=url,
        kafka_bootstrap="127.0.0.1:1",
        jwks_file=jwks,
        jwt_issuer="test",
        reference_grace_ms=300,
    )
    database = Database(url, pool_size=8)
    transport = httpx.ASGITransport(application(database, settings))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://purchasing", headers=headers
    ) as client:
        rig = Purchasing(database, client)
        await rig.set_up()
        yield rig
    await database.close()
