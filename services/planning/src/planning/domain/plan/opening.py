"""Stock on the first day of a plan: what lies before it is taken as done (BC-PL-15)."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from contracts.planning.fields import ZERO
from planning.domain.plan.profiles import Demand, Horizon, Profile, Supply


class Opening(msgspec.Struct, frozen=True, gc=False):
    """Stock on the first day (below 0: what is missing), and the demand and supply to balance.

    Both are in the order in which they are balanced: nothing depends on the order of the input.
    """

    stock: Decimal
    demands: tuple[Demand, ...]
    supplies: tuple[Supply, ...]


def opening_of(profile: Profile, horizon: Horizon) -> Opening:
    """Overdue demand has left and overdue supply is in stock."""
    demands = sorted(profile.demands, key=lambda d: (d.day, d.document_no, d.line_no, d.line_id))
    # Large ones first on a day, so that what is left over is left of the smallest.
    supplies = sorted(
        profile.supplies, key=lambda s: (s.day, -s.quantity, s.document_no, s.line_no, s.line_id)
    )
    come = sum((s.quantity for s in supplies if s.day < horizon.first), ZERO)
    gone = sum((d.quantity for d in demands if d.day < horizon.first), ZERO)
    return Opening(
        profile.stock + come - gone,
        tuple(d for d in demands if horizon.first <= d.day <= horizon.last),
        tuple(s for s in supplies if horizon.first <= s.day <= horizon.last),
    )
