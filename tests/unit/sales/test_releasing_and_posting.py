"""Release, reopen, and what a post moves."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.planning import PlanningSetup
from contracts.refusals import Refusal
from sales.domain.drafts import PostLine, PostOrder
from sales.domain.orders import Order, snapshot
from sales.domain.post_plans import plan_post
from sales.domain.posting import Numbers, carry_out, deed_of_plan
from sales.domain.releasing import release, reopen
from sales.domain.sourcing import LinkFacts, Sourcing
from tests.unit.sales.samples import DAY, REFS, made, sold

NUMBERS = Numbers(shipment_no="SS-1", invoice_no="SI-1")


def linked(order: Order, received: str = "0") -> dict[UUID, Sourcing]:
    """Every flagged line on a purchase order of its own."""
    return {
        line.id: Sourcing(
            sales_line_id=line.id,
            sales_order_no=order.no,
            sales_order_line_no=line.line_no,
            special_order=line.special_order,
            granted=Decimal(received),
            links=(
                LinkFacts(
                    link_id=line.id, generation=1, purchase_order_no="P-1", purchase_order_line_no=10000
                ),
            ),
        )
        for line in order.lines
        if line.flagged
    }


def post(order: Order, known: dict[UUID, Sourcing] | None = None, **wanted: Any) -> Order:
    asked = PostOrder(**{"no": order.no, "ship": True, "invoice": False, **wanted})
    plan = plan_post(order, asked, REFS, known or {})
    counter = itertools.count(1000)
    deed = deed_of_plan(order, DAY, plan, lambda: UUID(int=next(counter)))
    return carry_out(order, deed, NUMBERS, {}, None).order  # type: ignore[arg-type]


def test_a_vendor_is_the_stockkeeping_unit_s_before_the_item_s() -> None:
    """BC-MD-12: the item has no vendor, the unit at the line's location has."""
    order = made(sold("ORPHAN", location_code="SHOP"))
    assert [p.vendor_no for p in release(order, REFS).purchases] == ["V9"]


def test_a_missing_vendor_refuses_only_where_buying_is_automatic() -> None:
    """G20: the order's automation, else planning's."""
    orphan = made(sold("ORPHAN"), sold("SPECIAL"))
    with pytest.raises(Refusal) as refused:
        release(orphan, REFS)
    assert [(v.code, v.members["line_no"]) for v in refused.value.violations] == [("vendor-required", 10000)]
    assert refused.value.waits_for == (("item", "ORPHAN"),)
    by_hand = replace(REFS, planning_setup=PlanningSetup(version=1, automation="manual"))
    assert [remark.line_no for remark in release(orphan, by_hand).remarks] == [10000]
    assert release(replace(orphan, procurement_automation="requisition"), REFS).order.status == "released"


def test_reopening_withdraws_no_demand() -> None:
    order = reopen(release(made(sold("SPECIAL")), REFS).order)
    assert order.status == "open"
    told = snapshot(order, "reopened")
    assert told.lines[0].demand is not None
    assert told.lines[0].demand.released


def test_release_needs_a_line_with_a_quantity() -> None:
    """BC-SD-02."""
    with pytest.raises(Refusal) as refused:
        release(made(), REFS)
    assert refused.value.code == "nothing-to-release"


def test_the_snapshot_tells_totals_of_postings() -> None:
    shipped = post(release(made(sold("STOCK")), REFS).order)
    told = snapshot(shipped)
    assert (told.lines[0].quantity_shipped, told.lines[0].postings[0].document_no) == (5, "SS-1")


def test_lines_left_out_with_zero_do_not_stop_the_others() -> None:
    """BC-DS-20: qty_to_ship 0 lets other lines post."""
    order = release(made(sold("STOCK"), sold("DROPPED")), REFS).order
    lines = (PostLine(line_no=10000), PostLine(line_no=20000, qty_to_ship=Decimal(0)))
    after = post(order, lines=lines)
    assert [line.quantity_shipped for line in after.lines] == [5, 0]


def test_a_drop_shipment_is_judged_by_the_total_that_its_author_saw() -> None:
    order = release(made(sold("DROPPED", "10")), REFS).order
    wanted = PostOrder(
        no="S-1",
        ship=True,
        invoice=False,
        lines=(PostLine(line_no=10000, qty_to_ship=Decimal(6), posted_before=Decimal(4)),),
    )
    (planned,) = plan_post(order, wanted, REFS, linked(order))
    assert (planned.base, planned.ship) == (4, 6)


def test_an_order_is_closed_when_nothing_is_left_to_ship_or_invoice() -> None:
    """BC-SD-10 as chosen: closed, never deleted."""
    order = release(made(sold("STOCK")), REFS).order
    shipped = post(order)
    assert shipped.status == "released"
    assert post(shipped, ship=False, invoice=True).status == "closed"


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 6)), max_size=12), st.integers(0, 20))
def test_no_sequence_of_posts_ships_more_than_sold_or_granted(
    acts: list[tuple[bool, bool, int]], granted: int
) -> None:
    """invoiced <= shipped <= min(sold, granted), whatever is tried; refused acts change nothing."""
    order = release(made(sold("SPECIAL", "8")), REFS).order
    (line,) = order.lines
    for ship, invoice, quantity in acts:
        known = linked(order, str(granted))
        known[line.id] = replace(known[line.id], shipped=order.lines[0].quantity_shipped)
        lines = (PostLine(line_no=10000, qty_to_ship=Decimal(quantity)),)
        before = order
        try:
            order = post(order, known, ship=ship, invoice=invoice, lines=lines)
        except Refusal:
            assert order is before
        now = order.lines[0]
        assert now.quantity_invoiced <= now.quantity_shipped <= min(Decimal(8), Decimal(granted))
