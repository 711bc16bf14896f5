"""Waiting for what happens elsewhere: polled, with a deadline, never a bare sleep."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
POLL_INTERVAL_S = 0.02


async def eventually(
    read: Callable[[], Awaitable[T]], holds: Callable[[T], bool], deadline_s: float = 15.0
) -> T:
    """The first value for which the condition holds; fails with the last one seen."""
    end = time.monotonic() + deadline_s
    while True:
        value = await read()
        if holds(value):
            return value
        if time.monotonic() > end:
            message = f"not after {deadline_s} s; last seen: {value!r}"
            raise AssertionError(message)
        await asyncio.sleep(POLL_INTERVAL_S)
