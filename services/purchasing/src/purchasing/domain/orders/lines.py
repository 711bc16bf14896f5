"""Lines of purchase orders that people write: what a new line gets, and what may change on a linked one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from contracts.planning.masters import Item, Location
from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal, Violations, conflict
from domainkit.decisions import DecisionContext
from domainkit.money import ONE, ZERO, check_amount
from domainkit.parties import check_item
from domainkit.references import ReferenceData, ReferenceQuery
from purchasing.domain.catalogue import expected_receipt_date, need_terms
from purchasing.domain.locations import check_location
from purchasing.domain.orders.commands import NewPurchaseLine, PurchaseLineChanges
from purchasing.domain.orders.line_prices import Fields, check_cost_known, priced, repriced, terms
from purchasing.domain.orders.order import CLOSED, LINE_NO_STEP, OPEN, Line, Order
from purchasing.domain.orders.vendor_answers import must_not_be_refused

_IDENTITY_OF_SPECIAL_ORDER: Final = ("item_no", "location_code")
_IDENTITY_OF_DROP_SHIPMENT: Final = ("item_no", "location_code", "quantity", "unit_of_measure_code")
_ALWAYS_OPEN: Final = frozenset(
    {"expected_receipt_date", "requested_receipt_date", "confirmed_quantity", "confirmed_date"}
)
"""Dates and the vendor's answer may change on a released order too."""


def need_for_line(query: ReferenceQuery, order: Order, line: NewPurchaseLine | PurchaseLineChanges) -> None:
    """Ask for what the order's lines and the written one refer to."""
    location_code = line.location_code
    query.need(Location, location_code if isinstance(location_code, str) else order.location_code)
    query.need_rates(order.currency_code, order.order_date)
    if isinstance(line.item_no, str):
        need_terms(query, order.vendor_no, line.item_no)
    need_terms(query, order.vendor_no, *(present.item_no for present in order.live_lines))


def new_lines(order: Order, lines: Sequence[NewPurchaseLine], context: DecisionContext) -> Order:
    """The order with these lines; refused with the reasons of all lines at once (pointers "/lines/0/item_no")."""
    found = Violations()
    made: list[Line] = []
    for i, line in enumerate(lines):
        try:
            made.append(new_line(order, line, order.next_line_no + i * LINE_NO_STEP, context))
        except Refusal as refusal:
            found.include(refusal, at=f"/lines/{i}")
    found.refuse_if_any()
    return order.with_more_lines(made)


def new_line(order: Order, line: NewPurchaseLine, line_no: int, context: DecisionContext) -> Line:
    """A line with what its author left out taken from item, vendor and header."""
    references = context.references
    found = Violations()
    item = item_to_buy(found, references, line.item_no)
    unit = line.unit_of_measure_code or item.purchase_unit_of_measure or item.base_unit_of_measure
    location_code = order.location_code if line.location_code is None else line.location_code
    qty_per_unit = _qty_per_unit(found, item, unit)
    check_location(found, references, location_code)
    if line.direct_unit_cost is not None:
        check_amount(found, line.direct_unit_cost, order.currency_code, "/direct_unit_cost")
    found.refuse_if_any()
    made = Line(
        id=context.new_id(),
        line_no=line_no,
        item_no=item.no,
        description=item.description if line.description is None else line.description,
        quantity=line.quantity,
        unit_of_measure_code=unit,
        qty_per_unit_of_measure=qty_per_unit,
        location_code=location_code,
        expected_receipt_date=line.expected_receipt_date or _expected(order, item.no, references),
        requested_receipt_date=line.requested_receipt_date,
        confirmed_quantity=line.confirmed_quantity,
        confirmed_date=line.confirmed_date,
    )
    offer = terms(order, made, references)
    check_cost_known(found, order, offer, line.direct_unit_cost, references)
    found.refuse_if_any()
    bought = priced(made, offer, line.direct_unit_cost, line.line_discount_pct)
    if line.line_discount_amount is not None:
        percent = line.line_discount_pct or ZERO
        bought = replace(bought, line_discount_pct=percent, line_discount_amount=line.line_discount_amount)
    _check_discount(order, bought)
    return bought


def item_to_buy(found: Violations, references: ReferenceData, item_no: str) -> Item:
    """The item, which exists and may be bought (BC-MD-11); an empty record (version 0) if it does not exist."""
    item = references.find(Item, item_no)
    if item is None:
        found.unknown("item", item_no, "/item_no", copy_of="item")
        return Item(version=0, no=item_no)
    check_item(found, item)
    return item


def _expected(order: Order, item_no: str, references: ReferenceData) -> Any:
    vendor = references.all_of(Vendor)[order.vendor_no]
    return expected_receipt_date(references, order.order_date, vendor, item_no)


