"""Makes a service's HTTP application: its routes and the ones that all services share, behind one front."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, request_response
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.refusals import Refusal
from eventkit.consumer import Subscription
from httpkit import api_docs, openapi, problems, validation
from httpkit.auth import Forbidden, Require, Tokens, Unauthorized
from httpkit.direct import DirectRoutes, OnError
from httpkit.edge import Edge
from httpkit.front import Front, MoreHeaders
from httpkit.jsonbody import BodyRefused, ExactRequest
from httpkit.shared_routes import health_routes, shared_routes
from servicekit.settings import ServiceSettings

_CODES: Final = {404: "not-found", 405: "method-not-allowed", 400: "malformed-json"}


def create_app(  # noqa: PLR0913 - keywords with defaults: what differs between services
    title: str,
    edge: Edge,
    tokens: Tokens,
    routers: Sequence[APIRouter],
    *,
    settings: ServiceSettings,
    scope: str | None = None,
    subscriptions: Sequence[Subscription[Any]] = (),
    number_series: bool = False,
    members: Callable[[], dict[str, Any]] = dict,
    more_headers: MoreHeaders | None = None,
    version: str = "1",
) -> FastAPI:
    """The application of a service named `title`.

    `scope` is the word before the colon of its scopes (default: the title). `subscriptions` are those that a redriven
    event is applied with. `number_series` adds `/v1/number-series/{code}`. `members` adds to `/health/ready`,
    `more_headers` to every answer.
    Put routers with hot routes first: routes are tried in order.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await edge.close()

    app = FastAPI(
        title=f"Koppel {title}",
        version=version,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        default_response_class=Response,
        description="Errors are RFC 9457 problem documents whose `errors` name everything that is wrong.",
    )
    direct = DirectRoutes(_ON_ERROR)
    app.add_middleware(
        Front, direct=direct, max_body_bytes=edge.limits.max_body_bytes, more_headers=more_headers
    )
    for kind, answer in _ON_ERROR.items():
        app.add_exception_handler(kind, answer)
    own = shared_routes(
        edge, tokens, scope or title, subscriptions=subscriptions, number_series=number_series
    )
    for router in (*routers, own, health_routes(edge.database, tokens, settings, members)):
        _add(app, router, direct)
    openapi.install(app)
    api_docs.install(app)
    return app


def _add(app: FastAPI, router: APIRouter, direct: DirectRoutes) -> None:
    """Take a router's routes over, flat, each reading its body exactly."""
    for route in router.routes:
        if not isinstance(route, APIRoute):
            msg = f"routers are not nested in routers: {route!r}"
            raise TypeError(msg)
        required = [
            d.call for d in route.dependant.dependencies if isinstance(d.call, Require) and d.name is None
        ]
        rest = [d for d in route.dependant.dependencies if d.call not in required]
        dependant = replace(route.dependant, dependencies=rest)
        direct.add(route, required, dependant)
        route.app = request_response(_exactly(route, required, dependant))
        app.router.routes.append(route)


def _exactly(route: APIRoute, required: list[Require], dependant: Dependant) -> Callable[[Request], Any]:
    """The route's handler: the token first, so that a body of somebody unknown is not even read, then the body."""
    inner = copy(route)
    inner.dependant = dependant
    handler = inner.get_route_handler()

    async def handle(request: Request) -> Response:
        for require in required:
            await require(request)
        return await handler(ExactRequest(request.scope, request.receive))

    return handle


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    return problems.respond(validation.of_pydantic(error.errors()))


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for it
    challenge = getattr(error, "challenge", None) if isinstance(error, Unauthorized | Forbidden) else None
    return problems.respond(error, {"WWW-Authenticate": challenge} if challenge else None)


async def _http_error(request: Request, error: Exception) -> Response:
    """FastAPI's own: unknown route, other method, a body that cannot be read."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    if isinstance(error, BodyRefused):
        return problems.respond(error.refusal)
    headers = dict(error.headers or {})
    if error.status_code == 405:  # noqa: PLR2004
        headers["Allow"] = ", ".join(_methods_of(request))
    code = _CODES.get(error.status_code, "refused")
    return problems.respond(problems.refusal(error.status_code, code, str(error.detail)), headers)


def _methods_of(request: Request) -> list[str]:
    """The methods of the address (a resource's routes are apart by method)."""
    found: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, APIRoute) and route.path_regex.match(request.scope["path"]):
            found |= route.methods or set()
    return sorted(found)


_ON_ERROR: Final[OnError] = {
    RequestValidationError: _invalid,
    Refusal: _refused,
    HTTPException: _http_error,
}
