"""Bodies of requests. What tills send is looked through for card numbers before anything else is said about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request

from contracts.fields import decimal, text
from contracts.pos import StoreNo, TerminalNo, WorkerId
from contracts.refusals import Refusal, invalid
from contracts.values import Model
from domainkit.cards import refuse_card_numbers
from httpkit import jsonbody, problems
from httpkit.bodies import BodyReader
from httpkit.reader import read
from pos_gateway.domain.acts.commands import (
    OfflineReturn,
)
from pos_gateway.domain.acts.returning import RETURN
from pos_gateway.domain.approvals.approval import ApprovalTerms
from pos_gateway.domain.orders.offline import OfflineOrder
from pos_gateway.domain.setup.records import WorkerSettings

STORES_MAX = 1000
PIN_LENGTH_MIN, PIN_LENGTH_MAX = 4, 64
INTERVAL_MAX_S = 86_400
BATCH_MAX = 1000
OfflineEntry = OfflineOrder | OfflineReturn | Refusal


class WorkerBody(WorkerSettings, frozen=True, kw_only=True):
    """A person who works at tills, as entered."""

    pin: (
        Annotated[
            str,
            text(PIN_LENGTH_MAX, min_length=PIN_LENGTH_MIN),
            Meta(
                description="A new PIN; the old one stays if it is left out. Never answered.",
                examples=["4711"],
            ),
        ]
        | None
    ) = None


class TerminalBody(Model, frozen=True, kw_only=True):
    """The terminal that gets a new secret."""

    no: TerminalNo


class TerminalChangesBody(Model, frozen=True, kw_only=True):
    """What of a terminal is changed."""

    blocked: Annotated[bool, Meta(description="It gets no tokens.", examples=[True])] | UnsetType = UNSET


class TerminalTokenBody(Model, frozen=True, kw_only=True):
    """What a terminal proves itself with."""

    terminal_no: TerminalNo
    secret: Annotated[
        str,
        text(200),
        Meta(
            description="The secret that was shown when the terminal was made.",
            examples=["fkQyQBHyWs8AOnDDpfZ0lS4yYyVYjUSHN3Iuy5bqZNk"],
        ),
    ]


class SessionBody(Model, frozen=True, kw_only=True):
    """What a worker proves to be that worker with."""

    worker_id: WorkerId
    pin: Annotated[str, text(PIN_LENGTH_MAX), Meta(description="The worker's PIN.", examples=["4711"])]


class ApprovalBody(ApprovalTerms, frozen=True, kw_only=True):
    """What a manager is asked to approve, and the manager with PIN."""

    approver: Annotated[SessionBody, Meta(description="The manager, who enters the PIN.")]


class PullRunBody(Model, frozen=True, kw_only=True):
    """Of which stores orders are pulled."""

    store_nos: (
        Annotated[
            tuple[StoreNo, ...],
            Meta(max_length=STORES_MAX, description="All stores if left out.", examples=[["HH1"]]),
        ]
        | None
    ) = None


class PullJobBody(Model, frozen=True, kw_only=True):
    """How often the job runs by itself."""

    interval_s: Annotated[
        Decimal,
        decimal(5, 5, minimum=0, maximum=INTERVAL_MAX_S),
        Meta(description="Seconds between runs, fractions too; 0: only by hand.", examples=["5"]),
    ]


class OfflineBatch(Model, frozen=True, kw_only=True):
    """What tills of a store took while they were offline."""

    transactions: Annotated[
        tuple[OfflineOrder, ...],
        Meta(
            description=f"1 to {BATCH_MAX:,} transactions, in the order in which they happened.",
            extra_json_schema={"minItems": 1, "maxItems": BATCH_MAX},
        ),
    ]


class BatchReader(BodyReader):
    """Reads a batch: what is wrong with one entry refuses that entry alone."""

    async def __call__(self, request: Request) -> tuple[OfflineEntry, ...]:
        """The entries, each as it can be read, or the refusal of one that cannot."""
        value = jsonbody.decode(await request.body())
        batch = read(_RawBatch, value)
        if len(batch.transactions) > BATCH_MAX:
            detail = f"a batch has at most {BATCH_MAX} transactions"
            raise problems.refusal(413, "too-large", detail, pointer="/transactions")
        if not batch.transactions:
            raise invalid("too-short", "a batch has at least one transaction", pointer="/transactions")
        return tuple(_offline_entry(entry) for entry in value["transactions"])


class _RawBatch(Model, frozen=True, kw_only=True):
    transactions: tuple[Any, ...]


def _offline_entry(value: Any) -> OfflineEntry:
    try:
        refuse_card_numbers(value)
        if isinstance(value, dict) and value.get("operation") == RETURN:
            return read(OfflineReturn, value)
        return read(OfflineOrder, value)
    except Refusal as refusal:
        return refusal


BatchBody = Annotated[tuple[OfflineEntry, ...], Depends(BatchReader(OfflineBatch))]
