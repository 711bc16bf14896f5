"""What a vendor offers becomes an item when a line sells it, and its cost comes back to the sale, over all services."""

from __future__ import annotations

from decimal import Decimal

from deploy.local.client import Koppel
from tests.e2e.acts import linked, open_order, order_when

ENTRY = {
    "vendor_no": "V10",
    "vendor_item_no": "TENT-3P",
    "description": "Tent for three",
    "unit_price": "349.00",
    "direct_unit_cost": "210.00",
}


async def test_a_catalog_item_is_bought_at_the_cost_that_the_dry_run_said(koppel: Koppel) -> None:
    """E6, BC-MD-27, BC-MD-28, BC-MD-30, BC-SO-24, BC-SO-36."""
    entry = await koppel.planning.put("/catalog-items/CAT-TENT", ENTRY)
    assert entry["item_no"] == "TENT-3P"
    selected = {"catalog_entry_no": "CAT-TENT", "quantity": "2", "purchasing_code": "SPECIAL"}
    order = await open_order(koppel, "C100", [selected])
    path = f"/sales-orders/{order['no']}"
    preview = await koppel.sales.post(f"{path}/release?dry_run=true")
    (planned,) = preview["purchase_orders"]
    assert (planned["vendor_no"], planned["line_nos"], Decimal(planned["cost_amount"])) == (
        "V10",
        [10000],
        420,
    )
    assert Decimal(preview["margin_amount"]) == 278

    await koppel.sales.post(f"{path}/release")
    line = (await linked(koppel, order["no"]))["lines"][0]
    assert (line["item_no"], line["nonstock"], Decimal(line["unit_cost"])) == ("TENT-3P", True, 210)
    purchase_path = f"/purchase-orders/{line['sourcing']['purchase_order_no']}"
    bought = (await koppel.purchasing.get(purchase_path))["lines"][0]
    assert (bought["nonstock"], Decimal(bought["direct_unit_cost"])) == (True, 210)
    assert (await koppel.planning.get("/items/TENT-3P"))["created_from_catalog"] is True
    listed = await koppel.purchasing.get("/vendors/V10/items/TENT-3P")
    assert (listed["vendor_item_no"], Decimal(listed["direct_unit_cost"])) == ("TENT-3P", 210)

    await koppel.purchasing.patch(f"{purchase_path}/lines/10000", {"direct_unit_cost": "199.00"})
    await order_when(koppel, order["no"], lambda o: Decimal(o["lines"][0]["unit_cost"]) == 199)
