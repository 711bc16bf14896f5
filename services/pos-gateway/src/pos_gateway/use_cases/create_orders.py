"""Take customer orders from tills, many in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal, conflict
from eventkit.context import Context
from eventkit.transaction import Transaction
from pos_gateway.domain.approvals.using import used_by
from pos_gateway.domain.orders.availability import Shortage
from pos_gateway.domain.orders.commands import CreateOrder
from pos_gateway.domain.orders.create_order import issued_no
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.sameness import content_of
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.orders.stages import first_status
from pos_gateway.store import approvals, orders, past_settings, stages, till_customers
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.orders import NewRecord, Stored
from pos_gateway.use_cases.deciding_orders import Given, decided, query_for, versions_named
from pos_gateway.use_cases.finding_shortages import find_shortages
from pos_gateway.use_cases.known_identities import known_identities
from pos_gateway.use_cases.looking_up import look_up
from recordkit.commands import Command, Done

KIND: Final = "customer-order"


class TakenOrder(msgspec.Struct, frozen=True):
    """An order as its till is answered: with its stage, and `short`, its lines that are short, by number."""

    order: CustomerOrder
    stage: Stage
    short: Mapping[int, Shortage]


class BegunOrder(msgspec.Struct, frozen=True):
    """An order that is about to be submitted to sales. `attempt` 0: its outcome is known already, see `stage`."""

    order: CustomerOrder
    stage: Stage
    attempt: int


AskSoon = Callable[[CustomerOrder, Context], None]
"""Asks sales for an order in the back-up mode while the till already has its answer."""
Result = CustomerOrder | Stored | Refusal


class OrderCreation:
    """The use cases that create orders. `patience`: how long the sweeper waits before it submits an order again."""

    def __init__(self, configurations: Configurations, patience: timedelta, ask_soon: AskSoon) -> None:
        self._configurations = configurations
        self._patience = patience
        self._ask_soon = ask_soon

    async def create_orders(
        self, tx: Transaction, commands: Sequence[Command[CreateOrder]]
    ) -> list[Done | Refusal]:
        """Create orders that need no answer of sales. One that exists already is `Done` without an answer body."""
        results, given = await self.create(tx, commands)
        for command, result in zip(commands, results, strict=True):
            if isinstance(result, CustomerOrder) and result.mode == "backup" and not command.data.dry_run:
                # After the commit: sales must never have an order that a roll-back took from the gateway.
                tx.after_commit(partial(self._ask_soon, result, command.context))
        return [await _taken(tx, c.data, result, given) for c, result in zip(commands, results, strict=True)]

    async def begin_orders(
        self, tx: Transaction, commands: Sequence[Command[CreateOrder]]
    ) -> list[Done | Refusal]:
        """Store orders as `submitting` before they are submitted to sales; the answer is a `BegunOrder`.

        A repetition of an order without an outcome counts as another attempt.
        """
        results, _ = await self.create(tx, commands)
        undecided = [
            r.order.confirmation_no
            for r in results
            if isinstance(r, Stored) and r.stage.status == "submitting"
        ]
        attempts = await stages.ask_now(tx, undecided, tx.now + self._patience) if undecided else {}
        return [_begun(tx, result, attempts) for result in results]

    async def create(
        self, tx: Transaction, commands: Sequence[Command[CreateOrder]]
    ) -> tuple[list[Result], Given]:
        """Per command the new order, the one that existed, or the refusal; and what was looked up for them."""
        given = await self._begin(tx, commands)
        results: list[Result] = [
            decided(command.data, number, given)
            for command, number in zip(commands, given.numbers, strict=True)
        ]
        await self._store(tx, commands, results, given.numbers)
        return results, given

    async def _begin(self, tx: Transaction, commands: Sequence[Command[CreateOrder]]) -> Given:
        ids = {c.data.new.customer_id for c in commands if c.data.new.customer_id}
        made_before = await till_customers.load(tx, ids)
        past = await past_settings.load(tx, versions_named(commands))
        found = await look_up(
            tx, self._configurations, lambda held: query_for(commands, held, past, made_before), len(commands)
        )
        named = [id_ for command in commands for id_ in command.data.new.approval_ids]
        open_ = await approvals.lock(tx, named)
        return Given(found.configuration, past, found.numbers, found.references, made_before, open_)

    async def _store(
        self,
        tx: Transaction,
        commands: Sequence[Command[CreateOrder]],
        results: list[Result],
        numbers: Sequence[int],
    ) -> None:
        """Store the orders among `results`; replace a repetition's by the order that is stored already."""
        new = {
            i: NewRecord(r, _content(commands[i].data), first_status(r))
            for i, r in enumerate(results)
            if isinstance(r, CustomerOrder) and not commands[i].data.dry_run
        }
        kept = await self.insert(tx, new)
        # Lost on a unique key: the same transaction sent again or at the same moment, or a receipt number that is used.
        lost = {i: record for i, record in new.items() if i not in kept}
        # A repetition may be refused by what changed since (a blocked item): it still gets the answer of its order.
        refused = [i for i, r in enumerate(results) if isinstance(r, Refusal) and r.code not in _OF_THE_TILL]
        if lost or refused:
            await _look_back(tx, commands, results, [*lost, *refused])
        if again := await _under_issued_numbers(tx, lost, results, numbers):
            kept |= await self.insert(tx, again)
            lost = {i: record for i, record in again.items() if i not in kept}
            await _look_back(tx, commands, results, list(lost))
            await _refuse_used_receipts(tx, lost, results)
        for i, order in kept.items():
            results[i] = order
        await approvals.spend(
            tx, {id_: order.transaction_id for order in kept.values() for id_ in used_by(order.overrides)}
        )
        await till_customers.save(tx, [order.new_customer for order in kept.values() if order.new_customer])

    async def insert(self, tx: Transaction, new: Mapping[int, NewRecord]) -> dict[int, CustomerOrder]:
        """Store orders; those that were stored."""
        stored = await orders.insert(tx, list(new.values()), tx.now + self._patience)
        return {i: record.order for i, record in new.items() if record.order.transaction_id in stored}


