"""The synchronous way with the real sales service at its end (POS-103, POS-109)."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from contracts.planning.masters import Item, Location
from contracts.pos import Store
from contracts.sales.masters import ChargeCode, Customer
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


async def test_what_a_till_takes_and_gives_back_is_what_sales_posts(till: Till, sales: LocalStack) -> None:
    """POS-49, POS-53, POS-74, POS-82: a pick-up, a cancellation of the rest with its charge, and a return."""
    charge = ChargeCode(version=2, code="CANCEL", tax_pct=Decimal(19))
    await till.gateway.deliver(("charge-code", "CANCEL", charge))
    parameters = {"cancellation_charge_pct": "5", "cancellation_charge_code": "CANCEL"}
    await till.gateway.put("/commerce-parameters", parameters | {"default_deposit_pct": "10"})
    terms = {"quantity": "3", "unit_price": "33.34", "discount": "0.02", "tax_pct": "19"}
    async with sales_api(sales) as client:
        assert (await client.put("/v1/charge-codes/CANCEL", json={"tax_pct": "19"})).is_success
        body = unheard_of(till, lines=[line(item_no=ITEM, **terms)], payments=cash("11.90"))
        no = (await till.submit(body)).json()["confirmation_no"]
        lines = [{"line_no": 10000, "quantity": "2"}]
        picked = await act(till, "pickup", no, 1, lines=lines, payments=cash("71.41"))
        rest = await act(till, "cancel-remaining", no, 2, reason="too many", refunds=cash("1.61"))
        goods = {"invoice_no": picked["settlement"]["invoice_no"]}
        goods["lines"] = [{"line_no": 10000, "quantity": "1", "reason_code": "DAMAGED"}]
        back = await act(till, "returns", no, 3, **goods, refunds=cash("39.68"))
        billed = [await posted(client, each["settlement"]["invoice_no"]) for each in (picked, rest)]
        memos = (await client.get("/v1/posted-sales-credit-memos", params={"customer_no": CUSTOMER})).json()

    totals = [Decimal(each["settlement"]["total"]) for each in (picked, rest, back)]
    assert billed == totals[:2]
    (memo,) = [x for x in memos["items"] if x["posted_invoice_no"] == goods["invoice_no"]]
    assert Decimal(memo["amount"]) + Decimal(memo["tax_amount"]) == -totals[2]
    assert memo["sales_return_order_no"] == back["settlement"]["sales_return_order_no"]
    assert back["balance"] == "0.00"
    assert back["lines"][0].items() >= {"quantity_cancelled": "1", "quantity_returned": "1"}.items()


async def test_what_is_edited_and_picked_up_in_parts_is_invoiced_by_sales(
    till: Till, sales: LocalStack
) -> None:
    """POS-61, POS-69, POS-74: each part has its invoice, and the sales order follows the edit."""
    ordered = (await till.submit(unheard_of(till, lines=[line(item_no=ITEM, quantity="3")]))).json()
    no = ordered["confirmation_no"]
    one = [{"line_no": 10000, "quantity": "1"}]
    first = await act(till, "pickup", no, 1, lines=one, payments=cash("100.00"))
    changed = [{"line_no": 10000, "quantity": "2"}, line(item_no=ITEM, quantity="2", unit_price="10.00")]
    await act(till, "edit", no, 2, lines=changed)
    rest = [*one, {"line_no": 20000, "quantity": "2"}]
    last = await act(till, "pickup", no, 3, lines=rest, payments=cash("120.00"))
    invoices = (await till.gateway.get(f"/customer-orders/{no}/invoices", token=till.token))["items"]
    async with sales_api(sales) as client:
        made = (await client.get(f"/v1/sales-orders/{ordered['sales_order_no']}")).json()

    assert (first["status"], last["status"]) == ("partly_fulfilled", "fulfilled")
    billed = {x["invoice_no"]: x["amount"] for x in invoices}
    assert [billed[x["settlement"]["invoice_no"]] for x in (first, last)] == ["100.00", "120.00"]
    assert [(x["line_no"], x["quantity"], x["quantity_invoiced"]) for x in made["lines"]] == [
        (10000, "2", "2"),
        (20000, "2", "2"),
    ]


async def test_the_order_of_a_quote_closes_the_sales_quote(till: Till, sales: LocalStack) -> None:
    """POS-57, POS-59."""
    quote = (await till.submit(unheard_of(till, kind="quote", lines=[line(item_no=ITEM)]))).json()
    body = till.act()
    body["transaction"]["sequence"] = secrets.randbelow(2**40)
    answer = await till.carry_out("convert", quote["confirmation_no"], body, version=quote["version"])
    async with sales_api(sales) as client:
        closed = (await client.get(f"/v1/sales-quotes/{quote['sales_quote_no']}")).json()

    assert answer.status_code == 201, answer.text
    assert closed["sales_order_no"] == answer.json()["sales_order_no"]


def cash(amount: str) -> list[dict[str, str]]:
    return [{"method": "cash", "amount": amount}]


async def act(till: Till, operation: str, no: str, version: int, **about: Any) -> dict[str, Any]:
    """An act that no earlier run has sent to this sales."""
    body = till.act(**about)
    body["transaction"]["sequence"] = secrets.randbelow(2**40)
    answer = await till.carry_out(operation, no, body, version=version)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def posted(client: httpx.AsyncClient, no: str) -> Decimal:
    """What a posted invoice comes to, with tax."""
    invoice = (await client.get(f"/v1/posted-sales-invoices/{no}")).json()
    return Decimal(invoice["amount"]) + Decimal(invoice["tax_amount"])
