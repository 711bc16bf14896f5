"""An idle system answers at once, a busy one gathers."""

from __future__ import annotations

import pytest

from eventkit.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_idle_reader_never_waits() -> None:
    clock = Clock()
    pace = Pace(spacing_s=0.03, spacing_max_s=0.1, from_events_per_s=200, full=500, clock=clock)
    assert pace.wait_s() == 0
    for _ in range(50):
        pace.began(2)
        assert pace.wait_s() == 0
        clock.now += 0.05


def test_a_busy_reader_spaces_its_batches() -> None:
    clock = Clock()
    pace = Pace(spacing_s=0.03, spacing_max_s=0.1, from_events_per_s=200, full=500, clock=clock)
    pace.began(300)
    clock.now += 0.01
    assert pace.wait_s() == pytest.approx(0.02)
    clock.now += 0.05
    assert pace.wait_s() == 0


def test_slow_batches_begin_further_apart_but_not_without_bound() -> None:
    clock = Clock()
    pace = Pace(spacing_s=0.03, spacing_max_s=0.1, from_events_per_s=200, full=500, clock=clock)
    pace.began(300)
    clock.now += 0.02
    assert pace.wait_s() == pytest.approx(0.04)
    clock.now += pace.wait_s()
    pace.began(300)
    clock.now += 0.06
    assert pace.wait_s() == pytest.approx(0.04)


def test_a_reader_that_gets_quiet_again_stops_waiting() -> None:
    clock = Clock()
    pace = Pace(spacing_s=10, spacing_max_s=10, from_events_per_s=200, full=500, clock=clock)
    pace.began(400)
    assert pace.wait_s() > 0
    clock.now += 1
    assert pace.wait_s() == 0


def test_a_backlog_is_drained_without_a_pause() -> None:
    pace = Pace(spacing_s=10, spacing_max_s=10, from_events_per_s=200, full=500, clock=Clock())
    pace.began(500)
    assert pace.wait_s() == 0
