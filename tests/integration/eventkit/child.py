"""The kit's little service as processes of its own: `python -m tests.integration.eventkit.child serve | work | …`."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eventkit.consumer import Batch, Subscription
from eventkit.transaction import Database, Queryable, Transaction, fetch
from servicekit.cli import main
from servicekit.gauges import ServiceMetrics
from servicekit.health import Readiness, metrics_response
from servicekit.jobs import Job
from servicekit.service import Service
from servicekit.settings import ServiceSettings
from tests.integration.eventkit.rig import CONTEXT, PART, THING, TOPICS, Thing, record_effects


async def deadly(tx: Transaction, batch: Batch[Thing]) -> None:
    """As `record_effects`, but `deadly` kills the process as `kill -9` would, and `hanging` stops its event loop."""
    for change in batch:
        if change.new.value == "deadly":
            os._exit(9)
        if change.new.value == "hanging":
            time.sleep(60)  # noqa: ASYNC251 - what no handler may do
    await record_effects(tx, batch)


async def count_run(db: Database) -> None:
    async with db.begin() as tx:
        await tx.run(text("INSERT INTO effect (kind, no, version, value) VALUES ('job', 'tick', 1, 'run')"))


THINGS = text("""
SELECT no, max(version) FROM effect
WHERE kind = 'thing' AND (:every OR no = ANY(CAST(:nos AS text[]))) GROUP BY no
""")


async def current_things(
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: FBT001
) -> AsyncIterator[tuple[str, Thing]]:
    del since, open_only
    for no, version in await fetch(conn, THINGS, every=nos is None, nos=list(nos or ())):
        yield no, Thing(version=version, value="again")


def http(db: Database) -> Starlette:
    settings = ServiceSettings()
    readiness = Readiness(db, settings)
    service_metrics = ServiceMetrics(db, "kit", "serve", settings)

    async def ready(_: Request) -> Response:
        status, document = await readiness.check()
        return JSONResponse(document, status)

    async def metrics(_: Request) -> Response:
        return await metrics_response(service_metrics)

    async def create(request: Request) -> Response:
        async with db.begin() as tx:
            tx.publish(THING, request.path_params["no"], Thing(version=1, value="posted"), CONTEXT)
        return Response(status_code=201)

    return Starlette(
        routes=[
            Route("/health/ready", ready),
            Route("/metrics", metrics),
            Route("/things/{no}", create, methods=["POST"]),
        ]
    )


def build() -> Service:
    return Service(
        name="kit",
        settings=ServiceSettings(),
        migrations=Path(__file__).parent / "migrations",
        http=http,
        kinds={k.name: k for k in (THING, PART)},
        owned_topics=TOPICS,
        subscriptions=(Subscription(THING, deadly), Subscription(PART)),
        jobs=(Job("tick", count_run, float(os.environ.get("KIT_TICK_S", "0"))),),
        current={"thing": current_things},
    )


if __name__ == "__main__":
    main(build)
