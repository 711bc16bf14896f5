"""Posting an order: what is meant by what is left out, and when it is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.purchasing.masters import Vendor
from contracts.refusals import Reason, Refusal
from contracts.sales.masters import Customer
from contracts.sales.orders import SalesOrder
from domainkit.references import ReferenceData
from domainkit.structs import extended
from purchasing.domain.orders.commands import LineToPost, OrderPosting
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.posting import Posted, PostingContext, post
from tests.unit.purchasing import examples as x

DROP, SPECIAL = "drop_shipment", "special_order"
SOLD = x.sales_order(x.sales_line(x.COMPASS, 20000, DROP))


def posted(
    order: Order,
    *lines: LineToPost,
    receive: bool = True,
    invoice: bool = False,
    seen: int | None = None,
    sold: SalesOrder = SOLD,
    found: ReferenceData | None = None,
) -> Posted:
    posting = OrderPosting(receive=receive, invoice=invoice, lines=lines or None)
    context = extended(PostingContext, x.context(found), delivery=x.delivery(), sales_orders={sold.no: sold})
    return post(order, posting, seen, context)


def after(order: Order, *lines: LineToPost) -> Order:
    return posted(order, *lines).order.replaced(version=order.version + 1)


def quantities(order: Order) -> list[Decimal]:
    return [line.quantity_received for line in order.lines]


def test_without_lines_all_outstanding_is_received() -> None:
    order = x.order(x.line(quantity=5), x.line(SPECIAL, quantity=3, line_no=20000))
    assert quantities(posted(order).order) == [5, 3]


def test_a_named_line_without_quantity_is_received_whole_and_zero_skips_it() -> None:
    order = x.order(x.line(quantity=5), x.line(quantity=3, line_no=20000))
    lines = LineToPost(line_no=10000), LineToPost(line_no=20000, qty_to_receive=Decimal(0))
    assert quantities(posted(order, *lines).order) == [5, 0]


@pytest.mark.parametrize("invoice", [False, True])
def test_nothing_to_post(*, invoice: bool) -> None:
    with pytest.raises(Refusal) as refused:
        posted(x.order(x.line()), receive=False, invoice=invoice)
    assert refused.value.code == "nothing-to-post"


def test_lines_that_do_not_exist_or_come_twice_are_all_named() -> None:
    with pytest.raises(Refusal) as refused:
        posted(x.order(x.line()), LineToPost(line_no=1), LineToPost(line_no=10000), LineToPost(line_no=10000))
    assert [v.code for v in refused.value.violations] == ["unknown-line", "duplicate-line"]


def test_a_stale_view_of_a_drop_shipment_is_judged_by_the_same_delivery_rule() -> None:
    now = after(x.order(x.line(DROP)), LineToPost(line_no=10000, qty_to_receive=Decimal(5)))
    again = posted(now, LineToPost(line_no=10000, qty_to_receive=Decimal(5)), seen=1)
    assert (again.already_posted, again.order) == (True, now)
    assert posted(now, seen=1).already_posted


def test_what_the_author_saw_is_the_total_at_that_version() -> None:
    one = after(x.order(x.line(DROP, quantity=9)), LineToPost(line_no=10000, qty_to_receive=Decimal(2)))
    two = after(one, LineToPost(line_no=10000, qty_to_receive=Decimal(3)))
    assert posted(two, LineToPost(line_no=10000, qty_to_receive=Decimal(3)), seen=2).already_posted
    with pytest.raises(Refusal, match="5 are received now, while 2 were seen"):
        posted(two, LineToPost(line_no=10000, qty_to_receive=Decimal(4)), seen=2)
    assert quantities(posted(two, LineToPost(line_no=10000, qty_to_receive=Decimal(4)), seen=3).order) == [9]


def test_a_stale_view_of_ordinary_lines_is_refused() -> None:
    now = after(
        x.order(x.line(), x.line(DROP, line_no=20000)), LineToPost(line_no=10000, qty_to_receive=Decimal(2))
    )
    for lines in ((), (LineToPost(line_no=10000),)):
        with pytest.raises(Refusal) as refused:
            posted(now, *lines, seen=1)
        assert refused.value.reason == Reason.STALE


def test_a_version_that_was_never_there_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        posted(x.order(x.line(DROP)), seen=7)
    assert refused.value.reason == Reason.STALE


BLOCKED_VENDOR = x.references(vendors=[Vendor(version=1, no="V10", blocked="all")])
BLOCKED_FOR_SHIPPING = x.references(customers=[Customer(version=1, no="C100", name="A", blocked="ship")])
BLOCKED_FOR_PRIVACY = x.references(customers=[Customer(version=1, no="C100", name="A", privacy_blocked=True)])


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (BLOCKED_VENDOR, "vendor-blocked"),
        (BLOCKED_FOR_SHIPPING, "customer-blocked"),
        (BLOCKED_FOR_PRIVACY, "customer-blocked"),
    ],
)
def test_bc_md_17_18_blocked_after_linking_stops_the_drop_shipment(found: ReferenceData, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        posted(x.order(x.line(DROP)), found=found)
    assert refused.value.code == code


def test_a_customer_blocked_for_shipping_does_not_stop_goods_into_stock() -> None:
    assert quantities(posted(x.order(x.line(SPECIAL)), found=BLOCKED_FOR_SHIPPING).order) == [5]


def test_bc_so_30_a_special_order_is_received_and_invoiced_at_once() -> None:
    done = posted(x.order(x.line(SPECIAL)), invoice=True)
    assert done.invoiced is not None
    assert (done.invoiced.document.amount, done.order.status) == (Decimal("35.00"), "closed")


def test_bc_ds_26_a_given_quantity_is_refused_and_a_left_out_one_is_capped() -> None:
    received = after(x.order(x.line()), LineToPost(line_no=10000, qty_to_receive=Decimal(2)))
    with pytest.raises(Refusal) as refused:
        posted(received, LineToPost(line_no=10000, qty_to_invoice=Decimal(3)), receive=False, invoice=True)
    assert refused.value.code == "quantity-exceeds-received"
    done = posted(received, LineToPost(line_no=10000), receive=False, invoice=True)
    assert done.order.lines[0].quantity_invoiced == 2


@pytest.mark.parametrize(
    ("ever_invoiced", "per_unit", "to_invoice", "accepted"),
    [("0", 1, "1", False), ("5", 1, "5", True), ("2", 1, "3", False), ("1", 6, "5", True)],
)
def test_bc_ds_24_not_beyond_what_the_customer_was_invoiced_in_base_units(
    ever_invoiced: str, per_unit: int, to_invoice: str, *, accepted: bool
) -> None:
    received = after(x.order(x.line(DROP)))
    sold = x.sales_order(
        x.sales_line(
            x.COMPASS,
            20000,
            DROP,
            ever_invoiced=Decimal(ever_invoiced),
            qty_per_unit_of_measure=Decimal(per_unit),
        )
    )
    wanted = LineToPost(line_no=10000, qty_to_invoice=Decimal(to_invoice))
    if accepted:
        done = posted(received, wanted, receive=False, invoice=True, sold=sold)
        assert done.order.lines[0].quantity_invoiced == Decimal(to_invoice)
        return
    with pytest.raises(Refusal) as refused:
        posted(received, wanted, receive=False, invoice=True, sold=sold)
    assert refused.value.code == "sales-order-not-invoiced"
    assert refused.value.waits_for == (("sales-order", "S-1001"),)


def test_bc_ds_25_receipt_and_invoice_are_all_or_nothing() -> None:
    with pytest.raises(Refusal) as refused:
        posted(x.order(x.line(DROP)), invoice=True)
    assert refused.value.code == "sales-order-not-invoiced"


def test_bc_ds_27_lines_that_are_not_handled_do_not_matter() -> None:
    order = x.order(x.line(quantity=2), x.line(DROP, line_no=20000))
    done = posted(order, LineToPost(line_no=10000), invoice=True)
    assert (done.order.lines[0].quantity_invoiced, done.order.lines[1].quantity_received) == (2, 0)
