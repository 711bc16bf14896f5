"""What the flows of the demo share: what one did, and the steps of which it is made."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from deploy.local.client import Koppel, until

WAIT_S = 10
LINKED_STATES = {"ordered", "partly_received", "received"}


@dataclass(slots=True)
class Story:
    """What one flow did: the lines' links, documents by kind, and milliseconds from release to link."""

    title: str
    links: list[dict[str, Any]] = field(default_factory=list)
    documents: list[tuple[str, str]] = field(default_factory=list)
    release_to_link_ms: float | None = None

    def add_links(self, order: dict[str, Any]) -> None:
        """Note every line of the sales order with the purchase it hangs on."""
        for line in order["lines"]:
            sourcing = line.get("sourcing") or {}
            self.links.append(
                {
                    "sales_order_no": order["no"],
                    "line_no": line["line_no"],
                    "item_no": line.get("item_no", ""),
                    "method": line.get("procurement_method", ""),
                    "quantity": line["quantity"],
                    "purchase_order_no": sourcing.get("purchase_order_no") or "",
                    "vendor_no": sourcing.get("vendor_no") or "",
                    "state": sourcing.get("state", ""),
                    "shipped": line.get("quantity_shipped", ""),
                    "invoiced": line.get("quantity_invoiced", ""),
                }
            )


async def release(
    koppel: Koppel, customer_no: str, lines: list[dict[str, Any]]
) -> tuple[dict[str, Any], float]:
    """A released order whose flagged lines are bought, and the milliseconds from its release to its links."""
    order = await koppel.sales.post(
        "/sales-orders", {"customer_no": customer_no, "location_code": "NORTH", "lines": lines}
    )
    begun = time.perf_counter()
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    bought = await linked(koppel, order["no"])
    return bought, (time.perf_counter() - begun) * 1000


async def linked(koppel: Koppel, order_no: str) -> dict[str, Any]:
    """The order once every flagged line hangs on a purchase order."""

    def are_bought(order: dict[str, Any]) -> bool:
        flagged = [x for x in order["lines"] if x.get("special_order") or x.get("drop_shipment")]
        return all(x["sourcing"]["state"] in LINKED_STATES for x in flagged)

    return await until(
        lambda: koppel.sales.get(f"/sales-orders/{order_no}"), are_bought, deadline_s=WAIT_S, every_s=0.005
    )


async def order_when(koppel: Koppel, order_no: str, state: str) -> dict[str, Any]:
    """The order once the purchases of all its lines are in this state."""
    return await until(
        lambda: koppel.sales.get(f"/sales-orders/{order_no}"),
        lambda o: all(x["sourcing"]["state"] == state for x in o["lines"]),
        deadline_s=WAIT_S,
    )


async def receive(
    koppel: Koppel, story: Story, purchase_no: str, lines: list[dict[str, Any]] | None = None
) -> None:
    """Post a receipt of these lines; of none: of all that is outstanding."""
    body = {"receive": True} if lines is None else {"receive": True, "lines": lines}
    receipt = await koppel.purchasing.post(f"/purchase-orders/{purchase_no}/post", body)
    story.documents += [("purchase order", purchase_no), ("purchase receipt", receipt["receipt_no"])]


async def post(koppel: Koppel, story: Story, order_no: str, *, ship: bool, invoice: bool) -> None:
    """Post the whole order, and note the documents."""
    posted = await koppel.sales.post(
        f"/sales-orders/{order_no}/post", {"ship": ship, "invoice": invoice}, wait_s=WAIT_S
    )
    posted = posted.get("result") or posted
    made = ("sales shipment", posted["shipment_no"]), ("sales invoice", posted["invoice_no"])
    story.documents += [(kind, no) for kind, no in made if no]


async def invoice_purchase(koppel: Koppel, story: Story, purchase_no: str) -> None:
    """Post the vendor's invoice of all that was received."""
    posted = await koppel.purchasing.post(
        f"/purchase-orders/{purchase_no}/post",
        {"receive": False, "invoice": True, "vendor_invoice_no": f"V-{purchase_no}"},
    )
    story.documents.append(("purchase invoice", posted["invoice_no"]))


def purchase_orders(order: dict[str, Any]) -> list[str]:
    """The numbers of the purchases that the order's lines hang on."""
    numbers = ((line.get("sourcing") or {}).get("purchase_order_no") for line in order["lines"])
    return sorted({no for no in numbers if no})
