"""What tills sold is demand before sales has made its orders, and is counted once (POS-98, P5)."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from contracts.asyncapi import sample_text
from contracts.channel import ChannelAct, ChannelOrder, ChannelTransaction
from contracts.pos import TransactionLine
from planning.jobs.calculate_plans import do_next_run
from planning.store import channel_demand
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company, sales_line, sales_order

SAMPLE = msgspec.json.decode(sample_text("channel-order"), type=ChannelOrder)
DAY = date(2026, 3, 20)


def line(no: int, item_no: str, quantity: str, **fields: Any) -> TransactionLine:
    terms = {"item_no": item_no, "quantity": Decimal(quantity), "location_code": "NORTH", "mode": "ship"}
    return replace(
        SAMPLE.lines[0],
        line_no=no,
        purchasing_code="",
        unit_of_measure_code="PCS",
        requested_date=DAY,
        **terms,
        **fields,
    )


def till_order(no: str, *lines: TransactionLine, **fields: Any) -> ChannelOrder:
    ordered = {"version": 1, "confirmation_no": no, "transaction_id": uuid4(), "acts": ()}
    return replace(SAMPLE, **ordered, received_at=datetime.now(UTC), lines=lines, **fields)


def event(order: ChannelOrder) -> tuple[str, str, ChannelOrder]:
    return "channel-order", order.confirmation_no, order


def synchronized(no: str, quantity: str = "3") -> tuple[str, str, Any]:
    sold = sales_line(10000, "1000", quantity)
    return "sales-order", f"S-{no}", sales_order(f"S-{no}", sold, confirmation_no=no)


async def required(planning: Planning, item_no: str = "1000") -> str:
    found = await planning.get("/availability", item_no=item_no, location_code="NORTH")
    requirements: str = found["gross_requirements"]
    return requirements


async def test_a_pulled_order_is_demand_until_its_sales_order_is(planning: Planning) -> None:
    """POS-98: delivered twice, and after the sales order, it counts once; what is bought for it does not count."""
    await open_company(planning, automation="manual")
    order = till_order("K-1", line(10000, "1000", "3"), line(20000, "1100", "1"), line(30000, "1200", "1"))
    await planning.deliver(event(order), event(order))
    assert (await required(planning), await required(planning, "1100")) == ("3", "0")
    await planning.deliver(synchronized("K-1"))
    assert await required(planning) == "3"
    await planning.deliver(event(replace(order, version=2)))
    assert await required(planning) == "3"


async def test_the_sales_order_may_come_first(planning: Planning) -> None:
    await open_company(planning, automation="manual")
    await planning.deliver(synchronized("K-2"))
    await planning.deliver(event(till_order("K-2", line(10000, "1000", "3"))))
    assert await required(planning) == "3"


async def test_an_order_that_its_till_changes_or_cancels_is_other_demand(planning: Planning) -> None:
    await open_company(planning, automation="manual")
    order = till_order("K-3", line(10000, "1000", "3"), line(20000, "1000", "1"))
    await planning.deliver(event(order))
    edited = replace(order, version=2, lines=(line(10000, "1000", "5"),))
    await planning.deliver(event(edited))
    assert await required(planning) == "5"
    act = msgspec.convert(
        {
            "act_id": str(uuid4()),
            "operation": "cancel",
            "transaction": msgspec.to_builtins(order.transaction),
            "received_at": "2026-03-02T09:00:00Z",
            "occurred_at": "2026-03-02T09:00:00Z",
        },
        ChannelAct,
    )
    await planning.deliver(event(replace(edited, version=3, acts=(act,))))
    assert await required(planning) == "0"


async def test_quotes_and_orders_that_sales_gave_up_are_no_demand(planning: Planning) -> None:
    await open_company(planning, automation="manual")
    quote = till_order("K-4", line(10000, "1000", "3"), kind="quote")
    order = till_order("K-5", line(10000, "1000", "2"))
    await planning.deliver(event(quote), event(order))
    assert await required(planning) == "2"
    void = ChannelTransaction(
        version=3, confirmation_no="K-5", transaction_id=order.transaction_id, store_no="HH1", status="void"
    )
    await planning.deliver(("channel-transaction", "K-5", void))
    assert await required(planning) == "0"


async def test_a_plan_buys_for_what_tills_sold(planning: Planning) -> None:
    await open_company(planning, automation="manual")
    await planning.put("/items/1000", {"vendor_no": "V20", "reordering_policy": "lot_for_lot"})
    await planning.deliver(event(till_order("K-6", line(10000, "1000", "4"))))
    days = {"from_date": "2026-03-16", "to_date": "2026-12-31"}
    await planning.post("/requisition-worksheets/DEFAULT/calculate-plan", days, expect=202)
    assert await do_next_run(planning.database)
    (found,) = (await planning.get("/requisition-worksheets/DEFAULT/lines"))["items"]
    assert (found["quantity"], found["due_date"]) == ("4", str(DAY))
    assert found["explanation"] == f"till's order K-6 line 10000 needs 4 on {DAY}"
    shown = await planning.get("/items/1000/projected-inventory", from_date="2026-03-16")
    assert [(x["document_kind"], x["quantity"]) for x in shown["movements"]] == [("channel_order", "-4")]


async def test_order_and_sales_order_at_once_count_once(planning: Planning, second: Planning) -> None:
    """Twenty times, by two processes."""
    await open_company(planning, automation="manual")
    for i in range(20):
        no = f"K-1{i:02}"
        order = event(till_order(no, line(10000, "1000", "1")))
        await asyncio.gather(planning.deliver(order), second.deliver(synchronized(no, "1")))
        assert await required(planning) == str(i + 1)


async def test_what_ended_long_ago_is_forgotten_and_comes_back_as_nothing(planning: Planning) -> None:
    await open_company(planning, automation="manual")
    old = till_order("K-7", line(10000, "1000", "3"))
    long_ago = datetime.now(UTC) - timedelta(days=31)
    await planning.deliver(synchronized("K-7"))
    await planning.sql("UPDATE channel_demand SET updated_at = now() - interval '31 days' RETURNING 1")
    async with planning.database.begin() as tx:
        await channel_demand.forget(tx)
    assert await planning.sql("SELECT 1 FROM channel_demand") == []
    await planning.deliver(event(replace(old, received_at=long_ago)))
    assert await required(planning) == "3"
