"""Returns without an order, over the API (POS-85)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.pos_gateway.shop import Gateway, Till, needs_approval, open_shop
from tests.support.service import codes

MANAGER = {"worker_id": "LEA", "pin": "9315"}


@pytest.fixture
async def till(gateway: Gateway) -> Till:
    """A till of a store whose manager is LEA."""
    opened = await open_shop(gateway)
    await gateway.put("/workers/LEA", {"name": "Lea", "role": "manager", "pin": MANAGER["pin"]})
    return opened


def returning(till: Till, **changes: Any) -> dict[str, Any]:
    """Two pieces at 10.00 with 19 % tax."""
    line = {
        "item_no": "1000",
        "quantity": "2",
        "unit_price": "10.00",
        "tax_pct": "19",
        "reason_code": "DAMAGED",
    }
    return till.act(lines=[line], refunds=[{"method": "cash", "amount": "23.80"}]) | changes


async def approved(till: Till, body: dict[str, Any]) -> dict[str, Any]:
    request = {
        "operation": "blind_return",
        "amount": "23.80",
        "reason": "Known customer",
        "transaction": body["transaction"],
        "approver": MANAGER,
    }
    answer = await till.gateway.send("POST", "/approvals", request, token=till.token)
    assert answer.status_code == 201, answer.text
    return body | {"approval_ids": [answer.json()["id"]]}


async def take(till: Till, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    return await till.gateway.send("POST", "/returns", body, token=till.token, key=key)


async def test_pos_85_goods_without_an_order_come_back_with_a_manager(till: Till) -> None:
    """It is unverified; sent again, by key or by identity, it is the same return."""
    body, key = await approved(till, returning(till)), str(uuid4())
    answer = await take(till, body, key)
    same_key, new_key = await take(till, body, key), await take(till, body)
    other = await take(till, body | {"external_reference": "X"})

    made = answer.json()
    assert (answer.status_code, made["unverified"]) == (201, True), answer.text
    assert (made["settlement"]["due"], made["settlement"]["refunded"]) == ("-23.80", "23.80")
    assert (made["overrides"][0]["approved_by"], made["overrides"][0]["amount"]) == ("LEA", "23.80")
    assert [x.json()["return_no"] for x in (same_key, new_key)] == [made["return_no"]] * 2
    assert (same_key.status_code, new_key.status_code) == (201, 200)
    assert (other.status_code, codes(other)) == (409, ["duplicate-transaction"])


async def test_pos_85_nobody_returns_goods_without_an_order_alone(till: Till) -> None:
    missing = await take(till, returning(till))
    rehearsed = await till.gateway.send(
        "POST", "/returns", returning(till), token=till.token, key="", params={"dry_run": "true"}
    )
    await till.gateway.put("/workers/W-S1", {"name": "Kim", "permissions": ["create_order"]})
    not_allowed = await take(till, returning(till))

    assert (missing.status_code, codes(missing)) == (403, ["manager-approval-required"])
    assert rehearsed.json()["settlement"]["due"] == "-23.80", rehearsed.text
    assert needs_approval(rehearsed) == [("blind_return", "23.80", True)]
    assert (not_allowed.status_code, codes(not_allowed)) == (403, ["permission-missing"])


async def test_everything_that_is_wrong_with_it_is_said_at_once(till: Till) -> None:
    wrong = {"item_no": "NONE", "quantity": "1", "unit_price": "1.005", "tax_pct": "0", "reason_code": ""}
    answer = await take(till, await approved(till, returning(till, lines=[wrong])))
    empty = await take(till, await approved(till, returning(till, lines=[])))
    less = returning(till, refunds=[{"method": "cash", "amount": "23.79"}])
    mismatch = await take(till, await approved(till, less))
    order = till.order()
    await till.submit(order)
    taken = await take(till, returning(till, transaction=order["transaction"]))

    assert answer.status_code == 422
    assert set(codes(answer)) == {"unknown-item", "invalid-amount", "reason-required"}
    assert (empty.status_code, codes(empty)) == (422, ["lines-required"])
    assert (mismatch.status_code, codes(mismatch)) == (422, ["refund-mismatch"])
    assert (taken.status_code, codes(taken)) == (409, ["duplicate-transaction"])
