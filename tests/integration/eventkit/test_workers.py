"""Workers that hang, and what every process of a service says about all of them."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from deploy.local.settings import free_ports
from eventkit.transaction import Database
from servicekit.gauges import ServiceMetrics
from tests.integration.eventkit.processes import Child, child, output
from tests.integration.eventkit.rig import THING, Rig
from tests.support.polling import eventually

OF_THE_SERVICE: Final = (
    "koppel_outbox_events",
    "koppel_parked",
    "koppel_waiting",
    "koppel_relay_active",
    "koppel_workers_alive",
    "koppel_consumer_lag",
)


async def health(port: int) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        try:
            answer = await client.get(f"http://127.0.0.1:{port}/health/ready", timeout=3)
        except httpx.TransportError:
            return {}
    return {"http": answer.status_code, **answer.json()}


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {worker["instance"]: worker["status"] for worker in document.get("workers", [])}


async def test_a_worker_that_hangs_is_seen_by_the_service_that_stays_ready(rig: Rig) -> None:
    """It says nothing any more; serve answers from the database, and its own work goes on."""
    (port,) = free_ports(1)
    async with (
        child(rig, "serve", KOPPEL_HTTP_PORT=str(port)),
        child(rig, "work", KOPPEL_INSTANCE="one") as worker,
    ):
        await eventually(lambda: health(port), lambda seen: statuses(seen) == {"one": "alive"}, 30)
        worker.send(signal.SIGSTOP)
        seen = await eventually(
            lambda: health(port), lambda seen: statuses(seen) == {"one": "silent"}, deadline_s=20
        )
        assert (seen["http"], seen["status"]) == (200, "degraded")
        values = await metrics(port)
        assert values["koppel_worker_up", "one"] == 0
        assert values["koppel_worker_heartbeat_age_seconds", "one"] > 5
        assert values["koppel_workers_alive", ""] == 0
        assert values["koppel_relay_active", ""] == 0
        worker.send(signal.SIGCONT)
        await eventually(lambda: health(port), lambda seen: statuses(seen) == {"one": "alive"}, 20)


async def test_a_second_worker_of_the_same_name_ends_and_says_why(rig: Rig) -> None:
    """Both would be the same member of the group, and take its partitions from each other without end."""
    async with child(rig, "work", KOPPEL_INSTANCE="one") as first:
        await rig.until("SELECT instance FROM worker", [("one",)], 30)
        status, printed = await output(rig, "work", KOPPEL_INSTANCE="one")
        assert status == 1
        assert "another worker of kit runs as instance 'one'" in printed
        assert "set KOPPEL_INSTANCE" in printed
        assert "Traceback" not in printed
        assert "partitions assigned" not in printed
        await stops(first)


async def stops(process: Child) -> None:
    process.send(signal.SIGTERM)
    assert await process.status() == 0


async def test_workers_of_different_names_run_side_by_side(rig: Rig) -> None:
    async with (
        child(rig, "work", KOPPEL_INSTANCE="one") as first,
        child(rig, "work", KOPPEL_INSTANCE="two") as second,
    ):
        await rig.until("SELECT sum(partitions), count(*) FROM worker", [(3, 2)], 30)
        await rig.until("SELECT count(*) FROM worker WHERE relay_active", [(1,)])
        status, printed = await output(rig, "workers")
        assert status == 0
        rows = [line.split() for line in printed.splitlines()]
        assert [row[:2] for row in rows] == [["worker", "status"], ["one", "alive"], ["two", "alive"]]
        await stops(first)
        await rig.until("SELECT instance, partitions, relay_active FROM worker", [("two", 3, True)])
        await stops(second)
    status, printed = await output(rig, "workers")
    assert (status, printed.splitlines()) == (1, ["no worker runs"])


async def test_a_process_whose_event_loop_stands_still_ends_itself(rig: Rig) -> None:
    """A supervisor then starts it again; the stacks of its threads say where it hung."""
    await rig.send((THING, "A", 1, "hanging"))
    status, printed = await output(rig, "work", KOPPEL_HANG_TIMEOUT_S="5")
    assert status == 1
    assert "in deadly" in printed


async def test_every_process_says_the_same_about_the_service(rig: Rig) -> None:
    """One scrape tells the truth, whichever process answers."""
    serve, work = free_ports(2)
    async with rig.db.begin() as tx:
        await tx.run(text("INSERT INTO outbox (occurred_at, events, body) VALUES (now(), 2, '[]')"))
    await rig.send((THING, "A", 1, "poison"), (THING, "B", 1, "needs:P"))
    async with child(rig, "serve", KOPPEL_HTTP_PORT=str(serve)):
        async with child(rig, "work", KOPPEL_WORK_HTTP_PORT=str(work), KOPPEL_INSTANCE="one"):
            await rig.until("SELECT count(*) FROM parked", [(1,)], 30)
            await rig.until("SELECT count(*) FROM waiting", [(1,)])

            async def both() -> list[dict[tuple[str, str], float]]:
                return [only(await metrics(port), OF_THE_SERVICE) for port in (serve, work)]

            first, second = await eventually(
                both, lambda seen: seen[0] == seen[1] and seen[0]["koppel_outbox_events", ""] == 0
            )
        assert first == second
        assert first["koppel_parked", "error"] == 1
        assert first["koppel_parked", "killed"] == 0
        assert first["koppel_waiting", ""] == 1
        assert first["koppel_relay_active", ""] == 1
        assert first["koppel_consumer_lag", "kit.thing.v1"] == 0
        parked = await metrics(serve)
        assert parked["koppel_parked_age_seconds", "error"] > 0


async def test_without_a_database_nothing_is_said_about_the_service(rig: Rig) -> None:
    """A zero would be false; an alarm sees that the database does not answer."""
    (port,) = free_ports(1)
    db = Database(f"postgresql://sales@127.0.0.1:{port}/none", connect_timeout_s=1)
    values = values_of((await ServiceMetrics(db, "kit", "serve", rig.settings).render()).decode())
    await db.close()
    assert values["koppel_database_up", ""] == 0
    assert only(values, OF_THE_SERVICE) == {}


async def test_metrics_say_which_service_and_which_build_they_are_of(rig: Rig) -> None:
    async with rig.db.read():
        page = (await ServiceMetrics(rig.db, "kit", "serve", rig.settings).render()).decode()
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    assert {sample.labels["service"] for sample in samples} == {"kit"}
    (build,) = [sample.labels for sample in samples if sample.name == "koppel_build_info"]
    assert build.keys() == {"service", "role", "instance", "version", "revision", "python"}
    used = {
        (s.labels["pool"], s.labels["state"]): s.value
        for s in samples
        if s.name == "koppel_database_connections"
    }
    assert used["queries", "used"] >= 1
    assert used.keys() == {(pool, state) for pool in ("acts", "queries") for state in ("used", "idle")}


async def test_how_late_the_event_loop_is_can_be_seen(rig: Rig) -> None:
    (port,) = free_ports(1)
    async with child(rig, "serve", KOPPEL_HTTP_PORT=str(port)):
        await eventually(
            lambda: metrics(port),
            lambda seen: seen.get(("koppel_event_loop_lag_seconds_count", ""), 0) > 0,
            30,
        )


async def test_at_the_level_debug_the_log_says_for_each_event_what_was_decided(
    rig: Rig, tmp_path: Path
) -> None:
    """With the ids that lead from an event to what it caused, and to the request that began it."""
    log = tmp_path / "work.log"
    await rig.publish(THING, "A", 1, "fine")
    await rig.publish(THING, "B", 1, "poison")
    async with child(rig, "work", KIT_LOG=str(log), KOPPEL_LOG_LEVEL="debug") as worker:
        await rig.until("SELECT count(*) FROM parked", [(1,)], 30)
        await rig.until_effects({"A": [(1, "fine")]})
        await stops(worker)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    decided = {line["no"]: line for line in lines if line["event"] == "event decided"}
    assert {no: line["outcome"] for no, line in decided.items()} == {"A": "applied", "B": "parked"}
    told = {"type", "version", "topic", "partition", "offset", "id", "correlation_id", "by", "service"}
    assert decided["A"].keys() >= told
    assert decided["A"]["by"] == "tester"


async def metrics(port: int) -> dict[tuple[str, str], float]:
    """Values by name and the one label that tells apart, as a scrape finds them."""
    async with httpx.AsyncClient() as client:
        try:
            page = (await client.get(f"http://127.0.0.1:{port}/metrics", timeout=10)).text
        except httpx.TransportError:
            return {}
    return values_of(page)


def values_of(page: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, label_of(sample.labels)): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def label_of(labels: dict[str, str]) -> str:
    return next((labels[name] for name in ("reason", "topic", "worker") if name in labels), "")


def only(values: dict[tuple[str, str], float], names: tuple[str, ...]) -> dict[tuple[str, str], float]:
    return {key: value for key, value in values.items() if key[0] in names}
