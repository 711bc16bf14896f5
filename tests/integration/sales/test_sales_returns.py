"""Return orders over HTTP: what comes back is received and credited, once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from contracts.sales.documents import PostedSalesCreditMemo, PostedSalesInvoice
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import DROP, STOCK, line_of, purchase, purchase_line, receipt


async def invoice_of(sales: Sales, *lines: dict[str, Any]) -> str:
    """A posted invoice of an order of stock."""
    order = await sales.released(*(lines or (STOCK,)))
    numbers = await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True, "invoice": True})
    return str(numbers["invoice_no"])


def back(invoice_no: str, quantity: str | None = None, line_no: int = 10000, **more: Any) -> dict[str, Any]:
    line = {"posted_invoice_no": invoice_no, "posted_invoice_line_no": line_no, **more}
    return line | ({"quantity": quantity} if quantity else {})


async def returned(sales: Sales, *lines: dict[str, Any], **header: Any) -> str:
    """The path of an open return order of customer C1."""
    made = await sales.post("/sales-return-orders", {"customer_no": "C1", "lines": list(lines), **header})
    return f"/sales-return-orders/{made['no']}"


async def test_bc_sd_17_a_return_order_receives_and_credits(sales: Sales) -> None:
    invoice_no = await invoice_of(sales)
    await sales.forget_published()
    path = await returned(sales, back(invoice_no, "3"))
    open_ = await sales.get(path)
    assert (line_of(open_)["item_no"], line_of(open_)["unit_price"], open_["status"]) == (
        "1000",
        "10.00",
        "open",
    )
    answer = await sales.send("POST", f"{path}/post", {}, key="post")
    replayed = await sales.send("POST", f"{path}/post", {}, key="post")
    no = answer.json()["credit_memo_no"]
    assert (answer.status_code, replayed.json()) == (200, answer.json())
    memo = await sales.get(f"/posted-sales-credit-memos/{no}")
    assert (memo["total"], memo["posted_invoice_no"], memo["lines"][0]["location_code"]) == (
        "35.70",
        invoice_no,
        "NORTH",
    )
    assert (await sales.get("/posted-sales-credit-memos", customer_no="C1"))["items"] == [memo]
    (event,) = await sales.published(PostedSalesCreditMemo, no)
    came = event.lines[0].receipt
    assert came is not None
    assert (came.quantity, came.document_no) == (3, no)
    (credited,) = await sales.published(PostedSalesInvoice, invoice_no)
    assert (credited.version, credited.lines[0].quantity_credited) == (2, 3)
    now = await sales.get(path)
    assert (now["status"], now["credit_memo_no"]) == ("posted", no)
    order_no = memo["lines"][0]["sales_order_no"]
    entries = (await sales.get(f"/sales-orders/{order_no}/timeline"))["items"]
    assert ("credited", no) in [(entry["happened"], entry["document"]) for entry in entries]
    printed = f"/posted-sales-credit-memos/{no}/document"
    answer = await sales.send("GET", printed, headers={"Accept": "text/html"})
    assert (answer.status_code, f"Of invoice {invoice_no}, line 10000" in answer.text) == (200, True)
    refused = await sales.refused("GET", printed, headers={"Accept": "image/png"})
    assert refused == (406, ["not-acceptable"])
    assert (await sales.refused("GET", "/posted-sales-credit-memos/NONE/document"))[0] == 404
    assert await sales.refused("POST", f"{path}/post", {}) == (409, ["already-credited"])


async def test_a_return_order_is_kept_like_an_order(sales: Sales) -> None:
    invoice_no = await invoice_of(sales, STOCK, STOCK)
    path = await returned(sales, back(invoice_no, "3"))
    await sales.patch(path, {"your_reference": "Broken"})
    added = await sales.post(f"{path}/lines", back(invoice_no, "1", 20000))
    changed = await sales.patch(f"{path}/lines/20000", {"quantity": "2"})
    await sales.patch(f"{path}/lines/20000", back(invoice_no, None, 10000))
    assert (len(added["lines"]), line_of(changed, 20000)["quantity"]) == (2, "2")
    over = await sales.refused("POST", f"{path}/post", {})
    assert over == (409, ["quantity-exceeds-invoiced"])
    await sales.delete(f"{path}/lines/20000")
    assert (await sales.get("/sales-return-orders", status="open"))["items"] == [await sales.get(path)]
    await sales.post(f"{path}/post")
    assert await sales.refused("DELETE", path) == (409, ["has-postings"])
    assert await sales.refused("PATCH", path, {"your_reference": "x"}) == (409, ["order-not-open"])
    line = f"{path}/lines/10000"
    assert await sales.refused("DELETE", line) == (409, ["has-postings", "order-not-open"])
    assert await sales.refused("PATCH", line, {"quantity": 9}) == (409, ["order-not-open"])
    assert await sales.refused("POST", f"{path}/lines", back(invoice_no)) == (409, ["order-not-open"])
    again = {"no": path.rsplit("/", 1)[1], "customer_no": "C1"}
    assert await sales.refused("POST", "/sales-return-orders", again) == (409, ["document-exists"])


async def test_bad_input_of_return_orders(sales: Sales) -> None:
    invoice_no = await invoice_of(sales)
    body = {"customer_no": "C1", "lines": [back("NONE"), back(invoice_no, None, 99)]}
    assert await sales.refused("POST", "/sales-return-orders", body) == (
        422,
        ["unknown-posted-sales-invoice", "unknown-line"],
    )
    body = {"customer_no": "C1", "lines": [back(invoice_no, drop_shipment=True)]}
    assert await sales.refused("POST", "/sales-return-orders", body) == (422, ["line-type-not-supported"])
    path = await returned(sales, {"item_no": "1000", "quantity": 1})
    assert await sales.refused("POST", f"{path}/post", {}) == (409, ["posted-invoice-required"])
    assert (await sales.send("POST", f"{path}/post", {}, headers={"If-Match": '"9"'})).status_code == 412
    assert (await sales.refused("POST", "/sales-return-orders/NONE/post", {}))[0] == 404


async def test_bc_sd_17_a_drop_shipment_comes_back_to_a_location_and_its_purchase_stays(sales: Sales) -> None:
    order = await sales.released(DROP)
    link = purchase("P-1", 1, purchase_line(order, 10000, receipt("10"), kind="drop_shipment"))
    await sales.deliver(link)
    numbers = await sales.post(f"/sales-orders/{order['no']}/post", {"invoice": True})
    path = await returned(sales, back(numbers["invoice_no"], "2"))
    assert await sales.refused("POST", f"{path}/post", {}) == (409, ["location-required"])
    await sales.patch(f"{path}/lines/10000", {"location_code": "SHOP"})
    before = await sales.get(f"/sales-orders/{order['no']}")
    await sales.post(f"{path}/post")
    assert await sales.get(f"/sales-orders/{order['no']}") == before


async def test_two_returns_of_one_line_credit_it_once(sales: Sales) -> None:
    """BC-SD-17."""
    for _ in range(20):
        invoice_no = await invoice_of(sales)
        paths = [await returned(sales, back(invoice_no, "3")) for _ in range(2)]
        answers = await asyncio.gather(*(sales.send("POST", f"{path}/post", {}) for path in paths))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 1}
        invoice = await sales.get(f"/posted-sales-invoices/{invoice_no}")
        assert invoice["lines"][0]["quantity_credited"] == "3"
