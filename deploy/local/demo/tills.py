"""Flow 4: what tills sell, each story through public HTTP alone."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from deploy.local.client import Koppel, until
from deploy.local.demo.sample import Till
from deploy.local.demo.steps import WAIT_S, Story, linked, order_when, receive
from deploy.local.till.bodies import money_body


async def pos_asynchronous(koppel: Koppel, till: Till, sequence: int) -> Story:
    """Flow 4: 202 at the till, pulled, synchronized, procured; the till's order shows its sales order number."""
    story = Story("Till, asynchronous")
    begun = time.perf_counter()
    confirmed = await till.api.post("/customer-orders", till_order(till, sequence))
    story.documents.append(("confirmation", confirmed["confirmation_no"]))
    await koppel.pos.post("/pull-jobs/P-0001/run", {})
    return await _follow(koppel, till, story, confirmed["confirmation_no"], begun)


async def pos_synchronous(koppel: Koppel, till: Till, sequence: int) -> Story:
    """Flow 4 with the till waiting: 201 with the sales order's number."""
    story = Story("Till, synchronous")
    begun = time.perf_counter()
    confirmed = await till.api.post("/customer-orders", till_order(till, sequence))
    story.documents.append(("confirmation", confirmed["confirmation_no"]))
    return await _follow(koppel, till, story, confirmed["confirmation_no"], begun)


def till_order(till: Till, sequence: int) -> dict[str, Any]:
    """A customer order of three lines: goods of the shop, a special order, a drop shipment."""
    in_ten_days = (date.today() + timedelta(days=10)).isoformat()  # noqa: DTZ011 - the shop's calendar, far from midnight's edge
    return {
        **_identity(till, sequence),
        "customer_no": "C100",
        "lines": [
            {
                "item_no": "1000",
                "quantity": "2",
                "unit_price": "12.50",
                "tax_pct": "19",
                "fulfilment": {"mode": "pickup", "store_no": till.store_no, "date": in_ten_days},
            },
            {
                "item_no": "1100",
                "quantity": "1",
                "unit_price": "149.00",
                "tax_pct": "19",
                "purchasing_code": "SPECIAL",
                "fulfilment": {"mode": "pickup", "store_no": till.store_no, "date": in_ten_days},
            },
            {
                "item_no": "1200",
                "quantity": "1",
                "unit_price": "899.00",
                "tax_pct": "19",
                "purchasing_code": "DROP",
                "fulfilment": {
                    "mode": "ship",
                    "address_code": "HOME",
                    "date": in_ten_days,
                    "delivery_mode": "VENDOR",
                },
            },
        ],
        "balance_cards": [{"card_token": f"tok_{uuid4().hex[:8]}"}],
        "payments": [{"method": "cash", "amount": "130.00"}],
    }


async def _follow(koppel: Koppel, till: Till, story: Story, confirmation_no: str, begun: float) -> Story:
    order = await _synchronized(koppel, till, confirmation_no)
    story.documents.append(("sales order", order["sales_order_no"]))
    bought = await linked(koppel, order["sales_order_no"])
    story.release_to_link_ms = (time.perf_counter() - begun) * 1000
    story.add_links(bought)
    return story


async def _synchronized(koppel: Koppel, till: Till, confirmation_no: str) -> dict[str, Any]:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        order = await till.api.get(f"/customer-orders/{confirmation_no}")
        if order.get("sales_order_no"):
            return dict(order)
        await koppel.sales.post("/order-synchronization/run", {})
        await asyncio.sleep(0.02)
    message = f"{confirmation_no} was not synchronized within {WAIT_S} s"
    raise TimeoutError(message)


async def from_quote_to_return(koppel: Koppel, till: Till) -> Story:
    """A quote becomes an order; its goods are bought, received, picked up, and one of them comes back."""
    story = Story("Till, from the quote to the return")
    sequences = itertools.count(100)
    quote = await till.api.post("/customer-orders", _quote(till, next(sequences)))
    order = await _act(till, quote, "convert", sequences, {})
    no = order["confirmation_no"]
    story.documents += [("quote", quote["confirmation_no"]), ("confirmation", no)]
    await koppel.pos.post("/pull-jobs/P-0001/run", {})
    sales_order_no = (await _synchronized(koppel, till, no))["sales_order_no"]
    bought = await linked(koppel, sales_order_no)
    await receive(koppel, story, bought["lines"][0]["sourcing"]["purchase_order_no"])
    await order_when(koppel, sales_order_no, "received")
    received = await until(
        lambda: till.api.get("/customer-orders", order_no=no, ready=True),
        lambda found: bool(found["items"]),
        deadline_s=WAIT_S,
    )
    lines = [{"line_no": line["line_no"], "quantity": line["quantity"]} for line in order["lines"]]
    picked_up = await _act(till, received["items"][0], "pickup", sequences, {"lines": lines})
    invoice_no = picked_up["settlement"]["invoice_no"]
    back = {"line_no": lines[0]["line_no"], "quantity": "1", "reason_code": "DAMAGED"}
    returned = await _act(till, picked_up, "returns", sequences, {"invoice_no": invoice_no, "lines": [back]})
    story.documents += [
        ("sales order", sales_order_no),
        ("sales invoice", invoice_no),
        ("sales return order", returned["settlement"]["sales_return_order_no"]),
    ]
    story.add_links(await koppel.sales.get(f"/sales-orders/{sales_order_no}"))
    return story


async def _act(
    till: Till, order: Mapping[str, Any], act: str, sequences: Iterator[int], body: Mapping[str, Any]
) -> dict[str, Any]:
    """The act with the money that its dry run asks for."""
    path = f"/customer-orders/{order['confirmation_no']}/{act}"
    sent = {**_identity(till, next(sequences)), **body}
    headers: dict[str, Any] = {"If-Match": f'"{order["version"]}"'}
    tried = (await till.api.send("POST", f"{path}?dry_run=true", json=sent, headers=headers)).json()
    settlement = tried["settlement"]
    amount = settlement["due"].removeprefix("-")
    return dict(await till.api.post(path, sent | money_body(settlement, "cash", amount, ""), **headers))


def _identity(till: Till, sequence: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "transaction": {
            "store_no": till.store_no,
            "terminal_no": till.terminal_no,
            "business_date": now.date().isoformat(),
            "sequence": sequence,
        },
        "occurred_at": now.isoformat(),
    }


def _quote(till: Till, sequence: int) -> dict[str, Any]:
    """A quote of two compasses, a special order that is picked up."""
    order = till_order(till, sequence)
    compass = order["lines"][1] | {"quantity": "2"}
    return {
        **_identity(till, sequence),
        "kind": "quote",
        "customer_no": order["customer_no"],
        "lines": [compass],
    }
