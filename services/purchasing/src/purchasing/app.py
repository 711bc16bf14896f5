"""The one place that wires purchasing."""

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
from mailkit.routes import TAG, mail_routes
from mailkit.sending import send_mails
from mailkit.settings import MailingSettings
from purchasing.domain.timeline import TOLD
from purchasing.http import (
    posted_documents,
    purchase_invoices,
    purchase_orders,
    purchasing_setup,
    reports,
    sales_order_candidates,
    vendors,
    work_lists,
)
from purchasing.messages.subscriptions import SUBSCRIPTIONS
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.store.snapshots import SNAPSHOTS
from servicekit.service import Service

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
TAGS: Final = {
    "purchase orders": "What is bought: orders, their lines, the sales lines they serve, and posting them.",
    "purchase invoices": "What vendors invoice, before it is posted: receipts, goods without an order, comments.",
    "work lists": "What buyers work through each day: lines of all orders, and what needs a person.",
    "posted documents": "Receipts and invoices that were posted; they never change.",
    "vendors": "Who supplies, and at which terms.",
    "setup": "Choices of the company.",
    TAG: "Documents that left by e-mail, or wait for the mail server.",
}
_ROUTERS: Final = (
    purchase_orders.router,
    purchase_invoices.router,
    sales_order_candidates.router,
    work_lists.router,
    reports.router,
    posted_documents.router,
    vendors.router,
    purchasing_setup.router,
    mail_routes("purchasing:read"),
)


def build(settings: MailingSettings | None = None) -> Service:
    """The service, with settings from the environment unless they are given."""
    chosen = settings or MailingSettings()
    return Service(
        name="purchasing",
        settings=chosen,
        migrations=MIGRATIONS,
        http=partial(application, chosen),
        kinds={name: KINDS[name] for name in SNAPSHOTS},
        owned_topics=topics_of("purchasing"),
        subscriptions=SUBSCRIPTIONS,
        jobs=(forget_keys(), forget_audit(chosen.audit_retention_days), send_mails(chosen)),
        current=SNAPSHOTS,
        timelines=TOLD,
    )


def application(settings: MailingSettings, database: Database) -> FastAPI:
    """The HTTP application of one process."""
    limits = Limits(reference_grace_s=settings.reference_grace_ms / 1000)
    runner = CommandRunner(database, copies={s.kind.name for s in SUBSCRIPTIONS}, limits=limits)
    return create_app(
        "purchasing",
        runner,
        Tokens(settings.trusted_issuers, audience=settings.jwt_audience),
        _ROUTERS,
        records=KINDS_OF_PURCHASING,
        settings=settings,
        tags=TAGS,
        subscriptions=SUBSCRIPTIONS,
        number_series=True,
        state={purchase_orders.MAIL_IS_CONFIGURED: settings.mail_is_configured},
    )
