"""What is learned about a line's supply: the newest generation wins, order of arrival does not matter."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.planning.stock import DemandLine
from contracts.purchasing.orders import PurchaseLine, PurchaseLink, PurchaseOrder
from contracts.values import Posting, SalesLineRef
from sales.domain.line_supply import is_date_at_risk, quantity_problem
from sales.domain.sourcing import Sourcing, learn_demand, learn_link, sourcing_of
from tests.unit.sales import samples as x
from tests.unit.sales.samples import DAY

LINE_ID = UUID(int=1)
NOTHING = sourcing_of(LINE_ID, "S-1", 10000)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def bought(
    generation: int, received: str = "0", *, deleted: bool = False, quantity: str = "5"
) -> PurchaseOrder:
    ref = SalesLineRef(
        sales_order_no="S-1", sales_order_line_no=10000, sales_line_id=LINE_ID, generation=generation
    )
    link = PurchaseLink(link_id=UUID(int=generation), kind="special_order", sales=ref, active=not deleted)
    posting = Posting(posting_id=UUID(int=9), quantity=Decimal(received), posting_date=DAY)
    line = PurchaseLine(
        id=UUID(int=50 + generation),
        line_no=10000,
        item_no="1100",
        quantity=Decimal(quantity),
        unit_of_measure_code="PCS",
        link=link,
        receipts=(posting,) if Decimal(received) else (),
        deleted=deleted,
    )
    return PurchaseOrder(
        version=1, no=f"P-{generation}", status="open", vendor_no="V1", order_date=DAY, lines=(line,)
    )


def learned(*orders: PurchaseOrder, known: Sourcing = NOTHING) -> Sourcing:
    for order in orders:
        known = learn_link(known, order, order.lines[0], NOW)
    return known


def demanded(generation: int, state: str) -> DemandLine:
    return DemandLine(sales_line_id=LINE_ID, sales_order_line_no=10000, generation=generation, state=state)


def test_states_follow_the_quantity_received() -> None:
    assert learned(bought(1)).state == "ordered"
    assert learned(bought(1, "2")).state == "partly_received"
    assert learned(bought(1, "5")).state == "received"


def test_what_is_granted_is_what_was_received_over_all_links() -> None:
    known = learned(bought(1, "2"), bought(2, "1"))
    assert (known.granted, known.shippable) == (3, 3)


def test_a_grant_never_falls_below_what_has_left() -> None:
    """An undone receipt of shipped goods is purchasing's to refuse; the books here stay sound."""
    shipped = Sourcing(sales_line_id=LINE_ID, sales_order_no="S-1", sales_order_line_no=1, shipped=Decimal(4))
    assert learned(bought(1, "2"), known=shipped).granted == 4


def test_a_deleted_purchase_line_is_an_exception_until_planning_goes_on() -> None:
    known = learned(bought(1, deleted=True))
    assert (known.state, known.problem and known.problem.code) == ("exception", "purchase-line-deleted")
    assert learn_demand(known, demanded(2, "requisitioned"), NOW).state == "requisitioned"


def test_demand_of_a_lower_generation_is_old_news() -> None:
    known = learn_demand(NOTHING, demanded(2, "requested"), NOW)
    assert learn_demand(known, demanded(1, "exception"), NOW) is known


def test_ordered_without_the_purchase_order_is_requested() -> None:
    assert learn_demand(NOTHING, demanded(1, "ordered"), NOW).state == "requested"


def test_learning_the_same_again_changes_nothing() -> None:
    known = learned(bought(1, "2"))
    assert learned(bought(1, "2"), known=known) is known


@given(
    st.permutations(
        [
            ("d", demanded(1, "requested")),
            ("d", demanded(2, "ordered")),
            ("l", bought(1)),
            ("l", bought(2, "1")),
        ]
    )
)
def test_events_of_different_aggregates_may_come_in_any_order(events: list[tuple[str, object]]) -> None:
    known = NOTHING
    for kind, event in events:
        known = learn_demand(known, event, NOW) if kind == "d" else learned(event, known=known)  # type: ignore[arg-type]
    assert (known.state, known.generation, known.granted) == ("partly_received", 2, 1)


def test_generations_are_told_apart() -> None:
    for first, second in itertools.permutations([bought(1), bought(2)]):
        newest = learned(first, second).newest
        assert newest is not None
        assert newest.purchase_order_no == "P-2"


def answered(order: PurchaseOrder, **answer: Any) -> PurchaseOrder:
    """The same order with the vendor's answer on its line."""
    return replace(order, lines=(replace(order.lines[0], **answer),))


def unlinked(order: PurchaseOrder) -> PurchaseOrder:
    link = order.lines[0].link
    assert link is not None
    return answered(order, link=replace(link, active=False))


def test_e2_a_line_that_the_vendor_refuses_is_one_exception() -> None:
    """G21: that the refused line is deleted later is no second cause."""
    gone = unlinked(answered(bought(1, quantity="0"), refusal_reason="Out of production"))
    known = learned(gone)
    deleted = learned(answered(gone, deleted=True), known=known)
    for each in (known, deleted):
        assert (each.state, each.problem and each.problem.code) == ("exception", "vendor-refused")
        assert each.problem is not None
        assert each.problem.detail.endswith("was refused by the vendor: Out of production")


def test_e2_a_quantity_that_is_confirmed_in_part_is_a_warning() -> None:
    line = x.made(x.sold("SPECIAL")).lines[0]
    problem = quantity_problem(line, learned(answered(bought(1), confirmed_quantity=Decimal(3))))
    assert problem is not None
    assert (problem.code, problem.detail) == ("under-confirmed", "the vendor has confirmed 3 of 5 on P-1")
    whole = learned(answered(bought(1), confirmed_quantity=Decimal(5)))
    arrived = learned(answered(bought(1, "5"), confirmed_quantity=Decimal(3)))
    assert quantity_problem(line, whole) is quantity_problem(line, arrived) is None


def test_g10_a_date_is_at_risk_while_what_is_to_come_is_late() -> None:
    line = replace(x.made(x.sold("SPECIAL")).lines[0], shipment_date=date(2026, 3, 10))
    expected = answered(bought(1), expected_receipt_date=date(2026, 3, 10))
    late = answered(expected, confirmed_date=date(2026, 3, 11))
    assert not is_date_at_risk(line, learned(expected))
    assert is_date_at_risk(line, learned(late))
    arrived = answered(bought(1, "5"), expected_receipt_date=date(2026, 3, 11))
    assert not is_date_at_risk(line, learned(arrived))
