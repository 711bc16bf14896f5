"""Acts of tills on orders, many in one transaction: decided, then queued with the order or begun with sales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.refusals import Refusal, conflict, not_found
from contracts.topics import KINDS
from domainkit.references import ReferenceQuery
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.acts.acting import after_act, check_allowed, check_not_ended, check_state
from pos_gateway.domain.acts.commands import ActOnOrder
from pos_gateway.domain.acts.operations import OPERATIONS
from pos_gateway.domain.approvals.approval import Approval
from pos_gateway.domain.approvals.using import used_by
from pos_gateway.domain.orders.context import settings_for
from pos_gateway.domain.orders.order import CustomerOrder, as_channel_order
from pos_gateway.domain.orders.sameness import content_of
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.store import acts, acts_due, approvals, changing
from pos_gateway.store.acts import NewActRecord, StoredAct
from pos_gateway.store.changing import LockedOrder
from pos_gateway.store.configuration import Configurations
from pos_gateway.use_cases.create_orders import KIND
from pos_gateway.use_cases.deciding_acts import ActPlace, act_context
from pos_gateway.use_cases.instruct_payments import instruct_payments
from pos_gateway.use_cases.known_identities import KnownIdentities, known_identities
from pos_gateway.use_cases.looking_up import LookedUp, look_up
from recordkit.commands import Command, Done

CHANNEL_ORDER: Final = KINDS["channel-order"]
SUBMITTING, QUEUED, DONE = "submitting", "queued", "done"


class BegunAct(msgspec.Struct, frozen=True):
    """An act that was decided. `attempt` 0: sales need not be asked, see `status`.

    `order`: as it is after the act. `version`: of the order that is stored.
    """

    act_id: UUID
    order: CustomerOrder
    version: int
    stage: Stage
    status: str
    attempt: int = 0
    repeated: bool = False


class _Taken(msgspec.Struct, frozen=True):
    """What was read for a batch: what has the transactions' identities already, and what decisions look at."""

    known: KnownIdentities
    locked: Mapping[str, LockedOrder]
    given: LookedUp
    approvals: dict[UUID, Approval]
    """The open ones that were named; an act that uses one takes it away from the acts after it."""


_Result = NewActRecord | StoredAct | Refusal


class ActsOfTills:
    """The use case that begins acts. `patience`: how long the sweeper waits before it asks sales again."""

    def __init__(self, configurations: Configurations, patience: timedelta) -> None:
        self._configurations = configurations
        self._patience = patience

    async def begin_acts(
        self, tx: Transaction, commands: Sequence[Command[ActOnOrder]]
    ) -> list[Done | Refusal]:
        """Decide acts; the answer of each is a `BegunAct`.

        Of an order that sales has, the act is stored as `submitting` and the order stays as it is until sales has
        answered; of another one the order changes at once, and the act travels with it (P1).
        """
        taken = await self._take(tx, commands)
        results = [_decided(command, taken) for command in commands]
        new = [r for r in results if isinstance(r, NewActRecord)]
        await acts.insert(tx, new, tx.now + self._patience)
        await approvals.spend(tx, {id_: r.act.act_id for r in new for id_ in used_by(r.act.overrides)})
        changed = _changed(tx, commands, results, taken.locked)
        await changing.save_orders(tx, changed)
        await instruct_payments(tx, changed)
        again = [r.act.act_id for r in results if isinstance(r, StoredAct) and r.status == SUBMITTING]
        attempts = await acts_due.ask_now(tx, again, tx.now + self._patience) if again else {}
        return [
            result
            if isinstance(result, Refusal)
            else _begun(result, taken.locked[c.data.confirmation_no], attempts)
            for c, result in zip(commands, results, strict=True)
        ]

    async def _take(self, tx: Transaction, commands: Sequence[Command[ActOnOrder]]) -> _Taken:
        # Locked first: what a transaction before this one did to the same orders is seen by what is read after.
        locked = await changing.lock(tx, [c.data.confirmation_no for c in commands])
        identities = {c.data.new.transaction for c in commands}

        def query_by(configuration: Configuration) -> ReferenceQuery:
            query = ReferenceQuery()
            for command in commands:
                if (order := locked.get(command.data.confirmation_no)) is not None:
                    need = OPERATIONS[command.data.operation].need
                    need(query, order.order, command.data.new, configuration)
            return query

        return _Taken(
            known=await known_identities(tx, identities),
            locked=locked,
            given=await look_up(tx, self._configurations, query_by, 0),
            approvals=await approvals.lock(tx, [id_ for c in commands for id_ in c.data.new.approval_ids]),
        )


