"""Deciding what a post moves: all lines of the request or none, and every reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from contracts.refusals import Violations, conflict
from sales.domain.drafts import PlannedLine, PostLine, PostOrder
from sales.domain.lines import Line
from sales.domain.masters import INVOICE_BLOCKS, SHIP_BLOCKS, blocked_for
from sales.domain.money import ZERO
from sales.domain.orders import CLOSED, Order
from sales.domain.references import References
from sales.domain.sourcing import Sourcing

Sourcings = Mapping[UUID, Sourcing]
NO_REQUEST = PostLine(line_no=0)


def plan_post(order: Order, wanted: PostOrder, refs: References, known: Sourcings) -> tuple[PlannedLine, ...]:
    """What leaves and what is invoiced, line by line (BC-SD-07, BC-SD-10); refused with all reasons."""
    faults = Violations()
    _refuse_blocked(order, wanted, refs, faults)
    plan = tuple(
        planned
        for line, asked, at in _lines_of(order, wanted, faults)
        if (planned := _plan_line(line, asked, wanted, refs, faults, at)) is not None
    )
    for planned in plan:
        line = next(each for each in order.lines if each.id == planned.sales_line_id)
        _check_held(order, line, planned, known.get(line.id), faults)
    if wanted.ship:
        _check_advice(order, plan, faults)
    faults.refuse_if_any()
    if not plan:
        raise conflict("nothing-to-post", f"there is nothing to post of sales order {order.no}")
    return plan


def _refuse_blocked(order: Order, wanted: PostOrder, refs: References, faults: Violations) -> None:
    """A blocked customer gets no goods, or no invoice (BC-MD-17)."""
    if order.status == CLOSED:
        raise conflict("nothing-to-post", f"sales order {order.no} is closed: everything is posted")
    customer = refs.customers.get(order.customer_no)
    blocks = (SHIP_BLOCKS if wanted.ship else frozenset()) | (
        INVOICE_BLOCKS if wanted.invoice else frozenset()
    )
    if customer and blocked_for(customer, blocks):
        faults.conflict("customer-blocked", f"customer {customer.no} is blocked for this posting")


def _lines_of(order: Order, wanted: PostOrder, faults: Violations) -> list[tuple[Line, PostLine, str]]:
    """The lines that the request concerns, with what it says of them and where it says so."""
    if not wanted.lines:
        return [(line, NO_REQUEST, "") for line in order.lines if line.counts]
    by_no = {line.line_no: line for line in order.lines}
    found: dict[int, tuple[Line, PostLine, str]] = {}
    for index, asked in enumerate(wanted.lines):
        line, at = by_no.get(asked.line_no), f"/lines/{index}"
        if line is None:
            faults.unknown("line", str(asked.line_no), f"{at}/line_no")
        elif not line.counts:
            detail = f"line {line.line_no} is a comment: there is nothing to post"
            faults.invalid("line-type-not-supported", detail, f"{at}/line_no")
        elif asked.line_no in found:
            faults.invalid("duplicate-line", f"line {asked.line_no} is named twice", f"{at}/line_no")
        else:
            found[asked.line_no] = (line, asked, at)
    return list(found.values())


def _plan_line(
    line: Line, asked: PostLine, wanted: PostOrder, refs: References, faults: Violations, at: str
) -> PlannedLine | None:
    base = line.quantity_shipped if asked.posted_before is None else asked.posted_before
    ship = _to_ship(line, asked, base, refs, faults, at) if wanted.ship else ZERO
    invoice = _to_invoice(line, asked, ship, base, faults, at) if wanted.invoice else ZERO
    if ship <= 0 and invoice <= 0:
        return None
    return PlannedLine(sales_line_id=line.id, ship=ship, invoice=invoice, base=base)


def _to_ship(
    line: Line, asked: PostLine, base: Decimal, refs: References, faults: Violations, at: str
) -> Decimal:
    """Qty. to Ship, never above what is outstanding (of a drop shipment: as its author saw it)."""
    if asked.qty_to_ship is None:
        return max(ZERO, line.shippable(refs.setup.default_qty_to_ship))
    outstanding = line.quantity - base if line.drop_shipment else line.outstanding_quantity
    if asked.qty_to_ship > outstanding:
        faults.invalid(
            "quantity-exceeds-outstanding",
            f"line {line.line_no}: {asked.qty_to_ship} is more than the outstanding {outstanding}",
            f"{at}/qty_to_ship",
            line_no=line.line_no,
            remaining=outstanding,
        )
    return asked.qty_to_ship


def _to_invoice(
    line: Line, asked: PostLine, ship: Decimal, base: Decimal, faults: Violations, at: str
) -> Decimal:
    """Qty. to Invoice: only what has left, now or before (BC-SD-10); a default is capped, a given one is refused."""
    if asked.qty_to_invoice is None:
        return max(ZERO, line.invoiceable(ship))
    moved = max(line.quantity_shipped, base + ship) - line.invoiced
    if asked.qty_to_invoice > moved:
        faults.invalid(
            "quantity-exceeds-shipped",
            f"line {line.line_no}: {asked.qty_to_invoice} is more than the {moved} shipped and not invoiced",
            f"{at}/qty_to_invoice",
            line_no=line.line_no,
            remaining=moved,
        )
    return asked.qty_to_invoice


def _check_held(
    order: Order, line: Line, planned: PlannedLine, known: Sourcing | None, faults: Violations
) -> None:
    """What others decide about a line: a pending post, the purchase line, the quantity granted."""
    if line.id in order.under_way:
        detail = f"a posting of line {line.line_no} is under way"
        faults.conflict("posting-under-way", detail, line_no=line.line_no)
    if planned.ship <= 0:
        return
    if line.drop_shipment and (known is None or known.active is None):
        detail = f"line {line.line_no} is a drop shipment that is not associated with a purchase order yet"
        faults.conflict("not-associated-with-purchase-order", detail, line_no=line.line_no)
        faults.may_change_with("demand", order.no)
    if line.special_order:
        _check_grant(line, planned.ship, known, faults)


def _check_grant(line: Line, quantity: Decimal, known: Sourcing | None, faults: Violations) -> None:
    """A special order ships what was received for it, and nothing else (closes BC-SO-33)."""
    shippable = known.shippable if known else ZERO
    if quantity <= shippable:
        return
    faults.conflict(
        "quantity-exceeds-received",
        f"line {line.line_no}: {shippable} received and not shipped, {quantity} wanted",
        line_no=line.line_no,
        remaining=shippable,
    )
    link = known.active if known else None
    if link:
        faults.may_change_with("purchase-order", link.purchase_order_no)


def _check_advice(order: Order, plan: tuple[PlannedLine, ...], faults: Violations) -> None:
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
            faults.conflict("shipping-advice-complete", detail, line_no=line.line_no)
