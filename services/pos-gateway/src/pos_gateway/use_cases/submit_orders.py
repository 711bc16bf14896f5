"""Ask sales for orders at once: while the till waits, in the back-up mode, and again where no answer came.

Before each attempt the order stands as `submitting` in the database with the attempt's number, so a crash at any point
leaves an order that the sweeper asks for again. Sales makes one order per transaction id, however often it is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from contracts.pos import ChannelOrder
from contracts.refusals import Refusal
from contracts.sales import ChannelTransaction
from eventkit.context import Context
from eventkit.transaction import Database, Transaction
from pos_gateway.domain.order import CustomerOrder, as_channel_order
from pos_gateway.store import references, stages
from pos_gateway.store.stages import Asked
from recordkit.commands import Command, Done

KIND = "customer-order"
SWEEP_ROWS = 50
SWEEP_CONCURRENCY = 8
BACKGROUND_MAX = 100
_log = structlog.get_logger(__name__)


class Taken(msgspec.Struct, frozen=True):
    """Sales has the order."""

    transaction: ChannelTransaction


class Refused(msgspec.Struct, frozen=True):
    """Sales does not want the order, and has kept nothing of it."""

    refusal: Refusal


class NotReached(msgspec.Struct, frozen=True):
    """Sales was certainly not asked."""

    reason: str


class Unknown(msgspec.Struct, frozen=True):
    """Sales may have the order or not (POS-110)."""

    reason: str


Outcome = Taken | Refused | NotReached | Unknown


class Sales(Protocol):
    """Sales, as far as this service asks it something."""

    async def submit(self, order: ChannelOrder, context: Context) -> Outcome:
        """Ask for one order; never raises, never takes longer than its deadline."""
        ...


class Conclude(msgspec.Struct, frozen=True):
    """What became of an order for which sales was asked; without a transaction nothing new."""

    confirmation_no: str
    version: int
    transaction: ChannelTransaction | None = None


class Withdraw(msgspec.Struct, frozen=True):
    """Sales has certainly not taken the order in this attempt."""

    confirmation_no: str
    attempt: int


async def conclude_orders(tx: Transaction, commands: Sequence[Command[Conclude]]) -> list[Done | Refusal]:
    """Store what sales answered."""
    await follow_sales(tx, [c.data.transaction for c in commands if c.data.transaction is not None])
    return [Done(KIND, c.data.confirmation_no, c.data.version) for c in commands]


async def withdraw_orders(tx: Transaction, commands: Sequence[Command[Withdraw]]) -> list[Done | Refusal]:
    """Forget orders that nobody has; `answer` says whether the order is gone, or another attempt keeps it."""
    gone = await stages.withdraw(tx, {c.data.confirmation_no: c.data.attempt for c in commands})
    return [Done(KIND, c.data.confirmation_no, answer=c.data.confirmation_no in gone) for c in commands]


async def follow_sales(tx: Transaction, transactions: Sequence[ChannelTransaction]) -> None:
    """Let orders, and the customers made with them, follow what sales says; by message and by answer alike."""
    moved = await stages.follow(tx, transactions)
    numbers = {
        customer: t.customer_no
        for t in transactions
        if t.customer_no and (customer := moved.get(t.confirmation_no)) is not None
    }
    await references.number_till_customers(tx, numbers)


class Submissions:
    """Asking for orders without a till that waits."""

    def __init__(self, sales: Sales, *, first_backoff: timedelta, longest_backoff: timedelta) -> None:
        self._sales = sales
        self._first_backoff = first_backoff
        self._longest_backoff = longest_backoff
        self._background: set[asyncio.Task[None]] = set()

    def ask_soon(self, database: Database, order: CustomerOrder, context: Context) -> None:
        """Ask for a new order in the background; beyond `BACKGROUND_MAX` at once they are left to the sweeper."""
        if len(self._background) >= BACKGROUND_MAX:
            return
        asked = Asked(order.confirmation_no, 1, order.mode, as_channel_order(order, "created"))
        task = asyncio.get_running_loop().create_task(self._ask_alone(database, asked, context))
        self._background.add(task)
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
        """End what goes on in the background; the sweeper asks for what was not answered."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    async def sweep(self, database: Database) -> None:
        """The sweeper's job: ask again for orders whose answer is overdue, until none is left that is due."""
        while True:
            async with database.begin() as tx:
                due = await stages.ask_again(tx, SWEEP_ROWS, self._first_backoff, self._longest_backoff)
            if due:
                await self.ask(database, due, Context.new("system:submissions"))
            if len(due) < SWEEP_ROWS:
                return

    async def ask(self, database: Database, asked: Sequence[Asked], context: Context) -> None:
        """Ask for these, some at a time, and store what became of them together."""
        slots = asyncio.Semaphore(SWEEP_CONCURRENCY)

        async def one(order: Asked) -> Outcome:
            async with slots:
                return await self._sales.submit(order.order, context)

        outcomes = await asyncio.gather(*(one(order) for order in asked))
        async with database.begin() as tx:
            await _store(tx, list(zip(asked, outcomes, strict=True)))


async def _store(tx: Transaction, ended: Sequence[tuple[Asked, Outcome]]) -> None:
    """In the back-up mode every failure falls back to the pull job: the till has its answer already (POS-16)."""
    await follow_sales(tx, [o.transaction for _, o in ended if isinstance(o, Taken)])
    failed = [(asked, o) for asked, o in ended if not isinstance(o, Taken)]
    fallen = [asked.confirmation_no for asked, _ in failed if asked.mode == "backup"]
    if fallen:
        await stages.fall_back(tx, fallen)
    refused = {
        a.confirmation_no: a.attempt for a, o in failed if isinstance(o, Refused) and a.mode != "backup"
    }
    gone = await stages.withdraw(tx, refused) if refused else set()
    for asked, outcome in failed:
        if asked.confirmation_no in gone and isinstance(outcome, Refused):
            _log.warning(
                "sales refused an order nobody asked for again",
                confirmation_no=asked.confirmation_no,
                transaction_id=str(asked.order.transaction_id),
                code=outcome.refusal.code,
            )
