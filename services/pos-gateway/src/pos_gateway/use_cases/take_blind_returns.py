"""Take goods back that no order is known of. The return stays in the gateway: sales has nothing to return them from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from contracts.refusals import Refusal
from domainkit.references import ReferenceQuery
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.blind_returns import KIND, decide_blind_return, need_for_blind_return, return_no
from pos_gateway.domain.acts.commands import TakeBlindReturn
from pos_gateway.domain.approvals.approval import BLIND_RETURN, Approval
from pos_gateway.domain.approvals.using import used_by
from pos_gateway.domain.orders.context import settings_for
from pos_gateway.domain.orders.sameness import content_of
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.store import acts, approvals
from pos_gateway.store.acts import NewActRecord, StoredAct
from pos_gateway.store.configuration import Configurations
from pos_gateway.use_cases.deciding_acts import ActPlace, act_context
from pos_gateway.use_cases.known_identities import KnownIdentities, known_identities
from pos_gateway.use_cases.looking_up import LookedUp, look_up
from recordkit.commands import Command, Done

_DONE: Final = "done"


class _Taken(msgspec.Struct, frozen=True):
    """What was read for a batch of returns: acts and orders under their identities."""

    known: KnownIdentities
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
            known=await known_identities(tx, identities),
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
    if (earlier := taken.known.same_act(new.transaction, BLIND_RETURN, content)) is not None:
        return earlier
    context = act_context(
        new,
        ActPlace(act_id=new_id()),
        by=session.worker_id,
        settings=settings,
        references=given.references,
        approvals=taken.approvals,
        dry_run=data.dry_run,
    )
    act = decide_blind_return(new, return_no(number), context)
    for id_ in used_by(act.overrides):
        del taken.approvals[id_]
    return NewActRecord(act, 0, content, _DONE)
