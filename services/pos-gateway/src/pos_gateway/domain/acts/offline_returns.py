"""Returns that a till took while it was offline: the money went back, so none that can be read is refused (POS-113).

One that cannot be decided yet waits; one that breaks rules is kept with its reasons, and its money counts all the same.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from contracts.channel import Refund
from contracts.pos import Payment
from contracts.refusals import Refusal, Violations
from domainkit.money import ZERO, currency
from domainkit.structs import extended
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.acting import after_act, check_allowed, check_state
from pos_gateway.domain.acts.commands import OfflineReturn, ReturnGoods
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.acts.finishing import act_of
from pos_gateway.domain.acts.returning import RETURN, RETURN_OF_GOODS
from pos_gateway.domain.acts.settling import Settled
from pos_gateway.domain.orders.context import TillSettings
from pos_gateway.domain.orders.offline import is_skewed
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.order_money import OrderRefund, Settlement
from pos_gateway.domain.orders.payments import check_payments
from pos_gateway.domain.orders.stage import Stage

T = TypeVar("T")

WAITING, SUBMITTING, FAILED = "waiting", "submitting", "failed"
UNVERIFIED: Final = "unverified"
NOT_YET: Final = "not-synchronized-yet"


class Decided(msgspec.Struct, frozen=True):
    """What became of a return. `order`: of one that is submitted, as it is once sales has carried it out."""

    act: TillAct
    status: str
    order: CustomerOrder


def return_of(taken: OfflineReturn) -> ReturnGoods:
    """The return as it would have been asked for online."""
    return extended(ReturnGoods, taken)


def first_kept(
    taken: OfflineReturn, settings: TillSettings, context: ActContext, conflict: Refusal | None = None
) -> TillAct:
    """The return as it is kept before it is decided. `conflict`: another transaction has its identity."""
    flags = {
        UNVERIFIED: True,
        "clock_skew": is_skewed(
            taken.occurred_at, taken.transaction.business_date, settings, context.received_at
        ),
        "config_stale": taken.config_version not in {None, settings.version},
    }
    refunds = tuple(
        Refund(method=x.method, amount=x.amount, card_token=x.card_token or "") for x in taken.refunds
    )
    # What is wrong with them refuses the decision.
    payments = check_payments(Violations(), taken.payments, currency(settings.store.currency_code))
    refunded = sum((x.amount for x in refunds), ZERO)
    paid = sum((x.amount for x in payments), ZERO)
    settled = Settled(
        settlement=Settlement(total=paid - refunded, due=paid - refunded, paid=paid, refunded=refunded),
        payments=payments,
        refunds=refunds,
    )
    act = act_of(
        None,
        RETURN,
        taken,
        settled,
        context,
        invoice_no=taken.invoice_no,
        taken_offline=taken,
        flags=tuple(name for name, is_set in flags.items() if is_set),
    )
    other = str(conflict.violations[0].members.get("confirmation_no", "")) if conflict else ""
    return replace(
        act,
        confirmation_no=taken.confirmation_no,
        conflicts_with=other,
        errors=conflict.problems() if conflict else (),
    )


def decide_offline_return(
    order: CustomerOrder, stage: Stage, kept: TillAct, taken: OfflineReturn, context: ActContext
) -> Decided:
    """The return as sales is asked for it, or waiting, or failed with everything that is wrong with it."""
    before = not_counted(order, kept)
    try:
        check_allowed(RETURN_OF_GOODS, before, context.settings)
        check_state(RETURN_OF_GOODS, before, stage, context.settings)
        acted = RETURN_OF_GOODS.decide(before, stage, return_of(taken), context)
    except Refusal as refusal:
        return Decided(kept, WAITING, order) if refusal.code == NOT_YET else failed(order, kept, refusal)
    flags = tuple(flag for flag in kept.flags if flag != UNVERIFIED)
    act = replace(
        acted.act,
        taken_offline=taken,
        flags=flags,
        counted=kept.counted,
        version=kept.version,
        repaired=kept.repaired,
        conflicts_with=kept.conflicts_with,
    )
    # The till has given it back itself.
    refunds = (*before.refunds, *_refunds_of(act))
    decided = replace(acted, act=act, order=replace(acted.order, refunds=refunds))
    after = after_act(decided, before, stage)
    return Decided(act, SUBMITTING, replace(after, version=order.version + 1))


def failed(order: CustomerOrder, kept: TillAct, why: Refusal) -> Decided:
    """The return with the reasons why it is not posted; its money counts for the order, once."""
    act = replace(kept, errors=why.problems(), counted=True)
    return Decided(act, FAILED, counted(not_counted(order, kept), act))


def failed_alone(kept: TillAct, why: Refusal) -> TillAct:
    """The same of a return whose order is not known here: there is nothing that its money could count for."""
    return replace(kept, errors=why.problems())


def counted(order: CustomerOrder, act: TillAct) -> CustomerOrder:
    """The order once money went back for a return that is not posted: what was given too much is owed (POS-127)."""
    money = order.money
    return replace(
        order,
        version=order.version + 1,
        payments=(*order.payments, *act.payments),
        refunds=(*order.refunds, *_refunds_of(act)),
        money_sums=replace(
            money,
            paid=money.paid + _sum(act.payments),
            refunded=money.refunded + _sum(act.refunds),
        ),
        errors_of_returns=(*order.errors_of_returns, *act.errors),
    )


def not_counted(order: CustomerOrder, act: TillAct) -> CustomerOrder:
    """The order as it would be if the money of the return did not count, which a decision begins with."""
    if not act.counted:
        return order
    money = order.money
    return replace(
        order,
        payments=_less(order.payments, act.payments),
        refunds=_less(order.refunds, _refunds_of(act)),
        money_sums=replace(
            money,
            paid=money.paid - _sum(act.payments),
            refunded=money.refunded - _sum(act.refunds),
        ),
        errors_of_returns=_less(order.errors_of_returns, act.errors),
    )


def without_errors(order: CustomerOrder, act: TillAct) -> CustomerOrder:
    """The order once a person has given the return up: what went back stays owed."""
    left = _less(order.errors_of_returns, act.errors)
    return replace(order, version=order.version + 1, errors_of_returns=left)


def _refunds_of(act: TillAct) -> tuple[OrderRefund, ...]:
    return tuple(extended(OrderRefund, x, transaction=act.transaction) for x in act.refunds)


def _less(all_of_them: tuple[T, ...], some: tuple[T, ...]) -> tuple[T, ...]:
    """Without the last ones that are equal to these."""
    left = list(reversed(all_of_them))
    for each in some:
        if each in left:
            left.remove(each)
    return tuple(reversed(left))


def _sum(tenders: tuple[Payment, ...] | tuple[Refund, ...]) -> Decimal:
    return sum((x.amount for x in tenders), ZERO)
