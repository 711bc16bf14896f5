"""Decides cancellations: of an order, or of what is left after a first hand-over (POS-48, POS-49, POS-75 to POS-79).

The charge is proposed by the order's own terms; what is kept of the deposit and what goes back follows from it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from contracts.channel import ActCharge, ActLine
from contracts.refusals import Violations, conflict
from contracts.sales.masters import ChargeCode
from domainkit.money import ZERO
from domainkit.references import ReferenceQuery
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.acts.acting import QUOTE, VOID
from pos_gateway.domain.acts.amounts import charged
from pos_gateway.domain.acts.bills import bill_of_cancellation, cancellation_charge
from pos_gateway.domain.acts.commands import Cancel
from pos_gateway.domain.acts.context import ActContext, Operation, currency_of
from pos_gateway.domain.acts.finishing import act_of, money_of_order, paid_with
from pos_gateway.domain.acts.remaining import Quantities, available_deposit, value_left
from pos_gateway.domain.acts.settling import check_settled
from pos_gateway.domain.approvals.approval import CHANGE_CANCELLATION_CHARGE
from pos_gateway.domain.orders.agreed_money import check_totals
from pos_gateway.domain.orders.amounts import check_amount
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.order_money import Override
from pos_gateway.domain.orders.quantities import quantities_by_line
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import EDIT_ORDER, EDIT_QUOTE

CANCEL: Final = "cancel"
CANCEL_REMAINING: Final = "cancel_remaining"
CANCELLED: Final = "cancelled"
"""The status that a cancelled order ends in."""
_CHARGE: Final = "/cancellation_charge"


def need_for_cancellation(
    query: ReferenceQuery,
    order: CustomerOrder,
    new: Cancel,  # noqa: ARG001 - all acts are asked alike
    configuration: Configuration,  # noqa: ARG001
) -> None:
    """Need the charge code of the parameters: it has the charge's tax."""
    query.need(ChargeCode, order.terms.cancellation_charge_code)


def decide_cancellation(order: CustomerOrder, stage: Stage, new: Cancel, context: ActContext) -> Acted:
    """The cancelled order; refused once any of its goods were handed over (POS-76)."""
    quantities, no = quantities_by_line(order, stage), order.confirmation_no
    if any(q.handed_over or q.invoiced for q in quantities.values()):
        detail = f"a part of {no} was handed over; cancel what is left of it"
        raise conflict("already-fulfilled-in-part", detail, confirmation_no=no)
    return _decided(CANCEL, order, quantities, new, context, is_void=stage.status == VOID)


def decide_cancellation_of_rest(
    order: CustomerOrder, stage: Stage, new: Cancel, context: ActContext
) -> Acted:
    """The order without what was still open of it; what was handed over stays (P13)."""
    quantities, no = quantities_by_line(order, stage), order.confirmation_no
    if not any(q.handed_over for q in quantities.values()):
        detail = f"nothing of {no} was handed over; cancel all of it"
        raise conflict("nothing-fulfilled-yet", detail, confirmation_no=no)
    if not any(_unsettled(order, quantities).values()):
        again = any(q.cancelled for q in quantities.values())
        code = "already-cancelled" if again else "nothing-to-cancel"
        raise conflict(code, f"nothing of {no} is open", confirmation_no=no)
    return _decided(CANCEL_REMAINING, order, quantities, new, context)


def _decided(
    operation: str,
    order: CustomerOrder,
    quantities: Quantities,
    new: Cancel,
    context: ActContext,
    *,
    is_void: bool = False,
) -> Acted:
    found, money = Violations(), currency_of(order)
    context.approvals.check(found)
    # For what the back office has given up the customer pays nothing.
    base = ZERO if is_void else value_left(order, quantities, money).total
    unsettled = _unsettled(order, quantities)
    charge = _charge_code(order, context)
    charged_on = ZERO if order.kind == QUOTE else base  # a quote has promised nothing
    amount, overrides = _check_charge(found, order, charged_on, charge, new, context)
    found.refuse_if_any()
    cost = charged(amount, charge.tax_pct if charge else ZERO, money)
    given_up = value_left(order, _reopened(quantities, unsettled), money).total
    bill = bill_of_cancellation(given_up, cost, available_deposit(order, quantities, money))
    check_totals(found, new.totals, bill.totals)
    settled = check_settled(found, new, bill, money_of_order(order), context)
    found.refuse_if_any()
    open_lines = {no: q.open for no, q in quantities.items() if q.open}
    act = act_of(
        order,
        operation,
        new,
        settled,
        context,
        reason=new.reason,
        lines=_lines(open_lines) if operation == CANCEL_REMAINING else (),
        charge=_act_charge(charge, amount),
        overrides=(*overrides, *settled.overrides),
    )
    ended = order.card_hold_ended + order.card_hold
    after = replace(
        _without(order, unsettled), card_hold=money.rounded(ZERO), card_hold_ended=money.rounded(ended)
    )
    return Acted(paid_with(after, new, bill, settled), act, CANCELLED if operation == CANCEL else "")


