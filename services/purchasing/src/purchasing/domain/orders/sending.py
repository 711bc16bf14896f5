"""A purchase order goes to its vendor, and which revision of it the vendor has (BC-DS-40)."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from contracts.planning.masters import Item
from contracts.refusals import conflict
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceData
from domainkit.sending import address_to_mail
from purchasing.domain.orders.commands import SendOrder
from purchasing.domain.orders.order import OPEN, Line, Order
from purchasing.domain.orders.parties import vendor_to_buy_from
from purchasing.domain.orders.status import released

_HEADER: Final = (
    "vendor_no",
    "ship_to",
    "location_code",
    "currency_code",
    "order_date",
    "your_reference",
    "shipment_method_code",
    "invoice_discount_amount",
)
_LINE: Final = (
    "line_no",
    "item_no",
    "description",
    "vendor_item_no",
    "quantity",
    "unit_of_measure_code",
    "direct_unit_cost",
    "line_discount_pct",
    "line_discount_amount",
    "requested_receipt_date",
)


def sent(order: Order, command: SendOrder, context: DecisionContext) -> Order:
    """The order as sent now. An open one is released first.

    Refused where it has no one address, with `mail-not-configured` where it shall be mailed and no mail server is set,
    and with `email-required` where neither the request nor the vendor has an address.
    """
    refuse_if_mixed(order, context.references)
    vendor = vendor_to_buy_from(context.references, order.vendor_no)
    to = address_to_mail(
        command.sending,
        vendor.email,
        f"vendor {vendor.no}",
        mail_is_configured=command.mail_is_configured,
    )
    ready = released(order, context) if order.status == OPEN else order
    return ready.replaced(
        sent_at=context.references.now, sent_to=to, sent_version=order.version + 1, changed_since_sent=False
    )


def refuse_if_mixed(order: Order, references: ReferenceData) -> None:
    """An order goes to one address: drop shipments cannot be printed beside goods for our stock (BC-DS-31)."""
    lines = order.printed_lines
    ours = [line.line_no for line in lines if not line.drop_shipment and _is_stocked(line, references)]
    if ours and any(line.drop_shipment for line in lines):
        detail = (
            f"purchase order {order.no} goes to a customer; the goods of line {ours[0]} are for our stock: "
            "order them apart"
        )
        raise conflict("mixed-drop-shipment", detail, line_no=ours[0])


def _is_stocked(line: Line, references: ReferenceData) -> bool:
    item = references.find(Item, line.item_no)
    return item is None or item.type == "inventory"


def revised(before: Order, after: Order) -> Order:
    """The order after an act; the first change of what the vendor has on paper makes a new revision."""
    if after.sent_at is None or after.sent_at != before.sent_at or after.changed_since_sent:
        return after
    if _printed(before) == _printed(after):
        return after
    return after.replaced(revision=after.revision + 1, changed_since_sent=True)


def _printed(order: Order) -> list[tuple[Any, ...]]:
    header = tuple(getattr(order, name) for name in _HEADER)
    return [header, *(_printed_line(line) for line in order.live_lines)]


def _printed_line(line: Line) -> tuple[Any, ...]:
    # A refusal is the vendor's own answer: what it has on paper is not out of date by it.
    as_sent = replace(line, quantity=line.refused_quantity) if line.is_refused else line
    return tuple(getattr(as_sent, name) for name in _LINE)
