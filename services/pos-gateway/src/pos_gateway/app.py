"""The one place that wires the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from contracts.topics import KINDS, topics_of
from eventkit.errors import ConfigurationError
from eventkit.transaction import Database
from httpkit.app import create_app
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.idempotency import forget_keys
from httpkit.limits import Limits
from pos_gateway.http import catalog, jobs, orders, setup, terminals
from pos_gateway.http.config_version import ConfigVersion
from pos_gateway.http.tills import caller_of
from pos_gateway.messages.subscriptions import COPIES, SUBSCRIPTIONS
from pos_gateway.sales_client import SalesClient
from pos_gateway.settings import GatewaySettings
from pos_gateway.store import published
from pos_gateway.store.configuration import Configurations
from pos_gateway.tokens import TokenIssuer, load_key
from pos_gateway.use_cases.configure import Setup
from pos_gateway.use_cases.create_orders import OrderCreation
from pos_gateway.use_cases.pull_orders import interval_s, run_pull_job
from pos_gateway.use_cases.sign_on import SigningOn, SignOnLimits, Terminals
from pos_gateway.use_cases.submit_orders import Submissions
from servicekit.jobs import Job
from servicekit.service import Service

NAME = "pos-gateway"
MIGRATIONS = Path(__file__).parents[2] / "migrations"


def build(settings: GatewaySettings | None = None) -> Service:
    """The service; settings from the environment unless given."""
    given = settings or GatewaySettings()
    return Service(
        name=NAME,
        settings=given,
        migrations=MIGRATIONS,
        http=partial(application, given),
        kinds={name: KINDS[name] for name in ("store", "channel-order")},
        owned_topics=topics_of(NAME),
        subscriptions=SUBSCRIPTIONS,
        jobs=(
            Job("pull", run_pull_job, interval_s),
            Job("submissions", Sweeper(given).sweep, given.sweep_interval_s),
            forget_keys(),
        ),
        current={"store": published.stores, "channel-order": published.channel_orders},
    )


class Sweeper:
    """The job that asks sales again; it connects, and needs the signing key, when it first runs."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings

    async def sweep(self, database: Database) -> None:
        """See `Submissions.sweep`."""
        await self._submissions.sweep(database)

    @cached_property
    def _submissions(self) -> Submissions:
        return _submissions(self._settings, _sales(self._settings, _issuer(self._settings)))


def _issuer(settings: GatewaySettings) -> TokenIssuer:
    if settings.signing_key_file is None:
        raise ConfigurationError("set KOPPEL_SIGNING_KEY_FILE: the gateway signs tokens with it")
    return TokenIssuer(
        load_key(settings.signing_key_file),
        audience=settings.jwt_audience,
        terminal_ttl=timedelta(seconds=settings.terminal_token_ttl_s),
        session_ttl=timedelta(seconds=settings.session_ttl_s),
    )


def _sales(settings: GatewaySettings, issuer: TokenIssuer) -> SalesClient:
    return SalesClient(settings.sales_url, issuer, deadline_s=settings.sales_deadline_s)


def _submissions(settings: GatewaySettings, sales: SalesClient) -> Submissions:
    return Submissions(
        sales,
        first_backoff=timedelta(seconds=settings.submission_backoff_s),
        longest_backoff=timedelta(seconds=settings.submission_backoff_max_s),
    )


def application(settings: GatewaySettings, database: Database) -> FastAPI:
    """The HTTP application of one process."""
    issuer = _issuer(settings)
    limits = Limits(reference_grace_s=settings.reference_grace_ms / 1000)
    edge = Edge(database, copies=COPIES, limits=limits)
    tokens = Tokens(settings, caller=caller_of)
    configurations = Configurations()
    sales = _sales(settings, issuer)
    background = _submissions(settings, sales)
    creation = OrderCreation(
        configurations,
        patience=timedelta(seconds=settings.submission_patience_s),
        ask_soon=partial(background.ask_soon, database),
    )
    signing = SigningOn(database, configurations, issuer, _sign_on_limits(settings))
    routers = (
        orders.routes(edge, tokens, orders.TillOrders(edge, configurations, creation, sales)),
        catalog.routes(edge, tokens, configurations),
        terminals.routes(edge, tokens, Terminals(configurations), signing),
        setup.routes(edge, tokens, Setup(configurations)),
        jobs.routes(edge, tokens),
    )
    app = create_app(
        NAME,
        edge,
        tokens,
        routers,
        settings=settings,
        scope="pos",
        more_scopes=("pos:terminal",),
        subscriptions=SUBSCRIPTIONS,
        more_headers=ConfigVersion(configurations, database).headers,
    )
    _close_at_the_end(app, background, sales)
    return app


def _sign_on_limits(settings: GatewaySettings) -> SignOnLimits:
    return SignOnLimits(
        per_worker=settings.sign_on_tries_per_worker,
        per_terminal=settings.sign_on_tries_per_terminal,
        window=timedelta(seconds=settings.sign_on_window_s),
    )


def _close_at_the_end(app: FastAPI, background: Submissions, sales: SalesClient) -> None:
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(scope: Any) -> AsyncIterator[Any]:
        async with inner(scope) as state:
            yield state
        await background.close()
        await sales.close()

    app.router.lifespan_context = lifespan
