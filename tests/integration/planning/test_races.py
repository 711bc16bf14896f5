"""What meets at the same moment: worksheets that act on one sales line, and goods that come to one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.purchasing.orders import PurchaseOrder
from contracts.sales.orders import Reallocation, SalesOrder
from eventkit.context import Context
from eventkit.errors import OvertakenError
from planning.domain.requisitions.commands import ChangeLine, LineChanges
from planning.use_cases.change_requisition_lines import change_requisition_lines
from recordkit.commands import Command
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company, order_for, posting, sales_line, sales_order
from tests.support.polling import eventually
from tests.support.service import Event, record

WAITING_FOR_A_LOCK = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
DEFAULT = "/requisition-worksheets/DEFAULT"
BALANCES = "SELECT sales_order_no, balance, freed FROM allocation ORDER BY 1"


async def test_of_two_worksheets_at_once_one_takes_the_line(planning: Planning) -> None:
    """Twenty times: BC-SO-10; then both carry out, and one purchase is asked for (BC-SO-22)."""
    await open_company(planning, automation="manual")
    await planning.put("/requisition-worksheets/MINE", {})
    for i in range(20):
        no = f"S-{i}"
        await planning.deliver(("sales-order", no, sales_order(no, sales_line(10000, "1100"))))
        worksheets = ("DEFAULT", "MINE") if i % 2 else ("MINE", "DEFAULT")
        body = {"kind": "both", "sales_order_no": no}
        got = await asyncio.gather(
            *(
                planning.send("POST", f"/requisition-worksheets/{name}/get-sales-orders", body)
                for name in worksheets
            )
        )
        assert Counter(answer.status_code for answer in got) == {200: 1, 409: 1}
        (line,) = next(answer.json()["lines"] for answer in got if answer.status_code == 200)
        carried = await asyncio.gather(
            *(
                planning.send("POST", f"/requisition-worksheets/{name}/carry-out", {"line_ids": [line["id"]]})
                for name in worksheets
            )
        )
        assert sum(answer.status_code == 202 for answer in carried) == 1
        requests = await planning.published(PurchaseRequest)
        assert (
            len([r for r in requests if r.lines[0].requisition_line_id.hex == line["id"].replace("-", "")])
            == 1
        )


async def requisition_line(planning: Planning) -> dict[str, Any]:
    """A line of item 1100 by V10, which may come from V30 too: in dollars, and at another price."""
    await open_company(planning, automation="manual")
    await planning.deliver(
        ("vendor", "V30", Vendor(version=1, no="V30", name="Compass Corp.", currency_code="USD")),
        (
            "item-vendor",
            "V30/1100",
            ItemVendor(version=1, vendor_no="V30", item_no="1100", direct_unit_cost=Decimal(70)),
        ),
        ("sales-order", "S-1", sales_order("S-1", sales_line(10000, "1100"))),
    )
    (line,) = (await planning.post(f"{DEFAULT}/get-sales-orders", {"kind": "both"}))["lines"]
    return dict(line)


async def while_the_vendor_changes(planning: Planning, line: dict[str, Any], act: Awaitable[Any]) -> Any:
    """The outcome of an act on the line that begins while another one, not committed yet, gives it the vendor V30."""
    change = ChangeLine("DEFAULT", UUID(line["id"]), LineChanges(vendor_no="V30"))
    async with planning.database.begin() as tx:
        await change_requisition_lines(tx, [Command(change, Context.new("tester"))])
        acting = asyncio.ensure_future(act)
        await eventually(lambda: planning.sql(WAITING_FOR_A_LOCK), bool)
    return await acting


async def test_a_line_is_carried_out_in_the_currency_of_the_vendor_that_it_gets_meanwhile(
    planning: Planning,
) -> None:
    """BC-SO-20."""
    line = await requisition_line(planning)
    carry_out = planning.post(f"{DEFAULT}/carry-out", {"line_ids": [line["id"]]})

    await while_the_vendor_changes(planning, line, carry_out)

    (request,) = await planning.published(PurchaseRequest)
    assert (request.vendor_no, request.currency_code) == ("V30", "USD")


async def test_a_line_is_priced_by_the_vendor_that_it_gets_meanwhile(planning: Planning) -> None:
    """BC-SO-13."""
    line = await requisition_line(planning)
    change = planning.patch(f"{DEFAULT}/lines/{line['id']}", {"quantity": "3"})

    edited = await while_the_vendor_changes(planning, line, change)

    assert (edited["vendor_no"], edited["quantity"], edited["direct_unit_cost"]) == ("V30", "3", "70")


async def for_two_orders(planning: Planning) -> tuple[SalesOrder, SalesOrder, PurchaseOrder]:
    """S-1 has got its five pieces and gives three of them to S-2, which waits for five of its own by P-2."""
    await open_company(planning)
    giver = sales_order("S-1", sales_line(10000, "1100", "5"))
    taker = sales_order("S-2", sales_line(10000, "1100", "5"))
    await planning.deliver(("sales-order", "S-1", giver), ("sales-order", "S-2", taker))
    requests = await planning.published(PurchaseRequest)
    bought = {r.lines[0].sales.sales_order_no: r for r in requests if r.lines[0].sales is not None}
    first, second = order_for(bought["S-1"], "P-1"), order_for(bought["S-2"], "P-2")
    await planning.deliver(("purchase-order", "P-1", first), ("purchase-order", "P-2", second))
    await planning.deliver(("purchase-order", "P-1", received(first)))
    given = Reallocation(
        id=uuid4(),
        quantity=Decimal(-3),
        sales_order_no="S-2",
        sales_order_line_no=10000,
        sales_line_id=taker.lines[0].id,
        purchase_order_no="P-1",
    )
    gave = replace(giver, version=2, lines=(replace(giver.lines[0], reallocations=(given,)),))
    return gave, taker, received(second)


def received(order: PurchaseOrder) -> PurchaseOrder:
    line = replace(order.lines[0], receipts=(posting("5"),), quantity_received=Decimal(5))
    return replace(order, version=2, lines=(line,))


async def deliver_while_uncommitted(planning: Planning, first: Event, second: Event) -> None:
    """A process has applied the first event and not committed yet when another one applies the second."""
    async with planning.database.begin() as tx:
        await planning.processor.apply_parked(tx, record(*first))
        later = asyncio.create_task(planning.deliver(second))

        async def waits() -> bool:
            return later.done() or bool(await planning.sql(WAITING_FOR_A_LOCK))

        await eventually(waits, bool)
    await later


async def balances(planning: Planning) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await planning.sql(BALANCES)]


async def test_e5_goods_that_a_line_is_given_while_its_own_are_received_are_added_up(
    planning: Planning,
) -> None:
    """Conservation: both find nothing allocated to the line, and the second may not overwrite the first."""
    gave, _, receipt = await for_two_orders(planning)

    with pytest.raises(OvertakenError):
        await deliver_while_uncommitted(
            planning, ("purchase-order", "P-2", receipt), ("sales-order", "S-1", gave)
        )
    await planning.deliver(("sales-order", "S-1", gave))

    assert await balances(planning) == [("S-1", 2, False), ("S-2", 8, False)]
    ((allocated,),) = await planning.sql("SELECT allocated FROM stock WHERE item_no = '1100'")
    assert allocated == 10


async def test_e5_goods_that_a_line_is_given_while_its_order_is_cancelled_are_free(
    planning: Planning,
) -> None:
    """The order says nothing more after that: the goods would be kept for nobody."""
    gave, taker, _ = await for_two_orders(planning)
    cancelled = replace(taker, version=2, status="cancelled")

    await deliver_while_uncommitted(planning, ("sales-order", "S-2", cancelled), ("sales-order", "S-1", gave))

    assert await balances(planning) == [("S-1", 2, False), ("S-2", 3, True)]
    ((allocated,),) = await planning.sql("SELECT allocated FROM stock WHERE item_no = '1100'")
    assert allocated == 2
