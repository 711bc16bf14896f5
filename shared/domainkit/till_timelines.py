"""What events tell of a till's order: how it was confirmed, synchronized and paid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.captures import CaptureOutcome
from contracts.channel import ChannelOrder, ChannelTransaction
from contracts.timeline import Subject, TimelineEntry
from domainkit.timelines import CAPTURED, CHANNEL_TRANSACTION, ENDED, acts, reasons

_POS_GATEWAY: Final = "pos-gateway"


def of_channel_order(order: ChannelOrder) -> Iterator[TimelineEntry]:
    """A till confirmed an order, and what the gateway did with it since."""
    subject = Subject(CHANNEL_TRANSACTION, str(order.transaction_id))
    yield TimelineEntry(
        subject=subject,
        id=f"channel-order/{order.confirmation_no}/confirmed",
        happened="confirmed",
        document=order.confirmation_no,
        detail=f"terminal {order.transaction.terminal_no}",
        at=order.received_at,
        by=order.worker_id,
        service=_POS_GATEWAY,
    )
    event = f"channel-order/{order.confirmation_no}"
    yield from acts(subject, event, order, order.confirmation_no, "", "confirmed")


def of_capture_outcome(capture: CaptureOutcome) -> Iterator[TimelineEntry]:
    """Money was taken from the card of a till's order, or its issuer declined."""
    yield TimelineEntry(
        subject=Subject(CHANNEL_TRANSACTION, str(capture.transaction_id)),
        id=f"capture/{capture.instruction_id}",
        happened=CAPTURED if capture.outcome == "executed" else "capture_declined",
        document=capture.confirmation_no,
        detail=f"{capture.method} {capture.amount}",
        at=capture.confirmed_at,
        service=_POS_GATEWAY,
    )


def of_channel_transaction(transaction: ChannelTransaction) -> Iterator[TimelineEntry]:
    """How the synchronization of a till's order went on."""
    for word in transaction.happened:
        yield TimelineEntry(
            subject=Subject(CHANNEL_TRANSACTION, str(transaction.transaction_id)),
            id=f"{CHANNEL_TRANSACTION}/{transaction.confirmation_no}/{transaction.version}",
            happened="synchronized" if word == "succeeded" else word,
            document=transaction.confirmation_no,
            detail=reasons(transaction.errors) or transaction.sales_order_no,
            rank=ENDED,
        )
