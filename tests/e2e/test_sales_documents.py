"""Invoices without an order, returns and corrections over all services: stock and the vendor's allowance follow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from deploy.local import LocalStack
from deploy.local.client import Koppel, Refused, until
from tests.e2e.acts import DEADLINE_S, order_when, receive, release, stock_at_rest, stock_of

DROP = {"item_no": "1100", "quantity": "5", "purchasing_code": "DROP"}
GOODS = {"item_no": "1100", "quantity": "3", "location_code": "NORTH"}


async def ended(api: Any, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation at its end."""
    path = f"/operations/{operation['id']}"
    return await until(lambda: api.get(path), lambda o: o["status"] != "running", deadline_s=DEADLINE_S)


async def invoice(koppel: Koppel) -> dict[str, Any]:
    """An open invoice of 3 pieces that no order sold."""
    return dict(await koppel.sales.post("/sales-invoices", {"customer_no": "C100", "lines": [GOODS]}))


async def stock_is(koppel: Koppel, stock: Decimal) -> None:
    await until(
        lambda: stock_of(koppel, "1100", "NORTH"), lambda now: now["stock"] == stock, deadline_s=DEADLINE_S
    )


async def test_bc_sd_17_goods_leave_with_an_invoice_and_come_back_with_a_return(
    stack: LocalStack, koppel: Koppel
) -> None:
    counted = {"item_no": "1100", "location_code": "NORTH", "quantity": "3", "reason": "count"}
    await koppel.planning.post("/item-journal", {"lines": [counted]})
    before = (await stock_at_rest(stack, koppel, "1100", "NORTH"))["stock"]
    made = await invoice(koppel)
    posted = await koppel.sales.post(f"/sales-invoices/{made['no']}/post", {})
    await stock_is(koppel, before - 3)
    back = {"posted_invoice_no": posted["invoice_no"], "posted_invoice_line_no": 10000, "quantity": "2"}
    returned = await koppel.sales.post("/sales-return-orders", {"customer_no": "C100", "lines": [back]})
    await koppel.sales.post(f"/sales-return-orders/{returned['no']}/post", {})
    await stock_is(koppel, before - 1)


async def test_g18_the_invoice_of_a_drop_shipment_is_taken_back_before_the_vendor_s(koppel: Koppel) -> None:
    order = await release(koppel, "C100", [DROP])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    await receive(koppel, purchase_no)
    await order_when(koppel, order["no"], lambda o: Decimal(o["lines"][0]["quantity_shipped"]) == 5)
    posted = await koppel.sales.post(f"/sales-orders/{order['no']}/post", {"invoice": True})
    operation = await koppel.sales.post(f"/posted-sales-invoices/{posted['invoice_no']}/correct", {})
    found = await ended(koppel.sales, operation)
    assert (found["status"], found["result"]["posted_invoice_no"]) == ("succeeded", posted["invoice_no"])
    bill = {"invoice": True, "vendor_invoice_no": f"V-{order['no']}"}
    path = f"/purchase-orders/{purchase_no}/post"
    with pytest.raises(Refused) as refused:
        await koppel.purchasing.post(path, bill)
    assert refused.value.code == "sales-order-not-invoiced"
    again = await koppel.sales.post(f"/sales-orders/{order['no']}/post", {"invoice": True})
    await koppel.purchasing.post(path, bill)
    second = await koppel.sales.post(f"/posted-sales-invoices/{again['invoice_no']}/correct", {})
    late = await ended(koppel.sales, second)
    assert (late["status"], late["problem"]["code"]) == ("refused", "already-invoiced")


async def test_bc_pi_01_a_sales_invoice_is_bought_for(koppel: Koppel) -> None:
    made = await invoice(koppel)
    operation = await koppel.sales.post(f"/sales-invoices/{made['no']}/create-purchase-invoice", {})
    found = await ended(koppel.sales, operation)
    bought = await koppel.purchasing.get(f"/purchase-invoices/{found['result']['purchase_invoice_no']}")
    assert (bought["sales_document_no"], bought["lines"][0]["quantity"]) == (made["no"], "3")
