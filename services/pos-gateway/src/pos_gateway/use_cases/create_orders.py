"""Take customer orders from tills, many in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from hashlib import blake2b

import msgspec

from contracts.pos import TransactionIdentity
from contracts.refusals import Refusal, conflict
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.answer import preview, view
from pos_gateway.domain.availability import shortages
from pos_gateway.domain.case import Occasion, Place, Till
from pos_gateway.domain.configuration import Configuration
from pos_gateway.domain.create_order import (
    ISSUED_PREFIX,
    decide_order,
    identity_of,
    place_of,
    wanted_of,
)
from pos_gateway.domain.known import Known
from pos_gateway.domain.new_order import NewOrder
from pos_gateway.domain.order import CustomerOrder, Mode, Stage
from pos_gateway.domain.stages import first_status
from pos_gateway.store import orders, references, stages
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.orders import NewRecord, Stored
from recordkit.commands import Command, Done

KIND = "customer-order"
_PICKUP_CODE_DIGITS = 6
_CONTENT_BYTES = 16
_encode = msgspec.json.Encoder().encode


class CreateOrder(msgspec.Struct, frozen=True):
    """A till's wish. `mode` says how the order reaches sales, as settled when the request came in."""

    new: NewOrder
    till: Till
    mode: Mode
    dry_run: bool = False


class Begun(msgspec.Struct, frozen=True):
    """An order for which sales is about to be asked at once. `attempt` 0: it is beyond that, see its stage."""

    order: CustomerOrder
    stage: Stage
    attempt: int


AskSoon = Callable[[CustomerOrder, Context], None]
"""Asks sales for an order in the back-up mode, without anybody waiting."""
_Decision = CustomerOrder | Refusal
_Result = CustomerOrder | Stored | Refusal


class OrderCreation:
    """The use cases that make orders. `patience`: when the sweeper asks sales for what a till asked for."""

    def __init__(self, configurations: Configurations, patience: timedelta, ask_soon: AskSoon) -> None:
        self._configurations = configurations
        self._patience = patience
        self._ask_soon = ask_soon

    async def create_orders(
        self, tx: Transaction, commands: Sequence[Command[CreateOrder]]
    ) -> list[Done | Refusal]:
        """Take orders that the till need not wait for. One that is there already is done without an answer."""
        results, known = await self._create(tx, [c.data for c in commands])
        for command, result in zip(commands, results, strict=True):
            if isinstance(result, CustomerOrder) and result.mode == "backup" and not command.data.dry_run:
                tx.after_commit(partial(self._ask_soon, result, command.context))
        return [_done(tx, c.data, result, known) for c, result in zip(commands, results, strict=True)]

    async def begin_orders(
        self, tx: Transaction, commands: Sequence[Command[CreateOrder]]
    ) -> list[Done | Refusal]:
        """Store orders as `submitting`, before sales is asked; the answer is `Begun`.

        A repetition of one whose outcome is not known yet counts as another attempt.
        """
        results, _ = await self._create(tx, [c.data for c in commands])
        open_nos = [
            r.order.confirmation_no
            for r in results
            if isinstance(r, Stored) and r.stage.status == "submitting"
        ]
        attempts = await stages.ask_now(tx, open_nos, tx.now + self._patience) if open_nos else {}
        return [_begun(tx, result, attempts) for result in results]

    async def _create(self, tx: Transaction, wishes: Sequence[CreateOrder]) -> tuple[list[_Result], Known]:
        """Per wish: the new order, the one that was there before, or the refusal; and what that was decided on."""
        configuration, numbers, known = await self._start(tx, wishes)
        results: list[_Result] = [
            _decided(tx, wish, number, configuration, known)
            for wish, number in zip(wishes, numbers, strict=True)
        ]
        await self._store(tx, wishes, results)
        return results, known

    async def _start(
        self, tx: Transaction, wishes: Sequence[CreateOrder]
    ) -> tuple[Configuration, list[int], Known]:
        """What is needed is guessed by the configuration seen last, which is hardly ever another one by now."""
        guess = self._configurations.last
        start = await references.start(tx, [wanted_of(w.new, guess) for w in wishes], len(wishes))
        configuration = await self._configurations.as_of(tx, start.revision, start.version)
        if configuration is guess:
            return configuration, start.numbers, start.known
        known = await references.load(tx, [wanted_of(w.new, configuration) for w in wishes])
        return configuration, start.numbers, known

    async def _store(self, tx: Transaction, wishes: Sequence[CreateOrder], results: list[_Result]) -> None:
        """Store the orders among `results`; replace those that came second by what was there first."""
        new = {
            i: NewRecord(r, content_of(wishes[i].new), first_status(r))
            for i, r in enumerate(results)
            if isinstance(r, CustomerOrder) and not wishes[i].dry_run
        }
        stored = await orders.insert(tx, list(new.values()), tx.now + self._patience)
        await _keep_customers(tx, [r.order for r in new.values() if r.order.transaction_id in stored])
        second = [i for i, record in new.items() if record.order.transaction_id not in stored]
        refused = [i for i, r in enumerate(results) if isinstance(r, Refusal) and r.code not in _OF_THE_TILL]
        if second or refused:
            await _look_back(tx, wishes, results, [*second, *refused])


