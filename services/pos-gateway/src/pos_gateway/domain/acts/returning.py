"""Decides a return: invoiced goods come back, at any store, and money with them (POS-80 to POS-84; B20, B21)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from msgspec.structs import replace

from contracts.channel import ActCharge, ActLine, ChannelInvoice, ChannelInvoiceLine
from contracts.refusals import Violations, not_found
from contracts.sales.masters import ChargeCode
from domainkit.money import ZERO, Currency
from domainkit.references import ReferenceQuery
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.acts.amounts import NOTHING, NetAndTax, charged, part_of, part_of_line
from pos_gateway.domain.acts.bills import bill_of_return
from pos_gateway.domain.acts.commands import ReturnGoods, ReturnLine
from pos_gateway.domain.acts.context import ActContext, Operation, currency_of
from pos_gateway.domain.acts.finishing import act_of, money_of_order, paid_with
from pos_gateway.domain.acts.returnable import check_returnable
from pos_gateway.domain.acts.settling import check_settled
from pos_gateway.domain.approvals.approval import REFUND_SHIPPING
from pos_gateway.domain.orders.agreed_money import check_totals
from pos_gateway.domain.orders.amounts import check_amount
from pos_gateway.domain.orders.lines import check_quantity
from pos_gateway.domain.orders.order import CustomerOrder, OrderLine
from pos_gateway.domain.orders.order_money import Override
from pos_gateway.domain.orders.quantities import quantities_of
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import EDIT_ORDER

RETURN: Final = "return"
_REFUND: Final = "/shipping_refund"


class _Billed(NamedTuple):
    """A line of the order on the invoice. `before`: what earlier invoices bill of the same line."""

    line: OrderLine
    billed: ChannelInvoiceLine
    before: Decimal


class _Charges(NamedTuple):
    """Shipping charges that go back, with the code that they are posted under."""

    code: str
    tax_pct: Decimal
    amounts: tuple[NetAndTax, ...]

    @property
    def total(self) -> NetAndTax:
        """The sum of what all returned lines are worth."""
        return sum(self.amounts, NOTHING)


def need_for_return(
    query: ReferenceQuery,
    order: CustomerOrder,  # noqa: ARG001 - all acts are asked alike
    new: ReturnGoods,  # noqa: ARG001
    configuration: Configuration,
) -> None:
    """The tax of a shipping charge that is given back for an order without one."""
    query.need(ChargeCode, configuration.parameters.shipping_charge_code)


def decide_return(order: CustomerOrder, stage: Stage, new: ReturnGoods, context: ActContext) -> Acted:
    """The order with the act's money; raises the Refusal with every reason against it."""
    found, money = Violations(), currency_of(order)
    context.approvals.check(found)
    on_invoice = _billed(order, stage, new.invoice_no)
    returned = _check_lines(found, order, on_invoice, new)
    charges = _check_charges(found, order, stage, returned, new, context)
    found.refuse_if_any()
    overrides = _check_ceiling(found, order, charges, new, context)
    goods = sum((_value(on_invoice[no], line.quantity, money) for no, line in returned.items()), NOTHING)
    bill = bill_of_return(goods, charges.total)
    check_totals(found, new.totals, bill.totals)
    settled = check_settled(found, new, bill, money_of_order(order), context)
    found.refuse_if_any()
    no = f"{order.confirmation_no}-{context.number}"
    act = act_of(
        order,
        RETURN,
        new,
        replace(settled, settlement=replace(settled.settlement, return_no=no)),
        context,
        invoice_no=new.invoice_no,
        lines=tuple(
            ActLine(line_no=no, quantity=line.quantity, reason_code=line.reason_code)
            for no, line in returned.items()
        ),
        charges_refunded=tuple(
            ActCharge(charge_code=charges.code, amount=amount.net, tax_pct=charges.tax_pct)
            for amount in charges.amounts
        ),
        overrides=(*overrides, *settled.overrides),
    )
    return Acted(paid_with(order, new, bill, settled), act)


def _billed(order: CustomerOrder, stage: Stage, invoice_no: str) -> dict[int, _Billed]:
    """The order's lines on the invoice, by number; an invoice of another order is not found (B20)."""
    by_no = {line.line_no: line for line in order.lines}
    before = dict.fromkeys(by_no, ZERO)
    for invoice in stage.progress.invoices if stage.progress else ():
        if invoice.invoice_no == invoice_no:
            return _lines_of(invoice, by_no, before)
        for line in invoice.lines:
            if line.line_no in before:
                before[line.line_no] += line.quantity
    raise not_found("posted-sales-invoice", invoice_no)


def _lines_of(
    invoice: ChannelInvoice, by_no: Mapping[int, OrderLine], before: Mapping[int, Decimal]
) -> dict[int, _Billed]:
    return {
        line.line_no: _Billed(by_no[line.line_no], line, before[line.line_no])
        for line in invoice.lines
        if line.line_no in by_no
    }


