"""Received goods of one special order are given to another (E5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.planning.stock import DemandLine
from contracts.refusals import Refusal
from contracts.values import Posting
from sales.domain.line_supply import quantity_problem
from sales.domain.orders.exceptions import resolve_exception
from sales.domain.orders.order import RELEASED, Order
from sales.domain.orders.reallocating import Reallocated, reallocate
from sales.domain.orders.releasing import as_released, release
from sales.domain.orders.supply_commands import GoodsToGive
from sales.domain.sourcing import Sourcing, SupplyLink, learn_demand, sourcing_of
from tests.unit.sales import samples as x

ID = UUID(int=99)


def sold(no: str, quantity: str = "5", item_no: str = "SPECIAL") -> Order:
    """A released order of one special order, with ids of its own."""
    order = x.made(x.sold(item_no, quantity, purchasing_code="SPEC"), no=no)
    line = replace(order.lines[0], id=UUID(int=ord(no[-1])))
    return as_released(replace(order, lines=(line,)))


A, B = sold("S-A"), sold("S-B")


def supply(order: Order, received: str = "5", quantity: str = "5", shipped: str = "0") -> Sourcing:
    """The order's line with its purchase, of which this has come."""
    line = order.lines[0]
    posting = Posting(posting_id=UUID(int=7), quantity=Decimal(received), posting_date=x.DAY)
    link = SupplyLink(
        link_id=line.id,
        generation=1,
        purchase_order_no="P-1",
        purchase_order_line_no=10000,
        quantity=Decimal(quantity),
        receipts=(posting,) if Decimal(received) else (),
    )
    return Sourcing(
        sales_line_id=line.id,
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        special_order=True,
        links=(link,),
        granted=Decimal(received),
        shipped=Decimal(shipped),
    )


def unbought(order: Order, state: str = "requisitioned") -> Sourcing:
    line = order.lines[0]
    demand = DemandLine(sales_line_id=line.id, sales_order_line_no=line.line_no, generation=1, state=state)
    return learn_demand(sourcing_of(line.id, order.no, line.line_no), demand, x.NOW)


def given(
    quantity: str | None = None,
    *supplies: Sourcing,
    giver: Order = A,
    taker: Order = B,
    **wanted: Any,
) -> Reallocated:
    known = {each.sales_line_id: each for each in supplies or (supply(A), unbought(B))}
    goods = GoodsToGive(
        **{
            "to_sales_order_no": taker.no,
            "to_line_no": 10000,
            "quantity": None if quantity is None else Decimal(quantity),
            **wanted,
        }
    )
    orders = {giver.no: giver, taker.no: taker}
    return reallocate(giver, giver.lines[0], goods, orders, known, id_=ID, at=x.NOW)


def codes(*args: Any, **more: Any) -> list[str]:
    with pytest.raises(Refusal) as refused:
        given(*args, **more)
    return [violation.code for violation in refused.value.violations]


def test_e5_what_one_may_ship_no_more_the_other_may_ship_now() -> None:
    gave, took = given("3").sourcings
    assert (gave.granted, gave.shippable, took.granted, took.shippable) == (2, 2, 3, 3)
    assert gave.granted + took.granted == 5, "no more is granted than was received"


def test_both_lines_keep_the_record_under_one_id() -> None:
    first, second = (order.lines[0].reallocations[0] for order in given("3").orders)
    assert (first.id, first.quantity, first.sales_order_no) == (ID, -3, "S-B")
    assert (second.id, second.quantity, second.sales_order_no) == (ID, 3, "S-A")
    assert first.purchase_order_no == second.purchase_order_no == "P-1"


def test_the_first_line_is_open_again_and_says_who_has_its_goods() -> None:
    gave, _ = given("3").sourcings
    problem = gave.problem
    assert problem is not None
    assert (gave.state, problem.code) == ("exception", "goods-given-away")
    assert problem.detail == "received goods were given to sales order S-B line 10000"


def test_procuring_again_buys_what_was_given_and_no_more() -> None:
    after = given("3")
    order, gave = after.orders[0], after.sourcings[0]
    context = x.context({gave.sales_line_id: gave})
    resolved = resolve_exception(order, order.lines[0], "procure_again", context)
    demand = resolved.order.lines[0].demand
    assert demand is not None
    assert (demand.generation, demand.quantity, demand.supplied) == (2, 5, 2)


