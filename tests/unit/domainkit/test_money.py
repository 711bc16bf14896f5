"""Amounts are rounded to the currency, once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domainkit.money import converted_cost, currency, is_currency


@pytest.mark.parametrize(
    ("code", "amount"), [("EUR", "10.13"), ("JPY", "10"), ("KWD", "10.125"), ("", "10.13")]
)
def test_amounts_round_half_away_from_zero_to_the_minor_unit(code: str, amount: str) -> None:
    assert currency(code).line_amount(Decimal("2.25"), Decimal("4.50"), Decimal(0)) == Decimal(amount)


@pytest.mark.parametrize(("code", "decimals"), [("JPY", 0), ("EUR", 2), ("RSD", 2), ("KWD", 3), ("CLF", 4)])
def test_a_currency_has_the_decimals_of_iso_4217(code: str, decimals: int) -> None:
    assert currency(code).decimals == decimals


@pytest.mark.parametrize("code", ["ZZZ", "DEM", "XXX", "XAU", "eur", ""])
def test_codes_without_money_are_no_currencies(code: str) -> None:
    assert not is_currency(code)


def test_the_discount_lowers_the_amount() -> None:
    amount = currency("EUR").line_amount(Decimal(3), Decimal("9.99"), Decimal("12.5"))
    assert amount == Decimal("26.22")


def test_a_share_of_an_amount_is_rounded() -> None:
    assert currency("EUR").share(Decimal("33.33"), Decimal(10)) == Decimal("3.33")


def test_trailing_zeros_are_no_decimals() -> None:
    assert not currency("JPY").too_precise(Decimal("5.00"))
    assert currency("JPY").too_precise(Decimal("5.01"))


def test_a_cost_of_another_unit_keeps_five_decimals() -> None:
    assert converted_cost(Decimal(100), Decimal(6), Decimal(1)) == Decimal("16.66667")


def test_a_cost_of_the_same_unit_is_not_touched() -> None:
    assert str(converted_cost(Decimal("1.123456"), Decimal(6), Decimal(6))) == "1.123456"
