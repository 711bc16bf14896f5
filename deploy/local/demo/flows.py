"""Flows 1 to 3, each through public HTTP alone; each returns what was linked to what."""

from __future__ import annotations

import time

from deploy.local.client import Koppel, until
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