_OF_THE_TILL: Final = frozenset({"terminal-mismatch", "worker-not-of-store", "permission-missing"})
"""Refusals of the till or worker, not of the order: no earlier order is looked up, it may be another till's."""


def _content(create: CreateOrder) -> str:
    return create.content or content_of(create.new)


async def _look_back(
    tx: Transaction,
    commands: Sequence[Command[CreateOrder]],
    results: list[Result],
    indexes: Sequence[int],
) -> None:
    """Answer a transaction that is known already with its order, not by today's rules and prices."""
    asked = {i: commands[i].data.new for i in indexes}
    known = await known_identities(tx, [new.transaction for new in asked.values()])
    for i, new in asked.items():
        create = commands[i].data
        try:
            results[i] = known.same_order(new.transaction, _content(create), create.quote_no) or results[i]
        except Refusal as refusal:
            results[i] = refusal


async def _under_issued_numbers(
    tx: Transaction, lost: Mapping[int, NewRecord], results: list[Result], numbers: Sequence[int]
) -> dict[int, NewRecord]:
    """Orders that lost their confirmation number to another store's order: each under an issued one."""
    free = await _refuse_used_receipts(tx, lost, results)
    return {
        i: replace(record, order=replace(record.order, confirmation_no=issued_no(numbers[i])))
        for i, record in free.items()
    }


async def _refuse_used_receipts(
    tx: Transaction, lost: Mapping[int, NewRecord], results: list[Result]
) -> dict[int, NewRecord]:
    """A receipt number is unique in its store. Returns those whose number is not used there."""
    undecided = {i: record for i, record in lost.items() if isinstance(results[i], CustomerOrder)}
    if not undecided:
        return {}
    used = await orders.by_receipt(tx, [record.order for record in undecided.values()])
    for i, record in undecided.items():
        no = used.get((record.order.transaction.store_no, record.order.receipt_no))
        if no is not None:
            results[i] = _receipt_no_taken(record.order.receipt_no, no)
    return {i: record for i, record in undecided.items() if isinstance(results[i], CustomerOrder)}


def _receipt_no_taken(receipt_no: str, no: str) -> Refusal:
    detail = f"order {no} of this store has receipt {receipt_no}"
    return conflict("receipt-no-taken", detail, pointer="/receipt_no", confirmation_no=no)


def _first_stage(tx: Transaction, order: CustomerOrder, status: str) -> Stage:
    return Stage(status=status, customer_no=order.customer_no, received_at=tx.now, updated_at=tx.now)


async def _taken(tx: Transaction, create: CreateOrder, result: Result, given: Given) -> Done | Refusal:
    """A new order is answered from its decision; one that existed is read in its current state."""
    if isinstance(result, Refusal):
        return result
    if isinstance(result, Stored):
        return Done(KIND, result.order.confirmation_no, result.order.version)
    # A rehearsed order does not go to sales, in any mode.
    status = "pending" if create.dry_run else first_status(result)
    short = await find_shortages(tx, result, given.references)
    taken = TakenOrder(result, _first_stage(tx, result, status), short)
    version = 0 if create.dry_run else result.version
    return Done(KIND, result.confirmation_no, version, answer=taken)


def _begun(tx: Transaction, result: Result, attempts: Mapping[str, int]) -> Done | Refusal:
    if isinstance(result, Refusal):
        return result
    if isinstance(result, Stored):
        begun = BegunOrder(result.order, result.stage, attempts.get(result.order.confirmation_no, 0))
    else:
        begun = BegunOrder(result, _first_stage(tx, result, first_status(result)), 1)
    return Done(KIND, begun.order.confirmation_no, begun.order.version, answer=begun)
