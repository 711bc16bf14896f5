"""A planning run while sales asks purchasing to change what is bought for a line (G5, BC-PL-07).

The change request stands in the order's snapshot until it ends. Its outcome reaches planning from two topics in either
order: the changed purchase line, and the changed sales line without the request.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.orders import PurchaseOrder
from contracts.sales.orders import LineDemand, SalesLine, SalesOrder
from contracts.sales.requests import RequestedChange, RequestedChangeLine
from planning.jobs.calculate_plans import do_next_run
from tests.integration.planning.plans import DAYS, LINES, PLAN, company, plain, planned, said
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import foreign_order, order_for, sales_line, sales_order

CARRY_OUT = "/requisition-worksheets/DEFAULT/carry-out"
GET_ORDERS = "/requisition-worksheets/DEFAULT/get-sales-orders"
SHIPMENT = datetime.now(UTC).date() + timedelta(days=30)
TWICE = 2
"""Each kind of change with both orders of arrival; five kinds and two orders are ten rounds."""

KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("more", {"quantity": Decimal(9)}),
    ("less", {"quantity": Decimal(2)}),
    ("elsewhere", {"location_code": "SOUTH"}),
    ("nothing more", {"quantity": Decimal(0)}),
    ("refused", {}),
)


def special(no: int, quantity: str = "5") -> SalesLine:
    """A special order of the item that the plan balances."""
    return sales_line(
        no,
        "1000",
        quantity,
        purchasing_code="SPEC",
        special_order=True,
        shipment_date=SHIPMENT,
        demand=LineDemand(generation=1, quantity=Decimal(quantity), released=True),
    )


def asking(order: SalesOrder, line: SalesLine, **wanted: Any) -> SalesOrder:
    """The order while purchasing is asked to change what is bought for the line."""
    asked = RequestedChangeLine(sales_line_id=line.id, generation=1, quantity_before=line.quantity, **wanted)
    change = RequestedChange(id=uuid4(), kind="change", lines=(asked,))
    return replace(order, version=order.version + 1, requested_changes=(change,))


def decided(
    order: SalesOrder, purchase: PurchaseOrder, wanted: dict[str, Any]
) -> tuple[SalesOrder, PurchaseOrder]:
    """Both documents after the outcome; of a purchase that shall bring nothing more the line is deleted."""
    lines = tuple(_sold(line, wanted) if line.special_order else line for line in order.lines)
    sold = replace(order, version=order.version + 1, requested_changes=(), lines=lines)
    (line,) = purchase.lines
    changed = replace(line, **wanted)
    if wanted.get("quantity") == 0:
        assert line.link is not None
        changed = replace(line, deleted=True, link=replace(line.link, active=False))
    return sold, replace(purchase, version=purchase.version + 1, lines=(changed,))


def _sold(line: SalesLine, wanted: dict[str, Any]) -> SalesLine:
    assert line.demand is not None
    quantity = wanted.get("quantity", line.quantity)
    return replace(line, **wanted, demand=replace(line.demand, quantity=quantity))


async def carried_out(planning: Planning, *lines: dict[str, Any]) -> dict[str, Any]:
    """The operation of a carry-out of these lines, as it was answered."""
    answer = await planning.post(CARRY_OUT, {"line_ids": [line["id"] for line in lines]}, expect=202)
    return dict(answer)


async def lines_of(planning: Planning, order: SalesOrder) -> list[dict[str, Any]]:
    """What is open for the order once its lines were got; with none to get, what is open already."""
    await planning.send("POST", GET_ORDERS, {"sales_order_no": order.no})
    lines = (await planning.get(LINES))["items"]
    return [x for x in lines if x["sales_order_no"] == order.no and x["status"] == "open"]


async def run_beside(planning: Planning, second: Planning, *events: Any) -> None:
    """A planning run at the same time as events arrive."""
    await planning.post(PLAN, DAYS, expect=202)
    await asyncio.gather(planning.deliver(*events), do_next_run(second.database))


async def test_bc_pl_07_a_plan_leaves_a_pair_alone_while_its_change_is_asked_for_and_decided(
    planning: Planning, second: Planning
) -> None:
    """Each kind of change, each order of arrival, a run beside each event: only what is sold from stock is bought."""
    await company(planning)
    await planning.put("/locations/SOUTH", {"name": "South"})
    for i, (kind, wanted) in enumerate(KINDS * TWICE):
        no, line = f"S-{i}", special(20000)
        first = sales_order(no, plain(10000, "5", 10), line)
        purchase = foreign_order(f"P-{i}", first, line, 1, vendor_name="Kayaks")
        await planning.deliver(("sales-order", no, first), ("purchase-order", purchase.no, purchase))
        request = asking(first, line, **wanted)
        sold, bought = decided(request, purchase, wanted)
        events = [("sales-order", no, sold), ("purchase-order", bought.no, bought)]
        for event in (("sales-order", no, request), *(events if i < len(KINDS) else reversed(events))):
            await run_beside(planning, second, event)
            lines = [x for x in (await planning.get(LINES))["items"] if x["plan_id"]]
            assert [x[:2] for x in said(lines)] == [("new", "5")], (kind, event[0])
        gone = replace(sold, version=sold.version + 1, deleted=True)
        closed = replace(bought, version=bought.version + 1, status="closed")
        await planning.deliver(("sales-order", no, gone), ("purchase-order", bought.no, closed))


async def test_bc_pl_10_a_plan_is_carried_out_beside_a_line_whose_change_is_asked_for(
    planning: Planning,
) -> None:
    """Together nothing is carried out; the plan's own line needs not wait."""
    await company(planning)
    order = sales_order("S-1", plain(10000, "5", 10), special(20000))
    await planning.deliver(("sales-order", "S-1", order))
    await lines_of(planning, order)
    request = asking(order, order.lines[1], quantity=Decimal(9))
    await planning.deliver(("sales-order", "S-1", request))
    lines = await planned(planning)
    (own,) = [line for line in lines if line["plan_id"]]
    (special_line,) = [line for line in lines if not line["plan_id"]]
    both = await carried_out(planning, own, special_line)
    assert (both["status"], both["problem"]["code"]) == ("failed", "change-pending")
    await carried_out(planning, own)
    bought: PurchaseRequest
    (bought,) = await planning.published(PurchaseRequest)
    assert [(line.item_no, line.quantity, line.sales) for line in bought.lines] == [("1000", 5, None)]


