"""Quotes: the rules of orders without purchases, and the order that a quote becomes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from contracts.sales.masters import Customer
from sales.domain.orders.commands import NewSalesLine, NewSalesOrder
from sales.domain.orders.order import Order
from sales.domain.quotes.quote import Quote, as_quote, converted, make_order, new_quote
from tests.unit.sales.samples import REFERENCES, context, item, references, sold


def quoted(*lines: NewSalesLine) -> Quote:
    new = NewSalesOrder(no="SQ-1", customer_no="C1", lines=lines)
    return new_quote(new, context())


def code(quote: Quote, found: object = REFERENCES) -> str:
    with pytest.raises(Refusal) as refused:
        make_order(quote, context(found=found))  # type: ignore[arg-type]
    return refused.value.code


def test_bc_sd_03_each_line_keeps_its_code_and_flags() -> None:
    quote = quoted(sold("STOCK"), sold("SPECIAL"), sold("DROPPED"))
    order = make_order(quote, context())
    assert isinstance(order, Order)
    assert (order.status, order.no) == ("open", "")
    assert [(x.line_no, x.purchasing_code, x.special_order, x.drop_shipment) for x in order.lines] == [
        (10000, "", False, False),
        (20000, "SPEC", True, False),
        (30000, "DROP", False, True),
    ]
    assert [x.demand.quantity if x.demand else None for x in order.lines] == [None, 5, 5]


def test_bc_md_07_the_items_code_defaults_on_quotes_and_nothing_is_in_demand() -> None:
    quote = quoted(sold("SPECIAL"))
    assert (quote.lines[0].purchasing_code, quote.lines[0].demand) == ("SPEC", None)


def test_bc_sd_03_a_quote_becomes_an_order_once() -> None:
    assert code(converted(quoted(sold("STOCK")), "S-1")) == "already-converted"


def test_bc_sd_05_a_line_of_a_quote_is_no_drop_shipment_by_hand() -> None:
    with pytest.raises(Refusal) as made:
        quoted(sold("STOCK", drop_shipment=True))
    quote = quoted(sold("STOCK"))
    ticked = quote.map_lines(lambda line: replace(line, drop_shipment=True))
    with pytest.raises(Refusal) as changed:
        as_quote(quote, ticked, REFERENCES)
    assert (made.value.code, changed.value.code) == ("line-type-not-supported", "line-type-not-supported")


def test_bc_md_11_an_item_blocked_since_refuses_the_order() -> None:
    assert code(quoted(sold("STOCK")), references(STOCK=item("STOCK", sales_blocked=True))) == "item-blocked"


def test_bc_md_17_a_customer_blocked_since_refuses_the_order() -> None:
    blocked = Customer(version=2, no="C1", name="Anna", privacy_blocked=True)
    assert code(quoted(sold("STOCK")), references(C1=blocked)) == "customer-blocked"


def test_money_off_a_line_stays_on_the_order() -> None:
    order = make_order(quoted(sold("STOCK", line_discount_amount=Decimal(5))), context())
    assert order.lines[0].line_discount_amount == 5
