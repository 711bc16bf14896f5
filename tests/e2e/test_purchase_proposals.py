"""Create purchase orders from a sales order, through all services, and against the other ways to buy."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from deploy.local.client import Koppel, Refused, until
from tests.e2e.acts import DEADLINE_S, linked, open_order

ROUNDS = 20


async def accepted(koppel: Koppel, sales_order_no: str) -> dict[str, Any]:
    """The ended operation of accepting a new proposal as it is."""
    made = await koppel.planning.post("/purchase-proposals", {"sales_order_no": sales_order_no})
    operation = await koppel.planning.post(f"/purchase-proposals/{made['id']}/accept", {})
    return dict(
        await until(
            lambda: koppel.planning.get(f"/operations/{operation['id']}"),
            lambda found: found["status"] != "running",
            deadline_s=DEADLINE_S,
        )
    )


async def test_a_proposal_buys_what_is_not_there_and_both_sides_show_it(koppel: Koppel) -> None:
    """BC-PO-08, BC-PO-12, G6, G8: a stock line names its sales line, a flagged one is bound to it."""
    await koppel.planning.put("/items/1900", {"description": "Tent peg", "vendor_no": "V20"})
    lines = [{"item_no": "1900", "quantity": "7"}, {"item_no": "1100", "quantity": "2"}]
    order = await open_order(koppel, "C100", lines, "manual")
    done = await accepted(koppel, order["no"])
    assert done["status"] == "succeeded"
    made = {o["vendor_no"]: o["no"] for o in done["result"]["purchase_orders"]}
    peg = (await koppel.purchasing.get(f"/purchase-orders/{made['V20']}"))["lines"][0]
    (demand,) = peg["demand"]
    assert (demand["kind"], demand["sales_order_no"]) == ("order", order["no"])
    assert (demand["sales_order_line_no"], Decimal(demand["quantity"])) == (10000, 7)
    assert (peg["sales_order_no"], peg["special_order"]) == (None, False)
    rope = (await koppel.purchasing.get(f"/purchase-orders/{made['V10']}"))["lines"][0]
    assert (rope["sales_order_no"], rope["special_order"]) == (order["no"], True)
    graph = await koppel.planning.get("/order-tracking", sales_order_no=order["no"])
    assert set(made.values()) <= {node["document_no"] for node in graph["nodes"]}
    again = await koppel.planning.post("/purchase-proposals", {"sales_order_no": order["no"]})
    assert {row["needed_quantity"] for row in again["rows"]} == {"0"}


async def test_proposal_worksheet_and_purchase_side_at_once_make_one_purchase_line(koppel: Koppel) -> None:
    """BC-SO-22, BC-SO-23, BC-PO-11: bad input 15, twenty times, through all services."""
    for _ in range(ROUNDS):
        order = await open_order(koppel, "C100", [{"item_no": "1100", "quantity": "2"}], "manual")
        no = order["no"]
        header = {"vendor_no": "V10", "sell_to_customer_no": "C100"}
        purchase = await koppel.purchasing.post("/purchase-orders", header)
        made = await koppel.planning.post("/purchase-proposals", {"sales_order_no": no})
        results = await asyncio.gather(
            koppel.planning.post(f"/purchase-proposals/{made['id']}/accept", {}),
            _by_worksheet(koppel, no),
            koppel.purchasing.post(
                f"/purchase-orders/{purchase['no']}/get-sales-order",
                {"kind": "special_order", "sales_order_no": no},
            ),
            return_exceptions=True,
        )
        assert all(isinstance(one, dict | Refused) for one in results), results
        await linked(koppel, no)
        await _nothing_under_way(koppel, no)
        orders = (await koppel.purchasing.get("/purchase-orders", sales_order_no=no))["items"]
        bought = [x for o in orders for x in o["lines"] if x["sales_order_no"] == no]
        assert len(bought) == 1, (no, results)


async def _by_worksheet(koppel: Koppel, no: str) -> dict[str, Any]:
    sheet = "/requisition-worksheets/DEFAULT"
    lines = (await koppel.planning.post(f"{sheet}/get-sales-orders", {"sales_order_no": no}))["lines"]
    run = await koppel.planning.post(f"{sheet}/carry-out", {"line_ids": [line["id"] for line in lines]})
    return dict(run)


async def _nothing_under_way(koppel: Koppel, no: str) -> None:
    """Every requisition line of the order is decided."""
    await until(
        lambda: koppel.planning.get("/requisition-lines", sales_order_no=no),
        lambda found: not found["items"],
        deadline_s=DEADLINE_S,
    )


async def test_nothing_to_purchase_is_refused(koppel: Koppel) -> None:
    """BC-PO-07."""
    order = await open_order(koppel, "C100", [{"item_no": "1100", "quantity": "2"}], "manual")
    await accepted(koppel, order["no"])
    made = await koppel.planning.post("/purchase-proposals", {"sales_order_no": order["no"]})
    with pytest.raises(Refused) as refused:
        await koppel.planning.post(f"/purchase-proposals/{made['id']}/accept", {})
    assert refused.value.code == "nothing-to-create"
