"""An order as it is answered."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from pos_gateway.http.answers.orders import order_answer
from tests.unit.pos_gateway.samples import (
    CUSTOMER_ID,
    PENDING,
    decide,
    line,
    new_order,
    rehearse,
    settings,
)


def test_deposit_balance_and_change_are_told() -> None:
    order = decide(
        new_order(
            line("carry_out", "30.00"), line(price="70.00"), payments=[{"method": "cash", "amount": "40.00"}]
        ),
        settings(default_deposit_pct=Decimal(10)),
    )
    told = order_answer(order, PENDING)

    assert (told.deposit_required, told.deposit_paid, told.deposit_available) == (7, 7, 7)
    assert (told.balance, told.change, told.pay_later) == (63, 3, True)


def test_pos_124_a_line_is_open_or_picked_up() -> None:
    told = order_answer(rehearse(line("carry_out", quantity="2"), line(quantity="3")), PENDING)

    assert [(x.quantity_open, x.quantity_picked_up, x.quantity_shipped) for x in told.lines] == [
        (0, 2, 0),
        (3, 0, 0),
    ]


def test_a_new_customer_has_an_id_until_sales_gives_a_number() -> None:
    order = decide(new_order(line(), customer_no=None, new_customer={"name": "Ben"}))

    before = order_answer(order, PENDING)
    after = order_answer(order, msgspec.structs.replace(PENDING, customer_no="C9"))

    assert (before.customer_no, before.customer_id) == (None, CUSTOMER_ID)
    assert (after.customer_no, after.customer_id) == ("C9", None)


def test_charges_stand_with_their_lines() -> None:
    header = order_answer(rehearse(line("ship"), shipping_charge="5.00"), PENDING)
    lines = order_answer(rehearse(line(), line("ship", shipping_charge="2.00")), PENDING)

    assert [(c.code, c.amount, c.line_no) for c in header.charges] == [("SHIP", 5, None)]
    assert [(c.code, c.amount, c.line_no) for c in lines.charges] == [("SHIP", 2, 20000)]


def test_an_order_without_a_number_says_null() -> None:
    rehearsed = msgspec.structs.replace(rehearse(line()), confirmation_no="")

    assert order_answer(rehearsed, PENDING).confirmation_no is None


def test_pos_97_no_sales_order_number_before_it_is_synchronized() -> None:
    told = msgspec.json.decode(msgspec.json.encode(order_answer(decide(new_order(line())), PENDING)))

    assert told["sales_order_no"] is None
    assert told["status"] == "pending"
