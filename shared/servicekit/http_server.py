"""The HTTP server of a process: uvicorn with bounds on what a connection may cost.

uvicorn bounds neither the time in which a request arrives nor, with httptools, the size of its header. What is done
about it here costs a request nothing: overdue connections are looked for once a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Generator
from typing import Any, Final

import msgspec
import structlog
import uvicorn
from pydantic_settings import BaseSettings, SettingsConfigDict
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from eventkit.errors import ConfigurationError

_PROBES: Final = "/health/"
_TICKS_PER_LOOK: Final = 10
"""uvicorn ticks ten times a second."""
_BACKLOG: Final = 2048
_log = structlog.get_logger(__name__)


class ConnectionLimits(BaseSettings):
    """What one connection, and all of them, may cost; from the environment (prefix KOPPEL_HTTP_)."""

    model_config = SettingsConfigDict(env_prefix="KOPPEL_HTTP_", extra="ignore", frozen=True)

    header_max_bytes: int = 32 * 1024
    """Request line and header fields; beyond: 431, and the connection is closed."""
    header_max_fields: int = 100
    """Header fields; beyond: 431, and the connection is closed."""
    header_timeout_s: float = 10.0
    """From a request's first byte, or from the connection's start, to the end of its header; then closed."""
    body_timeout_s: float = 30.0
    """From the end of the header to the end of the body; then closed."""
    answer_timeout_s: float = 30.0
    """How long a client may take none of its answer; then closed."""
    connections_max: int = 4000
    """Open connections of the process. On further ones all but the health checks is 503, and they are closed."""


class _HeaderTooLargeError(Exception):
    """A header has more bytes or fields than allowed."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection, with bounds on its header and its life."""

    limits: ConnectionLimits

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_header = False
        self._header_bytes = 0
        """What has come of a header that is not complete yet."""
        self._begun = False
        """Whether what is being parsed holds the end of an earlier request, which is not counted."""
        self._too_large = False
        self._waits_for: tuple[tuple[Any, ...], float] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept; beyond the limit of connections only to say so."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections_max:
            self.app = _crowded(self.app)

    def data_received(self, data: bytes) -> None:
        """Parse what came. The parser keeps a field until it is complete, so an endless one is stopped here."""
        self._header_bytes += len(data)
        cycle = self._current()
        self._begun = cycle is not None and cycle.more_body
        super().data_received(data)
        if not self._in_header:
            self._header_bytes = 0
        elif self._header_bytes > self.limits.header_max_bytes and not self.transport.is_closing():
            self._too_large = True
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """A request begins: its header is counted from here."""
        if self._begun:
            self._header_bytes = 0
        self._in_header = self._begun = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The header is complete. One that came in few pieces is measured here."""
        limits = self.limits
        if len(self.headers) > limits.header_max_fields or (
            self._header_bytes > limits.header_max_bytes
            and len(self.url) + sum(len(n) + len(v) + 4 for n, v in self.headers) > limits.header_max_bytes
        ):
            self._too_large = True
            raise _HeaderTooLargeError  # the parser stops, and `send_400_response` is called
        self._in_header = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed, or is not to be parsed, and close."""
        if self._too_large:
            status, body = 431, _problem(431, "header-too-large", "the header is too large")
        else:
            status, body = 400, _problem(400, "malformed-request", msg)
        fields = f"content-type: application/problem+json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + fields.encode() + body)
        self.transport.close()

    def close_if_overdue(self, now: float) -> None:
        """Close the connection if its client has kept it waiting for too long."""
        awaited = self._awaited()
        if awaited is None:
            self._waits_for = None
            return
        what, limit_s = awaited
        if self._waits_for is None or self._waits_for[0] != what:
            self._waits_for = (what, now)
        elif now - self._waits_for[1] > limit_s and not self.transport.is_closing():
            _log.info("a connection was closed", waited_for=what[0], seconds=limit_s)
            self.transport.abort()

    def _current(self) -> RequestResponseCycle | None:
        """The newest request; uvicorn's type leaves out that there may be none yet."""
        return self.cycle

    def _awaited(self) -> tuple[tuple[Any, ...], float] | None:
        """What the client has to do next, of which request, and its time limit; None if it is not its turn."""
        cycle = self._current()
        if cycle is None or cycle.response_complete:
            # An idle connection has uvicorn's own timer, which the first byte of a request ends.
            idle = self.timeout_keep_alive_task is not None
            return None if idle else (("header", cycle), self.limits.header_timeout_s)
        if self.flow.write_paused:
            unsent = self.transport.get_write_buffer_size()
            return ("answer", cycle, unsent), self.limits.answer_timeout_s
        if cycle.more_body:
            return ("body", cycle), self.limits.body_timeout_s
        return None


def _crowded(app: Any) -> Any:
    """The application of a connection too many: probes are answered, since the process is alive."""
    body = _problem(503, "too-many-connections", "too many connections are open; connect again later")
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", b"1"),
        (b"connection", b"close"),
    ]

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith(_PROBES):
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def _problem(status: int, code: str, detail: str) -> bytes:
    title = code.replace("-", " ").capitalize()
    violation = {"pointer": "", "code": code, "detail": detail}
    problem = {"type": f"urn:koppel:problem:{code}", "title": title, "status": status, "detail": detail}
    return msgspec.json.encode({**problem, "code": code, "errors": [violation]})


class HttpServer(uvicorn.Server):
    """uvicorn as one task among others on a socket that listens already; the runner handles the signals."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket) -> None:
        super().__init__(config)
        self._listening = listening

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Install no signal handlers."""
        yield

    async def run_until_cancelled(self) -> None:
        """Serve; when cancelled, finish the requests under way."""
        serving = asyncio.create_task(self.serve([self._listening]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self.should_exit = True
            await serving
            raise

    async def on_tick(self, counter: int) -> bool:
        """Close overdue connections, besides what uvicorn does."""
        if counter % _TICKS_PER_LOOK == 0:
            now = asyncio.get_running_loop().time()
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.close_if_overdue(now)
        return await super().on_tick(counter)


def http_server(
    app: Any, listening: socket.socket, stop_deadline_s: float, limits: ConnectionLimits | None = None
) -> HttpServer:
    """An HTTP server for an ASGI application; access logs are the application's own."""
    chosen = limits or ConnectionLimits()
    return HttpServer(
        uvicorn.Config(
            app,
            http=type("Connection", (BoundedProtocol,), {"limits": chosen}),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nothing here asks for a client's address
            timeout_graceful_shutdown=max(1, int(stop_deadline_s) - 1),
        ),
        listening,
    )


def listen(host: str, port: int, variable: str) -> socket.socket:
    """A listening socket. Raises ConfigurationError that names the setting when the port is taken.

    Taken before anything else starts: the server's own attempt would end the process in the middle of its tasks.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as e:
        reason = os.strerror(e.errno).lower() if e.errno else str(e)
        raise ConfigurationError(f"cannot listen on {host}:{port}, {reason}; set {variable}") from e
