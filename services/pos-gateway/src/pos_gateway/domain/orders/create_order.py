"""Decides a new customer order: the order as agreed at the till, or a refusal with all reasons (1B, 1C)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from contracts.refusals import Violations
from contracts.sales.masters import ChargeCode
from domainkit import parties
from domainkit.days import end_of_day
from domainkit.money import ZERO
from domainkit.rates import check_rate
from pos_gateway.domain.orders import deliveries
from pos_gateway.domain.orders.agreed_money import AgreedMoney, check_money
from pos_gateway.domain.orders.amounts import (
    Amounts,
    amounts_of,
    card_hold,
    check_amount,
    net_of_change,
)
from pos_gateway.domain.orders.buyers import Buyer, check_buyer
from pos_gateway.domain.orders.commands import NewOrder
from pos_gateway.domain.orders.context import OrderContext
from pos_gateway.domain.orders.lines import build_line, check_count, positions
from pos_gateway.domain.orders.order import Collector, CustomerOrder, OrderLine, OrderTerms
from pos_gateway.domain.orders.payments import check_payments, has_card
from pos_gateway.domain.orders.permissions import check_permissions
from pos_gateway.domain.orders.quotes import check_quote, expiry_of, kind_of

CLOCK_SKEW_LIMIT: Final = timedelta(minutes=5)
ISSUED_PREFIX: Final = "K-"
"""Confirmation numbers that the gateway issues begin so; a till's receipt number may not."""


def issued_no(number: int) -> str:
    """The confirmation number that the gateway issues."""
    return f"{ISSUED_PREFIX}{number}"


def decide_order(new: NewOrder, context: OrderContext) -> CustomerOrder:
    """The order that is agreed with the till; raises the Refusal with every reason against it."""
    check_permissions(new, context.settings)
    return decide_agreement(new, context)


def decide_agreement(new: NewOrder, context: OrderContext) -> CustomerOrder:
    """The same, whether or not the worker may agree to it."""
    found = Violations()
    _check_header(found, new, context)
    buyer = check_buyer(found, new, context)
    check_count(found, new)
    lines = _check_lines(found, new, buyer, context)
    _check_charge_code(found, new, context)
    charge = _check_header_charge(found, new, lines, context)
    payments = check_payments(found, new.payments, context.currency)
    found.refuse_if_any()  # amounts of something invalid would only repeat what is wrong
    amounts = amounts_of(lines, charge, charge_tax_pct(context), context.currency)
    money = check_money(found, new, buyer, amounts, payments, context)
    found.refuse_if_any()
    return made_order(new, buyer, lines, amounts, money, context)


def _check_header(found: Violations, new: NewOrder, context: OrderContext) -> None:
    store = context.settings.store
    check_quote(found, new, context.settings)
    if new.currency_code and new.currency_code != store.currency_code:
        detail = f"store {store.no} sells in {store.currency_code}"
        found.invalid(
            "currency-mismatch",
            detail,
            "/currency_code",
            client=new.currency_code,
            server=store.currency_code,
        )
    check_rate(found, context.references, store.currency_code, new.transaction.business_date)
    if (new.receipt_no or "").startswith(ISSUED_PREFIX):
        detail = f"numbers {ISSUED_PREFIX}… are issued by the gateway"
        found.invalid("receipt-no-reserved", detail, "/receipt_no")
    context.approvals_of(new).check(found)


def _check_lines(
    found: Violations, new: NewOrder, buyer: Buyer, context: OrderContext
) -> tuple[OrderLine, ...]:
    built: list[OrderLine | None] = []
    destinations: list[parties.Destination] = []
    carried_out = 0
    for line, at in zip(new.lines, positions(new.lines), strict=True):
        fulfilment = deliveries.inherited(new.fulfilment, line.fulfilment)
        delivery = deliveries.check_delivery(
            found, new, fulfilment, buyer.addressee, context, f"{at.pointer}/fulfilment"
        )
        carried_out += delivery is not None and delivery.mode == deliveries.CARRY_OUT
        if fulfilment.mode == deliveries.SHIP:
            # Also of a line with another fault: everything is said at once.
            address = (
                delivery.address if delivery else deliveries.address_to(fulfilment, buyer.addressee, context)
            )
            if address is not None:
                pointer = f"{at.pointer}/fulfilment/address"
                destinations.append(parties.Destination(pointer, "", address))
        built.append(build_line(found, line, at, delivery, context))
    parties.check_one_destination(found, destinations)
    if built and carried_out == len(built):
        detail = "goods that are all carried out are a sale, not an order"
        found.invalid("cash-and-carry", detail, "/lines")
    return tuple(line for line in built if line is not None)


