"""Connections: as many as allowed, replaced when the server ended them, clean when an act was cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest
from sqlalchemy import text

from eventkit.transaction import Database
from tests.integration.eventkit.rig import Rig
from tests.support.polling import eventually

PID = text("SELECT pg_backend_pid()")
END = text("SELECT pg_terminate_backend(:pid)")
SLEEP = text("SELECT pg_sleep(:s)")
OPEN = text(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE state LIKE 'idle in%' AND application_name LIKE 'one%'"
)
RUNNING = text(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND application_name LIKE 'one%'"
)
LIVING = text("SELECT count(*) AS n FROM pg_stat_activity WHERE pid = :pid")


@pytest.fixture
async def one(rig: Rig) -> AsyncIterator[Database]:
    """A database with one connection for acts."""
    database = Database(rig.db.url, pool_size=1, connect_timeout_s=3, application="one")
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
    drivers: list[Any] = []

    async def pids() -> set[int]:
        async with database.read() as a, database.read() as b, database.read() as c:
            drivers.extend([(await conn.get_raw_connection()).driver_connection for conn in (a, b, c)])
            return {(await conn.execute(PID)).scalar_one() for conn in (a, b, c)}

    first = await pids()
    await _end(rig, first, drivers)
    assert not first & await pids()
    await database.close()


async def test_acts_meet_no_connection_that_the_server_ended(one: Database, rig: Rig) -> None:
    async with one.begin() as tx:
        first, proxy = (await tx.all(PID))[0].pg_backend_pid, cast("Any", tx._conn)
        driver = proxy._con
    await _end(rig, {first}, [driver])
    assert await _pid(one) != first


async def _end(rig: Rig, pids: set[int], drivers: Sequence[Any]) -> None:
    """End these connections at the server and wait until the client has heard of it."""
    async with rig.db.begin() as tx:
        for pid in pids:
            await tx.run(END, pid=pid)

    async def closed() -> bool:
        return all(driver.is_closed() for driver in drivers)

    await eventually(closed, bool)


async def test_an_act_that_is_cut_off_leaves_no_transaction_open(one: Database, rig: Rig) -> None:
    async def sleeping() -> None:
        async with one.begin() as tx:
            await tx.run(SLEEP, s=5)

    async def running() -> int:
        async with rig.db.begin() as tx:
            return int((await tx.all(RUNNING))[0].n)

    act = asyncio.create_task(sleeping())
    await eventually(running, lambda n: n == 1)
    act.cancel()
    with pytest.raises(asyncio.CancelledError):
        await act
    async with rig.db.begin() as tx:
        assert (await tx.all(OPEN))[0].n == 0
    assert await _pid(one)


async def test_the_end_of_a_database_closes_its_connections(one: Database, rig: Rig) -> None:
    first = await _pid(one)
    await one.close()

    async def living() -> int:
        async with rig.db.begin() as tx:
            return int((await tx.all(LIVING, pid=first))[0].n)

    await eventually(living, lambda n: n == 0)


async def test_a_parameter_that_a_statement_does_not_have_is_a_mistake(one: Database) -> None:
    async with one.begin() as tx:
        with pytest.raises(TypeError, match="takes"):
            await tx.all(SLEEP, seconds=1)
        with pytest.raises(TypeError, match="takes"):
            await tx.all(SLEEP, s=0.0, more=1)
