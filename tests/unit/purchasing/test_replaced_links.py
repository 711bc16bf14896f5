"""The link of goods that were given to another sale gives way to a new purchase (E5)."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from contracts.purchasing.fields import SPECIAL_ORDER
from purchasing.domain.requests.replaced_links import without_received_link
from tests.unit.purchasing import examples as x

HERE = replace(x.line(SPECIAL_ORDER), receipts=(x.receipt(Decimal(5)),))


def test_e5_a_purchase_that_is_here_in_full_binds_the_sales_line_no_more() -> None:
    (line,) = without_received_link(x.order(HERE), x.COMPASS, 2).lines
    assert line.link is not None
    assert (line.active_link, line.link.replaced) == (None, True)
    assert line.answering_link == line.link, "its sale is asked before the receipt is taken back"


def test_what_is_still_to_come_keeps_its_link() -> None:
    order = x.order(x.line(SPECIAL_ORDER))
    assert without_received_link(order, x.COMPASS, 2) == order


def test_the_purchase_of_the_same_generation_is_left_alone() -> None:
    assert without_received_link(x.order(HERE), x.COMPASS, 1) == x.order(HERE)
    assert without_received_link(x.order(HERE), x.KAYAK, 2) == x.order(HERE)
