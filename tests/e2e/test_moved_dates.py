"""Dates move on either side of a link, over all services."""

from __future__ import annotations

from typing import Any

from deploy.local.client import Koppel, until
from tests.e2e.acts import DEADLINE_S, order_when, release


async def test_g10_g17_dates_move_in_both_directions(koppel: Koppel) -> None:
    """The vendor is late: sales sees its promise at risk. The sale moves: a person lets the purchase follow."""
    order = await release(koppel, "C100", [{"item_no": "1100", "quantity": "2"}])
    no, purchase_no = order["no"], order["lines"][0]["sourcing"]["purchase_order_no"]
    line = f"/purchase-orders/{purchase_no}/lines/10000"
    late = await koppel.purchasing.patch(line, {"confirmed_date": "2999-01-01"})
    (impact,) = late["impacts"]
    assert (impact["sales_order_no"], impact["promised_delivery_date"]) == (
        no,
        order["lines"][0]["promised_delivery_date"],
    )
    await order_when(koppel, no, lambda o: o["lines"][0]["date_at_risk"])

    await koppel.sales.post(f"/sales-orders/{no}/reopen")
    await koppel.sales.patch(f"/sales-orders/{no}/lines/10000", {"shipment_date": "2999-02-01"})
    await koppel.sales.post(f"/sales-orders/{no}/release")

    async def messages() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await koppel.planning.get("/requisition-lines", sales_order_no=no))[
            "items"
        ]
        return found

    (message,) = await until(messages, bool, deadline_s=DEADLINE_S)
    assert (message["action_message"], message["original_due_date"]) == ("reschedule", "2999-01-01")
    body = {"line_ids": [message["id"]]}
    operation = await koppel.planning.post("/requisition-worksheets/DEFAULT/carry-out", body)
    path = f"/operations/{operation['id']}"
    ended = await until(
        lambda: koppel.planning.get(path), lambda o: o["status"] != "running", deadline_s=DEADLINE_S
    )
    assert ended["status"] == "succeeded"
    moved = (await koppel.purchasing.get(f"/purchase-orders/{purchase_no}"))["lines"][0]
    assert (moved["expected_receipt_date"], moved["confirmed_date"]) == ("2999-02-01", None)
    await order_when(koppel, no, lambda o: not o["lines"][0]["date_at_risk"])
    await until(messages, lambda found: not found, deadline_s=DEADLINE_S)
