"""A till's transaction in sales: kept once, tried until it has its sales order, and what a failure leads to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from contracts.audit import FieldChange
from contracts.channel import (
    ChannelInvoice,
    ChannelOrder,
    ChannelTransaction,
    LineProgress,
    TransactionProgress,
    TransactionStatus,
)
from contracts.fields import NoOrBlank, Timestamp
from contracts.refusals import Refusal
from contracts.values import Problem
from domainkit.structs import extended
from sales.domain.channel.acts import FAILED as ACT_FAILED
from sales.domain.channel.acts import KeptAct, outcome_of, taken_in
from sales.domain.channel.progress import NONE, Progress

PULLED: Final = "pulled"
SUCCEEDED: Final = "succeeded"
FAILED: Final = "failed"
DEAD: Final = "dead"
VOID: Final = "void"
EDITING: Final = "editing"
HELD: Final = "held"
OPEN_STATUSES: Final = frozenset({PULLED, FAILED, DEAD})
"""What the synchronous path may still make an order of."""
UNMADE_STATUSES: Final = OPEN_STATUSES | {EDITING, HELD}
"""What has no order yet, unless it is held after a repair."""

DATA: Final = "data"
CONFIGURATION: Final = "configuration"
INTERNAL: Final = "internal"
DEFECT: Final = Problem(code="internal-error", detail="an error of the service, not of the transaction")
CONFIGURATION_CODES: Final = frozenset(
    {
        "charge-code-not-configured",
        "exchange-rate-missing",
        "number-series-exhausted",
        "unknown-charge-code",
        "unknown-location",
        "unknown-store",
    }
)
"""Violations of the set-up: they stop every order alike and go away for all of them at once (POS-100)."""

FEWEST_SYSTEMIC: Final = 3
"""So many transactions that fail alike are no accident: the queue pauses instead of failing one by one."""
MAX_ATTEMPTS: Final = 5
"""After so many a transaction is `dead`: only a person's resubmission tries it again (POS-106)."""
FIRST_RETRY_S: Final = 5.0
RETRY_FACTOR: Final = 4.0
RETRY_CAP_S: Final = 900.0


HoldCode = Annotated[NoOrBlank, Meta(description="Why it is held.", examples=["FRAUD-CHECK"])]


class Repair(FieldChange, frozen=True, kw_only=True):
    """A field of a transaction that a person changed."""

    at: Annotated[Timestamp, Meta(description="When.", examples=["2026-03-02T09:14:59Z"])]
    by: Annotated[str, Meta(description="Who.", examples=["anna"])]


class TillTransaction(TransactionProgress, frozen=True, kw_only=True):
    """A till's transaction as sales keeps it: once per `transaction_id` and per identity (POS-86)."""

    transaction_id: UUID
    version: int = 0
    status: TransactionStatus = PULLED
    payload: ChannelOrder
    """The order after all acts that are known."""
    acts: tuple[KeptAct, ...] = ()
    progress: Progress = NONE
    sales_order_no: str = ""
    sales_quote_no: str = ""
    customer_no: str = ""
    invoice_no: str = ""
    next_attempt_at: datetime | None = None
    hold_code: HoldCode = ""
    repaired: bool = False
    """A person changed its payload: its order stays open until a person releases it (POS-102)."""
    audit: tuple[Repair, ...] = ()

    @property
    def is_made(self) -> bool:
        """Whether sales has its order or quote."""
        return bool(self.sales_order_no or self.sales_quote_no)

    @property
    def confirmation_no(self) -> str:
        """The number under which the till confirmed it."""
        return self.payload.confirmation_no

    @property
    def store_no(self) -> str:
        """The store whose till made the transaction."""
        return self.payload.transaction.store_no

    @property
    def lines(self) -> tuple[LineProgress, ...]:
        """What left, came back and was cancelled of each line, as sales posted it."""
        return self.progress.lines

    @property
    def invoices(self) -> tuple[ChannelInvoice, ...]:
        """The posted invoices of its order."""
        return self.progress.invoices

    @property
    def order_closed(self) -> bool:
        """Whether nothing of its order is outstanding."""
        return self.progress.order_closed

    @property
    def open_acts(self) -> tuple[KeptAct, ...]:
        """Acts that are still to be carried out, in the order in which they happened."""
        return tuple(each for each in self.acts if each.is_open)


class MadeOrder(msgspec.Struct, frozen=True):
    """The sales order of a transaction, and the posted invoice of what was carried out."""

    no: str
    customer_no: str
    invoice_no: str = ""
    progress: Progress = NONE
    quote_no: str = ""


def snapshot(transaction: TillTransaction, *happened: str) -> ChannelTransaction:
    """What the gateway learns of the transaction."""
    acts = tuple(outcome_of(each) for each in transaction.acts)
    return extended(ChannelTransaction, transaction, happened=happened, acts=acts)


