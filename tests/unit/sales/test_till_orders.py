"""A till's transaction as a sales order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.channel import ChannelOrder
from contracts.pos import NamedAddress, NewCustomer, Totals, TransactionIdentity, TransactionLine
from contracts.refusals import Refusal
from contracts.values import Address
from sales.domain.channel.carrying_out import posting_of_carried_out
from sales.domain.channel.orders import addresses_of_till, customer_of_till, order_of_till, quote_of_till
from tests.unit.sales.samples import DAY, NOW, context


def line(line_no: int, item_no: str, **more: Any) -> TransactionLine:
    given: dict[str, Any] = {"quantity": Decimal(1), "unit_price": Decimal(10), "mode": "pickup", **more}
    return TransactionLine(line_no=line_no, item_no=item_no, **given)


def till(*lines: TransactionLine, total: str = "10.00", **more: Any) -> ChannelOrder:
    amount = Decimal(total)
    given: dict[str, Any] = {
        "customer_no": "C1",
        "currency_code": "EUR",
        "totals": Totals(net=amount, tax=Decimal(0), charges=Decimal(0), total=amount),
        **more,
    }
    return ChannelOrder(
        version=1,
        confirmation_no="K-1",
        transaction_id=UUID(int=7),
        transaction=TransactionIdentity(store_no="ST1", terminal_no="T", business_date=DAY, sequence=1),
        occurred_at=NOW,
        received_at=NOW,
        lines=lines,
        **given,
    )


def order_of(payload: ChannelOrder) -> Any:
    return order_of_till(payload, payload.customer_no, context())


def why(payload: ChannelOrder) -> Refusal:
    with pytest.raises(Refusal) as refused:
        order_of(payload)
    return refused.value


def test_line_numbers_are_the_till_s_and_charges_come_after_them() -> None:
    payload = till(
        line(25000, "STOCK", shipping_charge=Decimal(3)),
        line(10000, "STOCK"),
        shipping_charge=Decimal(5),
        shipping_charge_code="SHIPPING",
        total="29.52",
    )
    lines = order_of(payload).lines
    assert [(x.line_no, x.type, x.unit_price) for x in lines] == [
        (25000, "item", 10),
        (10000, "item", 10),
        (30000, "charge", 5),
        (40000, "charge", 3),
    ]


def test_mode_decides_where_goods_leave() -> None:
    payload = till(
        line(10000, "STOCK"), line(20000, "STOCK", mode="ship", location_code="NORTH"), total="20.00"
    )
    assert [x.location_code for x in order_of(payload).lines] == ["SHOP", "NORTH"]


def test_what_is_carried_out_is_not_bought() -> None:
    assert order_of(till(line(10000, "SPECIAL", mode="carry_out"))).lines[0].flagged is False
    assert order_of(till(line(10000, "SPECIAL"))).lines[0].special_order is True


def test_the_earliest_wanted_date_is_the_order_s() -> None:
    payload = till(
        line(10000, "STOCK", requested_date=date(2026, 4, 2)),
        line(20000, "STOCK", requested_date=date(2026, 4, 1)),
        total="20.00",
    )
    assert order_of(payload).requested_delivery_date == date(2026, 4, 1)


def test_a_total_that_differs_is_a_data_fault_with_both_figures() -> None:
    """I6, B5."""
    refused = why(till(line(10000, "STOCK"), total="10.01"))
    assert refused.code == "total-mismatch"
    assert refused.violations[0].members == {"client": Decimal("10.01"), "server": Decimal("10.00")}


def test_one_order_ships_to_one_address() -> None:
    lines = (
        line(10000, "STOCK", mode="ship", address=Address(city="Ulm")),
        line(20000, "STOCK", mode="ship", address=Address(city="Bonn")),
    )
    assert why(till(*lines, total="20.00")).code == "ship-to-mismatch"


def test_one_address_written_in_two_ways_is_one_address() -> None:
    """POS-25."""
    lines = (
        line(10000, "STOCK", mode="ship", address=Address(city="Ulm", address="Am Wall 1")),
        line(20000, "STOCK", mode="ship", address=Address(city="ULM ", address="am  wall 1")),
    )
    assert order_of(till(*lines, total="20.00")).ship_to.city == "Ulm"


def test_a_written_address_stands_although_its_code_is_gone() -> None:
    shipped = line(10000, "STOCK", mode="ship", address_code="GONE", address=Address(city="Ulm"))
    order = order_of(till(shipped))
    assert (order.ship_to_code, order.ship_to.city) == ("", "Ulm")


def test_a_charge_keeps_the_tax_of_the_moment_it_was_taken() -> None:
    """POS-54: the charge code's tax of 19 % does not matter any more."""
    payload = till(
        line(10000, "STOCK", mode="ship", address=Address(city="Ulm")),
        shipping_charge=Decimal(10),
        shipping_charge_code="SHIPPING",
        shipping_charge_tax_pct=Decimal(16),
        total="21.60",
    )
    assert order_of(payload).lines[1].tax_pct == 16


