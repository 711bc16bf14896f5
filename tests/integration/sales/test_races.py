"""Two at once: each act is decided once, and the loser gets a clear answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text

from contracts.sales.masters import Customer
from contracts.sales.orders import SalesOrder
from eventkit.envelope import Record
from eventkit.errors import OvertakenError
from sales.domain.sourcing import sourcing_of
from sales.store import documents, order_locks, sourcings
from sales.store.channel_transactions import Due
from sales.use_cases.synchronize_transactions import synchronize_batch
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import (
    SPECIAL,
    STOCK,
    demand,
    line_of,
    pulled,
    purchase,
    purchase_line,
    receipt,
)
from tests.integration.sales.till_acts import act, of_stock, submit, totals, transaction_of, with_act
from tests.support.polling import eventually
from tests.support.service import record, serving

RAISE = text("UPDATE sales_order SET version = version + 1 WHERE no = :no")
LOCK_AT_ONCE = text("SELECT FROM channel_transaction WHERE transaction_id = :id FOR UPDATE NOWAIT")
WAITING_FOR_US = """
SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
"""


async def test_two_releases_release_once(sales: Sales) -> None:
    order = await sales.order(SPECIAL)
    path = f"/sales-orders/{order['no']}/release"
    answers = await asyncio.gather(*(sales.send("POST", path, {}) for _ in range(8)))
    assert {a.status_code for a in answers} == {200}
    assert {a.json()["version"] for a in answers} == {2}
    assert [s.happened for s in await sales.published(SalesOrder, order["no"])] == [
        ("created",),
        ("released",),
    ]


async def test_posts_over_the_granted_quantity_ship_it_once(sales: Sales) -> None:
    """5 sold, 3 received: of four posts of 2 one ships, the others are told what is left."""
    order = await sales.released(SPECIAL)
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 10000, receipt("3"))))
    path = f"/sales-orders/{order['no']}/post"
    body = {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": 2}]}
    answers = await asyncio.gather(*(sales.send("POST", path, body) for _ in range(4)))
    assert Counter(a.status_code for a in answers) == {200: 1, 409: 3}
    losers = [a.json() for a in answers if a.status_code == 409]
    assert {(p["code"], p["remaining"]) for p in losers} == {("quantity-exceeds-received", "1")}
    rows = await sales.sql("SELECT granted, shipped FROM line_sourcing")
    assert [tuple(row) for row in rows] == [(3, 2)]


async def test_the_grant_holds_even_where_a_rule_forgets_it(sales: Sales) -> None:
    """The database's own check is the last fence."""
    order = await sales.released(SPECIAL)
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 10000, receipt("3"))))
    with pytest.raises(asyncpg.CheckViolationError, match="shipped_within_grant"):
        await sales.sql("UPDATE line_sourcing SET shipped = 4")


