"""Who changed what of purchase orders, vendors and the set-up (E7)."""

from __future__ import annotations

from typing import Any

from tests.integration.purchasing.rig import Purchasing


async def trail(purchasing: Purchasing, **filters: Any) -> list[Any]:
    """Entries of the audit trail, the newest first."""
    token = purchasing.issuer.token("audit:read")
    items: list[Any] = (await purchasing.get("/audit", token=token, **filters))["items"]
    return items


async def test_a_change_of_a_purchase_order_is_told_line_by_line(purchasing: Purchasing) -> None:
    """E7: of a line the change of its cost, and nothing that its owner did not change."""
    line = {"item_no": "1000", "quantity": "5", "direct_unit_cost": "3"}
    order = await purchasing.post("/purchase-orders", {"vendor_no": "V10", "lines": [line]})
    assert await trail(purchasing, kind="purchase-order") == []
    path = f"/purchase-orders/{order['no']}"
    await purchasing.patch(f"{path}/lines/10000", {"direct_unit_cost": "4"})
    await purchasing.post(f"{path}/release")
    released, changed = await trail(purchasing, kind="purchase-order", no=order["no"])
    assert changed["changes"] == [{"field": "direct_unit_cost", "line_no": 10000, "old": "3", "new": "4"}]
    assert released["changes"] == [{"field": "status", "line_no": None, "old": "open", "new": "released"}]


async def test_blocking_a_vendor_and_the_set_up_are_told(purchasing: Purchasing) -> None:
    """E7."""
    await purchasing.put("/vendors/V10", {"name": "Vendor V10", "lead_time_days": 5, "blocked": "all"})
    await purchasing.put("/purchasing-setup", {"allow_purchase_invoice_before_sales_invoice": True})
    set_up, vendor = (await trail(purchasing))[:2]
    assert {"field": "blocked", "line_no": None, "old": "", "new": "all"} in vendor["changes"]
    assert set_up["kind"] == "purchasing-setup"
