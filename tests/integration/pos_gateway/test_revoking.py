"""What was issued to terminals and workers can be taken back, and then counts no more in any process."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import pytest

from tests.integration.pos_gateway.conftest import Start
from tests.integration.pos_gateway.shop import ALL_PERMISSIONS, PIN, Gateway, Till, open_shop, sign_on
from tests.support.polling import eventually
from tests.support.service import codes

WORKER = {"name": "Kim", "permissions": ALL_PERMISSIONS, "store_nos": ["S1"]}


async def read_with(gateway: Gateway, token: str) -> httpx.Response:
    return await gateway.send("GET", "/customer-orders", token=token)


async def is_revoked(till: Till, token: str) -> bool:
    answer = await read_with(till.gateway, token)
    return answer.status_code == 401 and codes(answer) == ["token-revoked"]


async def session_of(till: Till) -> tuple[str, str]:
    """A further session at the till: id and token."""
    body = {"worker_id": "W-S1", "pin": PIN}
    made = await till.gateway.post("/sessions", body, expect=201, token=till.terminal_token, key="")
    return made["id"], made["access_token"]


async def test_signing_off_ends_one_session_and_no_other(till: Till) -> None:
    session_id, token = await session_of(till)

    answer = await till.gateway.send("DELETE", f"/sessions/{session_id}", token=token)

    assert answer.status_code == 204
    assert await is_revoked(till, token)
    assert not await is_revoked(till, till.token)
    assert not await is_revoked(till, till.terminal_token)


async def test_a_terminal_signs_its_workers_off_as_often_as_it_likes(till: Till) -> None:
    session_id, token = await session_of(till)

    answers = await asyncio.gather(
        *(till.gateway.send("DELETE", f"/sessions/{session_id}", token=till.terminal_token) for _ in range(3))
    )

    assert {a.status_code for a in answers} == {204}
    assert await is_revoked(till, token)


async def test_sessions_of_another_terminal_and_unknown_ones_do_not_exist_for_a_till(till: Till) -> None:
    session_id, token = await session_of(till)
    other = await sign_on(till.gateway, number=2)

    for id_ in (session_id, uuid4()):
        answer = await till.gateway.send("DELETE", f"/sessions/{id_}", token=other.token)
        assert (answer.status_code, codes(answer)) == (404, ["unknown-session"])
    assert not await is_revoked(till, token)


async def test_an_administrator_ends_any_session(till: Till) -> None:
    session_id, token = await session_of(till)
    reader = till.gateway.issuer.token("pos:terminal")

    refused = await till.gateway.send("DELETE", f"/sessions/{session_id}", token=reader)
    done = await till.gateway.send("DELETE", f"/sessions/{session_id}")

    assert (refused.status_code, done.status_code) == (403, 204)
    assert await is_revoked(till, token)


async def test_a_new_secret_ends_the_terminals_token_and_its_sessions(till: Till) -> None:
    await till.gateway.send("POST", "/stores/S1/terminals", {"no": till.terminal_no})

    body = {"worker_id": "W-S1", "pin": PIN}
    signed_on = await till.gateway.send("POST", "/sessions", body, token=till.terminal_token, key="")

    assert (signed_on.status_code, codes(signed_on)) == (401, ["token-revoked"])
    assert await is_revoked(till, till.token)


async def test_a_blocked_terminal_gets_no_tokens_and_its_old_ones_stay_ended(till: Till) -> None:
    path = f"/terminals/{till.terminal_no}"
    blocked = await till.gateway.send("PATCH", path, {"blocked": True})
    secret = {"terminal_no": till.terminal_no, "secret": till.secret}
    refused = await till.gateway.send("POST", "/terminals/token", secret, token="", key="")

    shown = {name: blocked.json()[name] for name in ("no", "store_no", "blocked", "version")}
    assert shown == {"no": till.terminal_no, "store_no": "S1", "blocked": True, "version": 2}
    assert (refused.status_code, codes(refused)) == (401, ["terminal-blocked"])
    assert await is_revoked(till, till.token)

    await till.gateway.send("PATCH", path, {"blocked": False})
    again = await till.gateway.send("POST", "/terminals/token", secret, token="", key="")

    assert (await till.gateway.get(path))["version"] == 3
    assert again.status_code == 200
    assert not await is_revoked(till, again.json()["access_token"])
    assert await is_revoked(till, till.token)


async def test_a_change_of_a_terminal_honours_its_version(till: Till) -> None:
    path = f"/terminals/{till.terminal_no}"
    stale = await till.gateway.send("PATCH", path, {"blocked": True}, headers={"If-Match": '"7"'})
    nothing = await till.gateway.send("PATCH", path, {}, headers={"If-Match": '"1"'})
    unknown = await till.gateway.send("PATCH", "/terminals/NONE", {"blocked": True})

    assert (stale.status_code, nothing.json()["version"], unknown.status_code) == (412, 1, 404)


async def test_a_blocked_worker_is_signed_off_and_cannot_sign_on(till: Till) -> None:
    await till.gateway.put("/workers/W-S1", WORKER | {"blocked": True})
    body = {"worker_id": "W-S1", "pin": PIN}
    refused = await till.gateway.send("POST", "/sessions", body, token=till.terminal_token, key="")

    assert (refused.status_code, codes(refused)) == (403, ["worker-blocked"])
    assert await is_revoked(till, till.token)

    await till.gateway.put("/workers/W-S1", WORKER)

    assert await is_revoked(till, till.token)
    assert not await is_revoked(till, (await session_of(till))[1])


@pytest.mark.parametrize("change", [{"pin": "2718"}, {"pin": PIN}, {"store_nos": ["S2"]}])
async def test_a_new_pin_and_another_store_end_sessions(till: Till, change: dict[str, object]) -> None:
    await open_shop(till.gateway, store_no="S2")
    await till.gateway.put("/workers/W-S1", WORKER | change)

    assert await is_revoked(till, till.token)
    assert not await is_revoked(till, till.terminal_token)


async def test_other_changes_of_a_worker_end_no_session(till: Till) -> None:
    await till.gateway.put("/workers/W-S1", WORKER | {"name": "Kim Larsen"})

    assert not await is_revoked(till, till.token)


async def test_a_session_opens_no_further_sessions(till: Till) -> None:
    body = {"worker_id": "W-S1", "pin": PIN}
    answer = await till.gateway.send("POST", "/sessions", body, token=till.token, key="")

    assert (answer.status_code, codes(answer)) == (403, ["terminal-token-required"])


async def test_another_process_knows_it_shortly(till: Till, start: Start) -> None:
    other = await start()
    session_id, token = await session_of(till)
    assert (await read_with(other, token)).status_code == 200

    await till.gateway.send("DELETE", f"/sessions/{session_id}", token=token)
    await eventually(lambda: read_with(other, token), lambda answer: answer.status_code == 401)
    assert (await read_with(other, till.token)).status_code == 200


async def test_an_order_of_a_session_that_has_ended_is_not_taken(till: Till) -> None:
    session_id, token = await session_of(till)
    await till.gateway.send("DELETE", f"/sessions/{session_id}", token=token)

    answer = await till.gateway.send("POST", "/customer-orders", till.order(), token=token)

    assert (answer.status_code, codes(answer)) == (401, ["token-revoked"])
    assert await till.gateway.sql("SELECT 1 FROM customer_order") == []
