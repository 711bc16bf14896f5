"""What hangs on a line keeps it, and with it the order."""

from __future__ import annotations

from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.planning.stock import DemandLine
from contracts.refusals import Refusal
from sales.domain.orders.deletion import delete_line, delete_order
from sales.domain.orders.lines import released
from sales.domain.orders.order import Order, PendingPost, PlannedLine
from sales.domain.sourcing import Sourcing, learn_demand
from tests.unit.sales.samples import DAY, NOW, context, link_of, linked, made, shipped, sold


def line_codes(order: Order, known: dict[UUID, Sourcing] | None = None) -> list[str]:
    with pytest.raises(Refusal) as refused:
        delete_line(order, order.lines[0], context(known))
    return [violation.code for violation in refused.value.violations]


def order_codes(order: Order, known: dict[UUID, Sourcing] | None = None) -> list[str]:
    with pytest.raises(Refusal) as refused:
        delete_order(order, context(known))
    return [violation.code for violation in refused.value.violations]


def posting(order: Order) -> Order:
    """The order while a posting of its first line waits for purchasing."""
    planned = PlannedLine(sales_line_id=order.lines[0].id)
    post = PendingPost(id=UUID(int=9), posting_date=DAY, ship=True, invoice=False, lines=(planned,))
    return replace(order, pending_posts=(post,))


def test_a_line_without_anything_goes() -> None:
    order = made(sold("STOCK"), sold("SPECIAL"))
    assert [line.item_no for line in delete_line(order, order.lines[0], context()).lines] == ["SPECIAL"]


def test_a_deleted_order_keeps_number_and_version_and_has_no_lines() -> None:
    order = made(sold("STOCK"))
    gone = delete_order(order, context())
    assert (gone.deleted, gone.no, gone.version, gone.lines) == (True, "S-1", order.version, ())


def test_a_purchase_line_keeps_line_and_order() -> None:
    """BC-SO-41, BC-DS-35."""
    order = made(sold("SPECIAL"))
    assert line_codes(order, linked(order)) == ["line-linked-to-purchase-order"]
    assert order_codes(order, linked(order)) == ["line-linked-to-purchase-order"]


def test_all_lines_that_keep_an_order_are_named() -> None:
    order = made(sold("SPECIAL"), sold("STOCK"), sold("DROPPED"))
    with pytest.raises(Refusal) as refused:
        delete_order(order, context(linked(order)))
    assert [v.members["line_no"] for v in refused.value.violations] == [10000, 30000]


def test_postings_keep_line_and_order() -> None:
    order = made(sold("STOCK"))
    order = order.with_line(shipped(order.lines[0]))
    assert line_codes(order) == ["has-postings"]
    assert order_codes(order) == ["has-postings"]


def test_a_posting_under_way_keeps_line_and_order() -> None:
    order = posting(made(sold("STOCK")))
    assert line_codes(order) == ["posting-under-way"]
    assert order_codes(order) == ["posting-under-way"]


def test_a_purchase_request_under_way_keeps_a_released_line() -> None:
    """BC-SO-41."""
    order = made(sold("SPECIAL")).map_lines(released)
    line = order.lines[0]
    demand = DemandLine(sales_line_id=line.id, sales_order_line_no=10000, generation=1, state="requested")
    known = learn_demand(replace(link_of(order, line), links=()), demand, NOW)
    assert line_codes(order, {line.id: known}) == ["change-pending"]
