"""What a probe learns."""

from __future__ import annotations

import asyncio

from deploy.local.settings import free_ports
from eventkit.transaction import Database
from servicekit.health import Readiness, kafka_answers
from tests.integration.eventkit.rig import Rig


async def test_ready_with_database_and_broker(rig: Rig) -> None:
    status, document = await Readiness(rig.db, rig.settings, lambda: {"lag": {}}).check()
    assert (status, document["status"], document["lag"]) == (200, "ok", {})


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
    assert not await kafka_answers(f"127.0.0.1:{port}")
    asked.set()
    server.close()
