"""The timeline of a purchase order: what happened in all services, each once, in order, on real PostgreSQL."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x


async def timeline(purchasing: Purchasing, no: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await purchasing.get(f"/purchase-orders/{no}/timeline"))["items"]
    return items


def told(items: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(item["service"], item["document"], item["happened"]) for item in items]


async def test_the_timeline_of_a_purchase_order_tells_the_acts_of_all_services(
    purchasing: Purchasing,
) -> None:
    """P2: from the sales order that it serves over the request to receipts and invoices."""
    sold = replace(x.sales_order(x.sales_line(x.COMPASS, 10000, "special_order")), happened=("released",))
    await purchasing.deliver_sales_orders(sold)
    request = replace(x.request(), happened=("requested",))
    await purchasing.deliver_requests(request)
    await purchasing.deliver_requests(request)
    no = (await purchasing.order_of(sold.no))["no"]
    await purchasing.post(f"/purchase-orders/{no}/release", expect=200)
    body = {"receive": True, "invoice": True, "vendor_invoice_no": "VI-77"}
    posted = await purchasing.post(f"/purchase-orders/{no}/post", body, expect=200)
    items = await timeline(purchasing, no)
    assert told(items) == [
        ("sales", sold.no, "released"),
        ("planning", str(request.id), "requested"),
        ("purchasing", no, "created"),
        ("purchasing", no, "released"),
        ("purchasing", posted["receipt_no"], "received"),
        ("purchasing", posted["invoice_no"], "invoiced"),
    ]
    assert all(item["by"] for item in items)
    assert items[-1]["detail"] == "VI-77"


async def test_a_deleted_order_keeps_its_timeline_and_an_unknown_one_has_none(
    purchasing: Purchasing,
) -> None:
    """P2: the number of a deleted order stays taken, so does its history."""
    order = await purchasing.post("/purchase-orders", {"vendor_no": "V10"}, expect=201)
    await purchasing.delete(f"/purchase-orders/{order['no']}")
    assert [item["happened"] for item in await timeline(purchasing, order["no"])] == ["created", "deleted"]
    await purchasing.problem("GET", "/purchase-orders/NONE/timeline", expect=404)
