"""What is learned about a line's supply: the newest generation wins, order of arrival does not matter."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.planning import DemandLine
from contracts.purchasing import PurchaseLine, PurchaseLink, PurchaseOrder
from contracts.values import Posting, SalesLineRef
from sales.domain.sourcing import Sourcing, learn_demand, learn_link, sourcing_of
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
