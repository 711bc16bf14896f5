"""Undo and close short over all services, from either side."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from deploy.local import LocalStack
from deploy.local.client import Koppel, until
from tests.e2e.acts import DEADLINE_S, order_when, receive, release, stock_at_rest, stock_of

DROP = {"item_no": "1100", "quantity": "5", "purchasing_code": "DROP"}


async def ended(api: Any, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation at its end."""
    path = f"/operations/{operation['id']}"
    return await until(lambda: api.get(path), lambda o: o["status"] != "running", deadline_s=DEADLINE_S)


async def shipped(koppel: Koppel, quantity: str) -> tuple[dict[str, Any], str]:
    """A drop shipment of 5 of which the vendor has delivered some; its purchase order's number."""
    order = await release(koppel, "C100", [DROP])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    await receive(koppel, purchase_no, quantity)
    order = await order_when(koppel, order["no"], lambda o: Decimal(o["lines"][0]["quantity_shipped"]) > 0)
    return order, purchase_no


async def test_bc_ds_38_a_drop_shipment_is_taken_back_from_the_sales_side(koppel: Koppel) -> None:
    order, purchase_no = await shipped(koppel, "5")
    (shipment,) = (await koppel.sales.get("/posted-sales-shipments", sales_order_no=order["no"]))["items"]
    operation = await koppel.sales.post(f"/posted-sales-shipments/{shipment['no']}/undo", {})
    assert (await ended(koppel.sales, operation))["status"] == "succeeded"
    purchase = await koppel.purchasing.get(f"/purchase-orders/{purchase_no}")
    assert Decimal(purchase["lines"][0]["quantity_received"]) == 0
    again = await koppel.sales.get(f"/sales-orders/{order['no']}")
    assert Decimal(again["lines"][0]["quantity_shipped"]) == 0


async def test_bc_ds_38_a_drop_shipment_is_taken_back_from_the_purchase_side(koppel: Koppel) -> None:
    order, purchase_no = await shipped(koppel, "2")
    (receipt,) = (await koppel.purchasing.get("/posted-purchase-receipts", purchase_order_no=purchase_no))[
        "items"
    ]
    operation = await koppel.purchasing.post(f"/posted-purchase-receipts/{receipt['no']}/undo", {})
    assert (await ended(koppel.purchasing, operation))["status"] == "succeeded"
    again = await koppel.sales.get(f"/sales-orders/{order['no']}")
    assert Decimal(again["lines"][0]["quantity_shipped"]) == 0
    await receive(koppel, purchase_no, "5")
    await order_when(koppel, order["no"], lambda o: Decimal(o["lines"][0]["quantity_shipped"]) == 5)


async def test_bc_so_35_a_special_order_s_receipt_is_taken_back_and_stock_with_it(
    stack: LocalStack, koppel: Koppel
) -> None:
    before = await stock_at_rest(stack, koppel, "1100", "NORTH")
    order = await release(koppel, "C100", [{"item_no": "1100", "quantity": "3"}])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    posted = await receive(koppel, purchase_no)
    await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "received")
    operation = await koppel.purchasing.post(f"/posted-purchase-receipts/{posted['receipt_no']}/undo", {})
    assert (await ended(koppel.purchasing, operation))["status"] == "succeeded"
    await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "ordered")
    await until(
        lambda: stock_of(koppel, "1100", "NORTH"), lambda stock: stock == before, deadline_s=DEADLINE_S
    )


async def test_g4_one_act_lowers_both_sides(koppel: Koppel) -> None:
    """BC-DS-39: both orders stay open with the same outstanding quantity, until what remains is closed short."""
    order, purchase_no = await shipped(koppel, "2")
    purchase = await koppel.purchasing.get(f"/purchase-orders/{purchase_no}")
    assert (order["status"], purchase["status"]) == ("released", "released")
    assert {Decimal(x["lines"][0]["outstanding_quantity"]) for x in (order, purchase)} == {Decimal(3)}
    operation = await koppel.sales.post(f"/sales-orders/{order['no']}/lines/10000/close-short", {})
    assert (await ended(koppel.sales, operation))["status"] == "succeeded"
    sold = await koppel.sales.get(f"/sales-orders/{order['no']}")
    bought = await koppel.purchasing.get(f"/purchase-orders/{purchase_no}")
    assert {Decimal(x["lines"][0]["quantity"]) for x in (sold, bought)} == {Decimal(2)}

    other, other_purchase_no = await shipped(koppel, "3")
    await koppel.purchasing.post(f"/purchase-orders/{other_purchase_no}/close-short", {})
    await order_when(koppel, other["no"], lambda o: Decimal(o["lines"][0]["quantity"]) == 3)
