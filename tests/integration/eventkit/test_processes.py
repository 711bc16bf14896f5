"""The commands as processes of their own."""

from __future__ import annotations

import signal
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import text

from deploy.local.settings import free_ports
from eventkit.transaction import Database
from tests.integration.eventkit.processes import child, output
from tests.integration.eventkit.rig import THING, Rig, running
from tests.support.databases import Databases
from tests.support.polling import eventually


async def answers(url: str) -> int:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(url, timeout=3)).status_code
        except httpx.TransportError:
            return 0


async def until_ready(port: int) -> None:
    await eventually(lambda: answers(f"http://127.0.0.1:{port}/health/ready"), lambda status: status == 200)


async def test_an_act_over_http_reaches_the_consumer_through_two_processes(rig: Rig) -> None:
    http, health = free_ports(2)
    async with (
        child(rig, "serve", KOPPEL_HTTP_PORT=str(http)) as serve,
        child(rig, "work", KOPPEL_WORK_HTTP_PORT=str(health)) as work,
    ):
        for port in (http, health):
            await until_ready(port)
        async with httpx.AsyncClient() as client:
            assert (await client.post(f"http://127.0.0.1:{http}/things/A")).status_code == 201
            await rig.until_effects({"A": [(1, "posted")]})
            metrics = (await client.get(f"http://127.0.0.1:{health}/metrics")).text
        labels = 'outcome="applied",role="work",service="kit",topic="kit.thing.v1"'
        assert f"koppel_consumer_events_total{{{labels}}} 1.0" in metrics
        for process in (serve, work):
            process.send(signal.SIGTERM)
            assert await process.status() == 0


async def test_work_waits_for_a_database_that_takes_no_connections(rig: Rig, databases: Databases) -> None:
    (health,) = free_ports(1)
    async with child(rig, "work", KOPPEL_WORK_HTTP_PORT=str(health)) as work:
        await until_ready(health)
        await databases.take_connections(rig.settings.database_url, allowed=False)
        url = f"http://127.0.0.1:{health}/health/ready"
        await eventually(lambda: answers(url), lambda status: status == 503)
        with pytest.raises(TimeoutError):
            await work.status(deadline_s=8)
        await databases.take_connections(rig.settings.database_url, allowed=True)
        await until_ready(health)
        await rig.send((THING, "A", 1, "after"))
        await rig.until_effects({"A": [(1, "after")]})


async def test_health_and_metrics_can_have_a_port_of_their_own(rig: Rig) -> None:
    http, inside = free_ports(2)
    ports = {"KOPPEL_HTTP_PORT": str(http), "KOPPEL_INTERNAL_HTTP_PORT": str(inside)}
    async with child(rig, "serve", **ports) as serve:
        await until_ready(inside)
        url = f"http://127.0.0.1:{inside}"
        assert await answers(f"{url}/metrics") == 200
        assert await answers(f"{url}/things/A") == 404
        serve.send(signal.SIGTERM)
        assert await serve.status() == 0


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


async def test_migrate_refuses_another_number_of_partitions(
    rig: Rig, fresh_database: Callable[..., Awaitable[str]]
) -> None:
    url = await fresh_database("sales", migrated=False)
    status, printed = await output(rig, "migrate", KOPPEL_DATABASE_URL=url, KOPPEL_PARTITIONS="5")
    assert status == 1
    assert "has 2 partitions, the setting says 5" in printed


async def test_republish_brings_a_lost_copy_back_at_the_same_version(rig: Rig) -> None:
    async with running(rig.relay().run, rig.reader().run):
        for no in ("A", "B"):
            await rig.publish(THING, no, 3, "original")
        await rig.until_effects({"A": [(3, "original")], "B": [(3, "original")]})
        async with rig.db.begin() as tx:
            await tx.run(text("DELETE FROM copy WHERE no = 'A'"))
        status, printed = await output(rig, "republish", "thing", "--key", "A")
        assert status == 0, printed
        assert printed.splitlines()[-1] == "1 published"
        assert "\r" not in printed
        await rig.until("SELECT version FROM copy WHERE no = 'A'", [(3,)])
    assert await rig.effects() == {"A": [(3, "original"), (3, "again")], "B": [(3, "original")]}


async def test_republish_names_what_the_service_owns(rig: Rig) -> None:
    status, printed = await output(rig, "republish", "unheard-of")
    assert status == 1
    assert "it owns thing" in printed


@pytest.mark.parametrize(
    ("role", "variable"), [("serve", "KOPPEL_HTTP_PORT"), ("work", "KOPPEL_WORK_HTTP_PORT")]
)
async def test_a_taken_port_ends_a_process_with_one_line(rig: Rig, role: str, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, printed = await output(rig, role, **{variable: str(port)})
    assert status == 1
    line = f"kit {role}: cannot listen on 127.0.0.1:{port}, address already in use; set {variable}"
    assert printed.splitlines() == [line]


async def test_jobs_run_and_health_answers_without_a_broker(rig: Rig) -> None:
    health, dead = free_ports(2)
    broker = f"127.0.0.1:{dead}"
    async with child(
        rig, "work", KOPPEL_WORK_HTTP_PORT=str(health), KOPPEL_KAFKA_BOOTSTRAP=broker, KIT_TICK_S="0.05"
    ) as work:
        await rig.until("SELECT count(*) > 2 FROM effect WHERE kind = 'job'", [(True,)], 30)
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{health}/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        work.send(signal.SIGTERM)
        assert await work.status() == 0
