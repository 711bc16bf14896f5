"""Amounts, quantities and flags of lines."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domainkit.postings import BilledPosting
from sales.domain.orders.amounts import amounts, amounts_between, discount_pct, totals
from sales.domain.orders.lines import Line, released, with_demand
from tests.unit.sales.samples import DAY

LINE = Line(id=UUID(int=1), line_no=10000, item_no="1000", quantity=Decimal(3), unit_price=Decimal("3.33"))
money = st.decimals(0, 10_000, places=2)
quantities = st.integers(1, 1000).map(Decimal)
percents = st.decimals(0, 100, places=3)


def posting(quantity: str, *, undone: bool = False) -> BilledPosting:
    return BilledPosting(
        posting_id=UUID(int=int(quantity)), quantity=Decimal(quantity), posting_date=DAY, undone=undone
    )


@given(money, quantities, percents, percents, st.data())
def test_the_amounts_of_parts_add_up_to_the_line(
    price: Decimal, quantity: Decimal, discount: Decimal, tax: Decimal, data: st.DataObject
) -> None:
    """I6: however a line is invoiced in parts, nothing is lost or gained."""
    line = replace(LINE, quantity=quantity, unit_price=price, line_discount_pct=discount, tax_pct=tax)
    cuts = data.draw(st.lists(st.integers(0, int(quantity)), max_size=4))
    stops = sorted({Decimal(0), quantity, *map(Decimal, cuts)})
    parts = [amounts_between(line, a, b, "EUR") for a, b in pairwise(stops)]
    whole = amounts(line, quantity, "EUR")
    assert sum(p.net for p in parts) == whole.net
    assert sum(p.tax for p in parts) == whole.tax


def test_money_off_the_whole_line_is_exact_and_shown_as_percent() -> None:
    line = replace(LINE, line_discount_amount=Decimal("1.00"))
    assert amounts(line, line.quantity, "EUR").net == Decimal("8.99")
    assert discount_pct(line) == Decimal("10.01001")


def test_totals_keep_charges_apart() -> None:
    charge = replace(
        LINE, id=UUID(int=2), type="charge", quantity=Decimal(1), unit_price=Decimal(5), tax_pct=Decimal(19)
    )
    found = totals((LINE, charge), "EUR")
    assert (found.net, found.charges, found.tax, found.total) == tuple(
        map(Decimal, ("9.99", "5", "0.95", "15.94"))
    )


def test_shipped_is_the_sum_of_postings_that_stand() -> None:
    """BC-SD-07: totals are sums over postings, never stored beside them."""
    line = replace(LINE, postings=(posting("1"), posting("2", undone=True)))
    assert (line.quantity_shipped, line.outstanding_quantity) == (1, 2)


def test_qty_to_ship_is_what_was_set_capped_or_the_set_up_s_default() -> None:
    """BC-SD-07."""
    assert LINE.shippable("remainder") == 3
    assert LINE.shippable("blank") == 0
    assert replace(LINE, qty_to_ship=Decimal(9)).shippable("blank") == 3


def test_a_flagged_line_wants_its_quantity_bought_and_its_release_stands() -> None:
    flagged = with_demand(replace(LINE, special_order=True))
    assert flagged.demand is not None
    assert (flagged.demand.generation, flagged.demand.quantity, flagged.demand.released) == (1, 3, False)
    wanted = with_demand(replace(released(flagged), quantity=Decimal(5)))
    assert wanted.demand is not None
    assert (wanted.demand.quantity, wanted.demand.released) == (5, True)
    assert with_demand(replace(flagged, special_order=False)).demand is None
