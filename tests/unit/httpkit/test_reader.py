from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Meta, UnsetType

from contracts import fields
from contracts.refusals import Refusal
from httpkit.reader import VIOLATIONS_MAX, read


def struct_of(type_: Any) -> type[Any]:
    return msgspec.defstruct("One", [("value", type_)])


def code_of(type_: Any, value: Any) -> str:
    with pytest.raises(Refusal) as refused:
        read(struct_of(type_), {"value": value})
    return refused.value.code


def value_of(type_: Any, value: Any) -> Any:
    return read(struct_of(type_), {"value": value}).value


def test_a_country_code_is_refused_with_the_name_of_its_list() -> None:
    with pytest.raises(Refusal) as refused:
        read(struct_of(fields.CountryCodeOrBlank), {"value": "1X"})
    assert (
        refused.value.violations[0].detail == "/value: must be two letters of ISO 3166-1 alpha-2, such as DE"
    )


def test_numbers_are_trimmed_and_upper_case() -> None:
    assert value_of(fields.No, "  s-1001 ") == "S-1001"
    assert value_of(fields.Code, "drop") == "DROP"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "too-short"),
        ("   ", "too-short"),
        ("x" * 21, "too-long"),
        ("ß" * 20, "too-long"),
        ("a\x00b", "malformed-number"),
        ("a\nb", "malformed-number"),
        ("\ud800", "malformed-number"),
        ("a\u200bb", "malformed-number"),
        ("\ufeffA", "malformed-number"),
        ("\u202eA", "malformed-number"),
        (".", "malformed-number"),
        (" .. ", "malformed-number"),
        (7, "not-a-text"),
        (None, "not-a-text"),
    ],
)
def test_unusable_numbers_are_refused(value: Any, code: str) -> None:
    assert code_of(fields.No, value) == code


def test_blank_is_allowed_only_where_it_means_something() -> None:
    assert value_of(fields.NoOrBlank, " ") == ""
    assert value_of(fields.CodeOrBlank, "") == ""
    assert value_of(fields.CountryCodeOrBlank, "de") == "DE"
    assert code_of(fields.CurrencyCode, "") == "too-short"
    assert code_of(fields.CurrencyCode, "E1R") == "bad-format"
    assert code_of(fields.CurrencyCode, "ZZZ") == "unknown-currency"
    assert code_of(fields.CurrencyCodeOrBlank, "dem") == "unknown-currency"
    assert value_of(fields.CurrencyCodeOrBlank, "") == ""


def test_a_note_may_have_lines_and_a_text_may_not() -> None:
    assert value_of(fields.Note, "a\nb") == "a\nb"
    assert code_of(fields.Text50, "a\nb") == "control-character"


@given(st.decimals(min_value="0.00001", max_value="999999999", places=5))
def test_every_quantity_of_five_decimals_is_taken_exactly(value: Decimal) -> None:
    assert value_of(fields.Quantity, str(value)) == value
    assert value_of(fields.Quantity, value) == value


@given(st.one_of(st.decimals(), st.floats(), st.integers(), st.text(max_size=20), st.none(), st.booleans()))
def test_whatever_is_sent_a_quantity_is_positive_bounded_and_plain_or_refused(value: Any) -> None:
    try:
        found = value_of(fields.Quantity, value)
    except Refusal:
        return
    assert 0 < found < 10**9
    assert "E" not in str(found)
    assert -int(found.as_tuple().exponent) <= 5


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0", "out-of-range"),
        ("-1", "out-of-range"),
        ("1000000000", "out-of-range"),
        (Decimal("1E+400"), "out-of-range"),
        (Decimal("1E-400"), "too-many-decimals"),
        ("0.123456", "too-many-decimals"),
        (0.1 + 0.2, "too-many-decimals"),
        ("1,00", "not-a-number"),
        ("1_000", "not-a-number"),
        ("1e3", "not-a-number"),
        ("", "not-a-number"),
        ("NaN", "not-a-number"),
        (float("nan"), "not-a-number"),
        (Decimal("sNaN"), "not-a-number"),
        (Decimal("-Infinity"), "not-a-number"),
        ("٣", "not-a-number"),
        (True, "not-a-number"),
        (None, "not-a-number"),
        ([1], "not-a-number"),
        ("9" * 5000, "not-a-number"),
    ],
)
def test_what_is_no_quantity_is_refused(value: Any, code: str) -> None:
    assert code_of(fields.Quantity, value) == code


def test_zeros_behind_the_allowed_decimals_do_not_matter() -> None:
    assert str(value_of(fields.Quantity, "2.0000000")) == "2.00000"
    assert str(value_of(fields.SignedMoney, "-0")) == "0"
    assert str(value_of(fields.Quantity, Decimal("1E+2"))) == "100"


def test_money_percentages_and_signs() -> None:
    assert value_of(fields.Money, "0") == 0
    assert code_of(fields.Money, "-0.01") == "out-of-range"
    assert value_of(fields.SignedQuantity, "-3") == -3
    assert code_of(fields.Percent, "100.1") == "out-of-range"
    assert code_of(fields.Rate, 0) == "out-of-range"


