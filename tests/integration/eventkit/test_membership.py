"""Who reads which partitions, when workers come and go."""

from __future__ import annotations

from eventkit.reader import Reader
from tests.integration.eventkit.rig import PART, SUBSCRIPTIONS, THING, Rig, running
from tests.support.polling import eventually

ALL_PARTITIONS = 3
LONG_MS = 120_000


async def shared_out(*readers: Reader) -> None:
    """Until each has some of the partitions, and none is left over or read twice."""

    async def shares() -> list[int]:
        return [reader.partitions for reader in readers]

    await eventually(shares, lambda found: sum(found) == ALL_PARTITIONS and all(found))


async def test_a_planned_stop_hands_partitions_over(rig: Rig) -> None:
    """The other does not wait for the end of the session, which is later than the test's deadline."""
    staying = rig.reader(SUBSCRIPTIONS, instance="staying", session_timeout_ms=LONG_MS)
    async with running(staying.run):
        leaving = rig.reader(SUBSCRIPTIONS, instance="leaving", session_timeout_ms=LONG_MS)
        async with running(leaving.run):
            await shared_out(staying, leaving)
        things = [(THING, f"T{n}", 1, "fine") for n in range(8)]
        await rig.send(*things, (PART, "P", 1, "fine"))
        await rig.until_effects({no: [(1, "fine")] for _, no, _, _ in things})
        await shared_out(staying)
