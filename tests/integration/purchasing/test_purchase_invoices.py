"""Purchase invoices over HTTP: made, filled from receipts, posted once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contracts.purchasing.documents import PostedPurchaseInvoice
from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

INVOICES = "/purchase-invoices"
ROPE = {"item_no": "1100", "quantity": "2"}


async def made(purchasing: Purchasing, *lines: Any, **header: Any) -> Any:
    return await purchasing.post(INVOICES, {"vendor_no": "V10", "lines": lines, **header}, expect=201)


async def receipt(purchasing: Purchasing, quantity: str = "2") -> tuple[str, str]:
    """An order of 5 of which so much was received: numbers of order and receipt."""
    body = {"vendor_no": "V10", "lines": [{"item_no": "1100", "quantity": "5"}]}
    order = await purchasing.post("/purchase-orders", body, expect=201)
    received = await receive(purchasing, order["no"], quantity)
    return order["no"], received


async def receive(purchasing: Purchasing, no: str, quantity: str) -> str:
    lines = [{"line_no": 10000, "qty_to_receive": quantity, "qty_to_invoice": "0"}]
    posted = await purchasing.post(f"/purchase-orders/{no}/post", {"receive": True, "lines": lines})
    return str(posted["receipt_no"])


async def codes(
    purchasing: Purchasing, method: str, path: str, body: Any = None, status: int = 409
) -> list[str]:
    problem = await purchasing.problem(method, path, body, expect=status)
    return [f"{e['code']} {e['pointer']}".strip() for e in problem["errors"]]


async def test_an_invoice_is_made_changed_listed_and_deleted(purchasing: Purchasing) -> None:
    invoice = await made(purchasing, ROPE, vendor_invoice_no="CW-1")
    no = invoice["no"]
    assert (no, invoice["status"], invoice["currency_code"], invoice["totals"]["amount"]) == (
        "PIV-1001",
        "open",
        "EUR",
        "14.00",
    )
    await purchasing.post(f"{INVOICES}/{no}/lines", {"item_no": "1200", "quantity": "1"}, expect=201)
    changed = await purchasing.patch(f"{INVOICES}/{no}/lines/10000", {"quantity": "4"})
    assert [line["quantity"] for line in changed["lines"]] == ["4", "1"]
    await purchasing.delete(f"{INVOICES}/{no}/lines/20000")
    changed = await purchasing.patch(f"{INVOICES}/{no}", {"vendor_invoice_no": "CW-2"})
    assert (changed["vendor_invoice_no"], changed["totals"]["quantity"]) == ("CW-2", "4")
    listed = await purchasing.get(INVOICES, vendor_no="V10", status="open")
    assert [each["no"] for each in listed["items"]] == [no]
    assert (await purchasing.get(INVOICES, updated_since="2020-01-01T00:00:00Z"))["items"]
    await purchasing.delete(f"{INVOICES}/{no}")
    assert await codes(purchasing, "GET", f"{INVOICES}/{no}", status=404) == ["unknown-purchase-invoice"]


async def test_a_posted_invoice_is_published_and_stays_as_it_is(purchasing: Purchasing) -> None:
    """BC-PI-08: what came without a receipt is received with the invoice."""
    no = (await made(purchasing, ROPE))["no"]
    posted = await purchasing.post(f"{INVOICES}/{no}/post", {"posting_date": "2026-03-05"})
    (snapshot,) = await purchasing.published(PostedPurchaseInvoice, posted["invoice_no"])
    assert snapshot.posted_at is not None
    (line,) = snapshot.lines
    assert line.receipt is not None
    assert (str(snapshot.posting_date), line.receipt.quantity) == ("2026-03-05", 2)
    invoice = await purchasing.get(f"{INVOICES}/{no}")
    assert (invoice["status"], invoice["posted_invoice_no"]) == ("posted", posted["invoice_no"])
    shown = await purchasing.get(f"/posted-purchase-invoices/{posted['invoice_no']}")
    assert (shown["purchase_order_no"], shown["lines"][0]["receipt"]["quantity"]) == ("", "2")
    assert await codes(purchasing, "POST", f"{INVOICES}/{no}/post", {}) == ["already-invoiced"]
    for method, path, body in (
        ("PATCH", "", {"vendor_invoice_no": "CW-9"}),
        ("DELETE", "", None),
        ("POST", "/lines", ROPE),
        ("PATCH", "/lines/10000", {"quantity": "1"}),
        ("DELETE", "/lines/10000", None),
    ):
        assert await codes(purchasing, method, f"{INVOICES}/{no}{path}", body) == ["has-postings"]


async def test_receipt_lines_are_invoiced_and_close_their_order(purchasing: Purchasing) -> None:
    order_no, first = await receipt(purchasing)
    second = await receive(purchasing, order_no, "3")
    no = (await made(purchasing, vendor_invoice_no="CW-1"))["no"]
    get = f"{INVOICES}/{no}/get-receipt-lines"
    await purchasing.post(get, {"receipt_no": first})
    invoice = await purchasing.post(get, {"receipt_no": second, "line_nos": [10000]})
    assert [(each["receipt_no"], each["quantity"]) for each in invoice["lines"]] == [
        (first, "2"),
        (second, "3"),
    ]
    assert await codes(purchasing, "POST", get, {"receipt_no": first}) == ["no-lines-to-retrieve"]
    await purchasing.post(f"{INVOICES}/{no}/post", {})
    order = await purchasing.purchase_order(order_no)
    assert (order["status"], order["lines"][0]["quantity_invoiced"]) == ("closed", "5")
    later = (await made(purchasing))["no"]
    get = f"{INVOICES}/{later}/get-receipt-lines"
    named = {"receipt_no": first, "line_nos": [10000]}
    assert await codes(purchasing, "POST", get, named) == ["already-invoiced /line_nos"]
    assert await codes(purchasing, "POST", get, {"receipt_no": "NONE"}, 422) == [
        "unknown-posted-purchase-receipt /receipt_no"
    ]
    assert await codes(purchasing, "POST", get, {"receipt_no": first, "line_nos": [7]}, 422) == [
        "unknown-line /line_nos/0"
    ]


async def test_an_invoice_for_receipts_of_several_orders_is_found_by_each_of_them(
    purchasing: Purchasing,
) -> None:
    (first, received), (second, also_received) = await receipt(purchasing), await receipt(purchasing)
    no = (await made(purchasing))["no"]
    for receipt_no in (received, also_received):
        await purchasing.post(f"{INVOICES}/{no}/get-receipt-lines", {"receipt_no": receipt_no})
    posted = (await purchasing.post(f"{INVOICES}/{no}/post"))["invoice_no"]
    for order_no in (first, second):
        found = await purchasing.get("/posted-purchase-invoices", purchase_order_no=order_no)
        assert [(i["no"], i["purchase_order_no"]) for i in found["items"]] == [(posted, "")]
    assert (await purchasing.get("/posted-purchase-invoices", purchase_order_no="NONE"))["items"] == []


async def test_a_receipt_that_was_taken_back_is_not_invoiced(purchasing: Purchasing) -> None:
    """BC-SO-35: nor is it retrieved; the refusal says which of both it is."""
    _, received = await receipt(purchasing)
    no = (await made(purchasing))["no"]
    await purchasing.post(f"{INVOICES}/{no}/get-receipt-lines", {"receipt_no": received})
    await purchasing.post(f"/posted-purchase-receipts/{received}/undo")
    refused = await purchasing.problem("POST", f"{INVOICES}/{no}/post", {}, expect=409)
    assert refused["errors"][0]["detail"] == "the receipt of line 10000 is invoiced or taken back already"
    wanted = {"receipt_no": received, "line_nos": [10000]}
    empty = (await made(purchasing))["no"]
    path = f"{INVOICES}/{empty}/get-receipt-lines"
    refused = await purchasing.problem("POST", path, wanted, expect=409)
    assert "taken back" in refused["detail"]


async def test_everything_unknown_on_a_new_invoice_is_named_at_once(purchasing: Purchasing) -> None:
    body = {
        "vendor_no": "V10",
        "location_code": "MARS",
        "lines": [
            {"item_no": "9", "quantity": 1, "location_code": ""},
            ROPE | {"unit_of_measure_code": "TON", "location_code": ""},
        ],
    }
    assert await codes(purchasing, "POST", INVOICES, body, 422) == [
        "unknown-location /location_code",
        "unknown-item /lines/0/item_no",
        "unknown-unit-of-measure /lines/1/unit_of_measure_code",
    ]
    assert await codes(purchasing, "POST", INVOICES, {"vendor_no": "V99"}, 422) == [
        "unknown-vendor /vendor_no"
    ]


async def test_a_number_of_the_callers_own_is_taken_once(purchasing: Purchasing) -> None:
    await made(purchasing, no="MINE")
    assert await codes(purchasing, "POST", INVOICES, {"no": "mine", "vendor_no": "V10"}) == [
        "document-exists /no"
    ]


@pytest.mark.parametrize("path", ["", "/lines", "/get-receipt-lines", "/post"])
async def test_an_unknown_invoice_is_not_found(purchasing: Purchasing, path: str) -> None:
    body = {"/lines": ROPE, "/get-receipt-lines": {"receipt_no": "PR-1"}, "/post": {}, "": {}}[path]
    method = "POST" if path else "PATCH"
    assert await codes(purchasing, method, f"{INVOICES}/NONE{path}", body, 404) == [
        "unknown-purchase-invoice"
    ]


async def test_a_vendors_invoice_number_is_posted_once_whichever_way(purchasing: Purchasing) -> None:
    order_no, _ = await receipt(purchasing)
    body = {"invoice": True, "vendor_invoice_no": "cw-1"}
    first = (await purchasing.post(f"/purchase-orders/{order_no}/post", body))["invoice_no"]
    no = (await made(purchasing, ROPE, vendor_invoice_no="CW-1"))["no"]
    problem = await purchasing.problem("POST", f"{INVOICES}/{no}/post", {})
    assert (problem["code"], problem["invoice_no"]) == ("duplicate-vendor-invoice", first)
    await purchasing.put("/purchasing-setup", {"allow_duplicate_vendor_invoice_no": True}, expect=201)
    await purchasing.post(f"{INVOICES}/{no}/post", {})


@pytest.mark.parametrize("attempt", range(20))
async def test_of_two_invoices_at_once_one_invoices_a_receipt(purchasing: Purchasing, attempt: int) -> None:
    order_no, first = await receipt(purchasing)
    await receive(purchasing, order_no, "2")
    nos = [(await made(purchasing, vendor_invoice_no=f"CW-{attempt}-{i}"))["no"] for i in range(2)]
    for no in nos:
        await purchasing.post(f"{INVOICES}/{no}/get-receipt-lines", {"receipt_no": first})
    posts = [purchasing.send("POST", f"{INVOICES}/{no}/post", {}) for no in nos]
    found = await asyncio.gather(*(posts if attempt % 2 else reversed(posts)))
    assert sorted(each.status_code for each in found) == [200, 409]
    loser = next(each for each in found if each.status_code == 409)
    assert loser.json()["code"] == "already-invoiced"
    line = (await purchasing.purchase_order(order_no))["lines"][0]
    assert (line["quantity_invoiced"], line["qty_rcd_not_invoiced"]) == ("2", "2")


@pytest.mark.parametrize("attempt", range(20))
async def test_of_invoice_and_order_posted_at_once_one_invoices_the_receipt(
    purchasing: Purchasing, attempt: int
) -> None:
    order_no, first = await receipt(purchasing)
    no = (await made(purchasing))["no"]
    await purchasing.post(f"{INVOICES}/{no}/get-receipt-lines", {"receipt_no": first})
    posts = [
        purchasing.send("POST", f"{INVOICES}/{no}/post", {}),
        purchasing.send("POST", f"/purchase-orders/{order_no}/post", {"invoice": True}),
    ]
    found = await asyncio.gather(*(posts if attempt % 2 else reversed(posts)))
    assert sorted(each.status_code for each in found) == [200, 409]
    assert (await purchasing.purchase_order(order_no))["lines"][0]["quantity_invoiced"] == "2"


@pytest.mark.parametrize("attempt", range(20))
async def test_one_invoice_posted_or_deleted_at_once_ends_one_way(
    purchasing: Purchasing, attempt: int
) -> None:
    no = (await made(purchasing, ROPE))["no"]
    acts = [
        purchasing.send("POST", f"{INVOICES}/{no}/post", {}),
        purchasing.send("DELETE", f"{INVOICES}/{no}"),
    ]
    found = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)))
    post, delete = found if attempt % 2 else reversed(found)
    assert (post.status_code, delete.status_code) in {(200, 409), (404, 204)}
    count = await purchasing.sql("SELECT count(*) FROM posted_purchase_invoice")
    assert count == [(1 if post.status_code == 200 else 0,)]


async def test_bc_ds_24_a_drop_shipments_receipt_waits_for_the_sales_invoice(purchasing: Purchasing) -> None:
    """BC-DS-24: the error names the sales order; the setting lifts it for purchase invoices too (G2)."""
    await purchasing.deliver_sales_orders(x.sales_order(x.sales_line(x.KAYAK, 30000, "drop_shipment")))
    asked = x.request(
        x.request_line(sales=x.ref(x.KAYAK), drop_shipment=True, special_order=False, purchasing_code="DROP")
    )
    await purchasing.deliver_requests(asked)
    order = await purchasing.order_of("S-1001")
    receipt_no = await receive(purchasing, order["no"], "1")
    no = (await made(purchasing))["no"]
    await purchasing.post(f"{INVOICES}/{no}/get-receipt-lines", {"receipt_no": receipt_no})
    problem = await purchasing.problem("POST", f"{INVOICES}/{no}/post", {})
    assert (problem["code"], problem["errors"][0]["sales_order_no"]) == ("sales-order-not-invoiced", "S-1001")
    body = {"allow_purchase_invoice_before_sales_invoice": True}
    await purchasing.put("/purchasing-setup", body, expect=201)
    await purchasing.post(f"{INVOICES}/{no}/post", {})


async def test_money_off_a_purchase_is_taken_by_its_invoices(purchasing: Purchasing) -> None:
    """On orders, on invoices of their own, and on receipts that are billed."""
    at = "/invoice_discount_amount"
    rope = {"item_no": "1100", "quantity": "3", "direct_unit_cost": "10.00"}
    body = {"vendor_no": "V10", "invoice_discount_amount": "30.01", "lines": [rope]}
    assert await codes(purchasing, "POST", "/purchase-orders", body, 422) == [f"out-of-range {at}"]
    order = await purchasing.post("/purchase-orders", body | {"invoice_discount_amount": "10.00"}, expect=201)
    path = f"/purchase-orders/{order['no']}"
    assert order["totals"]["amount"] == "20.00"
    finer = {"invoice_discount_amount": "1.001"}
    assert await codes(purchasing, "PATCH", path, finer, 422) == [f"too-many-decimals {at}"]
    first = {"line_no": 10000, "qty_to_receive": "2", "qty_to_invoice": "1"}
    post = {"receive": True, "invoice": True, "vendor_invoice_no": "CW-1", "lines": [first]}
    made_of = await purchasing.post(f"{path}/post", post)
    document = await purchasing.get(f"/posted-purchase-invoices/{made_of['invoice_no']}")
    assert (document["amount"], document["lines"][0]["invoice_discount_amount"]) == ("6.67", "3.33")
    await purchasing.post(f"{path}/reopen")
    less = {"invoice_discount_amount": "3.32"}
    assert await codes(purchasing, "PATCH", path, less) == [f"has-postings {at}"]

    invoice = await made(purchasing, rope, invoice_discount_amount="5.00", vendor_invoice_no="CW-2")
    await purchasing.post(
        f"{INVOICES}/{invoice['no']}/get-receipt-lines", {"receipt_no": made_of["receipt_no"]}
    )
    shown = await purchasing.get(f"{INVOICES}/{invoice['no']}")
    assert (shown["totals"]["amount"], shown["lines"][1]["invoice_discount_amount"]) == ("31.66", "3.34")
    await purchasing.delete(f"{INVOICES}/{invoice['no']}/lines/20000")
    changed = await purchasing.patch(f"{INVOICES}/{invoice['no']}", {"invoice_discount_amount": "6.00"})
    assert changed["totals"]["amount"] == "24.00"
    posted_as = (await purchasing.post(f"{INVOICES}/{invoice['no']}/post", {}))["invoice_no"]
    assert (await purchasing.get(f"/posted-purchase-invoices/{posted_as}"))["amount"] == "24.00"
