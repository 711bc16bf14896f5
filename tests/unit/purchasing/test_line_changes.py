"""Sales asks for another quantity, location or address of what is bought (G5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.purchasing.masters import PriceBreak
from contracts.sales.requests import RequestedChange, RequestedChangeLine
from contracts.values import Address
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.requests.posting_requests import LinkedLine
from purchasing.domain.requests.requested_changes import DecidedChange, decide_requested_change
from tests.unit.purchasing import examples as x

SALE = x.sales_order(x.sales_line(x.COMPASS, 20000, "special_order"))
DROP = x.sales_order(x.sales_line(x.COMPASS, 20000, "drop_shipment"))
ELSEWHERE = Address(name="Anna Berg", city="Ulm")


def decided(
    purchase: Order | None, *, ship_to: Address | None = None, unbought_only: bool = False, **asked: Any
) -> DecidedChange:
    wanted: dict[str, Any] = {"quantity_before": Decimal(5), "generation": 1} | asked
    change = RequestedChange(
        id=UUID(int=7),
        kind="change",
        lines=(RequestedChangeLine(sales_line_id=x.COMPASS, **wanted),),
        ship_to=ship_to,
        unbought_only=unbought_only,
    )
    orders = {purchase.no: purchase} if purchase else {}
    linked = {x.COMPASS: LinkedLine(purchase.no, purchase.lines[0].id)} if purchase else {}
    dropped = purchase is not None and purchase.lines[0].drop_shipment
    return decide_requested_change(DROP if dropped else SALE, change, orders, linked, x.context())


def bought(kind: str = "special_order", received: int = 0, **header: Any) -> Order:
    line = x.line(kind)
    receipts = (x.receipt(Decimal(received)),) if received else ()
    return x.order(replace(line, receipts=receipts), **{"ship_to": x.receiving_address(), **header})


def line_of(decision: DecidedChange) -> Line:
    (order,) = decision.orders
    return order.lines[0]


def codes(decision: DecidedChange) -> list[str]:
    assert decision.orders == ()
    return [problem.code for problem in decision.errors]


@pytest.mark.parametrize("quantity", [8, 3])
@pytest.mark.parametrize("kind", ["special_order", "drop_shipment"])
def test_g5_a_purchase_that_is_not_sent_takes_another_quantity(kind: str, quantity: int) -> None:
    decision = decided(bought(kind), quantity=Decimal(quantity))
    assert line_of(decision).quantity == quantity
    (told,) = decision.event().changed_lines
    assert (told.quantity, told.not_taken, told.unbought) == (quantity, False, False)


def test_g5_another_quantity_has_the_vendor_s_price_for_it() -> None:
    prices = (
        PriceBreak(minimum_quantity=Decimal(10), direct_unit_cost=Decimal(5)),
        PriceBreak(minimum_quantity=Decimal(0), direct_unit_cost=Decimal(7)),
    )
    found = x.references(entries=[x.catalogue(price_breaks=prices, direct_unit_cost=Decimal(7))])
    purchase = bought()
    change = RequestedChange(
        id=UUID(int=7),
        kind="change",
        lines=(
            RequestedChangeLine(sales_line_id=x.COMPASS, quantity=Decimal(12), quantity_before=Decimal(5)),
        ),
    )
    linked = {x.COMPASS: LinkedLine(purchase.no, purchase.lines[0].id)}
    decision = decide_requested_change(SALE, change, {purchase.no: purchase}, linked, x.context(found))
    assert line_of(decision).direct_unit_cost == 5


@pytest.mark.parametrize("fixed", [{"sent_at": x.NOW}, {"received": 1}])
def test_g5_more_than_a_fixed_purchase_takes_is_no_refusal(fixed: dict[str, Any]) -> None:
    decision = decided(bought(**fixed), quantity=Decimal(8))
    assert (line_of(decision).quantity, decision.lines[0].not_taken) == (5, True)


@pytest.mark.parametrize(
    ("purchase", "asked", "reasons"),
    [
        (bought(sent_at=x.NOW), {"quantity": Decimal(3)}, ["purchase-order-sent"]),
        (bought(received=2), {"quantity": Decimal(3)}, ["has-postings"]),
        (bought(received=4), {"quantity": Decimal(3)}, ["quantity-below-received"]),
        (bought("drop_shipment", received=4), {"quantity": Decimal(0)}, ["quantity-below-received"]),
        (bought(sent_at=x.NOW), {"location_code": "SHOP"}, ["purchase-order-sent"]),
        (bought(received=2), {"location_code": "SHOP"}, ["has-postings"]),
        (bought("drop_shipment", sent_at=x.NOW), {"ship_to": ELSEWHERE}, ["purchase-order-sent"]),
        (bought(), {"unbought_only": True}, ["line-linked-to-purchase-order"]),
    ],
)
def test_g5_what_the_vendor_has_stays(purchase: Order, asked: dict[str, Any], reasons: list[str]) -> None:
    assert codes(decided(purchase, **asked)) == reasons


def test_g5_what_was_bought_by_hand_already_is_not_bought_again() -> None:
    purchase = bought(sent_at=x.NOW)
    more = purchase.with_lines([replace(purchase.lines[0], quantity=Decimal(10))])
    decision = decided(more, quantity=Decimal(8))
    assert (line_of(decision).quantity, decision.lines[0].not_taken) == (10, False)


def test_g5_quantity_0_takes_the_purchase_back_and_ends_its_link() -> None:
    decision = decided(bought("drop_shipment"), quantity=Decimal(0))
    assert ([order.deleted for order in decision.orders], len(decision.ended)) == ([True], 1)
    came = decided(bought(received=2, sent_at=x.NOW), quantity=Decimal(0))
    assert (line_of(came).quantity, line_of(came).active_link) == (2, None), "goods that came are stock"


def test_g5_goods_are_received_elsewhere_if_the_whole_order_is() -> None:
    moved = decided(bought(), location_code="SHOP").orders[0]
    assert (moved.location_code, moved.lines[0].location_code) == ("SHOP", "SHOP")
    assert moved.ship_to != x.receiving_address()
    shared = bought().with_more_lines([x.line(line_no=20000)])
    assert codes(decided(shared, location_code="SHOP")) == ["location-mismatch"]


def test_g5_an_order_goes_to_another_address_whole_or_not_at_all() -> None:
    moved = decided(bought("drop_shipment"), ship_to=ELSEWHERE).orders[0]
    assert moved.ship_to == ELSEWHERE
    shared = bought("drop_shipment").with_more_lines(
        [x.line("drop_shipment", sales_line_id=x.KAYAK, line_no=20000)]
    )
    assert codes(decided(shared, ship_to=ELSEWHERE)) == ["ship-to-mismatch"]


def test_g5_of_a_line_without_a_purchase_no_generation_known_is_bought_any_more() -> None:
    decision = decided(None, quantity=Decimal(8), generation=3)
    (fence,) = decision.fences
    assert (fence.generation, decision.lines[0].unbought, decision.errors) == (3, True, ())