def _check_lines(
    found: Violations, order: CustomerOrder, on_invoice: Mapping[int, _Billed], new: ReturnGoods
) -> dict[int, ReturnLine]:
    """What comes back, by line number: something at least, each line once (POS-80, POS-81)."""
    if not new.lines:
        found.invalid("lines-required", "say what comes back", "/lines")
    known = {line.line_no for line in order.lines}
    returned: dict[int, ReturnLine] = {}
    for i, line in enumerate(new.lines):
        no, pointer = line.line_no, f"/lines/{i}"
        if not line.reason_code:
            found.invalid("reason-required", f"say why line {no} comes back", f"{pointer}/reason_code")
        if no not in known:
            found.invalid("unknown-line", f"the order has no line {no}", f"{pointer}/line_no")
        elif no in returned:
            found.invalid("duplicate-line", f"line {no} is named twice", f"{pointer}/line_no")
        elif no not in on_invoice:
            detail = f"line {no} is not on invoice {new.invoice_no}"
            found.conflict("line-not-invoiced", detail, f"{pointer}/line_no", line_no=no)
        else:
            _check_line(found, on_invoice[no], line.quantity, f"{pointer}/quantity")
            returned[no] = line
    return returned


def _check_line(found: Violations, on_invoice: _Billed, quantity: Decimal, pointer: str) -> None:
    check_quantity(found, quantity, on_invoice.line.unit_of_measure_code, pointer)
    billed = on_invoice.billed
    check_returnable(found, quantity, billed.quantity, billed.returned_quantity, pointer)


def _value(on_invoice: _Billed, quantity: Decimal, money: Currency) -> NetAndTax:
    """Its part of what the invoice bills: all returns of an invoice line add up to it, taxes too (POS-53)."""
    line, billed, before = on_invoice
    whole = part_of_line(line, before, before + billed.quantity, money)
    returned = billed.returned_quantity
    return part_of(whole, billed.quantity, returned, returned + quantity, money)


def _check_charges(
    found: Violations,
    order: CustomerOrder,
    stage: Stage,
    returned: Mapping[int, ReturnLine],
    new: ReturnGoods,
    context: ActContext,
) -> _Charges:
    """Charges of lines go back in proportion, others as the till asks for (POS-06, POS-08, POS-52)."""
    parameters, money = context.settings.parameters, currency_of(order)
    code = order.shipping_charge_code or parameters.shipping_charge_code
    tax_pct = order.shipping_charge_tax_pct
    if tax_pct is None:
        known = context.references.find(ChargeCode, code)
        tax_pct = known.tax_pct if known else ZERO
    amounts = []
    if parameters.refund_shipping_charges:
        amounts = [_charge_of(line, stage, returned, tax_pct, money) for line in order.lines]
    if new.shipping_refund:
        check_amount(found, new.shipping_refund, money, _REFUND)
        if not parameters.refund_shipping_charges:
            found.invalid("shipping-not-refundable", "shipping charges are not given back", _REFUND)
        elif not code:
            found.invalid("charge-code-not-configured", "no shipping charge code is configured", _REFUND)
        amounts.append(charged(new.shipping_refund, tax_pct, money))
    return _Charges(code, tax_pct, tuple(amount for amount in amounts if amount != NOTHING))


def _charge_of(
    line: OrderLine, stage: Stage, returned: Mapping[int, ReturnLine], tax_pct: Decimal, money: Currency
) -> NetAndTax:
    if line.line_no not in returned or not line.shipping_charge:
        return NOTHING
    quantities = quantities_of(line, stage)
    whole = charged(line.shipping_charge, tax_pct, money)
    before, supplied = quantities.returned, quantities.ordered - quantities.cancelled
    after = min(before + returned[line.line_no].quantity, supplied)
    return part_of(whole, supplied, before, after, money)


def _check_ceiling(
    found: Violations, order: CustomerOrder, charges: _Charges, new: ReturnGoods, context: ActContext
) -> tuple[Override, ...]:
    """A manager approves what is above the ceiling with all earlier returns of the order (POS-07, POS-83, POS-119).

    Also what a worker without the permission gives back of shipping.
    """
    amount, used = charges.total.net, order.money.charges_refunded
    ceiling = context.settings.parameters.maximum_amount_without_approval
    may = context.settings.worker.may(REFUND_SHIPPING) or not new.shipping_refund
    if not amount or (may and used + amount <= ceiling):
        return ()
    record = Override(
        operation=REFUND_SHIPPING, requested_by=context.by, amount=amount, at=context.received_at
    )
    return (context.approvals.require(found, record, amount, _REFUND, ceiling=ceiling, used=used),)


RETURN_OF_GOODS: Final = Operation(
    name=RETURN,
    permission=EDIT_ORDER,
    decide=decide_return,
    need=need_for_return,
    where="any",
    queued=False,
)
