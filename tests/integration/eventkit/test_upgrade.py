"""What stood in the kit's tables before a migration is there after it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from eventkit.outbox import decoded
from servicekit import schema

ONE_BY_ONE = """
INSERT INTO outbox (topic, key, type, subject, version, event_id, occurred_at, correlation_id, causation_id,
                    traceparent, by, body)
SELECT 'kit.thing.v1', 'T' || n, 'koppel.thing.v1', 'T' || n, n, gen_random_uuid(), '2026-01-02T03:04:05Z', 'c', 'd',
       't', 'anna', '{"version":' || n || ',"value":"1.50"}'
FROM generate_series(1, 3) AS n
"""


@pytest.fixture
async def conn(fresh_database: Callable[..., Awaitable[str]]) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(await fresh_database("sales", migrated=False))
    yield conn
    await conn.close()


async def test_events_that_waited_as_a_row_each_are_still_to_be_sent(conn: asyncpg.Connection) -> None:
    await conn.execute(schema.DDL_0001 + schema.DDL_0002)
    await conn.execute(ONE_BY_ONE)
    await conn.execute(schema.DDL_0003)

    rows = await conn.fetch("SELECT events, body FROM outbox ORDER BY id")
    sent = [event for row in rows for event in decoded(row["body"])]

    assert [row["events"] for row in rows] == [1, 1, 1]
    assert [(e.key, e.version, bytes(e.body)) for e in sent] == [
        (f"T{n}", n, b'{"version":%d,"value":"1.50"}' % n) for n in (1, 2, 3)
    ]
    assert sent[0].occurred_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert await conn.fetch("SELECT key, version FROM outbox_event") == [("T1", 1), ("T2", 2), ("T3", 3)]
