"""What the tests of planning runs start from: an item with a policy, what is sold and bought of it, and a run."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from contracts.purchasing.orders import PurchaseOrder
from planning.jobs.calculate_plans import do_next_run
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company, purchase_into_stock, sales_line, sales_order

PLAN = "/requisition-worksheets/DEFAULT/calculate-plan"
LINES = "/requisition-worksheets/DEFAULT/lines"
TODAY = date(2026, 3, 16)
DAYS = {"from_date": str(TODAY), "to_date": "2026-12-31"}


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


async def company(planning: Planning, **item: Any) -> None:
    await open_company(planning, automation="manual")
    await planning.put("/items/1000", {"vendor_no": "V20", "reordering_policy": "lot_for_lot", **item})


async def planned(planning: Planning, **request: Any) -> list[dict[str, Any]]:
    """The open lines after a run, which is done here as the job does it."""
    operation = await planning.post(PLAN, DAYS | request, expect=202)
    assert await do_next_run(planning.database)
    ended = await planning.get(f"/operations/{operation['id']}")
    assert ended["status"] == "succeeded", ended
    lines: list[dict[str, Any]] = (await planning.get(LINES))["items"]
    assert ended["result"]["lines"] == sum(line["plan_id"] == operation["id"] for line in lines)
    return lines


def plain(no: int, quantity: str, offset: int, item_no: str = "1000") -> Any:
    return sales_line(
        no,
        item_no,
        quantity,
        id=uuid4(),
        purchasing_code="",
        special_order=False,
        demand=None,
        shipment_date=day(offset),
    )


def bought(no: str, quantity: str, offset: int, **fields: Any) -> PurchaseOrder:
    return purchase_into_stock(no, quantity, day(offset), **fields)


def said(lines: list[dict[str, Any]]) -> list[tuple[str, str, str, str | None]]:
    return [(x["action_message"], x["quantity"], x["due_date"], x["purchase_order_no"]) for x in lines]


async def a_move_and_a_cancellation(planning: Planning) -> list[dict[str, Any]]:
    """The messages of a plan: a purchase comes too early, and another one is not needed."""
    await company(planning)
    await planning.deliver(
        ("sales-order", "S-1", sales_order("S-1", plain(10000, "7", 10))),
        ("purchase-order", "P-1", bought("P-1", "7", 3)),
        ("purchase-order", "P-2", bought("P-2", "5", 30)),
    )
    return await planned(planning)
