"""Corrections of sales invoices and purchases for them survive workers that are killed while they are under way."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from deploy.local.client import Koppel, until
from deploy.local.stack import LocalStack
from tests.e2e.acts import order_when, receive, release
from tests.reliability.checkers import drained, fetch
from tests.reliability.repeated_requests import a_client

DROP = {"item_no": "1100", "quantity": "5", "purchasing_code": "DROP"}
GOODS = {"item_no": "1100", "quantity": "3", "location_code": "NORTH"}
DECIDING = ("sales", "purchasing")


async def billed_drop_shipment(koppel: Koppel) -> tuple[str, str]:
    """A drop shipment that the customer got and was billed for: its order and the invoice."""
    order = await release(koppel, "C100", [DROP])
    await receive(koppel, order["lines"][0]["sourcing"]["purchase_order_no"])
    await order_when(koppel, order["no"], lambda o: Decimal(o["lines"][0]["quantity_shipped"]) == 5)
    posted = await koppel.sales.post(f"/sales-orders/{order['no']}/post", {"invoice": True})
    return order["no"], posted["invoice_no"]


async def open_invoice(koppel: Koppel) -> str:
    """An invoice without an order that is not posted."""
    made = await koppel.sales.post("/sales-invoices", {"customer_no": "C100", "lines": [GOODS]})
    return str(made["no"])


async def ended(koppel: Koppel, operation: dict[str, Any]) -> str:
    path = f"/operations/{operation['id']}"
    found = await until(
        lambda: koppel.sales.get(path), lambda o: o["status"] != "running", deadline_s=40, every_s=0.2
    )
    return str(found["status"])


async def test_kill_9_while_invoices_are_corrected_and_bought_for_does_each_once(
    stack: LocalStack, koppel: Koppel
) -> None:
    """BC-PI-01, BC-DS-37, G18: every operation ends; one credit memo, and one purchase invoice for each."""
    billed = [await billed_drop_shipment(koppel) for _ in range(4)]
    unposted = [await open_invoice(koppel) for _ in range(4)]
    operations: list[dict[str, Any]] = []
    async with a_client(stack) as client:
        for i, service in enumerate(DECIDING):
            paths = [f"/posted-sales-invoices/{no}/correct" for _, no in billed[i::2]]
            paths += [f"/sales-invoices/{no}/create-purchase-invoice" for no in unposted[i::2]]
            asking = [client.sales.post(path, {}) for path in paths]
            _, *answered = await asyncio.gather(stack.kill(f"{service}-work"), *asking)
            operations += answered
    await asyncio.gather(*(stack.start(f"{service}-work") for service in DECIDING))
    assert [await ended(koppel, operation) for operation in operations] == ["succeeded"] * 8
    await drained(stack)

    credited = "SELECT body ->> 'posted_invoice_no' AS no FROM posted_sales_credit_memo"
    memos = [row["no"] for row in await fetch(stack, "sales", credited)]
    assert [memos.count(no) for _, no in billed] == [1] * 4
    for no, _ in billed:
        line = (await koppel.sales.get(f"/sales-orders/{no}"))["lines"][0]
        assert (Decimal(line["quantity_shipped"]), Decimal(line["quantity_invoiced"])) == (5, 0)
    for no in unposted:
        (bought,) = (await koppel.purchasing.get("/purchase-invoices", sales_document_no=no))["items"]
        assert bought["lines"][0]["quantity"] == "3"
