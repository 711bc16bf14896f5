"""Money that the gateway reports as taken from a card: the sales order shows it, once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from contracts.captures import CaptureOutcome
from contracts.channel import ChannelOrder
from tests.integration.sales.rig import Sales
from tests.integration.sales.till_acts import of_stock, synchronized


def capture(till: ChannelOrder, sales_order_no: str, outcome: str = "executed") -> tuple[str, str, Any]:
    """Of 11.90, half of the order."""
    id_ = uuid4()
    said = CaptureOutcome(
        version=1,
        happened=(outcome,),
        instruction_id=id_,
        method="card",
        amount=Decimal("11.90"),
        reference="P-7",
        confirmed_at=datetime.now(UTC),
        outcome=outcome,
        confirmation_no=till.confirmation_no,
        transaction_id=till.transaction_id,
        sales_order_no=sales_order_no,
    )
    return "capture-outcome", str(id_), said


async def test_what_was_taken_from_a_card_stands_on_the_sales_order_and_in_its_timeline(sales: Sales) -> None:
    """POS-72, P2: redelivered it counts once; a declined card is in the timeline alone."""
    till = of_stock(1)
    order = await synchronized(sales, till)
    event = capture(till, order["no"])
    await sales.deliver(event, event)
    await sales.deliver(event, capture(till, order["no"], "declined"))

    after = await sales.get(f"/sales-orders/{order['no']}")
    items = (await sales.get(f"/sales-orders/{order['no']}/timeline"))["items"]

    assert [(c["amount"], c["reference"]) for c in after["captures"]] == [("11.90", "P-7")]
    assert after["prepaid_amount"] == order["prepaid_amount"]
    assert [(i["service"], i["happened"]) for i in items if "capture" in i["happened"]] == [
        ("pos-gateway", "captured"),
        ("pos-gateway", "capture_declined"),
    ]


async def test_a_capture_for_an_order_that_sales_does_not_know_changes_nothing(sales: Sales) -> None:
    await sales.deliver(capture(of_stock(1), "S-NONE"))
    assert await sales.sql("SELECT id FROM parked") == []
