"""What people may ship from stock."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.planning.masters import PlanningSetup
from contracts.planning.stock import StockLevel
from contracts.refusals import Refusal
from domainkit.procurement import PLANNING_SETUP_NO
from domainkit.references import ReferenceData
from sales.domain.orders.order import Order, PlannedLine
from sales.domain.orders.stock_outs import place_of
from sales.domain.posting.stock_to_ship import StockToShip, places_to_ship
from tests.unit.sales.samples import NOW, made, sold

ORDER = made(sold("STOCK", "9"), sold("SPECIAL"), sold("DROPPED"))
PLACE = place_of(ORDER.lines[0])


def stock(there: int, allocated: int = 0, *, prevents: bool = False) -> StockToShip:
    level = StockLevel(
        version=1,
        item_no=PLACE[0],
        location_code=PLACE[1],
        stock=Decimal(there),
        allocated=Decimal(allocated),
    )
    setup = PlanningSetup(version=1, prevent_negative_inventory=prevents)
    return StockToShip({PLACE: level}, ReferenceData({PlanningSetup: {PLANNING_SETUP_NO: setup}}, NOW))


def shipped(quantity: int, line: int = 0) -> tuple[Order, tuple[PlannedLine, ...]]:
    return ORDER, (PlannedLine(sales_line_id=ORDER.lines[line].id, ship=Decimal(quantity)),)


def refusal(from_stock: StockToShip, *shipments: tuple[Order, tuple[PlannedLine, ...]]) -> Refusal:
    with pytest.raises(Refusal) as refused:
        from_stock.take(*shipments)
    return refused.value


def test_goods_of_special_orders_leave_for_no_other_line() -> None:
    """BC-SO-33."""
    here = stock(5, allocated=3)
    refused = refusal(here, shipped(3))
    assert (refused.code, refused.violations[0].members["line_no"]) == ("allocated-to-special-order", 10000)
    assert refused.waits_for == (("stock", "/".join(PLACE)),)
    here.take(shipped(2))
    assert refusal(here, shipped(1)).code == "allocated-to-special-order", (
        "the post before took what was free"
    )


def test_a_refused_post_takes_nothing() -> None:
    here = stock(5, allocated=3)
    refusal(here, shipped(1), shipped(2))
    here.take(shipped(2))


def test_what_is_not_there_can_be_shipped_unless_the_setup_prevents_it() -> None:
    """BC-SO-33: the goods physically left; the books show it as negative stock."""
    stock(0).take(shipped(9))
    careful = stock(2, prevents=True)
    careful.take(shipped(2))
    assert refusal(careful, shipped(1)).code == "negative-inventory"


def test_lines_that_are_bought_for_their_customer_take_nothing_from_stock() -> None:
    stock(0, prevents=True).take(shipped(2, line=1), shipped(2, line=2))
    assert list(places_to_ship([ORDER])) == [PLACE]


def test_goods_without_stock_always_leave() -> None:
    """A service has no stock level."""
    setup = PlanningSetup(version=1, prevent_negative_inventory=True)
    without = StockToShip({}, ReferenceData({PlanningSetup: {PLANNING_SETUP_NO: setup}}, NOW))
    without.take(shipped(9))
