"""Which changes of a document under procurement have to be asked for, and what they concern (G5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from contracts.refusals import Violations
from sales.domain.orders.commands import HeaderChanges, LineChanges
from sales.domain.orders.context import OrderContext
from sales.domain.orders.header_changes import OF_WHOLE_ORDER, with_delivery
from sales.domain.orders.line_changes import GUARDED
from sales.domain.orders.lines import Line
from sales.domain.orders.order import OPEN, RELEASED, Order
from sales.domain.sourcing import Sourcing

ASKED_FOR: Final = frozenset({"quantity", "location_code", "shipment_date"})
"""Fields of a line that can be changed together with its purchase line."""

BY_PATCH: Final = frozenset({*GUARDED}) - {"type"}
OF_ADDRESS: Final = frozenset({"ship_to", "ship_to_code"})


def needs_request(order: Order, line: Line, changes: LineChanges, context: OrderContext) -> bool:
    """Whether a change of a line's fields (PATCH) has to be asked for.

    So it is while the line is being procured and no purchase line is known; on a released order the dates too.
    """
    changed = differing(line, changes.given())
    if not line.released_once or not changed or "type" in changed:
        return False
    if order.status == RELEASED and changed == {"shipment_date"}:
        return True
    if is_bought(context.sourcings.get(line.id)):
        return False
    if order.status == RELEASED:
        return changed <= {*BY_PATCH, "shipment_date"}
    return bool(changed & BY_PATCH)


def needs_address_request(order: Order, changes: HeaderChanges, context: OrderContext) -> Line | None:
    """The first drop shipment that is being procured, if the change of the header moves its address (PATCH).

    Not together with another customer or currency, which stay while anything is procured.
    """
    given = changes.given()
    address = {name: given[name] for name in given.keys() & OF_ADDRESS}
    is_alone = address.keys() == given.keys()
    if not address or order.status not in ({OPEN, RELEASED} if is_alone else {OPEN}):
        return None
    moving = dropped_lines(order, context)
    if not moving or any(is_bought(context.sourcings.get(line.id)) for line in moving):
        return None
    if any(given.get(name, getattr(order, name)) != getattr(order, name) for name in OF_WHOLE_ORDER):
        return None
    after = with_delivery(Violations(), order, address, context.references)
    is_same = (after.ship_to, after.ship_to_code) == (order.ship_to, order.ship_to_code)
    return None if is_same else moving[0]


def differing(line: Line, given: Mapping[str, Any]) -> set[str]:
    """The given fields that are not as they are already."""
    return {name for name, value in given.items() if value != getattr(line, name)}


def is_bought(sourcing: Sourcing | None) -> bool:
    """Whether an active purchase line supplies the sales line."""
    return sourcing is not None and sourcing.active is not None


def is_procured(line: Line, sourcing: Sourcing | None) -> bool:
    """A purchase of the line may exist, or be on its way."""
    return line.flagged and (line.released_once or (sourcing is not None and sourcing.generation > 0))


def dropped_lines(order: Order, context: OrderContext) -> list[Line]:
    """The drop shipments that another address concerns: procured, and something is outstanding."""
    return [
        line
        for line in order.lines
        if line.drop_shipment
        and line.outstanding_quantity > 0
        and is_procured(line, context.sourcings.get(line.id))
    ]
