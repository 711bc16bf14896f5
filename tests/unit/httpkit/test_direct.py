from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from httpkit.direct import DirectRoutes
from httpkit.headers import all_of, header_of

router = APIRouter()


@router.get("/notes/{no}")
async def show(request: Request, no: str) -> Response:
    return Response(f"{request.method} {no}")


@router.get("/notes/all")
async def shadowed(request: Request) -> Response:
    return Response(request.method)


@router.post("/notes")
async def make(request: Request, *, dry_run: bool = False) -> Response:
    if "odd" in request.headers:
        raise LookupError("odd")
    return Response(f"made {dry_run}")


async def _lookup_error(_: Request, error: Exception) -> Response:
    return Response(str(error), 404)


def routes(*required: Any) -> DirectRoutes:
    direct = DirectRoutes({LookupError: _lookup_error})
    for route in router.routes:
        assert isinstance(route, APIRoute)
        direct.add(route, list(required), route.dependant)
    return direct


def scope(method: str, path: str, query: bytes = b"", **more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [],
        "app": FastAPI(),
        **more,
    }


async def body_of(app: Callable[..., Awaitable[None]], given: dict[str, Any]) -> bytes:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app(given, None, send)
    return bytes(sent[1]["body"])


def test_only_an_endpoint_that_takes_the_request_alone_is_called_at_once() -> None:
    direct = routes()

    assert direct.find(scope("POST", "/notes")) is not None
    assert direct.find(scope("POST", "/notes", b"dry_run=true")) is None
    assert direct.find(scope("GET", "/notes/7")) is None
    assert direct.find(scope("GET", "/notes")) is None


def test_an_address_that_an_earlier_route_takes_stays_that_route_s() -> None:
    assert routes().find(scope("GET", "/notes/all")) is None


async def test_the_endpoint_is_called_with_its_defaults_and_its_route_is_known() -> None:
    given = scope("POST", "/notes")
    endpoint = routes().find(given)

    assert endpoint is not None
    assert await body_of(endpoint, given) == b"made False"
    assert given["route"].path == "/notes"


async def test_errors_are_answered_as_everywhere() -> None:
    given = scope("POST", "/notes", headers=[(b"odd", b"1")])
    endpoint = routes().find(given)

    assert endpoint is not None
    assert await body_of(endpoint, given) == b"odd"


async def test_who_may_not_is_told_so_before_the_endpoint_is_called() -> None:
    async def forbidding(_: Request) -> None:
        raise LookupError("no token")

    given = scope("POST", "/notes", headers=[(b"odd", b"1")])
    endpoint = routes(forbidding).find(given)

    assert endpoint is not None
    assert await body_of(endpoint, given) == b"no token"


async def test_an_error_that_nobody_answers_goes_up() -> None:
    async def broken(_: Request) -> None:
        raise ZeroDivisionError

    given = scope("POST", "/notes")
    endpoint = routes(broken).find(given)

    assert endpoint is not None
    with pytest.raises(ZeroDivisionError):
        await body_of(endpoint, given)


def test_of_a_repeated_header_the_first_value_counts() -> None:
    given = scope("GET", "/", headers=[(b"prefer", b"wait=1"), (b"prefer", b"wait=2")])

    assert all_of(given) == {b"prefer": b"wait=2"}
    assert header_of(Request(given), "prefer") == "wait=1"
    assert header_of(Request(given), "if-match") is None
