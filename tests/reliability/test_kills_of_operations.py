"""Operations and requests survive workers and HTTP servers that are killed while they are under way."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import chain
from typing import Any

from deploy.local.client import Api, Koppel, until
from deploy.local.stack import LocalStack
from tests.e2e.acts import linked, open_order, order_when, receive, release
from tests.reliability.checkers import drained, fetch, links_are_conserved
from tests.reliability.repeated_requests import Request, a_client, answered_again, answered_until_killed

DROP = {"item_no": "1100", "quantity": "5", "purchasing_code": "DROP"}
SPECIAL = {"item_no": "1100", "quantity": "5", "purchasing_code": "SPECIAL"}
GOODS = {"item_no": "1100", "quantity": "1", "location_code": "NORTH"}
DECIDING = ("sales", "purchasing", "planning")
DYING = ("sales-serve", "purchasing-serve")
TIMES = range(len(DECIDING))


async def shipped(koppel: Koppel, quantity: str = "5") -> dict[str, Any]:
    """A drop shipment of which so much left its vendor."""
    order = await release(koppel, "C100", [DROP])
    await receive(koppel, purchase_of(order), quantity)
    return await order_when(
        koppel, order["no"], lambda o: Decimal(o["lines"][0]["quantity_shipped"]) == Decimal(quantity)
    )


async def received(koppel: Koppel) -> tuple[dict[str, Any], str]:
    """A special order whose goods have come, and the number of their receipt."""
    order = await release(koppel, "C100", [SPECIAL])
    receipt = await receive(koppel, purchase_of(order))
    return order, str(receipt["receipt_no"])


async def proposed(koppel: Koppel) -> tuple[dict[str, Any], str]:
    """A released order of which nothing is bought, and the proposal for it."""
    order = await open_order(koppel, "C100", [SPECIAL], "manual")
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    made = await koppel.planning.post("/purchase-proposals", {"sales_order_no": order["no"]})
    return order, str(made["id"])


def purchase_of(order: dict[str, Any]) -> str:
    return str(order["lines"][0]["sourcing"]["purchase_order_no"])


async def ended(api: Api, operation: dict[str, Any]) -> str:
    path = f"/operations/{operation['id']}"
    found = await until(lambda: api.get(path), lambda o: o["status"] != "running", deadline_s=40, every_s=0.2)
    return str(found["status"])


async def test_kill_9_while_postings_are_taken_back_and_rests_given_up_ends_each_operation(
    stack: LocalStack, koppel: Koppel
) -> None:
    """I11, BC-DS-38, BC-SO-35, G4, G22, BC-PO-08: undo from both sides, close short, cancel, create purchase orders.

    Each kind of operation is asked for once while each of the deciding workers dies; both sides end alike.
    """
    undone = await asyncio.gather(*(shipped(koppel) for _ in TIMES))
    short = await asyncio.gather(*(shipped(koppel, "2") for _ in TIMES))
    cancelled = await asyncio.gather(*(release(koppel, "C100", [DROP]) for _ in TIMES))
    returned = await asyncio.gather(*(received(koppel) for _ in TIMES))
    bought = await asyncio.gather(*(proposed(koppel) for _ in TIMES))
    shipments = [
        (await koppel.sales.get("/posted-sales-shipments", sales_order_no=o["no"]))["items"][0]
        for o in undone
    ]
    operations: list[tuple[str, dict[str, Any]]] = []
    for i, service in enumerate(DECIDING):
        async with a_client(stack) as client:
            acts = [
                ("sales", f"/posted-sales-shipments/{shipments[i]['no']}/undo"),
                ("sales", f"/sales-orders/{short[i]['no']}/lines/10000/close-short"),
                ("sales", f"/sales-orders/{cancelled[i]['no']}/cancel"),
                ("purchasing", f"/posted-purchase-receipts/{returned[i][1]}/undo"),
                ("planning", f"/purchase-proposals/{bought[i][1]}/accept"),
            ]
            asking = [getattr(client, asked).post(path, {}) for asked, path in acts]
            _, *answers = await asyncio.gather(stack.kill(f"{service}-work"), *asking)
            operations += zip((asked for asked, _ in acts), answers, strict=True)
    await asyncio.gather(*(stack.start(f"{service}-work") for service in DECIDING))
    assert [await ended(getattr(koppel, asked), each) for asked, each in operations] == ["succeeded"] * 15
    await drained(stack)

    quantities = [(order, "5", "0", "0") for order in undone] + [(order, "2", "2", "2") for order in short]
    quantities += [(order, "5", "0", "0") for order, _ in returned]
    for before, quantity, gone, came in quantities:
        line = (await koppel.sales.get(f"/sales-orders/{before['no']}"))["lines"][0]
        purchase = (await koppel.purchasing.get(f"/purchase-orders/{purchase_of(before)}"))["lines"][0]
        assert (line["quantity"], line["quantity_shipped"], purchase["quantity_received"]) == (
            quantity,
            gone,
            came,
        )
        assert purchase["quantity"] == quantity
    for before in cancelled:
        assert (await koppel.sales.get(f"/sales-orders/{before['no']}"))["status"] == "cancelled"
        assert (await koppel.purchasing.get("/purchase-lines", sales_order_no=before["no"]))["items"] == []
    for before, _ in bought:
        await linked(koppel, before["no"])
        lines = await koppel.purchasing.get("/purchase-lines", sales_order_no=before["no"])
        assert [each["line"]["quantity"] for each in lines["items"]] == ["5"]
    await links_are_conserved(stack)


async def test_a_request_that_a_dying_server_did_not_answer_is_asked_again_under_its_key(
    stack: LocalStack, koppel: Koppel
) -> None:
    """`kill -9` of HTTP servers: the same Idempotency-Key asked again makes one document, and names it."""
    deliveries = [await release(koppel, "C100", [SPECIAL]) for _ in range(6)]
    sold = [{"customer_no": "C100", "external_reference": f"DYING-{i}", "lines": [GOODS]} for i in range(20)]
    ordered = [{"vendor_no": "V10", "your_reference": f"DYING-{i}", "lines": [GOODS]} for i in range(20)]
    posted = [f"/purchase-orders/{purchase_of(order)}/post" for order in deliveries]
    part = {"receive": True, "lines": [{"line_no": 10000, "qty_to_receive": "1"}]}
    requests: list[Request] = [
        *chain.from_iterable(
            (("sales", "/sales-orders", sale), ("purchasing", "/purchase-orders", purchase))
            for sale, purchase in zip(sold, ordered, strict=True)
        ),
        *(("purchasing", path, part) for path in posted),
    ]
    keyed = [(request, f"dying-{i}") for i, request in enumerate(requests)]
    async with a_client(stack) as client:
        first = await answered_until_killed(stack, client, keyed, DYING)
        await asyncio.gather(*(stack.start(process) for process in DYING))
        second = await answered_again(client, keyed)
    assert all(was in {None, now} for was, now in zip(first, second, strict=True))
    assert len(set(second)) == len(keyed)
    await drained(stack)
    for service, table, field in (
        ("sales", "sales_order", "external_reference"),
        ("purchasing", "purchase_order", "your_reference"),
    ):
        made = f"SELECT count(*) AS n FROM {table} WHERE body ->> '{field}' LIKE 'DYING-%'"
        assert await fetch(stack, service, made) == [{"n": 20}]
    for order in deliveries:
        line = (await koppel.purchasing.get(f"/purchase-orders/{purchase_of(order)}"))["lines"][0]
        assert (line["quantity_received"], len(line["posted_receipts"])) == ("1", 1)
