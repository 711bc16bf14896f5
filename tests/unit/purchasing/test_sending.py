"""A purchase order goes to its vendor; its revision says which state the vendor has (BC-DS-40)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from purchasing.domain.orders.commands import OrderSending, SendOrder
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.sending import revised, sent
from tests.unit.purchasing import examples as x

MAILED = replace(x.VENDOR, email="orders@compass.example")


def sending(method: str = "email", to: str = "", *, configured: bool = True) -> SendOrder:
    return SendOrder(no="P-1001", sending=OrderSending(method=method, to=to), mail_is_configured=configured)


def sent_order(command: SendOrder | None = None) -> Order:
    context = x.context(x.references(vendors=[MAILED]))
    return sent(x.order(x.line()), command or sending(), context)


def test_an_order_is_mailed_to_its_vendor_and_released_first() -> None:
    order = sent_order()
    assert (order.status, order.sent_to, order.sent_at) == ("released", "orders@compass.example", x.NOW)
    assert (order.revision, order.changed_since_sent) == (1, False)


def test_a_given_address_comes_before_the_vendor_s() -> None:
    assert sent_order(sending(to="eva@compass.example")).sent_to == "eva@compass.example"


def test_a_download_is_noted_without_an_address() -> None:
    order = sent_order(sending("download", configured=False))
    assert (order.sent_to, order.sent_at) == ("", x.NOW)


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        (sending(configured=False), ["email-required", "mail-not-configured"]),
        (sending(to="a@b.example", configured=False), ["mail-not-configured"]),
        (sending(), ["email-required"]),
    ],
)
def test_what_is_missing_for_a_mail_is_named_at_once(command: SendOrder, codes: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        sent(x.order(x.line()), command, x.context())
    assert [v.code for v in refused.value.violations] == codes


def test_bc_ds_31_drop_shipments_are_not_sent_beside_goods_for_our_stock() -> None:
    """Services go along: they have no address."""
    context = x.context(x.references(vendors=[MAILED], items=[*x.ITEMS, x.item("1900", type="service")]))
    dropped = x.line("drop_shipment")
    mixed = x.order(dropped, x.line(line_no=20000))
    with pytest.raises(Refusal) as refused:
        sent(mixed, sending("download"), context)
    assert refused.value.code == "mixed-drop-shipment"
    service = replace(x.line(line_no=20000), item_no="1900")
    assert sent(x.order(dropped, service), sending("download"), context).sent_at == x.NOW


def test_the_first_change_after_sending_makes_a_new_revision() -> None:
    before = sent_order()
    (line,) = before.lines
    once = revised(before, before.with_lines([replace(line, quantity=Decimal(9))]))
    assert (once.revision, once.changed_since_sent) == (2, True)
    twice = revised(once, once.replaced(your_reference="Birthday"))
    assert (twice.revision, twice.changed_since_sent) == (2, True)
    again = sent(twice, sending(), x.context(x.references(vendors=[MAILED])))
    assert (revised(twice, again).revision, again.changed_since_sent) == (2, False)


def test_another_discount_in_money_makes_a_new_revision() -> None:
    before = sent_order()
    (line,) = before.lines
    after = revised(before, before.with_lines([replace(line, line_discount_amount=Decimal(1))]))
    assert after.revision == 2


def test_what_the_vendor_has_no_interest_in_makes_no_revision() -> None:
    before = sent_order()
    (line,) = before.lines
    confirmed = before.with_lines([replace(line, confirmed_date=date(2026, 3, 20))])
    received = before.with_lines([replace(line, receipts=(x.receipt(Decimal(2)),))])
    assert revised(before, confirmed).revision == revised(before, received).revision == 1


def test_an_order_that_was_never_sent_stays_at_its_first_revision() -> None:
    before = x.order(x.line())
    assert revised(before, before.replaced(your_reference="Birthday")).revision == 1
