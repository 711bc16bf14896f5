"""Reservations that a person asks for: what is refused, with every reason at once (BC-PL-02, BC-PL-04)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.purchasing.orders import PurchaseOrder
from contracts.refusals import Refusal
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import SalesLineRef
from planning.domain.reservations.commands import STOCK, NewReservation, PurchaseLineNamed
from planning.domain.reservations.reservation import Reservation
from planning.domain.reservations.reserving import Free, reserve
from tests.unit.planning.samples import COMING, DUE, link, purchase_order, sales_line, sales_order

ROPE: Final = replace(sales_line(quantity=5), special_order=False, purchasing_code="", demand=None)
BOXES: Final = replace(
    ROPE, quantity=Decimal(2), unit_of_measure_code="BOX", qty_per_unit_of_measure=Decimal(12)
)
BOUGHT: Final = PurchaseLineNamed(purchase_order_no="P-1", line_no=10000)


def asked(quantity: int = 3, line_no: int = 10000, *, bought: bool = False) -> NewReservation:
    return NewReservation(
        sales_order_no="S-1",
        line_no=line_no,
        quantity=Decimal(quantity),
        from_=BOUGHT if bought else STOCK,
    )


def reserved(
    new: NewReservation,
    order: SalesOrder | None,
    purchase: PurchaseOrder | None = None,
    stock: int = 100,
    held: int = 0,
) -> Reservation:
    """`held`: what of the sales line and of the purchase line is reserved already."""
    free = Free({("1100", "NORTH"): Decimal(stock)}, {ROPE.id: Decimal(held)}, {COMING.id: Decimal(held)})
    return reserve(new, order, purchase, free, uuid4)


def refused(*args: Any, **kwargs: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        reserved(*args, **kwargs)
    return [(found.code, found.pointer) for found in refusal.value.violations]


def sold(line: SalesLine = ROPE) -> SalesOrder:
    return sales_order(line)


def coming(**fields: Any) -> PurchaseOrder:
    return purchase_order(replace(COMING, **fields))


def test_bc_pl_02_a_quantity_of_stock_is_reserved_in_base_units() -> None:
    made = reserved(asked(1), sold(BOXES), stock=12)
    assert (made.stock_quantity, made.purchase_quantity, made.due_date) == (12, 0, DUE)
    assert not made.automatic


def test_bc_pl_02_what_a_purchase_brings_is_reserved_of_it() -> None:
    made = reserved(asked(3, bought=True), sold(), coming(), stock=0)
    assert (made.stock_quantity, made.purchase_quantity) == (0, 3)
    assert (made.purchase_order_no, made.purchase_line_id, made.supply_date) == ("P-1", COMING.id, DUE)


def test_no_more_is_reserved_than_is_free() -> None:
    assert reserved(asked(3), sold(), stock=3).stock_quantity == 3
    assert refused(asked(3), sold(), stock=2) == [("not-available", "/quantity")]
    assert reserved(asked(2, bought=True), sold(), coming(quantity=Decimal(2))).purchase_quantity == 2
    assert refused(asked(3, bought=True), sold(), coming(quantity=Decimal(2))) == [
        ("not-available", "/quantity")
    ]
    assert refused(asked(1, bought=True), sold(), coming(quantity_received=Decimal(8))) == [
        ("not-available", "/from/line_no")
    ]


def test_no_more_is_reserved_than_the_line_still_needs() -> None:
    assert reserved(asked(2), sold(), held=3).stock_quantity == 2
    assert refused(asked(3), sold(), held=3) == [("quantity-exceeds-outstanding", "/quantity")]
    done = sold(replace(ROPE, quantity_shipped=Decimal(5)))
    assert refused(asked(1), done) == [("quantity-exceeds-outstanding", "/quantity")]


def test_what_is_named_must_exist() -> None:
    assert refused(asked(), None) == [("unknown-sales-order", "/sales_order_no")]
    assert refused(asked(), replace(sold(), deleted=True)) == [("unknown-sales-order", "/sales_order_no")]
    assert refused(asked(line_no=20000), sold()) == [("unknown-line", "/line_no")]
    assert refused(asked(bought=True), sold()) == [("unknown-purchase-order", "/from/purchase_order_no")]
    assert refused(asked(bought=True), sold(), coming(deleted=True)) == [("unknown-line", "/from/line_no")]


def test_bc_pl_06_a_pair_reserves_nothing_and_gives_nothing() -> None:
    """On either side: a special order's line, and a purchase line that serves another sales line."""
    assert refused(asked(), sales_order(sales_line())) == [("reserve-is-never", "/line_no")]
    assert refused(asked(), sold(replace(ROPE, reserve="never"))) == [("reserve-is-never", "/line_no")]
    assert refused(asked(), sold(replace(ROPE, type="charge"))) == [("line-type-not-supported", "/line_no")]
    pair = coming(
        link=link(
            SalesLineRef(
                sales_order_no="S-2", sales_order_line_no=10000, sales_line_id=UUID(int=3), generation=1
            )
        )
    )
    assert refused(asked(bought=True), sold(), pair) == [("associated-with-sales-order", "/from/line_no")]


def test_bc_pl_04_the_goods_fit_the_sale_and_come_in_time() -> None:
    """All reasons at once."""
    other = coming(item_no="1200", location_code="SOUTH", expected_receipt_date=DUE + timedelta(days=1))
    assert refused(asked(9, bought=True), sold(), other) == [
        ("quantity-exceeds-outstanding", "/quantity"),
        ("item-mismatch", "/from"),
        ("location-mismatch", "/from"),
        ("supply-too-late", "/from"),
        ("not-available", "/quantity"),
    ]
