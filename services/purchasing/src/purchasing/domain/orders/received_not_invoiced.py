"""Goods that came and that the vendor has not invoiced yet: how much, and what they are worth (G13)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from contracts.fields import ItemNo
from contracts.values import Model
from domainkit.money import ZERO, currency
from domainkit.rates import rate_on
from domainkit.references import ReferenceData
from purchasing.domain.orders.billing import invoiced_by_receipt
from purchasing.domain.orders.discounts import part_of_discount
from purchasing.domain.orders.order import Line, Order


class NotInvoiced(Model, frozen=True, kw_only=True):
    """What of a line is received and not invoiced. `amount` is in the order's currency, `company_amount` in ours.

    Both are less the line's share of the order's discount. `company_amount` is None without the exchange rate of the
    order's day.
    """

    line: Line
    quantity: Decimal
    received_since: date
    """The day of the oldest receipt that is not invoiced."""
    amount: Decimal
    company_amount: Decimal | None


def received_not_invoiced(
    order: Order,
    references: ReferenceData,
    *,
    item_nos: Collection[ItemNo] = (),
    until: date | None = None,
) -> list[NotInvoiced]:
    """What came on a day up to `until` and is not invoiced now, line by line; `item_nos`: of these items alone."""
    money = currency(order.currency_code)
    found = [(line, open_) for line in order.live_lines if (open_ := _open_receipts(line, until))]
    gross = [_gross(line, open_, order) for line, open_ in found]
    shares = money.spread(part_of_discount(order, sum(gross, ZERO)), gross)
    rate = rate_on(references, order.currency_code, order.order_date)
    home = currency(references.home_currency)
    return [
        NotInvoiced(
            line=line,
            quantity=sum((quantity for _, quantity in open_), ZERO),
            received_since=min(day for day, _ in open_),
            amount=amount - share,
            company_amount=None if rate is None else home.rounded((amount - share) * rate),
        )
        for (line, open_), amount, share in zip(found, gross, shares, strict=True)
        if not item_nos or line.item_no in item_nos
    ]


def _open_receipts(line: Line, until: date | None) -> list[tuple[date, Decimal]]:
    """Day and quantity of the receipts that are not invoiced."""
    billed = invoiced_by_receipt(line)
    return [
        (receipt.posting_date, receipt.quantity - billed[receipt.posting_id])
        for receipt in line.receipts
        if not receipt.undone
        and (until is None or receipt.posting_date <= until)
        and receipt.quantity > billed[receipt.posting_id]
    ]


def _gross(line: Line, open_receipts: Collection[tuple[date, Decimal]], order: Order) -> Decimal:
    before = line.quantity_invoiced
    after = before + sum((quantity for _, quantity in open_receipts), ZERO)
    return line.amount_between(before, after, currency(order.currency_code))
