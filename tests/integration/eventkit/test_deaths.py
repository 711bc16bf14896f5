"""What kills its process is found and parked; deaths elsewhere change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventkit.failpoints import EXIT_STATUS
from tests.integration.eventkit.processes import child
from tests.integration.eventkit.rig import THING, Rig
from tests.integration.eventkit.test_reader import SAME_PARTITION


async def test_an_event_that_is_alone_when_it_kills_twice_is_parked_as_killed(rig: Rig) -> None:
    await rig.send((THING, "A", 1, "deadly"))
    for _ in range(2):
        async with child(rig, "work") as process:
            assert await process.status() == 9
    async with child(rig, "work"):
        await rig.until("SELECT no, reason, status FROM parked", [("A", "killed", "parked")], 30)
        await rig.until_read(1)


async def test_among_many_only_the_deadly_event_is_parked(rig: Rig) -> None:
    keys = SAME_PARTITION[:8]
    await rig.send(*((THING, k, 1, "deadly" if k == keys[5] else "fine") for k in keys))
    for _ in range(3):
        async with child(rig, "work") as process:
            assert await process.status() == 9
    async with child(rig, "work"):
        await rig.until_read(8, 30)
    assert await rig.effects() == {k: [(1, "fine")] for k in keys if k != keys[5]}
    assert await rig.rows("SELECT no, reason FROM parked") == [(keys[5], "killed")]


async def test_what_kills_a_process_in_the_midst_of_its_reading_is_parked_too(rig: Rig) -> None:
    """A process that has been reading for a while notes nothing; the one after it does."""
    keys = SAME_PARTITION[:4]
    await rig.send((THING, keys[0], 1, "fine"), (THING, keys[1], 1, "fine"))
    async with child(rig, "work", KOPPEL_ATTEMPTS_NOTED_S="0") as process:
        await rig.until_read(2)
        await rig.send((THING, keys[2], 1, "deadly"))
        assert await process.status() == 9
    assert await rig.rows("SELECT begun_at, attempted_to FROM attempt") == []
    for _ in range(2):
        async with child(rig, "work") as process:
            assert await process.status() == 9
    async with child(rig, "work"):
        await rig.send((THING, keys[3], 1, "fine"))
        await rig.until_read(4, 30)
    assert await rig.effects() == {k: [(1, "fine")] for k in keys if k != keys[2]}
    assert await rig.rows("SELECT no, reason FROM parked") == [(keys[2], "killed")]


@pytest.mark.parametrize("point", ["mid_batch", "after_db_commit_before_offset"])
async def test_death_within_or_after_a_batch_loses_and_doubles_nothing(
    rig: Rig, tmp_path: Path, point: str
) -> None:
    keys = SAME_PARTITION[:8]
    await rig.send(*((THING, k, 1, "once") for k in keys))
    once = str(tmp_path / "died")
    async with child(rig, "work", KOPPEL_FAILPOINT=point, KOPPEL_FAILPOINT_ONCE=once) as first:
        assert await first.status() == EXIT_STATUS
    async with child(rig, "work", KOPPEL_FAILPOINT=point, KOPPEL_FAILPOINT_ONCE=once):
        await rig.until_read(8, 30)
    assert await rig.effects() == {k: [(1, "once")] for k in keys}
    assert await rig.rows("SELECT count(*) FROM parked") == [(0,)]
