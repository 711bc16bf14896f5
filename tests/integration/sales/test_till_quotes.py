"""Quotes of tills in sales."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from contracts.channel import ChannelOrder, ChannelTransaction
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import line_of, pulled
from tests.integration.sales.till_acts import act, of_stock, pickup, submit, totals, transaction_of, with_act


def quote(sequence: int) -> ChannelOrder:
    return of_stock(sequence, kind="quote", prepaid_amount=Decimal(0))


async def quoted(sales: Sales, till: ChannelOrder) -> Any:
    """The sales quote of a till's quote."""
    await sales.deliver(pulled(till))
    await sales.post("/order-synchronization/run", {})
    transaction = await transaction_of(sales, till)
    return await sales.get(f"/sales-quotes/{transaction['sales_quote_no']}")


async def test_a_till_s_quote_becomes_a_sales_quote(sales: Sales) -> None:
    """POS-59: nothing is bought or reserved for it; the gateway learns its number."""
    till = quote(1)
    made = await quoted(sales, till)
    assert (made["status"], made["confirmation_no"], line_of(made)["quantity"]) == ("open", "K-1", "2")
    (told,) = await sales.published(ChannelTransaction)
    assert (told.status, told.sales_quote_no, told.sales_order_no) == ("succeeded", made["no"], "")
    assert (await sales.get("/sales-orders"))["items"] == []


async def test_the_order_of_a_quote_closes_it(sales: Sales) -> None:
    """POS-57: as the back office's own conversion does; the quote cannot be converted again there."""
    made = await quoted(sales, quote(1))
    order = of_stock(2, quote_no="K-1")
    assert (await submit_order(sales, order)).status_code == 201
    after = await sales.get(f"/sales-quotes/{made['no']}")
    (sold,) = (await sales.get("/sales-orders"))["items"]
    assert (after["status"], after["sales_order_no"]) == ("converted", sold["no"])
    again = await sales.send("POST", f"/sales-quotes/{made['no']}/make-order", {})
    assert (again.status_code, again.json()["code"]) == (409, "already-converted")


async def test_a_quote_that_became_an_order_before_it_was_synchronized_is_not_made(sales: Sales) -> None:
    till, order = quote(1), of_stock(2, quote_no="K-1")
    await sales.deliver(pulled(till))
    await submit_order(sales, order)
    assert (await transaction_of(sales, till))["status"] == "void"
    assert await sales.post("/order-synchronization/run", {}) == {"succeeded": 0, "failed": 0, "pending": 0}


async def test_a_quote_is_edited_and_cancelled_by_tills(sales: Sales) -> None:
    till = quote(1)
    made = await quoted(sales, till)
    lines = (replace(till.lines[0], quantity=Decimal(3)),)
    edited = with_act(till, act("edit", 2), lines=lines, totals=totals("3"))
    assert (await submit(sales, edited)).status_code == 200
    assert line_of(await sales.get(f"/sales-quotes/{made['no']}"))["quantity"] == "3"
    refused = await submit(sales, with_act(edited, pickup(3)))
    assert (refused.status_code, refused.json()["code"]) == (409, "order-not-open")
    assert (await submit(sales, with_act(edited, act("cancel", 4)))).status_code == 200
    assert (await sales.send("GET", f"/sales-quotes/{made['no']}")).status_code == 404


async def submit_order(sales: Sales, order: ChannelOrder) -> Any:

    body = msgspec.json.encode(order)
    return await sales.send("POST", "/channel-transactions", body, key=str(order.transaction_id))


async def test_a_quote_and_its_order_that_wait_together_become_the_order_alone(sales: Sales) -> None:
    """POS-57: one run takes both; a sales quote that nobody needs is not made."""
    till, order = quote(1), of_stock(2, quote_no="K-1")
    await sales.deliver(pulled(till), pulled(order))
    assert await sales.post("/order-synchronization/run", {}) == {"succeeded": 1, "failed": 0, "pending": 0}
    assert (await transaction_of(sales, till))["status"] == "void"
    assert (await transaction_of(sales, order))["status"] == "succeeded"
    assert (await sales.get("/sales-quotes"))["items"] == []
    told = {each.confirmation_no: each.status for each in await sales.published(ChannelTransaction)}
    assert told == {"K-1": "void", "K-2": "succeeded"}


async def test_a_quote_that_arrives_after_its_order_is_not_made(sales: Sales) -> None:
    """POS-57: events of a quote and of its order come in any order."""
    till, order = quote(1), of_stock(2, quote_no="K-1")
    assert (await submit_order(sales, order)).status_code == 201
    await sales.deliver(pulled(till))
    assert await sales.post("/order-synchronization/run", {}) == {"succeeded": 0, "failed": 0, "pending": 0}
    assert (await transaction_of(sales, till))["status"] == "void"
    assert (await sales.get("/sales-quotes"))["items"] == []


async def test_of_a_quote_and_its_order_at_once_no_quote_is_left_open(sales: Sales) -> None:
    """POS-57, twenty times: the quote is void or converted, never open beside its order."""
    for n in range(1, 41, 2):
        till, order = quote(n), of_stock(n + 1, quote_no=f"K-{n}")
        answers = await asyncio.gather(submit_order(sales, till), submit_order(sales, order))
        assert answers[1].status_code == 201
        found = await transaction_of(sales, till)
        assert found["sales_order_no"] is None
        if found["status"] != "void":
            made = await sales.get(f"/sales-quotes/{found['sales_quote_no']}")
            assert made["status"] == "converted"
