"""Received goods go to another customer's order, over all services (E5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from deploy.local import LocalStack
from deploy.local.client import Koppel, until
from tests.e2e.acts import DEADLINE_S, order_when, receive, release, stock_at_rest, stock_of


async def test_e5_goods_go_to_another_customer_and_the_first_order_is_bought_again(
    stack: LocalStack, koppel: Koppel
) -> None:
    before = await stock_at_rest(stack, koppel, "1100", "NORTH")
    first = await release(koppel, "C100", [{"item_no": "1100", "quantity": "3"}])
    second = await release(koppel, "C100", [{"item_no": "1100", "quantity": "2"}])
    purchase_no = first["lines"][0]["sourcing"]["purchase_order_no"]
    await receive(koppel, purchase_no)
    await order_when(koppel, first["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "received")
    line = f"/sales-orders/{first['no']}/lines/10000"
    body = {"to_sales_order_no": second["no"], "to_line_no": 10000}
    after = await koppel.sales.post(f"{line}/reallocate", body)
    assert after["lines"][0]["sourcing"]["state"] == "exception"
    await koppel.sales.post(f"/sales-orders/{second['no']}/post", {"ship": True})

    operation = await koppel.sales.post(f"{line}/resolve-exception", {"answer": "procure_again"})
    path = f"/operations/{operation['id']}"
    ended: dict[str, Any] = await until(
        lambda: koppel.sales.get(path), lambda o: o["status"] != "running", deadline_s=DEADLINE_S
    )
    assert ended["status"] == "succeeded"
    again = await order_when(koppel, first["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "ordered")
    sourcing = again["lines"][0]["sourcing"]
    assert (sourcing["generation"], Decimal(sourcing["quantity_ordered"]), sourcing["problem"]) == (
        2,
        2,
        None,
    )
    await receive(koppel, sourcing["purchase_order_no"])
    await order_when(koppel, first["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "received")
    await koppel.sales.post(f"/sales-orders/{first['no']}/post", {"ship": True})
    await until(
        lambda: stock_of(koppel, "1100", "NORTH"), lambda stock: stock == before, deadline_s=DEADLINE_S
    )
