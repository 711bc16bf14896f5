"""Decides an edit of an order or a quote (POS-57, POS-61, POS-63, POS-65, POS-66; B17)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.keys import ship_to_address_no, stock_no
from contracts.planning.stock import StockLevel
from contracts.refusals import Violations, conflict
from contracts.sales.masters import ChargeCode, PurchasingCode, ShipToAddress
from domainkit.documents import check_line_count
from domainkit.money import ZERO, Currency
from domainkit.procurement import need_item, need_planning_setup
from domainkit.references import ReferenceQuery
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.acts.bills import bill_of_edit
from pos_gateway.domain.acts.context import ActContext, Operation, currency_of
from pos_gateway.domain.acts.edit_commands import EditOrder
from pos_gateway.domain.acts.editing_lines import LineEditor
from pos_gateway.domain.acts.finishing import act_of, money_of_order, paid_with
from pos_gateway.domain.acts.settling import check_settled
from pos_gateway.domain.orders import deliveries
from pos_gateway.domain.orders.agreed_money import check_override, check_totals
from pos_gateway.domain.orders.amounts import (
    Amounts,
    amounts_of,
    card_hold,
    check_amount,
    required_deposit,
)
from pos_gateway.domain.orders.buyers import Addressee, by_code
from pos_gateway.domain.orders.card_holds import edited_holds
from pos_gateway.domain.orders.context import OrderContext
from pos_gateway.domain.orders.order import Collector, CustomerOrder, OrderLine
from pos_gateway.domain.orders.order_money import Override
from pos_gateway.domain.orders.payments import check_card, check_cards, has_card
from pos_gateway.domain.orders.permissions import permission_for, refuse_missing
from pos_gateway.domain.orders.quantities import quantities_by_line
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import EDIT_ORDER, EDIT_QUOTE, RECALCULATE

EDIT: Final = "edit"
QUOTE: Final = "quote"


class _Edited(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit makes of the goods and their charges."""

    lines: tuple[OrderLine, ...]
    charge: Decimal
    charge_tax_pct: Decimal
    amounts: Amounts


def need_for_edit(
    query: ReferenceQuery, order: CustomerOrder, new: EditOrder, configuration: Configuration
) -> None:
    """The items of all lines where they are taken from: an edit can concern each of them."""
    need_planning_setup(query)
    query.need(ChargeCode, order.terms.shipping_charge_code)
    query.need_rates(order.currency_code, new.transaction.business_date)
    query.need(PurchasingCode, *(line.purchasing_code for line in order.lines))
    query.need(PurchasingCode, *(line.purchasing_code for line in new.lines))
    said = (new.fulfilment, *(line.fulfilment for line in new.lines))
    codes = {*(x.address_code for x in said if x is not None), *(line.address_code for line in order.lines)}
    query.need(ShipToAddress, *(ship_to_address_no(order.customer_no, code) for code in codes if code))
    store = configuration.stores.get(order.transaction.store_no)
    if store is None:
        return
    for line in new.lines:
        fulfilment = deliveries.inherited(new.fulfilment, line.fulfilment)
        _need_item(query, line.item_no or "", deliveries.location_of(fulfilment, store, configuration.stores))
    for sold in order.lines:
        _need_item(query, sold.item_no, sold.location_code)


def _need_item(query: ReferenceQuery, item_no: str, location_code: str) -> None:
    need_item(query, item_no, location_code)
    query.need(StockLevel, stock_no(item_no, location_code))


