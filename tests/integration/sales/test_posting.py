"""Posting sales orders: shipments and invoices, grants of special orders, drop shipments as operations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from contracts.sales.documents import PostedSalesInvoice
from contracts.sales.orders import SalesOrder
from contracts.values import Problem
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import (
    DROP,
    SPECIAL,
    STOCK,
    line_of,
    outcome,
    purchase,
    purchase_line,
    receipt,
)

SHIP_AND_INVOICE = {"ship": True, "invoice": True}


async def linked_drop_shipment(sales: Sales, *more: dict[str, Any]) -> Any:
    """A released order whose first line, a drop shipment, hangs on purchase order P-1."""
    order = await sales.released(DROP, *more)
    await sales.deliver(purchase("P-1", 1, purchase_line(order, kind="drop_shipment")))
    return order


async def test_stock_is_shipped_and_invoiced_in_parts_until_the_order_is_closed(sales: Sales) -> None:
    """BC-SD-07, BC-SD-10: and the amounts of the parts add up to the order's."""
    order = await sales.released({**STOCK, "unit_price": "3.33", "line_discount_pct": "10"})
    path = f"/sales-orders/{order['no']}"
    first = await sales.post(
        f"{path}/post", {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": "3"}]}
    )
    assert first["invoice_no"] is None
    shipment = await sales.get(f"/posted-sales-shipments/{first['shipment_no']}")
    assert (shipment["sales_order_no"], shipment["lines"][0]["quantity"]) == (order["no"], "3")
    second = await sales.post(f"{path}/post", {"ship": True, "invoice": True})
    done = await sales.get(path)
    assert done["status"] == "closed"
    assert (line_of(done)["quantity_shipped"], line_of(done)["quantity_invoiced"]) == ("4", "4")
    invoice = await sales.get(f"/posted-sales-invoices/{second['invoice_no']}")
    assert (invoice["amount"], invoice["lines"][0]["quantity"]) == (order["totals"]["net"], "4")
    (told,) = await sales.published(PostedSalesInvoice)
    assert told.amount == Decimal(order["totals"]["net"])
    last = (await sales.published(SalesOrder, order["no"]))[-1]
    assert last.happened == ("shipped", "invoiced", "closed")
    assert [p.quantity for p in last.lines[0].postings] == [Decimal(3), Decimal(1)]
    assert await sales.refused("POST", f"{path}/post", {"ship": True}) == (409, ["nothing-to-post"])


async def test_posting_an_open_order_releases_it(sales: Sales) -> None:
    order = await sales.order(STOCK)
    await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True})
    assert (await sales.get(f"/sales-orders/{order['no']}"))["status"] == "released"


async def test_what_cannot_be_posted_is_told_at_once_and_nothing_is_posted(sales: Sales) -> None:
    """BC-SD-07, BC-SD-10."""
    order = await sales.released(STOCK, SPECIAL, DROP)
    path = f"/sales-orders/{order['no']}/post"
    lines = [
        {"line_no": 10000, "qty_to_ship": 5, "qty_to_invoice": 9},
        {"line_no": 20000, "qty_to_ship": 1},
        {"line_no": 30000, "qty_to_ship": 1},
        {"line_no": 40000, "qty_to_ship": 1},
    ]
    response = await sales.send("POST", path, {"ship": True, "invoice": True, "lines": lines})
    assert response.status_code == 422
    assert {e["code"] for e in response.json()["errors"]} == {
        "quantity-exceeds-outstanding",
        "quantity-exceeds-shipped",
        "quantity-exceeds-received",
        "not-associated-with-purchase-order",
        "unknown-line",
    }
    assert await sales.refused("POST", path, {"invoice": True}) == (409, ["nothing-to-post"])
    assert await sales.refused("POST", path, {}) == (409, ["nothing-to-post"])
    assert (await sales.get("/posted-sales-shipments"))["items"] == []