def _check_header_charge(
    found: Violations, new: NewOrder, lines: Sequence[OrderLine], context: OrderContext
) -> Decimal:
    """The header's shipping charge: never beside charges on lines, never without a shipped line (POS-29)."""
    charge = new.shipping_charge
    if not charge:
        return ZERO
    check_amount(found, charge, context.currency, "/shipping_charge")
    if any(line.shipping_charge for line in new.lines):
        detail = "shipping is charged on the header or on lines, not on both"
        found.invalid("shipping-charge-twice", detail, "/shipping_charge")
    if len(lines) == len(new.lines) and all(line.mode != deliveries.SHIP for line in lines):
        detail = "nothing is shipped that could bear a shipping charge"
        found.invalid("shipping-charge-not-allowed", detail, "/shipping_charge")
    return context.currency.rounded(charge)


def _check_charge_code(found: Violations, new: NewOrder, context: OrderContext) -> None:
    """A shipping amount needs the code it is charged under (POS-04)."""
    charged_lines = (
        f"/lines/{i}/shipping_charge" for i, line in enumerate(new.lines) if line.shipping_charge
    )
    charged = "/shipping_charge" if new.shipping_charge else next(charged_lines, "")
    if not charged:
        return
    code = context.settings.parameters.shipping_charge_code
    if not code:
        found.invalid("charge-code-not-configured", "no shipping charge code is configured", charged)
    elif context.references.find(ChargeCode, code) is None:
        found.unknown("charge-code", code, charged, copy_of="charge-code")


def charge_tax_pct(context: OrderContext) -> Decimal:
    """The tax on shipping charges."""
    code = context.references.find(ChargeCode, context.settings.parameters.shipping_charge_code)
    return code.tax_pct if code else ZERO


def made_order(
    new: NewOrder,
    buyer: Buyer,
    lines: tuple[OrderLine, ...],
    amounts: Amounts,
    money: AgreedMoney,
    context: OrderContext,
) -> CustomerOrder:
    """The order of what was agreed."""
    settings, received_at = context.settings, context.received_at
    expiry_date = expiry_of(new, settings)
    return CustomerOrder(
        kind=kind_of(new, settings),
        expiry_date=expiry_date,
        expires_at=end_of_day(settings.store.time_zone, expiry_date) if expiry_date else None,
        version=1,
        confirmation_no=new.receipt_no or context.issued_no,
        transaction_id=context.new_id(),
        transaction=new.transaction,
        mode=settings.mode,
        receipt_no=new.receipt_no or "",
        customer_no=buyer.customer_no,
        new_customer=buyer.new_customer,
        currency_code=settings.store.currency_code,
        occurred_at=new.occurred_at,
        external_reference=new.external_reference,
        quote_no=context.quote_no,
        hold_code=settings.parameters.hold_code,
        received_at=received_at,
        clock_skew=abs(new.occurred_at - received_at) > CLOCK_SKEW_LIMIT,
        config_version=settings.version,
        config_stale=new.config_version is not None and new.config_version != settings.version,
        worker_id=context.by,
        lines=lines,
        shipping_charge=context.currency.rounded(new.shipping_charge) if new.shipping_charge else ZERO,
        shipping_charge_code=settings.parameters.shipping_charge_code if amounts.totals.charges else "",
        shipping_charge_tax_pct=charge_tax_pct(context) if amounts.totals.charges else None,
        totals=amounts.totals,
        deposit_required=money.deposit,
        prepaid_amount=money.settlement.paid,
        payments=net_of_change(money.payments, money.settlement.change),
        balance_cards=money.cards,
        card_hold=_held(amounts, money, context),
        settlement=money.settlement,
        overrides=money.overrides,
        collector=_collector(new, context),
        terms=_terms(money, context),
    )


def _held(amounts: Amounts, money: AgreedMoney, context: OrderContext) -> Decimal:
    """Nothing is held when all is paid (POS-34) or no card is known."""
    has_balance = amounts.totals.total > money.settlement.due
    if not has_balance or not has_card(money.cards, money.payments):
        return context.currency.rounded(ZERO)
    return card_hold(amounts, money.deposit, context.currency)


def _collector(new: NewOrder, context: OrderContext) -> Collector | None:
    """Another person may collect the goods, by a code (POS-28)."""
    named = new.collector
    if named is None:
        return None
    return Collector(name=named.name, phone=named.phone or "", pickup_code=context.new_pickup_code())


def _terms(money: AgreedMoney, context: OrderContext) -> OrderTerms:
    parameters = context.settings.parameters
    return OrderTerms(
        deposit_pct=money.deposit_pct,
        cancellation_pct=parameters.cancellation_charge_pct,
        cancellation_charge_code=parameters.cancellation_charge_code,
        shipping_charge_code=parameters.shipping_charge_code,
        minor_unit=context.currency.minor_unit,
    )
