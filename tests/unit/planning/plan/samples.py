"""Profiles to plan, and what becomes of them when a plan is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from planning.domain.plan.messages import Message
from planning.domain.plan.profiles import Demand, Horizon, Parameters, Profile, Supply
from planning.domain.requisitions.lines import CANCEL, NEW

FIRST: Final = date(2026, 3, 2)
HORIZON: Final = Horizon(FIRST, date(2026, 12, 31))


def day(offset: int) -> date:
    """So many days after the first day of the plan."""
    return FIRST + timedelta(days=offset)


def demand(number: int, offset: int, quantity: str | Decimal) -> Demand:
    return Demand(
        line_id=UUID(int=number),
        document_no=f"S-{number}",
        line_no=10000,
        day=day(offset),
        quantity=Decimal(quantity),
    )


def supply(number: int, offset: int, quantity: str | Decimal, **fields: Any) -> Supply:
    return Supply(
        line_id=UUID(int=1000 + number),
        document_no=f"P-{number}",
        line_no=10000,
        day=day(offset),
        quantity=Decimal(quantity),
        **fields,
    )


def profile(
    policy: str,
    stock: str | Decimal = "0",
    demands: Sequence[Demand] = (),
    supplies: Sequence[Supply] = (),
    **parameters: Any,
) -> Profile:
    """An item with a policy; quantities among the parameters are given as texts."""
    given: dict[str, Any] = {n: Decimal(v) if isinstance(v, str) else v for n, v in parameters.items()}
    return Profile(
        item_no="1000",
        location_code="EAST",
        stock=Decimal(stock),
        parameters=Parameters(policy=policy, **given),
        demands=tuple(demands),
        supplies=tuple(supplies),
    )


def accepted(planned: Profile, messages: Sequence[Message]) -> Profile:
    """The profile after all messages were carried out."""
    supplies = {s.line_id: s for s in planned.supplies}
    for number, message in enumerate(messages, start=1):
        if message.action == NEW:
            made = Supply(
                line_id=UUID(int=5000 + len(supplies) + number),
                document_no=f"N-{len(supplies)}-{number}",
                line_no=10000,
                day=message.day,
                quantity=message.quantity,
                for_line=message.demand.line_id if message.demand else None,
            )
            supplies[made.line_id] = made
            continue
        assert message.supply is not None
        if message.action == CANCEL:
            del supplies[message.supply.line_id]
        else:
            changed = replace(message.supply, day=message.day, quantity=message.quantity)
            supplies[changed.line_id] = changed
    return replace(planned, supplies=tuple(supplies.values()))


def short(messages: Sequence[Message]) -> list[tuple[str, str, int, str]]:
    """(action, quantity, days after the first, warning) of each message."""
    return [(m.action, f"{m.quantity:f}", (m.day - FIRST).days, m.warning) for m in messages]