async def test_many_posts_at_once_number_without_gaps(sales: Sales) -> None:
    orders = [await sales.released(STOCK) for _ in range(12)]
    refused = {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": 99}]}
    acts = [
        sales.send(
            "POST", f"/sales-orders/{o['no']}/post", {"ship": True, "invoice": True} if i % 3 else refused
        )
        for i, o in enumerate(orders)
    ]
    answers = await asyncio.gather(*acts)
    assert Counter(a.status_code for a in answers) == {200: 8, 422: 4}
    for table in ("posted_sales_shipment", "posted_sales_invoice"):
        numbers = sorted(int(r["no"].split("-")[1]) for r in await sales.sql(f"SELECT no FROM {table}"))
        assert numbers == list(range(numbers[0], numbers[0] + 8))


async def test_two_posts_of_one_order_in_one_batch_follow_each_other(sales: Sales) -> None:
    order = await sales.released(STOCK)
    body = {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": 2}]}
    path = f"/sales-orders/{order['no']}/post"
    answers = await asyncio.gather(*(sales.send("POST", path, body) for _ in range(3)))
    assert Counter(a.status_code for a in answers) == {200: 2, 422: 1}
    assert line_of(await sales.get(f"/sales-orders/{order['no']}"))["quantity_shipped"] == "4"


async def test_two_consumers_that_learn_of_one_line_lose_nothing(sales: Sales) -> None:
    """Planning's and purchasing's events about one line, handled by two processes at once."""
    orders = [await sales.released(SPECIAL) for _ in range(20)]

    async def consume(records: list[Record]) -> None:
        for each in records:
            while True:
                try:
                    await sales.apply(each)
                    break
                except OvertakenError:
                    continue

    told = [record(*demand(o, 1, "requested", vendor_no="V10")) for o in orders]
    bought = [record(*purchase(f"P-{i}", 1, purchase_line(o))) for i, o in enumerate(orders)]
    await asyncio.gather(consume(list(told)), consume(list(bought)))
    lines = (await sales.get("/sales-lines"))["items"]
    assert {line["sourcing"]["state"] for line in lines} == {"ordered"}
    rows = await sales.sql("SELECT body FROM line_sourcing")
    assert all('"demand"' in row["body"] and '"links"' in row["body"] for row in rows)


async def test_who_waited_for_an_order_sees_the_supply_that_came_with_its_change(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    no, line_id = order["no"], UUID(line_of(order)["id"])

    async def lock() -> set[UUID]:
        async with sales.database.begin() as tx:
            rows = await order_locks.lock(tx, [no, "S-0"])
        assert set(rows.orders) == {no}
        return set(rows.sourcings)

    async with sales.database.begin() as tx:
        await tx.run(RAISE, no=no)
        second = asyncio.create_task(lock())
        await eventually(partial(sales.sql, WAITING_FOR_US), bool)
        await sourcings.store(tx, [sourcing_of(line_id, no, 10000)])
    assert await second == {line_id}


def seen_versions(answers: Sequence[httpx.Response]) -> list[int]:
    """The version that each act made; the body may show a later one of the same batch already."""
    return sorted(int(answer.headers["Koppel-Seen"].rpartition("@")[2]) for answer in answers)


async def test_several_puts_of_one_new_number_at_once_are_versions_of_one_record(sales: Sales) -> None:
    answers = await asyncio.gather(*(sales.send("PUT", "/customers/C8", {"name": f"N{n}"}) for n in range(5)))
    assert seen_versions(answers) == [1, 2, 3, 4, 5]
    assert (await sales.get("/customers/C8"))["version"] == 5
    assert (await sales.published(Customer, "C8"))[-1].version == 5


async def test_two_processes_that_make_one_customer_at_once_make_him_once(sales: Sales) -> None:
    async with serving(Sales, sales.service, sales.issuer) as other:
        answers = await asyncio.gather(
            *(
                each.send("PUT", "/customers/C8", {"name": f"N{n}"})
                for n, each in enumerate((sales, other) * 4)
            )
        )
    assert seen_versions(answers) == list(range(1, 9))
    assert max(c.version for c in await sales.published(Customer, "C8")) == 8


async def while_it_is_synchronized(sales: Sales, act: Awaitable[httpx.Response]) -> httpx.Response:
    """The answer to an act that begins while a run has made the transaction's document and not committed yet."""
    async with sales.database.begin() as tx:
        done = await synchronize_batch(tx, Due(before=datetime.now(UTC), by_hand=True), 10)
        assert done.succeeded == 1
        acting = asyncio.ensure_future(act)
        await eventually(lambda: sales.sql(WAITING_FOR_US), bool)
    return await acting


async def test_an_edit_of_a_till_s_quote_that_is_just_being_made_is_carried_out_on_it(sales: Sales) -> None:
    """POS-59: the sales quote was not there yet when the act looked for what it has to lock."""
    till = of_stock(1, kind="quote", prepaid_amount=Decimal(0))
    await sales.deliver(pulled(till))
    lines = (replace(till.lines[0], quantity=Decimal(3)),)
    edited = with_act(till, act("edit", 2), lines=lines, totals=totals("3"))

    answer = await while_it_is_synchronized(sales, submit(sales, edited))

    assert answer.status_code == 200, answer.text
    transaction = await transaction_of(sales, till)
    made = await sales.get(f"/sales-quotes/{transaction['sales_quote_no']}")
    assert (transaction["status"], made["lines"][0]["quantity"]) == ("succeeded", "3")


async def test_pos_102_a_release_releases_the_repaired_order_that_is_just_being_made(sales: Sales) -> None:
    """Not the transaction alone: nobody would look after the open order any more."""
    order = of_stock(1)
    broken = replace(order, lines=(replace(order.lines[0], item_no="4711"),))
    path = f"/channel-transactions/{order.transaction_id}"
    await sales.deliver(pulled(broken))
    await sales.post("/order-synchronization/run", {})
    await sales.patch(path, {"payload": {"lines": [{"line_no": 10000, "item_no": "1000"}]}})
    await sales.post(f"{path}/resubmit", {})

    answer = await while_it_is_synchronized(sales, sales.send("POST", f"{path}/release", {}))

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded"), answer.text
    made = await sales.get(f"/sales-orders/{answer.json()['sales_order_no']}")
    assert made["status"] == "released"


async def test_the_order_of_a_quote_locks_the_quote_as_acts_do(sales: Sales) -> None:
    """POS-57: the quote before its transaction, so that an act on the quote and the order do not wait in a ring."""
    till, order = of_stock(1, kind="quote", prepaid_amount=Decimal(0)), of_stock(2, quote_no="K-1")
    await sales.deliver(pulled(till))
    await sales.post("/order-synchronization/run", {})
    quote_no = (await transaction_of(sales, till))["sales_quote_no"]
    body = msgspec.json.encode(order)

    async with sales.database.begin() as tx:
        await documents.lock(tx, documents.QUOTE, [quote_no])
        converting = asyncio.create_task(sales.send("POST", "/channel-transactions", body))
        await eventually(lambda: sales.sql(WAITING_FOR_US), bool)
        await tx.run(LOCK_AT_ONCE, id=till.transaction_id)  # fails if `converting` has it already
    answer = await converting

    assert answer.status_code == 201, answer.text
    assert (await sales.get(f"/sales-quotes/{quote_no}"))["status"] == "converted"
