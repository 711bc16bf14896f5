"""Quotes over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contracts.sales.orders import SalesOrder
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import DROP, SPECIAL, STOCK, line_of


async def quoted(sales: Sales, *lines: dict[str, Any], **header: Any) -> Any:
    """An open quote for customer C1."""
    return await sales.post("/sales-quotes", {"customer_no": "C1", "lines": list(lines), **header})


async def test_a_quote_is_kept_like_an_order_and_not_published(sales: Sales) -> None:
    made = await quoted(sales, STOCK, SPECIAL)
    path = f"/sales-quotes/{made['no']}"
    assert (made["status"], made["sales_order_no"], line_of(made, 20000)["sourcing"]["state"]) == (
        "open",
        "",
        "none",
    )
    changed = await sales.patch(path, {"your_reference": "Spring"})
    added = await sales.post(f"{path}/lines", DROP)
    priced = await sales.patch(f"{path}/lines/10000", {"unit_price": "9.50"})
    await sales.delete(f"{path}/lines/20000")
    now = await sales.get(path)
    assert (changed["your_reference"], len(added["lines"]), line_of(priced)["unit_price"]) == (
        "Spring",
        3,
        "9.50",
    )
    assert [line["line_no"] for line in now["lines"]] == [10000, 30000]
    assert (await sales.get("/sales-quotes", status="open"))["items"] == [now]
    assert await sales.published(SalesOrder) == []


async def test_a_deleted_quote_is_gone_and_its_number_stays_taken(sales: Sales) -> None:
    made = await quoted(sales, STOCK, no="Q-1")
    await sales.delete("/sales-quotes/Q-1")
    assert await sales.refused("GET", "/sales-quotes/Q-1") == (404, ["unknown-sales-quote"])
    again = {"no": made["no"], "customer_no": "C1"}
    assert await sales.refused("POST", "/sales-quotes", again) == (409, ["document-exists"])


async def test_bc_sd_03_a_quote_becomes_an_order_with_codes_and_flags(sales: Sales) -> None:
    made = await quoted(sales, STOCK, SPECIAL, DROP, external_reference="EXT-1")
    answer = await sales.send("POST", f"/sales-quotes/{made['no']}/make-order", {}, key="make")
    order = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/sales-orders/{order['no']}")
    flags = [(x["purchasing_code"], x["special_order"], x["drop_shipment"]) for x in order["lines"]]
    assert flags == [("", False, False), ("SPEC", True, False), ("DROP", False, True)]
    assert (order["status"], order["external_reference"]) == ("open", "EXT-1")
    now = await sales.get(f"/sales-quotes/{made['no']}")
    assert (now["status"], now["sales_order_no"]) == ("converted", order["no"])
    again = await sales.send("POST", f"/sales-quotes/{made['no']}/make-order", {}, key="make")
    assert again.json()["no"] == order["no"]
    other = await sales.send("POST", f"/sales-quotes/{made['no']}/make-order", {})
    assert (other.status_code, other.json()["code"], other.json()["sales_order_no"]) == (
        409,
        "already-converted",
        order["no"],
    )
    path = f"/sales-quotes/{made['no']}"
    assert await sales.refused("DELETE", path) == (409, ["order-not-open"])
    assert await sales.refused("POST", f"{path}/lines", STOCK) == (409, ["order-not-open"])
    assert await sales.refused("DELETE", f"{path}/lines/10000") == (409, ["order-not-open"])
    released = await sales.post(f"/sales-orders/{order['no']}/release")
    assert line_of(released, 20000)["sourcing"]["state"] == "awaiting_requisition"


async def test_bad_input_7_a_line_of_a_quote_is_no_drop_shipment_by_hand(sales: Sales) -> None:
    body = {"customer_no": "C1", "lines": [STOCK | {"drop_shipment": True}]}
    assert await sales.refused("POST", "/sales-quotes", body) == (422, ["line-type-not-supported"])
    made = await quoted(sales, STOCK)
    path = f"/sales-quotes/{made['no']}/lines/10000"
    assert await sales.refused("PATCH", path, {"drop_shipment": True}) == (422, ["line-type-not-supported"])


async def test_an_unknown_quote_becomes_no_order(sales: Sales) -> None:
    assert await sales.refused("POST", "/sales-quotes/NONE/make-order") == (404, ["unknown-sales-quote"])


@pytest.mark.parametrize("attempt", range(20))
async def test_two_make_one_order_of_a_quote(sales: Sales, attempt: int) -> None:
    made = await quoted(sales, STOCK)
    path = f"/sales-quotes/{made['no']}/make-order"
    answers = await asyncio.gather(*(sales.send("POST", path, {}) for _ in range(2 + attempt % 3)))
    assert sorted(a.status_code for a in answers)[:2] == [201, 409]
    assert len((await sales.get("/sales-orders"))["items"]) == 1
