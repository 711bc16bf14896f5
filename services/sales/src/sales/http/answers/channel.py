"""Transactions of tills and their synchronization as resources."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts import fields
from contracts.channel import ChannelOrder, TransactionProgress
from contracts.pos import ConfirmationNo, TransactionIdentity
from contracts.values import CreatedAt, UpdatedAt
from domainkit.lateness import BACKLOG, JOB_ENDED, JOB_OFF
from domainkit.structs import extended
from sales.domain.channel.acts import outcome_of
from sales.domain.channel.lateness import HELD, PAUSED
from sales.domain.channel.transactions import CONFIGURATION, FAILED, HoldCode, Repair
from sales.store.channel_transactions import transaction_of
from sales.use_cases.synchronize_transactions import SynchronizationRun


class TransactionAnswer(TransactionProgress, frozen=True, kw_only=True, omit_defaults=False):
    """A till's transaction as sales sees it."""

    id: Annotated[UUID, Meta(description="Id of the transaction.", examples=[fields.EXAMPLE_ID])]
    version: fields.Version
    confirmation_no: ConfirmationNo
    store_no: Annotated[fields.No, Meta(description="The store of the till.", examples=["HH1"])]
    transaction: TransactionIdentity
    next_attempt_at: (
        Annotated[fields.Timestamp, Meta(description="When it is tried again; null if it is not.")] | None
    )
    sales_order_no: (
        Annotated[fields.No, Meta(description="Its sales order; null without one.", examples=["S-1001"])]
        | None
    )
    customer_no: (
        Annotated[
            fields.No,
            Meta(description="The customer of its sales order; null without one.", examples=["C-1001"]),
        ]
        | None
    )
    invoice_no: (
        Annotated[
            fields.No,
            Meta(
                description="Posted sales invoice of what was carried out; null if nothing was.",
                examples=["SI-1001"],
            ),
        ]
        | None
    )
    sales_quote_no: (
        Annotated[fields.No, Meta(description="Its sales quote; null without one.", examples=["SQ-1001"])]
        | None
    )
    hold_code: HoldCode
    audit: Annotated[tuple[Repair, ...], Meta(description="What persons changed of it.")]
    received_at: Annotated[fields.Timestamp, Meta(description="When sales got it.")]
    created_at: CreatedAt
    updated_at: UpdatedAt
    payload: ChannelOrder


class SynchronizationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How synchronization stands; `succeeded` and `failed` are those of the last run that had work."""

    state: Annotated[
        str,
        fields.choice("running", "paused"),
        Meta(description="Paused: until a run by hand.", examples=["running"]),
    ]
    reason: Annotated[str, Meta(description="Why it is paused.", examples=["number-series-exhausted"])] | None
    interval_s: Annotated[
        fields.TotalQuantity, Meta(description="Seconds between two runs; 0: only by hand.")
    ]
    pending: Annotated[fields.Count, Meta(description="Transactions that wait.")]
    oldest_pending_at: (
        Annotated[fields.Timestamp, Meta(description="Since when the oldest of them waits.")] | None
    )
    last_run_at: Annotated[fields.Timestamp, Meta(description="The last run that had work.")] | None
    warning: (
        Annotated[
            str,
            fields.choice(PAUSED, JOB_OFF, JOB_ENDED, BACKLOG, CONFIGURATION, FAILED, HELD),
            Meta(
                description="Why an order has waited for 15 minutes: the queue is paused, the job is off, has ended or "
                "has more to do than it can, or orders are refused for the set-up or their data, or are held; null "
                "while none has.",
                examples=[HELD],
            ),
        ]
        | None
    )
    succeeded: Annotated[fields.Count, Meta(description="Orders that it made.", examples=[12])]
    failed: Annotated[fields.Count, Meta(description="Transactions that it refused.", examples=[1])]


class SynchronizationRunAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did, and how many transactions still wait."""

    succeeded: Annotated[fields.Count, Meta(description="Orders that were made.", examples=[12])]
    failed: Annotated[fields.Count, Meta(description="Transactions that were refused.", examples=[1])]
    pending: Annotated[fields.Count, Meta(description="Transactions that still wait.", examples=[0])]


def run_answer(run: SynchronizationRun) -> SynchronizationRunAnswer:
    """What a run by hand answers."""
    return msgspec.convert(run, SynchronizationRunAnswer, from_attributes=True)


def transaction_answer(row: Any) -> TransactionAnswer:
    """The answer of a row of the table."""
    transaction = transaction_of(row)
    return extended(
        TransactionAnswer,
        transaction,
        id=transaction.transaction_id,
        transaction=transaction.payload.transaction,
        acts=tuple(outcome_of(each) for each in transaction.acts),
        sales_order_no=transaction.sales_order_no or None,
        customer_no=transaction.customer_no or None,
        invoice_no=transaction.invoice_no or None,
        sales_quote_no=transaction.sales_quote_no or None,
        received_at=row.received_at,
        created_at=row.received_at,
        updated_at=row.updated_at,
    )
