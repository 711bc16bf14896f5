"""Orders that sales is asked for at once (POS-16, POS-88, POS-109, POS-110)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from contracts.planning.masters import Item
from pos_gateway.jobs.submissions import Submissions
from pos_gateway.sales_client import SalesClient
from pos_gateway.tokens import TokenIssuer, load_key
from tests.integration.pos_gateway.conftest import Start
from tests.integration.pos_gateway.shop import Gateway, Till, line, open_shop
from tests.integration.pos_gateway.standin import REFUSAL, StandIn, stand_in
from tests.support.polling import eventually
from tests.support.service import codes

DEADLINE_S = 20.0
SHORT_DEADLINE_S = 1.0
"""For tests in which no answer comes."""


@pytest.fixture
async def sales() -> AsyncIterator[StandIn]:
    async with stand_in() as running:
        yield running


async def waiting_till(start: Start, sales: StandIn, deadline_s: float) -> Till:
    """A till of a store whose orders are made synchronously."""
    gateway = await start(sales_url=sales.url, sales_deadline_s=deadline_s, submission_patience_s=0)
    return await open_shop(gateway, asynchronous=False)


@pytest.fixture
async def waiting(start: Start, sales: StandIn) -> Till:
    return await waiting_till(start, sales, DEADLINE_S)


@pytest.fixture
async def impatient(start: Start, sales: StandIn) -> Till:
    return await waiting_till(start, sales, SHORT_DEADLINE_S)


@pytest.fixture
async def backed_up(start: Start, sales: StandIn) -> Till:
    """A till of a store in the back-up mode."""
    gateway = await start(sales_url=sales.url, sales_deadline_s=DEADLINE_S, submission_patience_s=0)
    return await open_shop(gateway, realtime_with_async_backup=True)


async def sweep(gateway: Gateway) -> None:
    """A run of the sweeper's job, as in a `work` process."""
    assert gateway.settings.signing_key_file is not None
    issuer = TokenIssuer(
        load_key(gateway.settings.signing_key_file),
        audience="koppel",
        terminal_ttl=timedelta(minutes=1),
        session_ttl=timedelta(minutes=1),
    )
    client = SalesClient(gateway.settings.sales_url, issuer, deadline_s=DEADLINE_S)
    no_time = timedelta(0)
    await Submissions(client, first_backoff=no_time, longest_backoff=no_time).sweep(gateway.database)
    await client.close()


async def count(till: Till) -> int:
    return int((await till.gateway.sql("SELECT count(*) FROM customer_order"))[0][0])


async def test_the_till_gets_the_sales_order_number(waiting: Till, sales: StandIn) -> None:
    answer = await waiting.submit(waiting.order())

    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert (order["status"], order["mode"]) == ("synchronized", "synchronous")
    assert order["sales_order_no"] == order["confirmation_no"].replace("K-", "S-")
    assert answer.headers["Location"] == f"/v1/customer-orders/{order['confirmation_no']}"
    (asked,) = sales.asked
    assert asked.happened == ("created",)
    assert (
        await waiting.gateway.sql("SELECT count(*) FROM outbox_event WHERE topic = 'pos.transaction.v1'")
    )[0][0] == 0


async def test_sales_is_asked_with_the_transaction_s_id_and_the_gateway_s_own_token(
    waiting: Till, sales: StandIn
) -> None:
    await waiting.submit(waiting.order())

    (headers,), (asked,) = sales.headers, sales.asked
    claims = jwt.decode(headers["authorization"].removeprefix("Bearer "), options={"verify_signature": False})
    assert headers["idempotency-key"] == str(asked.transaction_id)
    assert (claims["sub"], claims["scope"], claims["iss"]) == ("pos-gateway", "channel:submit", "pos-gateway")
    assert headers["traceparent"].startswith("00-")


async def test_a_repeated_request_is_answered_without_asking_sales_again(
    waiting: Till, sales: StandIn
) -> None:
    body, key = waiting.order(), str(uuid4())
    first = await waiting.submit(body, key=key)
    second = await waiting.submit(body, key=key)
    third = await waiting.submit(body)

    assert (second.status_code, second.json()) == (201, first.json())
    assert (third.status_code, third.json()) == (200, first.json())
    assert len(sales.asked) == 1


async def test_the_same_key_with_another_body_asks_nobody(waiting: Till, sales: StandIn) -> None:
    key = str(uuid4())
    await waiting.submit(waiting.order(), key=key)

    other = await waiting.submit(waiting.order(), key=key)

    assert (other.status_code, codes(other)) == (422, ["idempotency-key-reused"])
    assert len(sales.asked) == 1
    assert await count(waiting) == 1