def _qty_per_unit(found: Violations, item: Item, unit: str) -> Decimal:
    """Base units in one unit. An unknown unit may be newer than our copy of the item."""
    if unit == item.base_unit_of_measure or not item.version:
        return ONE
    for known in item.units_of_measure:
        if known.code == unit:
            return known.qty_per
    found.unknown("unit-of-measure", unit, "/unit_of_measure_code")
    found.may_change_with("item", item.no)
    return ONE


def changed_line(order: Order, line: Line, changes: PurchaseLineChanges, context: DecisionContext) -> Line:
    """The line after a change; identity of a linked line is guarded (BC-SO-38, BC-DS-33)."""
    given = {name: value for name, value in changes.given().items() if value != getattr(line, name)}
    if order.status == CLOSED or (order.status != OPEN and given.keys() - _ALWAYS_OPEN):
        order.must_be_open()
    _check_not_refused(order, line)
    _check_identity(order, line, given)
    _check_received(line, given)
    references = context.references
    found = Violations()
    if "item_no" in given:
        given = _with_item_defaults(given, item_to_buy(found, references, given["item_no"]))
    if "location_code" in given:
        check_location(found, references, given["location_code"])
    if "direct_unit_cost" in given:
        check_amount(found, given["direct_unit_cost"], order.currency_code, "/direct_unit_cost")
    after = replace(line, **given)
    if "unit_of_measure_code" in given:
        item = references.find(Item, after.item_no) or Item(version=0, no=after.item_no)
        qty_per_unit = _qty_per_unit(found, item, after.unit_of_measure_code)
        after = replace(after, qty_per_unit_of_measure=qty_per_unit)
    found.refuse_if_any()
    # Money off stands instead of a percentage, so a given one of the two ends the other.
    if given.get("line_discount_amount") is not None and "line_discount_pct" not in given:
        after = replace(after, line_discount_pct=ZERO)
    if "line_discount_pct" in given and "line_discount_amount" not in given:
        after = replace(after, line_discount_amount=None)
    after = repriced(order, line, after, given, references)
    _check_discount(order, after)
    return after


def _check_discount(order: Order, line: Line) -> None:
    """Money off a line: instead of a percentage, no finer than the currency, no more than the line costs."""
    amount, pointer = line.line_discount_amount, "/line_discount_amount"
    if amount is None:
        return
    found = Violations()
    check_amount(found, amount, order.currency_code, pointer)
    if line.line_discount_pct:
        detail = "a line has a discount in percent or in money, not both"
        found.invalid("discount-exclusive", detail, pointer)
    if amount > line.quantity * line.direct_unit_cost:
        found.invalid("out-of-range", f"the discount {amount} is more than the line costs", pointer)
    found.refuse_if_any()


def _with_item_defaults(given: Fields, item: Item) -> Fields:
    """Another item brings its own description and unit, unless they were given too."""
    unit = item.purchase_unit_of_measure or item.base_unit_of_measure
    return {"description": item.description, "unit_of_measure_code": unit} | given


def _check_not_refused(order: Order, line: Line) -> None:
    found = Violations()
    must_not_be_refused(found, order, line)
    found.refuse_if_any()


def _check_identity(order: Order, line: Line, given: Fields) -> None:
    link = line.active_link
    if link is None:
        return
    sales = link.sales
    found = Violations()
    for name in _IDENTITY_OF_DROP_SHIPMENT if line.drop_shipment else _IDENTITY_OF_SPECIAL_ORDER:
        if name in given:
            found.conflict(
                "associated-with-sales-order",
                f"{name} of purchase order {order.no} line {line.line_no} cannot change: the line is associated "
                f"with sales order {sales.sales_order_no} line {sales.sales_order_line_no}",
                f"/{name}",
                sales_order_no=sales.sales_order_no,
                sales_order_line_no=sales.sales_order_line_no,
                line_no=line.line_no,
            )
    found.refuse_if_any()


def _check_received(line: Line, given: Fields) -> None:
    """Nothing that was received may change its meaning or exceed what is ordered."""
    received = line.quantity_received
    if given.get("quantity", line.quantity) < received:
        raise conflict(
            "quantity-below-received",
            f"line {line.line_no}: {received} are received",
            pointer="/quantity",
            line_no=line.line_no,
            quantity_received=received,
        )
    if received and given.keys() & {"item_no", "unit_of_measure_code", "location_code"}:
        raise conflict("has-postings", f"line {line.line_no} has receipts", line_no=line.line_no)


def check_line_can_go(order: Order, line: Line) -> None:
    """Only what was not received can be deleted (BC-SO-42, BC-DS-36)."""
    order.must_be_open()
    if line.qty_rcd_not_invoiced > 0:
        raise conflict(
            "received-not-invoiced",
            f"line {line.line_no}: {line.qty_rcd_not_invoiced} are received and not invoiced",
            line_no=line.line_no,
        )
    if line.quantity_received or line.quantity_invoiced:
        raise conflict("has-postings", f"line {line.line_no} was received and invoiced", line_no=line.line_no)