def decide_edit(order: CustomerOrder, stage: Stage, new: EditOrder, context: ActContext) -> Acted:
    """The order after the edit; raises the Refusal with every reason against it."""
    _check_open(order, stage, new, context)
    _check_permissions(order, new, context)
    found, currency = Violations(), currency_of(order)
    context.approvals.check(found)
    edited = _goods(found, order, stage, new, context)
    deposit, overrides = _deposit(found, order, new, edited.amounts, context)
    bill = bill_of_edit(edited.amounts.totals, deposit, order.money)
    check_totals(found, new.totals, bill.totals)
    if order.kind == QUOTE and (new.payments or new.balance_cards):
        found.invalid("payment-not-allowed", "a quote takes no money and no card", "/payments")
    if not 0 <= deposit <= edited.amounts.to_fulfil:
        found.refuse_if_any()  # of a deposit that cannot be nothing is due
    settled = check_settled(found, new, bill, money_of_order(order), context)
    after = replace(
        order,
        money_sums=order.money,  # before the deposit that it follows from is another one
        lines=edited.lines,
        last_line_no=max(order.last_line_no, *(x.line_no for x in (*order.lines, *edited.lines))),
        shipping_charge=edited.charge,
        shipping_charge_code=order.terms.shipping_charge_code if edited.amounts.totals.charges else "",
        shipping_charge_tax_pct=edited.charge_tax_pct if edited.amounts.totals.charges else None,
        totals=edited.amounts.totals,
        deposit_required=deposit,
        balance_cards=check_cards(found, new.balance_cards, currency) or order.balance_cards,
        collector=_collector(order, new, context),
    )
    after = paid_with(after, new, bill, settled)
    card_known = has_card(after.balance_cards, after.payments)
    if not context.dry_run and order.kind != QUOTE:
        check_card(found, edited.amounts, after.balance, _for_lines(context), card_known=card_known)
    found.refuse_if_any()
    held = _held(after, edited.amounts, currency, card_known=card_known)
    after = edited_holds(order, replace(after, card_hold=held))
    return Acted(
        after, act_of(order, EDIT, new, settled, context, overrides=(*overrides, *settled.overrides))
    )


def _check_open(order: CustomerOrder, stage: Stage, new: EditOrder, context: ActContext) -> None:
    """What is handed over completely is not edited; of what is in part, only where the store may (POS-17).

    What its card has failed to pay can be taken from another card all the same (POS-72).
    """
    no = order.confirmation_no
    if new.names_cards_alone and order.balance > 0:
        return
    if stage.status == "fulfilled":
        raise conflict("already-fulfilled", f"nothing of {no} is open", confirmation_no=no)
    handed_over = any(
        q.handed_over and line.mode != deliveries.CARRY_OUT
        for line, q in zip(order.lines, quantities_by_line(order, stage).values(), strict=True)
    )
    if handed_over and not context.settings.profile.edit_partially_fulfilled_orders:
        detail = f"a part of {no} was handed over, and this store does not edit such orders"
        raise conflict("already-fulfilled-in-part", detail, confirmation_no=no)


def _check_permissions(order: CustomerOrder, new: EditOrder, context: ActContext) -> None:
    """For recalculating, and for each way in which lines reach the customer from now on (POS-116)."""
    needed = {RECALCULATE: "/recalculate"} if new.recalculate else {}
    modes = {line.line_no: line.mode for line in order.lines}
    for i, line in enumerate(new.lines):
        said = deliveries.inherited(new.fulfilment, line.fulfilment).mode or modes.get(line.line_no or 0)
        permission = permission_for(said)
        if permission is not None and (line.fulfilment or line.line_no is None):
            needed.setdefault(permission, f"/lines/{i}/fulfilment/mode")
    permission = permission_for(new.fulfilment.mode) if new.fulfilment else None
    if permission is not None:
        needed.setdefault(permission, "/fulfilment/mode")
    refuse_missing(needed, context.settings.worker)


