"""The one place that wires purchasing."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from contracts.topics import KINDS, topics_of
from eventkit.transaction import Database
from httpkit.app import create_app
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.idempotency import forget_keys
from httpkit.limits import Limits
from purchasing.http import purchase_orders, vendors, work_lists
from purchasing.messages.subscriptions import SUBSCRIPTIONS
from purchasing.store.current import current
from servicekit.service import Service
from servicekit.settings import ServiceSettings

MIGRATIONS = Path(__file__).parents[2] / "migrations"
_TOPICS = topics_of("purchasing")


def build(settings: ServiceSettings | None = None) -> Service:
    """The service, with settings from the environment unless they are given."""
    chosen = settings or ServiceSettings()
    return Service(
        name="purchasing",
        settings=chosen,
        migrations=MIGRATIONS,
        http=lambda database: application(database, chosen),
        kinds={k.name: k for k in KINDS.values() if k.topic in {t.name for t in _TOPICS}},
        owned_topics=_TOPICS,
        subscriptions=SUBSCRIPTIONS,
        jobs=(forget_keys(),),
        current=current(),
    )


def application(database: Database, settings: ServiceSettings) -> FastAPI:
    """The HTTP side."""
    limits = Limits(reference_grace_s=settings.reference_grace_ms / 1000)
    edge = Edge(database, copies={s.kind.name for s in SUBSCRIPTIONS}, limits=limits)
    tokens = Tokens(settings)
    routers = [module.routes(edge, tokens) for module in (purchase_orders, work_lists, vendors)]
    return create_app(
        "purchasing",
        edge,
        tokens,
        routers,
        settings=settings,
        subscriptions=SUBSCRIPTIONS,
        number_series=True,
    )