_OF_THE_TILL = frozenset({"terminal-mismatch", "worker-not-of-store", "permission-missing"})
"""Refusals that say nothing of the order: another's order is not looked up for these."""


def content_of(new: NewOrder) -> str:
    """The same for a request that is sent again, different for another one under the same identity."""
    return blake2b(_encode(new), digest_size=_CONTENT_BYTES).hexdigest()


def _decided(
    tx: Transaction, wish: CreateOrder, number: int, configuration: Configuration, known: Known
) -> _Decision:
    try:
        place: Place = place_of(wish.new, wish.till, wish.mode, configuration)
        return decide_order(wish.new, place, known, _occasion(tx, wish, number))
    except Refusal as refusal:
        return refusal


def _occasion(tx: Transaction, wish: CreateOrder, number: int) -> Occasion:
    return Occasion(
        received_at=tx.now,
        transaction_id=new_id(),
        customer_id=new_id(),
        issued_no="" if wish.dry_run else f"{ISSUED_PREFIX}{number}",
        pickup_code=_pickup_code() if wish.new.collector else "",
        dry_run=wish.dry_run,
    )


def _pickup_code() -> str:
    return str(secrets.randbelow(10**_PICKUP_CODE_DIGITS)).zfill(_PICKUP_CODE_DIGITS)


async def _keep_customers(tx: Transaction, stored: Sequence[CustomerOrder]) -> None:
    await references.save_till_customers(tx, [o.new_customer for o in stored if o.new_customer])


async def _look_back(
    tx: Transaction, wishes: Sequence[CreateOrder], results: list[_Result], indexes: Sequence[int]
) -> None:
    """A transaction that is known already is answered as it was decided then, whatever would be decided today."""
    identities = {i: identity_of(wishes[i].new) for i in indexes}
    earlier = await orders.by_identity(tx, identities.values())
    for i, identity in identities.items():
        result = results[i]
        found = earlier.get(identity)
        if found is not None:
            same = found.content == content_of(wishes[i].new)
            results[i] = found if same else _duplicate(identity, found)
        elif isinstance(result, CustomerOrder):
            no = result.confirmation_no
            results[i] = conflict(
                "receipt-no-taken", f"order {no} exists", pointer="/receipt_no", confirmation_no=no
            )


def _duplicate(identity: TransactionIdentity, found: Stored) -> Refusal:
    no = found.order.confirmation_no
    return conflict(
        "duplicate-transaction",
        f"transaction {identity.sequence} of terminal {identity.terminal_no} on {identity.business_date} is {no}",
        pointer="/transaction",
        confirmation_no=no,
    )


def _first_stage(tx: Transaction, order: CustomerOrder) -> Stage:
    return Stage(status=first_status(order), customer_no=order.customer_no, updated_at=tx.now)


def _done(tx: Transaction, wish: CreateOrder, result: _Result, known: Known) -> Done | Refusal:
    """A new order is answered from what was just decided; of one that was there the edge shows the present state."""
    if isinstance(result, Refusal):
        return result
    if isinstance(result, Stored):
        return Done(KIND, result.order.confirmation_no, result.order.version)
    if wish.dry_run:
        return Done(KIND, result.confirmation_no, answer=preview(result, shortages(result, known)))
    answer = view(result, _first_stage(tx, result), shortages(result, known))
    return Done(KIND, result.confirmation_no, result.version, answer=answer)


def _begun(tx: Transaction, result: _Result, attempts: dict[str, int]) -> Done | Refusal:
    if isinstance(result, Refusal):
        return result
    if isinstance(result, Stored):
        no = result.order.confirmation_no
        begun = Begun(result.order, result.stage, attempts.get(no, 0))
    else:
        no = result.confirmation_no
        begun = Begun(result, _first_stage(tx, result), 1)
    return Done(KIND, no, begun.order.version, answer=begun)
