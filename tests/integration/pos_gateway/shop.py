"""A gateway in this process on a database of its own, and a shop with a till in it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import msgspec

from contracts.planning import Item, ItemUnit, StockLevel
from contracts.sales import ChargeCode, Customer, PurchasingCode, ShipToAddress
from contracts.values import Snapshot
from eventkit.transaction import Database
from pos_gateway.settings import GatewaySettings
from tests.integration.pos_gateway.keys import Keys

BUSINESS_DATE = "2026-03-02"
WANTED_DATE = "2026-03-12"
PIN = "4711"
BOXES = (ItemUnit(code="BOX", qty_per=Decimal(10)),)
ALL_PERMISSIONS = ["create_order", "edit_order", "deposit_override", "recall"]


@dataclass
class Gateway:
    """What a test holds in its hands."""

    http: httpx.AsyncClient
    database: Database
    settings: GatewaySettings
    keys: Keys
    connection: asyncpg.Connection
    """The test's own way into the database."""
    sequence: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def sql(self, statement: str, *args: Any) -> list[Any]:
        return list(await self.connection.fetch(statement, *args))

    async def copy(self, kind: str, no: str, snapshot: Snapshot) -> None:
        """Put a copy of another service's aggregate in, as its consumer would."""
        await self.sql(
            "INSERT INTO copy (kind, no, version, body, received_at) VALUES ($1, $2, $3, $4::jsonb, now()) "
            "ON CONFLICT (kind, no) DO UPDATE SET version = excluded.version, body = excluded.body",
            kind,
            no,
            snapshot.version,
            msgspec.json.encode(snapshot).decode(),
        )

    def admin(self) -> dict[str, str]:
        return self.bearer(self.keys.token("pos:manage"))

    @staticmethod
    def bearer(token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    async def put(self, path: str, body: Mapping[str, Any], **headers: str) -> httpx.Response:
        return await self.http.put(f"/v1{path}", json=body, headers=self.admin() | headers)

    async def post(
        self, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """With a new Idempotency-Key unless one is given."""
        own = self.bearer(token) if token else self.admin()
        given = {"Idempotency-Key": str(uuid4())} | {k.replace("_", "-"): v for k, v in headers.items()}
        return await self.http.post(f"/v1{path}", json=body, headers=own | given)

    async def get(self, path: str, token: str | None = None, **params: Any) -> httpx.Response:
        own = self.bearer(token) if token else self.admin()
        return await self.http.get(f"/v1{path}", params=params, headers=own)


@dataclass
class Till:
    """A terminal of a store with a worker signed on."""

    gateway: Gateway
    store_no: str
    terminal_no: str
    terminal_token: str
    token: str
    secret: str

    def order(self, **changes: Any) -> dict[str, Any]:
        """An order that can be taken: one piece to pick up at the store, no deposit asked."""
        body: dict[str, Any] = {
            "transaction": {
                "store_no": self.store_no,
                "terminal_no": self.terminal_no,
                "business_date": BUSINESS_DATE,
                "sequence": next(self.gateway.sequence),
            },
            "customer_no": "C100",
            "occurred_at": "2026-03-02T10:14:58+01:00",
            "lines": [line(store_no=self.store_no)],
        }
        return body | changes

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        return await self.gateway.post("/customer-orders", body, token=self.token, **headers)

    async def dry_run(self, body: Any) -> httpx.Response:
        return await self.gateway.http.post(
            "/v1/customer-orders", params={"dry_run": "true"}, json=body, headers=Gateway.bearer(self.token)
        )

    async def show(self, confirmation_no: str) -> dict[str, Any]:
        answer = await self.gateway.get(f"/customer-orders/{confirmation_no}", token=self.token)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def line(mode: str = "pickup", store_no: str = "S1", **changes: Any) -> dict[str, Any]:
    """A line of item 1000 at 100.00 without tax."""
    fulfilment: dict[str, Any] = {"mode": mode, "date": WANTED_DATE}
    if mode == "pickup":
        fulfilment["store_no"] = store_no
    body = {
        "item_no": "1000",
        "quantity": "1",
        "unit_price": "100.00",
        "tax_pct": "0",
        "fulfilment": fulfilment,
    }
    return body | changes


async def supply_copies(gateway: Gateway) -> None:
    """What sales and planning would have published."""
    for customer in (
        Customer(
            version=1,
            no="C100",
            name="Anna Berg",
            address="Seeweg 4",
            city="Konstanz",
            customer_type="person",
        ),
        Customer(version=1, no="C200", name="No Address", customer_type="person"),
        Customer(version=1, no="C300", name="Rowing Club", city="Ribe", customer_type="company"),
        Customer(version=1, no="C900", name="Blocked", city="Ribe", blocked="all", customer_type="person"),
    ):
        await gateway.copy("customer", customer.no, customer)
    for item in (
        Item(
            version=1,
            no="1000",
            description="Rope",
            vendor_no="V1",
            lead_time_days=3,
            units_of_measure=BOXES,
        ),
        Item(version=1, no="1100", description="Compass"),
        Item(version=1, no="1200", description="Kayak", base_unit_of_measure="KG"),
        Item(version=1, no="1900", description="Recalled", sales_blocked=True),
    ):
        await gateway.copy("item", item.no, item)
    await gateway.copy(
        "ship-to-address",
        "C100/HOME",
        ShipToAddress(version=1, customer_no="C100", code="HOME", name="Anna Berg", city="Bregenz"),
    )
    await gateway.copy(
        "purchasing-code", "SPECIAL", PurchasingCode(version=1, code="SPECIAL", special_order=True)
    )
    await gateway.copy("charge-code", "SHIPPING", ChargeCode(version=1, code="SHIPPING", tax_pct=Decimal(0)))
    await gateway.copy("charge-code", "CANCEL", ChargeCode(version=1, code="CANCEL"))
    await gateway.copy(
        "stock",
        "1000/SHOP1",
        StockLevel(version=1, item_no="1000", location_code="SHOP1", stock=Decimal(7), allocated=Decimal(2)),
    )


async def open_shop(
    gateway: Gateway, *, asynchronous: bool = True, store_no: str = "S1", **profile: Any
) -> Till:
    """A store with a terminal and a worker, over the API."""
    profile_id = f"P-{store_no}"
    settings = {"create_customer_order_in_async_mode": asynchronous} | profile
    assert (await gateway.put(f"/functionality-profiles/{profile_id}", settings)).is_success
    store = {
        "name": "Harbour Shop",
        "time_zone": "Europe/Berlin",
        "currency_code": "EUR",
        "location_code": store_no.replace("S", "SHOP"),
        "profile_id": profile_id,
        "fulfilment_group": ["NORTH", "SHOP2"],
    }
    assert (await gateway.put(f"/stores/{store_no}", store)).is_success
    worker = {"name": "Kim", "permissions": ALL_PERMISSIONS, "store_nos": [store_no], "pin": PIN}
    assert (await gateway.put(f"/workers/W-{store_no}", worker)).is_success
    return await sign_on(gateway, store_no=store_no)


async def sign_on(gateway: Gateway, *, store_no: str = "S1", number: int = 1) -> Till:
    """A terminal with its worker signed on."""
    terminal_no = f"{store_no}-{number}"
    made = await gateway.post(f"/stores/{store_no}/terminals", {"no": terminal_no})
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    traded = await gateway.http.post(
        "/v1/terminals/token", json={"terminal_no": terminal_no, "secret": secret}
    )
    assert traded.status_code == 200, traded.text
    token = traded.json()["access_token"]
    session = await gateway.http.post(
        "/v1/sessions", json={"worker_id": f"W-{store_no}", "pin": PIN}, headers=Gateway.bearer(token)
    )
    assert session.status_code == 201, session.text
    return Till(gateway, store_no, terminal_no, token, session.json()["access_token"], secret)


async def set_parameters(gateway: Gateway, **parameters: Any) -> None:
    answer = await gateway.put("/commerce-parameters", parameters)
    assert answer.is_success, answer.text


def codes(answer: httpx.Response) -> list[str]:
    """All reasons of a refusal."""
    return [error["code"] for error in answer.json()["errors"]]