def with_snapshot(transaction: TillTransaction, order: ChannelOrder) -> TillTransaction:
    """The transaction with what a snapshot brings: unknown acts, and the order itself if it is newer.

    A snapshot that is older or comes again changes nothing. What a person has repaired stays: the gateway knows the
    order as it was before, so only the money of the newer one counts (POS-101).
    """
    before = transaction.payload
    acts = taken_in(transaction.acts, order, before)
    if order.version <= before.version:
        return replace(transaction, acts=acts)
    if transaction.repaired:
        paid = replace(before, version=order.version, prepaid_amount=order.prepaid_amount)
        return replace(transaction, acts=acts, payload=paid)
    return replace(transaction, acts=acts, payload=without_acts(order))


def without_acts(order: ChannelOrder) -> ChannelOrder:
    """The order as it is kept: its acts stand beside it."""
    return replace(order, happened=(), acts=())


def voided(transaction: TillTransaction) -> TillTransaction:
    """The transaction whose order is never made (POS-95)."""
    return replace(transaction, status=VOID, fault_class="", errors=(), next_attempt_at=None)


def retrying(transaction: TillTransaction, at: datetime, jitter: float) -> TillTransaction:
    """The synchronized transaction with the time at which the acts that failed are tried again."""
    tries = [
        each.looks if each.waits_for_purchasing else each.attempts
        for each in transaction.acts
        if each.waits_for_purchasing or (each.status == ACT_FAILED and each.attempts < MAX_ATTEMPTS)
    ]
    pauses = [retry_after_s(count, jitter) for count in tries]
    return replace(transaction, next_attempt_at=at + timedelta(seconds=min(pauses)) if pauses else None)


def succeeded(transaction: TillTransaction, made: MadeOrder, at: datetime) -> TillTransaction:
    """The transaction once its order exists; a repaired one is on hold, under the code that the till's order came with.

    POS-12, POS-102.
    """
    on_hold = transaction.repaired and bool(made.no)
    return replace(
        transaction,
        version=transaction.version + 1,
        status=HELD if on_hold else SUCCEEDED,
        hold_code=transaction.payload.hold_code if on_hold else "",
        sales_order_no=made.no,
        sales_quote_no=made.quote_no,
        customer_no=made.customer_no,
        invoice_no=made.invoice_no,
        progress=made.progress,
        fault_class="",
        errors=(),
        attempts=transaction.attempts + 1,
        next_attempt_at=None,
        synchronized_at=at,
    )


def failed(transaction: TillTransaction, why: Refusal, at: datetime, jitter: float) -> TillTransaction:
    """The transaction after an attempt that was refused; `dead` after the last one (POS-106).

    `jitter` in 0..1 spreads the retries of many that failed together.
    """
    return _failed(transaction, fault_class(why), why.problems(), at, jitter)


def failed_on_defect(transaction: TillTransaction, at: datetime, jitter: float) -> TillTransaction:
    """The transaction after an attempt that ended in an error of the program; the log has the details.

    It is tried again like any other failure: a repaired service makes its order.
    """
    return _failed(transaction, INTERNAL, (DEFECT,), at, jitter)


def _failed(
    transaction: TillTransaction, fault: str, errors: tuple[Problem, ...], at: datetime, jitter: float
) -> TillTransaction:
    attempts = transaction.attempts + 1
    dead = attempts >= MAX_ATTEMPTS
    return replace(
        transaction,
        version=transaction.version + 1,
        status=DEAD if dead else FAILED,
        fault_class=fault,
        errors=errors,
        attempts=attempts,
        next_attempt_at=None if dead else at + timedelta(seconds=retry_after_s(attempts, jitter)),
    )


def fault_class(why: Refusal) -> str:
    """The class of a failure: setup (affects all orders) or the data of this transaction (POS-100)."""
    codes = {violation.code for violation in why.violations}
    return CONFIGURATION if codes <= CONFIGURATION_CODES else DATA


def systemic_fault(refused: Sequence[Refusal], taken: int) -> str:
    """The set-up's violation that all of several transactions have failed on; "" if there is none (POS-100).

    One transaction alone may name what was never set up: that is no reason to stop the others.
    """
    if taken < FEWEST_SYSTEMIC or len(refused) < taken:
        return ""
    codes = [{violation.code for violation in each.violations} & CONFIGURATION_CODES for each in refused]
    return min(set.intersection(*codes), default="")


def retry_after_s(attempts: int, jitter: float) -> float:
    """Seconds until the next attempt: exponential, capped, with up to 25 % of jitter."""
    pause = min(RETRY_CAP_S, FIRST_RETRY_S * RETRY_FACTOR ** (attempts - 1))
    return pause * (1 + jitter / 4)
