"""What a decision about an act rests on, and how an act is described to the use cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from domainkit.decisions import DecisionContext
from domainkit.money import Currency, currency
from domainkit.references import ReferenceQuery
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.approvals.using import GivenApprovals
from pos_gateway.domain.orders.context import TillSettings
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.configuration import Configuration


class ActContext(DecisionContext, frozen=True, kw_only=True):
    """Besides reference data: the settings of the till that acts, and the identity of the act."""

    settings: TillSettings
    """Of the store that acts, which may be another one than the order's."""
    act_id: UUID
    number: int
    """The act's place among those of its order."""
    new_pickup_code: Callable[[], str]
    approvals: GivenApprovals
    """What a manager has approved of this act."""
    dry_run: bool = False
    """No money is asked for."""

    @property
    def received_at(self) -> datetime:
        """When the gateway received the act."""
        return self.references.now


def currency_of(order: CustomerOrder) -> Currency:
    """The order's currency, whichever store acts."""
    return currency(order.currency_code)


Decide = Callable[[CustomerOrder, Stage, Any, ActContext], Acted]
"""The order, its stage (with sales' progress) and what the till asks for; raises the Refusal with every reason."""
Need = Callable[[ReferenceQuery, CustomerOrder, Any, Configuration], None]
"""Names the reference data that the decision looks at."""


def needs_nothing(
    query: ReferenceQuery, order: CustomerOrder, new: Any, configuration: Configuration
) -> None:
    """For decisions that look nothing up."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of act: how it is decided, and where it may be done."""

    name: str
    permission: str
    """What a worker needs for it on an order."""
    quote_permission: str = ""
    """The same on a quote; empty: it is not done on quotes."""
    decide: Decide
    need: Need = needs_nothing
    where: Literal["own", "pickup", "any"] = "own"
    """At which stores: the order's own, also those with goods to pick up, or all."""
    after_back_office: bool = False
    """Whether it settles an order that the back office has cancelled."""
    while_repaired: bool = True
    """Whether it can be taken while the back office may be repairing the order."""
    queued: bool = True
    """Whether it can be taken before sales has the order (P1)."""
