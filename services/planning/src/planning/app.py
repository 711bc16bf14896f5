"""The one place that wires planning."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from contracts.topics import KINDS, topics_of
from eventkit.transaction import Database
from httpkit.app import create_app
from httpkit.audit import forget_audit
from httpkit.auth import Tokens
from httpkit.commands import CommandRunner
from httpkit.idempotency import forget_keys
from httpkit.limits import Limits
from planning.domain.timeline import TOLD
from planning.http import (
    catalog_items,
    items,
    locations,
    order_promising,
    planning_setup,
    projected_inventory,
    purchase_proposals,
    requisition_lines,
    requisition_worksheets,
    reservations,
    stock,
    stockkeeping_units,
)
from planning.jobs.calculate_plans import calculate_plans
from planning.jobs.forget_channel_demand import forget_channel_demand
from planning.messages.subscriptions import SUBSCRIPTIONS
from planning.store.kinds import KINDS_OF_PLANNING
from planning.store.snapshots import SNAPSHOTS
from servicekit.service import Service
from servicekit.settings import ServiceSettings

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
ROUTERS: Final = (
    items.router,
    catalog_items.router,
    stockkeeping_units.router,
    locations.router,
    requisition_worksheets.router,
    requisition_lines.router,
    purchase_proposals.router,
    order_promising.router,
    stock.router,
    projected_inventory.router,
    reservations.router,
    planning_setup.router,
)
TAGS: Final = {
    "items": "What is sold and bought, and how its supply is planned, in general and at single locations.",
    "locations": "Where goods lie.",
    "requisition worksheets": "What shall be bought: lines that people look at, change and carry out.",
    "purchase proposals": "Create purchase orders from a sales order: what its lines need beyond what is available.",
    "order promising": "When the lines of a sales order can leave, and dates that are promised to the customer.",
    "stock": "What is there, what moved it, what is available, and what serves what.",
    "reservations": "What is held for sales lines, of stock and of what is still to come.",
    "setup": "How planning works here.",
}


def build(settings: ServiceSettings | None = None) -> Service:
    """The service, with settings from the environment unless they are given."""
    chosen = settings or ServiceSettings()
    return Service(
        name="planning",
        settings=chosen,
        migrations=MIGRATIONS,
        http=partial(application, chosen),
        kinds={name: KINDS[name] for name in SNAPSHOTS},
        owned_topics=topics_of("planning"),
        subscriptions=SUBSCRIPTIONS,
        jobs=(
            forget_keys(),
            forget_audit(chosen.audit_retention_days),
            calculate_plans(),
            forget_channel_demand(),
        ),
        current=SNAPSHOTS,
        timelines=TOLD,
    )


def application(settings: ServiceSettings, database: Database) -> FastAPI:
    """The HTTP application: command runner, routes and their shared state."""
    limits = Limits(reference_grace_s=settings.reference_grace_ms / 1000)
    runner = CommandRunner(database, copies={s.kind.name for s in SUBSCRIPTIONS}, limits=limits)
    return create_app(
        "planning",
        runner,
        Tokens(settings.trusted_issuers, audience=settings.jwt_audience),
        ROUTERS,
        records=KINDS_OF_PLANNING,
        settings=settings,
        tags=TAGS,
        subscriptions=SUBSCRIPTIONS,
        number_series=True,
    )
