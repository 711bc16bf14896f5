"""Posted invoices taken back."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from contracts.sales.documents import PostedSalesCreditMemo, PostedSalesInvoice
from contracts.sales.orders import SalesOrder
from contracts.values import Problem
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import DROP, STOCK, line_of, purchase, purchase_line, receipt
from tests.integration.sales.test_undo import changed


async def invoice_of(sales: Sales, order: Any, **posting: Any) -> str:
    numbers = await sales.post(f"/sales-orders/{order['no']}/post", {"invoice": True, **posting})
    return str(numbers["invoice_no"])


async def dropped(sales: Sales) -> tuple[Any, str]:
    """A drop shipment that the vendor delivered and the customer was invoiced, and its invoice."""
    order = await sales.released(DROP)
    delivered = purchase_line(order, 10000, receipt("10"), kind="drop_shipment")
    await sales.deliver(purchase("P-1", 1, delivered))
    return order, await invoice_of(sales, order)


def correcting(invoice_no: str) -> str:
    return f"/posted-sales-invoices/{invoice_no}/correct"


async def test_g18_an_invoice_of_stock_is_taken_back_at_once(sales: Sales) -> None:
    order = await sales.released(STOCK)
    no = await invoice_of(sales, order, ship=True)
    preview = await sales.send("POST", f"{correcting(no)}?dry_run=true", {})
    assert [step["act"] for step in preview.json()["steps"]] == ["credit"]
    stale = await sales.send("POST", correcting(no), {}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    answer = await sales.send("POST", correcting(no), {}, key="correct")
    replayed = await sales.send("POST", correcting(no), {}, key="correct")
    assert (answer.status_code, replayed.json()) == (200, answer.json())
    memo = await sales.get(f"/posted-sales-credit-memos/{answer.json()['credit_memo_no']}")
    invoice = await sales.get(f"/posted-sales-invoices/{no}")
    assert (memo["total"], memo["posted_invoice_no"]) == (invoice["total"], no)
    assert (invoice["credit_memo_no"], invoice["lines"][0]["quantity_credited"]) == (memo["no"], "4")
    now = await sales.get(f"/sales-orders/{order['no']}")
    assert (now["status"], line_of(now)["qty_shipped_not_invoiced"]) == ("released", "4")
    again = await sales.send("POST", correcting(no), {})
    assert (again.status_code, again.json()["code"]) == (409, "already-credited")
    assert await sales.refused("POST", correcting("NONE"), {}) == (404, ["unknown-posted-sales-invoice"])
    assert await invoice_of(sales, order) != no, "it can be invoiced again"


async def test_g18_what_left_with_an_invoice_comes_back(sales: Sales) -> None:
    made = await sales.post("/sales-invoices", {"customer_no": "C1", "lines": [STOCK]})
    numbers = await sales.post(f"/sales-invoices/{made['no']}/post")
    answer = await sales.post(correcting(numbers["invoice_no"]))
    (event,) = await sales.published(PostedSalesCreditMemo, answer["credit_memo_no"])
    came = event.lines[0].receipt
    assert came is not None
    assert (came.quantity, came.document_no) == (4, answer["credit_memo_no"])
    shipment = await sales.get(f"/posted-sales-shipments/{numbers['shipment_no']}")
    assert shipment["lines"][0]["undone"] is True


async def test_bc_ds_37_of_a_drop_shipment_purchasing_lowers_its_allowance_first(sales: Sales) -> None:
    order, no = await dropped(sales)
    operation = await sales.post(correcting(no))
    assert (operation["kind"], operation["status"]) == ("correct-sales-invoice", "running")
    event = (await sales.published(SalesOrder, order["no"]))[-1]
    assert (event.requested_changes[0].kind, event.requested_changes[0].lines[0].quantity) == (
        "correct_invoice",
        10,
    )
    assert await sales.refused("POST", correcting(no), {}) == (409, ["change-pending"])
    back = {"posted_invoice_no": no, "posted_invoice_line_no": 10000, "location_code": "SHOP"}
    made = await sales.post("/sales-return-orders", {"customer_no": "C1", "lines": [back]})
    assert await sales.refused("POST", f"/sales-return-orders/{made['no']}/post", {}) == (
        409,
        ["change-pending"],
    )
    await sales.deliver(changed(order, operation["id"]))
    await sales.deliver(changed(order, operation["id"]))
    ended = await sales.get(f"/operations/{operation['id']}")
    memo = await sales.get(f"/posted-sales-credit-memos/{ended['result']['credit_memo_no']}")
    assert (ended["status"], memo["posted_invoice_no"]) == ("succeeded", no)
    line = line_of(await sales.get(f"/sales-orders/{order['no']}"))
    assert (line["quantity_invoiced"], line["quantity_shipped"]) == ("0", "10")
    assert (await sales.published(SalesOrder, order["no"]))[-1].lines[0].ever_invoiced == 10


async def test_bc_ds_37_purchasing_s_refusal_leaves_the_invoice(sales: Sales) -> None:
    order, no = await dropped(sales)
    operation = await sales.post(correcting(no))
    problem = Problem(code="already-invoiced", detail="the vendor has invoiced it")
    await sales.deliver(changed(order, operation["id"], problem))
    ended = await sales.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "already-invoiced")
    now = await sales.get(f"/sales-orders/{order['no']}")
    assert (now["status"], line_of(now)["quantity_invoiced"]) == ("closed", "10")
    events = await sales.published(PostedSalesInvoice, no)
    assert [event.version for event in events] == [1, 2, 3], (
        "who has seen a version gets it in other services"
    )
    assert (await sales.post(correcting(no)))["status"] == "running", "it can be asked for again"


async def test_two_corrections_and_a_return_credit_an_invoice_once(sales: Sales) -> None:
    """G18, BC-SD-17."""
    for _ in range(20):
        order = await sales.released(STOCK)
        no = await invoice_of(sales, order, ship=True)
        back = {"posted_invoice_no": no, "posted_invoice_line_no": 10000}
        made = await sales.post("/sales-return-orders", {"customer_no": "C1", "lines": [back]})
        answers = await asyncio.gather(
            *(sales.send("POST", correcting(no), {}) for _ in range(2)),
            sales.send("POST", f"/sales-return-orders/{made['no']}/post", {}),
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 2}
        invoice = await sales.get(f"/posted-sales-invoices/{no}")
        assert invoice["lines"][0]["quantity_credited"] == "4"
