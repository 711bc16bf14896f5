"""Orders of tills after random sequences of what tills, jobs and persons do to them (POS-126)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import count

import httpx
from msgspec.structs import replace

from contracts.channel import ChannelOrder
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import pulled
from tests.integration.sales.till_acts import act, of_stock, with_act

STEPS = 80
MADE = {"succeeded", "held"}
"""A repaired one is held with its order."""
NOT_MADE = {"pulled", "editing", "failed", "dead", "held", "void"}
FIX = {"payload": {"lines": [{"line_no": 10000, "item_no": "1000"}]}}


@dataclass
class Shop:
    """What tills have sent so far."""

    sales: Sales
    chosen: random.Random
    orders: list[ChannelOrder] = field(default_factory=list)
    sequences: count[int] = field(default_factory=lambda: count(1))

    async def step(self) -> None:
        """One random act on a random order; one in three sells, and one in three of those cannot be made."""
        if not self.orders or self.chosen.random() < 1 / 3:
            order = of_stock(next(self.sequences))
            if self.chosen.random() < 1 / 3:
                order = replace(order, lines=(replace(order.lines[0], item_no="4711"),))
            self.orders.append(order)
            await self.sales.deliver(pulled(order))
            return
        order = self.chosen.choice(self.orders)
        path = f"/channel-transactions/{order.transaction_id}"
        what = self.chosen.choice(("run", "again", "cancel", "repair", "hold", "release", "void", "resubmit"))
        match what:
            case "run":
                await self.sales.post("/order-synchronization/run", {})
            case "again":
                await self.sales.deliver(pulled(order))
            case "cancel":
                cancelled = with_act(order, act("cancel", next(self.sequences), reason="changed mind"))
                await self.sales.deliver(pulled(cancelled), pulled(order))
            case "repair":
                expect_decided(await self.sales.send("PATCH", path, FIX))
            case _:
                body = {"hold_code": "CHECK"} if what == "hold" else None
                expect_decided(await self.sales.send("POST", f"{path}/{what}", body))

    async def check(self) -> None:
        """Each order is there once, in one state; a sales order belongs to one of them, and only if it is made."""
        query = "SELECT confirmation_no, status, sales_order_no FROM channel_transaction"
        rows = await self.sales.sql(query)
        assert sorted(r["confirmation_no"] for r in rows) == sorted(o.confirmation_no for o in self.orders)
        made = {r["confirmation_no"]: r["sales_order_no"] for r in rows if r["sales_order_no"]}
        query = "SELECT confirmation_no, no FROM sales_order WHERE confirmation_no <> ''"
        orders = await self.sales.sql(query)
        assert len(orders) == len(made)
        assert {r["confirmation_no"]: r["no"] for r in orders} == made
        assert all(r["status"] in (MADE if r["sales_order_no"] else NOT_MADE) for r in rows), rows


def expect_decided(answer: httpx.Response) -> None:
    """Done, or refused because of the state that the order is in."""
    assert answer.status_code in {200, 409}, answer.text


async def test_each_order_is_in_one_state_and_has_one_sales_order_once_it_is_made(sales: Sales) -> None:
    """POS-126, POS-103: however often and in whatever order its events, acts and repairs come."""
    await sales.put("/charge-codes/CANCEL", {"description": "Cancellation", "tax_pct": "19"})
    shop = Shop(sales, random.Random(random.getrandbits(32)))
    for _ in range(STEPS):
        await shop.step()
        await shop.check()
