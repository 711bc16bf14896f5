"""What the vendor asks: one rule for planning's preview and purchasing's order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.purchasing.masters import PriceBreak, Vendor
from domainkit.costs import Offer, PriceQuestion, offer, purchase_currency
from tests.unit.purchasing import examples as x


def question(**changed: object) -> PriceQuestion:
    values: dict[str, object] = {
        "vendor_no": "V10",
        "quantity": Decimal(1),
        "unit_of_measure_code": "PCS",
        "qty_per_unit_of_measure": Decimal(1),
        "price_date": x.TODAY,
        "currency_code": "EUR",
        "vendor_currency_code": "EUR",
        "rate": Decimal(1),
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
    assert offer(question(), per_box, x.item("1100")).direct_unit_cost == Decimal("16.67")


def test_a_price_break_counts_in_the_catalogues_unit() -> None:
    box = question(quantity=Decimal(2), unit_of_measure_code="BOX", qty_per_unit_of_measure=Decimal(6))
    assert offer(box, x.catalogue(price_breaks=BREAKS), x.item("1100")).direct_unit_cost == Decimal(447)


def test_a_catalogue_in_another_currency_is_not_taken() -> None:
    """BC-SO-18: such a line makes an order of its own; on an order of another currency its item's cost counts."""
    dollars = x.catalogue(currency_code="USD", direct_unit_cost=Decimal(80))
    assert offer(question(), dollars, x.item("1100")).direct_unit_cost == Decimal(7)
    in_dollars = question(currency_code="USD", rate=Decimal("0.80"))
    assert offer(in_dollars, dollars, x.item("1100")).direct_unit_cost == Decimal(80)


def test_a_catalogue_without_a_currency_speaks_of_the_vendors() -> None:
    in_dollars = question(currency_code="USD", rate=Decimal("0.80"))
    assert offer(in_dollars, x.catalogue(), x.item("1100")).direct_unit_cost == Decimal("8.75")
    of_american = question(currency_code="USD", vendor_currency_code="USD", rate=None)
    assert offer(of_american, x.catalogue(), None).direct_unit_cost == Decimal(80)


def test_the_last_cost_is_converted_by_the_rate_and_unknown_without_one() -> None:
    in_yen = question(currency_code="JPY", vendor_currency_code="JPY", rate=Decimal("0.006"))
    assert offer(in_yen, None, x.item("1100")).direct_unit_cost == Decimal(1167)
    without = question(currency_code="JPY", vendor_currency_code="JPY", rate=None)
    assert offer(without, None, x.item("1100")).direct_unit_cost is None
    assert offer(without, x.catalogue(direct_unit_cost=Decimal(0)), None).direct_unit_cost is None


def test_costs_are_no_finer_than_the_currency() -> None:
    box = question(qty_per_unit_of_measure=Decimal("0.333"), unit_of_measure_code="SLICE")
    assert str(offer(box, x.catalogue(direct_unit_cost=Decimal("9.99")), None).direct_unit_cost) == "3.33"


@pytest.mark.parametrize(
    ("of_entry", "of_vendor", "currency"), [("USD", "GBP", "USD"), ("", "GBP", "GBP"), ("", "", "EUR")]
)
def test_an_item_is_bought_in_the_currency_of_its_catalogue_else_of_its_vendor(
    of_entry: str, of_vendor: str, currency: str
) -> None:
    """BC-SO-18."""
    vendor = Vendor(version=1, no="V10", currency_code=of_vendor)
    assert purchase_currency(x.catalogue(currency_code=of_entry), vendor, "EUR") == currency
    assert purchase_currency(None, None, "EUR") == "EUR"


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
