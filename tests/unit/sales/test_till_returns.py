"""Goods that a till took back: the return order that sales makes of the act (POS-80, POS-81)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from contracts.channel import ActCharge, ActLine, ChannelAct
from contracts.pos import TransactionIdentity
from contracts.refusals import Refusal
from sales.domain.channel.orders import order_of_till
from sales.domain.channel.returning import return_of_till
from sales.domain.posting.documents import PostedInvoice, PostedInvoiceLine
from sales.domain.returns.return_order import ReturnOrder
from tests.unit.sales.samples import DAY, NOW, context
from tests.unit.sales.test_till_orders import line, till

TILL = till(line(10000, "STOCK", quantity=Decimal(5)), total="50.00", external_reference="T-77")
ORDER = replace(order_of_till(TILL, "C1", context()), no="S-1")


def billed(line_no: int, quantity: str, credited: str = "0", **more: Any) -> PostedInvoiceLine:
    """A line of the invoice; all of them bill line 10000 of the order unless they say otherwise."""
    return PostedInvoiceLine(
        **{
            "line_no": line_no,
            "item_no": "STOCK",
            "quantity": Decimal(quantity),
            "quantity_credited": Decimal(credited),
            "unit_of_measure_code": "PCS",
            "unit_price": Decimal(10),
            "amount": Decimal(quantity) * 10,
            "location_code": "NORTH",
            "sales_order_no": "S-1",
            "sales_order_line_no": 10000,
            **more,
        }
    )


def invoice(*lines: PostedInvoiceLine) -> PostedInvoice:
    return PostedInvoice(no="SI-1", customer_no="C1", currency_code="EUR", posting_date=DAY, lines=lines)


def act(*quantities: tuple[int, str], **more: Any) -> ChannelAct:
    return ChannelAct(
        act_id=uuid4(),
        operation="return",
        transaction=TransactionIdentity(store_no="ST1", terminal_no="T", business_date=DAY, sequence=2),
        occurred_at=NOW,
        received_at=NOW,
        invoice_no="SI-1",
        lines=tuple(ActLine(line_no=no, quantity=Decimal(quantity)) for no, quantity in quantities),
        **more,
    )


def returned(asked: ChannelAct, *lines: PostedInvoiceLine) -> ReturnOrder:
    return return_of_till(asked, TILL, ORDER, {"SI-1": invoice(*lines)}, context())


def refused(asked: ChannelAct, *lines: PostedInvoiceLine) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        returned(asked, *lines)
    return [(found.code, found.pointer) for found in refusal.value.violations]


def test_pos_80_goods_come_back_to_the_till_s_store_at_the_price_of_their_invoice() -> None:
    made = returned(act((10000, "2")), billed(10000, "5"))
    (line,) = made.lines
    assert (line.quantity, line.unit_price, line.location_code) == (2, 10, "SHOP")
    assert (line.posted_invoice_no, line.posted_invoice_line_no) == ("SI-1", 10000)
    assert (made.no, made.confirmation_no, made.customer_no) == ("", "K-1", "C1")
    assert (made.external_document_no, made.external_reference) == ("K-1", "T-77")


def test_pos_81_a_line_billed_in_parts_is_returned_from_each_part_s_rest() -> None:
    made = returned(act((10000, "3")), billed(10000, "2", credited="1"), billed(20000, "4"))
    assert [(line.posted_invoice_line_no, line.quantity) for line in made.lines] == [(10000, 1), (20000, 2)]


def test_pos_81_no_more_comes_back_than_is_left_of_the_invoice() -> None:
    """What came back before counts; each line has its own reason."""
    rest = billed(10000, "5", credited="3")
    assert [line.quantity for line in returned(act((10000, "2")), rest).lines] == [2]
    assert refused(act((10000, "3"), (20000, "1")), rest) == [
        ("quantity-exceeds-returnable", "/lines/0/quantity"),
        ("quantity-exceeds-invoiced", "/lines/1/line_no"),
    ]


def test_the_invoice_bills_this_order() -> None:
    unknown = "unknown-posted-sales-invoice"
    assert refused(act((10000, "1")), billed(10000, "5", sales_order_no="S-2"))[0][0] == unknown
    other = act((10000, "1"))
    with pytest.raises(Refusal) as refusal:
        return_of_till(other, TILL, ORDER, {}, context())
    assert [found.code for found in refusal.value.violations] == [unknown]


def test_pos_08_a_shipping_charge_that_is_given_back_is_a_line_of_its_own() -> None:
    """It names the invoice and no line of it: more may be given back than was charged."""
    charge = ActCharge(charge_code="SHIPPING", amount=Decimal("4.90"), tax_pct=Decimal(19))
    made = returned(act((10000, "1"), charges_refunded=(charge,)), billed(10000, "5"))
    refund = made.lines[-1]
    assert (refund.type, refund.quantity, refund.unit_price, refund.tax_pct) == (
        "charge",
        1,
        Decimal("4.90"),
        19,
    )
    assert (refund.posted_invoice_no, refund.posted_invoice_line_no) == ("SI-1", 0)
