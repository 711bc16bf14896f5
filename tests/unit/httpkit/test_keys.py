"""Numbers of two parts: each pair has one of its own, in keys and in headers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contracts.keys import from_header, in_header, item_vendor_no
from httpkit.copies import parse_after

NUMBERS = st.text(st.sampled_from("AB/%2F5@, "), min_size=1, max_size=8)


def test_usual_numbers_are_joined_as_they_are() -> None:
    assert item_vendor_no("V10", 'HEX-1/4"UNC') == 'V10/HEX-1/4"UNC'


def test_a_slash_of_the_first_does_not_separate() -> None:
    assert item_vendor_no("V/1", "1000") != item_vendor_no("V", "1/1000")


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_other_pairs_have_other_numbers(first: str, second: str, third: str, fourth: str) -> None:
    same = item_vendor_no(first, second) == item_vendor_no(third, fourth)
    assert same == ((first, second) == (third, fourth))


@given(NUMBERS, NUMBERS)
def test_headers_give_back_what_they_were_made_of(first: str, second: str) -> None:
    pair = item_vendor_no(first, second)
    assert from_header("item-vendor", in_header("item-vendor", pair)) == pair
    assert parse_after(f"item-vendor/{in_header('item-vendor', pair)}@7") == {("item-vendor", pair): 7}
    assert parse_after(f"item/{in_header('item', first)}@7") == {("item", first): 7}
