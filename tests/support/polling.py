"""Waiting for what happens elsewhere: polled, with a deadline, never a bare sleep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from deploy.local.client import until

T = TypeVar("T")
POLL_INTERVAL_S = 0.02
DEADLINE_S = 30.0
"""Long, for busy machines; shorter than what tests set aside as too late (intervals of polling, sessions)."""


async def eventually(
    read: Callable[[], Awaitable[T]], holds: Callable[[T], bool], deadline_s: float = DEADLINE_S
) -> T:
    """The first value for which the condition holds; fails with the last one seen."""
    try:
        return await until(read, holds, deadline_s=deadline_s, every_s=POLL_INTERVAL_S)
    except TimeoutError as late:
        raise AssertionError(str(late)) from late
