"""Deciding what a post moves: all lines of the request or none, and every reason why not."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from contracts.refusals import Violations, conflict
from contracts.sales.masters import Customer
from domainkit.money import ZERO
from domainkit.parties import INVOICING, SHIPPING, is_blocked
from domainkit.postings import check_room
from domainkit.references import ReferenceData
from sales.domain.orders.context import OrderContext
from sales.domain.orders.lines import Line
from sales.domain.orders.order import CLOSED, Order, PlannedLine, check_not_held, refuse_when_ended
from sales.domain.posting.commands import LineToPost, PostingOptions
from sales.domain.references import sales_setup
from sales.domain.sourcing import Sourcing

_AS_SET_ON_THE_LINE: Final = LineToPost(line_no=0)


def plan_post(order: Order, wanted: PostingOptions, context: OrderContext) -> tuple[PlannedLine, ...]:
    """What leaves and what is invoiced, line by line (BC-SD-07, BC-SD-10); refused with all reasons."""
    return _planned(order, wanted, context, is_fact=False)


def plan_fact(order: Order, wanted: PostingOptions, context: OrderContext) -> tuple[PlannedLine, ...]:
    """The same of goods that have left: neither a block of the customer nor its wish for complete deliveries counts."""
    return _planned(order, wanted, context, is_fact=True)


def _planned(
    order: Order, wanted: PostingOptions, context: OrderContext, *, is_fact: bool
) -> tuple[PlannedLine, ...]:
    refuse_when_ended(order)
    if order.status == CLOSED:
        raise conflict("nothing-to-post", f"{order.title} is closed: everything is posted")
    found = Violations()
    if not is_fact:
        _check_customer(found, order, wanted, context.references)
    by_default = "remainder" if order.posts_whole else sales_setup(context.references).default_qty_to_ship
    planner = _LinePlanner(found, wanted, by_default)
    plan = []
    for line, asked, at in _lines_of(found, order, wanted):
        sourcing = context.sourcings.get(line.id)
        planned = planner.plan(line, sourcing, asked, at)
        if planned.ship > 0 or planned.invoice > 0:
            plan.append(planned)
            _check_held(found, order, line, planned, sourcing)
    if wanted.ship and not is_fact:
        _check_advice(found, order, plan)
    found.refuse_if_any()
    if not plan:
        raise conflict("nothing-to-post", f"there is nothing to post of {order.title}")
    return tuple(plan)


def _check_customer(
    found: Violations, order: Order, wanted: PostingOptions, references: ReferenceData
) -> None:
    """A blocked customer gets no goods, or no invoice (BC-MD-17)."""
    customer = references.find(Customer, order.customer_no)
    stops = (SHIPPING if wanted.ship else frozenset()) | (INVOICING if wanted.invoice else frozenset())
    if customer and is_blocked(customer, stops):
        found.conflict("customer-blocked", f"customer {customer.no} is blocked for this posting")


def _lines_of(found: Violations, order: Order, wanted: PostingOptions) -> list[tuple[Line, LineToPost, str]]:
    """The lines that the request concerns, with what it says of them and where it says so."""
    if wanted.lines is None:
        return [(line, _AS_SET_ON_THE_LINE, "") for line in order.lines if line.has_quantity]
    by_no = {line.line_no: line for line in order.lines}
    lines: dict[int, tuple[Line, LineToPost, str]] = {}
    for index, asked in enumerate(wanted.lines):
        line, at = by_no.get(asked.line_no), f"/lines/{index}"
        if line is None:
            found.unknown("line", str(asked.line_no), f"{at}/line_no")
        elif not line.has_quantity:
            detail = f"line {line.line_no} is a comment: there is nothing to post"
            found.invalid("line-type-not-supported", detail, f"{at}/line_no")
        elif asked.line_no in lines:
            found.invalid("duplicate-line", f"line {asked.line_no} is named twice", f"{at}/line_no")
        else:
            lines[asked.line_no] = (line, asked, at)
    return list(lines.values())


def _shipped_elsewhere(line: Line, sourcing: Sourcing | None) -> Decimal:
    """What of a drop shipment left before its active link: from stock, or over links of earlier generations."""
    link = sourcing.active if sourcing else None
    if link is None or not line.drop_shipment:
        return ZERO
    return line.quantity_shipped - line.shipped_over(link.link_id)


class _LinePlanner:
    """Plans the lines of one request."""

    def __init__(self, found: Violations, wanted: PostingOptions, default_qty_to_ship: str) -> None:
        self._found = found
        self._wanted = wanted
        self._default_qty_to_ship = default_qty_to_ship

    def plan(self, line: Line, sourcing: Sourcing | None, asked: LineToPost, at: str) -> PlannedLine:
        """What leaves and what is invoiced of a line; both may be nothing.

        Its base is a total of the active link alone, which is what purchasing compares it with.
        """
        elsewhere = _shipped_elsewhere(line, sourcing)
        seen = line.quantity_shipped if asked.posted_before is None else asked.posted_before
        base = max(seen - elsewhere, ZERO)
        seen = base + elsewhere
        ship = self._to_ship(line, asked, seen, at) if self._wanted.ship else ZERO
        invoice = self._to_invoice(line, asked, ship, seen, at) if self._wanted.invoice else ZERO
        return PlannedLine(sales_line_id=line.id, ship=ship, invoice=invoice, base=base)

    def _to_ship(self, line: Line, asked: LineToPost, seen: Decimal, at: str) -> Decimal:
        """Qty. to Ship, never above what is outstanding (of a drop shipment: as its author saw it)."""
        if asked.qty_to_ship is None:
            return max(ZERO, line.shippable(self._default_qty_to_ship))
        outstanding = line.quantity - seen if line.drop_shipment else line.outstanding_quantity
        if asked.qty_to_ship > outstanding:
            detail = f"line {line.line_no}: {asked.qty_to_ship} is more than the outstanding {outstanding}"
            self._exceeds("outstanding", detail, f"{at}/qty_to_ship", line, outstanding)
        return asked.qty_to_ship

    def _to_invoice(self, line: Line, asked: LineToPost, ship: Decimal, seen: Decimal, at: str) -> Decimal:
        """Qty. to Invoice: only what has left, now or before (BC-SD-10); a default is capped, a given one refused."""
        if asked.qty_to_invoice is None:
            return max(ZERO, line.invoiceable(ship))
        moved = max(line.quantity_shipped, seen + ship) - line.invoiced
        if asked.qty_to_invoice > moved:
            wanted = asked.qty_to_invoice
            detail = f"line {line.line_no}: {wanted} is more than the {moved} shipped and not invoiced"
            self._exceeds("shipped", detail, f"{at}/qty_to_invoice", line, moved)
        return asked.qty_to_invoice

    def _exceeds(self, what: str, detail: str, pointer: str, line: Line, remaining: Decimal) -> None:
        self._found.invalid(
            f"quantity-exceeds-{what}", detail, pointer, line_no=line.line_no, remaining=remaining
        )


def _check_held(
    found: Violations, order: Order, line: Line, planned: PlannedLine, sourcing: Sourcing | None
) -> None:
    """What others decide about a line: a pending post, the purchase line, the quantity granted."""
    check_not_held(found, order, line)
    if planned.ship <= 0:
        return
    check_room(found, line.line_no, line.postings, len(order.lines))
    if line.drop_shipment and (sourcing is None or sourcing.active is None):
        detail = f"line {line.line_no} is a drop shipment that is not associated with a purchase order yet"
        found.conflict("not-associated-with-purchase-order", detail, line_no=line.line_no)
        found.may_change_with("demand", order.no)
    if line.special_order:
        _check_grant(found, line, planned.ship, sourcing)


def _check_grant(found: Violations, line: Line, quantity: Decimal, sourcing: Sourcing | None) -> None:
    """A special order ships what was received for it, and nothing else (closes BC-SO-33)."""
    shippable = sourcing.shippable if sourcing else ZERO
    if quantity <= shippable:
        return
    detail = f"line {line.line_no}: {shippable} received and not shipped, {quantity} wanted"
    found.conflict("quantity-exceeds-received", detail, line_no=line.line_no, remaining=shippable)
    link = sourcing.active if sourcing else None
    if link:
        found.may_change_with("purchase-order", link.purchase_order_no)


def _check_advice(found: Violations, order: Order, plan: list[PlannedLine]) -> None:
    """Shipping advice Complete: all that does not come from a vendor leaves at once (BC-SD-09)."""
    if order.shipping_advice != "complete":
        return
    shipping = {planned.sales_line_id: planned.ship for planned in plan}
    if not any(shipping.values()):
        return
    for line in order.lines:
        left = line.outstanding_quantity - shipping.get(line.id, ZERO)
        if line.type == "item" and not line.drop_shipment and left > 0:
            detail = f"line {line.line_no}: the customer wants the order shipped complete, {left} would stay"
            found.conflict("shipping-advice-complete", detail, line_no=line.line_no)
