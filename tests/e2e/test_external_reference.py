"""The customer's project or order reference travels from the sale to the purchase that supplies it."""

from __future__ import annotations

from deploy.local.client import Koppel
from deploy.local.demo.sample import Till
from deploy.local.demo.tills import till_order
from tests.e2e.acts import linked, post_till_order, synchronized

REFERENCE = "PROJECT-4711"


async def bought_for(koppel: Koppel, order_no: str) -> set[str]:
    """The references on the purchase orders of an order's flagged lines."""
    order = await linked(koppel, order_no)
    purchases = {line["sourcing"]["purchase_order_no"] for line in order["lines"]} - {None}
    assert purchases
    return {(await koppel.purchasing.get(f"/purchase-orders/{no}"))["external_reference"] for no in purchases}


async def test_the_reference_of_a_sales_order_stands_on_its_purchase_order(koppel: Koppel) -> None:
    order = await koppel.sales.post(
        "/sales-orders",
        {
            "customer_no": "C100",
            "location_code": "NORTH",
            "lines": [{"item_no": "1100", "quantity": "1"}],
            "external_reference": REFERENCE,
        },
    )
    assert order["external_reference"] == REFERENCE
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    assert await bought_for(koppel, order["no"]) == {REFERENCE}


async def test_the_reference_that_a_till_gives_reaches_the_vendor(koppel: Koppel, till: Till) -> None:
    taken, _ = await post_till_order(till, till_order(till, 4711) | {"external_reference": REFERENCE})
    assert taken["external_reference"] == REFERENCE
    order = await synchronized(koppel, till, taken["confirmation_no"])
    assert await bought_for(koppel, order["sales_order_no"]) == {REFERENCE}


async def test_the_reference_changes_with_the_order_and_is_bounded(koppel: Koppel) -> None:
    order = await koppel.sales.post("/sales-orders", {"customer_no": "C100"})
    path = f"/sales-orders/{order['no']}"
    changed = await koppel.sales.patch(path, {"external_reference": REFERENCE})
    assert changed["external_reference"] == REFERENCE
    assert (await koppel.sales.get(path))["external_reference"] == REFERENCE
