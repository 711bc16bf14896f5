"""Decides a return without an order: unverified, so a manager approves it (POS-85)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from contracts.planning.masters import Item
from contracts.pos import LinePrice
from contracts.refusals import Violations, forbidden
from domainkit.documents import check_line_count
from domainkit.money import ZERO, Currency, currency
from domainkit.references import ReferenceQuery
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.amounts import NOTHING, NetAndTax, part_of_line
from pos_gateway.domain.acts.bills import bill_of_return
from pos_gateway.domain.acts.card_refunds import MoneyTaken
from pos_gateway.domain.acts.commands import BlindReturn, BlindReturnLine
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.acts.finishing import act_of
from pos_gateway.domain.acts.settling import check_settled
from pos_gateway.domain.approvals.approval import BLIND_RETURN
from pos_gateway.domain.orders.agreed_money import check_totals
from pos_gateway.domain.orders.amounts import check_amount
from pos_gateway.domain.orders.context import TillSettings
from pos_gateway.domain.orders.lines import check_quantity
from pos_gateway.domain.orders.order_money import Override
from pos_gateway.domain.setup.records import EDIT_ORDER

KIND: Final = "blind-return"


def return_no(number: int) -> str:
    """The number that the gateway gives a return without an order."""
    return f"R-{number}"


def need_for_blind_return(query: ReferenceQuery, new: BlindReturn) -> None:
    """Need the items that come back: prices and taxes are theirs."""
    query.need(Item, *(line.item_no for line in new.lines))


def check_may_return(settings: TillSettings) -> None:
    """Returns need the permission to change orders; a manager cannot approve them without it (POS-116)."""
    worker = settings.worker
    if not worker.may(EDIT_ORDER):
        detail = f"worker {worker.id} lacks the permission {EDIT_ORDER}"
        raise forbidden("permission-missing", detail, permission=EDIT_ORDER)


def decide_blind_return(new: BlindReturn, no: str, context: ActContext) -> TillAct:
    """The return as it is kept; raises the Refusal with every reason against it."""
    check_may_return(context.settings)
    found, money = Violations(), currency(context.settings.store.currency_code)
    context.approvals.check(found)
    _check_lines(found, new, money, context)
    found.refuse_if_any()
    goods = sum((_value(line, money) for line in new.lines), NOTHING)
    bill = bill_of_return(goods)
    overrides = _check_approved(found, -bill.due, context)
    check_totals(found, new.totals, bill.totals)
    settled = check_settled(found, new, bill, MoneyTaken(currency=money), context)
    found.refuse_if_any()
    numbered = replace(settled, settlement=replace(settled.settlement, return_no=no))
    return act_of(None, BLIND_RETURN, new, numbered, context, goods=new.lines, overrides=overrides)


def _check_lines(found: Violations, new: BlindReturn, money: Currency, context: ActContext) -> None:
    if not new.lines:
        found.invalid("lines-required", "say what comes back", "/lines")
    check_line_count(found, len(new.lines))
    for i, line in enumerate(new.lines):
        pointer = f"/lines/{i}"
        item = context.references.find(Item, line.item_no)
        if item is None:
            found.unknown("item", line.item_no, f"{pointer}/item_no", copy_of="item")
        else:
            unit = item.sales_unit_of_measure or item.base_unit_of_measure
            check_quantity(found, line.quantity, unit, f"{pointer}/quantity")
        check_amount(found, line.unit_price, money, f"{pointer}/unit_price")
        if not line.reason_code:
            found.invalid("reason-required", "say why it comes back", f"{pointer}/reason_code")


def _value(line: BlindReturnLine, money: Currency) -> NetAndTax:
    priced = LinePrice(quantity=line.quantity, unit_price=line.unit_price, tax_pct=line.tax_pct)
    return part_of_line(priced, ZERO, line.quantity, money)


def _check_approved(found: Violations, amount: Decimal, context: ActContext) -> tuple[Override, ...]:
    record = Override(operation=BLIND_RETURN, requested_by=context.by, amount=amount, at=context.received_at)
    return (context.approvals.require(found, record, amount, ""),)
