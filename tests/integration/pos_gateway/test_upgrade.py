"""What was set up before a revision holds after it."""

from __future__ import annotations

import json
from pathlib import Path

import asyncpg

from pos_gateway.app import build
from servicekit.migrate import upgrade_database
from tests.integration.pos_gateway.conftest import settings_with
from tests.integration.pos_gateway.shop import Gateway
from tests.support.databases import Databases
from tests.support.service import codes, serving
from tests.support.tokens import Issuer

BEFORE = {
    ("store", "S1", 3): {
        "no": "S1",
        "name": "Harbour Shop",
        "time_zone": "Europe/Berlin",
        "currency_code": "EUR",
        "profile_id": "P",
    },
    ("functionality-profile", "P", 1): {"id": "P", "create_customer_order_in_async_mode": True},
    ("commerce-parameters", "DEFAULT", 2): {"default_deposit_pct": "10"},
    ("worker", "W1", 1): {"id": "W1", "name": "Kim", "permissions": ["create_order"]},
}
"""Rows as the code before this revision wrote them: bodies without their version."""


async def test_what_was_set_up_becomes_master_data_at_its_version(
    databases: Databases, issuer: Issuer, signing_key_file: Path, gateway_jwks: Path
) -> None:
    url = await databases.fresh("pos_gateway", migrated=False)
    settings = settings_with(url, issuer, signing_key_file, gateway_jwks)
    await upgrade_database(build(settings), "0003")
    await _write_as_before(url)
    await upgrade_database(build(settings), "head")

    async with serving(Gateway, build(settings), issuer) as gateway:
        store = await gateway.get("/stores/S1")
        parameters = await gateway.get("/commerce-parameters")
        unchanged = await gateway.send("PUT", "/functionality-profiles/P", _PROFILE)

    assert (store["version"], store["name"], store["profile_id"]) == (3, "Harbour Shop", "P")
    assert (parameters["version"], parameters["default_deposit_pct"]) == (2, "10")
    assert (unchanged.status_code, unchanged.headers["ETag"]) == (200, '"1"')
    await databases.drop(url)


async def test_orders_and_workers_keep_what_they_had(
    databases: Databases, issuer: Issuer, signing_key_file: Path, gateway_jwks: Path
) -> None:
    """POS-10, POS-116: receipts and modes of delivery of old orders count; workers may do what they could."""
    url = await databases.fresh("pos_gateway", migrated=False)
    settings = settings_with(url, issuer, signing_key_file, gateway_jwks)
    await upgrade_database(build(settings), "0003")
    await _write_as_before(url)
    await _write_an_order_as_before(url)
    await upgrade_database(build(settings), "head")

    async with serving(Gateway, build(settings), issuer) as gateway:
        worker = await gateway.get("/workers/W1")
        refused = await gateway.send("PUT", "/commerce-parameters", {"pickup_delivery_modes": ["VAN"]})
        orders = await gateway.sql("SELECT receipt_no FROM customer_order")

    permissions = ["create_order", "pickup_lines", "ship_lines", "recall"]
    assert (worker["version"], worker["permissions"]) == (3, permissions)
    assert (refused.status_code, codes(refused)) == (422, ["delivery-mode-in-use"])
    assert [row[0] for row in orders] == ["R-1"]
    await databases.drop(url)


_PROFILE = {"create_customer_order_in_async_mode": True}


ORDER_BEFORE = {"receipt_no": "R-1", "lines": [{"mode": "ship", "delivery_mode": "VAN"}, {"mode": "pickup"}]}


async def _write_an_order_as_before(url: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(
            """
            INSERT INTO customer_order (confirmation_no, version, transaction_id, store_no, terminal_no,
                                        business_date, sequence, content, customer_no, body, received_at)
            VALUES ('R-1', 1, gen_random_uuid(), 'S1', 'T1', '2026-03-02', 1, '', 'C1', $1, now())
            """,
            json.dumps(ORDER_BEFORE),
        )
        await conn.execute(
            """
            INSERT INTO order_stage (confirmation_no, transaction_id, status, mode, store_no, carried_out,
                                     received_at, attempts, updated_at)
            SELECT confirmation_no, transaction_id, 'pending', 'asynchronous', store_no, false, now(), 0, now()
            FROM customer_order
            """
        )
    finally:
        await conn.close()


async def _write_as_before(url: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.executemany(
            "INSERT INTO setting (kind, no, version, body, updated_at) VALUES ($1, $2, $3, $4, now())",
            [(*key, json.dumps(body)) for key, body in BEFORE.items()],
        )
    finally:
        await conn.close()
