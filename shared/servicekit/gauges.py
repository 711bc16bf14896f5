"""Metrics in Prometheus' text format: those of the process, and those of the whole service, read from its database.

What a service has parked or still to publish is the same in all its processes; so whichever of them is asked answers
with what the database says at that moment. Counters and durations are those of the process that answers, and say so by
the label `role`.
"""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec
import structlog
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from eventkit.errors import is_transient
from eventkit.parking import REASONS
from eventkit.transaction import Database
from servicekit.settings import ServiceSettings
from servicekit.version import REVISION, VERSION
from servicekit.workers import Worker, workers_of

SERVICE: Final = text("""
SELECT (SELECT coalesce(sum(events), 0) FROM (SELECT events FROM outbox LIMIT 100000) o) AS outbox_events,
       (SELECT extract(epoch FROM now() - occurred_at) FROM outbox ORDER BY id LIMIT 1) AS outbox_age_s,
       (SELECT count(*) FROM waiting) AS waiting,
       (SELECT extract(epoch FROM now() - min(since)) FROM waiting) AS waiting_age_s
""")
PARKED: Final = text("""
SELECT reason, count(*) AS events, extract(epoch FROM now() - min(parked_at)) AS age_s
FROM parked WHERE status = 'parked' GROUP BY reason
""")
_KEEP_S: Final = 1.0
_DEADLINE_S: Final = 5.0
_log = structlog.get_logger(__name__)


class Gauge(msgspec.Struct, frozen=True):
    """A number of the whole service, or one for each set of labels."""

    name: str
    text: str
    values: Sequence[tuple[Mapping[str, str], float]]


def gauge(name: str, text: str, value: float) -> Gauge:
    """A gauge with one value and no labels."""
    return Gauge(name, text, [({}, float(value))])


GaugeReader = Callable[[AsyncConnection], Awaitable[Sequence[Gauge]]]
"""Reads what a service itself wants to be known."""


async def no_gauges(_: AsyncConnection) -> Sequence[Gauge]:
    """For a service that adds none."""
    return ()


class ServiceMetrics:
    """What `/metrics` answers, in each process of a service."""

    def __init__(
        self, db: Database, service: str, role: str, settings: ServiceSettings, more: GaugeReader = no_gauges
    ) -> None:
        self._db = db
        self._labels = {"service": service, "role": role}
        self._settings = settings
        self._more = more
        self._known: Sequence[Gauge] = ()
        self._read_at = 0.0
        self._lock = asyncio.Lock()

    async def render(self) -> bytes:
        """All metrics; without a database those that are read from it are left out, since a zero would be false."""
        async with self._lock:
            if time.monotonic() - self._read_at > _KEEP_S:
                self._known = await self._read()
                self._read_at = time.monotonic()
            known = self._known
        page = _Page(known, self._of_process(), self._labels)
        return generate_latest(cast("CollectorRegistry", page))

    async def _read(self) -> Sequence[Gauge]:
        try:
            async with asyncio.timeout(_DEADLINE_S), self._db.read() as conn:
                found = [*(await _of_events(conn)), *_of_workers(await workers_of(conn))]
        except Exception as e:
            if not is_transient(e):
                raise
            _log.warning("metrics without the database", error=repr(e))
            return [gauge("koppel_database_up", "1 if the database answered this scrape", 0)]
        up = gauge("koppel_database_up", "1 if the database answered this scrape", 1)
        return [up, *found, *(await self._read_more())]

    async def _read_more(self) -> Sequence[Gauge]:
        """What the service adds; its queries may be slow, and must not hide the rest."""
        try:
            async with asyncio.timeout(_DEADLINE_S), self._db.read() as conn:
                return await self._more(conn)
        except Exception as e:
            if not is_transient(e):
                raise
            _log.warning("metrics without those of the service itself", error=repr(e))
            return ()

    def _of_process(self) -> list[Gauge]:
        build = {
            "instance": self._settings.instance,
            "version": VERSION,
            "revision": REVISION,
            "python": platform.python_version(),
        }
        pools = self._db.pools()
        used = [({"pool": p.name, "state": "used"}, float(p.used)) for p in pools]
        idle = [({"pool": p.name, "state": "idle"}, float(p.open - p.used)) for p in pools]
        most = [({"pool": p.name}, float(p.size)) for p in pools]
        return [
            Gauge("koppel_build_info", "Which build this process runs", [(build, 1.0)]),
            Gauge("koppel_database_connections", "Connections of this process to the database", used + idle),
            Gauge("koppel_database_connections_max", "The most that a pool opens", most),
        ]


