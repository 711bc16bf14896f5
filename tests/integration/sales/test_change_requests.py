"""Change requests over HTTP: lines that are being bought change together with their purchase (G5)."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from contracts.purchasing.outcomes import ChangedLine, RequestOutcome
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import RequestedChange
from contracts.values import Problem
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import DROP, SPECIAL, STOCK, line_of, purchase, purchase_line, receipt


def requests(order: Any, line_no: int = 10000) -> str:
    return f"/sales-orders/{order['no']}/lines/{line_no}/change-requests"


async def line_now(sales: Sales, order: Any, line_no: int = 10000) -> Any:
    return line_of(await sales.get(f"/sales-orders/{order['no']}"), line_no)


async def asked(sales: Sales, order: Any) -> RequestedChange:
    """What purchasing is asked by the order's last event."""
    (change,) = (await sales.published(SalesOrder, order["no"]))[-1].requested_changes
    return change


def answer(order: Any, id_: str, *errors: Problem, **said: Any) -> tuple[str, str, RequestOutcome]:
    """Purchasing's answer about the first line."""
    line = ChangedLine(sales_line_id=UUID(line_of(order)["id"]), quantity=Decimal(5), **said)
    outcome = RequestOutcome(
        version=1,
        request_id=UUID(id_),
        kind="requested_change",
        outcome="refused" if errors else "changed",
        sales_order_no=order["no"],
        errors=errors,
        changed_lines=() if errors else (line,),
    )
    return "request-outcome", id_, outcome


async def bought(sales: Sales, *lines: dict[str, Any]) -> Any:
    """A released order whose first line is on a purchase order."""
    order = await sales.released(*(lines or (SPECIAL,)))
    kind = "drop_shipment" if lines and lines[0] == DROP else "special_order"
    await sales.deliver(purchase("P-1", 1, purchase_line(order, kind=kind)))
    return order


async def test_g5_a_change_request_is_an_operation_that_purchasing_ends(sales: Sales) -> None:
    order = await bought(sales)
    operation = await sales.post(requests(order), {"quantity": 7, "shipment_date": "2026-06-01"})
    assert (operation["kind"], operation["status"]) == ("change-request", "running")
    change = await asked(sales, order)
    assert (str(change.id), change.kind, change.lines[0].quantity) == (operation["id"], "change", 7)
    line = await line_now(sales, order)
    assert (line["quantity"], line["sourcing"]["change_pending"]) == ("5", True)
    shown = await sales.get(f"{requests(order)}/{operation['id']}")
    assert (shown["status"], shown["quantity"], shown["line_no"]) == ("running", "7", 10000)

    for _ in range(2):  # redelivered
        await sales.deliver(answer(order, operation["id"]))
    line = await line_now(sales, order)
    assert (line["quantity"], line["shipment_date"], line["sourcing"]["change_pending"]) == (
        "7",
        "2026-06-01",
        False,
    )
    shown = await sales.get(f"{requests(order)}/{operation['id']}")
    assert (shown["status"], shown["accepted_as_line"], shown["problem"]) == ("succeeded", None, None)
    (listed,) = (await sales.get(requests(order), status="succeeded"))["items"]
    assert listed == shown
    assert (await sales.published(SalesOrder, order["no"]))[-1].requested_changes == ()


