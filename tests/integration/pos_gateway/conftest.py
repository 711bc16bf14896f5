"""The gateway's ASGI application on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from eventkit.transaction import Database
from pos_gateway.app import build
from pos_gateway.settings import GatewaySettings
from tests.integration.pos_gateway.keys import Keys, make_keys
from tests.integration.pos_gateway.shop import Gateway, Till, open_shop, supply_copies
from tests.support.databases import Databases

NOBODY = "http://127.0.0.1:9"
"""An address where nobody listens: sales is down."""

TABLES = (
    "setting",
    "worker_pin",
    "terminal",
    "sign_on_failure",
    "till_customer",
    "customer_order",
    "order_pickup",
    "order_stage",
    "idempotency",
    "copy",
    "outbox",
)
EMPTY = (
    "".join(f"DELETE FROM {table};" for table in TABLES)
    + """
UPDATE configuration SET revision = revision + 1;
UPDATE pull_job SET interval_s = 5, last_run_at = NULL;
"""
)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
async def shared_url(databases: Databases) -> AsyncIterator[str]:
    made = await databases.fresh("pos_gateway")
    yield made
    await databases.drop(made)


@pytest.fixture
async def url(shared_url: str) -> AsyncIterator[str]:
    """The tables, empty."""
    yield shared_url
    conn = await asyncpg.connect(shared_url)
    try:
        await conn.execute(EMPTY)
    finally:
        await conn.close()


Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def start(url: str, keys: Keys) -> AsyncIterator[Start]:
    """`await start(sales_url=…)`: one process' worth of the gateway; each call another one on the same database."""
    async with AsyncExitStack() as running:

        async def one(**settings: Any) -> Gateway:
            given: dict[str, Any] = {
                "database_url": url,
                "kafka_bootstrap": "127.0.0.1:1",
                "jwks_file": keys.jwks,
                "signing_key_file": keys.signing_key,
                "sales_url": NOBODY,
                "reference_grace_ms": 0,
            }
            made = GatewaySettings(**given | settings)
            return await running.enter_async_context(serve(made, keys))

        yield one


@asynccontextmanager
async def serve(settings: GatewaySettings, keys: Keys) -> AsyncIterator[Gateway]:
    database = Database(settings.database_url, pool_size=8)
    app = build(settings).http(database)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        connection = await asyncpg.connect(settings.database_url)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield Gateway(client, database, settings, keys, connection)
        await connection.close()
    await database.close()


@pytest.fixture
async def gateway(start: Start) -> Gateway:
    """A gateway that knows some customers and items; sales is down."""
    made = await start()
    await supply_copies(made)
    return made


@pytest.fixture
async def till(gateway: Gateway) -> Till:
    """A till of store S1, whose orders are asynchronous."""
    return await open_shop(gateway)