def _unsettled(order: CustomerOrder, quantities: Quantities) -> dict[int, Decimal]:
    """What no till has cancelled yet, by line: what is open, and what the back office has cancelled.

    Of the latter the customer still has the deposit to get back, without a charge.
    """
    own = {line.line_no: line.quantity_cancelled for line in order.lines}
    return {no: q.open + q.cancelled - own[no] for no, q in quantities.items()}


def _reopened(quantities: Quantities, unsettled: dict[int, Decimal]) -> Quantities:
    return {no: replace(q, open=unsettled[no]) for no, q in quantities.items()}


def _without(order: CustomerOrder, cancelled: dict[int, Decimal]) -> CustomerOrder:
    lines = tuple(
        replace(line, quantity_cancelled=line.quantity_cancelled + cancelled.get(line.line_no, ZERO))
        for line in order.lines
    )
    return replace(order, lines=lines)


def _lines(cancelled: dict[int, Decimal]) -> tuple[ActLine, ...]:
    return tuple(ActLine(line_no=no, quantity=quantity) for no, quantity in cancelled.items())


def _charge_code(order: CustomerOrder, context: ActContext) -> ChargeCode | None:
    return context.references.find(ChargeCode, order.terms.cancellation_charge_code)


def _act_charge(code: ChargeCode | None, amount: Decimal) -> ActCharge | None:
    return ActCharge(charge_code=code.code, amount=amount, tax_pct=code.tax_pct) if code and amount else None


def _check_charge(
    found: Violations,
    order: CustomerOrder,
    base: Decimal,
    code: ChargeCode | None,
    new: Cancel,
    context: ActContext,
) -> tuple[Decimal, tuple[Override, ...]]:
    """The charge by the order's terms, or the one that is asked for instead (POS-48, POS-77)."""
    money, asked = currency_of(order), new.cancellation_charge
    proposed = cancellation_charge(base, order.terms.cancellation_pct, money)
    overrides: tuple[Override, ...] = ()
    if asked is not None and not 0 <= asked <= base:
        detail = f"a charge is from 0 to {base}"
        found.invalid("cancellation-charge-out-of-range", detail, _CHARGE, maximum=base)
        return proposed, ()
    if asked is not None and asked != proposed:
        check_amount(found, asked, money, _CHARGE)
        overrides = (_check_change(found, proposed, money.rounded(asked), context),)
    amount = proposed if asked is None else money.rounded(asked)
    if amount and code is None:
        _refuse_missing_code(found, order.terms.cancellation_charge_code)
    return amount, overrides


def _refuse_missing_code(found: Violations, code: str) -> None:
    """A charge is posted under a code; without a charge none is needed (POS-03)."""
    if code:
        found.unknown("charge-code", code, _CHARGE, copy_of="charge-code")
    else:
        found.invalid("charge-code-not-configured", "no cancellation charge code is configured", _CHARGE)


def _check_change(found: Violations, proposed: Decimal, asked: Decimal, context: ActContext) -> Override:
    """Another charge needs the permission, or a manager's approval."""
    record = Override(
        operation=CHANGE_CANCELLATION_CHARGE,
        requested_by=context.by,
        from_amount=proposed,
        to_amount=asked,
        at=context.received_at,
    )
    if context.settings.worker.may(CHANGE_CANCELLATION_CHARGE):
        return record
    return context.approvals.require(found, record, asked, _CHARGE)


CANCELLATION: Final = Operation(
    name=CANCEL,
    permission=EDIT_ORDER,
    quote_permission=EDIT_QUOTE,
    decide=decide_cancellation,
    need=need_for_cancellation,
    after_back_office=True,
)
CANCELLATION_OF_REST: Final = Operation(
    name=CANCEL_REMAINING,
    permission=EDIT_ORDER,
    decide=decide_cancellation_of_rest,
    need=need_for_cancellation,
)
