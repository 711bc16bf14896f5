"""Connections for acts: as many as allowed, replaced when they die, clean when an act was cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from eventkit.transaction import Database
from tests.integration.eventkit.rig import Rig

PID = text("SELECT pg_backend_pid()")
END = text("SELECT pg_terminate_backend(:pid)")
SLEEP = text("SELECT pg_sleep(:s)")
OPEN = text(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE state LIKE 'idle in%' AND application_name LIKE 'one%'"
)


@pytest.fixture
async def one(rig: Rig) -> AsyncIterator[Database]:
    """A database with one connection for acts."""
    database = Database(rig.db.url, pool_size=1, connect_timeout_s=0.5, application="one")
    yield database
    await database.close()


async def _pid(database: Database) -> int:
    async with database.begin() as tx:
        return int((await tx.all(PID))[0].pg_backend_pid)


async def test_acts_share_a_connection_and_wait_no_longer_than_allowed(one: Database) -> None:
    first = await _pid(one)
    async with one.begin() as tx:
        assert (await tx.all(PID))[0].pg_backend_pid == first
        with pytest.raises(TimeoutError):
            await _pid(one)
    assert await _pid(one) == first


async def test_queries_meet_no_connection_that_the_server_ended(rig: Rig) -> None:
    database = Database(rig.db.url, pool_size=3)

    async def pids() -> set[int]:
        async with database.read() as a, database.read() as b, database.read() as c:
            return {(await conn.execute(PID)).scalar_one() for conn in (a, b, c)}

    first = await pids()
    async with rig.db.begin() as tx:
        for pid in first:
            await tx.run(END, pid=pid)
    await asyncio.sleep(0.1)
    assert not first & await pids()
    await database.close()


async def test_a_connection_that_the_server_ended_is_replaced(one: Database, rig: Rig) -> None:
    first = await _pid(one)
    async with rig.db.begin() as tx:
        await tx.run(END, pid=first)
    await asyncio.sleep(0.1)
    assert await _pid(one) != first


async def test_an_act_that_is_cut_off_leaves_no_transaction_open(one: Database, rig: Rig) -> None:
    async def sleeping() -> None:
        async with one.begin() as tx:
            await tx.run(SLEEP, s=5)

    act = asyncio.create_task(sleeping())
    await asyncio.sleep(0.2)
    act.cancel()
    with pytest.raises(asyncio.CancelledError):
        await act
    async with rig.db.begin() as tx:
        assert (await tx.all(OPEN))[0].n == 0
    assert await _pid(one)


async def test_a_parameter_that_a_statement_does_not_have_is_a_mistake(one: Database) -> None:
    async with one.begin() as tx:
        with pytest.raises(TypeError, match="takes"):
            await tx.all(SLEEP, seconds=1)
        with pytest.raises(TypeError, match="takes"):
            await tx.all(SLEEP, s=0.0, more=1)
