"""Ways to procure one sales line, racing: one purchase line, and the loser's clear answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.outcomes import RequestOutcome
from tests.integration.purchasing.rig import Purchasing
from tests.support.polling import eventually
from tests.unit.purchasing import examples as x

ASSOCIATED = "already-associated-with-purchase-order"
SOLD = x.sales_order(x.sales_line(x.COMPASS, 20000, "special_order"))
GET = {"kind": "special_order", "sales_order_no": "S-1001"}


async def empty_order(purchasing: Purchasing, no: str) -> None:
    body = {"no": no, "vendor_no": "V20", "sell_to_customer_no": "C100"}
    await purchasing.post("/purchase-orders", body, expect=201)


def request(generation: int = 1) -> PurchaseRequest:
    return x.request(x.request_line(sales=x.ref(generation=generation)))


async def active_links(purchasing: Purchasing) -> list[Any]:
    return await purchasing.sql("SELECT purchase_order_no, generation FROM purchase_link WHERE active")


@pytest.mark.parametrize("attempt", range(5))
async def test_purchase_request_against_get_sales_order(purchasing: Purchasing, attempt: int) -> None:
    await purchasing.deliver_sales_orders(SOLD)
    await empty_order(purchasing, "B1")
    asked = request()

    acts = [
        purchasing.send("POST", "/purchase-orders/B1/get-sales-order", GET),
        purchasing.deliver_requests(asked),
    ]
    results = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)))
    answer = results[0 if attempt % 2 else 1]
    ((winner, generation),) = await active_links(purchasing)
    if winner == "B1":
        assert (answer.status_code, generation) == (200, 2)
        outcome = await purchasing.outcome(asked.id)
        assert (outcome.outcome, outcome.skipped[0].code) == ("skipped", ASSOCIATED)
        assert outcome.skipped[0].purchase_order_no == "B1"
    else:
        assert (answer.status_code, generation) == (409, 1)
        assert ASSOCIATED in {e["code"] for e in answer.json()["errors"]}
        assert (await purchasing.purchase_order("B1"))["lines"] == []


async def test_get_sales_order_loses_to_a_link_that_commits_while_it_decides(purchasing: Purchasing) -> None:
    """The states were read before the other's commit: only the unique index can tell."""
    await purchasing.deliver_sales_orders(SOLD)
    await empty_order(purchasing, "B1")
    async with purchasing.database.engine.connect() as other:
        await other.execute(INSERT_LINK, {"line": x.COMPASS, "generation": 1})
        losing = asyncio.create_task(purchasing.send("POST", "/purchase-orders/B1/get-sales-order", GET))
        await blocked(purchasing)
        await other.commit()
    answer = await losing
    assert (answer.status_code, answer.json()["code"]) == (409, ASSOCIATED)
    assert answer.json()["purchase_order_no"] == "RIVAL"
    assert (await purchasing.purchase_order("B1"))["lines"] == []
    assert await active_links(purchasing) == [("RIVAL", 1)]


async def test_a_request_loses_to_a_link_that_commits_while_it_decides(purchasing: Purchasing) -> None:
    asked = x.request(x.request_line(), x.request_line("1200", x.ref(x.KAYAK)))
    async with purchasing.database.engine.connect() as other:
        await other.execute(INSERT_LINK, {"line": x.COMPASS, "generation": 7})
        losing = asyncio.create_task(purchasing.deliver_requests(asked))
        await blocked(purchasing)
        await other.commit()
    await losing
    outcome = await purchasing.outcome(asked.id)
    assert (outcome.outcome, [s.purchase_order_no for s in outcome.skipped]) == ("created", ["RIVAL"])
    order = await purchasing.last_order(outcome.purchase_order_no)
    assert [line.item_no for line in order.lines] == ["1200"]


async def test_a_request_goes_on_when_its_rival_rolls_back(purchasing: Purchasing) -> None:
    asked = request()
    async with purchasing.database.engine.connect() as other:
        await other.execute(INSERT_LINK, {"line": x.COMPASS, "generation": 1})
        waiting = asyncio.create_task(purchasing.deliver_requests(asked))
        await blocked(purchasing)
        await other.rollback()
    await waiting
    assert await active_links(purchasing) == [("P-1001", 1)]


@pytest.mark.parametrize(("first", "second"), [(1, 1), (1, 2), (2, 1)])
async def test_two_requests_for_one_line_in_two_batches_at_once(
    purchasing: Purchasing, first: int, second: int
) -> None:
    """G25."""
    await asyncio.gather(
        purchasing.deliver_requests(request(first)), purchasing.deliver_requests(request(second))
    )
    assert len(await active_links(purchasing)) == 1
    assert await purchasing.sql("SELECT count(*) FROM purchase_order") == [(1,)]
    outcomes = [o.outcome for o in await purchasing.published(RequestOutcome)]
    assert outcomes == ["skipped"]


async def test_a_lower_generation_after_the_higher_one_was_deleted_is_superseded(
    purchasing: Purchasing,
) -> None:
    await purchasing.deliver_requests(request(2))
    await purchasing.delete("/purchase-orders/P-1001/lines/10000")
    late, again, next_one = request(1), request(2), request(3)
    await purchasing.deliver_requests(late, again, next_one)
    assert [(await purchasing.outcome(r.id)).outcome for r in (late, again)] == ["superseded", "superseded"]
    assert [generation for _, generation in await active_links(purchasing)] == [3]


async def test_two_orders_get_one_sales_order_at_once(purchasing: Purchasing) -> None:
    await purchasing.deliver_sales_orders(SOLD)
    for no in ("B1", "B2"):
        await empty_order(purchasing, no)
    answers = await asyncio.gather(
        *(purchasing.send("POST", f"/purchase-orders/{no}/get-sales-order", GET) for no in ("B1", "B2"))
    )
    assert sorted(a.status_code for a in answers) == [200, 409]
    loser = next(a for a in answers if a.status_code == 409)
    assert ASSOCIATED in {e["code"] for e in loser.json()["errors"]}
    assert len(await active_links(purchasing)) == 1


async def test_two_batches_that_want_the_same_lines_do_not_dead_lock(purchasing: Purchasing) -> None:
    lines = [x.UUID(int=n) for n in range(1, 41)]
    forth = [x.request(x.request_line(sales=x.ref(line))) for line in lines]
    back = [x.request(x.request_line(sales=x.ref(line))) for line in reversed(lines)]
    await asyncio.gather(purchasing.deliver_requests(*forth), purchasing.deliver_requests(*back))
    assert len(await active_links(purchasing)) == 40
    assert await purchasing.sql("SELECT count(*) FROM purchase_order") == [(40,)]


INSERT_LINK = text("""
INSERT INTO purchase_link (sales_line_id, generation, link_id, kind, purchase_order_no, line_id, sales_order_no, active)
VALUES (:line, :generation, gen_random_uuid(), 'special_order', 'RIVAL', gen_random_uuid(), 'S-1001', true)
""")


async def blocked(purchasing: Purchasing) -> None:
    """Until a transaction waits for a lock in this test's database."""
    statement = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    await eventually(lambda: purchasing.sql(statement), lambda rows: rows[0][0] > 0)
