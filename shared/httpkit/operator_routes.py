"""The routes of operators, the same in every service: parked events, health and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Request
from msgspec import Meta
from starlette.responses import Response

from contracts import fields
from contracts.refusals import not_found
from eventkit import parking
from eventkit.parking import Parked
from eventkit.redrive import Redriven, redrive
from httpkit.act_requests import command_runner
from httpkit.acts import CreateAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers
from httpkit.parked import (
    Discarded,
    DiscardedMany,
    DiscardNote,
    DiscardParked,
    ParkedDiscarding,
    ParkedFilters,
    ParkedSelection,
    RedrivenMany,
    answer_parked,
    discard_parked,
    discard_selected,
    redrive_selected,
)
from httpkit.paths import IdInPath
from httpkit.reads import ReadMany
from httpkit.responses import json_response
from servicekit.gauges import ServiceMetrics
from servicekit.health import Readiness, metrics_response

READ_SCOPE: Final = "ops:read"
MANAGE_SCOPE: Final = "ops:manage"
TAGS: Final = {
    "operations": "Acts that end in another service, and what this service knows of others' data.",
    "parked events": "Events that could not be applied: look at them, try them again, or give them up.",
    "health": "Whether the process and its servers work.",
}
router = APIRouter(prefix="/v1")
_READERS: Final = [requires(READ_SCOPE, MANAGE_SCOPE)]
_OPERATOR: Final = [requires(MANAGE_SCOPE)]


@router.get("/parked", tags=["parked events"], responses=answers(Parked, items=True), dependencies=_READERS)
async def list_parked_events(reading: ReadMany, page: Filters[ParkedFilters]) -> Response:
    """Events that could not be applied, the oldest first."""
    return await answer_parked(reading, page)


@router.get(
    "/parked/{id}", tags=["parked events"], responses=answers(Parked, refuses=[404]), dependencies=_READERS
)
async def get_parked_event(request: Request, id: IdInPath) -> Response:  # noqa: A002
    """One parked event with its headers and value."""
    async with command_runner(request).database.read() as conn:
        found = await parking.show(conn, id)
    if found is None:
        raise not_found("parked", str(id))
    return json_response(found)


@router.post(
    "/parked/{id}/redrive",
    tags=["parked events"],
    responses=answers(Redriven, refuses=[404]),
    dependencies=_OPERATOR,
)
async def redrive_parked_event(request: Request, id: IdInPath) -> Response:  # noqa: A002
    """Apply the event again.

    Needs no Idempotency-Key: the parked row is the claim, the second of two requests finds none.
    """
    subscriptions: Sequence[Any] = request.app.state.subscriptions
    redriven = await redrive(command_runner(request).database, subscriptions, id)
    if redriven.outcome == "gone":
        raise not_found("parked", str(id))
    return json_response(redriven)


class DiscardRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Request to discard a parked event, with the reason."""

    note: DiscardNote


@router.post(
    "/parked/{id}/discard",
    tags=["parked events"],
    responses=answers(Discarded, refuses=[404]),
    dependencies=_OPERATOR,
)
async def discard_parked_event(id: IdInPath, act: CreateAct, body: Body[DiscardRequest]) -> Response:  # noqa: A002
    """Give an event up: it will never be applied. Who did it and why stays on record."""
    outcome = await act.run(discard_parked, DiscardParked(id, body.note))
    return await act.answer(outcome)


@router.post(
    "/parked/redrive", tags=["parked events"], responses=answers(RedrivenMany), dependencies=_OPERATOR
)
async def redrive_parked_events(request: Request, body: Body[ParkedSelection]) -> Response:
    """Apply events again, the oldest first, each on its own; `next_after` leads on where there are many.

    Needs no Idempotency-Key: an event that took effect is not parked any more.
    """
    subscriptions: Sequence[Any] = request.app.state.subscriptions
    return json_response(await redrive_selected(command_runner(request).database, subscriptions, body))


@router.post(
    "/parked/discard", tags=["parked events"], responses=answers(DiscardedMany), dependencies=_OPERATOR
)
async def discard_parked_events(act: CreateAct, body: Body[ParkedDiscarding]) -> Response:
    """Give events up: they will never be applied. Who did it and why stays on record."""
    return await act.answer(await act.run(discard_selected, body))


class WorkerHealth(msgspec.Struct, frozen=True, kw_only=True):
    """A worker of the service, as its last heartbeat says."""

    instance: Annotated[str, Meta(description="Name of the worker.", examples=["sales-work-1"])]
    status: Annotated[
        str,
        fields.choice("alive", "silent"),
        Meta(description="`silent`: it hangs or was killed.", examples=["alive"]),
    ]
    heartbeat_age_s: Annotated[float, Meta(description="Seconds since its last heartbeat.", examples=[0.4])]
    relay_active: Annotated[bool, Meta(description="It sends the service's events.", examples=[True])]
    jobs_active: Annotated[bool, Meta(description="It runs the service's jobs.", examples=[True])]
    partitions: Annotated[int, Meta(description="How many partitions it reads.", examples=[12])]
    lag: Annotated[
        dict[str, int], Meta(description="Events not yet read, by topic.", examples=[{"sales.order.v1": 0}])
    ]


class Live(msgspec.Struct, frozen=True):
    """The answer of the liveness check."""

    status: Annotated[str, Meta(description="`ok`", examples=["ok"])]


class Health(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of a process and of the workers of its service."""

    status: Annotated[str, Meta(description="`ok`, `degraded` or `down`.", examples=["ok"])]
    checks: Annotated[
        dict[str, bool],
        Meta(
            description="What answers: `database`, `kafka`, `workers` (one at least).",
            examples=[{"database": True, "kafka": True, "workers": True}],
        ),
    ]
    workers: Annotated[
        tuple[WorkerHealth, ...],
        Meta(description="The workers that were not stopped; left out without a database."),
    ] = ()


def health_routes(*, metrics_open: bool) -> APIRouter:
    """Health is open; metrics are by setting, else they need the scope of operators."""
    health = APIRouter(tags=["health"])
    guarded = [] if metrics_open else _OPERATOR

    @health.get("/health/live", responses=answers(Live))
    async def get_liveness() -> Response:
        """Liveness: 200 as long as the process can answer HTTP; checks nothing else."""
        return json_response(Live("ok"))

    @health.get("/health/ready", responses=answers(Health) | answers(Health, 503))
    async def get_readiness(request: Request) -> Response:
        """The database answers (503 if not). `degraded`: Kafka or all workers are silent; writes go on."""
        readiness: Readiness = request.app.state.readiness
        status, document = await readiness.check()
        return json_response(document, status)

    @health.get("/metrics", response_class=Response, dependencies=guarded)
    async def get_metrics(request: Request) -> Response:
        """The metrics of the service and of this process in Prometheus' text format."""
        metrics: ServiceMetrics = request.app.state.metrics
        return await metrics_response(metrics)

    return health
