"""Acts of tills: how they are stored, queued, submitted to sales, repeated and refused (POS-62, POS-67, P1)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.channel import ChannelOrder
from pos_gateway.jobs.acts import OverdueActs
from pos_gateway.sales_client import SalesClient
from pos_gateway.tokens import TokenIssuer, load_key
from tests.integration.pos_gateway.conftest import Start
from tests.integration.pos_gateway.shop import Gateway, Till, line, open_shop, picking, sign_on, sold
from tests.integration.pos_gateway.standin import StandIn, transaction_of
from tests.support.service import codes

RACES = 20
REFUSAL = (
    b'{"code":"item-blocked","status":409,"detail":"no","errors":[{"code":"item-blocked","detail":"no"}]}'
)


async def test_what_sales_has_is_picked_up_while_the_till_waits(waiting: Till, sales: StandIn) -> None:
    """POS-67, POS-74: sales ships and invoices at once."""
    no = await sold(waiting)
    answer = await waiting.carry_out("pickup", no, picking(waiting, "2", "250.00"))

    assert answer.status_code == 200, answer.text
    order = answer.json()
    (shown,) = order["lines"]
    assert (order["version"], order["status"]) == (2, "partly_fulfilled")
    assert (shown["quantity_picked_up"], shown["quantity_open"]) == ("2", "1")
    assert order["settlement"] == {
        "total": "200.00",
        "deposit_applied": "0.00",
        "charge": "0.00",
        "charges_refunded": "0.00",
        "due": "200.00",
        "paid": "200.00",
        "refunded": "0.00",
        "change": "50.00",
        "invoice_no": "I-1",
        "return_no": None,
        "sales_return_order_no": None,
    }
    asked = sales.asked[-1]
    (act,) = asked.acts
    assert (asked.version, act.operation, [str(x.quantity) for x in act.lines]) == (2, "pickup", ["2"])
    assert sales.headers[-1]["idempotency-key"] == str(act.act_id)
    assert await waiting.show(no) == order


async def test_the_last_pick_up_fulfils_the_order(waiting: Till) -> None:
    no = await sold(waiting)
    await waiting.carry_out("pickup", no, picking(waiting, "2", "200.00"))
    last = await waiting.carry_out("pickup", no, picking(waiting), version=2)

    assert (last.status_code, last.json()["status"], last.json()["balance"]) == (200, "fulfilled", "0.00")


async def test_a_rehearsal_shows_the_amounts_and_keeps_nothing(waiting: Till, sales: StandIn) -> None:
    no = await sold(waiting)
    asked = len(sales.asked)
    body = picking(waiting, "2", "")
    first = await waiting.rehearse("pickup", no, body)
    second = await waiting.rehearse("pickup", no, body)

    assert (first.status_code, first.json()["settlement"]["due"]) == (200, "200.00"), first.text
    assert second.json() == first.json()
    assert (await waiting.show(no))["version"] == 1
    assert len(sales.asked) == asked


async def test_b24_a_repeated_act_is_answered_and_not_done_again(waiting: Till, sales: StandIn) -> None:
    no = await sold(waiting)
    body, key = picking(waiting), str(uuid4())
    first = await waiting.carry_out("pickup", no, body, key=key)
    await waiting.carry_out("pickup", no, picking(waiting, "2", "200.00"), version=2)
    same_key = await waiting.carry_out("pickup", no, body, key=key)
    new_key = await waiting.carry_out("pickup", no, body)
    other = await waiting.carry_out("pickup", no, body | {"payments": []}, version=3)
    order = await waiting.submit(waiting.order(transaction=body["transaction"]))

    assert [x.status_code for x in (first, same_key, new_key)] == [200, 200, 200]
    assert [x.json()["settlement"]["due"] for x in (same_key, new_key)] == ["100.00", "100.00"]
    assert same_key.json()["version"] == 3
    assert (other.status_code, codes(other)) == (409, ["duplicate-transaction"])
    assert other.json()["confirmation_no"] == no
    assert (order.status_code, codes(order)) == (409, ["duplicate-transaction"])
    assert len(sales.asked) == 3


async def test_an_order_s_identity_is_not_an_act_s(waiting: Till) -> None:
    body = waiting.order(lines=[line()])
    no = (await waiting.submit(body)).json()["confirmation_no"]
    answer = await waiting.carry_out("pickup", no, picking(waiting) | {"transaction": body["transaction"]})

    assert (answer.status_code, codes(answer)) == (409, ["duplicate-transaction"])


@pytest.mark.parametrize("operation", ["pickup", "cancel", "cancel-remaining", "returns"])
async def test_a_till_says_which_version_it_has_shown(waiting: Till, operation: str) -> None:
    about: dict[str, Any] = {"reason": "x"}
    if operation in {"pickup", "returns"}:
        about = {"lines": [], "invoice_no": "I-1"} if operation == "returns" else {"lines": []}
    no = await sold(waiting)
    unsaid = await waiting.carry_out(operation, no, waiting.act(**about), version=None)
    older = await waiting.carry_out(operation, no, waiting.act(**about), version=7)

    assert (unsaid.status_code, codes(unsaid)) == (428, ["precondition-required"])
    assert (older.status_code, codes(older)) == (412, ["stale-version"])


async def test_what_sales_refuses_is_not_kept(waiting: Till, sales: StandIn) -> None:
    no = await sold(waiting)
    sales.status, sales.body = 409, REFUSAL
    body = picking(waiting)
    refused = await waiting.carry_out("pickup", no, body)
    sales.status, sales.body = 201, b""
    again = await waiting.carry_out("pickup", no, body)

    assert (refused.status_code, codes(refused)) == (409, ["item-blocked"])
    assert (again.status_code, again.json()["version"]) == (200, 2)


async def test_pos_110_an_unknown_outcome_is_found_out_by_the_sweeper(waiting: Till, sales: StandIn) -> None:
    """Meanwhile nothing else is done with the order."""
    no = await sold(waiting)
    sales.status, sales.body = 503, b'{"code":"overloaded","status":503,"detail":"no"}'
    body, key = picking(waiting), str(uuid4())
    unknown = await waiting.carry_out("pickup", no, body, key=key)
    other = await waiting.carry_out("pickup", no, picking(waiting))
    shown = await waiting.show(no)
    sales.status, sales.body = 201, b""
    await sweep(waiting.gateway)
    after = await waiting.carry_out("pickup", no, body, key=key)

    assert (unknown.status_code, codes(unknown)) == (503, ["outcome-unknown"])
    assert (other.status_code, codes(other)) == (409, ["act-in-progress"])
    assert shown["version"] == 1
    assert (after.status_code, after.json()["version"]) == (200, 2)
    assert {a.act_id for order in sales.asked for a in order.acts} == {sales.asked[-1].acts[0].act_id}


async def test_an_overdue_act_that_sales_refuses_is_withdrawn(waiting: Till, sales: StandIn) -> None:
    no = await sold(waiting)
    sales.status, sales.body = 503, b'{"code":"overloaded","status":503,"detail":"no"}'
    await waiting.carry_out("pickup", no, picking(waiting))
    sales.status, sales.body = 409, REFUSAL
    await sweep(waiting.gateway)
    sales.status, sales.body = 201, b""

    assert (await waiting.carry_out("pickup", no, picking(waiting))).status_code == 200


async def test_nothing_is_done_where_sales_is_not_reached(waiting: Till, start: Start) -> None:
    """POS-67: HQ is needed."""
    no = await sold(waiting)
    cut_off = await start(sales_url="http://127.0.0.1:9")
    till = await sign_on(cut_off, number=2)
    answer = await till.carry_out("pickup", no, picking(till))

    assert (answer.status_code, codes(answer)) == (503, ["sales-unavailable"])
    assert (await waiting.carry_out("pickup", no, picking(waiting))).status_code == 200


async def test_p1_an_act_before_the_pull_goes_to_sales_with_the_order(gateway: Gateway, till: Till) -> None:
    no = await sold(till)
    answer = await till.carry_out("pickup", no, picking(till))
    again = await till.carry_out("pickup", no, picking(till), version=2)
    await gateway.post("/pull-jobs/P-0001/run", {})
    (snapshot,) = await gateway.published(ChannelOrder, no)

    assert (answer.status_code, answer.json()["status"], answer.json()["version"]) == (202, "pending", 2)
    assert again.json()["lines"][0]["quantity_picked_up"] == "2"
    assert (snapshot.version, [a.operation for a in snapshot.acts]) == (3, ["pickup", "pickup"])


async def test_p1_an_act_after_the_pull_is_published_at_once(gateway: Gateway, till: Till) -> None:
    no = await sold(till)
    await gateway.post("/pull-jobs/P-0001/run", {})
    answer = await till.carry_out("pickup", no, picking(till))
    pulled, changed = await gateway.published(ChannelOrder, no)
    await gateway.deliver(("channel-transaction", no, transaction_of(changed)))
    shown = await till.show(no)

    assert (answer.status_code, answer.json()["status"]) == (202, "pulled")
    assert (pulled.acts, changed.version, len(changed.acts)) == ((), 2, 1)
    assert (shown["status"], shown["settlement"]["invoice_no"]) == ("partly_fulfilled", "I-1")
    assert (await gateway.sql("SELECT status FROM till_act"))[0][0] == "done"


async def test_a_store_can_forbid_acts_before_synchronization(gateway: Gateway) -> None:
    till = await open_shop(gateway, queue_changes_before_sync=False)
    no = await sold(till)
    answer = await till.carry_out("pickup", no, picking(till))

    assert (answer.status_code, codes(answer)) == (409, ["not-synchronized-yet"])


async def test_b18_of_two_tills_at_once_one_picks_up(waiting: Till, sales: StandIn) -> None:
    """Twenty rounds; what sales is asked for is what the winner takes."""
    other = await sign_on(waiting.gateway, number=2)
    for _ in range(RACES):
        no = await sold(waiting, "1")
        before = len(sales.asked)
        first, second = await asyncio.gather(
            waiting.carry_out("pickup", no, picking(waiting)),
            other.carry_out("pickup", no, picking(other)),
        )
        statuses = sorted([first.status_code, second.status_code])
        assert statuses in ([200, 409], [200, 412]), (first.text, second.text)
        assert len(sales.asked) == before + 1
        assert (await waiting.show(no))["lines"][0]["quantity_picked_up"] == "1"


async def test_a_pull_and_an_act_at_once_lose_nothing(gateway: Gateway, till: Till) -> None:
    """P1: sales' newest snapshot has the act, twenty times."""
    for _ in range(RACES):
        no = await sold(till)
        answer, _ = await asyncio.gather(
            till.carry_out("pickup", no, picking(till)), gateway.post("/pull-jobs/P-0001/run", {})
        )
        await gateway.post("/pull-jobs/P-0001/run", {})
        newest = max(await gateway.published(ChannelOrder, no), key=lambda order: order.version)
        assert (answer.status_code, newest.version, len(newest.acts)) == (202, 2, 1)