async def test_g5_a_carry_out_against_a_change_that_is_asked_for_buys_once(
    planning: Planning, second: Planning
) -> None:
    """Twenty times: the requisition line is carried out before the request is known, or waits for its end.

    The change of what is not bought yet takes the next generation: what was carried out before it is superseded, and
    the line is bought under the new one.
    """
    await company(planning)
    for i in range(20):
        line = special(10000)
        order = sales_order(f"S-{i}", line)
        await planning.deliver(("sales-order", order.no, order))
        (written,) = await lines_of(planning, order)
        request = asking(order, line, quantity=Decimal(9))
        operation, _ = await asyncio.gather(
            carried_out(second, written), planning.deliver(("sales-order", order.no, request))
        )
        first: list[PurchaseRequest] = await planning.published(PurchaseRequest)
        if operation["status"] == "failed":
            assert (operation["problem"]["code"], first) == ("change-pending", [])
        else:
            assert [each.lines[0].quantity for each in first] == [5]
        await planning.forget_published()
        demand = LineDemand(generation=2, quantity=Decimal(9), released=True)
        changed = replace(line, quantity=Decimal(9), demand=demand)
        after = replace(request, version=3, requested_changes=(), lines=(changed,))
        await planning.deliver(("sales-order", order.no, after))
        (newer,) = await lines_of(planning, order)
        assert (newer["quantity"], newer["generation"]) == ("9", 2)
        assert (await carried_out(planning, newer))["status"] == "running"
        (bought,) = await planning.published(PurchaseRequest)
        await planning.deliver(("purchase-order", f"P-{i}", order_for(bought, f"P-{i}")))
        await planning.forget_published()
        assert await lines_of(planning, order) == []
