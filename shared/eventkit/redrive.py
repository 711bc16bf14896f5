"""Tries events again: parked ones when a person redrives them, waiting ones by time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
import structlog
from msgspec import Meta

from eventkit import parking, waiting
from eventkit.consumer import Subscription
from eventkit.errors import is_transient
from eventkit.processing import Processor
from eventkit.transaction import Database
from eventkit.waiting import WaitingEvent

SWEEP_INTERVAL_S = 1.0
_SWEEP_EVENTS = 100
_log = structlog.get_logger(__name__)


class Redriven(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an event that was applied again."""

    outcome: Annotated[
        str,
        Meta(
            description="`applied`, `superseded`, `waiting`, `skipped`, `parked` if it failed again, `gone` if it is "
            "not parked any more.",
            examples=["applied"],
        ),
    ]
    error: Annotated[
        str, Meta(description="Why it stays parked; left out otherwise.", examples=["KeyError: 'EAST'"])
    ] = ""


async def redrive(db: Database, subscriptions: Sequence[Subscription[Any]], id_: UUID) -> Redriven:
    """Apply a parked event again; removing its row, in the transaction of the effects, is the claim."""
    processor = Processor(subscriptions, cluster_id="")
    try:
        async with db.begin() as tx:
            record = await parking.claim(tx, id_)
            if record is None:
                return Redriven("gone")
            outcome = await processor.apply_parked(tx, record)
    except Exception as e:
        if is_transient(e):
            raise
        error = parking.describe(e)
        async with db.begin() as tx:
            await parking.still_fails(tx, id_, error)
        return Redriven("parked", error)
    outcome.log_decisions()
    return Redriven(next((name for (_, name) in outcome.counts), "skipped"))


class Sweep:
    """Applies waiting events that are due, for those that missed the arrival of their copy.

    Any number of sweeps may run: removing a row is the claim.
    """

    def __init__(self, db: Database, processor: Processor) -> None:
        self._db = db
        self._processor = processor

    async def run(self) -> None:
        """Sweep at intervals until cancelled."""
        while True:
            try:
                while await self.sweep(_SWEEP_EVENTS) == _SWEEP_EVENTS:
                    pass
            except Exception as e:
                if not is_transient(e):
                    raise
                _log.warning("sweep tries again", error=repr(e))
            await asyncio.sleep(SWEEP_INTERVAL_S)

    async def sweep(self, limit: int) -> int:
        """Apply what is due, together; one by one if that fails. Returns how many were due."""
        try:
            async with self._db.begin() as tx:
                due = await waiting.take_due(tx, limit)
                outcome = await self._processor.apply_waiting(tx, due)
            outcome.log_decisions()
            return len(due)
        except Exception as e:
            if is_transient(e):
                raise
        done = 0
        while done < limit and await self._sweep_one():
            done += 1
        return done

    async def _sweep_one(self) -> bool:
        due: list[WaitingEvent] = []
        try:
            async with self._db.begin() as tx:
                due = await waiting.take_due(tx, 1)
                outcome = await self._processor.apply_waiting(tx, due)
            outcome.log_decisions()
        except Exception as e:
            if is_transient(e) or not due:
                raise
            await self._park(due[0], e)
        return bool(due)

    async def _park(self, kept: WaitingEvent, error: Exception) -> None:
        async with self._db.begin() as tx:
            if await waiting.take_out(tx, kept):
                await self._processor.park(tx, [self._processor.failure(kept.record, error)])
