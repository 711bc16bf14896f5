"""What a currency is worth in the company's, and which rates a batch needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.refusals import Violations
from contracts.sales.masters import Company, ExchangeRate
from domainkit.rates import check_rate, foreign_currencies, in_currency, rate_on
from domainkit.references import COMPANY_NO, ReferenceData, ReferenceQuery

COMPANY = Company(version=1, name="K", currency_code="EUR", time_zone="UTC")
RATES = {
    f"USD/{day}": ExchangeRate(version=1, currency_code="USD", date=day, rate=Decimal(rate))
    for day, rate in ((date(2026, 1, 1), "0.90"), (date(2026, 3, 1), "0.80"))
}
REFERENCES = ReferenceData({Company: {COMPANY_NO: COMPANY}, ExchangeRate: RATES})


@pytest.mark.parametrize(
    ("currency_code", "day", "rate"),
    [
        ("EUR", date(2026, 3, 1), Decimal(1)),
        ("", date(2026, 3, 1), Decimal(1)),
        ("USD", date(2025, 12, 31), None),
        ("USD", date(2026, 1, 1), Decimal("0.90")),
        ("USD", date(2026, 2, 28), Decimal("0.90")),
        ("USD", date(2199, 12, 31), Decimal("0.80")),
        ("JPY", date(2026, 3, 1), None),
    ],
)
def test_the_newest_rate_up_to_the_day_holds(currency_code: str, day: date, rate: Decimal | None) -> None:
    assert rate_on(REFERENCES, currency_code, day) == rate


def test_amounts_are_rounded_to_the_currency_they_are_converted_to() -> None:
    assert in_currency(Decimal("10.55"), "JPY", Decimal("0.006")) == 1758
    assert str(in_currency(Decimal("10.555"), "EUR", Decimal(1))) == "10.56"
    assert str(in_currency(Decimal(10), "EUR", Decimal(1))) == "10"


def test_a_missing_rate_is_refused_with_currency_and_day() -> None:
    found = Violations()
    check_rate(found, REFERENCES, "USD", date(2026, 3, 2))
    check_rate(found, REFERENCES, "JPY", date(2026, 3, 2))
    refusal = found.refusal()
    assert refusal is not None
    assert [v.detail for v in refusal.violations] == ["there is no exchange rate of JPY to EUR on 2026-03-02"]


def test_rates_are_read_for_foreign_currencies_of_documents_vendors_and_catalogues_alone() -> None:
    query = ReferenceQuery()
    query.need_rates("JPY", None)
    query.need_rates("EUR", None)
    query.need_rates("", None)
    found = REFERENCES.with_records(Vendor, {"V1": Vendor(version=1, no="V1", currency_code="USD")})
    entry = ItemVendor(version=1, vendor_no="V1", item_no="1", currency_code="GBP")
    found = found.with_records(ItemVendor, {"V1/1": entry})
    assert foreign_currencies(query, found) == ["GBP", "JPY", "USD"]
    assert foreign_currencies(ReferenceQuery(), REFERENCES) == []


def test_the_earliest_day_of_a_batch_decides_how_far_back_rates_are_read() -> None:
    query = ReferenceQuery()
    for day in (date(2026, 3, 2), None, date(2024, 1, 1)):
        query.need_rates("USD", day)
    assert query.since == date(2024, 1, 1)
