"""The commands as processes of their own."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx

from deploy.local.settings import free_ports
from eventkit.transaction import Database
from tests.integration.eventkit.processes import child, output
from tests.integration.eventkit.rig import Rig
from tests.support.polling import eventually


async def answers(url: str) -> int:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(url, timeout=3)).status_code
        except httpx.TransportError:
            return 0


async def test_an_act_over_http_reaches_the_consumer_through_two_processes(rig: Rig) -> None:
    http, health = free_ports(2)
    async with (
        child(rig, "serve", KOPPEL_HTTP_PORT=str(http)) as serve,
        child(rig, "work", KOPPEL_WORK_HTTP_PORT=str(health)) as work,
    ):
        for port in (http, health):
            await eventually(lambda p=port: answers(f"http://127.0.0.1:{p}/health/ready"), lambda s: s == 200)
        async with httpx.AsyncClient() as client:
            assert (await client.post(f"http://127.0.0.1:{http}/things/A")).status_code == 201
            await rig.until_effects({"A": [(1, "posted")]})
            metrics = (await client.get(f"http://127.0.0.1:{health}/metrics")).text
        assert 'koppel_consumer_events_total{outcome="applied",topic="kit.thing.v1"} 1.0' in metrics
        for process in (serve, work):
            process.send(signal.SIGTERM)
            assert await process.status() == 0


async def test_migrate_makes_tables_and_topics_and_may_be_repeated(
    rig: Rig, fresh_database: Callable[..., Awaitable[str]], topic_prefix: str
) -> None:
    url = await fresh_database("sales", migrated=False)
    empty = replace(
        rig,
        settings=rig.settings.model_copy(update={"database_url": url, "topic_prefix": topic_prefix + "m."}),
    )
    for _ in range(2):
        status, printed = await output(empty, "migrate")
        assert status == 0, printed
    db = Database(url)
    assert await replace(rig, db=db).rows("SELECT count(*) FROM outbox") == [(0,)]
    await db.close()


async def test_migrate_refuses_another_number_of_partitions(rig: Rig) -> None:
    status, printed = await output(rig, "migrate", KOPPEL_PARTITIONS="5")
    assert status == 1
    assert "has 2 partitions, the setting says 5" in printed
