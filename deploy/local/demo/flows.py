"""Flows 1 to 4, each through public HTTP alone; each returns what was linked to what."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from deploy.local.client import Koppel, until
from deploy.local.demo.sample import Till
from deploy.local.demo.steps import (
    WAIT_S,
    Story,
    invoice_purchase,
    linked,
    order_when,
    post,
    purchase_orders,
    receive,
    release,
)


async def special_order(koppel: Koppel) -> Story:
    """Flow 1: released → purchase order linked → received → granted → shipped → invoiced on both sides."""
    story = Story("Special order, automatic")
    order, story.release_to_link_ms = await release(koppel, "C100", [{"item_no": "1100", "quantity": "2"}])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    await receive(koppel, story, purchase_no)
    await order_when(koppel, order["no"], "received")
    await post(koppel, story, order["no"], ship=True, invoice=True)
    await invoice_purchase(koppel, story, purchase_no)
    story.add_links(await koppel.sales.get(f"/sales-orders/{order['no']}"))
    return story


async def special_order_by_hand(koppel: Koppel) -> Story:
    """Flow 1 by hand: get sales orders, edit the requisition line, set New, carry out."""
    story = Story("Special order, by the requisition worksheet")
    order = await koppel.sales.post(
        "/sales-orders",
        {
            "customer_no": "C200",
            "location_code": "NORTH",
            "procurement_automation": "manual",
            "lines": [{"item_no": "1300", "quantity": "1"}],
        },
    )
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    got = await koppel.planning.post(
        "/requisition-worksheets/DEFAULT/get-sales-orders", {"kind": "both", "sales_order_no": order["no"]}
    )
    line = got["lines"][0]
    await koppel.planning.patch(
        f"/requisition-worksheets/DEFAULT/lines/{line['id']}", {"action_message": "new", "quantity": "3"}
    )
    begun = time.perf_counter()
    run = await koppel.planning.post(
        "/requisition-worksheets/DEFAULT/carry-out", {"line_ids": [line["id"]]}, wait_s=WAIT_S
    )
    story.documents += [("purchase order", p["no"]) for p in run["purchase_orders"]]
    bought = await linked(koppel, order["no"])
    story.release_to_link_ms = (time.perf_counter() - begun) * 1000
    story.add_links(bought)
    return story


async def drop_shipment(koppel: Koppel) -> Story:
    """Flow 2: the vendor ships to the customer; posting the sales shipment posts the receipt."""
    story = Story("Drop shipment, posted from the sales side")
    order, story.release_to_link_ms = await release(koppel, "C100", [{"item_no": "1200", "quantity": "1"}])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    await post(koppel, story, order["no"], ship=True, invoice=True)
    await invoice_purchase(koppel, story, purchase_no)
    story.add_links(await koppel.sales.get(f"/sales-orders/{order['no']}"))
    return story


async def changed_order(koppel: Koppel) -> Story:
    """A bought line changes: its purchase order follows until it is sent, then a new line takes the difference."""
    story = Story("Special order that changes before and after its purchase order is sent")
    order, story.release_to_link_ms = await release(koppel, "C100", [{"item_no": "1100", "quantity": "2"}])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    requests = f"/sales-orders/{order['no']}/lines/10000/change-requests"
    await koppel.sales.post(requests, {"quantity": "3"}, wait_s=WAIT_S)
    await koppel.purchasing.post(f"/purchase-orders/{purchase_no}/send", {"method": "download"})
    await koppel.sales.post(requests, {"quantity": "5"}, wait_s=WAIT_S)
    story.add_links(await linked(koppel, order["no"]))
    return story


async def drop_shipment_from_purchasing(koppel: Koppel) -> Story:
    """Flow 2 from the purchase side: *get sales order*, and the receipt posts the sales shipment."""
    story = Story("Drop shipment, fetched and received on the purchase side")
    order = await koppel.sales.post(
        "/sales-orders",
        {
            "customer_no": "C200",
            "location_code": "NORTH",
            "procurement_automation": "manual",
            "lines": [{"item_no": "1200", "quantity": "2"}],
        },
    )
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    purchase = await koppel.purchasing.post(
        "/purchase-orders", {"vendor_no": "V20", "sell_to_customer_no": "C200"}
    )
    begun = time.perf_counter()
    await koppel.purchasing.post(
        f"/purchase-orders/{purchase['no']}/get-sales-order",
        {"kind": "drop_shipment", "sales_order_no": order["no"]},
    )
    story.documents.append(("purchase order", purchase["no"]))
    await linked(koppel, order["no"])
    story.release_to_link_ms = (time.perf_counter() - begun) * 1000
    await receive(koppel, story, purchase["no"])
    shipped = await until(
        lambda: koppel.sales.get(f"/sales-orders/{order['no']}"),
        lambda o: float(o["lines"][0]["quantity_shipped"]) == float(o["lines"][0]["quantity"]),
        deadline_s=WAIT_S,
    )
    story.add_links(shipped)
    shipments = await koppel.sales.get("/posted-sales-shipments", sales_order_no=order["no"])
    story.documents += [("sales shipment", s["no"]) for s in shipments["items"]]
    return story


async def mixed_order(koppel: Koppel) -> Story:
    """Flow 3: one order, stock and three flagged lines over three vendors: a purchase order per vendor and key."""
    story = Story("Mixed order over several vendors")
    order, story.release_to_link_ms = await release(
        koppel,
        "C200",
        [
            {"item_no": "1000", "quantity": "10"},
            {"item_no": "1100", "quantity": "1"},
            {"item_no": "1200", "quantity": "1"},
            {"item_no": "1300", "quantity": "2"},
        ],
    )
    story.add_links(order)
    story.documents += [("purchase order", no) for no in purchase_orders(order)]
    return story


async def pos_asynchronous(koppel: Koppel, till: Till, sequence: int) -> Story:
    """Flow 4: 202 at the till, pulled, synchronized, procured; the till's order shows its sales order number."""
    story = Story("Till, asynchronous")
    begun = time.perf_counter()
    confirmed = await till.api.post("/customer-orders", till_order(till, sequence))
    story.documents.append(("confirmation", confirmed["confirmation_no"]))
    await koppel.pos.post("/pull-jobs/P-0001/run", {})
    return await _follow(koppel, till, story, confirmed["confirmation_no"], begun)


