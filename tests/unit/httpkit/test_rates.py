from __future__ import annotations

import pytest

from contracts.refusals import Refusal
from httpkit import rates
from httpkit.problems import status_of
from httpkit.rates import Rates


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def refused(limit: Rates, caller: str) -> Refusal | None:
    try:
        limit.count(caller)
    except Refusal as refusal:
        return refusal
    return None


def test_a_caller_may_send_its_burst_at_once_and_then_waits() -> None:
    clock = Clock()
    limit = Rates(0.5, 3, clock)
    assert [refused(limit, "a") for _ in range(3)] == [None] * 3
    refusal = refused(limit, "a")
    assert refusal is not None
    assert (status_of(refusal), refusal.code, refusal.retry_after_s) == (429, "too-many-requests", 2)
    clock.now_s += 2
    assert refused(limit, "a") is None
    assert refused(limit, "a") is not None


def test_a_refused_request_costs_its_caller_nothing() -> None:
    clock = Clock()
    limit = Rates(1.0, 1, clock)
    assert refused(limit, "a") is None
    for _ in range(9):
        clock.now_s += 0.1
        assert refused(limit, "a") is not None
    clock.now_s += 0.2
    assert refused(limit, "a") is None


def test_each_caller_has_its_own_share() -> None:
    limit = Rates(1.0, 1, Clock())
    assert [refused(limit, caller) for caller in ("a", "b")] == [None, None]
    assert refused(limit, "a") is not None


def test_without_a_rate_any_number_is_taken() -> None:
    limit = Rates(0, 0, Clock())
    assert [refused(limit, "a") for _ in range(5)] == [None] * 5


def test_the_table_of_callers_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "CALLERS_MAX", 3)
    limit = Rates(1.0, 1, Clock())
    for caller in "abcdefg":
        limit.count(caller)
    assert len(limit._buckets) == 3
