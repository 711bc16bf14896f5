"""When an order of a till is late on its way to sales, and which job is why (POS-108)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domainkit.lateness import is_late, why_late

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(("minutes", "late"), [(None, False), (14, False), (15, True)])
def test_an_order_is_late_after_15_minutes(minutes: int | None, *, late: bool) -> None:
    """POS-108."""
    since = None if minutes is None else NOW - timedelta(minutes=minutes)

    assert is_late(since, NOW) is late


@pytest.mark.parametrize(
    ("interval_s", "minutes", "reason"),
    [
        (0, 1, "job-off"),
        (5, None, "job-ended"),
        (5, 16, "job-ended"),
        (5, 1, "backlog"),
        (3600, 59, "backlog"),
        (3600, 76, "job-ended"),
    ],
)
def test_the_job_says_why_its_orders_are_late(interval_s: float, minutes: int | None, reason: str) -> None:
    """POS-108: a job of a long interval has not ended before its next run is late."""
    last_run_at = None if minutes is None else NOW - timedelta(minutes=minutes)

    assert why_late(interval_s, last_run_at, NOW) == reason
