"""What a post moves: decided over the lines, applied to the order, told in documents."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.refusals import Refusal
from domainkit.postings import ROOM_BYTES, BilledPosting
from sales.domain.line_supply import active_links, quantity_problem
from sales.domain.orders.commands import NewSalesLine
from sales.domain.orders.creation import add_line
from sales.domain.orders.order import Order, snapshot
from sales.domain.orders.releasing import release
from sales.domain.posting.applying import Posted, apply_posting
from sales.domain.posting.commands import LineToPost, PostingOptions
from sales.domain.posting.decisions import posting_from_plan
from sales.domain.posting.documents import numbered_order
from sales.domain.posting.plans import plan_post
from sales.domain.sourcing import Sourcing
from tests.unit.sales.samples import DAY, NOW, REFERENCES, context, link_of, linked, made, shipped, sold


def released(*lines: NewSalesLine, **header: Any) -> Order:
    return release(made(*lines, **header), REFERENCES).order


def posted(order: Order, known: dict[UUID, Sourcing] | None = None, **wanted: Any) -> Posted:
    asked = PostingOptions(**{"ship": True, **wanted})
    plan = plan_post(order, asked, context(known))
    counter = itertools.count(1000)
    decision = posting_from_plan(DAY, plan, lambda: UUID(int=next(counter)))
    links = active_links((line.id for line in order.lines), known or {})
    return apply_posting(order, decision, links, NOW)


def post(order: Order, known: dict[UUID, Sourcing] | None = None, **wanted: Any) -> Order:
    return posted(order, known, **wanted).order


def codes(order: Order, known: dict[UUID, Sourcing] | None = None, **wanted: Any) -> list[str]:
    with pytest.raises(Refusal) as refused:
        post(order, known, **wanted)
    return [violation.code for violation in refused.value.violations]


def test_the_snapshot_tells_totals_of_postings() -> None:
    event = snapshot(post(released(sold("STOCK"))))
    assert event.lines[0].quantity_shipped == 5


def test_postings_get_the_number_of_their_shipment_last_of_all() -> None:
    after = post(released(sold("STOCK")))
    (posting,) = after.lines[0].postings
    assert posting.document_no == ""
    numbered = numbered_order(after, {posting.posting_id: "SS-1"})
    assert numbered.lines[0].postings[0].document_no == "SS-1"


def test_a_shipment_tells_what_left_and_by_which_purchase() -> None:
    order = released(sold("SPECIAL"), your_reference="R")
    shipment = posted(order, linked(order, "5")).shipment
    assert shipment is not None
    assert (shipment.sales_order_no, shipment.your_reference) == ("S-1", "R")
    (line,) = shipment.lines
    assert (line.quantity, line.purchase_order_no, line.sales_line_id) == (5, "P-1", order.lines[0].id)


def test_an_invoice_tells_amounts_and_their_total() -> None:
    order = released(sold("STOCK", "2", tax_pct=Decimal(19)))
    invoice = posted(order, invoice=True).invoice
    assert invoice is not None
    assert (invoice.amount, invoice.tax_amount, invoice.total) == tuple(
        map(Decimal, ("20.00", "3.80", "23.80"))
    )


def test_a_special_order_takes_from_its_grant() -> None:
    order = released(sold("SPECIAL"), sold("STOCK"))
    taken = posted(order, linked(order, "5")).taken_from_grants
    assert taken == {order.lines[0].id: Decimal(5)}


def test_more_than_was_received_is_not_shipped() -> None:
    """BC-SO-33 is closed here."""
    order = released(sold("SPECIAL"))
    assert codes(order, linked(order, "4")) == ["quantity-exceeds-received"]


def test_a_drop_shipment_without_a_purchase_line_is_not_shipped() -> None:
    assert codes(released(sold("DROPPED"))) == ["not-associated-with-purchase-order"]


def test_nothing_left_is_nothing_to_post() -> None:
    assert codes(post(released(sold("STOCK"))), invoice=False) == ["nothing-to-post"]


def test_advice_complete_ships_all_or_nothing() -> None:
    """BC-SD-09."""
    order = released(sold("STOCK"), shipping_advice="complete")
    part = (LineToPost(line_no=10000, qty_to_ship=Decimal(1)),)
    assert codes(order, lines=part) == ["shipping-advice-complete"]
    assert post(order).lines[0].outstanding_quantity == 0


def test_a_line_is_named_once_and_must_exist() -> None:
    lines = (LineToPost(line_no=10000), LineToPost(line_no=10000), LineToPost(line_no=7))
    assert codes(released(sold("STOCK")), lines=lines) == ["duplicate-line", "unknown-line"]


def test_lines_left_out_with_zero_do_not_stop_the_others() -> None:
    """BC-DS-20: qty_to_ship 0 lets other lines post."""
    order = released(sold("STOCK"), sold("DROPPED"))
    lines = (LineToPost(line_no=10000), LineToPost(line_no=20000, qty_to_ship=Decimal(0)))
    after = post(order, lines=lines)
    assert [line.quantity_shipped for line in after.lines] == [5, 0]


def test_a_drop_shipment_is_judged_by_the_total_that_its_author_saw() -> None:
    order = released(sold("DROPPED", "10"))
    wanted = PostingOptions(
        ship=True,
        lines=(LineToPost(line_no=10000, qty_to_ship=Decimal(6), posted_before=Decimal(4)),),
    )
    (planned,) = plan_post(order, wanted, context(linked(order)))
    assert (planned.base, planned.ship) == (4, 6)


movements = st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.integers(1, 9), st.booleans()), max_size=8)


@given(movements, st.integers(1, 20))
def test_a_link_starts_at_nothing_whatever_left_before_it(
    moved: list[tuple[int | None, int, bool]], outstanding: int
) -> None:
    """BC-DS-04: base and outstanding of a drop shipment are those of its active link (2)."""
    order = released(sold("DROPPED"))
    postings = tuple(
        BilledPosting(
            posting_id=UUID(int=i),
            link_id=UUID(int=link) if link else None,
            quantity=Decimal(quantity),
            posting_date=DAY,
            undone=undone,
        )
        for i, (link, quantity, undone) in enumerate(moved)
    )
    line = replace(order.lines[0], postings=postings)
    line = replace(line, quantity=line.quantity_shipped + outstanding)
    order = order.with_line(line)
    over_link = sum(quantity for link, quantity, undone in moved if link == 2 and not undone)
    known = link_of(order, line)
    bought = replace(known.links[0], link_id=UUID(int=2), quantity=Decimal(over_link + outstanding))
    known = replace(known, links=(bought,))
    seen = (LineToPost(line_no=10000, posted_before=line.quantity_shipped),)
    for wanted in (PostingOptions(ship=True), PostingOptions(ship=True, lines=seen)):
        (planned,) = plan_post(order, wanted, context({line.id: known}))
        assert (planned.base, planned.ship) == (over_link, outstanding)
    assert quantity_problem(line, known) is None
    more = replace(known, links=(replace(bought, quantity=bought.quantity + 1),))
    problem = quantity_problem(line, more)
    assert problem is not None
    assert problem.code == "over-ordered"


def test_a_special_order_needs_what_did_not_leave_from_stock() -> None:
    """BC-SD-06."""
    order = released(sold("SPECIAL", "8"))
    line = shipped(order.lines[0], "5")
    known = link_of(order, line)
    bought = replace(known, links=(replace(known.links[0], quantity=Decimal(3)),))
    assert quantity_problem(line, bought) is None
    problem = quantity_problem(line, replace(bought, shipped=Decimal(1)))
    assert problem is not None
    assert problem.code == "under-ordered"


def test_an_author_who_saw_less_than_left_before_the_link_saw_nothing_of_it() -> None:
    order = released(sold("DROPPED", "8"))
    order = order.with_line(shipped(order.lines[0], "5"))
    lines = (LineToPost(line_no=10000, qty_to_ship=Decimal(3), posted_before=Decimal(0)),)
    (planned,) = plan_post(order, PostingOptions(ship=True, lines=lines), context(linked(order)))
    assert (planned.base, planned.ship) == (0, 3)


def test_an_order_is_closed_when_nothing_is_left_to_ship_or_invoice() -> None:
    """BC-SD-10 as chosen: closed, never deleted."""
    order = released(sold("STOCK"))
    shipped = post(order)
    assert shipped.status == "released"
    assert post(shipped, ship=False, invoice=True).status == "closed"


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 6)), max_size=12), st.integers(0, 20))
def test_no_sequence_of_posts_ships_more_than_sold_or_granted(
    acts: list[tuple[bool, bool, int]], granted: int
) -> None:
    """invoiced <= shipped <= min(sold, granted), whatever is tried; refused acts change nothing."""
    order = released(sold("SPECIAL", "8"))
    (line,) = order.lines
    for ship, invoice, quantity in acts:
        known = linked(order, str(granted))
        known[line.id] = replace(known[line.id], shipped=order.lines[0].quantity_shipped)
        lines = (LineToPost(line_no=10000, qty_to_ship=Decimal(quantity)),)
        before = order
        try:
            order = post(order, known, ship=ship, invoice=invoice, lines=lines)
        except Refusal:
            assert order is before
        now = order.lines[0]
        assert now.quantity_invoiced <= now.quantity_shipped <= min(Decimal(8), Decimal(granted))


def test_a_line_takes_no_more_postings_than_its_share_of_the_order_s_event() -> None:
    """BC-DS-22: what sales ships by itself leaves the room of the other lines alone."""
    order = released(sold("STOCK", "100000"), *(sold("STOCK") for _ in range(99)))
    line = order.lines[0]
    postings = [
        BilledPosting(posting_id=UUID(int=i), quantity=Decimal(1), posting_date=DAY, document_no=f"SS-{i}")
        for i in range(2000)
    ]
    share = ROOM_BYTES // len(order.lines)
    while len(msgspec.json.encode(postings)) > share:
        postings.pop()
    full = order.with_line(replace(line, postings=tuple(postings)))
    one = (LineToPost(line_no=10000, qty_to_ship=Decimal(1)),)
    assert codes(full, lines=one) == ["too-many-postings"]
    assert post(order, lines=one).lines[0].quantity_shipped == 1
    other = (LineToPost(line_no=20000, qty_to_ship=Decimal(1)),)
    assert post(full, lines=other).lines[1].quantity_shipped == 1
    opened = replace(full, status="open")
    with pytest.raises(Refusal) as refused:
        add_line(opened, sold("STOCK"), context())
    assert refused.value.code == "too-many-postings"
