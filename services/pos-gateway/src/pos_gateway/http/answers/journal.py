"""Answers about what a terminal did."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import Day
from pos_gateway.domain.journal.entries import JournalEntry, JournalTotals


class SequenceGapAnswer(msgspec.Struct, frozen=True):
    """A transaction that the terminal has counted and the gateway has never seen."""

    business_date: Annotated[Day, Meta(description="The business day.", examples=["2026-03-02"])]
    sequence: Annotated[int, Meta(description="The number that is missing.", examples=[18])]


class JournalAnswer(msgspec.Struct, frozen=True):
    """The money of a terminal's business day."""

    items: Annotated[tuple[JournalEntry, ...], Meta(description="In the order of the transactions.")]
    totals: Annotated[JournalTotals, Meta(description="Sums by kind of money.")]
