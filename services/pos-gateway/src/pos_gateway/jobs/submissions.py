"""Submits orders to sales in the background: in the back-up mode, and again where no answer came.

Before each attempt the order is stored as `submitting` with the attempt's number, so after a crash at any point the
sweeper submits it again. Sales makes one order per transaction id, however often it is submitted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from eventkit.context import Context
from eventkit.transaction import Database, Transaction
from pos_gateway.domain.orders.order import CustomerOrder, as_channel_order
from pos_gateway.jobs.sales import Accepted, Refused, Sales, SalesOutcome
from pos_gateway.store import stages
from pos_gateway.store.stages import Asked
from pos_gateway.use_cases.follow_channel_transactions import follow

SWEEP_ROWS: Final = 50
SWEEP_CONCURRENCY: Final = 8
BACKGROUND_MAX: Final = 100
_log = structlog.get_logger(__name__)


class Submissions:
    """The submissions of one process."""

    def __init__(self, sales: Sales, *, first_backoff: timedelta, longest_backoff: timedelta) -> None:
        self._sales = sales
        self._first_backoff = first_backoff
        self._longest_backoff = longest_backoff
        self._background: set[asyncio.Task[None]] = set()

    def ask_soon(self, database: Database, order: CustomerOrder, context: Context) -> None:
        """Submit a new order in the background; more than `BACKGROUND_MAX` at once are left to the sweeper."""
        if len(self._background) >= BACKGROUND_MAX:
            return
        asked = Asked(order.confirmation_no, 1, order.mode, as_channel_order(order, "created"))
        task = asyncio.get_running_loop().create_task(self._ask_alone(database, asked, context))
        self._background.add(
            task
        )  # the loop itself keeps no reference: the task could be collected while it runs
        task.add_done_callback(self._background.discard)

    async def _ask_alone(self, database: Database, asked: Asked, context: Context) -> None:
        try:
            await self.ask(database, [asked], context)
        except (SQLAlchemyError, OSError, TimeoutError) as e:
            no = asked.confirmation_no
            _log.warning(
                "an order's outcome was not stored, the sweeper asks again", confirmation_no=no, error=repr(e)
            )

    async def close(self) -> None:
        """Cancel background submissions; the sweeper submits their orders again."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    async def sweep(self, database: Database) -> None:
        """The sweeper's job: submit orders again whose answer is overdue, until none is due."""
        while True:
            # Committed before sales is asked: the next attempt's time is stored, so another process leaves these alone,
            # and no transaction stays open during the requests.
            async with database.begin() as tx:
                due = await stages.ask_again(tx, SWEEP_ROWS, self._first_backoff, self._longest_backoff)
            if due:
                await self.ask(database, due, Context.new("system:submissions"))
            if len(due) < SWEEP_ROWS:
                return

    async def ask(self, database: Database, asked: Sequence[Asked], context: Context) -> None:
        """Submit these orders, at most `SWEEP_CONCURRENCY` at a time, and store their outcomes together."""
        slots = asyncio.Semaphore(SWEEP_CONCURRENCY)

        async def one(order: Asked) -> SalesOutcome:
            async with slots:
                return await self._sales.submit(order.order, context)

        outcomes = await asyncio.gather(*(one(order) for order in asked))
        async with database.begin() as tx:
            await _store(tx, list(zip(asked, outcomes, strict=True)))


async def _store(tx: Transaction, ended: Sequence[tuple[Asked, SalesOutcome]]) -> None:
    """In the back-up mode every failure falls back to the pull job: the till has its answer already (POS-16)."""
    await follow(tx, [o.transaction for _, o in ended if isinstance(o, Accepted)])
    failed = [(asked, o) for asked, o in ended if not isinstance(o, Accepted)]
    fallen = [asked.confirmation_no for asked, _ in failed if asked.mode == "backup"]
    if fallen:
        await stages.fall_back(tx, fallen)
    refused = {
        a.confirmation_no: a.attempt for a, o in failed if isinstance(o, Refused) and a.mode != "backup"
    }
    # Only if this was the newest attempt: a till that asks again would otherwise lose the order it is waiting for.
    gone = await stages.withdraw(tx, refused) if refused else set()
    for asked, outcome in failed:
        if asked.confirmation_no in gone and isinstance(outcome, Refused):
            _log.warning(
                "sales refused an order whose till asked no more",
                confirmation_no=asked.confirmation_no,
                transaction_id=str(asked.order.transaction_id),
                code=outcome.refusal.code,
            )