async def pos_synchronous(koppel: Koppel, till: Till, sequence: int) -> Story:
    """Flow 4 with the till waiting: 201 with the sales order's number."""
    story = Story("Till, synchronous")
    begun = time.perf_counter()
    confirmed = await till.api.post("/customer-orders", till_order(till, sequence))
    story.documents.append(("confirmation", confirmed["confirmation_no"]))
    return await _follow(koppel, till, story, confirmed["confirmation_no"], begun)


def till_order(till: Till, sequence: int) -> dict[str, Any]:
    """A customer order of three lines: goods of the shop, a special order, a drop shipment."""
    in_ten_days = (date.today() + timedelta(days=10)).isoformat()  # noqa: DTZ011 - the shop's calendar, far from midnight's edge
    return {
        "transaction": {
            "store_no": till.store_no,
            "terminal_no": till.terminal_no,
            "business_date": datetime.now(UTC).date().isoformat(),
            "sequence": sequence,
        },
        "customer_no": "C100",
        "occurred_at": datetime.now(UTC).isoformat(),
        "lines": [
            {
                "item_no": "1000",
                "quantity": "2",
                "unit_price": "12.50",
                "tax_pct": "19",
                "fulfilment": {"mode": "pickup", "store_no": till.store_no, "date": in_ten_days},
            },
            {
                "item_no": "1100",
                "quantity": "1",
                "unit_price": "149.00",
                "tax_pct": "19",
                "purchasing_code": "SPECIAL",
                "fulfilment": {"mode": "pickup", "store_no": till.store_no, "date": in_ten_days},
            },
            {
                "item_no": "1200",
                "quantity": "1",
                "unit_price": "899.00",
                "tax_pct": "19",
                "purchasing_code": "DROP",
                "fulfilment": {
                    "mode": "ship",
                    "address_code": "HOME",
                    "date": in_ten_days,
                    "delivery_mode": "VENDOR",
                },
            },
        ],
        "balance_cards": [{"card_token": f"tok_{uuid4().hex[:8]}"}],
        "payments": [{"method": "cash", "amount": "130.00"}],
    }


async def _follow(koppel: Koppel, till: Till, story: Story, confirmation_no: str, begun: float) -> Story:
    order = await _synchronized(koppel, till, confirmation_no)
    story.documents.append(("sales order", order["sales_order_no"]))
    bought = await linked(koppel, order["sales_order_no"])
    story.release_to_link_ms = (time.perf_counter() - begun) * 1000
    story.add_links(bought)
    return story


async def _synchronized(koppel: Koppel, till: Till, confirmation_no: str) -> dict[str, Any]:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        order = await till.api.get(f"/customer-orders/{confirmation_no}")
        if order.get("sales_order_no"):
            return dict(order)
        await koppel.sales.post("/order-synchronization/run", {})
        await asyncio.sleep(0.02)
    message = f"{confirmation_no} was not synchronized within {WAIT_S} s"
    raise TimeoutError(message)