async def sweep(gateway: Gateway) -> None:
    """A run of the sweeper's job, as in a `work` process."""
    assert gateway.settings.signing_key_file is not None
    issuer = TokenIssuer(
        load_key(gateway.settings.signing_key_file),
        audience="koppel",
        terminal_ttl=timedelta(minutes=1),
        session_ttl=timedelta(minutes=1),
    )
    client = SalesClient(gateway.settings.sales_url, issuer, deadline_s=5)
    no_time = timedelta(0)
    await OverdueActs(client, first_backoff=no_time, longest_backoff=no_time).sweep(gateway.database)
    await client.close()


async def test_pos_86_one_identity_belongs_to_one_order_or_one_act(gateway: Gateway, till: Till) -> None:
    """B24, twenty rounds: an order, and an act on another order, at the same moment."""
    kept = [await sold(till) for _ in range(RACES)]
    for no in kept:
        identity = till.order()["transaction"]
        order = till.order(transaction=identity)
        act = till.act(transaction=identity, lines=[{"line_no": 10000, "quantity": "2"}])
        answers = await asyncio.gather(till.submit(order), till.carry_out("edit", no, act))

        assert sorted(answer.status_code for answer in answers) == [202, 409], [a.text for a in answers]
        (loser,) = [answer for answer in answers if answer.status_code == 409]
        assert codes(loser) == ["duplicate-transaction"]
    orders = await gateway.sql("SELECT count(*) FROM customer_order")
    acts = await gateway.sql("SELECT count(*) FROM till_act")
    claimed = await gateway.sql("SELECT count(*) FROM till_identity")
    assert orders[0][0] + acts[0][0] == claimed[0][0] == 2 * RACES


async def test_the_identity_of_what_sales_refused_is_free_again(waiting: Till, sales: StandIn) -> None:
    """An order and an act that were withdrawn: the till sends something else under the number."""
    no = await sold(waiting)
    sales.status, sales.body = 409, REFUSAL
    order, act = waiting.order(), picking(waiting)
    refused = [await waiting.submit(order), await waiting.carry_out("pickup", no, act)]
    sales.status, sales.body = 201, b""
    other = waiting.order(transaction=act["transaction"])
    again = [await waiting.submit(order), await waiting.submit(other)]

    assert [x.status_code for x in refused] == [409, 409]
    assert [x.status_code for x in again] == [201, 201], [x.text for x in again]
