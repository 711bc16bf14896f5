"""The two processes of a service: `serve` answers HTTP, `work` relays, reads events and runs jobs."""

from __future__ import annotations

import asyncio
from functools import partial
from socket import socket
from typing import Any

import structlog

from eventkit.kafka_sink import KafkaSink
from eventkit.kafka_source import KafkaSource
from eventkit.processing import Processor
from eventkit.reader import Reader
from eventkit.redrive import Sweep
from eventkit.relay import Relay
from eventkit.republish import read_back
from eventkit.transaction import Database
from servicekit.gauges import ServiceMetrics
from servicekit.health import Readiness, application
from servicekit.http_server import http_server, listen
from servicekit.jobs import Jobs
from servicekit.runner import freeze_after_start, run_together
from servicekit.service import Service
from servicekit.watchdog import watch_loop
from servicekit.workers import Presence, WorkerState

_START_RETRY_S = 1.0
_WATCH_INTERVAL_S = 1.0
_log = structlog.get_logger(__name__)


async def serve(service: Service) -> int:
    """Answer HTTP until stopped; returns the exit status."""
    s = service.settings
    listening = listen(s.http_host, s.http_port, "KOPPEL_HTTP_PORT")
    db = _database(service, "serve", s.serve_pool_size, s.serve_statement_timeout_s)
    server = http_server(service.http(db), listening, s.stop_deadline_s)
    tasks: dict[str, Any] = {
        "http": server.run_until_cancelled,
        "watchdog": partial(watch_loop, s.hang_timeout_s),
        "freeze": freeze_after_start,
    }
    if s.internal_http_port:
        inside = listen(s.http_host, s.internal_http_port, "KOPPEL_INTERNAL_HTTP_PORT")
        metrics = ServiceMetrics(db, service.name, "serve", s, service.gauges)
        internal = http_server(application(Readiness(db, s), metrics), inside, s.stop_deadline_s)
        tasks["internal http"] = internal.run_until_cancelled
    try:
        return await run_together(tasks, s.stop_deadline_s)
    finally:
        await db.close()


async def work(service: Service) -> int:
    """Relay, read events and run jobs until stopped; returns the exit status."""
    s = service.settings
    listening = listen(s.http_host, s.work_http_port, "KOPPEL_WORK_HTTP_PORT")
    db = _database(service, "work", s.work_pool_size, s.work_statement_timeout_s)
    try:
        return await run_together(Worker(service, db).tasks(listening), s.stop_deadline_s)
    finally:
        await db.close()


def _database(service: Service, role: str, pool_size: int, statement_timeout_s: float) -> Database:
    return Database(
        service.settings.database_url,
        pool_size=pool_size,
        application=f"{service.name} {role}",
        connect_timeout_s=service.settings.connect_timeout_s,
        statement_timeout_s=statement_timeout_s,
        timelines=service.timelines,
    )


class Worker:
    """The tasks of a `work` process."""

    def __init__(self, service: Service, db: Database) -> None:
        self._service = service
        self._settings = service.settings
        self._db = db
        self._subscriptions = [
            *service.subscriptions,
            *read_back(service.kinds.values(), service.owned_topics, service.current, service.subscriptions),
        ]
        self._jobs = Jobs(db, service.jobs)
        self._presence = Presence(db, service.name, service.settings.instance, self._state)
        self._reader: Reader | None = None
        self._relay = Relay(
            url=db.url,
            service=service.name,
            sink=KafkaSink(service.settings, service.name),
            wakeup=db.wakeup,
            settings=service.settings,
        )

    def tasks(self, listening: socket) -> dict[str, Any]:
        """The tasks by name; each runs as long as the process. Health and metrics are answered on the socket."""
        s = self._settings
        metrics = ServiceMetrics(self._db, self._service.name, "work", s, self._service.gauges)
        health = application(Readiness(self._db, s), metrics)
        server = http_server(health, listening, s.stop_deadline_s)
        tasks: dict[str, Any] = {
            "health": server.run_until_cancelled,
            "presence": self._presence.run,
            "relay": self._relay.run,
            "watchdog": partial(watch_loop, s.hang_timeout_s),
            "freeze": freeze_after_start,
        }
        if self._subscriptions:
            tasks["reader"] = self._read
        if self._service.jobs:
            tasks["jobs"] = self._jobs.run
        return tasks

    def _state(self) -> WorkerState:
        return WorkerState(
            relay_active=self._relay.active,
            jobs_active=self._jobs.active,
            partitions=self._reader.partitions if self._reader else 0,
            lag=self._reader.lag() if self._reader else {},
        )

    async def _read(self) -> None:
        await self._presence.named()
        topics = {s.kind.topic for s in self._subscriptions}
        source = KafkaSource(self._settings, self._service.name, topics)
        cluster_id = await self._start(source)
        processor = Processor(
            self._subscriptions, cluster_id, versions_per_day_max=self._settings.versions_per_day_max
        )
        self._reader = Reader(
            db=self._db, source=source, processor=processor, cluster_id=cluster_id, settings=self._settings
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(self._reader.run(), name="reader")
            group.create_task(self._watch(self._reader), name="watch reader")
            group.create_task(Sweep(self._db, processor).run(), name="sweep")

    async def _start(self, source: KafkaSource) -> str:
        while True:
            try:
                cluster_id = await source.cluster_id()
                await source.start()
            except (OSError, TimeoutError) as e:
                _log.warning("reader waits for Kafka", error=repr(e))
                await asyncio.sleep(_START_RETRY_S)
            else:
                return cluster_id

    async def _watch(self, reader: Reader) -> None:
        """End the process if the reader does not come back from what it tries, although all that has deadlines."""
        longest_s = self._settings.max_poll_interval_ms / 1000
        while reader.stuck_s < longest_s:  # noqa: ASYNC110 - time passes, nothing tells of it
            await asyncio.sleep(_WATCH_INTERVAL_S)
        raise RuntimeError(f"the reader is stuck for {longest_s:.0f} s")
