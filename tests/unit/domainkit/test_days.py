"""Days before and after others, also at the ends of the calendar."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fields import FIRST_DAY, LAST_DAY
from domainkit.days import days_after

LONGEST = 36_500


def test_days_are_added_and_taken_off() -> None:
    assert days_after(date(2026, 2, 27), 3) == date(2026, 3, 2)
    assert days_after(date(2026, 3, 2), -3) == date(2026, 2, 27)


@pytest.mark.parametrize(("day", "days", "result"), [(date.max, 1, date.max), (date.min, -1, date.min)])
def test_the_calendar_ends_a_calculation(day: date, days: int, result: date) -> None:
    assert days_after(day, days) == result


@given(st.dates(FIRST_DAY, LAST_DAY), st.lists(st.integers(-LONGEST, LONGEST), max_size=3))
def test_lead_and_handling_times_of_any_accepted_day_are_exact(day: date, moves: list[int]) -> None:
    moved = day
    for days in moves:
        moved = days_after(moved, days)
    assert (moved - day).days == sum(moves)
