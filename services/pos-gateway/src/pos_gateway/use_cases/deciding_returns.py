"""Decides returns that tills carried out offline, on the state of their orders under lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.commands import OfflineReturn
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.acts.offline_returns import (
    FAILED,
    SUBMITTING,
    WAITING,
    Decided,
    decide_offline_return,
    failed,
)
from pos_gateway.domain.acts.return_repairs import repairing
from pos_gateway.domain.acts.returning import RETURN_OF_GOODS
from pos_gateway.domain.approvals.approval import Approval
from pos_gateway.domain.approvals.using import used_by
from pos_gateway.domain.orders.context import offline_settings
from pos_gateway.domain.orders.sameness import duplicate_transaction
from pos_gateway.domain.setup.configuration import Configuration, PastSettings
from pos_gateway.domain.terminals.sessions import TillSession
from pos_gateway.store import approvals, changing, past_settings
from pos_gateway.store.acts import NewActRecord
from pos_gateway.store.changing import LockedOrder
from pos_gateway.store.configuration import Configurations
from pos_gateway.use_cases.deciding_acts import ActPlace, act_context
from pos_gateway.use_cases.looking_up import LookedUp, look_up


class GivenReturns(msgspec.Struct, frozen=True):
    """What was read for a batch of returns; their orders are under lock."""

    locked: Mapping[str, LockedOrder]
    past: Mapping[int, PastSettings]
    found: LookedUp
    approvals: dict[UUID, Approval]
    """The open ones that were named; a return that uses one takes it away from those after it."""


async def read_given(
    tx: Transaction, configurations: Configurations, taken: Sequence[OfflineReturn], *more: str
) -> GivenReturns:
    """Lock the orders of the returns, and `more` by their numbers, and look up what the decisions need."""
    locked = await changing.lock(tx, [*(x.confirmation_no for x in taken), *more])
    past = await past_settings.load(tx, {x.config_version for x in taken if x.config_version is not None})

    def query_by(configuration: Configuration) -> ReferenceQuery:
        query = ReferenceQuery()
        for each in taken:
            if (order := locked.get(each.confirmation_no)) is not None:
                RETURN_OF_GOODS.need(query, order.order, each, _known(each, configuration, past))
        return query

    found = await look_up(tx, configurations, query_by, 0)
    named = [id_ for each in taken for id_ in each.approval_ids]
    return GivenReturns(locked, past, found, await approvals.lock(tx, named))


def decide_return(
    kept: TillAct, taken: OfflineReturn, locked: LockedOrder, number: int, given: GivenReturns
) -> Decided:
    """The state under lock is what the next return of the same batch sees."""
    if locked.in_progress:
        return Decided(kept, WAITING, locked.order)
    if kept.conflicts_with and not kept.repaired:
        made = failed(locked.order, kept, duplicate_transaction(taken.transaction, kept.conflicts_with))
        locked.order = made.order
        return made
    context = context_of_return(taken, kept.act_id, number, given)
    if kept.repaired:
        context = repairing(context)
    made = decide_offline_return(locked.order, locked.stage, kept, taken, context)
    if made.status == FAILED:
        locked.order = made.order
    if made.status == SUBMITTING:
        locked.in_progress = True
    for id_ in used_by(made.act.overrides):
        del given.approvals[id_]
    return made


def record_of(made: Decided, number: int, content: str) -> NewActRecord:
    """The return as it is stored."""
    after = made.order if made.status == SUBMITTING else None
    return NewActRecord(made.act, number, content, made.status, after)


def context_of_return(taken: OfflineReturn, act_id: UUID, number: int, given: GivenReturns) -> ActContext:
    """The context of the return, by the settings that its till knew."""
    identity = taken.transaction
    session = TillSession(
        store_no=identity.store_no, terminal_no=identity.terminal_no, worker_id=taken.worker_id
    )
    configuration = _known(taken, given.found.configuration, given.past)
    return act_context(
        taken,
        ActPlace(act_id=act_id, number=number, confirmation_no=taken.confirmation_no),
        by=taken.worker_id,
        settings=offline_settings(identity, session, configuration),
        references=given.found.references,
        approvals=given.approvals,
    )


def _known(
    taken: OfflineReturn, configuration: Configuration, past: Mapping[int, PastSettings]
) -> Configuration:
    return configuration.as_known(taken.config_version, taken.transaction.store_no, past)


async def store_orders(tx: Transaction, records: Sequence[NewActRecord], given: GivenReturns) -> None:
    """Spend what was approved, and store the orders of returns that failed: their money counts."""
    await approvals.spend(tx, {id_: r.act.act_id for r in records for id_ in used_by(r.act.overrides)})
    changed = {r.act.confirmation_no or "" for r in records if r.status == FAILED}
    await changing.save_orders(tx, [given.locked[no] for no in changed if no in given.locked])
