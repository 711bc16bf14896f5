"""The document of a receipt."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from contracts.purchasing.fields import SPECIAL_ORDER
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.orders.posted_receipts import PostedReceipt, posted_receipt, with_number
from tests.unit.purchasing import examples as x


def received(line: Line, *quantities: int) -> Line:
    """The line after so many receipts."""
    return replace(line, receipts=tuple(x.receipt(Decimal(quantity)) for quantity in quantities))


def document_of(line: Line) -> PostedReceipt:
    order: Order = x.order(line)
    return posted_receipt(order, [line], x.delivery())


def test_a_document_shows_the_newest_receipt_of_each_line() -> None:
    line = received(x.line(), 2, 3)
    (shown,) = document_of(line).lines
    assert (shown.quantity, shown.posting_id) == (3, line.receipts[-1].posting_id)


def test_a_document_names_the_sales_line_that_the_goods_are_for() -> None:
    (shown,) = document_of(received(x.line(SPECIAL_ORDER), 2)).lines
    assert (shown.sales_order_no, shown.sales_order_line_no, shown.special_order) == ("S-1001", 20000, True)


def test_goods_for_stock_name_no_sales_line() -> None:
    (shown,) = document_of(received(x.line(), 2)).lines
    assert (shown.sales_order_no, shown.sales_order_line_no, shown.special_order) == ("", None, False)


def test_a_document_has_the_header_of_its_order_and_says_who_posted_it() -> None:
    document = document_of(received(x.line(), 2))
    assert (document.purchase_order_no, document.vendor_name) == ("P-1001", "Compass Works")
    assert (document.posted_by, document.origin, document.posting_date) == (
        "tester",
        "purchasing",
        x.TODAY,
    )


def test_the_number_comes_last_and_changes_nothing_else() -> None:
    document = document_of(received(x.line(), 2))
    assert with_number(document, {document.id: "PR-7"}) == replace(document, no="PR-7")
