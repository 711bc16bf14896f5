"""The gateway's resources: how each is read by its number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from contracts.values import Model
from domainkit.references import ReferenceQuery
from domainkit.structs import extended
from eventkit.transaction import Queryable
from httpkit.responses import Resource, Shown
from pos_gateway.domain.orders.availability import need_stock, shortages
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
from pos_gateway.store import credentials, orders, pull_jobs, stages
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from pos_gateway.store.orders import Stored
from recordkit import records
from recordkit import references as reference_store

Read = Callable[[Queryable, str], Awaitable[Shown | None]]


def orders_seen_by(store_no: str | None) -> Resource:
    """The orders that a store sees: its own, and those with goods to be picked up there. None: all."""

    async def read_order(conn: Queryable, confirmation_no: str) -> Shown | None:
        stored = (await orders.by_number(conn, [confirmation_no])).get(confirmation_no)
        if stored is None or not _is_visible(stored, store_no):
            return None
        query = ReferenceQuery(company=False)
        need_stock(query, stored.order)
        references = await reference_store.load(conn, query, KINDS_OF_GATEWAY, datetime.now(UTC))
        answer = order_answer(stored.order, stored.stage, shortages(stored.order, references))
        return Shown(answer, stored.order.version)

    return Resource("customer-order", read_order, location="/v1/customer-orders/{no}")


def _is_visible(stored: Stored, store_no: str | None) -> bool:
    order = stored.order
    return store_no is None or store_no == order.transaction.store_no or store_no in order.pickup_stores


CUSTOMER_ORDER = orders_seen_by(None)


def _reader(model: type[Any], answer: type[Model]) -> Read:
    async def read_record(conn: Queryable, no: str) -> Shown | None:
        record = await records.find(conn, KINDS_OF_GATEWAY, model, no)
        return None if record is None else Shown(extended(answer, record), record.version)

    return read_record


async def read_parameters(conn: Queryable, no: str) -> Shown | None:
    """The parameters; before they are set, the defaults that hold instead."""
    found = await _reader(CommerceParameters, CommerceParametersAnswer)(conn, no)
    return found or Shown(extended(CommerceParametersAnswer, CommerceParameters()))


STORE = Resource("store", _reader(Store, StoreAnswer), location="/v1/stores/{no}")
PROFILE = Resource(
    "functionality-profile",
    _reader(FunctionalityProfile, FunctionalityProfileAnswer),
    location="/v1/functionality-profiles/{no}",
)
PARAMETERS = Resource("commerce-parameters", read_parameters, location="/v1/commerce-parameters")
WORKER = Resource("worker", _reader(Worker, WorkerAnswer), location="/v1/workers/{no}")


async def read_terminal(conn: Queryable, terminal_no: str) -> Shown | None:
    """A terminal without its secret."""
    found = await credentials.terminal(conn, terminal_no)
    if found is None:
        return None
    store_no, _, version = found
    return Shown(TerminalAnswer(terminal_no, store_no), version)


TERMINAL_RESOURCE = Resource("terminal", read_terminal)


async def read_pull_job(conn: Queryable, job_id: str) -> Shown | None:
    """The job and what waits for it."""
    job = await pull_jobs.load(conn, job_id)
    if job is None:
        return None
    pending, oldest = await stages.pending(conn)
    age_s = (datetime.now(UTC) - oldest).total_seconds() if oldest else None
    return Shown(PullJobAnswer(job.id, job.interval_s, job.last_run_at, pending, age_s))


PULL_JOB = Resource("pull-job", read_pull_job)
