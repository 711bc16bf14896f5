"""Sales asks for purchase invoices: each request is decided once, over redelivery and two batches at once."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from contracts.sales.documents import UnpostedSalesInvoice
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import PurchaseInvoiceRequest
from eventkit.ids import new_id
from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

SOLD = x.sales_order(x.sales_line(x.ROPE, 10000))


def asking(order: SalesOrder, **fields: object) -> tuple[SalesOrder, PurchaseInvoiceRequest]:
    """The order's next version, in which it asks for an invoice of vendor V10."""
    request = PurchaseInvoiceRequest(id=new_id(), vendor_no="V10", **fields)  # type: ignore[arg-type]
    return replace(order, version=order.version + 1, purchase_invoice_requests=(request,)), request


async def test_bc_pi_01_a_request_makes_one_invoice_however_often_it_comes(purchasing: Purchasing) -> None:
    """BC-PI-01, BC-PI-06: the invoice shows the sales order, and a second run is refused with its number."""
    order, request = asking(SOLD)
    await purchasing.deliver_sales_orders(order)
    await purchasing.deliver_sales_orders(order, replace(order, version=order.version + 1))
    outcome = await purchasing.outcome(request.id)
    (invoice,) = (await purchasing.get("/purchase-invoices", sales_document_no="S-1001"))["items"]
    assert (outcome.outcome, outcome.purchase_invoice_no) == ("created", invoice["no"])
    assert invoice["lines"][0]["demand"][0]["sales_order_line_no"] == 10000
    again, second = asking(replace(order, version=9))
    await purchasing.deliver_sales_orders(again)
    refused = await purchasing.outcome(second.id)
    assert (refused.outcome, refused.errors[0].code) == ("refused", "already-purchased")
    assert invoice["no"] in refused.errors[0].detail
    repeated, third = asking(replace(again, version=19), allow_repeat=True)
    await purchasing.deliver_sales_orders(repeated)
    assert (await purchasing.outcome(third.id)).outcome == "created"


async def test_a_deleted_invoice_can_be_made_again(purchasing: Purchasing) -> None:
    order, request = asking(SOLD)
    await purchasing.deliver_sales_orders(order)
    no = (await purchasing.outcome(request.id)).purchase_invoice_no
    await purchasing.delete(f"/purchase-invoices/{no}")
    again, second = asking(order)
    await purchasing.deliver_sales_orders(again)
    assert (await purchasing.outcome(second.id)).outcome == "created"


@pytest.mark.parametrize("attempt", range(20))
async def test_one_request_in_two_batches_at_once_makes_one_invoice(
    purchasing: Purchasing, attempt: int
) -> None:
    order, request = asking(SOLD)
    later = replace(order, version=order.version + 1)
    batches = [purchasing.deliver_sales_orders(order), purchasing.deliver_sales_orders(later)]
    await asyncio.gather(*(batches if attempt % 2 else reversed(batches)), return_exceptions=True)
    await purchasing.deliver_sales_orders(replace(order, version=order.version + 2))
    assert await purchasing.sql("SELECT count(*) FROM purchase_invoice") == [(1,)]
    assert (await purchasing.outcome(request.id)).outcome == "created"


async def test_bc_pi_01_a_sales_invoice_without_an_order_asks_in_the_same_way(purchasing: Purchasing) -> None:
    request = PurchaseInvoiceRequest(id=new_id(), vendor_no="V10")
    sold = UnpostedSalesInvoice(
        version=2, no="SIV-1", customer_no="C1", lines=SOLD.lines, purchase_invoice_requests=(request,)
    )
    await purchasing.deliver(("sales-invoice", "SIV-1", sold))
    await purchasing.deliver(("sales-invoice", "SIV-1", replace(sold, version=3)))
    outcome = await purchasing.outcome(request.id)
    (invoice,) = (await purchasing.get("/purchase-invoices", sales_document_no="SIV-1"))["items"]
    assert (outcome.purchase_invoice_no, outcome.sales_invoice_no, outcome.sales_order_no) == (
        invoice["no"],
        "SIV-1",
        "",
    )
    (demand,) = invoice["lines"][0]["demand"]
    assert (demand["sales_invoice_no"], demand["sales_order_no"]) == ("SIV-1", "")
    second = PurchaseInvoiceRequest(id=new_id(), vendor_no="V10")
    again = replace(sold, version=4, purchase_invoice_requests=(second,))
    await purchasing.deliver(("sales-invoice", "SIV-1", again))
    refused = await purchasing.outcome(second.id)
    assert (refused.outcome, refused.errors[0].code) == ("refused", "already-purchased")
