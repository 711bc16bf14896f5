"""What a connection may cost: its header's size, the time that its requests take to arrive, the number of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from servicekit.http_server import ConnectionLimits, http_server, listen
from tests.integration.httpkit.conftest import Service
from tests.support.polling import eventually

LIVE = b"GET /health/live HTTP/1.1\r\nHost: a\r\n"
HASTY = ConnectionLimits(
    header_max_bytes=4096, header_timeout_s=1.0, body_timeout_s=1.0, answer_timeout_s=1.0, connections_max=20
)
PATIENT = ConnectionLimits(header_max_bytes=4096, connections_max=20)


@dataclass
class Server:
    """A server of the toy service."""

    port: int
    service: Service

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        return reader, writer

    async def ask(self, sent: bytes) -> tuple[int, Any]:
        """Status and body of the first answer; sending stops when the server closes."""
        reader, writer = await self.connect(sent)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head.split()[1])
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            return status, msgspec.json.decode(await reader.readexactly(length))
        finally:
            writer.close()

    def list(self) -> bytes:
        """A request for the notes."""
        return b"GET /v1/notes HTTP/1.1\r\n" + self._usual_fields() + b"\r\n"

    def post(self, body: bytes, announced: int | None = None) -> bytes:
        """A request for a new note; `announced` is the length that its header names."""
        length = len(body) if announced is None else announced
        fields = b"Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % length
        return b"POST /v1/notes HTTP/1.1\r\n" + self._usual_fields() + fields + b"\r\n" + body

    def _usual_fields(self) -> bytes:
        return b"Host: a\r\nAuthorization: Bearer " + self.service.token().encode() + b"\r\n"


@asynccontextmanager
async def serving(service: Service, limits: ConnectionLimits) -> AsyncIterator[Server]:
    listening = listen("127.0.0.1", 0, "KOPPEL_HTTP_PORT")
    server = http_server(service.app, listening, 3, limits)
    running = asyncio.create_task(server.serve([listening]))

    async def started() -> bool:
        return server.started

    await eventually(started, bool)
    yield Server(listening.getsockname()[1], service)
    server.should_exit = True
    await running


@pytest.fixture
async def hasty(service: Service) -> AsyncIterator[Server]:
    async with serving(service, HASTY) as made:
        yield made


@pytest.fixture
async def patient(service: Service) -> AsyncIterator[Server]:
    async with serving(service, PATIENT) as made:
        yield made


@pytest.mark.parametrize(
    "sent", [b"", b"\r\n", b"GET /heal", LIVE + b"X-A: 1\r\n", LIVE + b"\r\n" + b"GET /heal"]
)
async def test_a_header_that_does_not_come_to_its_end_is_closed(hasty: Server, sent: bytes) -> None:
    await until_closed(await hasty.connect(sent))


async def test_a_body_that_does_not_come_to_its_end_is_closed(hasty: Server) -> None:
    await until_closed(await hasty.connect(hasty.post(b'{"no": "A"', announced=100)))


async def until_closed(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    reader, writer = connection
    async with asyncio.timeout(10):
        while await _received(reader):
            pass
    writer.close()


async def _received(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65536)
    except ConnectionResetError:
        return b""


async def test_a_byte_now_and_then_keeps_no_connection_open(hasty: Server) -> None:
    reader, writer = await hasty.connect(LIVE)
    async with asyncio.timeout(10):
        while not reader.at_eof():
            writer.write(b"X-A: 1\r\n")
            try:
                await asyncio.wait_for(reader.read(1), 0.2)
            except TimeoutError:
                continue
            except ConnectionResetError:
                break
    writer.close()


async def test_a_request_that_the_service_works_on_is_not_closed(hasty: Server) -> None:
    hasty.service.notes.switches.gate.clear()
    sent = hasty.post(b'{"no": "A", "title": "t"}')
    asking = asyncio.create_task(hasty.ask(sent))
    await hasty.service.notes.switches.entered.wait()
    done, _ = await asyncio.wait({asking}, timeout=3 * HASTY.header_timeout_s)
    assert not done
    hasty.service.notes.switches.gate.set()
    status, note = await asking
    assert (status, note["no"]) == (201, "A")


@pytest.mark.parametrize(
    "header",
    [
        b"X-A: " + b"a" * 5000,
        b"\r\n".join(b"X-%d: 1" % i for i in range(200)),
        b"X-A: " + b"a" * 400_000,
    ],
)
async def test_a_header_that_is_too_large_is_431(patient: Server, header: bytes) -> None:
    status, problem = await patient.ask(LIVE + header + b"\r\n\r\n")
    assert (status, problem["code"]) == (431, "header-too-large")


async def test_a_header_without_end_is_refused_before_it_ends(patient: Server) -> None:
    reader, writer = await patient.connect(LIVE + b"X-A: ")
    sent = 0
    async with asyncio.timeout(10):
        while not writer.is_closing() and not reader.at_eof() and sent < 100_000_000:
            writer.write(b"a" * 65536)
            sent += 65536
            try:
                await writer.drain()
                await asyncio.sleep(0)
            except ConnectionError:
                break
    writer.close()
    assert sent < 20_000_000


async def test_a_large_body_is_no_large_header(patient: Server) -> None:
    body = b'{"no": "A", "title": "t"' + b" " * 300_000 + b"}"
    reader, writer = await patient.connect(patient.post(body) + LIVE)
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 201")
    writer.write(b"\r\n")
    assert b"HTTP/1.1 200" in await reader.readuntil(b'"ok"')
    writer.close()


async def test_what_is_no_http_is_400(patient: Server) -> None:
    status, problem = await patient.ask(b"HELO example\r\n\r\n")
    assert (status, problem["code"]) == (400, "malformed-request")


async def test_beyond_the_limit_of_connections_only_probes_are_answered(patient: Server) -> None:
    held = [await patient.connect() for _ in range(PATIENT.connections_max)]
    status, problem = await patient.ask(patient.list())
    assert (status, problem["code"]) == (503, "too-many-connections")
    assert (await patient.ask(LIVE + b"\r\n"))[0] == 200
    for _, writer in held:
        writer.close()

    async def answered() -> int:
        return (await patient.ask(patient.list()))[0]

    await eventually(answered, lambda status: status == 200)
