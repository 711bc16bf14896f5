"""The lines of an order: what a till may sell, how much, at which prices (POS-24, POS-29; B3, B4)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from contracts.planning import Item
from contracts.refusals import Violations
from pos_gateway.domain.amounts import line_money
from pos_gateway.domain.case import Case
from pos_gateway.domain.deliveries import Delivery
from pos_gateway.domain.money import HUNDRED, ZERO, fits, rounded
from pos_gateway.domain.new_order import MAX_LINES, NewLine, no
from pos_gateway.domain.order import OrderLine

LINE_STEP = 10_000
QUANTITY_LIMIT = Decimal(1_000_000)
QUANTITY_UNIT = Decimal("0.00001")
PERCENT_UNIT = Decimal("0.00001")
INDIVISIBLE_UNITS = frozenset({"PCS", "PC", "PIECE", "PIECES", "EA", "EACH"})
"""Units of which there is no half."""


class Position(NamedTuple):
    """Where a line stands: its number in the order, and the JSON pointer to it in the request."""

    line_no: int
    pointer: str


def positions(lines: Sequence[NewLine]) -> list[Position]:
    """10000, 20000, …: numbers are never used twice in an order."""
    return [Position((i + 1) * LINE_STEP, f"/lines/{i}") for i in range(len(lines))]


def check_count(case: Case) -> None:
    """At least one line and at most `MAX_LINES` (POS-24)."""
    if not case.new.lines:
        case.found.invalid("lines-required", "an order needs at least one line", "/lines")
    elif len(case.new.lines) > MAX_LINES:
        case.found.invalid(
            "too-many-lines", f"an order has at most {MAX_LINES} lines", "/lines", limit=MAX_LINES
        )


def build_line(case: Case, line: NewLine, at: Position, delivery: Delivery | None) -> OrderLine | None:
    """The line with its amounts, or None with what is wrong with it found."""
    found = case.found
    before = len(found)
    item = _item(case, line, at.pointer)
    unit_code = _unit_code(line, item, at.pointer, found)
    code = no(line.purchasing_code)
    if code and code not in case.known.purchasing_codes:
        found.unknown("purchasing-code", code, f"{at.pointer}/purchasing_code", copy_of="purchasing-code")
    sensible = _check_quantity(line.quantity, unit_code, f"{at.pointer}/quantity", found)
    _check_money(case, line, at.pointer, quantity_sensible=sensible)
    _check_charge(case, line, delivery, at.pointer)
    if delivery is None or item is None or len(found) > before:
        return None
    net, tax = line_money(line.quantity, line.unit_price, line.discount, line.tax_pct, case.unit)
    return OrderLine(
        line_no=at.line_no,
        item_no=item.no,
        description=item.description,
        quantity=line.quantity,
        unit_of_measure_code=unit_code,
        unit_price=rounded(line.unit_price, case.unit),
        discount=rounded(line.discount, case.unit) if line.discount else ZERO,
        tax_pct=line.tax_pct,
        purchasing_code=code,
        mode=delivery.mode,
        location_code=delivery.location_code,
        pickup_store_no=delivery.pickup_store_no,
        address_code=delivery.address_code,
        address=delivery.address,
        requested_date=delivery.requested_date,
        delivery_date=delivery.delivery_date,
        delivery_mode=delivery.delivery_mode,
        shipping_charge=rounded(line.shipping_charge, case.unit) if line.shipping_charge else ZERO,
        net=net,
        tax=tax,
    )


def _item(case: Case, line: NewLine, pointer: str) -> Item | None:
    found = case.found
    if (line.type or "item").strip().lower() != "item":
        found.invalid("line-type-not-allowed", "an order at the till has item lines only", f"{pointer}/type")
        return None
    item_no = no(line.item_no)
    if not item_no:
        found.invalid("item-required", "a line needs an item", f"{pointer}/item_no")
        return None
    item = case.known.items.get(item_no)
    if item is None:
        found.unknown("item", item_no, f"{pointer}/item_no", copy_of="item")
    elif item.blocked or item.sales_blocked:
        found.conflict(
            "item-blocked", f"item {item_no} is blocked for sale", f"{pointer}/item_no", item_no=item_no
        )
    return item


def _unit_code(line: NewLine, item: Item | None, pointer: str, found: Violations) -> str:
    """The wanted unit, else the item's unit of sale, else its base unit."""
    code = no(line.unit_of_measure_code)
    if item is None:
        return code
    if not code:
        return item.sales_unit_of_measure or item.base_unit_of_measure
    if code != item.base_unit_of_measure and all(u.code != code for u in item.units_of_measure):
        detail = f"item {item.no} has no unit of measure {code}"
        found.invalid("unknown-unit-of-measure", detail, f"{pointer}/unit_of_measure_code")
        found.may_change_with("item", item.no)
    return code


def _check_quantity(quantity: Decimal, unit_code: str, pointer: str, found: Violations) -> bool:
    """True for a quantity that can be computed with."""
    if not quantity.is_finite() or not 0 < quantity < QUANTITY_LIMIT:
        found.invalid("invalid-quantity", f"a quantity is above 0 and below {QUANTITY_LIMIT}", pointer)
    elif quantity.quantize(QUANTITY_UNIT) != quantity:
        found.invalid("invalid-quantity", "a quantity has at most 5 decimals", pointer)
    elif unit_code in INDIVISIBLE_UNITS and quantity != quantity.to_integral_value():
        found.invalid("invalid-quantity", f"there is no fraction of a {unit_code}", pointer)
    else:
        return True
    return False


def _check_money(case: Case, line: NewLine, pointer: str, *, quantity_sensible: bool) -> None:
    found = case.found
    priced = is_amount(case, line.unit_price, f"{pointer}/unit_price")
    if line.discount:
        discounted = is_amount(case, line.discount, f"{pointer}/discount")
        if priced and discounted and quantity_sensible and line.discount > line.quantity * line.unit_price:
            found.invalid("invalid-amount", "a discount does not exceed the line", f"{pointer}/discount")
    pct = line.tax_pct
    if not pct.is_finite() or not 0 <= pct <= HUNDRED or pct.quantize(PERCENT_UNIT) != pct:
        detail = "a tax is from 0 to 100 percent, with at most 5 decimals"
        found.invalid("invalid-percentage", detail, f"{pointer}/tax_pct")


def _check_charge(case: Case, line: NewLine, delivery: Delivery | None, pointer: str) -> None:
    """Never negative, only where something is shipped: refused, not zeroed (POS-29; section 0, 7)."""
    charge = line.shipping_charge
    if not charge or not is_amount(case, charge, f"{pointer}/shipping_charge"):
        return
    if delivery is not None and delivery.mode != "ship":
        detail = "only a line that is shipped bears a shipping charge"
        case.found.invalid("shipping-charge-not-allowed", detail, f"{pointer}/shipping_charge")


def is_amount(case: Case, amount: Decimal, pointer: str) -> bool:
    """True for an amount ≥ 0 in the currency's minor unit; else what is wrong is found."""
    if amount.is_finite() and amount >= 0 and fits(amount, case.unit):
        return True
    detail = f"an amount is not negative and a multiple of {case.unit}"
    case.found.invalid("invalid-amount", detail, pointer)
    return False