async def test_a_special_order_ships_what_was_granted_and_no_more(sales: Sales) -> None:
    """BC-SO-33, BC-SO-34."""
    order = await sales.released(SPECIAL)
    path = f"/sales-orders/{order['no']}"
    await sales.deliver(purchase("P-1", 1, purchase_line(order)))
    assert line_of(await sales.get(path))["sourcing"]["state"] == "ordered"
    nothing = await sales.refused("POST", f"{path}/post", {"ship": True})
    assert nothing == (409, ["quantity-exceeds-received"])
    await sales.deliver(purchase("P-1", 2, purchase_line(order, 10000, receipt("2"))))
    sourcing = line_of(await sales.get(path))["sourcing"]
    assert (sourcing["state"], sourcing["quantity_received"], sourcing["purchase_order_no"]) == (
        "partly_received", "2", "P-1",
    )  # fmt: skip
    two = {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": 2}]}
    await sales.post(f"{path}/post", two)
    assert await sales.refused("POST", f"{path}/post", two) == (409, ["quantity-exceeds-received"])


async def test_a_redelivered_or_reordered_receipt_grants_once(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    first = receipt("2")
    newer = purchase("P-1", 3, purchase_line(order, 10000, first, receipt("1", document_no="R-2")))
    older = purchase("P-1", 2, purchase_line(order, 10000, first))
    await sales.deliver(older, newer)
    await sales.deliver(newer)
    await sales.deliver(older)
    rows = await sales.sql("SELECT granted, shipped FROM line_sourcing")
    assert [tuple(row) for row in rows] == [(3, 0)]


async def test_posting_a_drop_shipment_asks_purchasing_and_answers_202(sales: Sales) -> None:
    """BC-DS-21."""
    order = await linked_drop_shipment(sales, STOCK)
    response = await sales.send("POST", f"/sales-orders/{order['no']}/post", SHIP_AND_INVOICE)
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/operations/{response.json()['id']}"
    asked = (await sales.published(SalesOrder, order["no"]))[-1]
    assert [(r.base, r.quantity) for r in asked.posting_requests[0].lines] == [(Decimal(0), Decimal(10))]


async def test_lines_whose_posting_is_under_way_are_not_posted_again(sales: Sales) -> None:
    order = await linked_drop_shipment(sales, STOCK)
    path = f"/sales-orders/{order['no']}"
    await sales.post(f"{path}/post", SHIP_AND_INVOICE, expect=202)
    assert [line["posting"] for line in (await sales.get(path))["lines"]] == ["under_way", "under_way"]
    again = await sales.refused("POST", f"{path}/post", {"ship": True})
    assert again == (409, ["posting-under-way", "posting-under-way"])
    assert (await sales.get("/posted-sales-shipments"))["items"] == []


async def test_a_drop_shipment_is_posted_when_purchasing_has_received_it(sales: Sales) -> None:
    """BC-DS-21, BC-DS-28, BC-SO-43: both for all lines of the request in one go, under the receipt's posting id.

    The order is closed then, is not deleted by hand either, and keeps its link as history.
    """
    order = await linked_drop_shipment(sales, STOCK)
    operation = await sales.post(f"/sales-orders/{order['no']}/post", SHIP_AND_INVOICE, expect=202)
    got = receipt("10", origin="sales")
    await sales.deliver(outcome(order, operation["id"], "posted", (10000, got)))
    ended = await sales.get(f"/operations/{operation['id']}")
    assert ended["status"] == "succeeded"
    assert ended["result"]["invoice_no"]
    shipment = await sales.get(f"/posted-sales-shipments/{ended['result']['shipment_no']}")
    assert [line["line_no"] for line in shipment["lines"]] == [10000, 20000]
    assert shipment["lines"][0]["posting_id"] == str(got.posting_id)
    assert shipment["lines"][0]["purchase_order_no"] == "P-1"
    done = await sales.get(f"/sales-orders/{order['no']}")
    sourcing = line_of(done)["sourcing"]
    assert done["status"] == "closed"
    assert (sourcing["purchase_order_no"], sourcing["link_active"]) == ("P-1", False)
    assert await sales.refused("DELETE", f"/sales-orders/{order['no']}") == (409, ["has-postings"])


async def test_an_outcome_that_is_delivered_again_posts_nothing_more(sales: Sales) -> None:
    order = await linked_drop_shipment(sales, STOCK)
    operation = await sales.post(f"/sales-orders/{order['no']}/post", SHIP_AND_INVOICE, expect=202)
    posted = outcome(order, operation["id"], "posted", (10000, receipt("10", origin="sales")))
    await sales.deliver(posted)
    await sales.deliver(posted)
    assert len((await sales.get("/posted-sales-shipments"))["items"]) == 1


async def test_a_refused_drop_shipment_leaves_nothing_and_can_be_tried_again(sales: Sales) -> None:
    order = await linked_drop_shipment(sales)
    path = f"/sales-orders/{order['no']}"
    operation = await sales.post(f"{path}/post", {"ship": True})
    why = Problem(code="vendor-blocked", detail="vendor V20 is blocked", line_no=10000)
    await sales.deliver(outcome(order, operation["id"], "refused", errors=(why,)))
    ended = await sales.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "vendor-blocked")
    assert line_of(await sales.get(path))["posting"] is None
    assert (await sales.published(SalesOrder, order["no"]))[-1].posting_requests == ()
    assert (await sales.send("POST", f"{path}/post", {"ship": True})).status_code == 202


async def test_a_receipt_posted_in_purchasing_ships_once(sales: Sales) -> None:
    """BC-DS-22: one shipment per receipt, however often the purchase order is told."""
    order = await linked_drop_shipment(sales)
    first, second = receipt("4"), receipt("6", document_no="R-2", base="4")
    await sales.deliver(purchase("P-1", 2, purchase_line(order, 10000, first, kind="drop_shipment")))
    await sales.deliver(purchase("P-1", 4, purchase_line(order, 10000, first, second, kind="drop_shipment")))
    await sales.deliver(purchase("P-1", 5, purchase_line(order, 10000, first, second, kind="drop_shipment")))
    shipments = (await sales.get("/posted-sales-shipments", sales_order_no=order["no"]))["items"]
    assert [[line["quantity"] for line in s["lines"]] for s in shipments] == [["4"], ["6"]]
    line = line_of(await sales.get(f"/sales-orders/{order['no']}"))
    assert (line["quantity_shipped"], line["sourcing"]["state"]) == ("10", "received")
    told = (await sales.published(SalesOrder, order["no"]))[-1]
    assert [p.posting_id for p in told.lines[0].postings] == [first.posting_id, second.posting_id]


async def test_a_vendor_s_receipt_releases_an_open_order(sales: Sales) -> None:
    """BC-DS-22."""
    order = await sales.order(DROP)
    line = purchase_line(order, 10000, receipt("4"), kind="drop_shipment")
    await sales.deliver(purchase("P-1", 1, line))
    read = await sales.get(f"/sales-orders/{order['no']}")
    assert (read["status"], line_of(read)["quantity_shipped"]) == ("released", "4")
    told = (await sales.published(SalesOrder, order["no"]))[-1]
    assert told.happened == ("released", "shipped")
    assert told.lines[0].demand is not None
    assert told.lines[0].demand.released


async def test_a_receipt_for_an_order_that_was_deleted_meanwhile_is_not_parked(sales: Sales) -> None:
    """BC-DS-22: there is no line to ship; what sales learns of other orders goes on."""
    gone, order = await sales.released(DROP), await linked_drop_shipment(sales)
    await sales.post(f"/sales-orders/{gone['no']}/reopen")
    await sales.delete(f"/sales-orders/{gone['no']}")
    lines = [purchase_line(each, 10000, receipt("4"), kind="drop_shipment") for each in (gone, order)]
    applied = await sales.deliver(purchase("P-2", 1, *lines))
    assert applied.counts["purchasing.order.v1", "applied"] == 1
    assert line_of(await sales.get(f"/sales-orders/{order['no']}"))["quantity_shipped"] == "4"
    unknown = purchase_line(gone | {"no": "S-NOPE"}, 10000, receipt("4"), kind="drop_shipment")
    parked = await sales.deliver(purchase("P-3", 1, unknown))
    assert parked.counts["purchasing.order.v1", "parked"] == 1


async def test_a_drop_shipment_is_posted_after_something_left_from_stock(sales: Sales) -> None:
    """BC-SD-06, BC-DS-04: a link starts at nothing, whatever left of the line before."""
    order = await sales.released(STOCK, procurement_automation="manual")
    path = f"/sales-orders/{order['no']}"
    await sales.post(f"{path}/post", {"ship": True})
    await sales.post(f"{path}/reopen")
    await sales.patch(f"{path}/lines/10000", {"quantity": 7})
    order = await sales.patch(f"{path}/lines/10000", {"purchasing_code": "DROP"})
    bought = purchase_line(order, kind="drop_shipment", quantity="3")
    await sales.deliver(purchase("P-1", 1, bought))
    assert line_of(await sales.get(path))["sourcing"]["problem"] is None
    await sales.post(f"{path}/post", {"ship": True}, expect=202)
    (asked,) = (await sales.published(SalesOrder, order["no"]))[-1].posting_requests
    assert [(line.base, line.quantity) for line in asked.lines] == [(Decimal(0), Decimal(3))]


async def test_a_post_without_any_line_posts_nothing(sales: Sales) -> None:
    """BC-SD-10: an empty selection is not the same as no selection."""
    order = await sales.released(STOCK)
    nothing = await sales.refused("POST", f"/sales-orders/{order['no']}/post", {"ship": True, "lines": []})
    assert nothing == (409, ["nothing-to-post"])


async def test_lines_of_posted_documents_name_the_movements_they_are_about(sales: Sales) -> None:
    order = await sales.released({**STOCK, "line_discount_pct": "10"}, your_reference="Anniversary")
    path = f"/sales-orders/{order['no']}/post"
    numbers = [
        await sales.post(path, {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": quantity}]})
        for quantity in (1, 3)
    ]
    shipments = [await sales.get(f"/posted-sales-shipments/{each['shipment_no']}") for each in numbers]
    left = [shipment["lines"][0]["posting_id"] for shipment in shipments]
    billed = await sales.post(path, {"invoice": True})
    invoice = await sales.get(f"/posted-sales-invoices/{billed['invoice_no']}")
    (line,) = invoice["lines"]
    assert (line["posting_id"], line["posting_ids"]) == (left[0], left)
    names = ("sales_order_no", "sales_order_line_no", "line_discount_pct", "location_code", "description")
    for document in (*shipments, invoice):
        assert {name: document["lines"][0][name] for name in names} == {
            "sales_order_no": order["no"],
            "sales_order_line_no": 10000,
            "line_discount_pct": "10",
            "location_code": "NORTH",
            "description": "Item 1000",
        }
        assert (document["your_reference"], document["ship_to"]["city"]) == ("Anniversary", "Konstanz")


async def test_the_same_delivery_from_both_sides_is_one_shipment(sales: Sales) -> None:
    """Purchasing's receipt came first; sales' request is answered with its shipment."""
    order = await linked_drop_shipment(sales)
    operation = await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True})
    theirs = receipt("10")
    await sales.deliver(purchase("P-1", 2, purchase_line(order, 10000, theirs, kind="drop_shipment")))
    await sales.deliver(outcome(order, operation["id"], "already_posted", (10000, theirs)))
    (shipment,) = (await sales.get("/posted-sales-shipments"))["items"]
    ended = await sales.get(f"/operations/{operation['id']}")
    assert ended["result"]["shipment_no"] == shipment["no"]
    assert line_of(await sales.get(f"/sales-orders/{order['no']}"))["quantity_shipped"] == "10"


async def test_a_receipt_asked_for_by_sales_is_not_shipped_twice_when_the_purchase_order_tells_it(
    sales: Sales,
) -> None:
    order = await linked_drop_shipment(sales)
    operation = await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True})
    ours = receipt("10", origin="sales")
    told = purchase("P-1", 2, purchase_line(order, 10000, ours, kind="drop_shipment"))
    await sales.deliver(told, outcome(order, operation["id"], "posted", (10000, ours)))
    assert len((await sales.get("/posted-sales-shipments"))["items"]) == 1


