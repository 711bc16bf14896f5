"""Taking orders asynchronously: 202 while everything else is down (POS-15, POS-86, POS-87, POS-103)."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.integration.pos_gateway.shop import Till, line, open_shop, sign_on
from tests.support.service import codes


async def test_a_till_gets_a_confirmation_number_while_sales_is_down(till: Till) -> None:
    answer = await till.submit(till.order())

    assert answer.status_code == 202, answer.text
    order = answer.json()
    assert answer.headers["Location"] == f"/v1/customer-orders/{order['confirmation_no']}"
    assert answer.headers["ETag"] == '"1"'
    assert order["status"] == "pending"
    assert order["sales_order_no"] is None
    assert order["totals"] == {"net": "100.00", "tax": "0.00", "charges": "0.00", "total": "100.00"}


async def test_what_is_answered_is_what_is_stored(till: Till) -> None:
    taken = (await till.submit(till.order())).json()

    assert await till.show(taken["confirmation_no"]) == taken


async def test_the_receipt_number_becomes_the_confirmation_number(till: Till) -> None:
    order = (await till.submit(till.order(receipt_no="r-77"))).json()

    assert order["confirmation_no"] == order["receipt_no"] == "R-77"


async def test_a_receipt_number_of_another_order_is_refused(till: Till) -> None:
    await till.submit(till.order(receipt_no="R-1"))

    again = await till.submit(till.order(receipt_no="R-1"))

    assert again.status_code == 409
    assert codes(again) == ["receipt-no-taken"]
    assert again.json()["confirmation_no"] == "R-1"


async def test_a_receipt_number_of_another_store_is_free_here(till: Till) -> None:
    """POS-87: the order has its receipt number, under a confirmation number of its own; both find it."""
    await till.submit(till.order(receipt_no="17"))
    other = await open_shop(till.gateway, store_no="S2")

    body = other.order(receipt_no="17")
    taken = await other.submit(body)
    repeated = await other.submit(body)
    second = await other.submit(other.order(receipt_no="17"))

    order = taken.json()
    assert (taken.status_code, order["receipt_no"]) == (202, "17")
    assert order["confirmation_no"].startswith("K-")
    assert (repeated.status_code, repeated.json()) == (200, order)
    assert (second.status_code, codes(second)) == (409, ["receipt-no-taken"])
    assert second.json()["confirmation_no"] == order["confirmation_no"]
    found = await other.gateway.get("/customer-orders", order_no="17", token=other.token)
    assert [o["confirmation_no"] for o in found["items"]] == [order["confirmation_no"]]


async def test_two_tills_with_one_receipt_number_at_once_make_one_order_per_store(till: Till) -> None:
    """POS-87, POS-103."""
    other = await open_shop(till.gateway, store_no="S2")
    tills = [till, other] * 4

    answers = await asyncio.gather(*(each.submit(each.order(receipt_no="R-9")) for each in tills))

    assert sorted(answer.status_code for answer in answers) == [202, 202, *[409] * 6]
    stored = await till.gateway.sql("SELECT store_no, receipt_no FROM customer_order ORDER BY store_no")
    assert [tuple(row) for row in stored] == [("S1", "R-9"), ("S2", "R-9")]


async def test_a_transaction_that_says_the_same_in_other_words_is_the_same(till: Till) -> None:
    """POS-86."""
    body = till.order(lines=[line(quantity="1", unit_price="100.00")])
    first = (await till.submit(body)).json()

    same = body | {
        "occurred_at": "2026-03-02T09:14:58Z",
        "lines": [line(quantity=1.0, unit_price=100)],
    }
    again = await till.submit(same)

    assert (again.status_code, again.json()) == (200, first)


async def test_the_same_key_gets_the_same_order(till: Till) -> None:
    body, key = till.order(), str(uuid4())

    first = await till.submit(body, key=key)
    second = await till.submit(body, key=key)

    assert (second.status_code, second.json()) == (202, first.json())
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_the_same_key_with_another_body_is_refused(till: Till) -> None:
    """B23."""
    key = str(uuid4())
    await till.submit(till.order(), key=key)

    other = await till.submit(till.order(), key=key)

    assert (other.status_code, codes(other)) == (422, ["idempotency-key-reused"])


async def test_a_key_is_required(till: Till) -> None:
    """B23."""
    answer = await till.submit(till.order(), key="")

    assert (answer.status_code, codes(answer)) == (400, ["idempotency-key-missing"])


async def test_keys_of_two_tills_do_not_meet(till: Till) -> None:
    """B23."""
    other, key = await sign_on(till.gateway, number=2), str(uuid4())

    mine = await till.submit(till.order(), key=key)
    theirs = await other.submit(other.order(), key=key)

    assert mine.status_code == theirs.status_code == 202
    assert mine.json()["confirmation_no"] != theirs.json()["confirmation_no"]


async def test_the_same_transaction_with_a_new_key_is_answered_with_its_order(till: Till) -> None:
    body = till.order()
    first = await till.submit(body)

    second = await till.submit(body)

    assert (second.status_code, second.json()) == (200, first.json())


async def test_a_transaction_taken_once_is_answered_although_its_customer_is_blocked_now(till: Till) -> None:
    body = till.order()
    first = (await till.submit(body)).json()
    await till.gateway.sql("DELETE FROM copy WHERE kind = 'customer'")

    second = await till.submit(body)

    assert (second.status_code, second.json()["confirmation_no"]) == (200, first["confirmation_no"])


async def test_another_content_under_the_same_identity_names_the_order(till: Till) -> None:
    body = till.order()
    first = (await till.submit(body)).json()

    other = await till.submit(body | {"lines": [line(quantity="2")]})

    assert other.status_code == 409
    assert other.json()["code"] == "duplicate-transaction"
    assert other.json()["confirmation_no"] == first["confirmation_no"]


async def test_one_transaction_sent_by_many_at_once_makes_one_order(till: Till) -> None:
    body = till.order()

    answers = await asyncio.gather(*(till.submit(body) for _ in range(20)))

    assert sorted(a.status_code for a in answers) == [200] * 19 + [202]
    assert len({a.json()["confirmation_no"] for a in answers}) == 1
    (row,) = await till.gateway.sql("SELECT count(*) FROM customer_order")
    assert row[0] == 1


async def test_many_orders_at_once_are_stored_in_few_transactions(till: Till) -> None:
    bodies = [till.order() for _ in range(60)]

    answers = await asyncio.gather(*(till.submit(body) for body in bodies))

    assert {a.status_code for a in answers} == {202}
    assert len({a.json()["confirmation_no"] for a in answers}) == 60
    (row,) = await till.gateway.sql("SELECT count(DISTINCT xmin::text) FROM customer_order")
    assert row[0] < 10


async def test_a_bad_order_among_good_ones_spoils_none(till: Till) -> None:
    bodies = [till.order() for _ in range(9)] + [till.order(customer_no="NOBODY")]

    answers = await asyncio.gather(*(till.submit(body) for body in bodies))

    assert sorted(a.status_code for a in answers) == [202] * 9 + [422]


async def test_a_dry_run_answers_amounts_and_keeps_nothing(till: Till) -> None:
    """POS-37: the till may leave the sale after it; the transaction's number is still free."""
    body = till.order()

    rehearsed = await till.dry_run(body)

    assert rehearsed.status_code == 200, rehearsed.text
    assert rehearsed.json()["confirmation_no"] is None
    assert rehearsed.json()["settlement"]["total"] == "100.00"
    assert (await till.gateway.sql("SELECT count(*) FROM customer_order"))[0][0] == 0
    assert (await till.submit(body)).status_code == 202


async def test_an_order_carries_the_configuration_it_was_made_with(till: Till) -> None:
    """P14."""
    current = (await till.gateway.send("POST", "/distribution-schedules/1070/run", {})).json()[
        "config_version"
    ]

    answer = await till.submit(till.order(config_version=current - 1))

    assert answer.json()["config_version"] == current
    assert answer.json()["config_stale"] is True
    assert answer.headers["Koppel-Config-Version"] == str(current)


async def test_a_refusal_carries_the_configuration_version_too(till: Till) -> None:
    """P14."""
    answer = await till.submit({})

    assert answer.status_code == 422
    assert int(answer.headers["Koppel-Config-Version"]) > 0
