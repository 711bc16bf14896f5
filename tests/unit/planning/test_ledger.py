"""Ledger, stock and allocations add up whatever the order of events (I9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.planning import StockLevel
from planning.domain.ledger import (
    PURCHASE,
    SALE,
    Allocation,
    LedgerEntry,
    allocate,
    journal_fault,
    moved,
    stock_changes,
)
from planning.domain.masters import ItemCard, ItemNeighbours, Setup, check_item
from planning.domain.runs import CarryOutRun, RunLine, ended

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


def test_journal_may_take_free_stock_only() -> None:
    level = StockLevel(version=1, item_no="1100", stock=Decimal(5), allocated=Decimal(3))
    assert journal_fault(level, Decimal(-2), Setup(), "/q") is None
    fault = journal_fault(level, Decimal(-3), Setup(), "/q")
    assert fault is not None
    assert fault.code == "allocated-to-special-order"


def test_item_is_whole_with_its_base_unit_and_consistent_parameters() -> None:
    """BC-MD-06, BC-PL-25."""
    good = ItemCard(
        no="X",
        minimum_order_quantity=Decimal(6),
        maximum_order_quantity=Decimal(60),
        order_multiple=Decimal(6),
    )
    check_item(good, None, ItemNeighbours())


@given(st.lists(st.sampled_from(["running", "ordered", "failed", "skipped"]), min_size=1, max_size=6))
def test_run_ends_with_its_last_line_and_is_a_success_only_if_something_was_bought(
    statuses: list[str],
) -> None:
    now = date(2026, 3, 1)
    lines = tuple(RunLine(line_id=UUID(int=i), status=s) for i, s in enumerate(statuses))
    at: Any = now
    run = ended(CarryOutRun(id=UUID(int=1), worksheet="DEFAULT", started_at=at, lines=lines), at)
    if "running" in statuses:
        assert run.status == "running"
    elif "ordered" not in statuses:
        assert run.status == "failed"
    else:
        assert run.status == ("partly_failed" if "failed" in statuses else "succeeded")