async def test_shipping_advice_complete_ships_all_or_nothing(sales: Sales) -> None:
    """BC-SD-09."""
    order = await sales.released(STOCK, shipping_advice="complete")
    path = f"/sales-orders/{order['no']}/post"
    part = {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": 1}]}
    assert await sales.refused("POST", path, part) == (409, ["shipping-advice-complete"])
    assert (await sales.post(path, {"ship": True}))["shipment_no"]


async def test_a_blocked_customer_gets_no_goods(sales: Sales) -> None:
    """BC-MD-17."""
    order = await sales.released(STOCK)
    await sales.put("/customers/C1", {"name": "Anna Berg", "blocked": "ship"})
    path = f"/sales-orders/{order['no']}/post"
    assert await sales.refused("POST", path, {"ship": True}) == (409, ["customer-blocked"])
    refused = await sales.refused("POST", "/sales-orders", {"customer_no": "C1", "lines": [STOCK]})
    assert refused == (409, ["customer-blocked"])


async def test_posted_documents_are_printed(sales: Sales) -> None:
    """BC-SD-16: as PDF, or as a page where the caller asks for one."""
    order = await sales.order(STOCK)
    posted = await sales.post(f"/sales-orders/{order['no']}/post", SHIP_AND_INVOICE)
    for path in (
        f"/posted-sales-shipments/{posted['shipment_no']}/document",
        f"/posted-sales-invoices/{posted['invoice_no']}/document",
    ):
        pdf = await sales.send("GET", path)
        assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
        page = await sales.send("GET", path, headers={"Accept": "text/html"})
        assert order["no"] in page.text
        refused = await sales.refused("GET", path, headers={"Accept": "image/png"})
        assert refused == (406, ["not-acceptable"])
    for kind in ("shipments", "invoices"):
        assert (await sales.refused("GET", f"/posted-sales-{kind}/NONE/document"))[0] == 404


async def test_money_off_an_order_is_taken_by_its_invoices_in_part(sales: Sales) -> None:
    line = {**STOCK, "quantity": "3", "unit_price": "6.66", "line_discount_pct": "0"}
    order = await sales.released(line, line, line, invoice_discount_amount="10.00")
    assert (order["invoice_discount_amount"], order["totals"]["net"]) == ("10.00", "49.94")
    path = f"/sales-orders/{order['no']}/post"
    first = await sales.post(path, SHIP_AND_INVOICE | {"lines": [{"line_no": 10000, "qty_to_ship": "3"}]})
    second = await sales.post(path, SHIP_AND_INVOICE)
    one, other = [await sales.get(f"/posted-sales-invoices/{each['invoice_no']}") for each in (first, second)]
    assert Decimal(one["amount"]) + Decimal(other["amount"]) == Decimal("49.94")
    assert [x["invoice_discount_amount"] for x in (*one["lines"], *other["lines"])] == [
        "3.33",
        "3.33",
        "3.34",
    ]
    events = {event.no: event for event in await sales.published(PostedSalesInvoice)}
    assert events[first["invoice_no"]].lines[0].invoice_discount_amount == Decimal("3.33")
    assert (await sales.published(SalesOrder, order["no"]))[-1].invoice_discount_amount == Decimal(10)


async def test_a_discount_of_an_order_is_checked(sales: Sales) -> None:
    def asked(amount: str) -> dict[str, Any]:
        line = {**STOCK, "quantity": "1", "unit_price": "5.00"}
        return {"customer_no": "C1", "lines": [line], "invoice_discount_amount": amount}

    for amount, code in (("-1", "out-of-range"), ("5.01", "out-of-range"), ("1.001", "too-many-decimals")):
        assert await sales.refused("POST", "/sales-orders", asked(amount)) == (422, [code])
