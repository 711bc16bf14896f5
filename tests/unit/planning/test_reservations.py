"""What becomes of reservations when their lines change (BC-PL-04), and what automatic ones take (BC-PL-03)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from msgspec.structs import replace

from contracts.values import SalesLineRef
from planning.domain.reservations.following import follow_sale, follow_supply
from planning.domain.reservations.reservation import Reservation
from planning.domain.reservations.reserving import Free, reserve_automatically, sales_to_reserve, supplies_of
from tests.unit.planning.samples import COMING, DUE, link, purchase_order, sales_line, sales_order

ROPE: Final = replace(
    sales_line(quantity=10), special_order=False, purchasing_code="", demand=None, reserve="always"
)


def held(stock: int = 0, coming: int = 0, *, no: int = 1, **fields: Any) -> Reservation:
    return Reservation(
        **{
            "id": UUID(int=no),
            "sales_order_no": "S-1",
            "sales_order_line_no": 10000,
            "sales_line_id": ROPE.id,
            "item_no": "1100",
            "location_code": "NORTH",
            "original_quantity": Decimal(stock + coming),
            "stock_quantity": Decimal(stock),
            "purchase_quantity": Decimal(coming),
            "purchase_line_id": COMING.id if coming else None,
            "due_date": DUE,
            "supply_date": DUE if coming else None,
            **fields,
        }
    )


def quantities(found: list[Reservation]) -> list[tuple[int, int, int, str]]:
    """(which, in stock, to come, why it ended)."""
    return [(r.id.int, int(r.stock_quantity), int(r.purchase_quantity), r.ended_because) for r in found]


def test_a_shipment_takes_the_oldest_reservation_in_stock_first() -> None:
    line = replace(ROPE, quantity_shipped=Decimal(4))
    after = follow_sale([held(3), held(2, no=2), held(0, 1, no=3)], sales_order(line))
    assert quantities(after) == [(1, 0, 0, "shipped"), (2, 1, 0, ""), (3, 0, 1, "")]


def test_the_same_snapshot_again_changes_nothing() -> None:
    order = sales_order(replace(ROPE, quantity_shipped=Decimal(4)))
    (after,) = follow_sale([held(6)], order)
    assert (after.stock_quantity, follow_sale([after], order)) == (2, [])


def test_an_undone_shipment_reserves_nothing_again() -> None:
    (after,) = follow_sale([held(2, shipped=Decimal(4))], sales_order(ROPE))
    assert (after.stock_quantity, after.shipped) == (2, 0)


def test_a_smaller_quantity_takes_from_the_newest_and_first_what_is_to_come() -> None:
    """BC-PL-04."""
    order = sales_order(replace(ROPE, quantity=Decimal(4)))
    after = follow_sale([held(3), held(0, 4, no=2)], order)
    assert quantities(after) == [(2, 0, 1, "")]


def test_a_demand_that_moves_before_its_supply_keeps_only_what_is_in_stock() -> None:
    """BC-PL-04: the date of the sale moved; a supply that comes late is still the sale's."""
    early = sales_order(replace(ROPE, shipment_date=date(2026, 3, 19)))
    assert quantities(follow_sale([held(2, 3)], early)) == [(1, 2, 0, "")]
    (late,) = follow_supply([held(2, 3)], purchase_order(replace(COMING, confirmed_date=date(2026, 4, 1))))
    assert (late.purchase_quantity, late.supply_date) == (3, date(2026, 4, 1))
    assert follow_sale([late], sales_order(ROPE)) == []


def test_a_line_for_which_nothing_may_be_reserved_holds_nothing() -> None:
    """BC-PL-04, BC-SO-03."""
    cases = {
        "bought-for-line": sales_order(replace(ROPE, special_order=True)),
        "reserve-is-never": sales_order(replace(ROPE, reserve="never")),
        "other-item-or-location": sales_order(replace(ROPE, location_code="SOUTH")),
        "sale-ended": sales_order(ROPE, status="cancelled"),
        "shipped": sales_order(replace(ROPE, quantity_shipped=Decimal(10))),
    }
    for because, order in cases.items():
        assert quantities(follow_sale([held(2, 3)], order)) == [(1, 0, 0, because)]
    assert quantities(follow_sale([held(2)], sales_order())) == [(1, 0, 0, "sale-ended")]


def test_a_receipt_moves_what_is_reserved_into_stock_and_its_undo_back() -> None:
    received = replace(COMING, quantity_received=Decimal(4))
    after = follow_supply([held(0, 3), held(0, 3, no=2)], purchase_order(received))
    assert quantities(after) == [(1, 3, 0, ""), (2, 1, 2, "")]
    assert follow_supply(after, purchase_order(received)) == []
    back = follow_supply(after, purchase_order(COMING))
    assert quantities(back) == [(1, 0, 3, ""), (2, 0, 3, "")]


def test_what_does_not_come_any_more_is_not_reserved() -> None:
    fewer = purchase_order(replace(COMING, quantity=Decimal(4)))
    group = [held(0, 3), held(0, 3, no=2)]
    assert quantities(follow_supply(group, fewer)) == [(2, 0, 1, "")]
    gone = purchase_order(replace(COMING, deleted=True))
    assert quantities(follow_supply(group, gone)) == [(1, 0, 0, "supply-gone"), (2, 0, 0, "supply-gone")]
    elsewhere = purchase_order(replace(COMING, location_code="SOUTH"))
    assert [r.is_active for r in follow_supply(group, elsewhere)] == [False, False]


def test_a_line_that_is_always_reserved_takes_stock_first_and_never_a_special_orders_supply() -> None:
    """BC-PL-03, BC-PL-06."""
    order = sales_order(ROPE)
    (sale,) = sales_to_reserve(order, None)
    sales = sales_line()
    special = replace(COMING, id=UUID(int=8), link=link(_ref(sales.id)))
    supplies = supplies_of([purchase_order(special, no="P-0"), purchase_order(COMING)])
    free = Free({("1100", "NORTH"): Decimal(3)}, {ROPE.id: Decimal(2)}, {COMING.id: Decimal(5)})
    made = list(reserve_automatically(sale, supplies, free, uuid4))
    assert [(int(r.stock_quantity), int(r.purchase_quantity)) for r in made] == [(3, 0), (0, 3)]
    assert {r.purchase_line_id for r in made} == {None, COMING.id}
    assert list(reserve_automatically(sale, supplies, free, uuid4)) == []
    assert sales_to_reserve(order, order) == []


def _ref(sales_line_id: UUID) -> SalesLineRef:
    return SalesLineRef(
        sales_order_no="S-9", sales_order_line_no=10000, sales_line_id=sales_line_id, generation=1
    )
