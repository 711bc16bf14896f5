"""Batches of what tills took while they were offline: one result each, and nothing that was paid is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from contracts.channel import ChannelOrder
from tests.integration.pos_gateway.conftest import Start
from tests.integration.pos_gateway.shop import Till, line, open_shop, set_parameters
from tests.support.service import codes


def offline(till: Till, **changes: Any) -> dict[str, Any]:
    """An order that its till took a while ago."""
    return till.order(**({"worker_id": "W-S1"} | changes))


async def upload(till: Till, *transactions: Any, key: str | None = None) -> httpx.Response:
    body = {"transactions": list(transactions)}
    return await till.gateway.send("POST", "/transaction-batches", body, token=till.terminal_token, key=key)


def said(answer: httpx.Response) -> list[str]:
    return [result["status"] for result in answer.json()["results"]]


async def test_b25_each_transaction_of_a_batch_has_its_own_result(till: Till) -> None:
    """P8: one that is wrong keeps no other back."""
    good = [offline(till) for _ in range(4)]
    bad = offline(till, customer_no="NOBODY")
    unreadable = offline(till, lines=[line(quantity="two")])

    answer = await upload(till, *good[:2], bad, unreadable, *good[2:])
    all_good = await upload(till, offline(till), offline(till))

    assert (answer.status_code, all_good.status_code) == (207, 200)
    assert said(answer) == ["created", "created", "failed", "rejected", "created", "created"]
    results = answer.json()["results"]
    assert [result["index"] for result in results] == [0, 1, 2, 3, 4, 5]
    assert results[2]["problem"]["code"] == "unknown-customer"
    assert results[3]["problem"]["errors"][0]["pointer"] == "/lines/0/quantity"
    assert "confirmation_no" not in results[3]


async def test_pos_112_a_set_deposit_and_a_quote_of_a_chosen_expiry_are_taken_offline(till: Till) -> None:
    await set_parameters(till.gateway, default_deposit_pct="10")
    cash = [{"method": "cash", "amount": "50.00"}]
    order = offline(till, deposit_override="50.00", payments=cash)
    quote = offline(till, kind="quote", expiry_date="2026-04-01")

    answer = await upload(till, order, quote)

    assert said(answer) == ["created", "created"]
    shown = [await till.show(result["confirmation_no"]) for result in answer.json()["results"]]
    assert (shown[0]["deposit_required"], shown[0]["overrides"][0]["to_amount"]) == ("50.00", "50.00")
    assert shown[1]["expires_at"] == "2026-04-01T21:59:59Z"


@pytest.mark.parametrize("operation", ["edit", "pickup", "cancel", "convert"])
async def test_pos_67_no_other_act_than_a_return_is_taken_offline(till: Till, operation: str) -> None:
    """POS-112: what needs the back office is rejected, and the order stays as it is."""
    no = (await till.submit(till.order())).json()["confirmation_no"]
    act = till.act(operation=operation, confirmation_no=no, worker_id="W-S1", reason="x")

    answer = await upload(till, act)

    assert said(answer) == ["rejected"]
    assert (await till.show(no))["version"] == 1


async def test_pos_103_what_was_uploaded_or_sent_before_is_not_taken_again(till: Till) -> None:
    """P9, B25: also within one batch, and of an order whose answer the till did not get."""
    online = till.order()
    sent = await till.submit(online)
    again = online | {"worker_id": "W-S1", "config_version": 1, "idempotency_key": "k"}
    order = offline(till)

    answer = await upload(till, order, order, again, key="k")
    repeated = await upload(till, order, key="other")
    replayed = await upload(till, order, order, again, key="k")

    assert said(answer) == ["created", "duplicate", "duplicate"]
    results = answer.json()["results"]
    assert results[0]["confirmation_no"] == results[1]["confirmation_no"]
    assert results[2]["confirmation_no"] == sent.json()["confirmation_no"]
    assert said(repeated) == ["duplicate"]
    assert replayed.json() == answer.json()


async def test_what_breaks_rules_is_kept_with_all_reasons_and_goes_to_sales(till: Till) -> None:
    """POS-90, POS-112: a paid order is never refused; all that is wrong with it is kept with it."""
    await set_parameters(till.gateway, default_deposit_pct="50")
    order = offline(till, lines=[line(item_no="NONE"), line()], receipt_no="R-77", worker_id="NOBODY")

    (result,) = (await upload(till, order)).json()["results"]
    shown = await till.show(result["confirmation_no"])
    (handed_over,) = await till.gateway.published(ChannelOrder, "R-77")

    assert (result["status"], result["confirmation_no"]) == ("failed", "R-77")
    reasons = {(e["code"], e["pointer"]) for e in shown["errors"]}
    assert reasons >= {
        ("permission-missing", "/kind"),
        ("permission-missing", "/lines/0/fulfilment/mode"),
        ("unknown-item", "/lines/0/item_no"),
    }
    assert (shown["status"], shown["totals"]["total"]) == ("failed", "200.00")
    assert [e.code for e in handed_over.errors] == [e["code"] for e in shown["errors"]]
    found = await till.gateway.get("/customer-orders", token=till.token, status="failed", order_no="R-77")
    assert len(found["items"]) == 1
    assert said(await upload(till, order)) == ["duplicate"]


async def test_what_a_person_repairs_is_not_edited_at_the_till_but_cancelled(till: Till) -> None:
    """POS-101: the till does not know the repaired order; that the customer wants it no more is a fact."""
    (result,) = (await upload(till, offline(till, lines=[line(item_no="NONE")]))).json()["results"]
    no = result["confirmation_no"]
    edit = till.act(lines=[{"line_no": 10000, "quantity": "2"}])

    edited = await till.carry_out("edit", no, edit)
    cancelled = await till.carry_out("cancel", no, till.act(reason="no longer wanted"))

    assert (edited.status_code, codes(edited)) == (409, ["not-synchronized-yet"])
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled"), cancelled.text


async def test_b24_another_order_under_a_taken_identity_is_kept_beside_it(till: Till) -> None:
    first = (await till.submit(till.order())).json()
    other = offline(till, transaction=first["transaction"], lines=[line(quantity="3")])

    answer = await upload(till, other, other)
    again = await upload(till, other)
    (handed_over,) = await till.gateway.published(
        ChannelOrder, answer.json()["results"][0]["confirmation_no"]
    )

    conflict, repeated = answer.json()["results"]
    assert (conflict["status"], repeated["status"], said(again)) == ("conflict", "duplicate", ["duplicate"])
    assert conflict["problem"]["confirmation_no"] == first["confirmation_no"]
    assert repeated["confirmation_no"] == conflict["confirmation_no"]
    assert (await till.show(conflict["confirmation_no"]))["status"] == "failed"
    assert handed_over.conflicts_with == first["confirmation_no"]


async def test_a_receipt_number_that_another_order_has_is_repaired_later(till: Till) -> None:
    await till.submit(till.order(receipt_no="R-1"))

    (result,) = (await upload(till, offline(till, receipt_no="R-1"))).json()["results"]

    assert (result["status"], result["problem"]["code"]) == ("failed", "receipt-no-taken")
    assert result["confirmation_no"].startswith("K-")


async def test_pos_114_a_clock_and_a_configuration_of_another_time_are_flagged(till: Till) -> None:
    """B28: the money of an order is not judged by a configuration that its till did not have."""
    await set_parameters(till.gateway, default_deposit_pct="50")
    old = offline(till, occurred_at="1970-01-01T00:00:00Z")
    ahead = offline(till, occurred_at="2199-03-02T10:00:00Z")
    stale = offline(till, config_version=1)
    paid = {"payments": [{"method": "cash", "amount": "50.00"}]}

    answer = await upload(till, old | paid, ahead | paid, stale, offline(till), offline(till, **paid))

    results = answer.json()["results"]
    assert said(answer) == ["created", "created", "created", "failed", "created"]
    assert [result.get("flags") for result in results] == [
        ["clock_skew"], ["clock_skew"], ["config_stale"], None, None,
    ]  # fmt: skip
    assert results[3]["problem"]["code"] == "deposit-not-paid"


async def config_version(till: Till) -> int:
    return int((await till.gateway.post("/distribution-schedules/1070/run", {}))["config_version"])


async def test_p14_what_a_till_took_offline_is_judged_by_the_settings_that_it_knew(till: Till) -> None:
    """Also a shipping charge under a code that is another one today; the order is stamped with that version."""
    await set_parameters(till.gateway, default_deposit_pct="10", shipping_charge_code="SHIPPING")
    known = await config_version(till)
    await set_parameters(till.gateway, default_deposit_pct="50")
    shipped = {"lines": [line("ship", shipping_charge="10.00")], "balance_cards": [{"card_token": "t"}]}
    cash = [{"method": "cash", "amount": "11.00"}]
    old = offline(till, config_version=known, payments=cash, **shipped)
    unpaid = offline(till, config_version=known)
    ahead = offline(till, config_version=known + 1000)

    answer = await upload(till, old, unpaid, ahead)

    results = answer.json()["results"]
    assert said(answer) == ["created", "failed", "created"]
    assert [result.get("flags") for result in results] == [None, None, ["config_stale"]]
    assert results[1]["problem"]["code"] == "deposit-not-paid"
    shown = await till.show(results[0]["confirmation_no"])
    assert (shown["config_version"], shown["config_stale"], shown["deposit_required"]) == (
        known,
        False,
        "11.00",
    )
    assert shown["charges"][0]["code"] == "SHIPPING"


async def test_p14_settings_that_ended_long_ago_are_forgotten(till: Till) -> None:
    """What names them is accepted without judging its money, and flagged."""
    await set_parameters(till.gateway, default_deposit_pct="0")
    known = await config_version(till)
    await set_parameters(till.gateway, default_deposit_pct="40")
    kept = offline(till, config_version=known, payments=[])
    assert said(await upload(till, kept)) == ["created"]
    async with till.gateway.database.begin() as tx:
        await tx.run(text("UPDATE setting_version SET ended_at = ended_at - interval '91 days'"))
    await set_parameters(till.gateway, default_deposit_pct="50")

    (result,) = (await upload(till, offline(till, config_version=known))).json()["results"]

    assert (result["status"], result["flags"]) == ("created", ["config_stale"])


async def test_pos_18_orders_of_a_store_that_takes_none_offline_wait_for_a_person(till: Till) -> None:
    await open_shop(till.gateway, store_no="S2", offline_creation_allowed=False)
    other = await open_shop(till.gateway, store_no="S2", offline_creation_allowed=False)
    order = other.order(worker_id="W-S2", lines=[line(store_no="S2")])

    answer = await upload(other, order)
    foreign = await upload(till, order)

    assert answer.json()["results"][0]["problem"]["code"] == "offline-creation-not-allowed"
    # A terminal of another store.
    assert (said(answer), said(foreign)) == (["failed"], ["rejected"])
    assert foreign.json()["results"][0]["problem"]["code"] == "terminal-mismatch"


async def test_b14_a_card_number_refuses_its_transaction_alone(till: Till) -> None:
    answer = await upload(till, offline(till, external_reference="4111111111111111"), offline(till))

    assert said(answer) == ["rejected", "created"]
    assert answer.json()["results"][0]["problem"]["code"] == "card-number-not-allowed"


@pytest.mark.parametrize(("count", "status", "code"), [(0, 422, "too-short"), (1001, 413, "too-large")])
async def test_b25_a_batch_has_one_to_a_thousand_transactions(
    till: Till, count: int, status: int, code: str
) -> None:
    answer = await upload(till, *({} for _ in range(count)))

    assert (answer.status_code, codes(answer)) == (status, [code])


async def test_a_batch_needs_a_terminal(till: Till) -> None:
    token = till.gateway.issuer.token("pos:terminal")
    body = {"transactions": [offline(till)]}
    answer = await till.gateway.send("POST", "/transaction-batches", body, token=token)

    assert (answer.status_code, codes(answer)) == (403, ["terminal-required"])


async def test_pos_103_the_same_batch_at_once_makes_each_order_once(till: Till, start: Start) -> None:
    """In two processes, twenty rounds."""
    other = await start()
    for _ in range(20):
        orders = [offline(till) for _ in range(3)]
        bodies = [{"transactions": orders}, {"transactions": orders[::-1]}]
        answers = await asyncio.gather(
            *(
                gateway.send("POST", "/transaction-batches", body, token=till.terminal_token)
                for gateway, body in zip((till.gateway, other), bodies, strict=True)
            )
        )

        assert sorted(s for a in answers for s in said(a)) == ["created"] * 3 + ["duplicate"] * 3
