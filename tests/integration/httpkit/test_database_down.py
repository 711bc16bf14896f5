"""What callers are told when the database is not there: 503 with Retry-After, and the same key later works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from eventkit.transaction import Database
from httpkit.limits import Limits
from tests.integration.httpkit.conftest import Issuer, Service, serve
from tests.support.polling import eventually


class Road:
    """The way to the database, which a test can cut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        self._writers.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer), return_exceptions=True)
        for each in (writer, far_writer):
            each.close()
            self._writers.discard(each)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.fixture
async def road(url: str) -> AsyncIterator[Road]:
    parts = urlsplit(url)
    made = Road(parts.hostname or "", parts.port or 5432)
    await made.open()
    yield made
    await made.cut()


@pytest.fixture
async def behind(url: str, road: Road, issuer: Issuer) -> AsyncIterator[Service]:
    parts = urlsplit(url)
    through = parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{road.port}")).geturl()
    async with serve(Database(through, pool_size=3, connect_timeout_s=5.0), issuer, Limits(), url) as made:
        yield made


async def create(service: Service, i: int) -> httpx.Response:
    return await service.client.post(
        "/v1/notes", json={"no": f"N-{i}", "title": "t"}, headers={"Idempotency-Key": f"k{i}"}
    )


async def test_a_database_that_is_down_is_503_and_the_same_key_works_later(
    behind: Service, road: Road
) -> None:
    assert (await create(behind, 0)).status_code == 201
    await road.cut()
    refused = await asyncio.gather(*(create(behind, i) for i in range(1, 6)), behind.client.get("/v1/notes"))
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
        assert "retry-after" in answer.headers
    ready = await behind.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "down")
    await road.open()
    again = await asyncio.gather(*(create(behind, i) for i in range(6)))
    assert {a.status_code for a in again} == {201}
    assert len(await behind.sql("SELECT no FROM note")) == 6


async def test_a_connection_lost_during_an_act_is_503_and_nothing_is_done_twice(
    behind: Service, road: Road
) -> None:
    behind.notes.switches.gate.clear()
    under_way = asyncio.create_task(create(behind, 1))
    await behind.notes.switches.entered.wait()
    await road.cut()
    behind.notes.switches.gate.set()
    answer = await under_way
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    await road.open()
    # Until the server has noticed the loss, it takes the first request for one that is still under way.
    again = await eventually(lambda: create(behind, 1), lambda a: a.status_code != 409)
    assert again.status_code == 201
    assert (await create(behind, 1)).headers["idempotency-replayed"] == "true"
    assert len(await behind.sql("SELECT no FROM note")) == 1
