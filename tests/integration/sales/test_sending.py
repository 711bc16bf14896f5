"""Post and send: posted documents go to the customer by mail, through a real mail server."""

from __future__ import annotations

from typing import Any

from mailkit.sending import send_due
from mailkit.settings import MailingSettings
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import DROP, STOCK, line_of, outcome, purchase, purchase_line, receipt
from tests.support.mail import MailServer, attached_pdf
from tests.support.pdf import pages_of

MAILED = {"send": {"method": "email", "to": "anna@example.com"}}


async def mails(sales: Sales) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["no"], each["recipient"]) for each in (await sales.get("/mails"))["items"]]


async def post(sales: Sales, order: Any, **posting: Any) -> Any:
    return await sales.post(f"/sales-orders/{order['no']}/post", posting)


async def test_bc_sd_16_the_invoice_that_was_posted_is_mailed(sales: Sales, mailing: MailServer) -> None:
    numbers = await post(sales, await sales.released(STOCK), ship=True, invoice=True, **MAILED)
    assert await mails(sales) == [("posted-sales-invoice", numbers["invoice_no"], "anna@example.com")]
    settings = sales.service.settings
    assert isinstance(settings, MailingSettings)
    assert await send_due(sales.database, settings) == 1
    (mail,) = mailing.mails
    assert mail["Subject"] == f"Invoice {numbers['invoice_no']}"
    assert numbers["invoice_no"] in pages_of(attached_pdf(mail))[0]


async def test_bc_sd_16_without_an_invoice_the_packing_slip_goes_to_the_customers_address(
    sales: Sales,
) -> None:
    await sales.put("/customers/C7", {"name": "Cy", "email": "cy@example.com"})
    order = await sales.released(STOCK, customer_no="C7")
    numbers = await post(sales, order, ship=True, send={"method": "email"})
    assert await mails(sales) == [("posted-sales-shipment", numbers["shipment_no"], "cy@example.com")]


async def test_bc_sd_16_invoices_without_an_order_and_credit_memos_are_mailed_too(sales: Sales) -> None:
    made = await sales.post("/sales-invoices", {"customer_no": "C1", "lines": [STOCK]})
    invoice_no = (await sales.post(f"/sales-invoices/{made['no']}/post", MAILED))["invoice_no"]
    back = {"posted_invoice_no": invoice_no, "posted_invoice_line_no": 10000}
    returned = await sales.post("/sales-return-orders", {"customer_no": "C1", "lines": [back]})
    memo_no = (await sales.post(f"/sales-return-orders/{returned['no']}/post", MAILED))["credit_memo_no"]
    assert await mails(sales) == [
        ("posted-sales-invoice", invoice_no, "anna@example.com"),
        ("posted-sales-credit-memo", memo_no, "anna@example.com"),
    ]


async def test_bc_sd_16_a_drop_shipment_is_mailed_once_purchasing_has_posted_it(sales: Sales) -> None:
    order = await sales.released(DROP)
    await sales.deliver(purchase("P-1", 1, purchase_line(order, kind="drop_shipment")))
    operation = await post(sales, order, ship=True, invoice=True, **MAILED)
    assert await mails(sales) == []
    came = receipt("10", origin="sales")
    await sales.deliver(outcome(order, operation["id"], "posted", (10000, came)))
    await sales.deliver(outcome(order, operation["id"], "posted", (10000, came)))
    ended = await sales.get(f"/operations/{operation['id']}")
    assert await mails(sales) == [("posted-sales-invoice", ended["result"]["invoice_no"], "anna@example.com")]


async def test_bad_input_nothing_is_posted_without_an_address(sales: Sales) -> None:
    order = await sales.released(STOCK)
    path = f"/sales-orders/{order['no']}/post"
    mailed = {"ship": True, "send": {"method": "email"}}
    assert await sales.refused("POST", path, mailed) == (422, ["email-required"])
    assert line_of(await sales.get(f"/sales-orders/{order['no']}"))["quantity_shipped"] == "0"
    await post(sales, order, ship=True, send={"method": "download"})
    assert await mails(sales) == []
