"""Flow 3 goes on: what an order needs is bought by a proposal, a posting is taken back, a rest is given up."""

from __future__ import annotations

from deploy.local.client import Koppel
from deploy.local.demo.steps import (
    WAIT_S,
    Story,
    invoice_purchase,
    linked,
    order_when,
    post,
    receive,
    release,
)

DROP = {"item_no": "1200", "quantity": "3"}


async def purchase_for_a_sale(koppel: Koppel) -> Story:
    """Create purchase orders: a line from stock that is not there, and a special order beside it."""
    story = Story("Purchase for a sale, by a proposal")
    order = await koppel.sales.post(
        "/sales-orders",
        {
            "customer_no": "C200",
            "location_code": "NORTH",
            "procurement_automation": "manual",
            "lines": [{"item_no": "1300", "quantity": "4"}, {"item_no": "1100", "quantity": "1"}],
        },
    )
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    proposal = await koppel.planning.post("/purchase-proposals", {"sales_order_no": order["no"]})
    bought = await koppel.planning.post(f"/purchase-proposals/{proposal['id']}/accept", {}, wait_s=WAIT_S)
    result = bought.get("result") or bought
    story.documents += [("purchase order", purchase["no"]) for purchase in result["purchase_orders"]]
    story.add_links(await linked(koppel, order["no"]))
    return story


async def undone_shipment(koppel: Koppel) -> Story:
    """One undo reverses the sales shipment and the purchase receipt; then the goods leave again."""
    story = Story("Drop shipment, taken back and posted again")
    order, story.release_to_link_ms = await release(koppel, "C100", [DROP])
    await post(koppel, story, order["no"], ship=True, invoice=False)
    shipments = await koppel.sales.get("/posted-sales-shipments", sales_order_no=order["no"])
    path = f"/posted-sales-shipments/{shipments['items'][0]['no']}/undo"
    await koppel.sales.post(path, {}, wait_s=WAIT_S)
    await post(koppel, story, order["no"], ship=True, invoice=True)
    await invoice_purchase(koppel, story, order["lines"][0]["sourcing"]["purchase_order_no"])
    story.add_links(await koppel.sales.get(f"/sales-orders/{order['no']}"))
    return story


async def closed_short(koppel: Koppel) -> Story:
    """The vendor delivers two of three and no more: one act lowers the sale and its purchase."""
    story = Story("Drop shipment, closed short")
    order, story.release_to_link_ms = await release(koppel, "C100", [DROP])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    await receive(koppel, story, purchase_no, [{"line_no": 10000, "qty_to_receive": "2"}])
    await order_when(koppel, order["no"], "partly_received")
    await koppel.sales.post(f"/sales-orders/{order['no']}/lines/10000/close-short", {}, wait_s=WAIT_S)
    story.add_links(await koppel.sales.get(f"/sales-orders/{order['no']}"))
    return story
