"""What a probe learns."""

from __future__ import annotations

import asyncio

from deploy.local.settings import free_ports
from eventkit.transaction import Database
from servicekit.health import Readiness, kafka_answers
from servicekit.settings import ServiceSettings
from servicekit.workers import Presence, WorkerState
from tests.integration.eventkit.rig import Rig, running


async def test_ready_with_database_broker_and_worker(rig: Rig) -> None:
    presence = Presence(rig.db, "kit", "one", lambda: WorkerState(relay_active=True, lag={"t": 3}))
    async with running(presence.run):
        await rig.until("SELECT count(*) FROM worker", [(1,)])
        status, document = await Readiness(rig.db, rig.settings, lambda: {"more": 1}).check()
    assert (status, document["status"], document["more"]) == (200, "ok", 1)
    (worker,) = document["workers"]
    assert worker.pop("heartbeat_age_s") < 10
    assert worker == {
        "instance": "one",
        "status": "alive",
        "relay_active": True,
        "jobs_active": False,
        "partitions": 0,
        "lag": {"t": 3},
    }


async def test_without_a_worker_the_service_is_degraded_and_goes_on(rig: Rig) -> None:
    status, document = await Readiness(rig.db, rig.settings).check()
    assert (status, document["status"], document["workers"]) == (200, "degraded", [])
    assert document["checks"] == {"database": True, "kafka": True, "workers": False}


async def test_a_worker_that_is_stopped_is_not_missed(rig: Rig) -> None:
    async with running(Presence(rig.db, "kit", "one", WorkerState).run):
        await rig.until("SELECT count(*) FROM worker", [(1,)])
    assert await rig.rows("SELECT * FROM worker") == []


async def test_without_the_broker_the_service_is_degraded_and_goes_on(rig: Rig) -> None:
    (port,) = free_ports(1)
    settings = rig.settings.model_copy(update={"kafka_bootstrap": f"127.0.0.1:{port}"})
    status, document = await Readiness(rig.db, settings).check()
    assert (status, document["status"]) == (200, "degraded")


async def test_without_the_database_the_service_is_down(rig: Rig) -> None:
    (port,) = free_ports(1)
    db = Database(f"postgresql://sales@127.0.0.1:{port}/none", connect_timeout_s=1)
    status, document = await Readiness(db, rig.settings).check()
    assert (status, document["status"]) == (503, "down")
    await db.close()


async def test_a_broker_that_accepts_but_says_nothing_is_no_broker() -> None:
    asked = asyncio.Event()

    async def mute(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked.wait()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = ServiceSettings(database_url="", kafka_bootstrap=f"127.0.0.1:{port}")
    assert not await kafka_answers(settings)
    asked.set()
    server.close()
