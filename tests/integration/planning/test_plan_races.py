"""A planning run beside what else happens: it sees one moment, and nothing is bought twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from contracts.sales.orders import SalesOrder
from planning.jobs.calculate_plans import do_next_run
from tests.integration.planning.plans import DAYS, LINES, PLAN, bought, company, plain, planned
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import posting, sales_order

CARRY_OUT = "/requisition-worksheets/DEFAULT/carry-out"
TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=10)
FROM_TODAY = {"from_date": str(TODAY), "to_date": str(TODAY + timedelta(days=90))}
"""Promises count from today on."""


def to_promise(no: str, quantity: str) -> SalesOrder:
    line = replace(plain(10000, quantity, 0), shipment_date=SOON)
    return sales_order(no, line, status="open", order_date=TODAY)


async def open_lines(planning: Planning) -> list[dict[str, Any]]:
    return [line for line in (await planning.get(LINES))["items"] if line["status"] == "open"]


async def test_a_plan_beside_a_receipt_sees_the_goods_once(planning: Planning, second: Planning) -> None:
    """Twenty times: in stock or still to come, never neither and never both. So it proposes nothing."""
    await company(planning)
    for i in range(20):
        sold = sales_order(f"S-{i}", plain(10000, "5", 10))
        order = bought(f"P-{i}", "5", 10)
        await planning.deliver(("sales-order", sold.no, sold), ("purchase-order", order.no, order))
        came = replace(order.lines[0], quantity_received=Decimal(5), receipts=(posting("5"),))
        await planning.post(PLAN, DAYS, expect=202)
        await asyncio.gather(
            planning.deliver(("purchase-order", order.no, replace(order, version=2, lines=(came,)))),
            do_next_run(second.database),
        )
        assert await open_lines(planning) == []


async def test_a_plan_beside_a_changed_sale_proposes_for_one_of_both(
    planning: Planning, second: Planning
) -> None:
    """Twenty times: for the quantity before or after the change, and the next plan for the one after it."""
    await company(planning)
    order = sales_order("S-1", plain(10000, "1", 10))
    await planning.deliver(("sales-order", "S-1", order))
    for quantity in range(2, 22):
        after = replace(order, version=quantity, lines=(replace(order.lines[0], quantity=Decimal(quantity)),))
        await planning.post(PLAN, DAYS, expect=202)
        await asyncio.gather(planning.deliver(("sales-order", "S-1", after)), do_next_run(second.database))
        (line,) = await open_lines(planning)
        assert line["quantity"] in {str(quantity - 1), str(quantity)}
        assert [x["quantity"] for x in await planned(planning)] == [str(quantity)]


async def test_a_plan_beside_an_accepted_promise_buys_once(planning: Planning, second: Planning) -> None:
    """Twenty times: what the promise buys is known to the plan, or the plan's own order is for a person."""
    await company(planning)
    for i in range(20):
        order = to_promise(f"S-{i}", "5")
        await planning.deliver(("sales-order", order.no, order))
        await planning.post(PLAN, FROM_TODAY, expect=202)
        accept = {"sales_order_no": order.no}
        answer, _ = await asyncio.gather(
            planning.send("POST", "/order-promising/accept", accept), do_next_run(second.database)
        )
        assert answer.status_code == 202, answer.text
        lines = await open_lines(planning)
        accepted = [line for line in lines if line["accept_action_message"]]
        assert [line["promise_id"] for line in accepted] == [answer.json()["id"]]
        others = {(line["action_message"], line["warning"]) for line in lines if line not in accepted}
        assert others <= {("new", "plan-outdated")}
        await planning.deliver(("sales-order", order.no, replace(order, version=2, deleted=True)))


async def test_what_is_bought_after_a_plan_makes_its_own_orders_a_question(planning: Planning) -> None:
    """BC-PL-10: by a promise, a proposal, a person's line, another worksheet. Carried out it would be bought twice."""
    await company(planning)
    await planning.put("/requisition-worksheets/MINE", {})
    mine = LINES.replace("DEFAULT", "MINE")

    async def by_a_promise() -> None:
        await planning.post("/order-promising/accept", {"sales_order_no": "S-1"}, expect=202)

    async def by_a_proposal() -> None:
        proposal = await planning.post("/purchase-proposals", {"sales_order_no": "S-1"})
        await planning.post(f"/purchase-proposals/{proposal['id']}/accept", {}, expect=202)

    async def by_hand() -> None:
        line = await planning.post(
            mine, {"item_no": "1000", "quantity": "5", "location_code": "NORTH", "due_date": str(SOON)}
        )
        await planning.post(CARRY_OUT.replace("DEFAULT", "MINE"), {"line_ids": [line["id"]]}, expect=202)

    async def by_another_plan() -> None:
        await planning.post(PLAN.replace("DEFAULT", "MINE"), FROM_TODAY, expect=202)
        assert await do_next_run(planning.database)
        await planning.post(CARRY_OUT.replace("DEFAULT", "MINE"), {}, expect=202)

    for no, buys in enumerate((by_another_plan, by_hand, by_a_proposal, by_a_promise), start=1):
        more = to_promise("S-1", str(5 * no))
        await planning.deliver(("sales-order", "S-1", replace(more, version=no)))
        (line,) = [x for x in await planned(planning, **FROM_TODAY) if x["status"] == "open"]
        assert (line["accept_action_message"], line["quantity"]) == (True, "5"), buys.__name__
        await buys()
        line = await planning.get(f"{LINES}/{line['id']}")
        assert (line["accept_action_message"], line["warning"]) == (False, "plan-outdated"), buys.__name__
