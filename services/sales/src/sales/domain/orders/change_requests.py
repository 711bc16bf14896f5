"""Changing what is bought: sales asks purchasing, and applies the change when it is accepted (G5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta
from msgspec.structs import replace

from contracts.fields import (
    MAX_LINES,
    Amount,
    ItemNoOrBlank,
    LocationCodeOrBlank,
    PurchasingCodeOrBlank,
    QuantityOrZero,
    UnitOfMeasureCodeOrBlank,
)
from contracts.refusals import Violations, conflict, invalid
from contracts.sales.fields import DropShipment, ShipmentDate, ShipToCodeOrBlank
from contracts.sales.requests import RequestedChangeLine
from contracts.values import Address
from domainkit.money import ZERO
from sales.domain.line_supply import brought_otherwise
from sales.domain.orders.closing_short import lowered
from sales.domain.orders.commands import HeaderChanges, LineChanges, LineChangeWanted
from sales.domain.orders.context import OrderContext
from sales.domain.orders.header_changes import change_header, with_delivery
from sales.domain.orders.line_changes import GUARDED, changed, check_moved
from sales.domain.orders.lines import Line, with_demand
from sales.domain.orders.order import (
    OPEN,
    RELEASED,
    Order,
    PendingChange,
    check_not_held,
    closed_if_done,
    refuse_when_ended,
)
from sales.domain.orders.procured_changes import (
    ASKED_FOR,
    BY_PATCH,
    OF_ADDRESS,
    differing,
    dropped_lines,
    is_procured,
)

CHANGE: Final = "change"

_OWN: Final = frozenset(
    {"id", "line_no", "demand", "last_generation", "postings", "invoiced", "ever_invoiced"}
)
"""What a line has by itself; no change of it is asked for."""


class WantedChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for, kept with the request; null: that was not asked for."""

    quantity: Annotated[QuantityOrZero, Meta(description="What shall be sold; 0: nothing more.")] | None = (
        None
    )
    ship_to: Address | None = None
    ship_to_code: ShipToCodeOrBlank | None = None
    shipment_date: ShipmentDate | None = None
    location_code: LocationCodeOrBlank | None = None
    item_no: ItemNoOrBlank | None = None
    unit_of_measure_code: UnitOfMeasureCodeOrBlank | None = None
    unit_cost: Annotated[Amount, Meta(description="Cost of one unit.", examples=["7.00"])] | None = None
    purchasing_code: PurchasingCodeOrBlank | None = None
    drop_shipment: DropShipment | None = None


class ChangeAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about a wish to change a line: at once, or purchasing is asked (`is_pending`)."""

    id: UUID
    line_no: int
    wanted: WantedChange
    order: Order
    is_pending: bool


def request_change(order: Order, line: Line, wanted: LineChangeWanted, context: OrderContext) -> ChangeAsked:
    """Change a line together with its purchase; at once where nothing of it may be bought.

    Refused at once is what sales itself knows: an ended order, a line that something else holds, values that cannot be.
    """
    return _Asking(order, line, context).ask(wanted.given())


def request_fields(order: Order, line: Line, changes: LineChanges, context: OrderContext) -> ChangeAsked:
    """The same for fields of a line that make another purchase of it; they are refused once it is bought."""
    return _Asking(order, line, context).ask(changes.given())


def request_address(order: Order, line: Line, changes: HeaderChanges, context: OrderContext) -> ChangeAsked:
    """The same for the address of the order; what else of the header changes holds at once."""
    others = replace(changes, ship_to=UNSET, ship_to_code=UNSET)
    changed_now = change_header(order, others, context) if others.given() else order
    given = changes.given()
    return _Asking(changed_now, line, context).ask({name: given[name] for name in given.keys() & OF_ADDRESS})


class _Asking:
    """One wish to change a line, while it is decided."""

    def __init__(self, order: Order, line: Line, context: OrderContext) -> None:
        self._order = order
        self._line = line
        self._context = context
        self._found = Violations()
        self._cancels = False

    def ask(self, given: dict[str, Any]) -> ChangeAsked:
        """The order after the change, or waiting for purchasing."""
        order, line = self._order, self._line
        refuse_when_ended(order)
        if order.status not in {OPEN, RELEASED}:
            raise conflict("order-not-open", f"sales order {order.no} is {order.status}")
        _refuse_if_nothing(line, given)
        self._check_line(given)
        check_not_held(self._found, order, line)
        self._found.refuse_if_any()
        after = self._changed({name: given[name] for name in given.keys() - OF_ADDRESS})
        moved = with_delivery(self._found, order, given, self._context.references)
        self._found.refuse_if_any()
        lines = self._lines(after, moved)
        pending = self._pending(lines, after, moved)
        if not lines:
            done = closed_if_done(_applied(moved, line, pending))
            return self._asked_for(given, pending, done, is_pending=False)
        self._check_asking(lines, pending)
        asking = replace(order, requested_changes=(*order.requested_changes, pending))
        return self._asked_for(given, pending, asking, is_pending=True)

    def _asked_for(
        self, given: Mapping[str, Any], pending: PendingChange, after: Order, *, is_pending: bool
    ) -> ChangeAsked:
        named = {name: value for name, value in given.items() if name in WantedChange.__struct_fields__}
        if "ship_to" in named:
            named["ship_to"] = pending.ship_to or self._order.ship_to
        return ChangeAsked(
            id=pending.id,
            line_no=self._line.line_no,
            wanted=WantedChange(**named),
            order=after,
            is_pending=is_pending,
        )

    def _check_line(self, given: Mapping[str, Any]) -> None:
        line, order = self._line, self._order
        if line.type != "item":
            detail = f"a {line.type} line is not bought"
            self._found.conflict("line-type-not-supported", detail, line_no=line.line_no)
        elif order.status != OPEN and not line.flagged and given.keys() - OF_ADDRESS:
            detail = f"{order.title} is {order.status}; only an open one changes what it sells from stock"
            self._found.conflict("order-not-open", detail, line_no=line.line_no)

    def _changed(self, given: dict[str, Any]) -> Line:
        """The line as it shall be. A quantity of 0 leaves what has left."""
        line, quantity = self._line, given.get("quantity")
        self._cancels = quantity == ZERO and line.flagged
        if self._cancels:
            given = {name: value for name, value in given.items() if name != "quantity"}
        after = changed(self._found, self._order, line, given, self._context.references) if given else line
        # Of a bought line, purchasing knows what cannot be given back.
        own = given.keys() - {"quantity"} if line.flagged else given.keys()
        check_moved(self._found, line, after, {name: given[name] for name in own})
        if self._cancels:
            return self._cancelled(after)
        otherwise = self._brought_otherwise()
        if line.flagged and quantity is not None and quantity < min(otherwise, line.quantity):
            detail = f"{otherwise} is shipped or received otherwise: the quantity cannot be lower"
            self._found.conflict("quantity-below-shipped", detail, "/quantity", line_no=line.line_no)
        return after

    def _cancelled(self, after: Line) -> Line:
        if self._line.outstanding_quantity <= 0:
            detail = f"nothing of line {self._line.line_no} is outstanding"
            self._found.conflict("line-completely-shipped", detail, line_no=self._line.line_no)
        return lowered(after, ZERO)

    def _brought_otherwise(self) -> Decimal:
        sourcing = self._context.sourcings.get(self._line.id)
        return brought_otherwise(self._line, sourcing, sourcing.active if sourcing else None)

    def _lines(self, after: Line, moved: Order) -> tuple[RequestedChangeLine, ...]:
        """What purchasing is asked about each line; none if the change is no matter of a purchase."""
        asked: dict[UUID, RequestedChangeLine] = {}
        if is_procured(self._line, self._context.sourcings.get(self._line.id)):
            concerned = differing(self._line, {name: getattr(after, name) for name in GUARDED})
            if concerned:
                asked[self._line.id] = self._asked(after, concerned)
        if (moved.ship_to, moved.ship_to_code) != (self._order.ship_to, self._order.ship_to_code):
            for line in dropped_lines(self._order, self._context):
                asked.setdefault(line.id, self._bare(line))
        return tuple(asked.values())

    def _bare(self, line: Line) -> RequestedChangeLine:
        return RequestedChangeLine(sales_line_id=line.id, generation=self._generation(line))

    def _generation(self, line: Line) -> int:
        sourcing = self._context.sourcings.get(line.id)
        return max(sourcing.generation if sourcing else 0, line.demand.generation if line.demand else 0)

    def _asked(self, after: Line, concerned: set[str]) -> RequestedChangeLine:
        otherwise, bare = self._brought_otherwise(), self._bare(self._line)
        if "location_code" in concerned:
            bare = replace(bare, location_code=after.location_code)
        if "quantity" not in concerned:
            return bare
        return replace(
            bare,
            quantity=ZERO if self._cancels else max(after.quantity - otherwise, ZERO),
            quantity_before=max(self._line.quantity - otherwise, ZERO),
        )

    def _pending(self, lines: tuple[RequestedChangeLine, ...], after: Line, moved: Order) -> PendingChange:
        line, order = self._line, self._order
        fields = tuple(
            name
            for name in Line.__struct_fields__
            if name not in _OWN and getattr(after, name) != getattr(line, name)
        )
        has_moved = (moved.ship_to, moved.ship_to_code) != (order.ship_to, order.ship_to_code)
        return PendingChange(
            id=self._context.new_id(),
            kind=CHANGE,
            lines=lines,
            ship_to=moved.ship_to if has_moved else None,
            ship_to_code=moved.ship_to_code if has_moved else "",
            unbought_only=bool(BY_PATCH & {*fields} - ASKED_FOR),
            line_no=line.line_no,
            after=after,
            fields=fields,
            increase=after.quantity - line.quantity,
        )

    def _check_asking(self, lines: Iterable[RequestedChangeLine], pending: PendingChange) -> None:
        by_id = {line.id: line for line in self._order.lines}
        for asked in lines:
            if asked.sales_line_id != self._line.id:
                check_not_held(self._found, self._order, by_id[asked.sales_line_id])
        if pending.increase > 0 and len(self._order.lines) >= MAX_LINES:
            detail = f"an order has at most {MAX_LINES} lines: none is left for what the purchase cannot take"
            self._found.conflict("too-many-lines", detail)
        self._found.refuse_if_any()


def _refuse_if_nothing(line: Line, given: Mapping[str, Any]) -> None:
    if not given:
        raise invalid("nothing-to-change", f"nothing of line {line.line_no} shall change")


def _applied(order: Order, line: Line, pending: PendingChange) -> Order:
    """The order with the line's change; `order` has the new address already."""
    if not pending.fields:
        return order
    after = replace(line, **{name: getattr(pending.after, name) for name in pending.fields})
    return order.with_line(with_demand(after))
