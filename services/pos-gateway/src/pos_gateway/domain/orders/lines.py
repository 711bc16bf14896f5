"""The lines of an order: what a till may sell, how much, at which prices (POS-24, POS-29; B3, B4)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from contracts.planning.masters import Item
from contracts.refusals import Violations
from contracts.sales.masters import PurchasingCode
from domainkit import parties
from domainkit.documents import check_line_count
from domainkit.money import ZERO
from domainkit.procurement import buys_by_itself, vendor_of
from pos_gateway.domain.orders.amounts import check_amount, line_money
from pos_gateway.domain.orders.commands import NewLine, NewOrder
from pos_gateway.domain.orders.context import OrderContext
from pos_gateway.domain.orders.deliveries import CARRY_OUT, SHIP, Delivery
from pos_gateway.domain.orders.order import OrderLine

LINE_STEP: Final = 10_000
INDIVISIBLE_UNITS: Final = frozenset({"PCS", "PC", "PIECE", "PIECES", "EA", "EACH"})
"""Units of which there is no half."""
_ITEM: Final = "item"


class Position(NamedTuple):
    """Where a line stands: its number in the order, and the JSON pointer to it in the request."""

    line_no: int
    pointer: str


def positions(lines: Sequence[NewLine]) -> list[Position]:
    """10000, 20000, …: numbers are never used twice in an order."""
    return [Position((i + 1) * LINE_STEP, f"/lines/{i}") for i in range(len(lines))]


def check_count(found: Violations, new: NewOrder) -> None:
    """At least one line, and no more than the sales order has room for, where each charge is a line too (POS-24)."""
    if not new.lines:
        found.invalid("lines-required", "an order needs at least one line", "/lines")
    charges = (new.shipping_charge, *(line.shipping_charge for line in new.lines))
    check_line_count(found, len(new.lines) + sum(1 for charge in charges if charge))


def build_line(
    found: Violations, line: NewLine, at: Position, delivery: Delivery | None, context: OrderContext
) -> OrderLine | None:
    """The line with its amounts; None if something is wrong with it or its delivery."""
    before = len(found)
    item = _check_item(found, line, at.pointer, context)
    unit_code = _check_unit(found, line, item, at.pointer)
    if delivery is None or delivery.mode != CARRY_OUT:  # nothing is bought of what the customer has already
        _check_purchase(found, line, item, delivery, at.pointer, context)
    check_quantity(found, line.quantity, unit_code, f"{at.pointer}/quantity")
    _check_prices(found, line, at.pointer, context)
    _check_charge(found, line, delivery, at.pointer, context)
    if delivery is None or item is None or len(found) > before:
        return None
    return _line(line, at.line_no, item, unit_code, delivery, context)


def _line(
    line: NewLine, line_no: int, item: Item, unit_code: str, delivery: Delivery, context: OrderContext
) -> OrderLine:
    money = context.currency
    net, tax = line_money(line, money)
    code = context.references.find(PurchasingCode, line.purchasing_code or item.purchasing_code)
    return OrderLine(
        line_no=line_no,
        item_no=item.no,
        description=item.description,
        quantity=line.quantity,
        unit_of_measure_code=unit_code,
        unit_price=money.rounded(line.unit_price),
        discount=money.rounded(line.discount) if line.discount else ZERO,
        tax_pct=line.tax_pct,
        purchasing_code=line.purchasing_code or "",
        bought=code is not None and (code.special_order or code.drop_shipment),
        mode=delivery.mode,
        location_code=delivery.location_code,
        pickup_store_no=delivery.pickup_store_no,
        address_code=delivery.address_code,
        address=delivery.address,
        requested_date=delivery.requested_date,
        delivery_date=delivery.delivery_date,
        delivery_mode=delivery.delivery_mode,
        shipping_charge=money.rounded(line.shipping_charge) if line.shipping_charge else ZERO,
        net=net,
        tax=tax,
    )


def _check_item(found: Violations, line: NewLine, pointer: str, context: OrderContext) -> Item | None:
    if (line.type or _ITEM) != _ITEM:
        found.invalid("line-type-not-allowed", "an order at the till has item lines only", f"{pointer}/type")
        return None
    item_no = line.item_no
    if not item_no:
        found.invalid("item-required", "a line needs an item", f"{pointer}/item_no")
        return None
    item = context.references.find(Item, item_no)
    if item is None:
        found.unknown("item", item_no, f"{pointer}/item_no", copy_of="item")
    elif item.blocked or item.sales_blocked:
        detail = f"item {item_no} is blocked for sale"
        found.conflict("item-blocked", detail, f"{pointer}/item_no", item_no=item_no)
    return item


def _check_unit(found: Violations, line: NewLine, item: Item | None, pointer: str) -> str:
    """The wanted unit, else the item's unit of sale, else its base unit."""
    code = line.unit_of_measure_code or ""
    if item is None:
        return code
    if not code:
        return item.sales_unit_of_measure or item.base_unit_of_measure
    if code != item.base_unit_of_measure and all(unit.code != code for unit in item.units_of_measure):
        detail = f"item {item.no} has no unit of measure {code}"
        found.invalid("unknown-unit-of-measure", detail, f"{pointer}/unit_of_measure_code")
        found.may_change_with("item", item.no)
    return code


