"""Planning asks that a purchase line comes another day, in another quantity or not at all (G17, BC-PL-11).

Decided on the line as it is now: a change of what has changed since the plan is refused.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest, Reschedule
from contracts.purchasing.outcomes import RequestOutcome
from contracts.refusals import Refusal, Violations
from contracts.values import Problem
from domainkit.days import days_after
from domainkit.money import plain_quantity
from domainkit.references import ReferenceData, ReferenceQuery
from purchasing.domain.catalogue import need_terms
from purchasing.domain.orders.line_prices import with_quantity
from purchasing.domain.orders.order import CLOSED, Line, Order
from purchasing.domain.orders.vendor_answers import must_not_be_refused
from purchasing.domain.requests.withdrawals import without_outstanding

RESCHEDULED: Final = "rescheduled"
REFUSED: Final = "refused"


class DecidedReschedule(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it: the order after it, or the reasons why not."""

    request: PurchaseRequest
    order: Order | None = None
    errors: tuple[Problem, ...] = ()

    @property
    def outcome(self) -> str:
        """`rescheduled` or `refused`."""
        return REFUSED if self.errors else RESCHEDULED

    def event(self) -> RequestOutcome:
        """The outcome as it is published."""
        wanted = self.request.reschedule
        sales = wanted.sales if wanted is not None else None
        return RequestOutcome(
            version=1,
            happened=(self.outcome,),
            request_id=self.request.id,
            kind="purchase_request",
            outcome=self.outcome,
            purchase_order_no=wanted.purchase_order_no if wanted is not None else "",
            sales_order_no=sales.sales_order_no if sales is not None else "",
            errors=self.errors,
        )


def need_for_change(query: ReferenceQuery, order: Order, wanted: Reschedule) -> None:
    """Another quantity asks for the vendor's terms."""
    line = _line(order, wanted)
    if wanted.quantity is not None and line is not None:
        query.need_rates(order.currency_code, order.order_date)
        need_terms(query, order.vendor_no, line.item_no)


def decide_reschedule(
    request: PurchaseRequest, wanted: Reschedule, order: Order | None, references: ReferenceData
) -> DecidedReschedule:
    """Change the line, as long as it is what planning knew; identity, and by a move alone the price, stay (G9)."""
    line = _line(order, wanted)
    found = Violations()
    if order is None or line is None:
        detail = f"purchase order {wanted.purchase_order_no} line {wanted.purchase_order_line_no} is deleted"
        found.conflict("purchase-line-deleted", detail, line_no=_sales_line_no(wanted))
    else:
        _check(found, order, line, wanted)
    refusal = found.refusal()
    if refusal is not None or order is None or line is None:
        errors = refusal.problems() if refusal is not None else ()
        return DecidedReschedule(request=request, errors=tuple(errors))
    try:
        return DecidedReschedule(request=request, order=_changed(order, line, wanted, references))
    except Refusal as no_price:
        return DecidedReschedule(request=request, errors=no_price.problems())


def _changed(order: Order, line: Line, wanted: Reschedule, references: ReferenceData) -> Order:
    if wanted.quantity is None:
        return order.with_lines([_moved(line, wanted)])
    if wanted.quantity <= 0:
        return without_outstanding(order, line, remaining=False)
    quantity = plain_quantity(wanted.quantity / line.qty_per_unit_of_measure)
    return order.with_lines([with_quantity(order, _moved(line, wanted), quantity, references)])


def _line(order: Order | None, wanted: Reschedule) -> Line | None:
    lines = order.live_lines if order is not None and not order.deleted else ()
    return next((line for line in lines if line.line_no == wanted.purchase_order_line_no), None)


def _check(found: Violations, order: Order, line: Line, wanted: Reschedule) -> None:
    line_no = _sales_line_no(wanted)
    where = f"purchase order {order.no} line {line.line_no}"
    must_not_be_refused(found, order, line)
    if not line.outstanding_quantity or order.status == CLOSED:
        found.conflict("nothing-outstanding", f"nothing of {where} is outstanding", line_no=line_no)
        return
    link = line.active_link
    served = link.sales.sales_line_id if link is not None else None
    if wanted.sales is not None and served != wanted.sales.sales_line_id:
        found.conflict("plan-outdated", f"{where} does not serve the sales line any more", line_no=line_no)
    elif wanted.quantity is not None and link is not None:
        detail = f"{where} is bought for sales order {link.sales.sales_order_no}"
        found.conflict("associated-with-sales-order", detail, line_no=line_no)
    else:
        _check_outdated(found, order, line, wanted)


def _check_outdated(found: Violations, order: Order, line: Line, wanted: Reschedule) -> None:
    """What planning knew is what the line is: it was not moved, enlarged, cut or received in part since."""
    line_no, where = _sales_line_no(wanted), f"purchase order {order.no} line {line.line_no}"
    day = line.delivery_date or order.order_date
    if day != wanted.original_due_date:
        detail = f"{where} comes on {day}, not on {wanted.original_due_date}: look at it again"
        found.conflict("plan-outdated", detail, line_no=line_no)
    outstanding = line.outstanding_quantity * line.qty_per_unit_of_measure
    if wanted.original_quantity not in (None, outstanding):
        detail = f"{outstanding:f} of {where} are to come, not {wanted.original_quantity:f}: look at it again"
        found.conflict("plan-outdated", detail, line_no=line_no)
    elif wanted.quantity is not None and line.quantity_received > 0:
        detail = f"{line.quantity_received:f} of {where} were received"
        found.conflict("plan-outdated", detail, line_no=line_no)


def _sales_line_no(wanted: Reschedule) -> int | None:
    return wanted.sales.sales_order_line_no if wanted.sales is not None else None


def _moved(line: Line, wanted: Reschedule) -> Line:
    """On the new day. What the vendor has confirmed was another day: its answer is awaited again."""
    if wanted.due_date == wanted.original_due_date:
        return line
    days = (wanted.due_date - wanted.original_due_date).days
    return replace(
        line,
        expected_receipt_date=wanted.due_date,
        requested_receipt_date=_shifted(line.requested_receipt_date, days),
        confirmed_date=None,
    )


def _shifted(day: date | None, days: int) -> date | None:
    return None if day is None else days_after(day, days)