def _goods(
    found: Violations, order: CustomerOrder, stage: Stage, new: EditOrder, context: ActContext
) -> _Edited:
    currency = currency_of(order)
    editor = LineEditor(
        found=found,
        order=order,
        new=new,
        quantities=quantities_by_line(order, stage),
        addressee=Addressee(
            customer_no=order.customer_no or stage.customer_no,
            by_code=by_code(order.new_customer) if order.new_customer else {},
        ),
        context=_for_lines(context),
    )
    lines = editor.edited()
    charge = order.shipping_charge if new.shipping_charge is None else new.shipping_charge
    charge_tax_pct = _check_charges(found, order, lines, charge, context)
    check_amount(found, charge, currency, "/shipping_charge")
    charges = [charge, *(line.shipping_charge for line in lines)]
    check_line_count(found, len(lines) + sum(1 for each in charges if each))
    found.refuse_if_any()  # amounts of something invalid would only repeat what is wrong
    return _Edited(
        lines=lines,
        charge=currency.rounded(charge) if charge else ZERO,
        charge_tax_pct=charge_tax_pct,
        amounts=amounts_of(lines, charge, charge_tax_pct, currency),
    )


def _check_charges(
    found: Violations,
    order: CustomerOrder,
    lines: tuple[OrderLine, ...],
    charge: Decimal,
    context: ActContext,
) -> Decimal:
    """On the order or on lines, only where something is shipped, under the order's code (POS-04, POS-29); its tax."""
    on_lines = any(line.shipping_charge for line in lines)
    if not (charge or on_lines):
        return ZERO
    if charge and on_lines:
        detail = "shipping is charged on the header or on lines, not on both"
        found.invalid("shipping-charge-twice", detail, "/shipping_charge")
    if charge and all(line.mode != deliveries.SHIP for line in lines):
        detail = "nothing is shipped that could bear a shipping charge"
        found.invalid("shipping-charge-not-allowed", detail, "/shipping_charge")
    if order.shipping_charge_tax_pct is not None:
        return order.shipping_charge_tax_pct
    code = context.references.find(ChargeCode, order.terms.shipping_charge_code)
    if code is None:
        detail = "no shipping charge code was configured when the order was made"
        found.invalid("charge-code-not-configured", detail, "/shipping_charge")
        return ZERO
    return code.tax_pct


def _deposit(
    found: Violations, order: CustomerOrder, new: EditOrder, amounts: Amounts, context: ActContext
) -> tuple[Decimal, tuple[Override, ...]]:
    """What must be paid in advance now: by the order's own percentage, or as a worker has set it (POS-66)."""
    currency = currency_of(order)
    if order.kind == QUOTE:
        if new.deposit_override is not None:
            detail = "a quote has no deposit"
            found.invalid("deposit-override-not-allowed", detail, "/deposit_override")
        return currency.rounded(ZERO), ()
    asked = required_deposit(amounts, order.terms.deposit_pct, None, currency)
    overrides = check_override(
        found,
        new.deposit_override,
        asked,
        amounts.to_fulfil,
        context.approvals,
        context=context,
        currency=currency,
    )
    if new.deposit_override is not None:
        return currency.rounded(new.deposit_override), overrides
    if order.deposit_overridden:
        return min(order.deposit_required, amounts.to_fulfil), ()
    return asked, ()


def _collector(order: CustomerOrder, new: EditOrder, context: ActContext) -> Collector | None:
    """Another person gets another code."""
    named = new.collector
    if named is None:
        return order.collector
    code = (
        order.collector.pickup_code
        if order.collector and order.collector.name == named.name
        else context.new_pickup_code()
    )
    return Collector(name=named.name, phone=named.phone or "", pickup_code=code)


def _held(order: CustomerOrder, amounts: Amounts, currency: Currency, *, card_known: bool) -> Decimal:
    if order.balance <= 0 or not card_known:
        return currency.rounded(ZERO)
    return card_hold(amounts, order.deposit_required, currency)


def _for_lines(context: ActContext) -> OrderContext:
    """The context in which lines of new orders are decided, too."""
    return OrderContext(
        references=context.references,
        new_id=context.new_id,
        by=context.by,
        settings=context.settings,
        till_customers={},
        issued_no="",
        new_pickup_code=context.new_pickup_code,
        dry_run=context.dry_run,
    )


EDITING: Final = Operation(
    name=EDIT,
    permission=EDIT_ORDER,
    quote_permission=EDIT_QUOTE,
    decide=decide_edit,
    need=need_for_edit,
    while_repaired=False,
)
