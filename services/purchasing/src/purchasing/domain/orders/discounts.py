"""Money off a whole purchase order: its lines share it, and each invoice takes its part, the last one the rest."""

from __future__ import annotations

from decimal import Decimal

from contracts.refusals import Violations
from domainkit.money import ZERO, check_amount, currency
from purchasing.domain.orders.order import Order

_POINTER = "/invoice_discount_amount"


def lines_amount(order: Order) -> Decimal:
    """What the order's lines cost together, before its discount."""
    money = currency(order.currency_code)
    return sum((line.amount(money) for line in order.live_lines), ZERO)


def discount_of(order: Order) -> Decimal:
    """What is taken off the order: never more than it costs, also after lines were taken out."""
    return min(order.invoice_discount_amount, lines_amount(order))


def order_total(order: Order) -> Decimal:
    """What the order costs without tax."""
    return lines_amount(order) - discount_of(order)


def check_order_discount(found: Violations, order: Order) -> None:
    """Money off an order: no finer than its currency, and no more than its lines cost together."""
    check_invoice_discount(found, order.invoice_discount_amount, lines_amount(order), order.currency_code)


def check_invoice_discount(found: Violations, discount: Decimal, most: Decimal, currency_code: str) -> None:
    """Money off a document: no finer than its currency, and no more than its lines cost together."""
    if not discount:
        return
    check_amount(found, discount, currency_code, _POINTER)
    if discount > most:
        detail = f"the discount {discount} is more than the lines cost"
        found.invalid("out-of-range", detail, _POINTER)


def check_discount_fits(found: Violations, discount: Decimal, most: Decimal) -> None:
    """Lines may have been taken out since the discount was given."""
    if discount > most:
        detail = f"the discount {discount} is more than the lines cost, {most}"
        found.conflict("discount-exceeds-order", detail, _POINTER)


def check_discount_stays(found: Violations, before: Order, after: Order) -> None:
    """What posted invoices have taken of the discount cannot be taken back by changing it."""
    if after.invoice_discount_amount < before.discount_invoiced:
        detail = f"posted invoices have taken {before.discount_invoiced} of the discount"
        found.conflict("has-postings", detail, _POINTER)


def part_of_discount(order: Order, amount: Decimal) -> Decimal:
    """What an invoice of this amount of the order's lines takes of the discount; the last one takes what is left.

    The order is as it was before the invoice.
    """
    money = currency(order.currency_code)
    left = order.invoice_discount_amount - order.discount_invoiced
    return money.part_of(left, amount, _not_invoiced(order)) if left > 0 else money.rounded(ZERO)


def _not_invoiced(order: Order) -> Decimal:
    """What is still to be invoiced of the lines, before the discount; more than ordered counts once it came."""
    money = currency(order.currency_code)
    return sum(
        (
            line.amount_between(line.quantity_invoiced, max(line.quantity, line.quantity_received), money)
            for line in order.live_lines
        ),
        ZERO,
    )
