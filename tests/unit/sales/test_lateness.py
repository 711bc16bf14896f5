"""Why orders of tills have no sales order yet (POS-108)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sales.domain.channel.lateness import Late, warning

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HELD, DEAD = Late("held", ""), Late("dead", "data")
REFUSED, UNMAPPED, NEW = Late("failed", "data"), Late("failed", "configuration"), Late("pulled", "")


def said(*late: Late, paused: bool = False, interval_s: float = 5) -> str | None:
    return warning(late, paused=paused, interval_s=interval_s, last_run_at=NOW, now=NOW)


@pytest.mark.parametrize(
    ("late", "reason"),
    [
        ((), None),
        ((HELD,), "held"),
        ((HELD, DEAD), "failed"),
        ((HELD, REFUSED, UNMAPPED), "configuration"),
        ((HELD, UNMAPPED, NEW), "backlog"),
    ],
)
def test_the_first_reason_that_a_person_can_remove_is_named(
    late: tuple[Late, ...], reason: str | None
) -> None:
    """POS-108: held, refused, a store that is not mapped, a backlog."""
    assert said(*late) == reason


def test_a_queue_that_stands_keeps_all_others_back() -> None:
    """POS-108."""
    assert said(NEW, paused=True) == "paused"
    assert said(NEW, interval_s=0) == "job-off"