async def test_g5_meanwhile_nothing_else_is_done_with_the_line(sales: Sales) -> None:
    order = await sales.released(SPECIAL, STOCK)
    path = f"/sales-orders/{order['no']}"
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 10000, receipt("5"))))
    await sales.post(f"{path}/reopen")
    await sales.post(requests(order), {"quantity": 7})
    listed = (await sales.get("/sales-lines"))["items"]
    assert [line["sourcing"]["change_pending"] for line in listed] == [True, False]
    pending = (409, ["change-pending"])
    assert await sales.refused("POST", requests(order), {"quantity": 8}) == pending
    assert await sales.refused("PATCH", f"{path}/lines/10000", {"description": "x"}) == pending
    assert await sales.refused("DELETE", f"{path}/lines/10000") == (
        409,
        ["change-pending", "line-linked-to-purchase-order"],
    )
    assert await sales.refused("DELETE", path) == pending
    assert await sales.refused("POST", f"{path}/cancel", {}) == pending
    ship = {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": 1}]}
    assert await sales.refused("POST", f"{path}/post", ship) == pending
    other = {"ship": True, "lines": [{"line_no": 20000, "qty_to_ship": 1}]}
    assert (await sales.post(f"{path}/post", other))["shipment_no"]
    await sales.post(f"{path}/release")
    ready = (await sales.get("/sales-lines", ready_to_ship=True))["items"]
    assert [line["line_no"] for line in ready] == [20000]


async def test_g5_a_refusal_leaves_the_line_as_it_was(sales: Sales) -> None:
    order = await bought(sales)
    operation = await sales.post(requests(order), {"quantity": 1})
    reason = Problem(code="quantity-below-received", detail="2 are received", line_no=10000)
    await sales.deliver(answer(order, operation["id"], reason))
    shown = await sales.get(f"{requests(order)}/{operation['id']}")
    assert (shown["status"], shown["problem"]["code"]) == ("refused", "quantity-below-received")
    line = await line_now(sales, order)
    assert (line["quantity"], line["sourcing"]["change_pending"]) == ("5", False)


async def test_g5_more_than_the_purchase_takes_is_a_new_line(sales: Sales) -> None:
    order = await bought(sales)
    operation = await sales.post(requests(order), {"quantity": 8})
    await sales.deliver(answer(order, operation["id"], not_taken=True))
    result = (await sales.get(f"/operations/{operation['id']}"))["result"]
    assert result == {"sales_order_no": order["no"], "line_no": 10000, "accepted_as_line": 20000}
    more = await line_now(sales, order, 20000)
    assert (more["quantity"], more["special_order"], more["sourcing"]["state"]) == (
        "3",
        True,
        "awaiting_requisition",
    )
    assert (await line_now(sales, order))["quantity"] == "5"


async def test_g5_quantity_0_cancels_the_line_and_is_no_exception(sales: Sales) -> None:
    order = await bought(sales)
    operation = await sales.post(requests(order), {"quantity": 0})
    assert (await asked(sales, order)).lines[0].quantity == 0
    await sales.deliver(answer(order, operation["id"]))
    await sales.deliver(purchase("P-1", 2, purchase_line(order, deleted=True)))
    line = await line_now(sales, order)
    assert (line["quantity"], line["outstanding_quantity"], line["sourcing"]["state"]) == ("0", "0", "none")


async def test_g5_a_procured_line_changes_by_request_also_by_patch(sales: Sales) -> None:
    """BC-SO-37: once the purchase line is known, the purchase order is named instead."""
    order = await sales.released(SPECIAL)
    path = f"/sales-orders/{order['no']}/lines/10000"
    response = await sales.send("PATCH", path, {"quantity": 7})
    operation = response.json()
    assert (response.status_code, operation["status"]) == (202, "running")
    assert response.headers["Location"] == f"/v1/operations/{operation['id']}"
    await sales.deliver(answer(order, operation["id"], unbought=True))
    line = await line_now(sales, order)
    assert (line["quantity"], line["sourcing"]["generation"], line["sourcing"]["state"]) == (
        "7",
        2,
        "awaiting_requisition",
    )
    moved = await sales.send("PATCH", path, {"shipment_date": "2026-06-01"}, headers={"Prefer": "wait=5"})
    assert (moved.status_code, moved.json()["line_no"]) == (200, 10000)
    await sales.deliver(purchase("P-1", 1, purchase_line(order, generation=2, quantity="7")))
    assert await sales.refused("PATCH", path, {"quantity": 8}) == (409, ["line-linked-to-purchase-order"])
    later = await sales.send("PATCH", path, {"shipment_date": "2026-06-02"})
    assert (later.status_code, later.json()["status"]) == (202, "succeeded")


async def test_g5_the_address_of_an_order_follows_with_all_drop_shipments(sales: Sales) -> None:
    order = await sales.released(DROP)
    path = f"/sales-orders/{order['no']}"
    response = await sales.send("PATCH", path, {"ship_to": {"city": "Ulm"}})
    assert (response.status_code, response.json()["status"]) == (202, "running")
    change = await asked(sales, order)
    assert change.ship_to is not None
    assert change.ship_to.city == "Ulm"
    await sales.deliver(answer(order, response.json()["id"], unbought=True))
    assert (await sales.get(path))["ship_to"]["city"] == "Ulm"
    await sales.deliver(
        purchase("P-1", 1, purchase_line(order, kind="drop_shipment", generation=2)),
    )
    assert await sales.refused("PATCH", path, {"ship_to": {"city": "Bonn"}}) == (
        409,
        ["line-linked-to-purchase-order"],
    )
    asking = await sales.post(requests(order), {"ship_to": {"city": "Bonn"}})
    shown = await sales.get(f"{requests(order)}/{asking['id']}")
    assert (shown["ship_to"]["city"], shown["quantity"]) == ("Bonn", None)


async def test_g5_a_date_alone_ends_at_once(sales: Sales) -> None:
    order = await bought(sales)
    body, wait = {"shipment_date": "2026-06-01"}, {"Prefer": "wait=5"}
    response = await sales.send("POST", requests(order), body, headers=wait)
    assert (response.status_code, response.json()) == (
        200,
        {"sales_order_no": order["no"], "line_no": 10000, "accepted_as_line": None},
    )
    assert (await line_now(sales, order))["shipment_date"] == "2026-06-01"
    stale = await sales.send("POST", requests(order), body, headers={"If-Match": '"99"'})
    assert stale.status_code == 412


async def test_g5_what_cannot_be_asked_for(sales: Sales) -> None:
    order = await sales.released(SPECIAL, STOCK)
    path = requests(order)
    assert await sales.refused("POST", path, {}) == (422, ["nothing-to-change"])
    assert (await sales.refused("POST", path, {"quantity": -1}))[0] == 422
    assert (await sales.refused("POST", path, {"unit_price": 1}))[0] == 422
    assert await sales.refused("POST", path, {"location_code": "NOWHERE"}) == (422, ["unknown-location"])
    assert await sales.refused("POST", path, {"ship_to_code": "NOWHERE"}) == (
        422,
        ["unknown-ship-to-address"],
    )
    assert await sales.refused("POST", requests(order, 20000), {"quantity": 1}) == (409, ["order-not-open"])
    assert (await sales.refused("POST", requests(order, 99), {"quantity": 1}))[0] == 404
    assert (await sales.refused("GET", requests(order, 99)))[0] == 404
    assert (await sales.refused("GET", "/sales-orders/NONE/lines/1/change-requests"))[0] == 404
    assert (await sales.refused("GET", f"{path}/{uuid4()}"))[0] == 404


async def test_g5_of_two_requests_at_once_one_is_asked(sales: Sales) -> None:
    """Twenty times: the second finds the line held."""
    order = await bought(sales)
    for attempt in range(20):
        answers = await asyncio.gather(
            *(sales.send("POST", requests(order), {"quantity": 6 + 2 * attempt + i}) for i in range(2))
        )
        assert Counter(a.status_code for a in answers) == {202: 1, 409: 1}
        (operation,) = [a.json() for a in answers if a.status_code == 202]
        await sales.deliver(answer(order, operation["id"]))
        wanted = (await sales.get(f"{requests(order)}/{operation['id']}"))["quantity"]
        assert (await line_now(sales, order))["quantity"] == wanted
