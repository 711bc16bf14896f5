"""Approvals of managers over the API: used once, also by two tills' acts at the same moment."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from pos_gateway.jobs.forget_sign_ons import forget_sign_ons
from tests.integration.pos_gateway.conftest import Start
from tests.integration.pos_gateway.shop import PIN, Gateway, Till, needs_approval, open_shop
from tests.integration.pos_gateway.standin import REFUSAL, stand_in
from tests.support.service import codes

MANAGER = {"worker_id": "LEA", "pin": "9315"}


@pytest.fixture
async def till(gateway: Gateway) -> Till:
    """A till whose worker may not set another deposit; LEA is the store's manager."""
    opened = await open_shop(gateway)
    await employ(gateway)
    return opened


async def employ(gateway: Gateway) -> None:
    permissions = ["create_order", "pickup_lines", "ship_lines"]
    worker = {"name": "Kim", "permissions": permissions, "store_nos": ["S1"]}
    await gateway.put("/workers/W-S1", worker)
    await gateway.put("/workers/LEA", {"name": "Lea", "role": "manager", "pin": MANAGER["pin"]})


def order_of(till: Till, **changes: Any) -> dict[str, Any]:
    """An order of 100.00 with a deposit of 25.00 instead of the computed one."""
    return till.order(deposit_override="25.00", payments=[{"method": "cash", "amount": "25.00"}], **changes)


async def ask(till: Till, body: dict[str, Any], *, token: str = "", key: str | None = None) -> httpx.Response:
    return await till.gateway.send("POST", "/approvals", body, token=token or till.token, key=key)


def request(order: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {
        "operation": "deposit_override",
        "amount": "25.00",
        "reason": "Regular customer",
        "transaction": order["transaction"],
        "approver": MANAGER,
    }
    return body | changes


async def approved(till: Till, order: dict[str, Any]) -> str:
    answer = await ask(till, request(order))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_pos_117_an_approved_deposit_is_taken_once(till: Till) -> None:
    """POS-120, B22."""
    order = order_of(till)
    rehearsed = await till.dry_run(order)
    missing = await till.submit(order)
    id_ = await approved(till, order)
    taken = await till.submit(order | {"approval_ids": [id_]}, key="k")
    again = await till.submit(order | {"approval_ids": [id_]})
    other = await till.submit(order_of(till, approval_ids=[id_]))

    assert (rehearsed.status_code, rehearsed.json()["deposit_required"]) == (200, "25.00"), rehearsed.text
    assert needs_approval(rehearsed) == [("deposit_override", "25.00", True)]
    assert needs_approval(taken) == [("deposit_override", "25.00", False)]
    assert (missing.status_code, codes(missing)) == (403, ["manager-approval-required"])
    (override,) = taken.json()["overrides"]
    assert (
        override.items()
        >= {
            "operation": "deposit_override",
            "requested_by": "W-S1",
            "approved_by": "LEA",
            "from_amount": "0.00",
            "to_amount": "25.00",
            "reason": "Regular customer",
        }.items()
    )
    assert (taken.status_code, again.status_code) == (202, 200)
    assert (other.status_code, set(codes(other))) == (403, {"manager-approval-required"})


async def test_pos_120_an_approval_is_told_in_the_audit_trail(till: Till) -> None:
    id_ = await approved(till, order_of(till))

    (row,) = await till.gateway.sql("SELECT by, changes::text AS changes FROM audit WHERE no = $1", id_)
    assert all(word in row["changes"] for word in ("Regular customer", "25.00", "LEA", "W-S1"))


async def test_an_approval_asked_for_again_with_its_key_is_the_same(till: Till) -> None:
    """The digest that is kept of the request does not depend on the PIN, which it could give away."""
    body = request(order_of(till))
    first, again = await ask(till, body, key="k"), await ask(till, body, key="k")
    other = await ask(till, body | {"amount": "26.00"}, key="k")
    without = await ask(till, body, key="")

    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, without.status_code) == (422, 400)


