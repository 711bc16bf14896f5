"""Bought lines that change over all services (G5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from deploy.local.client import Koppel, Refused, until
from tests.e2e.acts import DEADLINE_S, linked, open_order, order_when, receive, release

SPECIAL = {"item_no": "1100", "quantity": "5"}
WAIT_S = 20


async def ask(koppel: Koppel, order: dict[str, Any], wish: dict[str, Any]) -> dict[str, Any]:
    """The end result of a change request of the first line; `Refused` with its problem."""
    path = f"/sales-orders/{order['no']}/lines/10000/change-requests"
    return dict(await koppel.sales.post(path, wish, wait_s=WAIT_S))


async def refused_with(koppel: Koppel, order: dict[str, Any], wish: dict[str, Any]) -> str:
    """The code with which the request is refused."""
    try:
        await ask(koppel, order, wish)
    except Refused as refused:
        return refused.code
    return "accepted"


async def bought(koppel: Koppel, order: dict[str, Any], index: int = 0) -> dict[str, Any]:
    """The purchase line of a sales line."""
    no = order["lines"][index]["sourcing"]["purchase_order_no"]
    return dict((await koppel.purchasing.get(f"/purchase-orders/{no}"))["lines"][0])


async def test_g5_both_sides_change_until_the_vendor_has_the_order(koppel: Koppel) -> None:
    order = await release(koppel, "C100", [SPECIAL])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    assert (await ask(koppel, order, {"quantity": 7}))["accepted_as_line"] is None
    assert Decimal((await bought(koppel, order))["quantity"]) == 7
    now = await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["problem"] is None)
    assert (now["lines"][0]["quantity"], now["lines"][0]["sourcing"]["quantity_ordered"]) == ("7", "7")

    await koppel.purchasing.post(f"/purchase-orders/{purchase_no}/send", {"method": "download"})
    assert await refused_with(koppel, order, {"quantity": 6}) == "purchase-order-sent"
    assert (await ask(koppel, order, {"quantity": 9}))["accepted_as_line"] == 20000
    more = await linked(koppel, order["no"])
    assert [line["quantity"] for line in more["lines"]] == ["7", "2"]
    assert Decimal((await bought(koppel, more, 1))["quantity"]) == 2

    await receive(koppel, purchase_no, "3")
    assert await refused_with(koppel, order, {"quantity": 2}) == "quantity-below-received"


async def test_g5_a_requisition_follows_its_sale_and_is_bought_once(koppel: Koppel) -> None:
    order = await open_order(koppel, "C100", [SPECIAL], automation="requisition")
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "requisitioned")
    await ask(koppel, order, {"quantity": 8, "shipment_date": "2027-03-01"})

    async def requisition() -> dict[str, Any]:
        found = await koppel.planning.get("/requisition-lines", sales_order_no=order["no"], status="open")
        return dict(found["items"][0]) if found["items"] else {}

    line = await until(
        requisition, lambda found: found.get("generation") == 2, deadline_s=DEADLINE_S, every_s=0.05
    )
    assert (line["quantity"], line["due_date"]) == ("8", "2027-03-01")
    await koppel.planning.post(
        "/requisition-worksheets/DEFAULT/carry-out", {"line_ids": [line["id"]]}, wait_s=WAIT_S
    )
    order = await linked(koppel, order["no"])
    assert Decimal((await bought(koppel, order))["quantity"]) == 8
    orders = (await koppel.purchasing.get("/purchase-orders", sales_order_no=order["no"]))["items"]
    assert len(orders) == 1


async def test_g5_an_address_follows_to_the_vendor(koppel: Koppel) -> None:
    drop = {"item_no": "1100", "quantity": "5", "purchasing_code": "DROP"}
    order = await release(koppel, "C100", [drop])
    await ask(koppel, order, {"ship_to": {"name": "Anna Berg", "city": "Ulm", "post_code": "89073"}})
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    purchase = await koppel.purchasing.get(f"/purchase-orders/{purchase_no}")
    assert purchase["ship_to"]["city"] == "Ulm"
    assert await refused_with(koppel, order, {"quantity": 0}) == "accepted"
    gone = await koppel.sales.get(f"/sales-orders/{order['no']}")
    assert (gone["lines"][0]["quantity"], gone["lines"][0]["sourcing"]["state"]) == ("0", "none")
