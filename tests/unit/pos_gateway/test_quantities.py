"""How much of a line is done, by the till's own count and by sales' report."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from contracts.channel import LineProgress
from domainkit.money import ZERO
from pos_gateway.domain.orders.order import OrderLine
from pos_gateway.domain.orders.quantities import quantities_of
from pos_gateway.domain.orders.stage import SalesProgress, Stage
from tests.unit.pos_gateway.samples import PENDING, line, rehearse


def _line(mode: str = "pickup", **changes: Decimal) -> OrderLine:
    (made,) = rehearse(line(mode, quantity="5"), line("ship")).lines[:1]
    return replace(made, **changes)


def _reported(shipped: str = "0", **changes: str) -> Stage:
    progress = LineProgress(
        line_no=10000,
        quantity_received=Decimal(changes.get("received", "0")),
        quantity_shipped=Decimal(shipped),
        quantity_invoiced=Decimal(changes.get("invoiced", "0")),
        quantity_returned=Decimal(changes.get("returned", "0")),
        quantity_cancelled=Decimal(changes.get("cancelled", "0")),
    )
    return replace(PENDING, progress=SalesProgress(lines=(progress,)))


def test_pos_124_every_piece_of_a_line_is_counted_once() -> None:
    found = quantities_of(_line(quantity_picked_up=Decimal(2)), _reported("3", cancelled="1"))

    assert (found.picked_up, found.shipped, found.cancelled, found.open) == (2, 1, 1, 1)
    assert found.ordered == found.picked_up + found.shipped + found.cancelled + found.open


def test_a_pick_up_counts_before_sales_reports_it() -> None:
    found = quantities_of(_line(quantity_picked_up=Decimal(2)), PENDING)

    assert (found.picked_up, found.shipped, found.open) == (2, 0, 3)


def test_what_was_carried_out_is_neither_open_nor_shipped_by_the_back_office() -> None:
    found = quantities_of(_line("carry_out"), _reported("5", invoiced="5"))

    assert (found.picked_up, found.shipped, found.open, found.invoiced) == (5, 0, 0, 5)


def test_a_till_s_cancellation_is_not_added_to_the_same_one_in_sales() -> None:
    found = quantities_of(_line(quantity_cancelled=Decimal(2)), _reported(cancelled="2", received="3"))

    assert (found.cancelled, found.open, found.received, found.returned) == (2, 3, 3, ZERO)


def test_pos_124_what_was_delivered_before_its_cancellation_is_not_cancelled() -> None:
    """A vendor's delivery may be known only after the till has cancelled the order."""
    found = quantities_of(_line("ship", quantity_cancelled=Decimal(5)), _reported("2"))

    assert (found.shipped, found.cancelled, found.open) == (2, 3, 0)