def test_a_purchase_that_still_comes_is_short_by_what_was_given() -> None:
    """Nothing is bought again: the purchase line is still open, and takes more."""
    gave, _ = given("2", supply(A, received="2"), unbought(B)).sourcings
    problem = quantity_problem(A.lines[0], gave)
    assert gave.state == "partly_received"
    assert problem is not None
    assert (problem.code, problem.detail) == ("under-ordered", "5 bought by purchase order P-1, 7 to buy")


def test_a_line_that_nothing_was_bought_for_buys_the_rest_under_its_next_generation() -> None:
    after = given("3")
    demand = after.orders[1].lines[0].demand
    assert demand is not None
    assert (demand.generation, demand.quantity, demand.supplied) == (2, 5, 3)
    assert after.sourcings[1].state == "awaiting_requisition"


def test_a_line_that_got_all_it_needs_is_supplied() -> None:
    took = given().sourcings[1]
    assert (took.state, took.problem, took.granted) == ("received", None, 5)


def test_a_line_whose_purchase_broke_is_no_exception_any_more() -> None:
    broken = supply(B, received="0")
    gone = replace(broken, links=(replace(broken.links[0], active=False, deleted=True),))
    took = given(None, supply(A), gone).sourcings[1]
    assert (took.state, took.problem) == ("received", None)


def test_a_line_that_is_bought_keeps_its_purchase_which_buys_too_much_then() -> None:
    after = given("3", supply(A), supply(B, received="0"))
    problem = quantity_problem(B.lines[0], after.sourcings[1])
    assert problem is not None
    assert (problem.code, problem.detail) == ("over-ordered", "5 bought by purchase order P-1, 2 to buy")
    assert after.orders[1].lines[0].demand == B.lines[0].demand


def test_goods_that_come_back_end_the_exception() -> None:
    after = given("3")
    back = given("3", after.sourcings[1], after.sourcings[0], giver=after.orders[1], taker=after.orders[0])
    took = back.sourcings[1]
    assert (took.state, took.problem, took.granted) == ("received", None, 5)


def test_as_much_goes_as_one_has_and_the_other_needs() -> None:
    assert given(None, supply(A, shipped="1"), supply(B, received="2")).sourcings[1].reallocated == 3
    assert given(None, supply(A, shipped="4"), unbought(B)).sourcings[1].reallocated == 1


@pytest.mark.parametrize(
    ("supplies", "quantity", "code"),
    [
        ((supply(A, shipped="3"), unbought(B)), "3", "quantity-exceeds-received"),
        ((supply(A, received="0"), unbought(B)), None, "quantity-exceeds-received"),
        ((supply(A), supply(B, received="3")), "3", "quantity-exceeds-outstanding"),
        ((supply(A), supply(B)), None, "quantity-exceeds-outstanding"),
    ],
)
def test_no_more_goes_than_is_here_and_needed(
    supplies: tuple[Sourcing, ...], quantity: str | None, code: str
) -> None:
    assert codes(quantity, *supplies) == [code]


def test_the_lines_are_alike_special_orders_of_live_orders_and_not_the_same() -> None:
    assert codes(taker=sold("S-B", item_no="ORPHAN")) == ["item-mismatch"]
    stock = replace(B, lines=(replace(B.lines[0], special_order=False, demand=None),))
    assert codes(taker=stock) == ["special-order-required"]
    assert codes(taker=replace(B, status="closed")) == ["order-not-open"]
    assert codes(to_sales_order_no="S-A") == ["same-line"]
    assert codes(to_sales_order_no="S-9") == ["unknown-sales-order"]
    assert codes(to_line_no=20000) == ["unknown-line"]
    assert A.status == RELEASED


@pytest.mark.parametrize(("quantity", "bought"), [("3", [Decimal(2)]), ("5", [])])
def test_an_order_that_got_goods_before_its_release_buys_the_rest(
    quantity: str, bought: list[Decimal]
) -> None:
    order = x.made(x.sold("SPECIAL", "5"), no="S-B")
    after = given(quantity, supply(A), taker=order).orders[1]
    assert [each.quantity for each in release(after, x.REFERENCES).purchases] == bought
