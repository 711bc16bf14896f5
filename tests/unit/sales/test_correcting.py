"""Correcting posted invoices: what is credited, and what can be invoiced again."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from contracts.values import Posting
from domainkit.postings import BilledPosting
from sales.domain.line_supply import active_links
from sales.domain.orders.order import CLOSED, RELEASED, Order
from sales.domain.posting.applying import apply_posting
from sales.domain.posting.commands import PostingOptions
from sales.domain.posting.correcting import asked_of_purchasing, check_correctable, correct, dropped, steps
from sales.domain.posting.decisions import posting_from_plan
from sales.domain.posting.documents import PostedInvoice
from sales.domain.posting.plans import plan_post
from tests.unit.sales import samples as x

SHIPPED = UUID(int=77)


def billed(item_no: str = "STOCK", quantity: str = "5", **header: Any) -> tuple[PostedInvoice, Order]:
    """The invoice of an order's one line, all of which left, and the order after it."""
    order = replace(x.made(x.sold(item_no, quantity), **header), status=RELEASED)
    left = BilledPosting(posting_id=SHIPPED, quantity=Decimal(quantity), posting_date=x.DAY)
    order = order.with_line(replace(order.lines[0], postings=(left,)))
    plan = plan_post(order, PostingOptions(invoice=True), x.context())
    posted = apply_posting(order, posting_from_plan(x.DAY, plan, x.context().new_id), {}, x.NOW)
    assert posted.invoice is not None
    return replace(posted.invoice, no="SI-1"), posted.order


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        act()
    return [violation.code for violation in refusal.value.violations]


def test_g18_all_of_an_invoice_is_credited_and_its_order_can_be_invoiced_again() -> None:
    invoice, order = billed(invoice_discount_amount=Decimal(10))
    assert (order.status, order.discount_invoiced) == (CLOSED, 10)
    corrected = correct(invoice, {"S-1": order}, x.DAY, x.context().new_id, x.NOW)
    (after,) = corrected.orders
    line = after.lines[0]
    assert (after.status, line.quantity_invoiced, line.ever_invoiced, after.discount_invoiced) == (
        RELEASED,
        0,
        5,
        0,
    )
    assert line.left_to_invoice(SHIPPED) == 5
    assert (corrected.memo.amount, corrected.memo.tax_amount) == (invoice.amount, invoice.tax_amount)
    assert [each.receipt for each in corrected.memo.lines] == [None], "the goods stay with the customer"
    assert corrected.invoice.lines[0].left_to_credit == 0


def test_g18_goods_that_left_with_the_invoice_come_back() -> None:
    invoice, _ = billed()
    left = Posting(posting_id=SHIPPED, quantity=Decimal(5), posting_date=x.DAY, document_no="SS-1")
    alone = replace(invoice, lines=(replace(invoice.lines[0], sales_order_no="", shipment=left),))
    (line,) = correct(alone, {}, x.DAY, x.context().new_id, x.NOW).memo.lines
    assert line.receipt is not None
    assert line.receipt.quantity == 5
    assert [step.act for step in steps(alone, {}, {})] == ["credit", "receive"]


def test_g18_an_invoice_is_corrected_once_and_whole() -> None:
    invoice, order = billed()
    corrected = correct(invoice, {"S-1": order}, x.DAY, x.context().new_id, x.NOW).invoice
    assert refused(lambda: check_correctable(corrected, {})) == ["already-credited"]
    assert refused(lambda: check_correctable(replace(invoice, credit_memo_no="SC-1"), {})) == [
        "already-credited"
    ]
    assert refused(lambda: check_correctable(replace(invoice, correcting=True), {})) == ["change-pending"]


def test_bc_ds_37_purchasing_is_asked_about_drop_shipments() -> None:
    invoice, order = billed("DROPPED")
    orders = {"S-1": order}
    assert [line.line_no for line in dropped(invoice, orders)] == [10000]
    links = active_links((line.id for line in order.lines), x.linked(order))
    first, second = steps(invoice, orders, links)
    assert (first.service, first.act, first.purchase_order_no) == ("purchasing", "lower_allowance", "P-1")
    assert second.act == "credit"
    asking = asked_of_purchasing(invoice, order, UUID(int=5))
    waiting = replace(order, requested_changes=(asking,))
    (asked,) = waiting.changes_to_decide
    assert (asked.kind, asked.lines[0].quantity) == ("correct_invoice", 5)
    assert refused(lambda: check_correctable(invoice, {"S-1": waiting})) == ["change-pending"]


def test_g18_a_drop_shipment_beside_another_order_is_returned_instead() -> None:
    invoice, order = billed("DROPPED")
    other = replace(order, no="S-2", lines=())
    assert refused(lambda: check_correctable(invoice, {"S-1": order, "S-2": other})) == [
        "line-type-not-supported"
    ]
