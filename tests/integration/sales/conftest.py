"""The sales service in this process: its real HTTP application and handlers on a database of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from contracts import planning
from contracts.topics import KINDS
from contracts.values import Snapshot
from eventkit.envelope import Record
from eventkit.processing import Processor
from eventkit.transaction import Database
from sales.app import application
from sales.messages.subscriptions import SUBSCRIPTIONS
from sales.settings import SalesSettings
from tests.integration.sales.samples import ITEMS, STORE
from tests.support import events
from tests.support.databases import Databases

KEPT_TABLES = ("master", "copy", "number_series", "synchronization")
"""What every test finds as the first one did."""
EMPTIED_TABLES = (
    "sales_order",
    "line_sourcing",
    "posted_sales_shipment",
    "shipment_posting",
    "posted_sales_invoice",
    "channel_transaction",
    "till_customer",
    "outbox",
    "idempotency",
    "operation",
    "parked",
    "waiting",
)
ALL_SCOPES = "sales:read sales:write sales:post sales:manage channel:submit ops:manage"


@dataclass(frozen=True)
class Issuer:
    """Signs tokens, and says with which key."""

    key: Ed25519PrivateKey
    jwks: Path

    def token(self, scope: str = ALL_SCOPES) -> str:
        claims = {
            "iss": "test",
            "sub": "tester",
            "aud": "koppel",
            "exp": int(time.time()) + 3600,
            "scope": scope,
        }
        return jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": "test"})


@dataclass
class Sales:
    """What a test holds in its hands."""

    client: httpx.AsyncClient
    database: Database
    url: str
    issuer: Issuer

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A request; a POST gets a key of its own unless it brings one."""
        if method == "POST" and "Idempotency-Key" not in headers:
            headers["Idempotency-Key"] = str(uuid4())
        return await self.client.request(method, f"/v1{path}", json=body, headers=headers)

    async def get(self, path: str, **params: Any) -> Any:
        response = await self.client.get(f"/v1{path}", params=params)
        assert response.status_code == 200, response.text
        return response.json()

    async def put(self, path: str, body: Any) -> Any:
        response = await self.ask("PUT", path, body)
        assert response.status_code in {200, 201}, response.text
        return response.json()

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """An act that is done, whatever its 2xx."""
        response = await self.ask("POST", path, body if body is not None else {}, **headers)
        assert response.is_success, response.text
        return response.json()

    async def patch(self, path: str, body: Any) -> Any:
        response = await self.ask("PATCH", path, body)
        assert response.is_success, response.text
        return response.json()

    async def refused(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, list[str]]:
        """Status and codes of a refusal."""
        response = await self.ask(method, path, body, **headers)
        assert not response.is_success, response.text
        return response.status_code, [error["code"] for error in response.json()["errors"]]

    async def order(self, *lines: dict[str, Any], **header: Any) -> Any:
        """An open order of customer C1."""
        return await self.post("/sales-orders", {"customer_no": "C1", "lines": list(lines), **header})

    async def released(self, *lines: dict[str, Any], **header: Any) -> Any:
        made = await self.order(*lines, **header)
        return await self.post(f"/sales-orders/{made['no']}/release")

    async def feed(self, *snapshots: tuple[str, str, Snapshot]) -> None:
        """Events of others, as one polled batch: (kind, number, snapshot) each."""
        records = [self.record(*each) for each in snapshots]
        await Processor(SUBSCRIPTIONS, "test-cluster").process(self.database, records, ())

    def record(self, kind: str, no: str, snapshot: Snapshot) -> Record:
        """An event as the broker would bring it."""
        return events.record(KINDS[kind], no, snapshot, occurred_at=datetime(2026, 3, 2, 9, tzinfo=UTC))

    async def published(self, kind: str, no: str = "") -> list[Any]:
        """Snapshots that wait in the outbox, oldest first."""
        rows = await self.sql(
            "SELECT subject, body FROM outbox_event WHERE type = $1", KINDS[kind].event_type
        )
        decode = msgspec.json.Decoder(KINDS[kind].model).decode
        return [decode(row["body"]) for row in rows if not no or row["subject"] == no]

    async def sql(self, statement: str, *args: Any) -> Sequence[Any]:
        """Look, or prepare, behind the service's back; without arguments also several statements."""
        conn = await asyncpg.connect(self.url)
        try:
            if statement.count(";") > 1:
                await conn.execute(statement)
                return []
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


@asynccontextmanager
async def serving(url: str, issuer: Issuer) -> AsyncIterator[Sales]:
    """One process' worth of sales on a database."""
    settings = SalesSettings(
        database_url=url,
        kafka_bootstrap="127.0.0.1:1",
        jwks_file=issuer.jwks,
        jwt_issuer="test",
        reference_grace_ms=0,
    )
    database = Database(url, pool_size=8)
    app = application(settings, database)
    headers = {"Authorization": f"Bearer {issuer.token()}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sales", headers=headers) as client:
        yield Sales(client, database, url, issuer)
    await database.close()


@pytest.fixture(scope="session")
async def running(databases: Databases, issuer: Issuer) -> AsyncIterator[Sales]:
    """Sales with its sample masters, for all tests of the session; what they leave is cleaned away."""
    url = await databases.fresh("sales")
    async with serving(url, issuer) as sales:
        await load_masters(sales)
        await sales.sql("".join(f"CREATE TABLE first_{t} AS SELECT * FROM {t};" for t in KEPT_TABLES))
        yield sales
    await databases.drop(url)


@pytest.fixture
async def sales(running: Sales) -> AsyncIterator[Sales]:
    """Sales with a company, customers, codes, and copies of items, locations and a store; no documents."""
    yield running
    await running.sql("".join(f"DELETE FROM {t};" for t in EMPTIED_TABLES))
    await running.sql(
        "".join(f"DELETE FROM {t}; INSERT INTO {t} SELECT * FROM first_{t};" for t in KEPT_TABLES)
    )


async def load_masters(sales: Sales) -> None:
    await sales.put("/company", {"name": "Nordsee", "currency_code": "EUR", "time_zone": "Europe/Berlin"})
    await sales.feed(
        ("location", "NORTH", planning.Location(version=1, code="NORTH", outbound_handling_days=2)),
        ("location", "SHOP", planning.Location(version=1, code="SHOP")),
        *(("item", item.no, item) for item in ITEMS),
        ("store", "ST1", STORE),
    )
    await sales.put("/purchasing-codes/SPEC", {"special_order": True})
    await sales.put("/purchasing-codes/DROP", {"drop_shipment": True})
    await sales.put("/charge-codes/SHIPPING", {"description": "Shipping", "tax_pct": "19"})
    address = {"address": "Seeweg 4", "city": "Konstanz", "post_code": "78462", "country_code": "DE"}
    await sales.put("/customers/C1", {"name": "Anna Berg", "location_code": "NORTH", **address})
    await sales.sql("DELETE FROM outbox")
