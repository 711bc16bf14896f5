"""The routes that every service has: operations, copies, parked events, number series, health and metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from contracts.refusals import not_found
from eventkit import parking
from eventkit.consumer import Subscription
from eventkit.parking import Parked
from eventkit.redrive import redrive
from eventkit.transaction import Database
from httpkit import preconditions, problems, series
from httpkit.answers import json_answer
from httpkit.auth import Tokens
from httpkit.copies import CopyView
from httpkit.edge import Edge
from httpkit.fields import Input, Text250
from httpkit.headers import header_of
from httpkit.openapi import answers
from httpkit.operations import RUNNING, Operation
from httpkit.parked import Discarded, DiscardParked, ParkedPage, answer_parked, discard_parked
from servicekit.health import Readiness, metrics_response
from servicekit.settings import ServiceSettings

OPS_SCOPE: Final = "ops:manage"
_NO = Annotated[str, Path(min_length=1, max_length=400)]


class DiscardInput(Input):
    """Why an event is given up."""

    note: Text250


def shared_routes(
    edge: Edge,
    tokens: Tokens,
    scope: str,
    *,
    subscriptions: Sequence[Subscription[Any]],
    number_series: bool,
) -> APIRouter:
    """Operations, copies, parked events and, if wanted, number series."""
    router = APIRouter(prefix="/v1")
    _operations(router, edge, tokens)
    _copies(router, edge, tokens)
    _parked(router, edge, tokens, subscriptions)
    if number_series:
        series.add_routes(router, edge, tokens, scope)
    return router


def _operations(router: APIRouter, edge: Edge, tokens: Tokens) -> None:
    @router.get(
        "/operations/{id}",
        tags=["operations"],
        responses=answers(Operation),
        dependencies=[Depends(tokens.require())],
    )
    async def operation(request: Request, id: UUID) -> Response:  # noqa: A002 - the contract's name
        """An act that goes on, or has ended, in another service. `Prefer: wait=N` waits for its end."""
        found = await edge.operations.find(id)
        wait_s = preconditions.preferred_wait_s(request)
        if found is not None and found.status == RUNNING and wait_s:
            with edge.operations.slot():
                found = await edge.operations.ended(id, wait_s) or found
        if found is None:
            return problems.respond(not_found("operation", str(id)))
        return json_answer(found)


def _copies(router: APIRouter, edge: Edge, tokens: Tokens) -> None:
    @router.get(
        "/copies/{kind}/{no:path}",
        tags=["operations"],
        responses=answers(CopyView),
        dependencies=[Depends(tokens.require())],
    )
    async def copy(request: Request, kind: str, no: _NO) -> Response:
        """What this service knows of another service's document or master data."""
        await edge.copies.wait_for(header_of(request, "koppel-after"))
        async with edge.database.read() as conn:
            found = await edge.copies.show(conn, kind, no)
        if found is None:
            return problems.respond(not_found("copy", f"{kind}/{no}"))
        return json_answer(found)


def _parked(
    router: APIRouter, edge: Edge, tokens: Tokens, subscriptions: Sequence[Subscription[Any]]
) -> None:
    allowed = [Depends(tokens.require(OPS_SCOPE))]

    @router.get("/parked", tags=["parked"], responses=answers(Parked, items=True), dependencies=allowed)
    async def list_parked(request: Request, page: Annotated[ParkedPage, Query()]) -> Response:
        """Events that could not be applied, the oldest first."""
        async with edge.database.read() as conn:
            return await answer_parked(conn, request, page)

    @router.get("/parked/{id}", tags=["parked"], responses=answers(Parked), dependencies=allowed)
    async def show_parked(id: UUID) -> Response:  # noqa: A002
        """One parked event with its headers and value."""
        async with edge.database.read() as conn:
            found = await parking.show(conn, id)
        return json_answer(found) if found else problems.respond(not_found("parked", str(id)))

    @router.post(
        "/parked/{id}/redrive", tags=["parked"], responses=answers(dict[str, str]), dependencies=allowed
    )
    async def redrive_parked(id: UUID) -> Response:  # noqa: A002
        """Apply the event again: `applied`, `superseded`, `waiting`, `skipped`, or `parked` if it fails again.

        Needs no Idempotency-Key: the parked row is the claim, the second of two finds none (404).
        """
        outcome = await redrive(edge.database, subscriptions, id)
        if outcome == "gone":
            return problems.respond(not_found("parked", str(id)))
        return json_answer({"outcome": outcome})

    @router.post("/parked/{id}/discard", tags=["parked"], responses=answers(Discarded), dependencies=allowed)
    async def discard(request: Request, id: UUID, body: DiscardInput) -> Response:  # noqa: A002
        """Give an event up: it will never be applied; who and why stays on record."""
        return await edge.act(request, discard_parked, DiscardParked(id, body.note))


def health_routes(
    database: Database, tokens: Tokens, settings: ServiceSettings, members: Callable[[], dict[str, Any]]
) -> APIRouter:
    """Health is open; metrics are by setting, else they need the scope of operators."""
    router = APIRouter(tags=["health"])
    readiness = Readiness(database, settings, members)
    guarded = [] if settings.metrics_open else [Depends(tokens.require(OPS_SCOPE))]

    @router.get("/health/live", responses=answers(dict[str, str]))
    async def live() -> Response:
        """The process answers."""
        return json_answer({"status": "ok"})

    @router.get("/health/ready", responses=answers(dict[str, Any]))
    async def ready() -> Response:
        """The database answers (503 if not); `degraded` without Kafka: writes go on, the outbox grows."""
        status, document = await readiness.check()
        return json_answer(document, status)

    @router.get("/metrics", response_class=Response, dependencies=guarded)
    async def metrics() -> Response:
        """Prometheus' text format."""
        return metrics_response()

    return router