async def test_pos_109_no_order_is_made_while_sales_is_down(start: Start) -> None:
    gateway = await start()
    till = await open_shop(gateway, asynchronous=False)

    answer = await till.submit(till.order())

    assert (answer.status_code, codes(answer)) == (503, ["sales-unavailable"])
    assert answer.headers["Retry-After"]
    assert await count(till) == 0


async def test_an_order_that_failed_while_sales_was_down_is_made_with_the_same_key(
    start: Start, sales: StandIn
) -> None:
    down = await start()
    till = await open_shop(down, asynchronous=False)
    body, key = till.order(), str(uuid4())
    assert (await till.submit(body, key=key)).status_code == 503
    up = await start(sales_url=sales.url)

    answer = await up.send("POST", "/customer-orders", body, token=till.token, key=key)

    assert answer.status_code == 201


async def test_what_sales_refuses_is_refused_with_its_reasons_and_leaves_nothing(
    waiting: Till, sales: StandIn
) -> None:
    sales.status, sales.body = 409, REFUSAL
    body = waiting.order(customer_no=None, new_customer={"name": "Neu"})

    answer = await waiting.submit(body)

    assert (answer.status_code, codes(answer)) == (409, ["item-blocked"])
    assert answer.json()["errors"][0]["line_no"] == 10000
    assert await count(waiting) == 0
    sales.status, sales.body = 201, b""
    assert (await waiting.submit(body)).status_code == 201


async def test_pos_110_a_time_out_is_an_unknown_outcome_and_the_same_key_settles_it(
    impatient: Till, sales: StandIn
) -> None:
    """P7, POS-88: the answer names the order, whose status says that the outcome is not known."""
    sales.hold = asyncio.Event()
    body, key = impatient.order(), str(uuid4())

    late = await impatient.submit(body, key=key)
    (row,) = await impatient.gateway.sql("SELECT status, attempts FROM order_stage")
    between = await impatient.show(late.json()["confirmation_no"])
    sales.hold.set()
    settled = await impatient.submit(body, key=key)

    assert (late.status_code, codes(late)) == (503, ["outcome-unknown"])
    assert "same key" in late.json()["detail"]
    assert tuple(row) == ("submitting", 1)
    assert between["status"] == "submitting"
    assert settled.json()["confirmation_no"] == between["confirmation_no"]
    assert (settled.status_code, settled.json()["status"]) == (201, "synchronized")
    assert len({a.transaction_id for a in sales.asked}) == 1


async def test_an_unknown_outcome_is_not_taken_for_a_failure_when_sales_is_down_afterwards(
    impatient: Till, sales: StandIn, start: Start
) -> None:
    sales.hold = asyncio.Event()
    body, key = impatient.order(), str(uuid4())
    await impatient.submit(body, key=key)
    down = await start()

    answer = await down.send("POST", "/customer-orders", body, token=impatient.token, key=key)

    assert (answer.status_code, codes(answer)) == (503, ["outcome-unknown"])
    assert await count(impatient) == 1


async def test_the_sweeper_settles_what_no_till_asks_for_again(impatient: Till, sales: StandIn) -> None:
    sales.hold = asyncio.Event()
    await impatient.submit(impatient.order())
    sales.hold.set()

    await sweep(impatient.gateway)

    (row,) = await impatient.gateway.sql("SELECT status, sales_order_no, attempts FROM order_stage")
    assert row["status"] == "synchronized"
    assert row["sales_order_no"].startswith("S-")
    assert row["attempts"] == 2


async def test_the_sweeper_waits_longer_each_time(waiting: Till, sales: StandIn) -> None:
    sales.status, sales.body = 500, b"{}"
    assert codes(await waiting.submit(waiting.order())) == ["outcome-unknown"]

    await sweep(waiting.gateway)
    await sweep(waiting.gateway)

    (row,) = await waiting.gateway.sql("SELECT status, attempts, ask_at > now() AS later FROM order_stage")
    assert row["status"] == "submitting"
    assert row["attempts"] >= 2


async def test_an_order_that_sales_refuses_to_the_sweeper_is_gone(waiting: Till, sales: StandIn) -> None:
    sales.status, sales.body = 500, b"{}"
    await waiting.submit(waiting.order())
    sales.status, sales.body = 409, REFUSAL

    await sweep(waiting.gateway)

    assert await count(waiting) == 0


