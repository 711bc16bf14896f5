"""The synchronous way with the real sales service at its end (POS-103, POS-109)."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from contracts.planning import Item, Location
from contracts.pos import Store
from contracts.sales import Customer
from deploy.local import LocalStack
from deploy.local.demo.sample import COMPANY
from deploy.local.tokens import gateway_key_file, public_file
from deploy.signing import GATEWAY
from eventkit.processing import Processor
from eventkit.transaction import Database
from sales.messages.subscriptions import SUBSCRIPTIONS
from tests.integration.pos_gateway.conftest import Start
from tests.integration.pos_gateway.shop import Till, line, open_shop
from tests.integration.pos_gateway.standin import stand_in
from tests.support.service import codes, record

ITEM = "TILL-1000"
CUSTOMER = "TILL-C100"
"""Other tests use the same sales, so nothing here has a number of theirs."""


def unheard_of(till: Till, **changes: Any) -> dict[str, Any]:
    """An order that no earlier run has sent to this sales: it never forgets a transaction."""
    body = till.order(receipt_no=f"R-{secrets.token_hex(6)}", customer_no=CUSTOMER, **changes)
    body["transaction"]["sequence"] = secrets.randbelow(2**40)
    return body


@pytest.fixture(scope="session")
async def sales(infrastructure: LocalStack) -> LocalStack:
    """Sales as its own process, with a company, a customer, and copies of an item, a location and a store.

    It answers alone: nothing that a till waits for needs the other services, or sales' own worker.
    """
    await infrastructure.migrate(["sales"])
    await infrastructure.start("sales-serve")
    async with sales_api(infrastructure) as client:
        assert (await client.put("/v1/company", json=COMPANY)).is_success
        customer = {"name": "Anna Berg", "currency_code": "EUR", "customer_type": "person"}
        assert (await client.put(f"/v1/customers/{CUSTOMER}", json=customer)).is_success
    store = Store(version=1, no="S1", time_zone="Europe/Berlin", currency_code="EUR", location_code="SHOP1")
    database = Database(infrastructure.database_url("sales"), pool_size=1)
    records = [
        record("item", ITEM, Item(version=1, no=ITEM, description="Rope")),
        record("location", "SHOP1", Location(version=1, code="SHOP1", name="Shop")),
        record("store", "S1", store),
    ]
    await Processor(SUBSCRIPTIONS, "test-cluster").process(database, records, ())
    await database.close()
    return infrastructure


@pytest.fixture
def trusted(sales: LocalStack) -> dict[str, Any]:
    """Settings of a gateway that signs with the key sales trusts."""
    return {
        "gateway_jwks": str(public_file(sales.settings, GATEWAY)),
        "signing_key_file": gateway_key_file(sales.settings),
    }


@pytest.fixture
async def till(start: Start, sales: LocalStack, trusted: dict[str, Any]) -> Till:
    """A till of a gateway beside sales."""
    gateway = await start(sales_url=sales.url("sales"), **trusted)
    await gateway.deliver(
        ("item", ITEM, Item(version=1, no=ITEM, description="Rope")),
        ("customer", CUSTOMER, Customer(version=1, no=CUSTOMER, name="Anna Berg", customer_type="person")),
    )
    return await open_shop(gateway, asynchronous=False)


@asynccontextmanager
async def sales_api(sales: LocalStack) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {sales.token()}"}
    async with httpx.AsyncClient(base_url=sales.url("sales"), headers=headers) as client:
        yield client


async def test_the_order_stands_in_sales_when_the_till_has_its_answer(till: Till, sales: LocalStack) -> None:
    answer = await till.submit(unheard_of(till, lines=[line(item_no=ITEM)]))

    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert order["status"] == "synchronized"
    async with sales_api(sales) as client:
        made = (await client.get(f"/v1/sales-orders/{order['sales_order_no']}")).json()
    assert (made["customer_no"], made["status"]) == (CUSTOMER, "released")
    assert made["lines"][0]["line_no"] == order["lines"][0]["line_no"]


async def test_what_only_sales_knows_refuses_the_order_and_leaves_nothing(
    till: Till, sales: LocalStack
) -> None:
    await till.gateway.deliver(("item", "ONLY-HERE", Item(version=1, no="ONLY-HERE")))

    answer = await till.submit(unheard_of(till, lines=[line(item_no="ONLY-HERE")]))

    assert (answer.status_code, codes(answer)) == (422, ["unknown-item"])
    assert (await till.gateway.sql("SELECT count(*) FROM customer_order"))[0][0] == 0
    async with sales_api(sales) as client:
        waiting = (
            await client.get("/v1/channel-transactions", params={"store_no": "S1", "status": "failed"})
        ).json()
    assert waiting["items"] == []


async def test_a_lost_answer_and_a_second_try_make_one_sales_order(
    start: Start, till: Till, sales: LocalStack, trusted: dict[str, Any]
) -> None:
    body, key = unheard_of(till, lines=[line(item_no=ITEM)]), str(uuid4())
    async with stand_in() as silent:
        silent.status, silent.body = 500, b"{}"
        unlucky = await start(sales_url=silent.url, **trusted)
        lost = await unlucky.send("POST", "/customer-orders", body, token=till.token, key=key)
        (asked,) = silent.asked
    async with sales_api(sales) as client:  # the request had arrived: only its answer was lost
        submitted = await client.post(
            "/v1/channel-transactions",
            content=msgspec.json.encode(asked),
            headers={
                "Authorization": f"Bearer {sales.token('channel:submit')}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(asked.transaction_id),
            },
        )

    second = await till.submit(body, key=key)

    assert lost.status_code == 503
    assert submitted.status_code == 201, submitted.text
    assert second.status_code == 201
    assert second.json()["sales_order_no"] == submitted.json()["sales_order_no"]
