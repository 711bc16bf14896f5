from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from contracts.refusals import Refusal
from httpkit.commit_queue import LATER, CommitQueue, DecideAgain, Later
from httpkit.limits import Limits
from httpkit.problems import status_of


class Store:
    """Stands for the transaction: notes what it was given, throws what a test wants."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.bad: set[int] = set()
        self.again: dict[int, int] = {}
        self.later: set[int] = set()
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, calls: Sequence[int]) -> list[int | Later]:
        self.batches.append(list(calls))
        self.entered.set()
        await self.gate.wait()
        for call in calls:
            if self.again.get(call, 0) > 0:
                self.again[call] -= 1
                raise DecideAgain
        if self.bad.intersection(calls):
            raise ZeroDivisionError(str(calls))
        outcomes: list[int | Later] = [LATER if c in self.later else c * 10 for c in calls]
        self.later.difference_update(calls)
        return outcomes


@pytest.fixture
def store() -> Store:
    return Store()


def lane(store: Store, **limits: float) -> CommitQueue[int, int]:
    return CommitQueue("test", store, Limits(**limits))  # type: ignore[arg-type]


async def together(
    lane: CommitQueue[int, int], store: Store, calls: Sequence[int]
) -> list[int | BaseException]:
    """Submit the calls so that they wait behind a running transaction."""
    store.gate.clear()
    first = asyncio.create_task(lane.submit(0))
    await store.entered.wait()
    tasks = [asyncio.create_task(lane.submit(c)) for c in calls]
    await asyncio.sleep(0)
    store.gate.set()
    assert await first == 0
    store.batches.pop(0)
    return list(await asyncio.gather(*tasks, return_exceptions=True))


async def test_an_idle_lane_stores_at_once_and_alone(store: Store) -> None:
    idle = lane(store)
    assert [await idle.submit(1), await idle.submit(2)] == [10, 20]
    assert store.batches == [[1], [2]]


async def test_calls_that_wait_are_stored_together_in_their_order(store: Store) -> None:
    assert await together(lane(store), store, range(1, 6)) == [10, 20, 30, 40, 50]
    assert store.batches == [[1, 2, 3, 4, 5]]


async def test_a_batch_is_bounded(store: Store) -> None:
    await together(lane(store, batch_max_commands=2), store, range(1, 6))
    assert store.batches == [[1, 2], [3, 4], [5]]


async def test_the_culprit_of_an_error_stands_alone_in_the_end(store: Store) -> None:
    store.bad = {3}
    outcomes = await together(lane(store), store, range(1, 5))
    assert outcomes[:2] == [10, 20]
    assert isinstance(outcomes[2], ZeroDivisionError)
    assert outcomes[3] == 40
    assert store.batches == [[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]


async def test_one_that_lost_a_race_is_decided_again_and_not_for_ever(store: Store) -> None:
    store.again = {1: 2, 2: 99}
    patient = lane(store, decide_again_times=3)
    assert await patient.submit(1) == 10
    with pytest.raises(DecideAgain):
        await patient.submit(2)
    assert store.batches == [[1]] * 3 + [[2]] * 3


async def test_a_call_for_later_is_in_the_next_batch(store: Store) -> None:
    store.later = {2}
    assert await together(lane(store), store, [1, 2, 3]) == [10, 20, 30]
    assert store.batches == [[1, 2, 3], [2]]


async def test_a_caller_that_gave_up_is_not_stored(store: Store) -> None:
    busy = lane(store)
    store.gate.clear()
    first = asyncio.create_task(busy.submit(1))
    await store.entered.wait()
    gone, stays = asyncio.create_task(busy.submit(2)), asyncio.create_task(busy.submit(3))
    await asyncio.sleep(0)
    gone.cancel()
    store.gate.set()
    assert [await first, await stays] == [10, 30]
    assert store.batches == [[1], [3]]


async def test_an_unreachable_database_is_not_asked_again_for_each(store: Store) -> None:
    calls: list[int] = []

    async def down(batch: Sequence[int]) -> list[int | Later]:
        calls.append(len(batch))
        store.entered.set()
        await store.gate.wait()
        raise ConnectionRefusedError

    cut: CommitQueue[int, int] = CommitQueue("down", down, Limits())
    store.gate.clear()
    tasks = [asyncio.create_task(cut.submit(i)) for i in range(8)]
    await store.entered.wait()
    store.gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(o, ConnectionRefusedError) for o in outcomes)
    assert sum(calls) == 8
    assert len(calls) <= 2


async def test_a_full_queue_refuses_at_once(store: Store) -> None:
    full = lane(store, queue_max_commands=2)
    store.gate.clear()
    tasks = [asyncio.create_task(full.submit(1))]
    await store.entered.wait()
    tasks += [asyncio.create_task(full.submit(i)) for i in (2, 3)]
    await asyncio.sleep(0)
    with pytest.raises(Refusal) as refused:
        await full.submit(4)
    assert (status_of(refused.value), refused.value.code, refused.value.retry_after_s) == (
        503,
        "overloaded",
        1,
    )
    store.gate.set()
    assert await asyncio.gather(*tasks) == [10, 20, 30]


async def test_nobody_waits_longer_than_the_deadline(store: Store) -> None:
    patient = lane(store, act_deadline_s=0.5)
    assert await patient.submit(1) == 10
    store.gate.clear()
    calls = [asyncio.create_task(patient.submit(n)) for n in (2, 3)]
    found = await asyncio.gather(*calls, return_exceptions=True)

    assert [error.code for error in found if isinstance(error, Refusal)] == ["outcome-unknown"] * 2
    store.gate.set()
    assert await patient.submit(4) == 40
