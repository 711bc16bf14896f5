"""What planning has reserved for sales lines, from the copies of its reservations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from contracts.planning.stock import OrderReservation
from sales.domain.orders.context import ReservedQuantities

_RESERVATION: Final = msgspec.json.Decoder(OrderReservation)


def reserved_by(bodies: Iterable[str | None]) -> ReservedQuantities:
    """What these copies say, by sales line; None: nothing was ever reserved for an order."""
    copies = (_RESERVATION.decode(body) for body in bodies if body)
    return {line.sales_line_id: line.quantity_base for copy in copies for line in copy.lines}
