"""Planned until nothing is left to propose: what a first pass buys may make something else unnecessary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.planning.fields import ZERO
from planning.domain.plan.messages import Message, change_of
from planning.domain.plan.profiles import Profile, Supply
from planning.domain.requisitions.lines import NEW

PASSES_MAX: Final = 8
"""A bound; two passes are enough for nearly every item, and the second one usually finds nothing."""


class _Planned(msgspec.Struct, frozen=True, gc=False):
    """A supply as the plan leaves it, and the last message about it; `quantity` 0: cancelled."""

    supply: Supply
    message: Message


def settled(profile: Profile, balance: Callable[[Profile], list[Message]]) -> list[Message]:
    """The messages whose acceptance leaves nothing to propose."""
    planned: dict[UUID, _Planned] = {}
    messages = balance(profile)
    passes = 1
    while messages and passes < PASSES_MAX:
        for message in messages:
            _note(planned, message)
        messages = balance(_as_planned(profile, planned))
        passes += 1
    return _messages(profile, planned)


def _note(planned: dict[UUID, _Planned], message: Message) -> None:
    if message.supply is None:
        made = Supply(
            line_id=UUID(int=len(planned) + 1),
            document_no="",
            line_no=len(planned) + 1,
            day=message.day,
            quantity=message.quantity,
            for_line=message.demand.line_id if message.demand else None,
        )
        planned[made.line_id] = _Planned(made, message)
        return
    before = planned.get(message.supply.line_id)
    changed = replace(message.supply, day=message.day, quantity=message.quantity)
    if before is not None:
        message = replace(
            message,
            action=before.message.action,
            supply=before.message.supply,
            demand=before.message.demand,
            warning=before.message.warning or message.warning,
        )
    planned[changed.line_id] = _Planned(changed, message)


def _as_planned(profile: Profile, planned: dict[UUID, _Planned]) -> Profile:
    kept = [s for s in profile.supplies if s.line_id not in planned]
    changed = [p.supply for p in planned.values() if p.supply.quantity > ZERO]
    return replace(profile, supplies=(*kept, *changed))


def _messages(profile: Profile, planned: dict[UUID, _Planned]) -> list[Message]:
    """One for each supply that ends as something else than it was, and one for each new one."""
    before = {supply.line_id: supply for supply in profile.supplies}
    found = []
    for line_id, each in planned.items():
        supply, message = each.supply, each.message
        if (was := before.get(line_id)) is not None:
            change = change_of(was, supply.day, supply.quantity, message.reason, message.warning)
            found += [change] if change is not None else []
        elif supply.quantity > ZERO:
            found.append(replace(message, action=NEW, day=supply.day, quantity=supply.quantity, supply=None))
    return found
