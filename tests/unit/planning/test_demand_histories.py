"""Whatever comes in whatever order: properties over histories of events."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from contracts.planning.requests import PurchaseRequest
from planning.domain.demand.outcomes import follow_outcome
from planning.domain.demand.purchase_orders import follow_purchase_order
from planning.domain.demand.sales_orders import follow_sales_order
from tests.unit.planning.samples import (
    EMPTY,
    bought,
    context,
    linked_by_others,
    refused,
    sales_line,
    sales_order,
)

ACTS = st.lists(
    st.sampled_from(["sales", "again", "gone", "link", "unlink", "foreign", "refuse", "skip_generation"]),
    max_size=12,
)


@given(ACTS)
def test_whatever_comes_in_whatever_order_a_line_is_asked_for_once_per_generation(
    acts: Iterable[str],
) -> None:
    """I2: idempotent re-application; at most one live requisition per sales line; one request per generation."""
    demand, generation = EMPTY, 1
    requests: list[PurchaseRequest] = []
    for act in acts:
        line = sales_line(generation=generation)
        before = demand
        if act in {"sales", "again"}:
            decision = follow_sales_order(demand, sales_order(line), context())
            requests += decision.requests
            demand = decision.demand
            repeated = follow_sales_order(demand, sales_order(line), context())
            assert (repeated.demand.rows, repeated.demand.lines, repeated.requests) == (
                demand.rows,
                demand.lines,
                (),
            )
        elif act == "gone":
            demand = follow_sales_order(demand, sales_order(), context()).demand
        elif act == "foreign":
            generation = max((row.generation for row in demand.rows.values()), default=0) + 1
            demand = follow_purchase_order(demand, linked_by_others(line, generation), uuid4)
        elif act == "skip_generation":
            generation += 1
        elif requests and act in {"link", "unlink"}:
            order = bought(requests[-1], active=act == "link")
            demand = follow_purchase_order(demand, order, uuid4)
            assert follow_purchase_order(demand, order, uuid4).rows == demand.rows
        elif requests:
            demand = follow_outcome(demand, refused(requests[-1]), uuid4)
        assert demand.rows.keys() >= before.rows.keys(), "rows are never deleted"
        assert demand.version >= before.version
        live = [x for x in demand.lines.values() if x.is_live and x.wants_purchase]
        assert len(live) <= 1
        asked = [x.sales.generation for r in requests for x in r.lines if x.sales]
        assert len(asked) == len(set(asked)), "one request per generation"
        newest = demand.newest()
        assert len(newest) == len({row.sales_line_id for row in newest})
