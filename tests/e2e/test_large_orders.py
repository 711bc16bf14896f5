"""The largest order there may be, received again and again: its events reach everybody, and a refusal comes in time."""

from __future__ import annotations

from typing import Any

from deploy.local.client import Koppel, Refused, until
from tests.e2e.acts import open_order

LINES = 1000
RECEIPTS = 20
QUANTITY = 100
DEADLINE_S = 120


async def test_a_drop_shipment_of_1000_lines_is_received_and_shipped_20_times(koppel: Koppel) -> None:
    """BC-DS-22: every receipt of all lines becomes a shipment; nothing is parked."""
    parked = await parked_events(koppel)
    no = (await open_order(koppel, "C100", [{"item_no": "1200", "quantity": QUANTITY}] * LINES))["no"]
    await koppel.sales.post(f"/sales-orders/{no}/release")
    bought = await until(
        lambda: koppel.purchasing.get("/purchase-orders", sales_order_no=no),
        lambda found: len(found["items"]) == 1,
        deadline_s=DEADLINE_S,
    )
    purchase_no = bought["items"][0]["no"]
    lines = [{"line_no": line["line_no"], "qty_to_receive": "1"} for line in bought["items"][0]["lines"]]
    assert len(lines) == LINES
    for _ in range(RECEIPTS):
        await koppel.purchasing.post(
            f"/purchase-orders/{purchase_no}/post", {"receive": True, "lines": lines}
        )
    order = await until(
        lambda: as_far_as_known(koppel, no),
        lambda found: {line["quantity_shipped"] for line in found["lines"]} == {str(RECEIPTS)},
        deadline_s=DEADLINE_S,
    )
    assert {line["sourcing"]["quantity_received"] for line in order["lines"]} == {str(RECEIPTS)}
    assert await parked_events(koppel) == parked


async def as_far_as_known(koppel: Koppel, no: str) -> dict[str, Any]:
    """The order; without lines while sales has not seen all receipts yet, which takes longer than one request waits."""
    try:
        return dict(await koppel.sales.get(f"/sales-orders/{no}"))
    except Refused as refused:
        if refused.code != "copy-not-there-yet":
            raise
        return {"lines": []}


async def parked_events(koppel: Koppel) -> list[str]:
    apis = (koppel.sales, koppel.planning, koppel.purchasing)
    return [event["id"] for api in apis for event in (await api.get("/parked"))["items"]]
