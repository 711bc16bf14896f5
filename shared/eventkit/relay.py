"""Moves events from the outbox to Kafka, in the order of each aggregate's versions, at least once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
import structlog

from eventkit import failpoints, metrics
from eventkit.envelope import HeaderWriter, Message
from eventkit.lease import Lease
from eventkit.pace import Pace
from eventkit.ports import Sink
from eventkit.settings import ServiceSettings
from eventkit.transaction import ACT_PLANS
from eventkit.wakeup import CHANNEL, Wakeup

# One statement, one round trip: what the last wave delivered goes, what is next comes. The outer query reads the
# snapshot before the deletion, hence its own condition.
NEXT_ROWS = """
WITH delivered AS (DELETE FROM outbox WHERE id = ANY($1::bigint[]))
SELECT id, topic, key, type, subject, version, event_id, occurred_at,
       correlation_id, causation_id, traceparent, by, body
FROM outbox WHERE id <> ALL($1::bigint[]) ORDER BY id LIMIT $2
"""
_STANDBY_S = 1.0
_SETTLE_S = 0.1
"""How long delivered rows may stay when nothing new comes: deleting them at once would take the processor from those
who work on what was just sent."""
_COMMAND_DEADLINE_S = 10.0
_log = structlog.get_logger(__name__)


class Relay:
    """The service's one active relay, or a standby for it.

    Crash at any point: rows that were sent but not deleted are sent again, which consumers ignore by version. No
    database transaction is open while Kafka is waited for.
    """

    def __init__(
        self, *, url: str, service: str, sink: Sink, wakeup: Wakeup, settings: ServiceSettings
    ) -> None:
        self._url = url
        self._sink = sink
        self._wakeup = wakeup
        self._settings = settings
        self._headers = HeaderWriter(service)
        self._lease = Lease(url, "relay")
        self._pace = Pace.of(settings, full=settings.relay_wave_rows)
        self._conn: asyncpg.Connection | None = None

    @property
    def active(self) -> bool:
        """True while this relay holds the lease."""
        return self._lease.held

    async def run(self) -> None:
        """Relay for ever.

        Raises if Kafka does not acknowledge in time: the client may still be sending, so only the end of its process
        makes sure that nothing stale arrives later.
        """
        await self._start_sink()
        try:
            while True:
                try:
                    await self._hold_lease()
                except SendFailedError:
                    raise
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as e:
                    _log.warning("relay interrupted", error=repr(e))
                finally:
                    await self._leave()
                await asyncio.sleep(_STANDBY_S)
        finally:
            await self._sink.stop()

    async def _start_sink(self) -> None:
        while True:
            try:
                return await self._sink.start()
            except (OSError, TimeoutError) as e:
                _log.warning("relay waits for Kafka", error=repr(e))
                await asyncio.sleep(_STANDBY_S)

    async def _hold_lease(self) -> None:
        if not await self._lease.acquire():
            return
        self._conn = await self._connect()
        _log.info("relay active")
        metrics.RELAY_ACTIVE.set(1)
        self._wakeup.relay_is_here = True
        delivered: list[int] = []
        while self._lease.held:
            delivered = await self._wave(self._conn, delivered)
        _log.warning("relay lost its lease")

    async def _connect(self) -> asyncpg.Connection:
        conn = await asyncpg.connect(
            self._url,
            timeout=self._settings.connect_timeout_s,
            command_timeout=_COMMAND_DEADLINE_S,
            server_settings={
                "application_name": "koppel relay",
                # A deletion that is lost in a crash of the server only sends its events again.
                "synchronous_commit": "off",
                "jit": "off",
                **ACT_PLANS,
            },
        )
        await conn.add_listener(CHANNEL, lambda *_: self._wakeup.local.set())
        return conn

    async def _leave(self) -> None:
        metrics.RELAY_ACTIVE.set(0)
        self._wakeup.relay_is_here = False
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.terminate()
        await self._lease.release()

    async def _wave(self, conn: asyncpg.Connection, delivered: list[int]) -> list[int]:
        """Delete what was delivered, send what is next; the ids that were delivered now."""
        if 0 < len(delivered) < self._settings.relay_wave_rows:
            await self._woken(_SETTLE_S)
        if (pause_s := self._pace.wait_s()) > 0:
            await asyncio.sleep(pause_s)
        self._wakeup.local.clear()
        rows = await conn.fetch(NEXT_ROWS, delivered, self._settings.relay_wave_rows)
        if not rows:
            await self._woken(self._settings.relay_poll_interval_s)
            return []
        if not self._lease.held:
            return []
        self._pace.began(len(rows))
        newest = newest_per_key(rows)
        began = time.perf_counter()
        await self._send([self._message(row) for row in newest])
        failpoints.reach("after_send")
        metrics.RELAY_WAVE_SECONDS.observe(time.perf_counter() - began)
        metrics.RELAY_SUPERSEDED.inc(len(rows) - len(newest))
        for row in newest:
            metrics.RELAY_SENT.labels(row["topic"]).inc()
        failpoints.reach("before_mark")
        return [row["id"] for row in rows]

    async def _woken(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._wakeup.local.wait()

    async def _send(self, messages: Sequence[Message]) -> None:
        try:
            await self._sink.send(messages)
        except (OSError, TimeoutError) as e:
            raise SendFailedError(f"{len(messages)} events were not acknowledged") from e

    def _message(self, row: asyncpg.Record) -> Message:
        headers = self._headers.headers(
            type_=row["type"],
            event_id=str(row["event_id"]),
            subject=row["subject"],
            occurred_at=row["occurred_at"],
            version=row["version"],
            correlation_id=row["correlation_id"],
            causation_id=row["causation_id"],
            traceparent=row["traceparent"],
            by=row["by"],
        )
        return Message(row["topic"], row["key"].encode(), row["body"].encode(), headers)


class SendFailedError(ConnectionError):
    """It is unknown what of a wave arrived."""


def newest_per_key(rows: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
    """The highest version of each aggregate, in id order.

    By version and not by id: a republication may be written after a newer act whose row it did not see.
    """
    newest: dict[tuple[str, str], asyncpg.Record] = {}
    for row in rows:
        key = row["topic"], row["key"]
        known = newest.get(key)
        if known is None or row["version"] >= known["version"]:
            newest[key] = row
    return sorted(newest.values(), key=lambda row: row["id"])
