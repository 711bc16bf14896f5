"""Quotes become orders, over the API: each one order, whatever happens at once (POS-57, POS-58; B16)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from contracts.channel import ChannelOrder
from tests.integration.pos_gateway.shop import Gateway, Till, line, set_parameters, sign_on
from tests.integration.pos_gateway.standin import REFUSAL, StandIn
from tests.support.service import codes

RACES = 20
LATER = "2026-05-01"


async def quoted(till: Till, **changes: Any) -> str:
    """A quote of one piece at 100.00."""
    answer = await till.submit(till.order(kind="quote", lines=[line(store_no=till.store_no)], **changes))
    assert answer.is_success, answer.text
    return str(answer.json()["confirmation_no"])


def converting(till: Till, paid: str = "10.00", day: str = "", **changes: Any) -> dict[str, Any]:
    payments = [{"method": "cash", "amount": paid}] if paid else []
    body = till.act(payments=payments, **changes)
    return body | {"transaction": body["transaction"] | {"business_date": day}} if day else body


async def test_pos_57_a_quote_becomes_an_order_with_a_deposit(gateway: Gateway, till: Till) -> None:
    """It has a number of its own and names its quote, which stays, closed; sent again it is the same order."""
    await set_parameters(gateway, default_deposit_pct="10")
    no = await quoted(till)
    body, key = converting(till), str(uuid4())
    rehearsed = await till.rehearse("convert", no, body | {"payments": []})
    unpaid = await till.carry_out("convert", no, body | {"payments": []})
    answer = await till.carry_out("convert", no, body, key=key)
    same_key = await till.carry_out("convert", no, body, key=key)
    new_key = await till.carry_out("convert", no, body)
    other = await till.carry_out("convert", no, body | {"reprice": True})
    twice = await till.carry_out("convert", no, converting(till))
    edited = await till.carry_out("cancel", no, till.act(reason="x"))
    unseen = await till.carry_out("convert", no, converting(till), version=None)

    order = answer.json()
    made = order["confirmation_no"]
    assert (answer.status_code, order["kind"], made != no) == (201, "customer_order", True), answer.text
    assert rehearsed.json()["settlement"]["due"] == order["settlement"]["due"] == "10.00"
    assert (unpaid.status_code, codes(unpaid)) == (422, ["deposit-not-paid"])
    assert [x.json()["confirmation_no"] for x in (same_key, new_key)] == [made, made]
    assert [x.status_code for x in (same_key, new_key, other, twice)] == [201, 200, 409, 409]
    assert (codes(other), codes(twice)) == (["duplicate-transaction"], ["already-converted"])
    assert twice.json()["confirmation_no"] == made
    assert (edited.status_code, unseen.status_code) == (409, 428)
    quote = await till.show(no)
    assert (quote["status"], quote["kind"], quote["version"]) == ("closed", "quote", 2)
    await gateway.post("/pull-jobs/P-0001/run", {})
    (published,) = await gateway.published(ChannelOrder, made)
    assert published.quote_no == no


async def test_b16_an_expired_quote_needs_todays_prices(till: Till) -> None:
    """POS-58: the gateway knows no price of the item, so the quoted one stays."""
    no = await quoted(till)
    may_not = {"name": "Kim", "permissions": ["create_order", "create_quote", "pickup_lines"]}
    await till.gateway.put("/workers/W-S1", may_not)
    unlocked = await till.carry_out("convert", no, converting(till, "", reprice=True))
    expired = await till.carry_out("convert", no, converting(till, "", LATER))
    repriced = await till.carry_out("convert", no, converting(till, "", LATER, reprice=True))

    assert (unlocked.status_code, codes(unlocked)) == (403, ["permission-missing"])
    assert unlocked.json()["permission"] == "recalculate"
    assert (expired.status_code, codes(expired)) == (409, ["quote-expired"])
    assert (repriced.status_code, repriced.json()["totals"]["total"]) == (201, "100.00"), repriced.text


async def test_b16_what_is_no_quote_or_another_version_is_not_converted(till: Till) -> None:
    order = (await till.submit(till.order())).json()["confirmation_no"]
    quote = await quoted(till)
    no_quote = await till.carry_out("convert", order, converting(till, ""))
    older = await till.carry_out("convert", quote, converting(till, ""), version=7)
    unknown = await till.carry_out("convert", "K-0", converting(till, ""))
    given_up = await quoted(till)
    cancelled = await till.carry_out("cancel", given_up, till.act(reason="too dear"))
    after = await till.carry_out("convert", given_up, converting(till, ""))
    await till.gateway.put("/workers/W-S1", {"name": "Kim", "permissions": ["create_quote"]})
    not_allowed = await till.carry_out("convert", quote, converting(till, ""))

    assert (no_quote.status_code, codes(no_quote)) == (409, ["not-a-quote"])
    assert (older.status_code, codes(older)) == (412, ["stale-version"])
    assert unknown.status_code == 404
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled"), cancelled.text
    assert (after.status_code, codes(after)) == (409, ["already-cancelled"])
    assert (not_allowed.status_code, set(codes(not_allowed))) == (403, {"permission-missing"})


async def test_a_quote_is_as_it_was_where_sales_refuses_its_order(waiting: Till, sales: StandIn) -> None:
    """POS-109: nothing is kept, and the same request makes the order once sales takes it."""
    no = await quoted(waiting)
    before, body = await waiting.show(no), converting(waiting, "")
    sales.status, sales.body = 409, REFUSAL
    refused = await waiting.carry_out("convert", no, body, version=before["version"])
    between = await waiting.show(no)
    sales.status, sales.body = 201, b""
    answer = await waiting.carry_out("convert", no, body, version=before["version"])

    assert (refused.status_code, codes(refused)) == (409, ["item-blocked"])
    assert between | {"updated_at": before["updated_at"]} == before
    assert (answer.status_code, answer.json()["status"]) == (201, "synchronized"), answer.text
    assert sales.asked[-1].quote_no == no
    assert (await waiting.show(no))["status"] == "closed"


async def test_b16_of_two_conversions_at_once_one_makes_the_order(gateway: Gateway, till: Till) -> None:
    """Twenty rounds."""
    other = await sign_on(gateway, number=2)
    for _ in range(RACES):
        no = await quoted(till)
        answers = await asyncio.gather(
            till.carry_out("convert", no, converting(till, "")),
            other.carry_out("convert", no, converting(other, "")),
        )
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert (won.status_code, lost.status_code) == (201, 409), [a.text for a in answers]
        assert lost.json()["confirmation_no"] == won.json()["confirmation_no"]
        made = await gateway.sql("SELECT FROM customer_order WHERE body->>'quote_no' = $1", no)
        assert len(made) == 1
