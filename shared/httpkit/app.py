"""Makes a service's HTTP application: its routers and those that all services share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.refusals import Refusal
from eventkit.consumer import Subscription
from httpkit import (
    api_docs,
    audit,
    catalogue,
    idempotency,
    openapi,
    operation_routes,
    operator_routes,
    parameters,
    problems,
)
from httpkit import number_series as series_routes
from httpkit.auth import Forbidden, Tokens, Unauthorized
from httpkit.commands import CommandRunner
from httpkit.middleware import MoreHeaders, RequestMiddleware
from httpkit.rates import Rates
from recordkit.kinds import RecordKinds
from servicekit.gauges import GaugeReader, ServiceMetrics, no_gauges
from servicekit.health import Readiness
from servicekit.settings import ServiceSettings

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_CODES: Final = {404: "not-found", 405: "method-not-allowed", 400: "malformed-json"}
_DESCRIPTION: Final = """
Errors are RFC 9457 problem documents whose `errors` name everything that is wrong; `type` leads to what a code means,
and [all codes](problems) are listed. Quantities and money are exact
decimals: texts in answers, texts or numbers in requests. Numbers and codes are upper-case. Changes of resources carry
`ETag` and `Koppel-Seen`; every POST needs an `Idempotency-Key`.
"""


def create_app(  # noqa: PLR0913 - keywords with defaults: what differs between services
    title: str,
    runner: CommandRunner,
    tokens: Tokens,
    routers: Sequence[APIRouter],
    *,
    settings: ServiceSettings,
    tags: Mapping[str, str] | None = None,
    scope: str | None = None,
    more_scopes: Sequence[str] = (),
    subscriptions: Sequence[Subscription[Any]] = (),
    number_series: bool = False,
    members: Callable[[], dict[str, Any]] = dict,
    gauges: GaugeReader = no_gauges,
    more_headers: MoreHeaders | None = None,
    on_close: Callable[[], Any] | None = None,
    records: RecordKinds | None = None,
    state: Mapping[str, Any] | None = None,
    version: str = "1.0.0",
) -> FastAPI:
    """The application of a service named `title`.

    `tags`: name → text of the groups in the API document. `scope`: the word before the colon of its scopes (default:
    the title); `more_scopes`: others that its callers have. `subscriptions`: those that a redriven event is applied
    with. `members` adds to `/health/ready`, `gauges` to `/metrics`, `more_headers` to every response. `records`: the
    kinds that bodies may name by number. `state` adds to `app.state`, where the service's own dependencies find what
    they need. `on_close` is awaited when the application ends.
    """
    app = _documented_app(
        title,
        version,
        settings,
        _tags(dict(tags or {}), number_series=number_series),
        _closing(runner, on_close),
    )
    app.add_middleware(
        RequestMiddleware, max_body_bytes=runner.limits.max_body_bytes, more_headers=more_headers
    )
    for kind, answer in _ON_ERROR.items():
        app.add_exception_handler(kind, answer)
    shared_state = {
        "commands": runner,
        "tokens": tokens,
        "records": records,
        "rates": Rates(runner.limits.requests_per_second, runner.limits.requests_burst),
        "readiness": Readiness(runner.database, settings, members),
        "metrics": ServiceMetrics(runner.database, title, "serve", settings, gauges),
        "subscriptions": subscriptions,
    }
    for name, value in (shared_state | dict(state or {})).items():
        setattr(app.state, name, value)
    for router in (*routers, *_shared_routers(scope or title, more_scopes, number_series=number_series)):
        app.include_router(router)
    app.include_router(operator_routes.health_routes(metrics_open=settings.metrics_open))
    openapi.install(app)
    if settings.docs_open:
        api_docs.install(app)
    catalogue.install(app)
    return app


def _closing(runner: CommandRunner, on_close: Callable[[], Any] | None) -> Lifespan:
    """Ends what the application has begun, when its server stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await runner.close()
        if on_close is not None:
            await on_close()

    return lifespan


def _documented_app(
    title: str, version: str, settings: ServiceSettings, tags: list[dict[str, str]], lifespan: Lifespan
) -> FastAPI:
    """An application without routes; its own pages of documents are replaced by `api_docs`."""
    return FastAPI(
        title=f"Koppel {title}",
        summary=f"The {title} service of Koppel.",
        version=version,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if settings.docs_open else None,
        description=_DESCRIPTION,
        servers=[{"url": "/", "description": "This service"}],
        openapi_tags=tags,
        generate_unique_id_function=lambda route: route.name,
        # Traces, metrics and logs are the middleware's; FastAPI would look for its own at each request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )


def _shared_routers(scope: str, more_scopes: Sequence[str], *, number_series: bool) -> list[APIRouter]:
    """What all services answer alike: operations, parked events and copies, the audit trail, number series."""
    own = [f"{scope}:{may}" for may in ("read", "write", "post", "manage")]
    operators = [operator_routes.READ_SCOPE, operator_routes.MANAGE_SCOPE]
    operations = operation_routes.routes(*own, *more_scopes, *operators, of_list=(own[0], *operators))
    found = [operations, operator_routes.router, audit.router]
    return [*found, series_routes.routes(scope)] if number_series else found


def _tags(own: dict[str, str], *, number_series: bool) -> list[dict[str, str]]:
    shared = operator_routes.TAGS | audit.TAGS | (series_routes.TAGS if number_series else {})
    return [{"name": name, "description": text} for name, text in (own | shared).items()]


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    found = error.errors()
    if any(e["type"] == "missing" and e["loc"] == ("header", "Idempotency-Key") for e in found):
        return problems.respond(idempotency.missing_key())
    return problems.respond(parameters.refusal_of(found))


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for it
    challenge = error.challenge if isinstance(error, Unauthorized | Forbidden) else None
    return problems.respond(error, {"WWW-Authenticate": challenge} if challenge else None)


async def _http_error(request: Request, error: Exception) -> Response:
    """FastAPI's own: unknown route, other method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    headers = dict(error.headers or {})
    if error.status_code == 405:  # noqa: PLR2004
        headers["Allow"] = ", ".join(_methods_of(request))
    code = _CODES.get(error.status_code, "refused")
    return problems.respond(problems.refusal(error.status_code, code, str(error.detail)), headers)


def _methods_of(request: Request) -> list[str]:
    """The methods of the address: a resource has one route for each."""
    found: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        pattern = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(request.scope["path"]):
            found |= route.methods or set()
    if "GET" in found:
        found.add("HEAD")
    return sorted(found)


_ON_ERROR: Final = {
    RequestValidationError: _invalid,
    Refusal: _refused,
    HTTPException: _http_error,
}
