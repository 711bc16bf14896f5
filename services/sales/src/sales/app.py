"""The one place that wires the sales service."""

from __future__ import annotations

from datetime import timedelta
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
from sales.domain.timeline import TOLD
from sales.http import (
    channel,
    codes,
    customers,
    posted_documents,
    sales_documents,
    sales_invoices,
    sales_line_acts,
    sales_orders,
    sales_quotes,
    sales_return_orders,
    setups,
    shipments,
    work_lists,
)
from sales.jobs.synchronize_orders import interval_s, synchronize_orders
from sales.messages.subscriptions import SUBSCRIPTIONS
from sales.settings import SalesSettings
from sales.store.gauges import LineGauges
from sales.store.kinds import KINDS_OF_SALES
from sales.store.snapshots import SNAPSHOTS
from servicekit.gauges import GaugeReader
from servicekit.jobs import Job
from servicekit.service import Service

NAME: Final = "sales"
MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
TAGS: Final = {
    "sales orders": "Sales orders, their lines, and what is done with them: release, reopen, post.",
    "sales quotes": "Offers by the rules of sales orders, and the order that an offer becomes.",
    "sales invoices": "Invoices before they are posted: goods without an order, and shipments of orders.",
    "sales return orders": "Goods that come back from customers, and the credit for them.",
    "posted documents": "Shipments, invoices and credit memos, which never change.",
    "master data": "The company, customers, codes, exchange rates and sales' set-up.",
    "channel transactions": "Orders of tills, and how they become sales orders.",
    TAG: "Documents that left by e-mail, or wait for the mail server.",
    "work lists": "Lines of open orders by what has to be done about them.",
}


def build(settings: SalesSettings | None = None) -> Service:
    """The service; settings come from the environment unless they are given."""
    chosen = settings or SalesSettings()
    return Service(
        name=NAME,
        settings=chosen,
        migrations=MIGRATIONS,
        http=partial(application, chosen),
        kinds={name: KINDS[name] for name in SNAPSHOTS},
        owned_topics=topics_of(NAME),
        subscriptions=SUBSCRIPTIONS,
        jobs=(
            _synchronization(chosen.synchronization_batch_orders),
            forget_keys(),
            send_mails(chosen),
            forget_audit(chosen.audit_retention_days),
        ),
        current=SNAPSHOTS,
        timelines=TOLD,
        gauges=_gauges(chosen),
    )


def application(settings: SalesSettings, database: Database) -> FastAPI:
    """The HTTP application; orders first, their routes are the hot ones."""
    limits = Limits(reference_grace_s=settings.reference_grace_ms / 1000)
    runner = CommandRunner(database, copies={s.kind.name for s in SUBSCRIPTIONS}, limits=limits)
    modules = (
        sales_orders,
        sales_quotes,
        sales_invoices,
        sales_return_orders,
        shipments,
        sales_line_acts,
        channel,
        customers,
        codes,
        setups,
        posted_documents,
        work_lists,
    )
    return create_app(
        NAME,
        runner,
        Tokens(settings.trusted_issuers, audience=settings.jwt_audience),
        [*(module.router for module in modules), mail_routes("sales:read")],
        records=KINDS_OF_SALES,
        settings=settings,
        tags=TAGS,
        subscriptions=SUBSCRIPTIONS,
        number_series=True,
        gauges=_gauges(settings),
        state={
            sales_documents.MAIL_IS_CONFIGURED: settings.mail_is_configured,
            channel.BATCH_ORDERS: settings.synchronization_batch_orders,
            work_lists.OVERDUE_AFTER: _overdue_after(settings),
        },
    )


def _overdue_after(settings: SalesSettings) -> timedelta:
    return timedelta(seconds=settings.procurement_overdue_s)


def _gauges(settings: SalesSettings) -> GaugeReader:
    return LineGauges(_overdue_after(settings)).read


def _synchronization(batch_orders: int) -> Job:
    async def run(database: Database) -> None:
        await synchronize_orders(database, batch_orders)

    return Job(name="synchronize-orders", run=run, interval_s=interval_s)
