"""Sales invoices without an order over HTTP: their own goods, and shipments of orders."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from contracts.sales.documents import PostedSalesInvoice
from contracts.sales.orders import SalesOrder
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import STOCK, line_of


async def invoiced(sales: Sales, *lines: dict[str, Any], **header: Any) -> Any:
    """An open invoice for customer C1."""
    return await sales.post("/sales-invoices", {"customer_no": "C1", "lines": list(lines), **header})


async def shipment_of(sales: Sales, *lines: dict[str, Any]) -> tuple[Any, str]:
    """A released order that was shipped and not invoiced, and its shipment."""
    order = await sales.released(*(lines or (STOCK,)))
    numbers = await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True})
    return order, numbers["shipment_no"]


async def billing(sales: Sales, shipment_no: str) -> str:
    """The path of an open invoice of a shipment."""
    made = await invoiced(sales)
    path = f"/sales-invoices/{made['no']}"
    await sales.post(f"{path}/get-shipment-lines", {"shipment_no": shipment_no})
    return path


async def test_bc_md_07_an_invoice_is_kept_like_an_order_without_its_items_codes(sales: Sales) -> None:
    made = await invoiced(sales, STOCK, {"item_no": "1100", "quantity": "2"}, external_reference="EXT-1")
    path = f"/sales-invoices/{made['no']}"
    assert (made["status"], made["posted_invoice_no"], line_of(made, 20000)["purchasing_code"]) == (
        "open",
        "",
        "",
    )
    await sales.patch(path, {"your_reference": "Spring"})
    await sales.post(f"{path}/lines", {"type": "charge", "charge_code": "SHIPPING", "unit_price": "5.00"})
    priced = await sales.patch(f"{path}/lines/10000", {"unit_price": "9.50"})
    await sales.delete(f"{path}/lines/20000")
    now = await sales.get(path)
    assert (now["your_reference"], line_of(priced)["unit_price"]) == ("Spring", "9.50")
    assert [line["line_no"] for line in now["lines"]] == [10000, 30000]
    assert (await sales.get("/sales-invoices", status="open"))["items"] == [now]
    dropped = {"customer_no": "C1", "lines": [STOCK | {"drop_shipment": True}]}
    assert await sales.refused("POST", "/sales-invoices", dropped) == (422, ["line-type-not-supported"])
    await sales.delete(path)
    assert await sales.refused("GET", path) == (404, ["unknown-sales-invoice"])


async def test_bc_sd_10_posting_ships_and_invoices_what_has_no_order(sales: Sales) -> None:
    made = await invoiced(sales, STOCK)
    path = f"/sales-invoices/{made['no']}"
    answer = await sales.send("POST", f"{path}/post", {}, key="post")
    numbers = answer.json()
    replayed = await sales.send("POST", f"{path}/post", {}, key="post")
    assert (answer.status_code, replayed.json()) == (200, numbers)
    shipment = await sales.get(f"/posted-sales-shipments/{numbers['shipment_no']}")
    invoice = await sales.get(f"/posted-sales-invoices/{numbers['invoice_no']}")
    assert (invoice["total"], invoice["sales_order_no"], invoice["sales_invoice_no"]) == (
        "47.60",
        "",
        made["no"],
    )
    assert (shipment["lines"][0]["quantity"], invoice["lines"][0]["sales_order_line_no"]) == ("4", 0)
    (event,) = await sales.published(PostedSalesInvoice, numbers["invoice_no"])
    left = event.lines[0].shipment
    assert left is not None
    assert (left.quantity, left.document_no) == (4, numbers["shipment_no"])
    now = await sales.get(path)
    assert (now["status"], now["posted_invoice_no"]) == ("posted", numbers["invoice_no"])
    assert await sales.refused("POST", f"{path}/post", {}) == (409, ["already-invoiced"])
    assert await sales.refused("DELETE", path) == (409, ["has-postings"])
    assert await sales.refused("DELETE", f"{path}/lines/10000") == (409, ["has-postings", "order-not-open"])
    assert await sales.refused("PATCH", f"{path}/lines/10000", {"quantity": 9}) == (409, ["order-not-open"])
    assert await sales.refused("PATCH", path, {"your_reference": "x"}) == (409, ["order-not-open"])
    assert await sales.refused("POST", f"{path}/lines", STOCK) == (409, ["order-not-open"])
    again = {"no": made["no"], "customer_no": "C1"}
    assert await sales.refused("POST", "/sales-invoices", again) == (409, ["document-exists"])
    undo = f"/posted-sales-shipments/{numbers['shipment_no']}/undo"
    assert await sales.refused("POST", undo, {}) == (409, ["already-invoiced"])


async def test_bc_sd_11_shipments_of_orders_are_billed_by_one_invoice(sales: Sales) -> None:
    order, first = await shipment_of(sales, STOCK, STOCK | {"quantity": "2"})
    other, second = await shipment_of(sales)
    made = await invoiced(sales, STOCK)
    path = f"/sales-invoices/{made['no']}"
    wanted = {"shipment_no": first, "line_nos": [20000]}
    got = await sales.post(f"{path}/get-shipment-lines", wanted)
    assert (got["lines"][1]["sales_order_no"], got["lines"][1]["shipment_no"]) == (order["no"], first)
    assert await sales.refused("POST", f"{path}/get-shipment-lines", wanted) == (409, ["already-invoiced"])
    await sales.post(f"{path}/get-shipment-lines", {"shipment_no": second})
    numbers = await sales.post(f"{path}/post", {"ship": True, "invoice": True})
    invoice = await sales.get(f"/posted-sales-invoices/{numbers['invoice_no']}")
    assert [line["sales_order_no"] for line in invoice["lines"]] == ["", order["no"], other["no"]]
    now = await sales.get(f"/sales-orders/{order['no']}")
    assert [line["quantity_invoiced"] for line in now["lines"]] == ["0", "2"]
    assert (await sales.get(f"/sales-orders/{other['no']}"))["status"] == "closed"
    assert (await sales.published(SalesOrder, order["no"]))[-1].lines[1].ever_invoiced == 2
    entries = (await sales.get(f"/sales-orders/{other['no']}/timeline"))["items"]
    assert ("invoiced", numbers["invoice_no"]) in [(x["happened"], x["document"]) for x in entries]
    undo = f"/posted-sales-shipments/{first}/undo"
    assert await sales.refused("POST", undo, {"lines": [20000]}) == (409, ["already-invoiced"])
    await sales.post(undo, {"lines": [10000]})


async def test_an_invoice_of_several_orders_is_found_by_each_of_them(sales: Sales) -> None:
    """BC-SD-11: and so is the credit memo that corrects it, though neither is of one order alone."""
    (first, shipped), (second, also_shipped) = await shipment_of(sales), await shipment_of(sales)
    path = await billing(sales, shipped)
    await sales.post(f"{path}/get-shipment-lines", {"shipment_no": also_shipped})
    invoice_no = (await sales.post(f"{path}/post"))["invoice_no"]
    memo_no = (await sales.post(f"/posted-sales-invoices/{invoice_no}/correct"))["credit_memo_no"]
    for order in (first, second):
        invoices = await sales.get("/posted-sales-invoices", sales_order_no=order["no"])
        memos = await sales.get("/posted-sales-credit-memos", sales_order_no=order["no"])
        assert [(i["no"], i["sales_order_no"]) for i in invoices["items"]] == [(invoice_no, "")]
        assert [(m["no"], m["sales_order_no"]) for m in memos["items"]] == [(memo_no, "")]
    assert (await sales.get("/posted-sales-invoices", sales_order_no="S-NONE"))["items"] == []


async def test_bad_input_lines_of_shipments_that_cannot_be_got(sales: Sales) -> None:
    _, shipment_no = await shipment_of(sales)
    made = await invoiced(sales)
    get = f"/sales-invoices/{made['no']}/get-shipment-lines"
    assert await sales.refused("POST", get, {"shipment_no": "NONE"}) == (
        422,
        ["unknown-posted-sales-shipment"],
    )
    wanted = {"shipment_no": shipment_no, "line_nos": [99]}
    assert await sales.refused("POST", get, wanted) == (422, ["unknown-line"])
    assert await sales.refused("POST", "/sales-invoices/NONE/get-shipment-lines", {"shipment_no": "X"}) == (
        404,
        ["unknown-sales-invoice"],
    )
    assert (await sales.refused("POST", "/sales-invoices/NONE/post", {}))[0] == 404
    stale = {"If-Match": '"9"'}
    for path, body in ((get, {"shipment_no": shipment_no}), (f"/sales-invoices/{made['no']}/post", {})):
        assert (await sales.send("POST", path, body, headers=stale)).status_code == 412
    await sales.post(get, {"shipment_no": shipment_no})
    assert await sales.refused("POST", get, {"shipment_no": shipment_no}) == (409, ["no-lines-to-retrieve"])


async def test_two_invoices_of_one_shipment_bill_it_once(sales: Sales) -> None:
    """BC-SD-11: whichever is posted first bills it, whatever was put onto the other before."""
    for _ in range(20):
        order, shipment_no = await shipment_of(sales)
        paths = [await billing(sales, shipment_no) for _ in range(2)]
        order_post = sales.send("POST", f"/sales-orders/{order['no']}/post", {"invoice": True})
        answers = await asyncio.gather(*(sales.send("POST", f"{p}/post", {}) for p in paths), order_post)
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 2}
        now = await sales.get(f"/sales-orders/{order['no']}")
        assert (line_of(now)["quantity_invoiced"], now["status"]) == ("4", "closed")


async def test_an_undo_and_an_invoice_of_one_shipment_exclude_each_other(sales: Sales) -> None:
    """BC-DS-38."""
    for _ in range(20):
        order, shipment_no = await shipment_of(sales)
        path = await billing(sales, shipment_no)
        answers = await asyncio.gather(
            sales.send("POST", f"{path}/post", {}),
            sales.send("POST", f"/posted-sales-shipments/{shipment_no}/undo", {}),
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 1}
        line = line_of(await sales.get(f"/sales-orders/{order['no']}"))
        assert line["quantity_shipped"] == line["quantity_invoiced"]
