"""Which statuses the services answered to the tests of this process, per documented operation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support import met_codes


class Met(NamedTuple):
    """One status that one operation answered at least once."""

    service: str
    method: str
    path: str
    """The route's template, as in the API document: `/v1/sales-orders/{no}`."""
    status: int


_met: Final[set[Met]] = set()
_provoked: Final[set[int]] = set()


def note(service: str, method: str, path: str, status: int) -> None:
    """Keep that the operation answered the status."""
    if status not in _provoked:
        _met.add(Met(service, method, path, status))


@contextmanager
def provoked(status: int) -> Iterator[None]:
    """Within, answers with this status are not noted: the test makes the program fail, which no document promises."""
    _provoked.add(status)
    yield
    _provoked.remove(status)


def met() -> frozenset[Met]:
    """All that was noted so far."""
    return frozenset(_met)


class NotingStatuses:
    """Wraps a service's ASGI application and notes each answer; requests that match no route are left out."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem: list[int] = []

        async def note_and_send(message: Message) -> None:
            route: Any = scope.get("route")
            if message["type"] == "http.response.start":
                if route is not None:
                    note(self._service, scope["method"], route.path, message["status"])
                if (b"content-type", met_codes.PROBLEM) in message["headers"]:
                    problem.append(message["status"])
            elif problem and message.get("body"):  # problem documents are sent in one piece
                met_codes.note(problem[0], message["body"])
            await send(message)

        await self._app(scope, receive, note_and_send)
