"""What is left of an order: the value of what is still to come, and the deposit that can pay for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from domainkit.money import ZERO, Currency
from pos_gateway.domain.acts.amounts import NOTHING, NetAndTax, charged, part_of_line
from pos_gateway.domain.acts.deposits import DepositUse, proposed_deposit
from pos_gateway.domain.orders.order import CustomerOrder, OrderLine
from pos_gateway.domain.orders.quantities import LineQuantities

Quantities = Mapping[int, LineQuantities]
"""Of the order's lines, by number."""
_SHIP = "ship"


def value_left(order: CustomerOrder, quantities: Quantities, currency: Currency) -> NetAndTax:
    """What the open quantities cost, with the shipping charges of what no part was shipped of yet (P13)."""
    goods = (
        part_of_line(line, q.handed_over, q.handed_over + q.open, currency)
        for line, q in _lines(order, quantities)
    )
    left = [line for line, q in _lines(order, quantities) if q.open and not q.shipped]
    return _sum(goods) + _charges_of(left, order, currency) + _header_charge_left(order, quantities, currency)


def value_shipped(order: CustomerOrder, quantities: Quantities, currency: Currency) -> NetAndTax:
    """What the back office has shipped, with its shipping charges."""
    goods = (
        part_of_line(line, q.picked_up, q.handed_over, currency) for line, q in _lines(order, quantities)
    )
    shipped = [line for line, q in _lines(order, quantities) if q.shipped]
    header = _header_charge(order, currency) if _is_shipped(order, quantities) else NOTHING
    return _sum(goods) + _charges_of(shipped, order, currency) + header


def available_deposit(order: CustomerOrder, quantities: Quantities, currency: Currency) -> Decimal:
    """What of the deposit pick-ups and shipments have left (POS-43)."""
    available = order.money.deposit_available
    use = DepositUse(
        total=value_shipped(order, quantities, currency).total,
        to_fulfil=to_fulfil(order),
        available=available,
        completes=not any(q.open for q in quantities.values()),
    )
    return available - proposed_deposit(order, use, currency) if use.total else available


def to_fulfil(order: CustomerOrder) -> Decimal:
    """What the deposit was asked for: all but what is carried out (POS-40)."""
    carried_out = sum((line.net + line.tax for line in order.lines if line.mode == "carry_out"), ZERO)
    return order.totals.total - carried_out


def _lines(order: CustomerOrder, quantities: Quantities) -> list[tuple[OrderLine, LineQuantities]]:
    return [(line, quantities[line.line_no]) for line in order.lines]


def _is_shipped(order: CustomerOrder, quantities: Quantities) -> bool:
    return any(q.shipped for line, q in _lines(order, quantities) if line.mode == _SHIP)


def _header_charge_left(order: CustomerOrder, quantities: Quantities, currency: Currency) -> NetAndTax:
    """It belongs to the part to ship, and goes with the first shipment."""
    to_ship = any(q.open for line, q in _lines(order, quantities) if line.mode == _SHIP)
    left = to_ship and not _is_shipped(order, quantities)
    return _header_charge(order, currency) if left else NOTHING


def _header_charge(order: CustomerOrder, currency: Currency) -> NetAndTax:
    return charged(order.shipping_charge, order.shipping_charge_tax_pct or ZERO, currency)


def _charges_of(lines: Iterable[OrderLine], order: CustomerOrder, currency: Currency) -> NetAndTax:
    tax_pct = order.shipping_charge_tax_pct or ZERO
    return _sum(charged(line.shipping_charge, tax_pct, currency) for line in lines if line.shipping_charge)


def _sum(amounts: Iterable[NetAndTax]) -> NetAndTax:
    return sum(amounts, NOTHING)
