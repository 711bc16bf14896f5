"""The one place that wires planning."""

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
from planning.http import masters, stock, worksheets
from planning.messages.subscriptions import SUBSCRIPTIONS
from planning.store.current import CURRENT
from servicekit.service import Service
from servicekit.settings import ServiceSettings

MIGRATIONS = Path(__file__).parents[2] / "migrations"
_TOPICS = topics_of("planning")


def build(settings: ServiceSettings | None = None) -> Service:
    """The service, with settings from the environment unless they are given."""
    chosen = settings or ServiceSettings()
    return Service(
        name="planning",
        settings=chosen,
        migrations=MIGRATIONS,
        http=lambda database: application(database, chosen),
        kinds={name: KINDS[name] for name in CURRENT},
        owned_topics=_TOPICS,
        subscriptions=SUBSCRIPTIONS,
        jobs=(forget_keys(),),
        current=CURRENT,
    )


def application(database: Database, settings: ServiceSettings) -> FastAPI:
    """The HTTP side."""
    limits = Limits(reference_grace_s=settings.reference_grace_ms / 1000)
    edge = Edge(database, copies={s.kind.name for s in SUBSCRIPTIONS}, limits=limits)
    tokens = Tokens(settings)
    routers = [module.routes(edge, tokens) for module in (masters, stock, worksheets)]
    return create_app("planning", edge, tokens, routers, settings=settings, subscriptions=SUBSCRIPTIONS)
