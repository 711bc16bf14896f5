"""From a transaction through outbox, Kafka and reader into another transaction."""

from __future__ import annotations

from tests.integration.eventkit.rig import THING, Rig, running


async def test_a_committed_event_arrives_once_with_its_copy(rig: Rig) -> None:
    async with running(rig.relay().run, rig.reader().run):
        await rig.publish(THING, "A", 1, "first")
        await rig.until_effects({"A": [(1, "first")]})
        await rig.until("SELECT kind, no, version, body->>'value' FROM copy", [("thing", "A", 1, "first")])
        await rig.until("SELECT count(*) FROM outbox", [(0,)])