def _decided(command: Command[ActOnOrder], taken: _Taken) -> _Result:
    """The act to be stored, the one that existed, or the refusal. What takes effect at once changes its order."""
    try:
        return _decide(command, taken)
    except Refusal as refusal:
        return refusal


def _decide(command: Command[ActOnOrder], taken: _Taken) -> NewActRecord | StoredAct:
    data, given = command.data, taken.given
    operation, no, identity = OPERATIONS[data.operation], data.confirmation_no, data.new.transaction
    mode = given.configuration.mode_of(data.session.store_no)
    settings = settings_for(identity, data.session, given.configuration, mode)
    locked = taken.locked.get(no)
    if locked is None:
        raise not_found(KIND, no)
    order = locked.order
    check_allowed(operation, order, settings)
    content = content_of(data.new)
    earlier = taken.known.same_act(identity, data.operation, content, no)
    if earlier is not None:
        return earlier
    # Before the version: a cancellation that is sent again learns that the order is cancelled, not that it changed.
    check_not_ended(operation, order, locked.stage)
    if locked.in_progress:
        detail = f"sales is being asked for another act on {no}; ask again"
        raise _in_progress(detail)
    command.check_version(no, order.version)
    check_state(operation, order, locked.stage, settings)
    context = act_context(
        data.new,
        ActPlace(act_id=new_id(), number=locked.last_number + 1, confirmation_no=no),
        by=data.session.worker_id,
        settings=settings,
        references=given.references,
        approvals=taken.approvals,
        dry_run=data.dry_run,
    )
    acted = operation.decide(order, locked.stage, data.new, context)
    for id_ in used_by(acted.act.overrides):
        del taken.approvals[id_]
    after = after_act(acted, order, locked.stage)
    return _noted(locked, acted, after, context.number, content)


def _in_progress(detail: str) -> Refusal:
    refusal = conflict("act-in-progress", detail)
    return Refusal(*refusal.violations, retry_after_s=1)


def _noted(
    locked: LockedOrder, acted: Acted, after: CustomerOrder, number: int, content: str
) -> NewActRecord:
    """The record of the act; the state under lock is what the next act of the same batch sees."""
    locked.last_number = number
    if locked.stage.synchronized:
        locked.in_progress = True
        return NewActRecord(acted.act, number, content, SUBMITTING, after, acted.ends_as)
    locked.order = after
    locked.acted = True
    if acted.ends_as:
        locked.stage = msgspec.structs.replace(locked.stage, status=acted.ends_as)
    return NewActRecord(acted.act, number, content, QUEUED, after, acted.ends_as)


def _changed(
    tx: Transaction,
    commands: Sequence[Command[ActOnOrder]],
    results: Sequence[_Result],
    locked: Mapping[str, LockedOrder],
) -> list[LockedOrder]:
    """The orders that queued acts have changed. Those that no pull will fetch are handed to sales now."""
    queued: dict[str, Context] = {}
    happened: dict[str, list[str]] = {}
    for command, result in zip(commands, results, strict=True):
        if isinstance(result, NewActRecord) and result.status == QUEUED:
            no = command.data.confirmation_no
            queued[no] = command.context
            happened.setdefault(no, []).append(result.act.operation)
    for no, context in queued.items():
        order = locked[no]
        if order.stage.status != "pending":
            order.published = True
            tx.publish(CHANNEL_ORDER, no, as_channel_order(order.order, *happened[no]), context)
    return [locked[no] for no in queued]


def _begun(result: NewActRecord | StoredAct, locked: LockedOrder, attempts: Mapping[UUID, int]) -> Done:
    repeated = isinstance(result, StoredAct)
    attempt = 1 if result.status == SUBMITTING else 0
    if repeated:
        attempt = attempts.get(result.act.act_id, 0)
    order = result.after if result.after is not None else locked.order
    begun = BegunAct(
        result.act.act_id, order, locked.order.version, locked.stage, result.status, attempt, repeated
    )
    return Done(KIND, locked.order.confirmation_no, locked.order.version, answer=begun)