async def _of_events(conn: AsyncConnection) -> list[Gauge]:
    row = (await conn.execute(SERVICE)).one()
    parked = {p.reason: p for p in (await conn.execute(PARKED)).all()}
    reasons = [*REASONS, *(reason for reason in parked if reason not in REASONS)]
    counts = [({"reason": r}, float(parked[r].events) if r in parked else 0.0) for r in reasons]
    ages = [({"reason": r}, float(parked[r].age_s) if r in parked else 0.0) for r in reasons]
    return [
        gauge("koppel_outbox_events", "Events that Kafka has not acknowledged yet", row.outbox_events),
        gauge("koppel_outbox_age_seconds", "Age of the oldest event in the outbox", row.outbox_age_s or 0),
        Gauge("koppel_parked", "Events parked now, by reason", counts),
        Gauge("koppel_parked_age_seconds", "Age of the oldest event that is parked; 0: none is", ages),
        gauge("koppel_waiting", "Events waiting for a copy now", row.waiting),
        gauge(
            "koppel_waiting_age_seconds",
            "Age of the oldest waiting event; alarm above 60",
            row.waiting_age_s or 0,
        ),
    ]


def _of_workers(workers: Sequence[Worker]) -> list[Gauge]:
    alive = [worker for worker in workers if worker.alive]
    topics = sorted({topic for worker in alive for topic in worker.lag})
    lag = [({"topic": topic}, float(sum(w.lag.get(topic, 0) for w in alive))) for topic in topics]

    def each(value: Callable[[Worker], float]) -> list[tuple[Mapping[str, str], float]]:
        return [({"worker": worker.instance}, float(value(worker))) for worker in workers]

    return [
        gauge("koppel_workers_alive", "Workers that sent a heartbeat lately; alarm at 0", len(alive)),
        Gauge("koppel_worker_up", "0 for a worker that hangs or was killed", each(lambda w: w.alive)),
        Gauge("koppel_worker_heartbeat_age_seconds", "Since the last heartbeat", each(lambda w: w.silent_s)),
        Gauge("koppel_worker_partitions", "Partitions that a worker reads", each(lambda w: w.partitions)),
        gauge("koppel_relay_active", "1 while a worker relays", any(w.relay_active for w in alive)),
        Gauge("koppel_consumer_lag", "Events not yet read, as the living workers know it", lag),
    ]


class _Page:
    """What is collected for one answer, each sample with the labels of the process or of the service."""

    def __init__(self, service: Sequence[Gauge], process: Sequence[Gauge], labels: Mapping[str, str]) -> None:
        self._service = service
        self._process = process
        self._labels = labels

    def collect(self) -> Iterator[Metric]:
        """All families, as Prometheus' own registry yields them."""
        of_service = {"service": self._labels["service"]}
        for families, labels in (
            (map(_family, self._service), of_service),
            (map(_family, self._process), self._labels),
            (REGISTRY.collect(), self._labels),
        ):
            yield from (_labelled(family, labels) for family in families)


def _family(of: Gauge) -> Metric:
    family = GaugeMetricFamily(of.name, of.text)
    for labels, value in of.values:
        family.add_sample(of.name, dict(labels), value)
    return family


def _labelled(family: Metric, labels: Mapping[str, Any]) -> Metric:
    """A copy: some of the registry's collectors yield the same object each time."""
    made = Metric(family.name, family.documentation, family.type, family.unit)
    made.samples = [sample._replace(labels={**sample.labels, **labels}) for sample in family.samples]
    return made