async def test_a_broken_connection_is_tried_once_more(waiting: Till, sales: StandIn) -> None:
    sales.break_next = 1

    answer = await waiting.submit(waiting.order())

    assert answer.status_code == 201
    assert len(sales.asked) == 2
    assert len({a.transaction_id for a in sales.asked}) == 1


async def test_a_gateway_that_sales_does_not_accept_makes_no_order(waiting: Till, sales: StandIn) -> None:
    sales.status, sales.body = 401, b"{}"

    answer = await waiting.submit(waiting.order())

    assert (answer.status_code, codes(answer)) == (503, ["sales-unavailable"])
    assert await count(waiting) == 0


async def test_many_tills_ask_for_one_transaction_at_once_and_get_one_order(
    waiting: Till, sales: StandIn
) -> None:
    body = waiting.order()

    answers = await asyncio.gather(*(waiting.submit(body) for _ in range(8)))

    assert {a.status_code for a in answers} <= {200, 201}
    assert len({a.json()["confirmation_no"] for a in answers}) == 1
    assert len({a.transaction_id for a in sales.asked}) == 1


async def test_b2_a_wrong_order_is_refused_before_sales_is_asked(waiting: Till, sales: StandIn) -> None:
    answer = await waiting.submit(waiting.order(customer_no="NOBODY"))

    assert (answer.status_code, codes(answer)) == (422, ["unknown-customer"])
    assert sales.asked == []


async def test_a_dry_run_asks_nobody(waiting: Till, sales: StandIn) -> None:
    assert (await waiting.dry_run(waiting.order())).status_code == 200
    assert sales.asked == []


async def test_a_customer_who_is_known_to_tills_only_cannot_be_used_at_once(
    impatient: Till, sales: StandIn
) -> None:
    sales.hold = asyncio.Event()
    await impatient.submit(impatient.order(customer_no=None, new_customer={"name": "Neu"}))
    (row,) = await impatient.gateway.sql("SELECT id FROM till_customer")

    answer = await impatient.submit(impatient.order(customer_no=None, customer_id=str(row["id"])))

    assert (answer.status_code, codes(answer)) == (422, ["customer-pending-sync"])


async def test_pos_16_in_the_back_up_mode_the_till_does_not_wait(backed_up: Till, sales: StandIn) -> None:
    sales.hold = asyncio.Event()

    answer = await backed_up.submit(backed_up.order())
    sales.hold.set()

    assert (answer.status_code, answer.json()["status"]) == (202, "submitting")
    no = answer.json()["confirmation_no"]
    order = await eventually(lambda: backed_up.show(no), lambda o: o["status"] == "synchronized")
    assert order["sales_order_no"]


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (409, REFUSAL)])
async def test_pos_16_an_order_that_sales_does_not_take_at_once_is_pulled(
    backed_up: Till, sales: StandIn, status: int, body: bytes
) -> None:
    sales.status, sales.body = status, body

    no = (await backed_up.submit(backed_up.order())).json()["confirmation_no"]

    await eventually(lambda: backed_up.show(no), lambda o: o["status"] == "pending")
    assert (await backed_up.gateway.send("POST", "/pull-jobs/P-0001/run", {})).json()["pulled"] == 1


async def test_pos_16_orders_are_taken_while_sales_is_down(start: Start) -> None:
    gateway = await start()
    till = await open_shop(gateway, realtime_with_async_backup=True)

    answer = await till.submit(till.order())

    assert answer.status_code == 202
    no = answer.json()["confirmation_no"]
    await eventually(lambda: till.show(no), lambda o: o["status"] == "pending")


async def test_a_change_of_the_profile_changes_the_way_at_once(waiting: Till, sales: StandIn) -> None:
    profile: dict[str, Any] = {"create_customer_order_in_async_mode": True}
    await waiting.gateway.send("PUT", "/functionality-profiles/P-S1", profile)

    answer = await waiting.submit(waiting.order())

    assert (answer.status_code, answer.json()["mode"]) == (202, "asynchronous")
    assert sales.asked == []


async def test_an_item_that_is_just_coming_is_waited_for(start: Start, sales: StandIn) -> None:
    gateway = await start(sales_url=sales.url, reference_grace_ms=3000)
    till = await open_shop(gateway, asynchronous=False)

    posting = asyncio.create_task(till.submit(till.order(lines=[line(item_no="2000")])))
    await gateway.deliver(("item", "2000", Item(version=1, no="2000")))

    assert (await posting).status_code == 201
