"""Moves events from the outbox to Kafka, in the order of each aggregate's versions, at least once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
import structlog

from eventkit import failpoints, metrics
from eventkit.connections import ACT_PLANS
from eventkit.envelope import HeaderWriter, Message
from eventkit.lease import Lease
from eventkit.outbox import OutboxEvent, OutboxRow, decoded, newest_per_key
from eventkit.pace import Pace
from eventkit.ports import Sink
from eventkit.settings import EventSettings
from eventkit.wakeup import CHANNEL, Wakeup

# One statement, one round trip: what was delivered goes, what is next comes. The outer query reads the snapshot before
# the deletion, hence its own condition. A row is taken if the rows before it do not fill the wave; those that were
# handed over are known.
NEXT_ROWS = """
WITH delivered AS (DELETE FROM outbox WHERE id = ANY($1::bigint[]))
SELECT id, body FROM (
    SELECT id, body, sum(events) OVER (ORDER BY id) - events AS before
    FROM outbox WHERE id <> ALL($1::bigint[]) AND id <> ALL($3::bigint[]) ORDER BY id LIMIT $2) o
WHERE before < $2 ORDER BY id
"""
_STANDBY_S = 1.0
_COMMAND_DEADLINE_S = 10.0
_log = structlog.get_logger(__name__)


class Relay:
    """The service's one active relay, or a standby for it.

    Rows of its own process come from the transactions that wrote them (`Handover`); it looks into the table for those
    of other processes when they say so, for what was left over each poll interval, and to delete what was delivered.
    Crash at any point: rows that were sent but not deleted are sent again, which consumers ignore by version. No
    database transaction is open while Kafka is waited for.
    """

    def __init__(
        self, *, url: str, service: str, sink: Sink, wakeup: Wakeup, settings: EventSettings
    ) -> None:
        self._url = url
        self._sink = sink
        self._wakeup = wakeup
        self._settings = settings
        self._headers = HeaderWriter(service)
        self._lease = Lease(url, "relay")
        self._pace = Pace.of(settings, full=settings.relay_wave_events)
        self._conn: asyncpg.Connection | None = None
        self._delivered: list[int] = []
        self._early: list[int] = []
        """Rows handed over since the table was last seen whole. They stay until it is: if this relay ends before, the
        next one must find them beside the older ones that they passed."""
        self._ahead: dict[tuple[str, str], int] = {}
        """Versions sent since the table was last seen whole: an older one may still stand there."""
        self._look_at = 0.0

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
        self._delivered = []
        self._early = []
        self._ahead = {}
        self._look_at = 0.0
        self._wakeup.handover.open()
        while self._lease.held:
            await self._wave(self._conn)
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
        await conn.add_listener(CHANNEL, lambda *_: self._wakeup.heard())
        return conn

    async def _leave(self) -> None:
        metrics.RELAY_ACTIVE.set(0)
        self._wakeup.handover.close()
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.terminate()
        await self._lease.release()

    async def _wave(self, conn: asyncpg.Connection) -> None:
        """Send what is there.

        What was delivered is deleted by a later look at the table, not at once: that would take the processor from
        those who work on what was just sent.
        """
        if (pause_s := self._pace.wait_s()) > 0:
            await asyncio.sleep(pause_s)
        await self._something_to_do()
        given = self._wakeup.handover.take(self._settings.relay_wave_events)
        self._early += [row.id for row in given]
        found, whole = await self._look(conn) if self._look_is_due() else ([], False)
        rows = given + found
        if not self._lease.held:
            return
        newest = [e for e in newest_per_key(e for row in rows for e in row.events) if not self._is_stale(e)]
        if whole:
            self._ahead.clear()
        else:
            self._ahead.update({(e.topic, e.key): e.version for e in newest})
        if rows:
            await self._deliver(newest, of=sum(len(row.events) for row in rows))
        self._delivered += [row.id for row in found]
        if whole:
            self._delivered += self._early
            self._early = []

    def _is_stale(self, event: OutboxEvent) -> bool:
        return event.version < self._ahead.get((event.topic, event.key), 0)

    async def _something_to_do(self) -> None:
        self._wakeup.local.clear()
        if not self._wakeup.handover.waiting and not self._look_is_due():
            await self._woken(self._look_at - time.monotonic())

    def _look_is_due(self) -> bool:
        return self._wakeup.look or time.monotonic() >= self._look_at

    async def _look(self, conn: asyncpg.Connection) -> tuple[list[OutboxRow], bool]:
        """The next rows of the table, as many as make a wave, and whether that is all there was."""
        self._wakeup.look = False
        delivered, self._delivered = self._delivered, []
        full = self._settings.relay_wave_events
        found = await conn.fetch(NEXT_ROWS, delivered, full, self._early)
        rows = [OutboxRow(id_, decoded(body)) for id_, body in found]
        self._wakeup.handover.forget([row.id for row in rows])
        whole = sum(len(row.events) for row in rows) < full
        self._look_at = time.monotonic() + self._settings.relay_poll_interval_s if whole else 0.0
        return rows, whole

    async def _deliver(self, newest: Sequence[OutboxEvent], *, of: int) -> None:
        self._pace.began(of)
        began = time.perf_counter()
        await self._send([self._message(event) for event in newest])
        failpoints.reach("after_send")
        metrics.RELAY_WAVE_SECONDS.observe(time.perf_counter() - began)
        metrics.RELAY_SUPERSEDED.inc(of - len(newest))
        for event in newest:
            metrics.RELAY_SENT.labels(event.topic).inc()
        failpoints.reach("before_mark")

    async def _woken(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._wakeup.local.wait()

    async def _send(self, messages: Sequence[Message]) -> None:
        try:
            await self._sink.send(messages)
        except (OSError, TimeoutError) as e:
            raise SendFailedError(f"{len(messages)} events were not acknowledged") from e

    def _message(self, event: OutboxEvent) -> Message:
        return Message(event.topic, event.key.encode(), bytes(event.body), self._headers.headers(event))


class SendFailedError(ConnectionError):
    """It is unknown what of a wave arrived."""
