"""Liveness and readiness, for the small HTTP application of `work` and for the services' own."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eventkit.errors import is_transient
from eventkit.kafka import tls_context
from eventkit.transaction import Database
from servicekit.gauges import ServiceMetrics
from servicekit.settings import ServiceSettings
from servicekit.workers import Worker, workers_of

_DEADLINE_S = 2.0
_log = structlog.get_logger(__name__)
_KEEP_S = 1.0
_API_VERSIONS_REQUEST = (10).to_bytes(4) + (18).to_bytes(2) + (0).to_bytes(2) + (1).to_bytes(4) + b"\xff\xff"
"""Kafka's smallest request, ApiVersions: length, API key 18, version 0, correlation id 1, no client id. A client of
aiokafka would fetch the metadata of the whole cluster for each probe."""


class Readiness:
    """What `/health/ready` answers.

    200 `ok`; 200 `degraded` without Kafka (the outbox grows) or without a living worker (nothing is relayed and read);
    503 `down` without a database. Answers are kept for a second, so that probes cost nothing.
    """

    def __init__(
        self, db: Database, settings: ServiceSettings, members: Callable[[], dict[str, Any]] = dict
    ) -> None:
        self._db = db
        self._settings = settings
        self._members = members
        self._answer: tuple[int, dict[str, Any]] = (503, {})
        self._asked_at = 0.0
        self._lock = asyncio.Lock()

    async def check(self) -> tuple[int, dict[str, Any]]:
        """The HTTP status and the JSON body of the answer."""
        async with self._lock:
            if time.monotonic() - self._asked_at > _KEEP_S:
                self._answer = await self._ask()
                self._asked_at = time.monotonic()
            return self._answer

    async def _ask(self) -> tuple[int, dict[str, Any]]:
        workers, kafka = await asyncio.gather(workers_now(self._db), kafka_answers(self._settings))
        checks = {"database": workers is not None, "kafka": kafka}
        if workers is None:
            return 503, {"status": "down", "checks": checks, **self._members()}
        alive = any(worker.alive for worker in workers)
        checks["workers"] = alive
        known = {"checks": checks, "workers": [_shown(worker) for worker in workers]}
        return 200, {"status": "ok" if kafka and alive else "degraded", **known, **self._members()}


def _shown(worker: Worker) -> dict[str, Any]:
    return {
        "instance": worker.instance,
        "status": "alive" if worker.alive else "silent",
        "heartbeat_age_s": round(worker.silent_s, 1),
        "relay_active": worker.relay_active and worker.alive,
        "jobs_active": worker.jobs_active and worker.alive,
        "partitions": worker.partitions,
        "lag": worker.lag,
    }


async def workers_now(db: Database) -> Sequence[Worker] | None:
    """The service's workers; None if the database does not answer in time.

    Whatever the error: a probe that throws says less than `down`.
    """
    try:
        async with asyncio.timeout(_DEADLINE_S), db.read() as conn:
            return await workers_of(conn)
    except Exception as e:  # noqa: BLE001
        if not is_transient(e):
            _log.warning("the database cannot be asked", error=repr(e))
        return None


async def kafka_answers(settings: ServiceSettings) -> bool:
    """True if a broker answers a request in time; a stopped process keeps its port open."""
    tls = tls_context(settings)
    for address in settings.kafka_bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(_DEADLINE_S):
                return await _broker_answers(host, int(port), tls)
    return False


async def _broker_answers(host: str, port: int, tls: ssl.SSLContext | None) -> bool:
    """ApiVersions needs no sign-on: a broker answers it before any client has said who it is."""
    reader, writer = await asyncio.open_connection(host, port, ssl=tls)
    try:
        writer.write(_API_VERSIONS_REQUEST)
        await reader.readexactly(8)
    finally:
        writer.close()
    return True


async def metrics_response(metrics: ServiceMetrics) -> Response:
    """All metrics in Prometheus' text format."""
    return Response(await metrics.render(), media_type=CONTENT_TYPE_LATEST)


def application(readiness: Readiness, service_metrics: ServiceMetrics) -> Starlette:
    """The HTTP application of `work`: health and metrics only."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        status, document = await readiness.check()
        return JSONResponse(document, status_code=status)

    async def metrics(_: Request) -> Response:
        return await metrics_response(service_metrics)

    return Starlette(
        routes=[Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]
    )
