"""Ledger, stock and allocations add up whatever the order of events (I9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.planning.stock import StockLevel
from contracts.purchasing.orders import PurchaseLine
from contracts.sales.orders import Reallocation, SalesLine
from contracts.values import Posting, SalesLineRef
from planning.domain.masters.items import ItemCard
from planning.domain.stock.allocations import (
    Allocation,
    Transfer,
    allocate,
    freed_lines,
    transferred,
    transfers_of,
)
from planning.domain.stock.ledger import (
    PURCHASE,
    SALE,
    LedgerEntry,
    only_inventory,
    purchase_entries,
    sales_entries,
)
from planning.domain.stock.levels import moved, stock_changes
from tests.unit.planning.samples import link, purchase_order, references, sales_line, sales_order

LINE = UUID(int=7)


def entry(number: int, quantity: int, *, allocates: bool = True) -> LedgerEntry:
    return LedgerEntry(
        posting_id=UUID(int=number),
        entry_type=PURCHASE if quantity > 0 else SALE,
        item_no="1100",
        location_code="NORTH",
        quantity=Decimal(quantity),
        posting_date=date(2026, 3, 10),
        sales_order_no="S-1",
        sales_line_id=LINE if allocates else None,
        allocates=allocates,
    )


def apply(
    level: StockLevel, known: dict[UUID, Allocation], *args: Any
) -> tuple[StockLevel, dict[UUID, Allocation]]:
    entries, freed = args
    after = allocate(known, entries, freed)
    changes = stock_changes(entries, known, after)
    for change in changes.values():
        level = moved(level, *change)
    return level, after


MOVES = st.lists(
    st.tuples(st.integers(-9, 9).filter(bool), st.booleans(), st.sampled_from([None, True, False])),
    max_size=12,
)


@given(MOVES)
def test_stock_is_the_sum_of_entries_and_allocated_never_below_nothing(
    moves: list[tuple[int, bool, bool | None]],
) -> None:
    level, known = StockLevel(version=0, item_no="1100", location_code="NORTH"), dict[UUID, Allocation]()
    for number, (quantity, allocates, freed) in enumerate(moves):
        news = {} if freed is None else {LINE: freed}
        level, known = apply(level, known, [entry(number, quantity, allocates=allocates)], news)
        own = known.get(LINE)
        assert level.stock == sum(q for q, _, _ in moves[: number + 1])
        assert level.allocated == (own.quantity if own else 0)
        assert level.allocated >= 0


@given(MOVES, st.randoms(use_true_random=False))
def test_order_of_movements_does_not_matter(moves: list[tuple[int, bool, bool | None]], random: Any) -> None:
    entries = [entry(i, quantity, allocates=allocates) for i, (quantity, allocates, _) in enumerate(moves)]
    shuffled = list(entries)
    random.shuffle(shuffled)
    start = StockLevel(version=0, item_no="1100", location_code="NORTH")
    one, _ = apply(start, {}, entries, {})
    level, known = start, dict[UUID, Allocation]()
    for single in shuffled:
        level, known = apply(level, known, [single], {})
    assert (one.stock, one.allocated) == (level.stock, level.allocated)


def posting(quantity: int, *, undone: bool = False) -> Posting:
    return Posting(
        posting_id=UUID(int=1), quantity=Decimal(quantity), posting_date=date(2026, 3, 10), undone=undone
    )


def shipped(line: SalesLine, *postings: Posting) -> SalesLine:
    return replace(line, postings=postings, quantity_shipped=sum((p.quantity for p in postings), Decimal(0)))


def received(*postings: Posting, drop: bool = False) -> PurchaseLine:
    sales = SalesLineRef(
        sales_order_no="S-1", sales_order_line_no=10000, sales_line_id=UUID(int=10000), generation=1
    )
    return PurchaseLine(
        id=UUID(int=5),
        line_no=10000,
        item_no="1100",
        quantity=Decimal(12),
        unit_of_measure_code="BOX",
        qty_per_unit_of_measure=Decimal(6),
        receipts=postings,
        link=link(sales, drop=drop),
    )


def test_shipment_takes_goods_out_of_what_is_allocated_to_its_line() -> None:
    (found,) = sales_entries(sales_order(shipped(sales_line(), posting(2))), ())
    assert (found.quantity, found.allocates, found.sales_order_no) == (-2, True, "S-1")


def test_movements_and_stock_have_five_decimals_and_are_written_plainly() -> None:
    line = replace(sales_line(), qty_per_unit_of_measure=Decimal("3.33333"))
    third = Posting(posting_id=UUID(int=1), quantity=Decimal("0.33333"), posting_date=date(2026, 3, 10))
    (out,) = sales_entries(sales_order(shipped(line, third)), ())
    assert str(out.quantity) == "-1.1111"
    level = moved(StockLevel(version=1, item_no="1100", stock=Decimal("1.1111")), out.quantity, Decimal(0))
    assert str(level.stock) == "0"


def test_receipt_is_counted_in_base_units() -> None:
    (found,) = purchase_entries(purchase_order(received(posting(2))), ())
    assert (found.quantity, found.allocates) == (12, True)


def test_undone_posting_is_followed_by_its_reversal() -> None:
    found = purchase_entries(purchase_order(received(posting(2, undone=True))), ())
    assert [(x.quantity, x.reversal) for x in found] == [(12, False), (-12, True)]


def test_known_posting_moves_nothing_again() -> None:
    assert purchase_entries(purchase_order(received(posting(2))), [posting(2)]) == []


def test_drop_shipment_never_touches_stock() -> None:
    order = sales_order(shipped(sales_line(drop=True), posting(2)))
    assert sales_entries(order, ()) == []
    assert purchase_entries(purchase_order(received(posting(2), drop=True)), ()) == []


def test_services_have_no_stock_and_an_unknown_item_counts_as_goods() -> None:
    found = references(items=[ItemCard(no="SERVICE", type="service")])
    service = replace(entry(1, 1), item_no="SERVICE")
    assert only_inventory([service, entry(2, 1)], found) == [entry(2, 1)]


def test_goods_of_a_fully_shipped_line_are_free() -> None:
    """BC-SO-32."""
    line = shipped(sales_line(), posting(2))
    assert freed_lines(sales_order(line), None) == {line.id: True}


def test_goods_of_a_partly_shipped_line_stay_its_own() -> None:
    line = shipped(sales_line(), posting(1))
    assert freed_lines(sales_order(line), None) == {line.id: False}


def test_goods_of_a_deleted_line_are_free() -> None:
    line = sales_line()
    assert freed_lines(sales_order(), sales_order(line)) == {line.id: True}


OTHER = UUID(int=8)


def gave(quantity: int, number: int = 1) -> Transfer:
    return Transfer(
        id=UUID(int=number),
        from_line_id=LINE,
        from_order_no="S-1",
        to_line_id=OTHER,
        to_order_no="S-2",
        item_no="1100",
        location_code="NORTH",
        quantity=Decimal(quantity),
    )


def test_e5_goods_that_go_from_line_to_line_stay_allocated_as_they_were_received() -> None:
    known = allocate({}, [entry(1, 5)], {})
    after = transferred(known, [gave(3)], ())
    assert (after[LINE].quantity, after[OTHER].quantity) == (2, 3)
    assert stock_changes([], known, after) == {}


def test_goods_for_a_line_that_is_gone_are_free() -> None:
    known = allocate({}, [entry(1, 5)], {})
    after = transferred(known, [gave(3)], {OTHER})
    assert stock_changes([], known, after) == {("1100", "NORTH"): (0, -3)}


def test_only_the_line_that_gives_tells_of_it_and_once() -> None:
    record = Reallocation(
        id=UUID(int=1),
        quantity=Decimal(-3),
        sales_order_no="S-2",
        sales_order_line_no=10000,
        sales_line_id=OTHER,
    )
    boxes = replace(sales_line(), reallocations=(record,), qty_per_unit_of_measure=Decimal(12))
    giving = sales_order(boxes)
    (told,) = transfers_of(giving, None)
    assert (told.quantity, told.to_order_no) == (36, "S-2")
    assert transfers_of(giving, giving) == []
    taking = sales_order(replace(sales_line(), reallocations=(replace(record, quantity=Decimal(3)),)))
    assert transfers_of(taking, None) == []
