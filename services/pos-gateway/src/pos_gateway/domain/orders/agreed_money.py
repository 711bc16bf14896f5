"""The money of an order: what the till states, what is due, and whether it is paid (1C)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Protocol

import msgspec

from contracts.pos import Payment, Totals
from contracts.refusals import Violations
from domainkit.money import ZERO, Currency
from pos_gateway.domain.approvals.using import GivenApprovals
from pos_gateway.domain.orders.amounts import (
    Amounts,
    check_amount,
    deposit_pct_for,
    required_deposit,
    settle,
)
from pos_gateway.domain.orders.buyers import Buyer
from pos_gateway.domain.orders.commands import NewOrder, StatedTotals
from pos_gateway.domain.orders.context import OrderContext, TillSettings
from pos_gateway.domain.orders.order_money import CardHold, Override, Settlement
from pos_gateway.domain.orders.payments import check_card, check_cards, check_paid, has_card
from pos_gateway.domain.orders.quotes import is_quote
from pos_gateway.domain.setup.records import DEPOSIT_OVERRIDE


class AgreedMoney(msgspec.Struct, frozen=True, kw_only=True):
    """The amounts that must be paid, and the payments."""

    deposit_pct: Decimal
    deposit: Decimal
    payments: tuple[Payment, ...]
    cards: tuple[CardHold, ...]
    settlement: Settlement
    overrides: tuple[Override, ...]


def check_money(
    found: Violations,
    new: NewOrder,
    buyer: Buyer,
    amounts: Amounts,
    payments: tuple[Payment, ...],
    context: OrderContext,
) -> AgreedMoney:
    """What the order costs and what of it must be paid now; asked for unless it is only tried."""
    check_totals(found, new.totals, amounts.totals)
    pct = deposit_pct_for(buyer.customer, context.settings.parameters.default_deposit_pct)
    quote = is_quote(new, context.settings)
    share = ZERO if quote else pct
    asked = required_deposit(amounts, share, None, context.currency)
    approvals = context.approvals_of(new)
    overrides = check_override(
        found,
        new.deposit_override,
        asked,
        amounts.to_fulfil,
        approvals,
        context=context,
        currency=context.currency,
    )
    deposit = required_deposit(amounts, share, new.deposit_override, context.currency)
    total, due = amounts.totals.total, deposit + amounts.carried_out
    cards = check_cards(found, new.balance_cards, context.currency)
    possible = 0 <= deposit <= amounts.to_fulfil  # of another one nothing is due
    if possible and not (context.dry_run or quote):
        check_paid(found, payments, due, context.currency)
        check_card(found, amounts, total - due, context, card_known=has_card(cards, payments))
    return AgreedMoney(
        deposit_pct=pct,
        deposit=deposit,
        payments=payments,
        cards=cards,
        settlement=settle(total, due, payments),
        overrides=overrides,
    )


def check_totals(found: Violations, stated: StatedTotals | None, totals: Totals) -> None:
    """The till's amounts must be the server's, as far as it states them (B5)."""
    for field in ("net", "tax", "charges", "total") if stated is not None else ():
        client, server = getattr(stated, field), getattr(totals, field)
        if client is not None and client != server:
            detail = f"{field} is {server}"
            found.invalid("total-mismatch", detail, f"/totals/{field}", client=client, server=server)


class Overriding(Protocol):
    """Who sets another deposit, when, and with which permissions."""

    @property
    def settings(self) -> TillSettings:
        """Of the till; its worker has the permissions."""
        ...

    @property
    def by(self) -> str:
        """Id of the worker who acts at the till."""
        ...

    @property
    def received_at(self) -> datetime:
        """When the gateway received it."""
        ...


def check_override(  # noqa: PLR0913 - what is wanted, what would be asked for, and who may decide it
    found: Violations,
    wanted: Decimal | None,
    asked: Decimal,
    most: Decimal,
    approvals: GivenApprovals,
    *,
    context: Overriding,
    currency: Currency,
) -> tuple[Override, ...]:
    """The deposit that is set instead, by permission or a manager's approval (POS-39, POS-117, B11)."""
    if wanted is None:
        return ()
    if not 0 <= wanted <= most:
        detail = f"a deposit is from 0 to {most}"
        found.invalid("deposit-override-out-of-range", detail, "/deposit_override", maximum=most)
        return ()
    check_amount(found, wanted, currency, "/deposit_override")
    record = Override(
        operation=DEPOSIT_OVERRIDE,
        requested_by=context.by,
        from_amount=asked,
        to_amount=currency.rounded(wanted),
        at=context.received_at,
    )
    if not context.settings.worker.may(DEPOSIT_OVERRIDE):
        record = approvals.require(found, record, wanted, "/deposit_override")
    return (record,)