def _check_purchase(
    found: Violations,
    line: NewLine,
    item: Item | None,
    delivery: Delivery | None,
    pointer: str,
    context: OrderContext,
) -> None:
    """The line's code, else the item's (BC-MD-04); what is bought for the customer must be for purchase (BC-MD-11).

    It needs a vendor where sales buys by itself (G20): sales would refuse to release the order.
    """
    code = line.purchasing_code or (item.purchasing_code if item else "")
    if not code:
        return
    known = context.references.find(PurchasingCode, code)
    if known is None:
        found.unknown("purchasing-code", code, f"{pointer}/purchasing_code", copy_of="purchasing-code")
    elif item and (known.special_order or known.drop_shipment):
        if parties.may_not_be_bought(item):
            detail = f"item {item.no} cannot be bought: it is blocked"
            found.conflict("item-blocked", detail, f"{pointer}/item_no", item_no=item.no)
        if delivery and not _has_vendor(item, delivery, context):
            detail = f"item {item.no} has no vendor"
            found.conflict("vendor-required", detail, f"{pointer}/item_no", item_no=item.no)
            found.may_change_with("item", item.no)


def _has_vendor(item: Item, delivery: Delivery, context: OrderContext) -> bool:
    """Whether a vendor supplies it, or a buyer will choose who."""
    references = context.references
    return not buys_by_itself(references) or bool(vendor_of(references, item.no, delivery.location_code))


def check_quantity(found: Violations, quantity: Decimal, unit_code: str, pointer: str) -> None:
    """Whole numbers of what has no fractions (B3)."""
    if unit_code in INDIVISIBLE_UNITS and quantity != quantity.to_integral_value():
        found.invalid("invalid-quantity", f"there is no fraction of a {unit_code}", pointer)


def _check_prices(found: Violations, line: NewLine, pointer: str, context: OrderContext) -> None:
    before = len(found)
    check_amount(found, line.unit_price, context.currency, f"{pointer}/unit_price")
    if not line.discount:
        return
    check_amount(found, line.discount, context.currency, f"{pointer}/discount")
    if len(found) == before and line.discount > line.quantity * line.unit_price:
        found.invalid("invalid-amount", "a discount does not exceed the line", f"{pointer}/discount")


def _check_charge(
    found: Violations, line: NewLine, delivery: Delivery | None, pointer: str, context: OrderContext
) -> None:
    """Only where something is shipped: refused, not zeroed (POS-29)."""
    if not line.shipping_charge:
        return
    at = f"{pointer}/shipping_charge"
    check_amount(found, line.shipping_charge, context.currency, at)
    if delivery is not None and delivery.mode != SHIP:
        detail = "only a line that is shipped bears a shipping charge"
        found.invalid("shipping-charge-not-allowed", detail, at)
