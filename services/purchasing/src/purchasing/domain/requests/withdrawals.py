"""Sales gives lines up: what was bought for them is taken back, all lines or none (G22)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.purchasing.fields import DROP_SHIPMENT, SPECIAL_ORDER
from contracts.purchasing.outcomes import RequestOutcome, WithdrawnLine
from contracts.refusals import Violations
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.sales.requests import WithdrawalRequest
from contracts.values import Problem
from domainkit.decisions import NewId
from domainkit.money import currency
from purchasing.domain.links import LinkRow, link_row
from purchasing.domain.orders.order import Line, Order, as_deleted
from purchasing.domain.requests.posting_requests import LinkedLine, linked_line

WITHDRAWN = "withdrawn"
REFUSED = "refused"


class DecidedWithdrawal(msgspec.Struct, kw_only=True):
    """What became of a withdrawal request: the changed orders and ended links, or the reasons why not.

    `fences` are links without a purchase line: they keep a purchase request that is still on its way from being bought.
    """

    request: WithdrawalRequest
    sales_order_no: str
    orders: tuple[Order, ...] = ()
    ended: tuple[LinkRow, ...] = ()
    fences: tuple[LinkRow, ...] = ()
    withdrawn: tuple[WithdrawnLine, ...] = ()
    errors: tuple[Problem, ...] = ()

    def event(self) -> RequestOutcome:
        """The outcome as it is published."""
        outcome = REFUSED if self.errors else WITHDRAWN
        return RequestOutcome(
            version=1,
            happened=(outcome,),
            request_id=self.request.id,
            kind="withdrawal_request",
            outcome=outcome,
            sales_order_no=self.sales_order_no,
            errors=self.errors,
            withdrawn=self.withdrawn,
        )


def decide_withdrawal(
    sales_order: SalesOrder,
    request: WithdrawalRequest,
    orders: Mapping[str, Order],
    linked: Mapping[UUID, LinkedLine],
    new_id: NewId,
) -> DecidedWithdrawal:
    """Take the purchases of all lines back, or none: goods that were delivered to the customer refuse it."""
    found = Violations()
    decided = DecidedWithdrawal(request=request, sales_order_no=sales_order.no)
    changed: dict[str, Order] = {}
    for sales_line in sales_order.lines:
        if sales_line.id not in request.sales_line_ids:
            continue
        place = linked.get(sales_line.id)
        order = (changed.get(place.order_no) or orders.get(place.order_no)) if place else None
        line = linked_line(order, sales_line.id)
        if order is None or line is None:
            decided.fences += (fence(sales_order, sales_line, new_id),)
            decided.withdrawn += (WithdrawnLine(sales_line_id=sales_line.id),)
            continue
        _check_delivered(found, order, line, sales_line, remaining=request.remaining)
        after = without_outstanding(order, line, remaining=request.remaining)
        changed[order.no] = after
        if linked_line(after, sales_line.id) is None and line.link is not None:
            decided.ended += (link_row(line.link, order.no, line.id),)
        received = WithdrawnLine(sales_line_id=sales_line.id, quantity_received=line.quantity_received)
        decided.withdrawn += (received,)
    if refusal := found.refusal():
        return DecidedWithdrawal(request=request, sales_order_no=sales_order.no, errors=refusal.problems())
    decided.orders = tuple(changed.values())
    return decided


def _check_delivered(
    found: Violations, order: Order, line: Line, sales_line: SalesLine, *, remaining: bool
) -> None:
    if line.drop_shipment and line.quantity_received > 0 and not remaining:
        detail = (
            f"line {sales_line.line_no}: {line.quantity_received} were delivered to the customer "
            f"by purchase order {order.no} line {line.line_no}"
        )
        found.conflict("has-postings", detail, line_no=sales_line.line_no)


def without_outstanding(order: Order, line: Line, *, remaining: bool) -> Order:
    """The order without what is still to come for the line.

    What was received of a special order stays: as history of the line if its rest alone is given up, else as stock.
    """
    received = line.quantity_received
    if received <= 0:
        after = order.with_lines([as_deleted(line)])
        return after.settled() if after.live_lines else after.replaced(deleted=True)
    off = line.line_discount_amount
    if off is not None:
        off = currency(order.currency_code).rounded(off * received / line.quantity)
    kept = replace(line, quantity=min(line.quantity, received), line_discount_amount=off)
    if not remaining and kept.link is not None:
        kept = replace(kept, link=replace(kept.link, active=False))
    return order.with_lines([kept]).settled()


def fence(sales_order: SalesOrder, line: SalesLine, new_id: NewId, generation: int = 0) -> LinkRow:
    """A link without a purchase line: once it has ended, nothing buys its generation or an earlier one any more."""
    wanted = line.demand.generation if line.demand is not None else 1
    return LinkRow(
        sales_line_id=line.id,
        generation=max(wanted, generation, 1),
        link_id=new_id(),
        kind=DROP_SHIPMENT if line.drop_shipment else SPECIAL_ORDER,
        purchase_order_no="",
        line_id=new_id(),
        sales_order_no=sales_order.no,
        active=True,
    )
