"""Captures on a sales order."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from contracts.captures import CaptureOutcome
from sales.domain.channel.capturing import with_capture
from tests.unit.sales.samples import made

EMPTY = made()


def outcome(word: str) -> CaptureOutcome:
    return CaptureOutcome(
        version=1,
        instruction_id=uuid4(),
        method="card",
        amount=Decimal("11.90"),
        confirmed_at=datetime(2026, 3, 14, tzinfo=UTC),
        outcome=word,
        confirmation_no="K-1",
        transaction_id=uuid4(),
    )


def test_a_capture_counts_once() -> None:
    """POS-72."""
    executed = outcome("executed")
    once = with_capture(EMPTY, executed)
    assert [c.amount for c in once.captures] == [Decimal("11.90")]
    assert with_capture(once, executed) is once


def test_a_declined_card_leaves_the_order_as_it_is() -> None:
    """POS-72."""
    assert with_capture(EMPTY, outcome("declined")) is EMPTY
