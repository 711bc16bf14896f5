"""What the vendor asks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.purchasing import PriceBreak
from purchasing.domain.costs import Offer, PriceQuestion, offer
from tests.unit.purchasing import examples as x


def question(**changed: object) -> PriceQuestion:
    values: dict[str, object] = {
        "vendor_no": "V10",
        "quantity": Decimal(1),
        "unit_of_measure_code": "PCS",
        "qty_per_unit_of_measure": Decimal(1),
        "price_date": x.TODAY,
        "currency_code": "EUR",
        "company_currency_code": "EUR",
    }
    return PriceQuestion(**{**values, **changed})  # type: ignore[arg-type]


BREAKS = (
    PriceBreak(minimum_quantity=Decimal(10), direct_unit_cost=Decimal("74.50")),
    PriceBreak(minimum_quantity=Decimal(50), direct_unit_cost=Decimal(74), line_discount_pct=Decimal(5)),
    PriceBreak(direct_unit_cost=Decimal(60), from_date=date(2026, 4, 1), to_date=date(2026, 4, 30)),
)


@pytest.mark.parametrize(
    ("quantity", "on", "cost", "discount"),
    [
        ("9.99999", x.TODAY, "80", "0"),
        ("10", x.TODAY, "74.50", "0"),
        ("50", x.TODAY, "74", "5"),
        ("1", date(2026, 4, 1), "60", "0"),
        ("1", date(2026, 4, 30), "60", "0"),
        ("50", date(2026, 4, 30), "60", "0"),
        ("1", date(2026, 5, 1), "80", "0"),
    ],
)
def test_price_breaks_hold_from_a_quantity_on_and_between_their_dates(
    quantity: str, on: date, cost: str, discount: str
) -> None:
    terms = offer(
        question(quantity=Decimal(quantity), price_date=on), x.catalogue(price_breaks=BREAKS), x.item("1100")
    )
    assert (terms.direct_unit_cost, terms.line_discount_pct) == (Decimal(cost), Decimal(discount))


def test_the_items_last_cost_is_taken_where_the_catalogue_has_none() -> None:
    assert offer(question(), None, x.item("1100")).direct_unit_cost == Decimal(7)
    assert offer(
        question(), x.catalogue(direct_unit_cost=Decimal(0)), x.item("1100")
    ).direct_unit_cost == Decimal(7)


def test_costs_are_per_unit_of_the_line() -> None:
    box = question(unit_of_measure_code="BOX", qty_per_unit_of_measure=Decimal(6))
    assert offer(box, x.catalogue(), x.item("1100")).direct_unit_cost == Decimal(480)
    assert offer(box, x.catalogue(unit_of_measure_code="BOX"), x.item("1100")).direct_unit_cost == Decimal(80)
    per_box = x.catalogue(unit_of_measure_code="BOX", direct_unit_cost=Decimal(100))
    assert offer(question(), per_box, x.item("1100")).direct_unit_cost == Decimal("16.66667")


def test_a_price_break_counts_in_the_catalogues_unit() -> None:
    box = question(quantity=Decimal(2), unit_of_measure_code="BOX", qty_per_unit_of_measure=Decimal(6))
    assert offer(box, x.catalogue(price_breaks=BREAKS), x.item("1100")).direct_unit_cost == Decimal(447)


def test_a_cost_in_another_currency_is_not_taken() -> None:
    assert offer(question(), x.catalogue(currency_code="USD"), None).direct_unit_cost == Decimal(0)
    assert offer(question(currency_code="USD"), None, x.item("1100")).direct_unit_cost == Decimal(0)
    assert offer(question(currency_code="USD"), x.catalogue(), None).direct_unit_cost == Decimal(80)


def test_bc_md_15_the_vendors_own_number_comes_from_its_catalogue_or_its_item() -> None:
    own = x.item("1100", vendor_no="V10", vendor_item_no="OLD-1")
    of_another = x.item("1100", vendor_no="V11", vendor_item_no="OTHER-1")
    assert offer(question(), x.catalogue(), own).vendor_item_no == "BC-9"
    assert offer(question(), None, own).vendor_item_no == "OLD-1"
    assert offer(question(), None, of_another).vendor_item_no == ""


def test_g24_an_offer_knows_no_sales_price() -> None:
    assert set(Offer.__struct_fields__) == {"direct_unit_cost", "line_discount_pct", "vendor_item_no"}
    sold = x.item("1100", unit_price=Decimal(999), unit_cost=Decimal(888))
    assert offer(question(), x.catalogue(), sold).direct_unit_cost == Decimal(80)
