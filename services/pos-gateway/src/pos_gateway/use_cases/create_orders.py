"""Take customer orders from tills, many in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec

from contracts.pos import TransactionIdentity
from contracts.refusals import Refusal, conflict
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.orders.availability import Shortage, shortages
from pos_gateway.domain.orders.commands import CreateOrder, NewOrder
from pos_gateway.domain.orders.context import OrderContext, TillCustomer, settings_for
from pos_gateway.domain.orders.create_order import ISSUED_PREFIX, decide_order
from pos_gateway.domain.orders.needed_references import need_for_order
from pos_gateway.domain.orders.order import CustomerOrder, Stage
from pos_gateway.domain.orders.stages import first_status
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.store import creation, orders, stages, till_customers
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from pos_gateway.store.orders import NewRecord, Stored
from recordkit import references as reference_store
from recordkit.commands import Command, Done

KIND: Final = "customer-order"
_PICKUP_CODE_DIGITS: Final = 6
_CONTENT_BYTES: Final = 16
_encode = msgspec.json.Encoder().encode


class TakenOrder(msgspec.Struct, frozen=True):
    """A new order with its first stage; `short`: its lines that are short, by number."""

    order: CustomerOrder
    stage: Stage
    short: Mapping[int, Shortage]


class BegunOrder(msgspec.Struct, frozen=True):
    """An order that is about to be submitted to sales. `attempt` 0: its outcome is known already, see `stage`."""

    order: CustomerOrder
    stage: Stage
    attempt: int


class _Given(msgspec.Struct, frozen=True):
    """What was looked up for a batch of decisions."""

    configuration: Configuration
    numbers: list[int]
    references: ReferenceData
    till_customers: Mapping[UUID, TillCustomer]


AskSoon = Callable[[CustomerOrder, Context], None]
"""Asks sales for an order in the back-up mode while the till already has its answer."""
_Result = CustomerOrder | Stored | Refusal


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
        results, given = await self._create(tx, commands)
        for command, result in zip(commands, results, strict=True):
            if isinstance(result, CustomerOrder) and result.mode == "backup" and not command.data.dry_run:
                # After the commit: sales must never have an order that a roll-back took from the gateway.
                tx.after_commit(partial(self._ask_soon, result, command.context))
        return [_taken(tx, c.data, result, given) for c, result in zip(commands, results, strict=True)]

    async def begin_orders(
        self, tx: Transaction, commands: Sequence[Command[CreateOrder]]
    ) -> list[Done | Refusal]:
        """Store orders as `submitting` before they are submitted to sales; the answer is a `BegunOrder`.

        A repetition of an order without an outcome counts as another attempt.
        """
        results, _ = await self._create(tx, commands)
        undecided = [
            r.order.confirmation_no
            for r in results
            if isinstance(r, Stored) and r.stage.status == "submitting"
        ]
        attempts = await stages.ask_now(tx, undecided, tx.now + self._patience) if undecided else {}
        return [_begun(tx, result, attempts) for result in results]

    async def _create(
        self, tx: Transaction, commands: Sequence[Command[CreateOrder]]
    ) -> tuple[list[_Result], _Given]:
        """Per command the new order, the one that existed, or the refusal; and what was looked up for them."""
        given = await self._begin(tx, commands)
        results: list[_Result] = [
            _decided(command.data, number, given)
            for command, number in zip(commands, given.numbers, strict=True)
        ]
        await self._store(tx, commands, results)
        return results, given

    async def _begin(self, tx: Transaction, commands: Sequence[Command[CreateOrder]]) -> _Given:
        """Look everything up in one round trip, by the configuration seen last; again if it has changed since."""
        # Which records are needed depends on the configuration, whose revision comes with the same statement. It
        # rarely changes, so the guess saves a round trip of almost every order.
        guess = self._configurations.last
        begun = await creation.begin(tx, _query(commands, guess), len(commands))
        configuration = await self._configurations.as_of(tx, begun.revision, begun.version)
        references = begun.references
        if configuration is not guess:
            references = await reference_store.load(
                tx, _query(commands, configuration), KINDS_OF_GATEWAY, tx.now
            )
        ids = {c.data.new.customer_id for c in commands if c.data.new.customer_id}
        return _Given(configuration, begun.numbers, references, await till_customers.load(tx, ids))

    async def _store(
        self, tx: Transaction, commands: Sequence[Command[CreateOrder]], results: list[_Result]
    ) -> None:
        """Store the orders among `results`; replace a repetition's by the order that is stored already."""
        new = {
            i: NewRecord(r, content_of(commands[i].data.new), first_status(r))
            for i, r in enumerate(results)
            if isinstance(r, CustomerOrder) and not commands[i].data.dry_run
        }
        stored = await orders.insert(tx, list(new.values()), tx.now + self._patience)
        kept = [r.order for r in new.values() if r.order.transaction_id in stored]
        await till_customers.save(tx, [order.new_customer for order in kept if order.new_customer])
        # Lost on a unique key: the same transaction sent again or at the same moment, or a receipt number that is used.
        second = [i for i, record in new.items() if record.order.transaction_id not in stored]
        # A repetition may be refused by what changed since (a blocked item): it still gets the answer of its order.
        refused = [i for i, r in enumerate(results) if isinstance(r, Refusal) and r.code not in _OF_THE_TILL]
        if second or refused:
            await _look_back(tx, commands, results, [*second, *refused])


