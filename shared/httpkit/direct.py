"""The short way to endpoints that take nothing but the request: what the framework does for arguments is left out.

FastAPI's own way costs such a request some dozen calls: layers that look for errors, stacks of dependencies to be
closed, one route tried after the other. Routes, their documents and all other requests stay FastAPI's.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from httpkit.auth import Require
from httpkit.jsonbody import ExactRequest

OnError = Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]
"""How errors of endpoints are answered, the special before the general; all others go up."""


class DirectRoutes:
    """The endpoints that are called at once: by method and path, as long as there is no query."""

    def __init__(self, on_error: OnError) -> None:
        self._on_error = tuple(on_error.items())
        self._by_address: dict[tuple[str, str], ASGIApp] = {}
        self._earlier: list[APIRoute] = []

    def add(self, route: APIRoute, required: list[Require], dependant: Dependant) -> None:
        """Take note of a route, in the order in which routes are tried. `dependant`: without the `required`."""
        if _takes_the_request_alone(dependant) and not route.param_convertors:
            for method in (route.methods or set()) - self._methods_before(route.path):
                self._by_address[method, route.path] = self._endpoint(route, required)
        self._earlier.append(route)

    def find(self, scope: Scope) -> ASGIApp | None:
        """The endpoint for a request; None: it goes the framework's way, as all do that FastAPI itself observes."""
        if scope["query_string"] or scope.get("root_path") or "fastapi.telemetry" in scope:
            return None
        return self._by_address.get((scope["method"], scope["path"]))

    def _methods_before(self, path: str) -> set[str]:
        """The methods for which an earlier route takes the address."""
        taken = (route.methods or set() for route in self._earlier if route.path_regex.match(path))
        return set().union(*taken)

    def _endpoint(self, route: APIRoute, required: list[Require]) -> ASGIApp:
        call: Callable[[Request], Awaitable[Response]] = route.endpoint

        async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
            scope["route"] = route
            request = ExactRequest(scope, receive)
            try:
                for require in required:  # before the body: that of somebody unknown is not even read
                    await require(request)
                response = await call(request)
            except Exception as error:  # noqa: BLE001 - what is not known here goes up again
                response = await self._answer(request, error)
            await response(scope, receive, send)

        return endpoint

    async def _answer(self, request: Request, error: Exception) -> Response:
        for kind, answer in self._on_error:
            if isinstance(error, kind):
                return await answer(request, error)
        raise error


def _takes_the_request_alone(dependant: Dependant) -> bool:
    """Whether the endpoint needs nothing but the request, as long as there is no query."""
    others: tuple[list[Any], ...] = (
        dependant.path_params,
        dependant.header_params,
        dependant.cookie_params,
        dependant.body_params,
        dependant.dependencies,
    )
    if dependant.call is None or dependant.request_param_name != "request" or any(others):
        return False
    parameters = inspect.signature(dependant.call).parameters.values()
    return inspect.iscoroutinefunction(dependant.call) and all(
        p.name == "request" or p.default is not p.empty for p in parameters
    )
