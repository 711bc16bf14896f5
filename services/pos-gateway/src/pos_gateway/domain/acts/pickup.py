"""Decides a pick-up: goods that wait at a store are handed over and paid (POS-44 to POS-47, POS-68 to POS-74; B18)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from contracts.channel import ActLine
from contracts.refusals import Violations
from domainkit.money import ZERO, Currency
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.acts.amounts import NOTHING, NetAndTax, part_of_line
from pos_gateway.domain.acts.bills import bill_of_pickup
from pos_gateway.domain.acts.collecting import check_collector
from pos_gateway.domain.acts.commands import PickUp
from pos_gateway.domain.acts.context import ActContext, Operation, currency_of
from pos_gateway.domain.acts.deposits import DepositUse, check_applied
from pos_gateway.domain.acts.finishing import act_of, money_of_order, paid_with
from pos_gateway.domain.acts.remaining import available_deposit, to_fulfil
from pos_gateway.domain.acts.settling import check_settled
from pos_gateway.domain.orders.agreed_money import check_totals
from pos_gateway.domain.orders.lines import check_quantity
from pos_gateway.domain.orders.order import CustomerOrder, OrderLine
from pos_gateway.domain.orders.quantities import LineQuantities, quantities_by_line
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.records import EDIT_ORDER

PICKUP: Final = "pickup"
_Quantities = Mapping[int, LineQuantities]


def decide_pickup(order: CustomerOrder, stage: Stage, new: PickUp, context: ActContext) -> Acted:
    """The order after the pick-up; raises the Refusal with every reason against it."""
    found, money = Violations(), currency_of(order)
    context.approvals.check(found)
    quantities = quantities_by_line(order, stage)
    picked = _check_lines(found, order, new, quantities, context)
    overrides = check_collector(found, order, new.collected_by, context)
    found.refuse_if_any()
    goods = _value(order, picked, quantities, money)
    use = DepositUse(
        total=goods.total,
        to_fulfil=to_fulfil(order),
        available=available_deposit(order, quantities, money),
        completes=all(q.open == picked.get(no, ZERO) for no, q in quantities.items()),
    )
    applied = check_applied(found, order, use, new.deposit_applied, money, dry_run=context.dry_run)
    bill = bill_of_pickup(goods, applied)
    check_totals(found, new.totals, bill.totals)
    settled = check_settled(found, new, bill, money_of_order(order), context)
    found.refuse_if_any()
    lines = tuple(ActLine(line_no=no, quantity=quantity) for no, quantity in picked.items())
    act = act_of(
        order, PICKUP, new, settled, context, lines=lines, overrides=(*overrides, *settled.overrides)
    )
    after = replace(order, lines=tuple(_picked_up(line, picked) for line in order.lines))
    return Acted(paid_with(after, new, bill, settled), act)


def _picked_up(line: OrderLine, picked: Mapping[int, Decimal]) -> OrderLine:
    quantity = picked.get(line.line_no, ZERO)
    return replace(line, quantity_picked_up=line.quantity_picked_up + quantity) if quantity else line


def _check_lines(
    found: Violations, order: CustomerOrder, new: PickUp, quantities: _Quantities, context: ActContext
) -> dict[int, Decimal]:
    """How much of which line is picked up: at least something (POS-68). Lines of quantity 0 stay open (POS-70)."""
    if not any(line.quantity for line in new.lines):
        found.invalid("lines-required", "say what is picked up", "/lines")
    by_no = {line.line_no: line for line in order.lines}
    picked: dict[int, Decimal] = {}
    for i, asked in enumerate(new.lines):
        pointer, line = f"/lines/{i}", by_no.get(asked.line_no)
        if line is None:
            found.invalid("unknown-line", f"the order has no line {asked.line_no}", f"{pointer}/line_no")
        elif asked.line_no in picked:
            found.invalid("duplicate-line", f"line {asked.line_no} is named twice", f"{pointer}/line_no")
        else:
            if asked.quantity:
                _check_line(found, line, asked.quantity, quantities[line.line_no], pointer, context)
            picked[line.line_no] = asked.quantity
    return {no: quantity for no, quantity in picked.items() if quantity}


def _check_line(
    found: Violations,
    line: OrderLine,
    quantity: Decimal,
    known: LineQuantities,
    pointer: str,
    context: ActContext,
) -> None:
    """Only what waits at this store, at most what is open and what was received for the customer (POS-68, POS-69)."""
    no, store_no = line.line_no, context.settings.store.no
    if line.mode != PICKUP:
        found.invalid("not-for-pickup", f"line {no} is not picked up", f"{pointer}/line_no", line_no=no)
        return
    if line.pickup_store_no != store_no:
        detail = f"line {no} is picked up at store {line.pickup_store_no}"
        found.conflict(
            "wrong-pickup-store", detail, f"{pointer}/line_no", line_no=no, store_no=line.pickup_store_no
        )
    check_quantity(found, quantity, line.unit_of_measure_code, f"{pointer}/quantity")
    if quantity > known.open:
        detail = f"{known.open} of line {no} is open"
        found.invalid(
            "quantity-exceeds-outstanding", detail, f"{pointer}/quantity", line_no=no, remaining=known.open
        )
    elif line.bought and quantity > known.received - known.handed_over:
        here = max(ZERO, known.received - known.handed_over)
        detail = f"{here} of line {no} has come in for the customer"
        found.conflict("quantity-exceeds-received", detail, f"{pointer}/quantity", line_no=no, remaining=here)


def _value(
    order: CustomerOrder, picked: Mapping[int, Decimal], quantities: _Quantities, money: Currency
) -> NetAndTax:
    """What the goods come to: the parts of a line add up to the line."""
    total = NOTHING
    for line in order.lines:
        if quantity := picked.get(line.line_no, ZERO):
            before = quantities[line.line_no].handed_over
            total += part_of_line(line, before, before + quantity, money)
    return total


PICK_UP: Final = Operation(
    name=PICKUP,
    permission=EDIT_ORDER,
    decide=decide_pickup,
    where="pickup",
)