async def test_b22_who_may_not_approve_is_refused(till: Till) -> None:
    """POS-118."""
    body = request(order_of(till))
    await till.gateway.put("/workers/PIA", {"name": "Pia", "role": "lead", "pin": "5820"})
    own = await ask(till, body | {"approver": {"worker_id": "W-S1", "pin": PIN}})
    lead = await ask(till, body | {"approver": {"worker_id": "PIA", "pin": "5820"}})
    wrong = await ask(till, body | {"approver": MANAGER | {"pin": "0000"}})
    terminal = await ask(till, body, token=till.terminal_token)

    answers = (own, lead, wrong, terminal)
    assert [(a.status_code, *codes(a)) for a in answers] == [
        (403, "approver-same-as-requester"),
        (403, "approver-not-manager"),
        (403, "wrong-pin"),
        (403, "session-required"),
    ]


async def test_wrong_pins_of_a_manager_bring_a_pause(till: Till) -> None:
    body = request(order_of(till))
    wrong = [await ask(till, body | {"approver": MANAGER | {"pin": f"{n:04}"}}) for n in range(5)]
    right = await ask(till, body)

    assert [a.status_code for a in wrong] == [403] * 5
    assert (right.status_code, codes(right)) == (429, ["too-many-tries"])
    assert int(right.headers["Retry-After"]) > 200


async def test_a_request_for_approval_is_checked(till: Till) -> None:
    answer = await ask(till, {"operation": "all", "reason": "", "approver": {}, "amount": "-1"})
    card = await ask(till, request(order_of(till), reason="card 4111 1111 1111 1111"))
    unknown = await ask(till, request(order_of(till), transaction=None, confirmation_no="NONE"))

    assert answer.status_code == 422
    assert codes(card) == ["card-number-not-allowed"]
    assert (unknown.status_code, codes(unknown)) == (422, ["unknown-customer-order"])


async def test_an_expired_approval_is_worth_nothing_and_forgotten(till: Till) -> None:
    """B22."""
    order = order_of(till)
    id_ = await approved(till, order)
    await till.gateway.sql("UPDATE approval SET expires_at = now() - interval '1 second'")

    answer = await till.submit(order | {"approval_ids": [id_]})
    await forget_sign_ons(till.gateway.database)

    assert answer.status_code == 403
    assert await till.gateway.sql("SELECT FROM approval") == []


async def test_pos_120_two_acts_at_once_use_an_approval_once(till: Till, start: Start) -> None:
    """In two processes of the gateway, twenty rounds; the acts share the order's identity, not what they ask for."""
    tills = (till, replace(till, gateway=await start()))
    for _ in range(20):
        order = order_of(till)
        order["approval_ids"] = [await approved(till, order)]
        bodies = [order | {"external_reference": name} for name in ("A", "B")]
        answers = await asyncio.gather(*(at.submit(body) for at, body in zip(tills, bodies, strict=True)))

        assert sorted(a.status_code for a in answers) in ([202, 403], [202, 409])
    (spent,) = await till.gateway.sql(
        "SELECT count(DISTINCT spent_on) AS acts, count(*) AS rows FROM approval"
    )
    assert (spent["acts"], spent["rows"]) == (20, 20)


async def test_an_order_that_sales_refuses_gives_its_approval_back(start: Start) -> None:
    """POS-109."""
    async with stand_in() as sales:
        till = await open_shop(await start(sales_url=sales.url), asynchronous=False)
        await employ(till.gateway)
        order = order_of(till)
        order["approval_ids"] = [await approved(till, order)]
        sales.status, sales.body = 409, REFUSAL
        refused = await till.submit(order)
        sales.status, sales.body = 201, b""
        taken = await till.submit(order)

    assert (refused.status_code, taken.status_code) == (409, 201)
