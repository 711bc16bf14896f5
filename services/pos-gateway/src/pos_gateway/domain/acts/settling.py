"""The money that changes hands in an act: enough is paid, exactly what is due is given back (POS-36, POS-84)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from contracts.channel import Refund
from contracts.pos import Payment
from contracts.refusals import Violations
from domainkit.money import ZERO, Currency
from pos_gateway.domain.acts.bills import Bill
from pos_gateway.domain.acts.card_refunds import MoneyTaken, check_cards, split_by_card
from pos_gateway.domain.acts.commands import NewAct, NewRefund
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.approvals.approval import REFUND_TENDER
from pos_gateway.domain.orders.amounts import check_amount, net_of_change, settle
from pos_gateway.domain.orders.order_money import Override, Settlement
from pos_gateway.domain.orders.payments import check_paid, check_payments
from pos_gateway.domain.setup.records import RefundTender


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """An act that is paid: `payments` net of change."""

    settlement: Settlement
    payments: tuple[Payment, ...]
    refunds: tuple[Refund, ...]
    overrides: tuple[Override, ...] = ()


def check_settled(
    found: Violations, new: NewAct, bill: Bill, taken: MoneyTaken, context: ActContext
) -> Settled:
    """The act as it is settled. A rehearsal is asked for no money: `due` says what is to be paid or given back."""
    payments = check_payments(found, new.payments, taken.currency)
    named = _check_refunds(found, new.refunds, taken.currency)
    refunds = split_by_card(named, taken)
    overrides: tuple[Override, ...] = ()
    if not context.dry_run:
        check_paid(found, payments, max(bill.due, ZERO), taken.currency)
        _check_refunded(found, refunds, max(-bill.due, ZERO), taken.currency)
        check_cards(found, named, taken)
        overrides = _check_tenders(found, named, taken, context)
    money = settle(bill.totals.total, max(bill.due, ZERO), payments)
    settlement = Settlement(
        total=bill.totals.total,
        deposit_applied=bill.deposit_applied,
        charge=bill.charge.net,
        charges_refunded=bill.charges_refunded.net,
        due=bill.due,
        paid=money.paid,
        refunded=sum((refund.amount for refund in refunds), ZERO),
        change=money.change,
    )
    return Settled(
        settlement=settlement,
        payments=net_of_change(payments, money.change),
        refunds=refunds,
        overrides=overrides,
    )


def _check_refunds(found: Violations, refunds: Sequence[NewRefund], currency: Currency) -> tuple[Refund, ...]:
    for i, refund in enumerate(refunds):
        check_amount(found, refund.amount, currency, f"/refunds/{i}/amount")
    return tuple(
        Refund(
            method=refund.method,
            amount=currency.rounded(refund.amount),
            card_token=refund.card_token or "",
        )
        for refund in refunds
    )


def _check_refunded(found: Violations, refunds: Sequence[Refund], due: Decimal, currency: Currency) -> None:
    """Exactly what is due goes back (POS-36)."""
    given = currency.rounded(sum((refund.amount for refund in refunds), ZERO))
    if given != due:
        required = currency.rounded(due)
        detail = f"{required} is to be given back, {given} was"
        found.invalid("refund-mismatch", detail, "/refunds", required=required, refunded=given)


def _check_tenders(
    found: Violations, refunds: Sequence[Refund], taken: MoneyTaken, context: ActContext
) -> tuple[Override, ...]:
    """Money goes back as the company says it may for the money that came in, or as a manager approves (POS-84)."""
    rules = {rule.paid_by: rule for rule in context.settings.parameters.refund_tenders}
    overrides: list[Override] = []
    given: dict[str, Decimal] = {}
    for i, refund in enumerate(refunds):
        barred = [p for p in _methods(taken) if p in rules and refund.method not in rules[p].refund_by]
        given[refund.method] = given.get(refund.method, ZERO) + refund.amount
        if not barred or given[refund.method] <= _left_for(refund.method, taken, rules):
            continue
        if all(rules[p].manager_may_override for p in barred):
            record = Override(
                operation=REFUND_TENDER,
                requested_by=context.by,
                amount=refund.amount,
                at=context.received_at,
            )
            overrides.append(context.approvals.require(found, record, refund.amount, f"/refunds/{i}"))
        else:
            detail = f"what was paid by {barred[0]} is not given back by {refund.method}"
            found.invalid("refund-tender-not-allowed", detail, f"/refunds/{i}/method")
    return tuple(overrides)


def _methods(taken: MoneyTaken) -> list[str]:
    return sorted({payment.method for payment in taken.payments})


def _left_for(method: str, taken: MoneyTaken, rules: Mapping[str, RefundTender]) -> Decimal:
    """What came in by methods that may go back by this one."""
    allowed = [p for p in _methods(taken) if p not in rules or method in rules[p].refund_by]
    return taken.paid_by(*allowed)
