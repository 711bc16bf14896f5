"""Acts that several end-to-end tests share."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from deploy.local import LocalStack
from deploy.local.client import Koppel, until
from deploy.local.demo.sample import Till
from deploy.local.demo.steps import LINKED_STATES
from deploy.local.demo.tills import till_order
from tests.reliability.checkers import drained

DEADLINE_S = 60
_sequences = count(1)


async def open_order(
    koppel: Koppel, customer_no: str, lines: list[dict[str, Any]], automation: str = ""
) -> dict[str, Any]:
    """A sales order that is not released yet."""
    body = {"customer_no": customer_no, "location_code": "NORTH", "lines": lines}
    if automation:
        body["procurement_automation"] = automation
    return dict(await koppel.sales.post("/sales-orders", body))


async def release(koppel: Koppel, customer_no: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """A released order whose flagged lines all hang on purchase orders."""
    order = await open_order(koppel, customer_no, lines)
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    return await linked(koppel, order["no"])


async def order_when(koppel: Koppel, no: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The sales order once the condition holds."""
    return await until(lambda: koppel.sales.get(f"/sales-orders/{no}"), holds, deadline_s=DEADLINE_S)


async def linked(koppel: Koppel, no: str) -> dict[str, Any]:
    """The sales order once every flagged line is linked."""

    def holds(order: dict[str, Any]) -> bool:
        flagged = [x for x in order["lines"] if x["special_order"] or x["drop_shipment"]]
        return all(x["sourcing"]["state"] in LINKED_STATES for x in flagged)

    return await order_when(koppel, no, holds)


async def receive(koppel: Koppel, purchase_no: str, quantity: str | None = None) -> dict[str, Any]:
    """Post the receipt of all that is outstanding, or of `quantity` of the first line."""
    body: dict[str, Any] = {"receive": True}
    if quantity:
        body["lines"] = [{"line_no": 10000, "qty_to_receive": quantity}]
    return dict(await koppel.purchasing.post(f"/purchase-orders/{purchase_no}/post", body))


async def stock_of(koppel: Koppel, item_no: str, location_code: str) -> dict[str, Decimal]:
    """stock, free and allocated of an item at a location; zeros where nothing ever moved."""
    found = await koppel.planning.get("/stock", item_no=item_no, location_code=location_code)
    entry = found["items"][0] if found["items"] else {}
    return {name: Decimal(entry.get(name, 0)) for name in ("stock", "free", "allocated")}


async def stock_at_rest(
    stack: LocalStack, koppel: Koppel, item_no: str, location_code: str
) -> dict[str, Decimal]:
    """`stock_of` once everything has arrived that other tests left on its way: what a test may compare with later."""
    await drained(stack)
    return await stock_of(koppel, item_no, location_code)


async def post_till_order(till: Till, body: dict[str, Any] | None = None) -> tuple[dict[str, Any], Any]:
    """Post a customer order; the answer and the response, which keeps the body as `request_body`."""
    body = body or till_order(till, next(_sequences))
    response = await till.api.send(
        "POST", "/customer-orders", json=body, headers={"Idempotency-Key": str(uuid4())}
    )
    response.request_body = body  # type: ignore[attr-defined]
    return dict(response.json()), response


def ropes(till: Till) -> dict[str, Any]:
    """An order of two ropes of the shop that are picked up."""
    body = till_order(till, next(_sequences))
    del body["balance_cards"]
    return body | {"lines": body["lines"][:1], "payments": [{"method": "cash", "amount": "20.00"}]}


async def act_of_till(till: Till, order: dict[str, Any], kind: str, **body: Any) -> dict[str, Any]:
    """The order after an act on it, or the new order of a conversion."""
    sent = till_order(till, next(_sequences))
    identity = {name: sent[name] for name in ("transaction", "occurred_at")}
    path = f"/customer-orders/{order['confirmation_no']}/{kind}"
    headers: dict[str, Any] = {"If-Match": f'"{order["version"]}"'}
    return dict(await till.api.post(path, identity | body, **headers))


def carried_out(till: Till) -> dict[str, Any]:
    """An order whose first line leaves with the customer."""
    body = till_order(till, next(_sequences))
    body["lines"][0]["fulfilment"] = {"mode": "carry_out"}
    body["payments"] = [{"method": "cash", "amount": "160.00"}]
    return body


async def synchronized(koppel: Koppel, till: Till, confirmation_no: str) -> dict[str, Any]:
    """The till's order once it shows its sales order; synchronization is pushed along by hand."""

    async def read() -> dict[str, Any]:
        order = dict(await till.api.get(f"/customer-orders/{confirmation_no}"))
        if not order.get("sales_order_no"):
            await koppel.sales.post("/order-synchronization/run", {})
        return order

    return await until(read, lambda o: bool(o.get("sales_order_no")), deadline_s=DEADLINE_S, every_s=0.05)