def test_what_was_carried_out_is_shipped_and_invoiced_on_the_till_s_day() -> None:
    """POS-30."""
    payload = till(line(10000, "STOCK", mode="carry_out"), line(20000, "STOCK"), total="20.00")
    order = order_of(payload)
    posting = posting_of_carried_out(order, payload, lambda: UUID(int=9))
    assert posting is not None
    assert posting.posting_date == DAY
    assert [(m.sales_line_id, m.quantity) for m in posting.movements] == [(order.lines[0].id, 1)]
    assert [(p.sales_line_id, p.invoice) for p in posting.invoiced] == [(order.lines[0].id, 1)]


def test_nothing_is_posted_of_goods_that_are_picked_up_later() -> None:
    payload = till(line(10000, "STOCK"))
    assert posting_of_carried_out(order_of(payload), payload, lambda: UUID(int=9)) is None


def test_a_quote_is_a_quote_without_demand() -> None:
    """POS-59: nothing is bought for it."""
    payload = till(line(10000, "SPECIAL", purchasing_code="SPEC"), kind="quote")
    quote = quote_of_till(payload, "C1", context())
    assert (quote.status, quote.confirmation_no, quote.lines[0].demand) == ("open", "K-1", None)
    assert quote.lines[0].special_order


def test_a_repaired_order_stays_open() -> None:
    """POS-102."""
    order = order_of_till(till(line(10000, "STOCK")), "C1", context(), stays_open=True)
    assert order.status == "open"


def test_an_amount_paid_that_is_finer_than_the_currency_is_refused() -> None:
    payload = till(line(10000, "STOCK"), prepaid_amount=Decimal("0.005"))
    assert [(v.code, v.pointer) for v in why(payload).violations] == [
        ("too-many-decimals", "/prepaid_amount")
    ]


def test_a_charge_needs_a_configured_code() -> None:
    """POS-29."""
    payload = till(line(10000, "STOCK"), shipping_charge=Decimal(5))
    assert [v.code for v in why(payload).violations] == ["charge-code-not-configured"]


def test_an_unknown_store_waits_for_its_copy() -> None:
    """The store may be newer than this service's copies."""
    identity = TransactionIdentity(store_no="ST9", terminal_no="T", business_date=DAY, sequence=1)
    refused = why(replace(till(line(10000, "STOCK")), transaction=identity))
    assert [v.code for v in refused.violations] == ["unknown-store"]
    assert refused.waits_for == (("store", "ST9"),)


def test_a_customer_of_a_till_gets_the_till_s_phone_before_the_address_s() -> None:
    """POS-99."""
    new = NewCustomer(id=UUID(int=1), name="Ida", phone="1", address=Address(city="Ulm", phone="2"))
    customer = customer_of_till(new, "C-9")
    assert (customer.no, customer.name, customer.city, customer.phone) == ("C-9", "Ida", "Ulm", "1")
    assert customer.version == 0, "it is not stored yet"


def test_a_customer_of_a_till_gets_its_named_addresses() -> None:
    """POS-99."""
    new = NewCustomer(id=UUID(int=1), name="Ida", addresses=(NamedAddress(code="HOME", city="Bregenz"),))
    (address,) = addresses_of_till(new, "C-9").items()
    assert address[0] == "C-9/HOME"
    assert (address[1].customer_no, address[1].code, address[1].city) == ("C-9", "HOME", "Bregenz")
