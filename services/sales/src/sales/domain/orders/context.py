"""What a decision about sales orders sees besides the order itself, and what readers see of an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from domainkit.decisions import DecisionContext
from sales.domain.masters import SalesSetup
from sales.domain.orders.order import Order
from sales.domain.sourcing import Sourcing

ReservedQuantities = Mapping[UUID, Decimal]
"""What planning has reserved for ordinary lines, in base units, by the line's id."""
Sourcings = Mapping[UUID, Sourcing]
"""What is known of the supply of flagged lines, by the line's id."""


class OrderContext(DecisionContext, frozen=True, kw_only=True):
    """Reference data, and what is known of the supply of the orders' lines."""

    sourcings: Sourcings
    reserved: Mapping[UUID, Decimal] = {}


class OrderWithSupply(msgspec.Struct, frozen=True):
    """An order with everything that its readers see of it."""

    order: Order
    sourcings: Sourcings
    setup: SalesSetup
    created_at: datetime
    updated_at: datetime
    reserved: Mapping[UUID, Decimal] = {}
