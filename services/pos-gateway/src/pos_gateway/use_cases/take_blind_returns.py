"""Take goods back that no order is known of. The return stays in the gateway: sales has nothing to return them from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from contracts.pos import TransactionIdentity
from contracts.refusals import Refusal
from domainkit.references import ReferenceQuery
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.blind_returns import KIND, decide_blind_return, need_for_blind_return, return_no
from pos_gateway.domain.acts.commands import TakeBlindReturn
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.approvals.approval import BLIND_RETURN, Approval
from pos_gateway.domain.approvals.using import GivenApprovals, used_by
from pos_gateway.domain.orders.context import settings_for
from pos_gateway.domain.orders.sameness import content_of, duplicate_transaction
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.store import acts, approvals, orders
from pos_gateway.store.acts import NewActRecord, StoredAct
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.orders import Stored
from pos_gateway.use_cases.deciding_orders import new_pickup_code
from pos_gateway.use_cases.looking_up import LookedUp, look_up
from recordkit.commands import Command, Done

_DONE: Final = "done"


class _Taken(msgspec.Struct, frozen=True):
    """What was read for a batch of returns: acts and orders under their identities."""

    acts: Mapping[TransactionIdentity, StoredAct]
    orders: Mapping[TransactionIdentity, Stored]
    given: LookedUp
    approvals: dict[UUID, Approval]
    """The open ones that were named; a return that uses one takes it away from those after it."""


class BlindReturns:
    """The use case that takes returns without an order."""

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations

    async def take_blind_returns(
        self, tx: Transaction, commands: Sequence[Command[TakeBlindReturn]]
    ) -> list[Done | Refusal]:
        """Keep returns; the answer of each is its `TillAct`. A repeated one is answered, not kept again."""
        taken = await self._take(tx, commands)
        results = [
            _decided(command, number, taken)
            for command, number in zip(commands, taken.given.numbers, strict=True)
        ]
        new = [r for r in results if isinstance(r, NewActRecord)]
        await acts.insert(tx, new, tx.now)
        await approvals.spend(tx, {id_: r.act.act_id for r in new for id_ in used_by(r.act.overrides)})
        return [
            r if isinstance(r, Refusal) else _done(r.act, created=isinstance(r, NewActRecord))
            for r in results
        ]

    async def _take(self, tx: Transaction, commands: Sequence[Command[TakeBlindReturn]]) -> _Taken:
        identities = {c.data.new.transaction for c in commands}

        def query_by(_: Configuration) -> ReferenceQuery:
            query = ReferenceQuery()
            for command in commands:
                need_for_blind_return(query, command.data.new)
            return query

        return _Taken(
            acts=await acts.by_identity(tx, identities),
            orders=await orders.by_identity(tx, identities),
            given=await look_up(tx, self._configurations, query_by, len(commands)),
            approvals=await approvals.lock(tx, [id_ for c in commands for id_ in c.data.new.approval_ids]),
        )


def _done(act: TillAct, *, created: bool) -> Done:
    return Done(KIND, act.settlement.return_no or "", created=created, answer=act)


def _decided(
    command: Command[TakeBlindReturn], number: int, taken: _Taken
) -> NewActRecord | StoredAct | Refusal:
    try:
        return _decide(command.data, number, taken)
    except Refusal as refusal:
        return refusal


def _decide(data: TakeBlindReturn, number: int, taken: _Taken) -> NewActRecord | StoredAct:
    new, session, given = data.new, data.session, taken.given
    mode = given.configuration.mode_of(session.store_no)
    settings = settings_for(new.transaction, session, given.configuration, mode)
    content = content_of(new)
    if (earlier := _earlier(new.transaction, content, taken)) is not None:
        return earlier
    context = ActContext(
        references=given.references,
        new_id=new_id,
        by=session.worker_id,
        settings=settings,
        act_id=new_id(),
        number=0,
        new_pickup_code=new_pickup_code,
        approvals=GivenApprovals(
            open=taken.approvals, ids=new.approval_ids, by=session.worker_id, transaction=new.transaction
        ),
        dry_run=data.dry_run,
    )
    act = decide_blind_return(new, return_no(number), context)
    for id_ in used_by(act.overrides):
        del taken.approvals[id_]
    return NewActRecord(act, 0, content, _DONE)


def _earlier(identity: TransactionIdentity, content: str, taken: _Taken) -> StoredAct | None:
    """The same return, if it was taken before; another transaction under its identity is a conflict (B24)."""
    order, act = taken.orders.get(identity), taken.acts.get(identity)
    if order is not None:
        raise duplicate_transaction(identity, order.order.confirmation_no)
    if act is not None and (act.operation, act.content) != (BLIND_RETURN, content):
        raise duplicate_transaction(identity, act.confirmation_no or act.act.settlement.return_no or "")
    return act
