"""The one place that wires the gateway."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from contracts.topics import KINDS, topics_of
from eventkit.errors import ConfigurationError
from eventkit.transaction import Database
from httpkit.app import create_app
from httpkit.audit import forget_audit
from httpkit.auth import Tokens
from httpkit.commands import CommandRunner
from httpkit.idempotency import forget_keys
from httpkit.limits import Limits
from pos_gateway.domain.terminals.sign_on_tries import TriesLimit
from pos_gateway.http import (
    approvals,
    commerce_parameters,
    conversions,
    customer_orders,
    customers,
    distribution_schedules,
    functionality_profiles,
    items,
    journal,
    offline_returns,
    payment_instructions,
    pull_jobs,
    returns,
    sessions,
    stores,
    terminals,
    till_acts,
    transaction_batches,
    workers,
)
from pos_gateway.http.config_version import ConfigVersion
from pos_gateway.http.dependencies import Parts, caller_of, still_holds
from pos_gateway.jobs.acts import OverdueActs
from pos_gateway.jobs.forget_sign_ons import FORGET_EVERY_S, forget_sign_ons
from pos_gateway.jobs.proving_workers import ProvingWorkers, TryLimits
from pos_gateway.jobs.pull import interval_s, run_pull_job
from pos_gateway.jobs.signing_on import SigningOn
from pos_gateway.jobs.submissions import Submissions
from pos_gateway.messages.subscriptions import SUBSCRIPTIONS
from pos_gateway.sales_client import SalesClient
from pos_gateway.settings import GatewaySettings
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.gauges import OrderGauges
from pos_gateway.store.kinds import COPIES, KINDS_OF_GATEWAY
from pos_gateway.store.snapshots import SNAPSHOTS
from pos_gateway.tokens import TokenIssuer, load_key
from pos_gateway.use_cases.act_on_orders import ActsOfTills
from pos_gateway.use_cases.approve_acts import Approving
from pos_gateway.use_cases.convert_quotes import QuoteConversion
from pos_gateway.use_cases.create_orders import OrderCreation
from pos_gateway.use_cases.create_terminals import TerminalSetup
from pos_gateway.use_cases.end_sessions import SigningOff
from pos_gateway.use_cases.put_masters import Setup
from pos_gateway.use_cases.repair_returns import ReturnRepairs
from pos_gateway.use_cases.take_batches import BatchTaking
from pos_gateway.use_cases.take_blind_returns import BlindReturns
from pos_gateway.use_cases.take_offline_returns import OfflineReturns
from servicekit.jobs import Job
from servicekit.service import Service

NAME = "pos-gateway"
MIGRATIONS = Path(__file__).parents[2] / "migrations"
ROUTES: Final = (
    customer_orders,
    transaction_batches,
    approvals,
    till_acts,
    returns,
    offline_returns,
    conversions,
    payment_instructions,
    customers,
    items,
    terminals,
    journal,
    sessions,
    stores,
    functionality_profiles,
    commerce_parameters,
    workers,
    distribution_schedules,
    pull_jobs,
)
TAGS: Final = {
    "customer orders": "Orders that tills take: they become sales orders, at once or by a job. Every answer names the "
    "version of the configuration in `Koppel-Config-Version`.",
    "approvals": "What a manager of the store lets a worker do: one operation on one order, for one amount, once.",
    "acts": "What tills do to orders later: each act is a transaction of its own and is answered with the whole order. "
    "`dry_run=true` shows the amounts first. Of an order that sales has, sales is asked while the till waits (200); "
    "else the act goes there with the order (202).",
    "payment instructions": "What is done on cards while no customer is at the till: the balance of shipped goods is "
    "captured, what is held for nothing is released. A till or a payment service executes each and confirms it.",
    "look-up": "What a till looks up in the gateway's own copies, also while the back office is down.",
    "terminals": "Terminals, and the workers who sign on at them.",
    "set-up": "Stores, functionality profiles, commerce parameters and workers. What is set holds at once.",
    "jobs": "The job that hands orders over to sales.",
}


def build(settings: GatewaySettings | None = None) -> Service:
    """The service; settings from the environment unless given."""
    chosen = settings or GatewaySettings()
    sweeper = Sweeper(chosen)
    return Service(
        name=NAME,
        settings=chosen,
        migrations=MIGRATIONS,
        http=partial(application, chosen),
        kinds={name: KINDS[name] for name in SNAPSHOTS},
        owned_topics=topics_of(NAME),
        subscriptions=SUBSCRIPTIONS,
        jobs=(
            Job("pull", run_pull_job, interval_s),
            Job("submissions", sweeper.sweep, chosen.sweep_interval_s),
            Job("acts", sweeper.sweep_acts, chosen.sweep_interval_s),
            Job("forget-sign-ons", forget_sign_ons, FORGET_EVERY_S),
            forget_keys(),
            forget_audit(chosen.audit_retention_days),
        ),
        current=SNAPSHOTS,
        gauges=OrderGauges().read,
    )


class Sweeper:
    """The jobs that ask sales again; they connect, and need the signing key, when they first run."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings

    async def sweep(self, database: Database) -> None:
        """One run; see `Submissions.sweep`."""
        await self._submissions.sweep(database)

    async def sweep_acts(self, database: Database) -> None:
        """One run; see `OverdueActs.sweep`."""
        await self._acts.sweep(database)

    @cached_property
    def _client(self) -> SalesClient:
        return _sales(self._settings, _issuer(self._settings))

    @cached_property
    def _submissions(self) -> Submissions:
        return _submissions(self._settings, self._client)

    @cached_property
    def _acts(self) -> OverdueActs:
        return OverdueActs(
            self._client,
            first_backoff=timedelta(seconds=self._settings.submission_backoff_s),
            longest_backoff=timedelta(seconds=self._settings.submission_backoff_max_s),
        )


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
    configurations = Configurations()
    sales = _sales(settings, issuer)
    submissions = _submissions(settings, sales)
    proving = ProvingWorkers(database, configurations, _try_limits(settings))
    creation = OrderCreation(
        configurations,
        patience=timedelta(seconds=settings.submission_patience_s),
        ask_soon=partial(submissions.ask_soon, database),
    )

    async def close() -> None:
        await submissions.close()
        await sales.close()

    return create_app(
        NAME,
        CommandRunner(database, copies=COPIES, limits=limits),
        Tokens(
            settings.trusted_issuers,
            audience=settings.jwt_audience,
            caller=caller_of,
            check=still_holds(configurations, database),
        ),
        [module.router for module in ROUTES],
        records=KINDS_OF_GATEWAY,
        settings=settings,
        tags=TAGS,
        scope="pos",
        subscriptions=SUBSCRIPTIONS,
        gauges=OrderGauges().read,
        more_headers=ConfigVersion(configurations, database).headers,
        on_close=close,
        state={
            "parts": Parts(
                configurations=configurations,
                order_creation=creation,
                till_acts=ActsOfTills(
                    configurations, patience=timedelta(seconds=settings.submission_patience_s)
                ),
                blind_returns=BlindReturns(configurations),
                batch_taking=BatchTaking(creation, OfflineReturns(configurations)),
                quote_conversion=QuoteConversion(creation, configurations),
                terminal_setup=TerminalSetup(configurations),
                signing_off=SigningOff(configurations),
                setup=Setup(configurations),
                sales=sales,
                signing_on=SigningOn(database, issuer, proving),
                proving_workers=proving,
                return_repairs=ReturnRepairs(configurations),
                approving=Approving(configurations, timedelta(seconds=settings.approval_ttl_s)),
            )
        },
    )


def _try_limits(settings: GatewaySettings) -> TryLimits:
    first, longest = (timedelta(seconds=s) for s in (settings.sign_on_pause_s, settings.sign_on_pause_max_s))
    return TryLimits(
        per_worker=TriesLimit(settings.sign_on_tries_per_worker, first, longest),
        per_worker_anywhere=TriesLimit(settings.sign_on_tries_per_worker_anywhere, first, longest),
        per_terminal=TriesLimit(settings.sign_on_tries_per_terminal, first, longest),
    )
