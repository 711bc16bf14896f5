"""A person asks for a purchase invoice of an order's lines; the operation ends with purchasing's outcome."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from contracts.purchasing.masters import Vendor
from contracts.purchasing.outcomes import RequestOutcome
from contracts.sales.documents import UnpostedSalesInvoice
from contracts.sales.orders import SalesOrder
from contracts.values import Problem
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import purchase, purchase_line
from tests.support.polling import eventually

STOCK = {"item_no": "1000", "quantity": "4"}
COMPASS_WORKS = Vendor(version=1, no="V10", name="Compass Works")
SPECIAL = {"item_no": "1100", "quantity": "3"}


def ended(order_no: str, id_: str, no: str = "", *errors: Problem) -> tuple[str, str, RequestOutcome]:
    outcome = RequestOutcome(
        version=1,
        request_id=UUID(id_),
        kind="purchase_invoice_request",
        outcome="created" if no else "refused",
        sales_order_no=order_no,
        errors=errors,
        purchase_invoice_no=no,
    )
    return "request-outcome", id_, outcome


async def asked(sales: Sales, order: Any, **body: Any) -> tuple[str, Any]:
    path = f"/sales-orders/{order['no']}/create-purchase-invoice"
    return path, await sales.post(path, body, expect=202)


async def last(sales: Sales, order: Any) -> SalesOrder:
    return (await sales.published(SalesOrder, order["no"]))[-1]


async def test_bc_pi_01_the_order_asks_purchasing_and_the_operation_ends_with_the_invoice(
    sales: Sales,
) -> None:
    """BC-PI-01, BC-PI-02: selected lines of one vendor; delivered twice, the outcome changes nothing more."""
    await sales.deliver(("vendor", "V10", COMPASS_WORKS))
    order = await sales.order(STOCK, STOCK)
    path, operation = await asked(sales, order, lines=[20000], vendor_no="V10")
    (request,) = (await last(sales, order)).purchase_invoice_requests
    assert (str(request.id), request.line_nos, request.vendor_no) == (operation["id"], (20000,), "V10")
    assert await sales.refused("POST", path, {}) == (409, ["change-pending"])
    done = ended(order["no"], operation["id"], "PIV-1")
    await sales.deliver(done)
    await sales.deliver(done)
    found = await sales.get(f"/operations/{operation['id']}")
    assert (found["status"], found["result"]) == ("succeeded", {"purchase_invoice_no": "PIV-1"})
    assert (await last(sales, order)).purchase_invoice_requests == ()


async def test_who_waits_gets_the_number(sales: Sales) -> None:
    order = await sales.order(STOCK)
    path = f"/sales-orders/{order['no']}/create-purchase-invoice"
    waiting = asyncio.create_task(sales.send("POST", path, {"lines": "all"}, headers={"Prefer": "wait=10"}))
    snapshots = await eventually(
        lambda: sales.published(SalesOrder, order["no"]),
        lambda found: bool(found[-1].purchase_invoice_requests),
    )
    (request,) = snapshots[-1].purchase_invoice_requests
    await sales.deliver(ended(order["no"], str(request.id), "PIV-2"))
    answer = await waiting
    assert (answer.status_code, answer.json()) == (200, {"purchase_invoice_no": "PIV-2"})


async def test_every_reason_of_a_refusal_is_in_the_operation(sales: Sales) -> None:
    order = await sales.order(STOCK)
    _, operation = await asked(sales, order)
    why = Problem(code="already-purchased", detail="purchase invoice PIV-1 was made of line 10000 already")
    await sales.deliver(ended(order["no"], operation["id"], "", why))
    found = await sales.get(f"/operations/{operation['id']}")
    assert (found["status"], found["problem"]["code"]) == ("refused", "already-purchased")


async def test_the_operation_ends_also_if_the_order_was_deleted_meanwhile(sales: Sales) -> None:
    order = await sales.order(STOCK)
    _, operation = await asked(sales, order)
    await sales.delete(f"/sales-orders/{order['no']}")
    await sales.deliver(
        ended(order["no"], operation["id"], "", Problem(code="nothing-to-create", detail="-"))
    )
    assert (await sales.get(f"/operations/{operation['id']}"))["status"] == "refused"


async def test_what_sales_knows_to_be_impossible_is_refused_at_once(sales: Sales) -> None:
    """BC-PI-02, BC-PI-04, BC-PI-06, BC-PI-07."""
    order = await sales.released(STOCK, SPECIAL, {"type": "comment", "description": "Hello"})
    path = f"/sales-orders/{order['no']}/create-purchase-invoice"
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 20000)))
    assert await sales.refused("POST", path, {"lines": [70000]}) == (
        422,
        ["unknown-line", "nothing-to-create"],
    )
    assert await sales.refused("POST", path, {"lines": [30000]}) == (409, ["nothing-to-create"])
    assert await sales.refused("POST", path, {}) == (409, ["already-associated-with-purchase-order"])
    assert await sales.refused("POST", path, {"lines": "some"}) == (422, ["not-a-list"])
    stopped = Vendor(version=1, no="V9", name="Old Works", privacy_blocked=True)
    await sales.deliver(("vendor", "V9", stopped))
    assert await sales.refused("POST", path, {"lines": [10000], "vendor_no": "V9"}) == (
        409,
        ["vendor-blocked"],
    )
    assert await sales.refused("POST", path, {"lines": [10000], "vendor_no": "V404"}) == (
        422,
        ["unknown-vendor"],
    )
    missing = "/sales-orders/NONE/create-purchase-invoice"
    assert (await sales.refused("POST", missing, {}))[0] == 404


async def test_bc_pi_01_a_sales_invoice_without_an_order_asks_purchasing_too(sales: Sales) -> None:
    await sales.deliver(("vendor", "V10", COMPASS_WORKS))
    made = await sales.post("/sales-invoices", {"customer_no": "C1", "lines": [STOCK, STOCK]})
    path = f"/sales-invoices/{made['no']}/create-purchase-invoice"
    assert await sales.refused("POST", path, {"lines": [10000, 99]}) == (422, ["unknown-line"])
    assert await sales.refused("POST", "/sales-invoices/NONE/create-purchase-invoice", {}) == (
        404,
        ["unknown-sales-invoice"],
    )
    stale = await sales.send("POST", path, {}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    operation = await sales.post(path, {"lines": [20000], "vendor_no": "V10"}, expect=202)
    event = (await sales.published(UnpostedSalesInvoice, made["no"]))[-1]
    (request,) = event.purchase_invoice_requests
    assert (str(request.id), request.line_nos, len(event.lines)) == (operation["id"], (20000,), 2)
    assert await sales.refused("POST", path, {}) == (409, ["change-pending"])
    kind, id_, outcome = ended("", operation["id"], "PIV-1")
    done = kind, id_, replace(outcome, sales_invoice_no=made["no"])
    await sales.deliver(done)
    await sales.deliver(done)
    found = await sales.get(f"/operations/{operation['id']}")
    assert (found["status"], found["result"]) == ("succeeded", {"purchase_invoice_no": "PIV-1"})
    assert (await sales.published(UnpostedSalesInvoice, made["no"]))[-1].purchase_invoice_requests == ()
    answer = asyncio.create_task(
        sales.send("POST", path, {"allow_repeat": True}, headers={"Prefer": "wait=10"})
    )

    snapshots = await eventually(
        lambda: sales.published(UnpostedSalesInvoice, made["no"]),
        lambda events: bool(events[-1].purchase_invoice_requests),
    )
    (again,) = snapshots[-1].purchase_invoice_requests
    kind, id_, outcome = ended("", str(again.id), "PIV-2")
    await sales.deliver((kind, id_, replace(outcome, sales_invoice_no=made["no"])))
    assert ((await answer).status_code, (await answer).json()) == (200, {"purchase_invoice_no": "PIV-2"})
