"""What the gateway learns of a till's order: what was received, shipped, invoiced, returned and cancelled of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.channel import ChannelInvoice, ChannelInvoiceLine, ChannelOrder, LineProgress
from domainkit.money import ZERO
from sales.domain.orders.context import Sourcings
from sales.domain.orders.lines import Line
from sales.domain.orders.order import CANCELLED, CLOSED, Order
from sales.domain.posting.documents import PostedInvoice

QUANTITIES: Final = (
    "quantity_received",
    "quantity_shipped",
    "quantity_invoiced",
    "quantity_returned",
    "quantity_cancelled",
)


class Progress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a till's order is in sales."""

    lines: tuple[LineProgress, ...] = ()
    invoices: tuple[ChannelInvoice, ...] = ()
    order_closed: bool = False


NONE: Final = Progress()


def is_closed(order: Order) -> bool:
    """Whether nothing of the order is outstanding any more."""
    return order.deleted or order.status in {CLOSED, CANCELLED}


def signature(order: Order) -> tuple[object, ...]:
    """What of an order its progress is made of: if it stays the same, there is nothing to report."""
    moved = ((line.line_no, line.quantity, line.quantity_shipped, line.invoiced) for line in order.lines)
    return (is_closed(order), *moved)


def progress_of(
    before: Progress,
    till: ChannelOrder,
    order: Order,
    sourcings: Sourcings,
    invoices: Iterable[PostedInvoice] = (),
) -> Progress:
    """The progress of the order as it is now, with the posted invoices that are new or changed."""
    by_no = {line.line_no: line for line in order.lines}
    lines = tuple(
        _line(line.line_no, line.quantity, by_no.get(line.line_no), order, sourcings) for line in till.lines
    )
    now = replace(before, lines=lines, order_closed=is_closed(order))
    return with_invoices(now, order.no, invoices)


def with_invoices(before: Progress, sales_order_no: str, invoices: Iterable[PostedInvoice]) -> Progress:
    """The progress with posted invoices that are new, credited or corrected; one that was corrected is gone."""
    by_no = {invoice.invoice_no: invoice for invoice in before.invoices}
    for invoice in invoices:
        by_no.pop(invoice.no, None)
        shown = _invoice(invoice, sales_order_no)
        if shown.lines and not invoice.credit_memo_no:
            by_no[invoice.no] = shown
    returned: dict[int, Decimal] = defaultdict(Decimal)
    for each in by_no.values():
        for line in each.lines:
            returned[line.line_no] += line.returned_quantity
    lines = (replace(x, quantity_returned=returned.get(x.line_no, ZERO)) for x in before.lines)
    # A line of which nothing has happened is not reported: most orders have none.
    moved = tuple(x for x in lines if any(getattr(x, name) for name in QUANTITIES))
    return replace(before, lines=moved, invoices=tuple(by_no[no] for no in sorted(by_no)))


def _line(
    line_no: int, ordered: Decimal, line: Line | None, order: Order, sourcings: Sourcings
) -> LineProgress:
    if line is None:  # the back office has deleted it
        return _of(line_no, quantity_cancelled=ordered)
    supply = sourcings.get(line.id)
    sold = line.quantity_shipped if order.status == CANCELLED else line.quantity
    return _of(
        line_no,
        quantity_received=supply.granted if supply and line.special_order else ZERO,
        quantity_shipped=line.quantity_shipped,
        quantity_invoiced=line.quantity_invoiced,
        quantity_cancelled=max(ordered - sold, ZERO),
    )


def _of(line_no: int, **quantities: Decimal) -> LineProgress:
    return LineProgress(line_no=line_no, **(dict.fromkeys(QUANTITIES, ZERO) | quantities))


def _invoice(invoice: PostedInvoice, sales_order_no: str) -> ChannelInvoice:
    return ChannelInvoice(
        invoice_no=invoice.no,
        posting_date=invoice.posting_date,
        amount=invoice.total,
        lines=tuple(
            ChannelInvoiceLine(
                line_no=line.sales_order_line_no,
                item_no=line.item_no,
                quantity=line.quantity,
                returned_quantity=line.quantity_credited,
            )
            for line in invoice.lines
            if line.sales_order_no == sales_order_no
        ),
    )
