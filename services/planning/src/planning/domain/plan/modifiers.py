"""Order modifiers: which quantities may be ordered (BC-PL-25)."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from planning.domain.plan.profiles import Parameters


def admissible(quantity: Decimal, parameters: Parameters) -> Decimal:
    """The least quantity of one order that is enough: the minimum, in multiples."""
    enough = max(quantity, parameters.minimum_order_quantity)
    multiple = parameters.order_multiple
    return _in_multiples(enough, multiple, ROUND_CEILING) if multiple else enough


def order_quantities(quantity: Decimal, parameters: Parameters) -> list[Decimal]:
    """The quantities of the orders that bring at least this much: several where one would exceed the maximum."""
    most = _most(parameters)
    left = quantity
    orders = []
    while most and left > most:
        orders.append(most)
        left -= most
    orders.append(admissible(left, parameters))
    return orders


def modified(wanted: Decimal, ordered: Decimal) -> str:
    """Why more is ordered than wanted; "" if it is not."""
    return f"; {wanted} becomes {ordered} by minimum and multiple of an order" if ordered != wanted else ""


def _most(parameters: Parameters) -> Decimal:
    """The maximum as a multiple: the split orders need no rounding. 0 where there is no bound, or none that helps."""
    most, multiple = parameters.maximum_order_quantity, parameters.order_multiple
    return _in_multiples(most, multiple, ROUND_FLOOR) if most and multiple else most


def _in_multiples(quantity: Decimal, multiple: Decimal, rounding: str) -> Decimal:
    return (quantity / multiple).to_integral_value(rounding) * multiple
