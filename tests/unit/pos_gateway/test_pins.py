"""Which PINs may be set, and how long a pause after wrong ones lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.refusals import Refusal
from pos_gateway.domain.terminals.pins import check_pin
from pos_gateway.domain.terminals.sign_on_tries import Tries, TriesLimit

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LIMIT = TriesLimit(tries=3, first_pause=timedelta(minutes=5), longest_pause=timedelta(minutes=30))


def counted(times: int, tries: Tries | None = None, at: datetime = NOW) -> Tries:
    found = tries or Tries(0, NOW)
    for _ in range(times):
        found = LIMIT.counted(found, at)
    return found


@pytest.mark.parametrize(
    "pin", ["0000", "111111", "1234", "0123", "7890", "4321", "9876", "1212", "123123", "abab", "w7-1"]
)
def test_an_obvious_pin_is_refused(pin: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_pin(pin, "W7-1")
    assert refusal.value.code == "pin-too-simple"
    assert pin not in refusal.value.violations[0].detail


@pytest.mark.parametrize("pin", ["4711", "2718", "1357", "1243", "11223", "abcd"])
def test_other_pins_are_taken(pin: str) -> None:
    check_pin(pin, "W7-1")


def test_tries_below_the_limit_bring_no_pause() -> None:
    assert LIMIT.wait(counted(2), NOW) == timedelta()


@pytest.mark.parametrize(("failures", "minutes"), [(3, 5), (6, 10), (9, 20), (12, 30), (3000, 30)])
def test_each_pause_is_twice_as_long_up_to_the_longest(failures: int, minutes: int) -> None:
    assert LIMIT.wait(counted(failures), NOW) == timedelta(minutes=minutes)


def test_a_pause_ends() -> None:
    assert LIMIT.wait(counted(3), NOW + timedelta(minutes=5)) == timedelta()


def test_waiting_does_not_make_the_next_pause_shorter() -> None:
    later = NOW + timedelta(hours=5)
    assert LIMIT.wait(counted(3, counted(3), at=later), later) == timedelta(minutes=10)


def test_after_a_day_the_count_begins_anew() -> None:
    tomorrow = NOW + timedelta(days=1)
    assert counted(1, counted(9), at=tomorrow) == Tries(1, tomorrow)


def test_a_right_pin_takes_its_try_back_and_the_pause_that_it_brought() -> None:
    assert LIMIT.taken_back(counted(3)) == Tries(2, NOW)
    assert LIMIT.taken_back(counted(2)) == Tries(1, NOW)
    assert LIMIT.taken_back(Tries(0, NOW)) == Tries(0, NOW)
