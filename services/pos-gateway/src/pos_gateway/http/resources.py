"""The gateway's resources: how each is read by its number."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from msgspec.structs import replace

from contracts.pos import TransactionIdentity
from contracts.values import Model
from domainkit.lateness import is_late, why_late
from domainkit.structs import extended
from eventkit.transaction import Queryable
from httpkit.masters import MasterResource, master_resource
from httpkit.responses import Resource, Shown
from pos_gateway.domain.setup.records import CommerceParameters, FunctionalityProfile, Store, Worker
from pos_gateway.http.answers.orders import order_answer
from pos_gateway.http.answers.pull_jobs import PullJobAnswer
from pos_gateway.http.answers.setup import (
    CommerceParametersAnswer,
    FunctionalityProfileAnswer,
    StoreAnswer,
    WorkerAnswer,
)
from pos_gateway.http.answers.terminals import TerminalAnswer
from pos_gateway.store import acts, credentials, orders, pull_jobs, stages
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from pos_gateway.use_cases.finding_shortages import shortages_by_order


def orders_seen_by(store_no: str | None) -> Resource:
    """The orders that a store sees: its own, and those with goods to be picked up there. None: all."""

    async def read_order(conn: Queryable, confirmation_no: str) -> Shown | None:
        stored = (await orders.by_number(conn, [confirmation_no])).get(confirmation_no)
        if stored is None or not (store_no is None or stored.order.is_seen_by(store_no)):
            return None
        short = await shortages_by_order(conn, [stored.order], datetime.now(UTC))
        answer = order_answer(stored.order, stored.stage, short[confirmation_no])
        return Shown(answer, stored.order.version)

    return Resource("customer-order", read_order, location="/v1/customer-orders/{no}")


def order_after(identity: TransactionIdentity) -> Resource:
    """The order with the settlement of the act that has this identity, also once others have followed it."""

    async def read_order(conn: Queryable, confirmation_no: str) -> Shown | None:
        stored = (await orders.by_number(conn, [confirmation_no])).get(confirmation_no)
        act = (await acts.by_identity(conn, [identity])).get(identity)
        if stored is None or act is None:
            return None
        answer = order_answer(stored.order, stored.stage, act=act.act)
        return Shown(answer, stored.order.version)

    return Resource("customer-order", read_order, location="/v1/customer-orders/{no}")


CUSTOMER_ORDER = orders_seen_by(None)


def _master(model: type[Any], answer: type[Model], location: str, **more: Any) -> MasterResource:
    return master_resource(KINDS_OF_GATEWAY, model, partial(extended, answer), location, **more)


STORE = _master(Store, StoreAnswer, "/v1/stores/{no}", filters=("name",))
PROFILE = _master(FunctionalityProfile, FunctionalityProfileAnswer, "/v1/functionality-profiles/{no}")
WORKER = _master(Worker, WorkerAnswer, "/v1/workers/{no}")
_SET_PARAMETERS = _master(CommerceParameters, CommerceParametersAnswer, "/v1/commerce-parameters")


async def read_parameters(conn: Queryable, no: str) -> Shown | None:
    """The parameters; before they are set, the defaults that hold instead, which have no version."""
    return await _SET_PARAMETERS.read(conn, no) or Shown(
        extended(CommerceParametersAnswer, CommerceParameters(), created_at=None, updated_at=None)
    )


PARAMETERS = replace(_SET_PARAMETERS, read=read_parameters)


async def read_terminal(conn: Queryable, terminal_no: str) -> Shown | None:
    """A terminal without its secret."""
    found = await credentials.terminal(conn, terminal_no)
    if found is None:
        return None
    answer = extended(TerminalAnswer, found, no=terminal_no)
    return Shown(answer, found.version)


TERMINAL_RESOURCE = Resource("terminal", read_terminal, location="/v1/terminals/{no}")


async def read_pull_job(conn: Queryable, job_id: str) -> Shown | None:
    """The job and what waits for it."""
    job = await pull_jobs.load(conn, job_id)
    if job is None:
        return None
    pending, oldest = await stages.pending(conn)
    now = datetime.now(UTC)
    age_s = (now - oldest).total_seconds() if oldest else None
    warning = why_late(job.interval_s, job.last_run_at, now) if is_late(oldest, now) else None
    return Shown(PullJobAnswer(job.id, job.interval_s, job.last_run_at, pending, age_s, warning))


PULL_JOB = Resource("pull-job", read_pull_job)