_OF_THE_TILL: Final = frozenset({"terminal-mismatch", "worker-not-of-store", "permission-missing"})
"""Refusals of the till or worker, not of the order: no earlier order is looked up, it may be another till's."""


def content_of(new: NewOrder) -> str:
    """A digest of the request: it differs if another request comes with the same transaction identity."""
    return blake2b(_encode(new), digest_size=_CONTENT_BYTES).hexdigest()


def _query(commands: Sequence[Command[CreateOrder]], configuration: Configuration) -> ReferenceQuery:
    query = ReferenceQuery(company=False)  # a store has its own currency and time zone
    for command in commands:
        need_for_order(query, command.data.new, configuration)
    return query


def _decided(create: CreateOrder, number: int, given: _Given) -> CustomerOrder | Refusal:
    try:
        context = OrderContext(
            references=given.references,
            new_id=new_id,
            by=create.session.worker_id,
            settings=settings_for(create, given.configuration),
            till_customers=given.till_customers,
            issued_no="" if create.dry_run else f"{ISSUED_PREFIX}{number}",
            new_pickup_code=_new_pickup_code,
            dry_run=create.dry_run,
        )
        return decide_order(create.new, context)
    except Refusal as refusal:
        return refusal


def _new_pickup_code() -> str:
    return str(secrets.randbelow(10**_PICKUP_CODE_DIGITS)).zfill(_PICKUP_CODE_DIGITS)


async def _look_back(
    tx: Transaction,
    commands: Sequence[Command[CreateOrder]],
    results: list[_Result],
    indexes: Sequence[int],
) -> None:
    """Answer a transaction that is known already with its order, not by today's rules and prices."""
    asked = {i: commands[i].data.new for i in indexes}
    earlier = await orders.by_identity(tx, [new.transaction for new in asked.values()])
    for i, new in asked.items():
        result = results[i]
        found = earlier.get(new.transaction)
        if found is not None:
            same = found.content == content_of(new)
            results[i] = found if same else _duplicate(new.transaction, found)
        elif isinstance(result, CustomerOrder):
            results[i] = _number_taken(result.confirmation_no)


def _number_taken(no: str) -> Refusal:
    return conflict("receipt-no-taken", f"order {no} exists", pointer="/receipt_no", confirmation_no=no)


def _duplicate(identity: TransactionIdentity, found: Stored) -> Refusal:
    no = found.order.confirmation_no
    return conflict(
        "duplicate-transaction",
        f"transaction {identity.sequence} of terminal {identity.terminal_no} on {identity.business_date} is {no}",
        pointer="/transaction",
        confirmation_no=no,
    )


def _first_stage(tx: Transaction, order: CustomerOrder, status: str) -> Stage:
    return Stage(status=status, customer_no=order.customer_no, updated_at=tx.now)


def _taken(tx: Transaction, create: CreateOrder, result: _Result, given: _Given) -> Done | Refusal:
    """A new order is answered from its decision; one that existed is read in its current state."""
    if isinstance(result, Refusal):
        return result
    if isinstance(result, Stored):
        return Done(KIND, result.order.confirmation_no, result.order.version)
    # A rehearsed order does not go to sales, in any mode.
    status = "pending" if create.dry_run else first_status(result)
    short = shortages(result, given.references)
    taken = TakenOrder(result, _first_stage(tx, result, status), short)
    version = 0 if create.dry_run else result.version
    return Done(KIND, result.confirmation_no, version, answer=taken)


def _begun(tx: Transaction, result: _Result, attempts: Mapping[str, int]) -> Done | Refusal:
    if isinstance(result, Refusal):
        return result
    if isinstance(result, Stored):
        begun = BegunOrder(result.order, result.stage, attempts.get(result.order.confirmation_no, 0))
    else:
        begun = BegunOrder(result, _first_stage(tx, result, first_status(result)), 1)
    return Done(KIND, begun.order.confirmation_no, begun.order.version, answer=begun)
