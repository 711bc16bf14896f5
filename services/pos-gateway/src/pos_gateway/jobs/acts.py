"""Asks sales again for acts whose answer is overdue: a till, or a whole process, may be gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from eventkit.context import Context
from eventkit.transaction import Database
from pos_gateway.domain.acts.commands import ConcludeAct, FailReturn, WithdrawAct
from pos_gateway.jobs.sales import Accepted, Refused, Sales, SalesOutcome
from pos_gateway.store import acts_due
from pos_gateway.store.acts_due import AskedAct
from pos_gateway.store.configuration import Configurations
from pos_gateway.use_cases.conclude_acts import conclude_acts, withdraw_acts
from pos_gateway.use_cases.take_offline_returns import OfflineReturns, fail_returns
from recordkit.commands import Command

SWEEP_ROWS: Final = 50
SWEEP_CONCURRENCY: Final = 8
_log = structlog.get_logger(__name__)


class OverdueActs:
    """The sweeper of one process."""

    def __init__(self, sales: Sales, *, first_backoff: timedelta, longest_backoff: timedelta) -> None:
        self._sales = sales
        self._first_backoff = first_backoff
        self._longest_backoff = longest_backoff
        self._returns = OfflineReturns(Configurations())

    async def sweep(self, database: Database) -> None:
        """The job: ask for all that is due. As for orders, the next attempt's time is committed before."""
        async with database.begin() as tx:
            waiting = await acts_due.waiting_due(tx, SWEEP_ROWS, self._first_backoff, self._longest_backoff)
        if waiting:
            async with database.begin() as tx:
                await self._returns.decide_waiting(tx, waiting)
        found = SWEEP_ROWS
        while found == SWEEP_ROWS:
            async with database.begin() as tx:
                due = await acts_due.ask_again(tx, SWEEP_ROWS, self._first_backoff, self._longest_backoff)
            found = len(due)
            if due:
                await self._ask(database, due, Context.new("system:acts"))

    async def _ask(self, database: Database, due: list[AskedAct], context: Context) -> None:
        slots = asyncio.Semaphore(SWEEP_CONCURRENCY)

        async def one(asked: AskedAct) -> SalesOutcome:
            async with slots:
                return await self._sales.carry_out(asked.order, asked.act_id, context)

        outcomes = list(zip(due, await asyncio.gather(*map(one, due)), strict=True))
        done = [
            Command(ConcludeAct(asked.confirmation_no, asked.act_id, outcome.transaction), context)
            for asked, outcome in outcomes
            if isinstance(outcome, Accepted)
        ]
        # Only if this was the newest attempt: a till that asks again waits for the act.
        refused = [
            Command(WithdrawAct(asked.act_id, asked.attempt), context)
            for asked, outcome in outcomes
            if isinstance(outcome, Refused) and not asked.has_happened
        ]
        failed = [
            Command(FailReturn(asked.confirmation_no, asked.act_id, asked.attempt, outcome.refusal), context)
            for asked, outcome in outcomes
            if isinstance(outcome, Refused) and asked.has_happened
        ]
        async with database.begin() as tx:
            await conclude_acts(tx, done)
        # In a transaction of its own: each locks its orders in the order of their numbers.
        async with database.begin() as tx:
            await withdraw_acts(tx, refused)
        if failed:
            async with database.begin() as tx:
                await fail_returns(tx, failed)
        for command in refused:
            _log.warning("sales refused an act whose till asked no more", act_id=str(command.data.act_id))