def test_dates_are_dates_that_exist() -> None:
    assert value_of(fields.Day, "2024-02-29") == date(2024, 2, 29)
    for wrong in ("2023-02-29", "2023-2-9", "2023-01-01T00:00:00", 1700000000, "", "0001-01-01", True):
        assert code_of(fields.Day, wrong) in {"not-a-date", "out-of-range"}


@pytest.mark.parametrize("day", ["1900-01-01", "2999-12-31"])
def test_the_first_and_the_last_day_are_taken(day: str) -> None:
    assert value_of(fields.Day, day) == date.fromisoformat(day)


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"])
def test_days_at_the_ends_of_the_calendar_are_refused(day: str) -> None:
    assert code_of(fields.Day, day) == "out-of-range"


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_instants_at_the_ends_of_the_calendar_are_refused(instant: str) -> None:
    assert code_of(fields.Timestamp, instant) == "out-of-range"


def test_times_need_their_offset() -> None:
    assert value_of(fields.Timestamp, "2026-01-31T12:00:00+01:00") == datetime(2026, 1, 31, 11, tzinfo=UTC)
    assert code_of(fields.Timestamp, "2026-01-31T12:00:00") == "offset-required"
    assert code_of(fields.Timestamp, 1700000000) == "not-a-time"
    assert code_of(fields.Timestamp, "2026-01-31T25:00:00Z") == "not-a-time"


def test_a_leap_second_is_taken_as_the_second_before() -> None:
    leap = value_of(fields.Timestamp, "2016-12-31T23:59:60Z")
    assert leap == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_flags_and_line_numbers_are_not_guessed() -> None:
    assert code_of(bool, "yes") == "not-a-boolean"
    assert code_of(fields.LineNo, "10000") == "not-a-number"
    assert code_of(fields.LineNo, 2**40) == "out-of-range"


class Line(msgspec.Struct, frozen=True):
    quantity: fields.Quantity


class Order(msgspec.Struct, frozen=True, kw_only=True):
    no: fields.No
    blocked: Annotated[str, fields.choice("", "ship")] = ""
    lines: Annotated[tuple[Line, ...], Meta(max_length=3)] = ()


class Change(msgspec.Struct, frozen=True, kw_only=True):
    title: fields.Text50 | UnsetType = UNSET
    due: fields.Day | UnsetType | None = UNSET


def refused(value: Any) -> Refusal:
    with pytest.raises(Refusal) as found:
        read(Order, value)
    return found.value


def test_all_violations_are_found_at_once_with_json_pointers_and_without_the_values() -> None:
    refusal = refused({"lines": [{"quantity": "1"}, {"quantity": "4111111111111111"}], "a/b~c": 1})
    assert {(v.pointer, v.code) for v in refusal.violations} == {
        ("/no", "required"),
        ("/lines/1/quantity", "out-of-range"),
        ("/a~1b~0c", "unknown-field"),
    }
    assert "4111" not in str([v.detail for v in refusal.violations])


@pytest.mark.parametrize("number", ['HEX-1/4"UNC', "5%(98/2)", "A#1", "SO/2026/1", "A B", "Ä-1"])
def test_any_printable_character_may_stand_in_a_number(number: str) -> None:
    assert value_of(fields.No, number.lower()) == number


def test_a_number_is_composed_before_it_is_compared() -> None:
    assert value_of(fields.No, "A\u0308") == "Ä"


def test_a_list_that_is_too_long_is_not_looked_into() -> None:
    refusal = refused({"no": "A", "lines": [{"quantity": "x"}] * 4})
    assert [(v.pointer, v.code) for v in refusal.violations] == [("/lines", "too-long")]


def test_reading_stops_after_a_hundred_violations() -> None:
    assert len(refused({f"f{i}": i for i in range(5000)}).violations) <= VIOLATIONS_MAX + 1


def test_one_of_some_words_is_asked_for() -> None:
    assert [(v.pointer, v.code) for v in refused({"no": "A", "blocked": "x"}).violations] == [
        ("/blocked", "not-allowed")
    ]


def test_what_a_change_leaves_out_is_unset_and_null_only_where_it_means_something() -> None:
    assert read(Change, {}) == Change()
    assert read(Change, {"due": None}) == Change(due=None)
    with pytest.raises(Refusal):
        read(Change, {"title": None})


@pytest.mark.parametrize("value", [None, [], "x", 1, True, Decimal("1.5")])
def test_a_struct_is_an_object(value: Any) -> None:
    assert refused(value).code == "not-an-object"


NAMES = ["no", "lines", "quantity", "x"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.decimals(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["no", "lines", "quantity", "x"]), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_whatever_is_sent_it_is_read_or_refused(value: Any) -> None:
    with suppress(Refusal):
        assert isinstance(read(Order, value), Order)
