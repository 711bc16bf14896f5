"""The one place that wires the sales service."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from contracts.topics import KINDS, topics_of
from eventkit.transaction import Database
from httpkit.app import create_app
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.idempotency import forget_keys
from httpkit.limits import Limits
from sales.http import channel, documents, masters, orders, work_lists
from sales.messages.subscriptions import SUBSCRIPTIONS
from sales.settings import SalesSettings
from sales.store.current import current
from sales.use_cases.synchronize_orders import interval_s, synchronize
from servicekit.jobs import Job
from servicekit.service import Service

NAME = "sales"
MIGRATIONS = Path(__file__).parents[2] / "migrations"


def build(settings: SalesSettings | None = None) -> Service:
    """The service; settings come from the environment unless they are given."""
    made = settings or SalesSettings()
    readers = current()
    return Service(
        name=NAME,
        settings=made,
        migrations=MIGRATIONS,
        http=partial(application, made),
        kinds={kind: KINDS[kind] for kind in readers},
        owned_topics=topics_of(NAME),
        subscriptions=SUBSCRIPTIONS,
        jobs=(_synchronization(made.synchronization_batch_orders), forget_keys()),
        current=readers,
    )


def application(settings: SalesSettings, database: Database) -> FastAPI:
    """The HTTP application; orders first, their routes are the hot ones."""
    tokens = Tokens(settings)
    limits = Limits(reference_grace_s=settings.reference_grace_ms / 1000)
    edge = Edge(database, copies={s.kind.name for s in SUBSCRIPTIONS}, limits=limits)
    routers = [
        orders.routes(edge, tokens),
        channel.routes(edge, tokens, settings.synchronization_batch_orders),
        masters.routes(edge, tokens),
        documents.routes(edge, tokens),
        work_lists.routes(edge, tokens),
    ]
    return create_app(
        NAME, edge, tokens, routers, settings=settings, subscriptions=SUBSCRIPTIONS, number_series=True
    )


def _synchronization(batch_orders: int) -> Job:
    async def run(db: Database) -> Any:
        await synchronize(db, batch_orders)

    return Job(name="synchronize-orders", run=run, interval_s=interval_s)
