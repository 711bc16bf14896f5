"""What every decision ends with: the order with the act's money, and the act as it is kept."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from contracts.pos import Payment
from domainkit.structs import extended
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.bills import Bill, money_after
from pos_gateway.domain.acts.card_refunds import MoneyTaken
from pos_gateway.domain.acts.commands import NewAct
from pos_gateway.domain.acts.context import ActContext, currency_of
from pos_gateway.domain.acts.settling import Settled
from pos_gateway.domain.orders.captures import EXECUTED
from pos_gateway.domain.orders.order import CARD, CustomerOrder
from pos_gateway.domain.orders.order_money import OrderRefund


def money_of_order(order: CustomerOrder) -> MoneyTaken:
    """What the order was paid with so far, at tills and by captures, and what of it went back."""
    captured = (extended(Payment, each) for each in order.captures if each.outcome == EXECUTED)
    payments = (*order.payments, *captured)
    refunds = tuple(refund for refund in order.refunds_known if not refund.declined)
    return MoneyTaken(currency=currency_of(order), payments=payments, refunds=refunds)


def paid_with(order: CustomerOrder, new: NewAct, bill: Bill, settled: Settled) -> CustomerOrder:
    """The order once the act's money has changed hands. What goes back to a known card is instructed (POS-84)."""
    given_back = (
        extended(
            OrderRefund,
            refund,
            transaction=new.transaction,
            by_instruction=refund.method == CARD and bool(refund.card_token),
        )
        for refund in settled.refunds
    )
    return replace(
        order,
        payments=(*order.payments, *settled.payments),
        refunds=(*order.refunds, *given_back),
        money_sums=money_after(order.money, bill, settled.settlement),
    )


def act_of(
    order: CustomerOrder | None,
    operation: str,
    new: NewAct,
    settled: Settled,
    context: ActContext,
    **more: Any,
) -> TillAct:
    """The act as it is kept; `more`: what it is about (lines, charge, invoice, reason, overrides)."""
    return TillAct(
        act_id=context.act_id,
        operation=operation,
        confirmation_no=order.confirmation_no if order else None,
        transaction=new.transaction,
        occurred_at=new.occurred_at,
        external_reference=new.external_reference,
        receipt_no=new.receipt_no or "",
        received_at=context.received_at,
        worker_id=context.by,
        payments=settled.payments,
        refunds=settled.refunds,
        settlement=settled.settlement,
        **more,
    )
