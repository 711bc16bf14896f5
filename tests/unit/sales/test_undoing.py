"""Taking movements back, closing lines short, and what sales gives up for purchasing."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.purchasing.orders import UndoRequest, UndoRequestLine
from contracts.refusals import Refusal, Violations
from domainkit.postings import BilledPosting
from sales.domain.granted_goods import hand_back
from sales.domain.orders.closing_short import close_short, follow_closed_short, lowered
from sales.domain.orders.lines import Line
from sales.domain.orders.order import CLOSED, RELEASED, Order
from sales.domain.posting.consent import decide_undo
from sales.domain.posting.undoing import check_undoable, without_movements
from tests.unit.sales import samples as x

SPECIAL = x.made(x.sold("SPECIAL"))
DROPPED = x.made(x.sold("DROPPED"))
FIRST, SECOND = UUID(int=1), UUID(int=2)


def moved(order: Order, *quantities: str) -> Order:
    """The order's one line after shipments with the ids 1, 2, …"""
    postings = tuple(
        BilledPosting(posting_id=UUID(int=i), quantity=Decimal(quantity), posting_date=x.DAY)
        for i, quantity in enumerate(quantities, start=1)
    )
    return order.with_line(replace(order.lines[0], postings=postings))


def why_not(line: Line, posting_id: UUID) -> list[str]:
    found = Violations()
    check_undoable(found, line, posting_id)
    refusal = found.refusal()
    return [violation.code for violation in refusal.violations] if refusal else []


def test_the_oldest_movements_are_those_that_are_invoiced() -> None:
    """BC-DS-38."""
    line = replace(moved(SPECIAL, "2", "3").lines[0], invoiced=Decimal(1))
    assert why_not(line, FIRST) == ["already-invoiced"]
    assert why_not(line, SECOND) == []


def test_a_movement_is_taken_back_once() -> None:
    """BC-DS-38."""
    undone = without_movements(moved(SPECIAL, "2", "3"), {FIRST})
    line = undone.order.lines[0]
    assert (line.quantity_shipped, undone.given_back) == (Decimal(3), {line.id: Decimal(2)})
    assert why_not(line, FIRST) == ["already-undone"]
    assert without_movements(undone.order, {FIRST}).given_back == {}


def test_a_closed_order_is_released_again() -> None:
    """BC-DS-38: what came back can be shipped again."""
    closed = replace(moved(SPECIAL, "5"), status=CLOSED)
    assert without_movements(closed, {FIRST}).order.status == RELEASED


def test_a_grant_is_handed_back_while_its_goods_are_here() -> None:
    """BC-SO-35."""
    receipt = BilledPosting(posting_id=FIRST, quantity=Decimal(5), posting_date=x.DAY)
    supply = x.link_of(SPECIAL, SPECIAL.lines[0], "5")
    supply = replace(supply, links=(replace(supply.links[0], receipts=(receipt,)),))
    after = hand_back(supply, FIRST)
    assert after is not None
    assert after.shippable == 0
    assert hand_back(replace(supply, shipped=Decimal(1)), FIRST) is None


def test_consent_names_every_reason() -> None:
    """BC-DS-38: all receipts of a request or none."""
    order = moved(DROPPED, "2")
    line = order.lines[0]
    lines = tuple(
        UndoRequestLine(sales_order_no=order.no, sales_line_id=line.id, posting_id=id_)
        for id_ in (FIRST, SECOND)
    )
    consent = decide_undo(UndoRequest(id=UUID(int=9), lines=lines), {order.no: order}, {})
    assert ([p.code for p in consent.errors], consent.posting_ids) == (["already-undone"], {})


def test_nothing_depends_on_the_receipt_of_a_sale_that_is_gone() -> None:
    """BC-DS-38."""
    line = UndoRequestLine(sales_order_no="S-9", sales_line_id=FIRST, posting_id=FIRST)
    assert decide_undo(UndoRequest(id=UUID(int=9), lines=(line,)), {}, {}).errors == ()


def test_a_line_is_never_lowered_below_what_has_left() -> None:
    """G4."""
    line = moved(SPECIAL, "3").lines[0]
    assert lowered(line, Decimal(1)).quantity == 3
    assert lowered(line, Decimal(9)) is line


def test_goods_that_came_stay_sold_when_no_more_will_come() -> None:
    """G4: the demand follows the quantity."""
    supply = x.link_of(SPECIAL, SPECIAL.lines[0])
    line = follow_closed_short(SPECIAL, supply, Decimal(2)).lines[0]
    assert (line.quantity, line.outstanding_quantity) == (Decimal(2), Decimal(2))
    assert line.demand is not None
    assert line.demand.quantity == 2


def test_a_bought_line_asks_purchasing_before_it_is_closed_short() -> None:
    """G4."""
    order = close_short(SPECIAL, SPECIAL.lines[0], x.context(x.linked(SPECIAL)))
    assert order.lines == SPECIAL.lines
    assert [change.kind for change in order.requested_changes] == ["close_short"]
    with pytest.raises(Refusal):
        close_short(order, order.lines[0], x.context(x.linked(SPECIAL)))
