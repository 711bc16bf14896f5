"""Sends the events of the outbox to Kafka: at least once, in the order of each aggregate's versions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import asyncpg
import structlog

from eventkit import failpoints, metrics
from eventkit.backlog import Backlog, OutboxBatch
from eventkit.connections import ACT_PLANS
from eventkit.envelope import HeaderWriter, Message
from eventkit.errors import DATABASE_ERRORS
from eventkit.lease import Lease
from eventkit.outbox import OutboxEvent
from eventkit.ports import Sink
from eventkit.settings import EventSettings
from eventkit.wakeup import CHANNEL, Wakeup

_STANDBY_S = 1.0
_COMMAND_DEADLINE_S = 10.0
_log = structlog.get_logger(__name__)


class SendFailedError(ConnectionError):
    """It is unknown what of a batch arrived."""


class Relay:
    """The one active relay of a service, or a standby for it.

    Rows of its own process are handed over by the transactions that wrote them; the table is read for rows of other
    processes when they notify, and at each poll interval for the rest. Crash at any point: rows that were sent but not
    deleted are sent again, which consumers ignore by version. No transaction is open while Kafka is waited for.
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
        self._conn: asyncpg.Connection | None = None

    @property
    def active(self) -> bool:
        """True while this relay holds the lease."""
        return self._lease.held

    async def run(self) -> None:
        """Relay until cancelled.

        Raises SendFailedError if Kafka does not acknowledge in time: the client may still be sending, and only the end
        of its process makes sure that nothing stale arrives later.
        """
        await self._start_sink()
        try:
            while True:
                try:
                    await self._relay_while_leader()
                except SendFailedError:
                    raise
                except DATABASE_ERRORS as e:
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

    async def _relay_while_leader(self) -> None:
        if not await self._lease.acquire():
            return
        conn = self._conn = await self._connect()
        _log.info("relay active")
        backlog = Backlog(
            self._wakeup, self._settings.relay_batch_events, self._settings.relay_poll_interval_s
        )
        self._wakeup.handover.open()
        while await self._relay_batch(conn, backlog):
            pass
        _log.warning("relay lost its lease")

    async def _relay_batch(self, conn: asyncpg.Connection, backlog: Backlog) -> bool:
        await backlog.wait()
        batch = await backlog.next(conn)
        # The lease may have gone to another relay while the table was read. Once lost it is lost: going on with a
        # late heartbeat would delete, as delivered, what was taken here and not sent.
        if not self._lease.held:
            return False
        if batch.size:
            await self._deliver(batch)
        backlog.delivered(batch)
        return True

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
        try:
            await conn.add_listener(CHANNEL, lambda *_: self._wakeup.heard())
        except BaseException:
            conn.terminate()
            raise
        return conn

    async def _leave(self) -> None:
        self._wakeup.handover.close()
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.terminate()
        await self._lease.release()

    async def _deliver(self, batch: OutboxBatch) -> None:
        began = time.perf_counter()
        await self._send([self._message(event) for event in batch.events])
        failpoints.reach("after_send")
        metrics.RELAY_BATCH_SECONDS.observe(time.perf_counter() - began)
        metrics.RELAY_SUPERSEDED.inc(batch.size - len(batch.events))
        for event in batch.events:
            metrics.RELAY_SENT.labels(event.topic).inc()
        failpoints.reach("before_mark")

    async def _send(self, messages: Sequence[Message]) -> None:
        try:
            await self._sink.send(messages)
        except (OSError, TimeoutError) as e:
            raise SendFailedError(f"{len(messages)} events were not acknowledged") from e

    def _message(self, event: OutboxEvent) -> Message:
        return Message(event.topic, event.key.encode(), bytes(event.body), self._headers.headers(event))
