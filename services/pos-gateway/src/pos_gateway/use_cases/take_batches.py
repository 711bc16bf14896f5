"""Keep what tills took while they were offline: each transaction alone, and none that can be read is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from contracts.refusals import Refusal
from contracts.topics import KINDS
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.commands import TakeBatch, TakeOfflineReturn
from pos_gateway.domain.orders.commands import CreateOrder
from pos_gateway.domain.orders.create_order import issued_no
from pos_gateway.domain.orders.offline import flags_of, kept_beside
from pos_gateway.domain.orders.order import CustomerOrder, as_channel_order
from pos_gateway.domain.orders.sameness import content_of
from pos_gateway.store import orders, stages, till_customers
from pos_gateway.store.orders import NewRecord
from pos_gateway.use_cases.create_orders import OrderCreation, Result
from pos_gateway.use_cases.deciding_orders import Given, decided_offline
from pos_gateway.use_cases.take_offline_returns import OfflineReturns, TakenReturn
from recordkit.commands import Command, Done

KIND: Final = "transaction-batch"
CHANNEL_ORDER: Final = KINDS["channel-order"]
_OF_ANOTHER_ORDER: Final = frozenset({"duplicate-transaction", "receipt-no-taken"})
"""Refusals of an order because another one has its identity or receipt number."""


class BatchResult(msgspec.Struct, frozen=True):
    """What became of one transaction. `refusal`: why it is not kept; errors of `order`: why it waits."""

    status: Literal["created", "duplicate", "failed", "conflict", "rejected"]
    order: CustomerOrder | None = None
    refusal: Refusal | None = None
    act: TillAct | None = None
    """Of a return."""

    @property
    def confirmation_no(self) -> str | None:
        """Confirmation number of the order; None if there is no order."""
        if self.act is not None:
            return self.act.confirmation_no
        return self.order.confirmation_no if self.order else None

    @property
    def flags(self) -> tuple[str, ...]:
        """What a person should look at."""
        if self.act is not None:
            return self.act.flags
        return flags_of(self.order) if self.order else ()


class BatchTaking:
    """The use case that takes batches."""

    def __init__(self, creation: OrderCreation, returns: OfflineReturns) -> None:
        self._creation = creation
        self._returns = returns

    async def take_batches(
        self, tx: Transaction, commands: Sequence[Command[TakeBatch]]
    ) -> list[Done | Refusal]:
        """Keep what tills took while they were offline; the answers are one `BatchResult` per entry."""
        creates = [
            Command(entry, command.context)
            for command in commands
            for entry in command.data.entries
            if isinstance(entry, CreateOrder)
        ]
        results, given = await self._creation.create(tx, creates)
        await self._keep_beside(tx, creates, results, given)
        failed = [
            (c, r) for c, r in zip(creates, results, strict=True) if isinstance(r, CustomerOrder) and r.errors
        ]
        await stages.hand_over_failed(tx, [order for _, order in failed])
        for create, order in failed:
            tx.publish(
                CHANNEL_ORDER, order.confirmation_no, as_channel_order(order, "pulled"), create.context
            )
        returns = await self._returns.take(
            tx,
            [
                Command(entry, command.context)
                for command in commands
                for entry in command.data.entries
                if isinstance(entry, TakeOfflineReturn)
            ],
        )
        of_orders, of_returns = map(batch_result, results), map(result_of_return, returns)

        def result_of(entry: CreateOrder | TakeOfflineReturn | Refusal) -> BatchResult:
            if isinstance(entry, Refusal):
                return batch_result(entry)
            return next(of_returns if isinstance(entry, TakeOfflineReturn) else of_orders)

        return [Done(KIND, "", answer=list(map(result_of, command.data.entries))) for command in commands]

    async def _keep_beside(
        self, tx: Transaction, creates: Sequence[Command[CreateOrder]], results: list[Result], given: Given
    ) -> None:
        """Keep orders whose identity or receipt number another order has: they were paid too (B24)."""
        records: dict[int, NewRecord] = {}
        for i, result in enumerate(results):
            if isinstance(result, Refusal) and result.code in _OF_ANOTHER_ORDER:
                create, number = creates[i].data, given.numbers[i]
                order = kept_beside(decided_offline(create, number, given), result, issued_no(number))
                records[i] = NewRecord(order, content_of(create.new), "failed", beside=True)
        if not records:
            return
        kept = await self._creation.insert(tx, records)
        earlier = await orders.beside(tx, [record for i, record in records.items() if i not in kept])
        for i, record in records.items():
            results[i] = kept.get(i) or earlier[record.order.transaction, record.content]
        await till_customers.save(tx, [order.new_customer for order in kept.values() if order.new_customer])


def result_of_return(result: TakenReturn | Refusal) -> BatchResult:
    """The result of a return that was kept now or before, or of another store's."""
    if isinstance(result, Refusal):
        return BatchResult("rejected", refusal=result)
    return BatchResult(result.status, act=result.act)


def batch_result(result: Result | Refusal) -> BatchResult:
    """The result of an order that was kept now or before, or of a transaction that cannot be kept."""
    if isinstance(result, Refusal):
        return BatchResult("rejected", refusal=result)
    if not isinstance(result, CustomerOrder):
        return BatchResult("duplicate", result.order)
    if result.conflicts_with:
        return BatchResult("conflict", result)
    return BatchResult("failed" if result.errors else "created", result)
