"""Terminals and sessions."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_gateway.jobs.forget_sign_ons import forget_sign_ons
from tests.integration.pos_gateway.shop import PIN, Gateway, Till, open_shop, sign_on
from tests.support.service import codes
from tests.support.tokens import Issuer


async def session(till: Till, worker_id: str = "W-S1", pin: str = PIN, token: str = "") -> httpx.Response:
    body = {"worker_id": worker_id, "pin": pin}
    return await till.gateway.send("POST", "/sessions", body, token=token or till.terminal_token, key="")


async def trade(gateway: Gateway, terminal_no: str, secret: str) -> httpx.Response:
    """Ask for a terminal's token."""
    body = {"terminal_no": terminal_no, "secret": secret}
    return await gateway.send("POST", "/terminals/token", body, token="", key="")


async def test_a_secret_is_shown_once_and_kept_as_a_hash(till: Till) -> None:
    rows = await till.gateway.sql(
        "SELECT secret_hash, (SELECT string_agg(i::text, '') FROM idempotency i) FROM terminal"
    )

    assert till.secret.encode() not in rows[0][0]
    assert till.secret not in rows[0][1]


async def test_a_repeated_request_for_a_terminal_does_not_show_its_secret(till: Till) -> None:
    first = await till.gateway.send("POST", "/stores/S1/terminals", {"no": "S1-5"}, key="k")
    again = await till.gateway.send("POST", "/stores/S1/terminals", {"no": "S1-5"}, key="k")

    assert "secret" in first.json()
    shown = {"no": "S1-5", "store_no": "S1", "blocked": False, "version": 1}
    assert again.json().items() >= shown.items()
    assert again.json().keys() == shown.keys() | {"created_at", "updated_at"}


async def test_a_new_secret_makes_the_old_one_worthless(till: Till) -> None:
    await till.gateway.send("POST", "/stores/S1/terminals", {"no": till.terminal_no})

    answer = await trade(till.gateway, till.terminal_no, till.secret)

    assert (answer.status_code, codes(answer)) == (401, ["wrong-secret"])


async def test_an_unknown_terminal_is_told_no_more_than_a_wrong_secret(till: Till) -> None:
    answer = await trade(till.gateway, "NONE", "x")

    assert (answer.status_code, codes(answer)) == (401, ["wrong-secret"])


async def test_a_terminal_belongs_to_one_store(till: Till) -> None:
    """POS-21."""
    await open_shop(till.gateway, store_no="S2")

    answer = await till.gateway.send("POST", "/stores/S2/terminals", {"no": till.terminal_no})

    assert (answer.status_code, codes(answer)) == (409, ["terminal-of-other-store"])


async def test_a_terminal_of_no_store_is_not_made(gateway: Gateway) -> None:
    answer = await gateway.send("POST", "/stores/NONE/terminals", {"no": "T1"})

    assert (answer.status_code, codes(answer)) == (404, ["unknown-store"])


@pytest.mark.parametrize(("worker", "pin"), [("W-S1", "0000"), ("NOBODY", PIN)])
async def test_a_wrong_pin_and_an_unknown_worker_are_the_same(till: Till, worker: str, pin: str) -> None:
    answer = await session(till, worker, pin)

    assert (answer.status_code, codes(answer)) == (401, ["wrong-pin"])
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_nothing_on_the_way_may_keep_secrets_and_tokens(till: Till) -> None:
    made = await till.gateway.send("POST", "/stores/S1/terminals", {"no": "S1-9"})
    traded = await trade(till.gateway, "S1-9", made.json()["secret"])
    signed_on = await session(till)

    answers = (made, traded, signed_on)
    assert [a.headers.get("Cache-Control") for a in answers] == ["no-store"] * 3


