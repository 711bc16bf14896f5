"""Amounts are rounded to the currency, once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fields import QUANTITY_DECIMALS
from contracts.refusals import Violations
from domainkit.money import check_amount, currency, in_unit, is_currency, plain_quantity

CURRENCIES = ("JPY", "EUR", "KWD", "CLF")


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


def test_a_cost_of_another_unit_is_in_proportion() -> None:
    assert currency("EUR").rounded(in_unit(Decimal(100), Decimal(6), Decimal(1))) == Decimal("16.67")


def test_a_cost_of_the_same_unit_is_not_touched() -> None:
    assert str(in_unit(Decimal("1.123456"), Decimal(6), Decimal(6))) == "1.123456"


@pytest.mark.parametrize(
    ("computed", "answered"),
    [
        ("0E-10", "0"),
        ("-0.0000000000", "0"),
        ("3.3299667", "3.32997"),
        ("5.0000000", "5"),
        ("5.20", "5.20"),
        ("1E+2", "100"),
    ],
)
def test_computed_quantities_have_five_decimals_and_are_written_plainly(computed: str, answered: str) -> None:
    assert str(plain_quantity(Decimal(computed))) == answered


@given(st.decimals(-(10**9), 10**9, places=5), st.decimals("0.00001", 10**4, places=5))
def test_a_computed_quantity_can_be_sent_back(amount: Decimal, qty_per: Decimal) -> None:
    """What is answered is accepted by the field's own rule, if it is not too large for it."""
    computed = plain_quantity(amount * qty_per)
    assert "E" not in str(computed)
    exponent = computed.as_tuple().exponent
    assert isinstance(exponent, int)
    assert -QUANTITY_DECIMALS <= exponent <= 0


@given(st.decimals(0, 10**9, places=4), st.decimals("0.00001", 10**4, places=5), st.sampled_from(CURRENCIES))
def test_a_computed_price_is_accepted_when_it_is_sent_back(
    price: Decimal, qty_per: Decimal, code: str
) -> None:
    found = Violations()
    computed = currency(code).fitted(in_unit(price, Decimal(1), qty_per))
    check_amount(found, computed, code, "/unit_price")
    assert len(found) == 0
    assert "E" not in str(computed)


@pytest.mark.parametrize("code", ["JPY", "EUR", "KWD"])
@given(
    amounts=st.lists(st.integers(-500, 5000), min_size=1, max_size=8),
    discount=st.integers(min_value=0, max_value=9000),
)
def test_a_discount_is_shared_to_the_last_minor_unit(code: str, amounts: list[int], discount: int) -> None:
    """Shares add up to the discount, or to all there is; none is below zero or above its amount."""
    money = currency(code)
    parts = [money.minor_unit * amount for amount in amounts]
    shares = money.spread(money.minor_unit * discount, parts)
    assert sum(shares) == min(money.minor_unit * discount, sum(part for part in parts if part > 0))
    assert all(0 <= share <= max(part, Decimal(0)) for share, part in zip(shares, parts, strict=True))
    assert not any(money.too_precise(share) for share in shares)


def test_the_last_amount_takes_what_rounding_leaves() -> None:
    shares = currency("EUR").spread(Decimal("10.00"), [Decimal("20.00")] * 3)
    assert shares == (Decimal("3.33"), Decimal("3.33"), Decimal("3.34"))
