"""What stands on a printed purchase order: what the vendor has to deliver, where, and at which cost (BC-DS-40)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from contracts.purchasing.masters import Vendor
from contracts.sales.masters import Company
from domainkit.money import Currency, currency
from domainkit.parties import address_of
from paperkit.paper import Column, Fact, Paper, Party, Row, address_lines, facts, plain, sender
from purchasing.domain.orders.discounts import discount_of, lines_amount, order_total
from purchasing.domain.orders.order import Line, Order

_COLUMNS: Final = (
    Column("Line", is_number=True),
    Column("Item"),
    Column("Description"),
    Column("Quantity", is_number=True),
    Column("Unit"),
    Column("Unit cost", is_number=True),
    Column("Discount %", is_number=True),
    Column("Amount", is_number=True),
)
_DESCRIPTION: Final = 2


class OrderParties(msgspec.Struct, frozen=True, kw_only=True):
    """Who a printed order is from and to; what is not known any more is left out of the page."""

    company: Company | None
    vendor: Vendor | None


def order_paper(order: Order, parties: OrderParties) -> Paper:
    """The order as the vendor gets it. A drop shipment shows the customer's address (BC-DS-40).

    The sales price is nowhere on it (G24).
    """
    money = currency(order.currency_code)
    return Paper(
        title=f"Purchase order {order.no}",
        sender=sender(parties.company),
        recipient=Party(heading="To", lines=_vendor_lines(order, parties.vendor)),
        deliver_to=Party(heading="Deliver to", lines=address_lines(order.ship_to)),
        facts=facts(
            ("Order date", order.order_date.isoformat()),
            ("Revision", str(order.revision)),
            ("Your reference", order.your_reference),
            ("Our reference", order.external_reference),
            ("Shipment method", order.shipment_method_code),
            ("Currency", order.currency_code),
        ),
        columns=_COLUMNS,
        description_column=_DESCRIPTION,
        rows=tuple(_row(line, money) for line in order.printed_lines),
        totals=_totals(order),
        remarks=("Goods go straight to the customer.",) if _is_drop_shipment(order) else (),
    )


def _totals(order: Order) -> tuple[Fact, ...]:
    def amount(of: Decimal) -> str:
        return f"{plain(of)} {order.currency_code}".strip()

    total = ("Total without tax", amount(order_total(order)))
    if not order.invoice_discount_amount:
        return facts(total)
    lines = ("Sum of the lines", amount(lines_amount(order)))
    return facts(lines, ("Discount", f"-{amount(discount_of(order))}"), total)


def _row(line: Line, money: Currency) -> Row:
    return Row(
        cells=(
            str(line.line_no),
            line.item_no,
            line.description,
            plain(line.quantity),
            line.unit_of_measure_code,
            plain(line.direct_unit_cost),
            plain(line.line_discount_pct) if line.line_discount_pct else "",
            plain(line.amount(money)),
        ),
        notes=tuple(
            note
            for note in (
                f"Your item {line.vendor_item_no}" if line.vendor_item_no else "",
                _base_units(line),
                f"Discount {plain(line.line_discount_amount)}" if line.line_discount_amount else "",
                f"Wanted on {line.requested_receipt_date}" if line.requested_receipt_date else "",
            )
            if note
        ),
    )


def _base_units(line: Line) -> str:
    """What the line's unit holds, for a vendor who sells in another one (G7)."""
    if line.qty_per_unit_of_measure == Decimal(1):
        return ""
    return f"1 {line.unit_of_measure_code} = {plain(line.qty_per_unit_of_measure)} base units"


def _vendor_lines(order: Order, vendor: Vendor | None) -> tuple[str, ...]:
    """A vendor's address is not printed once its data may not be used."""
    if vendor is None or vendor.privacy_blocked:
        return (order.vendor_name or order.vendor_no,)
    return address_lines(address_of(vendor))


def _is_drop_shipment(order: Order) -> bool:
    return any(line.drop_shipment for line in order.printed_lines)
