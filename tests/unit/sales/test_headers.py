"""The header: what an order takes from its customer, and what may change later."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from contracts.sales.masters import Customer, ExchangeRate
from domainkit.changes import AddressChanges
from domainkit.references import ReferenceData, ReferenceQuery
from sales.domain.orders.commands import HeaderChanges, NewSalesOrder
from sales.domain.orders.creation import default_location, need_new_order
from sales.domain.orders.header_changes import change_header
from sales.domain.orders.order import Order
from sales.domain.orders.releasing import release
from tests.unit.sales.samples import DAY, REFERENCES, context, linked, made, references, shipped, sold

RATE = ExchangeRate(version=1, currency_code="USD", date=DAY, rate=Decimal("0.80"))
YEN = ExchangeRate(version=1, currency_code="JPY", date=DAY, rate=Decimal("0.006"))


def changed(order: Order, *, found: ReferenceData = REFERENCES, **fields: Any) -> Order:
    return change_header(order, HeaderChanges(**fields), context(found=found))


def refusal_of(order: Order, **fields: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        changed(order, **fields)
    return refused.value


def test_an_order_takes_what_is_left_out_from_its_customer() -> None:
    order = made(sold("STOCK"), customer_no="C2")
    assert (order.customer_name, order.reserve, order.ship_to.name) == ("Bo", "always", "Bo")
    assert (order.currency_code, order.order_date, order.version) == ("EUR", DAY, 1)


def test_a_blocked_customer_gets_no_order() -> None:
    """BC-MD-17."""
    with pytest.raises(Refusal) as refused:
        made(customer_no="C3")
    assert [(v.code, v.pointer) for v in refused.value.violations] == [("customer-blocked", "/customer_no")]


def test_a_foreign_currency_needs_a_rate() -> None:
    with pytest.raises(Refusal) as refused:
        made(currency_code="USD")
    assert refused.value.code == "exchange-rate-missing"
    assert made(currency_code="USD", found=references(USD=RATE)).currency_code == "USD"


def test_the_rate_of_the_order_s_day_holds() -> None:
    """No later one: the order's day decides."""
    with pytest.raises(Refusal) as refused:
        made(currency_code="USD", order_date=date(2026, 3, 1), found=references(USD=RATE))
    assert [v.pointer for v in refused.value.violations] == ["/currency_code"]


def test_an_item_s_price_is_converted_to_the_order_s_currency_and_rounded_to_it() -> None:
    order = made(sold("STOCK"), sold("BOXED"), currency_code="JPY", found=references(JPY=YEN))
    assert [str(line.unit_price) for line in order.lines] == ["1667", "20000"]


def test_another_currency_converts_what_stands_on_the_lines() -> None:
    order = made(sold("STOCK", unit_price=Decimal("10.55")))
    after = changed(order, currency_code="JPY", found=references(JPY=YEN))
    assert (after.currency_code, str(after.lines[0].unit_price)) == ("JPY", "1758")


def test_an_order_s_new_day_needs_its_rate() -> None:
    order = made(currency_code="USD", found=references(USD=RATE))
    with pytest.raises(Refusal) as refused:
        changed(order, order_date=date(2026, 3, 1), found=references(USD=RATE))
    assert refused.value.code == "exchange-rate-missing"


def test_a_ship_to_code_copies_the_address_and_gives_the_location() -> None:
    """BC-MD-19."""
    order = made(sold("STOCK"), ship_to_code="SHED")
    assert (order.ship_to.city, order.location_code) == ("Ulm", "SHOP")


def test_parts_of_the_address_may_be_edited() -> None:
    """BC-MD-19."""
    order = made(sold("STOCK"), ship_to_code="SHED")
    edited = changed(order, ship_to=AddressChanges(city="Bonn"))
    assert (edited.ship_to_code, edited.ship_to.city) == ("SHED", "Bonn")


def test_another_customer_brings_its_own_address() -> None:
    order = changed(made(sold("STOCK")), customer_no="C2")
    assert (order.customer_name, order.ship_to.name, order.ship_to.city) == ("Bo", "Bo", "")


def test_null_clears_the_delivery_date_and_leaves_other_fields() -> None:
    order = made(requested_delivery_date=date(2026, 5, 1))
    cleared = changed(order, requested_delivery_date=None, order_date=None)
    assert (cleared.requested_delivery_date, cleared.order_date) == (None, DAY)


def test_a_header_of_a_released_order_stays() -> None:
    """BC-SD-02."""
    released = release(made(sold("STOCK")), REFERENCES).order
    assert refusal_of(released, your_reference="x").code == "order-not-open"


def test_the_customer_of_a_bought_line_stays() -> None:
    """BC-SD-15, BC-SO-40."""
    order = made(sold("SPECIAL"))
    with pytest.raises(Refusal) as refused:
        change_header(order, HeaderChanges(customer_no="C2"), context(linked(order)))
    assert [(v.code, v.pointer) for v in refused.value.violations] == [
        ("line-linked-to-purchase-order", "/customer_no")
    ]


def test_the_address_of_a_special_order_may_change_that_of_a_drop_shipment_not() -> None:
    """BC-DS-32."""
    changes = HeaderChanges(ship_to=AddressChanges(city="Ulm"))
    special = made(sold("SPECIAL"))
    assert change_header(special, changes, context(linked(special))).ship_to.city == "Ulm"
    dropped = made(sold("DROPPED"))
    with pytest.raises(Refusal):
        change_header(dropped, changes, context(linked(dropped)))


def test_an_address_that_stays_the_same_is_no_change() -> None:
    dropped = made(sold("DROPPED"))
    changes = HeaderChanges(ship_to=AddressChanges(city="Konstanz"))
    assert change_header(dropped, changes, context(linked(dropped))) == dropped


def test_the_customer_of_an_order_with_postings_stays() -> None:
    order = made(sold("STOCK"))
    assert refusal_of(order.with_line(shipped(order.lines[0])), customer_no="C2").code == "has-postings"


def test_an_unknown_location_is_refused_and_waits_for_its_copy() -> None:
    refused = refusal_of(made(), location_code="MOON")
    assert (refused.code, refused.waits_for) == ("unknown-location", (("location", "MOON"),))


def test_the_default_location_is_the_address_s_before_the_customer_s() -> None:
    assert default_location(NewSalesOrder(customer_no="C1", ship_to_code="SHED"), REFERENCES) == "SHOP"
    assert default_location(NewSalesOrder(customer_no="C1"), REFERENCES) == "NORTH"
    assert default_location(NewSalesOrder(customer_no="C1", location_code=""), REFERENCES) == ""


def test_what_an_order_names_is_looked_up() -> None:
    query = ReferenceQuery()
    need_new_order(query, NewSalesOrder(customer_no="C1", ship_to_code="SHED", lines=(sold("STOCK"),)))
    assert {no for _, no in query} == {"COMPANY", "C1", "C1/SHED", "STOCK", "/STOCK"}
    assert (Customer, "C1") in list(query)


def test_a_change_of_nothing_gives_the_same_order() -> None:
    order = made(your_reference="x")
    assert changed(order, your_reference="x") == replace(order)
