"""Sales invoices without an order: what may stand on them, what they bill of shipments, and posting them whole."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from contracts.sales.masters import Customer
from domainkit.postings import BilledPosting
from sales.domain.invoices.commands import ShipmentLinesToGet
from sales.domain.invoices.invoice import POSTED, SalesInvoice, as_invoice, new_invoice
from sales.domain.invoices.posting import bill_shipments, plan_invoice
from sales.domain.invoices.shipment_lines import with_shipment_lines
from sales.domain.orders.commands import NewSalesLine, NewSalesOrder
from sales.domain.orders.order import CLOSED, RELEASED, Order
from sales.domain.posting.applying import Posted, apply_posting
from sales.domain.posting.commands import LineToPost, PostingOptions
from sales.domain.posting.decisions import posting_from_plan
from sales.domain.posting.documents import PostedShipment, PostedShipmentLine
from tests.unit.sales import samples as x


def invoiced(*lines: NewSalesLine, **header: Any) -> SalesInvoice:
    return new_invoice(
        NewSalesOrder(**{"no": "SIV-1", "customer_no": "C1", "lines": lines, **header}), x.context()
    )


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        act()
    return [violation.code for violation in refusal.value.violations]


def post(invoice: SalesInvoice, **wanted: Any) -> Posted:
    context = x.context()
    plan = plan_invoice(invoice, PostingOptions(**wanted), context)
    return apply_posting(invoice, posting_from_plan(x.DAY, plan, context.new_id), {}, x.NOW)


def shipped_order(*quantities: str, ordered: str = "5", **header: Any) -> Order:
    """A released order whose one line left in shipments SS-1, SS-2, …"""
    order = replace(x.made(x.sold("STOCK", ordered), **header), status=RELEASED)
    postings = tuple(
        BilledPosting(posting_id=UUID(int=i), quantity=Decimal(quantity), posting_date=x.DAY)
        for i, quantity in enumerate(quantities, start=1)
    )
    return order.with_line(replace(order.lines[0], postings=postings))


def shipment(order: Order, number: int = 1) -> PostedShipment:
    line = order.lines[0]
    posting = line.postings[number - 1]
    return PostedShipment(
        no=f"SS-{number}",
        customer_no=order.customer_no,
        sales_order_no=order.no,
        posting_date=x.DAY,
        lines=(
            PostedShipmentLine(
                line_no=line.line_no,
                sales_line_id=line.id,
                posting_id=posting.posting_id,
                quantity=posting.quantity,
            ),
        ),
    )


def billing(order: Order, number: int = 1, *, invoice: SalesInvoice | None = None) -> SalesInvoice:
    wanted = ShipmentLinesToGet(shipment_no=f"SS-{number}")
    return with_shipment_lines(
        invoice or invoiced(), shipment(order, number), wanted, order, x.context().new_id
    )


def test_bc_md_07_the_item_s_code_is_no_default_on_an_invoice() -> None:
    line = invoiced(x.sold("SPECIAL")).lines[0]
    assert (line.purchasing_code, line.special_order, line.demand) == ("", False, None)


@pytest.mark.parametrize("flag", [{"purchasing_code": "SPEC"}, {"drop_shipment": True}])
def test_bc_sd_05_nothing_is_bought_for_a_line_of_an_invoice(flag: dict[str, Any]) -> None:
    assert refused(lambda: invoiced(x.sold("STOCK", **flag))) == ["line-type-not-supported"]


def test_bc_md_17_a_customer_that_is_blocked_for_orders_alone_may_be_invoiced() -> None:
    assert invoiced(x.sold("STOCK"), customer_no="C3").customer_no == "C3"
    stopped = x.references(C4=Customer(version=1, no="C4", name="Di", blocked="invoice"))
    new = NewSalesOrder(customer_no="C4")
    assert refused(lambda: new_invoice(new, x.context(found=stopped))) == ["customer-blocked"]


def test_bc_sd_10_an_invoice_ships_and_bills_all_its_goods_at_once() -> None:
    posted = post(invoiced(x.sold("STOCK", "5")))
    assert posted.shipment is not None
    assert posted.invoice is not None
    assert (posted.order.status, posted.order.lines[0].quantity_invoiced) == (POSTED, 5)
    (line,) = posted.invoice.lines
    assert (line.quantity, line.amount, line.sales_order_no) == (5, 50, "")
    assert line.shipment is not None
    assert (line.shipment.quantity, posted.invoice.sales_invoice_no) == (5, "SIV-1")


def test_an_invoice_is_posted_whole_and_once() -> None:
    part = (LineToPost(line_no=10000, qty_to_ship=Decimal(2), qty_to_invoice=Decimal(2)),)
    assert refused(lambda: post(invoiced(x.sold("STOCK", "5")), lines=part)) == ["quantity-mismatch"]
    done = replace(invoiced(x.sold("STOCK")), status=POSTED, posted_invoice_no="SI-1")
    assert refused(lambda: post(done)) == ["already-invoiced"]
    assert refused(lambda: post(invoiced())) == ["nothing-to-post"]


def test_bc_sd_11_a_shipment_is_billed_at_its_order_s_price() -> None:
    order = shipped_order("2", "3")
    invoice = billing(order, 2)
    (line,) = invoice.lines
    assert (line.quantity, line.unit_price, line.shipment_no, line.sales_order_no) == (3, 10, "SS-2", "S-1")
    posted = post(invoice)
    assert posted.shipment is None, "the goods have left before"
    assert posted.invoice is not None
    assert posted.invoice.lines[0].posting_ids == (UUID(int=2),)
    (after,) = bill_shipments(invoice, {"S-1": order})
    sold = after.lines[0]
    assert (sold.quantity_invoiced, sold.left_to_invoice(UUID(int=1))) == (3, 2)
    assert sold.left_to_invoice(UUID(int=2)) == 0


def test_bc_sd_11_an_order_all_of_which_is_billed_is_closed() -> None:
    order = shipped_order("5")
    (after,) = bill_shipments(billing(order), {"S-1": order})
    assert after.status == CLOSED


def test_bc_sd_11_a_shipment_is_billed_once() -> None:
    order = shipped_order("5")
    first = billing(order)
    (after,) = bill_shipments(first, {"S-1": order})
    assert refused(lambda: bill_shipments(first, {"S-1": after})) == ["already-invoiced"]
    assert refused(lambda: billing(after)) == ["no-lines-to-retrieve"]
    assert refused(lambda: billing(order, invoice=first)) == ["no-lines-to-retrieve"]


def test_bc_sd_11_no_more_is_billed_than_left() -> None:
    order = shipped_order("3")
    more = billing(order).map_lines(lambda line: replace(line, quantity=Decimal(4)))
    assert refused(lambda: bill_shipments(more, {"S-1": order})) == ["quantity-exceeds-shipped"]


def test_bc_sd_11_shipment_and_invoice_are_of_one_customer_and_currency() -> None:
    order = replace(shipped_order("5"), currency_code="USD", customer_no="C2")
    assert refused(lambda: billing(order)) == ["customer-mismatch", "currency-mismatch"]


def test_what_a_shipment_brought_stays_what_it_is() -> None:
    invoice = billing(shipped_order("5"))
    moved = invoice.map_lines(lambda line: replace(line, location_code="SHOP"))
    assert refused(lambda: as_invoice(invoice, moved, x.REFERENCES)) == ["has-postings"]


def test_the_discount_on_an_order_is_shared_by_invoices_of_its_shipments() -> None:
    order = shipped_order("2", "3", invoice_discount_amount=Decimal(10))
    first = billing(order, 1)
    assert (first.totals.net, first.lines[0].order_discount) == (16, 4)
    (after,) = bill_shipments(first, {"S-1": order})
    assert (billing(after, 2).totals.net, after.discount_invoiced) == (24, 4)
