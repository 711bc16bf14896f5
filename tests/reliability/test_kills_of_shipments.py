"""Combined shipments survive servers and workers that are killed while they are posted."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import chain
from typing import Any

import httpx
import pytest

from deploy.local.client import Koppel
from deploy.local.stack import LocalStack
from tests.e2e.acts import open_order, order_when, receive, release, stock_of
from tests.reliability.checkers import drained, fetch
from tests.reliability.repeated_requests import (
    Keyed,
    a_client,
    answered_again,
    answered_until_killed,
)

SPECIAL = {"item_no": "1100", "quantity": "2", "purchasing_code": "SPECIAL"}
GOODS = {"item_no": "1000", "quantity": "1"}
DYING = ("sales-serve", "sales-work", "planning-work")


async def to_ship(koppel: Koppel) -> tuple[str, str]:
    """A special order whose goods are here, and an order from stock that leaves with it."""
    special = await release(koppel, "C100", [SPECIAL])
    await receive(koppel, special["lines"][0]["sourcing"]["purchase_order_no"])
    await order_when(koppel, special["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "received")
    return special["no"], (await open_order(koppel, "C100", [GOODS]))["no"]


def together(nos: tuple[str, str], key: str) -> Keyed:
    lines = [
        {"sales_order_no": no, "line_no": 10000, "qty_to_ship": line["quantity"]}
        for no, line in zip(nos, (SPECIAL, GOODS), strict=True)
    ]
    return ("sales", "/shipments", {"customer_no": "C100", "lines": lines}), key


async def shipments_of(koppel: Koppel, no: str) -> list[dict[str, Any]]:
    found = await koppel.sales.get("/posted-sales-shipments", sales_order_no=no)
    return list(found["items"])


async def test_kill_9_while_orders_are_shipped_together_ships_each_whole_and_once(
    stack: LocalStack, koppel: Koppel
) -> None:
    """BC-SO-46, I9: the server dies after a commit that it did not answer, then with sales' and planning's workers.

    Asked again under its key, a request answers the consignment that it made; none is half of one.
    """
    pairs = await asyncio.gather(*(to_ship(koppel) for _ in range(6)))
    await drained(stack)
    before = [await stock_of(koppel, item["item_no"], "NORTH") for item in (SPECIAL, GOODS)]
    first, *others = [together(pair, f"together-{i}") for i, pair in enumerate(pairs)]
    async with a_client(stack) as client:
        await stack.stop("sales-serve")
        await stack.start("sales-serve", KOPPEL_FAILPOINT="after_commit")
        (_, path, body), key = first
        with pytest.raises(httpx.TransportError):
            await client.sales.send("POST", path, json=body, headers={"Idempotency-Key": key})
        posted = (
            "SELECT sales_order_no AS no FROM posted_sales_shipment WHERE sales_order_no = ANY($1) ORDER BY 1"
        )
        assert [row["no"] for row in await fetch(stack, "sales", posted, pairs[0])] == sorted(pairs[0])
        await stack.kill("sales-serve")
        await stack.start("sales-serve")
        early = await answered_until_killed(stack, client, others, DYING)
        await asyncio.gather(*(stack.start(process) for process in DYING))
        numbers = await answered_again(client, [first, *others])
    assert all(was in {None, now} for was, now in zip(early, numbers[1:], strict=True))
    assert len(set(numbers)) == len(pairs)
    await drained(stack)

    for pair, consignment_no in zip(pairs, numbers, strict=True):
        shipped = list(chain.from_iterable([await shipments_of(koppel, no) for no in pair]))
        assert [each["sales_order_no"] for each in shipped] == list(pair)
        assert {each["consignment_no"] for each in shipped} == {consignment_no}
    after = [await stock_of(koppel, item["item_no"], "NORTH") for item in (SPECIAL, GOODS)]
    assert [was["stock"] - now["stock"] for was, now in zip(before, after, strict=True)] == [
        Decimal(item["quantity"]) * len(pairs) for item in (SPECIAL, GOODS)
    ]
    assert before[0]["allocated"] - after[0]["allocated"] == Decimal(SPECIAL["quantity"]) * len(pairs)