async def test_what_unknown_callers_send_is_small(till: Till) -> None:
    long = "x" * 5000
    answers = (
        await trade(till.gateway, till.terminal_no, long),
        await session(till, pin=long),
        await till.gateway.send("POST", "/stores/S1/terminals", {"no": long}),
    )

    assert [(a.status_code, codes(a)) for a in answers] == [(413, ["too-large"])] * 3


async def test_a_worker_of_another_store_is_refused(till: Till) -> None:
    await open_shop(till.gateway, store_no="S2")

    answer = await session(till, "W-S2")

    assert (answer.status_code, codes(answer)) == (403, ["worker-not-of-store"])


async def test_pins_cannot_be_tried_without_end(till: Till) -> None:
    answers = [await session(till, pin=f"{n:04}") for n in range(6)]
    right = await session(till)

    assert [a.status_code for a in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 200
    assert right.status_code == 429


async def test_tries_at_the_same_time_are_counted_one_by_one(till: Till) -> None:
    answers = await asyncio.gather(*(session(till, pin=f"{n:04}") for n in range(12)))

    assert sorted(a.status_code for a in answers) == [401] * 5 + [429] * 7


async def test_a_pause_is_twice_as_long_as_the_one_before(till: Till) -> None:
    for n in range(5):
        await session(till, pin=f"{n:04}")
    await till.gateway.sql("UPDATE sign_on_failure SET paused_until = now()")
    second = [await session(till, pin=f"{n:04}") for n in range(6)]

    assert [a.status_code for a in second] == [401] * 5 + [429]
    assert 500 < int(second[-1].headers["Retry-After"]) <= 600


async def test_a_worker_is_not_tried_at_one_terminal_after_the_other(till: Till) -> None:
    terminals = [till, *[await sign_on(till.gateway, number=n) for n in (2, 3, 4)]]
    answers = [await session(each, pin=f"{n:04}") for each in terminals[:3] for n in range(5)]

    fourth = await session(terminals[3])

    assert [a.status_code for a in answers] == [401] * 15
    assert fourth.status_code == 429


async def test_names_that_nobody_has_fill_no_table(till: Till) -> None:
    answers = [await session(till, worker_id=f"NOBODY-{n}") for n in range(30)]
    (count,) = await till.gateway.sql("SELECT count(*) AS rows FROM sign_on_failure")

    assert [a.status_code for a in answers] == [401] * 20 + [429] * 10
    assert count["rows"] <= 1 + 2 * 20 + 2  # and the worker's who signed on before


async def test_what_counts_no_more_is_forgotten(till: Till) -> None:
    await session(till, pin="0007")
    await till.gateway.sql("UPDATE sign_on_failure SET since = now() - interval '2 days'")
    await till.gateway.sql("UPDATE session SET expires_at = now() - interval '1 minute'")

    await forget_sign_ons(till.gateway.database)

    assert await till.gateway.sql("SELECT 1 FROM sign_on_failure UNION ALL SELECT 1 FROM session") == []


async def test_a_new_pin_ends_a_pause(till: Till) -> None:
    for n in range(6):
        await session(till, pin=f"{n:04}")
    worker = {"name": "Kim", "store_nos": ["S1"], "pin": "2718"}
    await till.gateway.put("/workers/W-S1", worker)

    assert (await session(till, pin="2718")).status_code == 201


@pytest.mark.parametrize("pin", ["0000", "1234", "8765", "1212", "W-S1"])
async def test_an_obvious_pin_is_not_set(till: Till, pin: str) -> None:
    answer = await till.gateway.send("PUT", "/workers/W-S1", {"name": "Kim", "pin": pin})

    assert (answer.status_code, codes(answer)) == (422, ["pin-too-simple"])
    assert (await session(till)).status_code == 201


async def test_right_pins_do_not_count(till: Till) -> None:
    assert {(await session(till)).status_code for _ in range(7)} == {201}


async def test_a_pin_is_never_answered(till: Till) -> None:
    answer = await till.gateway.send("PUT", "/workers/W-S1", {"name": "Kim", "pin": "204816"})

    assert "pin" not in answer.json()
    assert "204816" not in (await till.gateway.send("GET", "/workers/W-S1")).text
    assert (await session(till, pin="204816")).status_code == 201


async def test_a_pin_that_is_not_sent_stays(till: Till) -> None:
    await till.gateway.send("PUT", "/workers/W-S1", {"name": "Kim Two", "store_nos": ["S1"]})

    assert (await session(till)).status_code == 201


async def test_a_terminal_alone_takes_no_orders(till: Till) -> None:
    answer = await till.gateway.send("POST", "/customer-orders", till.order(), token=till.terminal_token)

    assert (answer.status_code, codes(answer)) == (403, ["session-required"])


async def test_a_till_sets_nothing_up(till: Till) -> None:
    """B26: nor does it run the pull."""
    answer = await till.gateway.send("PUT", "/stores/S1", {}, token=till.token)
    run = await till.gateway.send("POST", "/pull-jobs/P-0001/run", {}, token=till.token)

    assert (answer.status_code, run.status_code) == (403, 403)


async def test_no_token_is_no_entry(gateway: Gateway) -> None:
    assert (await gateway.send("GET", "/customer-orders", token="")).status_code == 401


async def test_a_store_sees_its_own_orders_and_those_to_be_picked_up_there(till: Till) -> None:
    other = await open_shop(till.gateway, store_no="S2")
    own = (await till.submit(till.order())).json()["confirmation_no"]
    there = till.order()
    there["lines"][0]["fulfilment"]["store_no"] = "S2"
    shared = (await till.submit(there)).json()["confirmation_no"]

    hidden = await other.gateway.send("GET", f"/customer-orders/{own}", token=other.token)
    seen = await other.gateway.send("GET", "/customer-orders", token=other.token)

    assert (hidden.status_code, codes(hidden)) == (404, ["unknown-customer-order"])
    assert [o["confirmation_no"] for o in seen.json()["items"]] == [shared]
    assert (await other.show(shared))["confirmation_no"] == shared


async def test_a_token_of_no_terminal_reads_all_stores(till: Till) -> None:
    no = (await till.submit(till.order())).json()["confirmation_no"]

    answer = await till.gateway.send(
        "GET", f"/customer-orders/{no}", token=till.gateway.issuer.token("pos:terminal")
    )

    assert answer.status_code == 200


async def test_another_till_of_the_store_sees_its_orders(till: Till) -> None:
    no = (await till.submit(till.order())).json()["confirmation_no"]

    assert (await (await sign_on(till.gateway, number=2)).show(no))["confirmation_no"] == no


async def test_only_the_gateway_says_who_is_at_a_till(till: Till) -> None:
    """An identity provider's token with the claims of a session stands for no worker and no terminal."""
    forged = till.gateway.issuer.token(
        "pos:terminal", store_no=till.store_no, terminal_no=till.terminal_no, worker_id="W-S1"
    )

    order = await till.gateway.send("POST", "/customer-orders", till.order(), token=forged)
    signed_on = await session(till, token=forged)

    assert (order.status_code, codes(order)) == (403, ["session-required"])
    assert (signed_on.status_code, codes(signed_on)) == (403, ["terminal-required"])


async def test_the_gateways_key_gives_no_scope_but_those_of_tills(
    gateway: Gateway, signing_key: Ed25519PrivateKey
) -> None:
    till_key = Issuer(signing_key, gateway.issuer.jwks)
    as_gateway = till_key.token("pos:manage pos:terminal", kid="pos-gateway", iss="pos-gateway")
    as_other = till_key.token("pos:manage")

    read = await gateway.send("GET", "/customer-orders", token=as_gateway)
    managed = await gateway.send("GET", "/workers", token=as_gateway)
    forged = await gateway.send("GET", "/workers", token=as_other)

    assert (read.status_code, managed.status_code, forged.status_code) == (200, 403, 401)
