from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from functools import partial

from httpkit.waiting import Waiters
from tests.support.polling import eventually


class Rows:
    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.reads: list[set[str]] = []
        self.error: Exception | None = None

    async def read(self, keys: Collection[str]) -> Mapping[str, int]:
        self.reads.append(set(keys))
        if self.error is not None:
            raise self.error
        return {k: v for k, v in self.values.items() if k in keys}

    async def read_at_least(self, times: int) -> None:
        async def count() -> int:
            return len(self.reads)

        await eventually(count, lambda n: n >= times)


def contains(key: str, now: Mapping[str, int]) -> bool:
    return key in now


def waiters(rows: Rows, most: int = 10, most_of_a_caller: int = 10) -> Waiters[str, int]:
    return Waiters("test", rows.read, interval_s=0.005, most=most, most_of_a_caller=most_of_a_caller)


async def polling(waiting: Waiters[str, int]) -> bool:
    return waiting._poller is not None


async def test_all_who_wait_share_one_reading() -> None:
    rows = Rows()
    waiting = waiters(rows)
    tasks = [asyncio.create_task(waiting.until([key], partial(contains, key), 5)) for key in ("a", "b") * 20]
    await rows.read_at_least(2)
    rows.values = {"a": 1}
    first = await asyncio.gather(*tasks[::2])
    rows.values["b"] = 2
    await asyncio.gather(*tasks[1::2])
    assert all(found == {"a": 1} for found in first)
    assert rows.reads[0] == {"a", "b"}
    assert rows.reads[-1] == {"b"}
    assert len(rows.reads) < 40


async def test_nobody_waits_longer_than_asked_and_nobody_is_polled_for_then() -> None:
    rows = Rows()
    waiting = waiters(rows)
    assert await waiting.until(["a"], lambda now: "a" in now, 0.03) is None
    await eventually(lambda: polling(waiting), lambda polls: not polls)


async def test_a_database_that_is_away_for_a_moment_does_not_end_the_waiting() -> None:
    rows = Rows()
    waiting = waiters(rows)
    rows.error = ConnectionResetError()
    task = asyncio.create_task(waiting.until(["a"], lambda now: "a" in now, 5))
    await rows.read_at_least(1)
    rows.error, rows.values = None, {"a": 1}
    assert await task == {"a": 1}


async def test_one_too_many_gets_no_slot_and_a_slot_is_given_back() -> None:
    waiting = waiters(Rows(), most=1)
    with waiting.slot("a") as first, waiting.slot("b") as second:
        assert (first, second) == (True, False)
    with waiting.slot("b") as later:
        assert later
    assert waiting.taken == 0


async def test_one_caller_cannot_take_all_slots() -> None:
    waiting = waiters(Rows(), most=3, most_of_a_caller=2)
    with waiting.slot("a"), waiting.slot("a"), waiting.slot("a") as third, waiting.slot("b") as other:
        assert (third, other) == (False, True)
    assert waiting.taken == 0
