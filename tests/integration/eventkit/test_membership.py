"""Who reads which partitions, when workers come and go."""

from __future__ import annotations

import time

from eventkit.reader import Reader
from tests.integration.eventkit.rig import PART, SUBSCRIPTIONS, THING, Rig, running
from tests.support.polling import eventually

ALL_PARTITIONS = 3
HAND_OVER_S = 1.0


async def shared_out(*readers: Reader) -> None:
    """Until each has some of the partitions, and none is left over or read twice."""

    async def shares() -> list[int]:
        return [reader.partitions for reader in readers]

    await eventually(shares, lambda found: sum(found) == ALL_PARTITIONS and all(found))


async def test_a_planned_stop_hands_partitions_over_within_a_second(rig: Rig) -> None:
    """The session of the member that stops would end after six seconds."""
    staying = rig.reader(SUBSCRIPTIONS, instance="staying")
    async with running(staying.run):
        leaving = rig.reader(SUBSCRIPTIONS, instance="leaving")
        async with running(leaving.run):
            await shared_out(staying, leaving)
            began = time.monotonic()
        things = [(THING, f"T{n}", 1, "fine") for n in range(8)]
        await rig.send(*things, (PART, "P", 1, "fine"))
        await rig.until_effects({no: [(1, "fine")] for _, no, _, _ in things})
        assert time.monotonic() - began < HAND_OVER_S
        await shared_out(staying)
