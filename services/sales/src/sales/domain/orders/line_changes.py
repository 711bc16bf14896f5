"""Changing a line: what may still change depends on how it is procured (BC-SO-37, BC-DS-32)."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from contracts.planning.masters import Item, Location
from contracts.refusals import Violations
from contracts.sales.masters import ChargeCode
from domainkit.money import ZERO
from domainkit.procurement import need_item
from domainkit.references import ReferenceData, ReferenceQuery
from sales.domain.line_supply import costed
from sales.domain.orders.commands import LineChanges, NewSalesLine
from sales.domain.orders.context import OrderContext
from sales.domain.orders.line_checks import check_figures
from sales.domain.orders.line_maker import LineMaker
from sales.domain.orders.lines import Line, with_demand
from sales.domain.orders.order import RELEASED, Order, check_not_held, refuse_unless_open, refuse_when_ended
from sales.domain.sourcing import Sourcing

GUARDED: Final = (
    "type",
    "item_no",
    "quantity",
    "unit_of_measure_code",
    "location_code",
    "unit_cost",
    "purchasing_code",
    "drop_shipment",
)
"""What cannot change on a line that is bought for its customer (BC-SO-37); dates, prices and texts can."""

ALWAYS_OPEN: Final = frozenset({"qty_to_ship", "qty_to_invoice"})
"""Editable on open and released orders, on linked lines too."""

PLAIN: Final = frozenset(
    {
        "description",
        "unit_price",
        "line_discount_pct",
        "line_discount_amount",
        "tax_pct",
        "unit_cost",
        "charge_code",
        "quantity",
        "qty_to_ship",
        "qty_to_invoice",
        "posted_invoice_no",
        "posted_invoice_line_no",
    }
)
"""Taken as they are given; on the others further fields depend."""

OF_CHARGES: Final = PLAIN - {"unit_cost"}
OF_COMMENTS: Final = frozenset({"description"})


def need_line_changes(query: ReferenceQuery, order: Order, line_no: int, changes: LineChanges) -> None:
    """What changing a line looks up besides what the order names already."""
    given = changes.given()
    line = next((each for each in order.lines if each.line_no == line_no), None)
    location = given.get("location_code", line.location_code if line else order.location_code)
    query.need(Location, location)
    need_item(query, given.get("item_no", ""), location)
    query.need(ChargeCode, given.get("charge_code"))


def change_line(order: Order, line: Line, changes: LineChanges, context: OrderContext) -> Order:
    """The order with one line changed."""
    given = changes.given()
    refuse_when_ended(order)
    sourcing = context.sourcings.get(line.id)
    found = Violations()
    if not given.keys() <= ALWAYS_OPEN:
        if order.status == RELEASED:
            check_guarded(found, line, given, sourcing)
            found.refuse_if_any()
        refuse_unless_open(order)
    check_not_held(found, order, line)
    found.refuse_if_any()
    check_guarded(found, line, given, sourcing)
    if why_guarded(line, sourcing) is None:
        _check_type_stays(found, line, given)
    after = changed(found, order, line, given, context.references)
    check_moved(found, line, after, given)
    _check_not_reserved(found, order, line, after, context)
    found.refuse_if_any()
    return order.with_line(with_demand(after))


def _check_not_reserved(
    found: Violations, order: Order, before: Line, after: Line, context: OrderContext
) -> None:
    """What is reserved for the line must be given up before it is bought for its customer (BC-SO-03).

    Judged by the copy of planning's reservations: one that is made at the same moment is dropped by planning.
    """
    reserved = context.reserved.get(before.id, ZERO)
    if after.flagged and not before.flagged and reserved > 0:
        pointer = "/purchasing_code" if after.purchasing_code else "/drop_shipment"
        detail = f"{reserved:f} base units are reserved for line {before.line_no}"
        found.conflict("reserved-quantity-must-be-zero", detail, pointer, line_no=before.line_no)
        found.may_change_with("order-reservation", order.no)


def changed(
    found: Violations, order: Order, line: Line, given: dict[str, Any], references: ReferenceData
) -> Line:
    """The line with the given fields, of any decider; refused if one of them cannot hold."""
    _check_fields_of_type(found, line, given)
    _check_empty(found, line, given)
    found.refuse_if_any()
    after = _LineChange(found, order, references, given).applied_to(line)
    check_figures(found, after, frozenset(given), order.currency_code, references.home_currency, "")
    return after


def without_code(order: Order, line: Line, references: ReferenceData) -> Line:
    """The line as ordinary stock: without code and flags, with the reservation and dates of its item (BC-DS-05)."""
    found = Violations()
    cleared = _LineChange(found, order, references, {"purchasing_code": "", "drop_shipment": False})
    after = cleared.applied_to(line)
    found.refuse_if_any()
    return with_demand(after)


def why_guarded(line: Line, sourcing: Sourcing | None) -> tuple[str, str] | None:
    """Why the line's guarded fields are closed: (code, detail), or None while sales decides alone."""
    link = sourcing.active if sourcing else None
    if link is not None:
        where = f"purchase order {link.purchase_order_no} line {link.purchase_order_line_no}"
        return "line-linked-to-purchase-order", f"line {line.line_no} is associated with {where}"
    if line.released_once:
        return "line-being-procured", f"line {line.line_no} is being procured since its order was released"
    return None


def check_guarded(found: Violations, line: Line, given: dict[str, Any], sourcing: Sourcing | None) -> None:
    """A guarded field may be sent, but not with another value (BC-SO-37)."""
    why = why_guarded(line, sourcing)
    if why is None:
        return
    code, detail = why
    members = link_members(sourcing)
    shown = costed(line, sourcing.active if sourcing else None)
    for field in GUARDED:
        if field in given and given[field] != getattr(shown, field):
            found.conflict(
                code, f"cannot change {field}: {detail}", f"/{field}", line_no=line.line_no, **members
            )


def link_members(sourcing: Sourcing | None) -> dict[str, Any]:
    """The purchase line that holds a line, as members of a problem document."""
    link = sourcing.active if sourcing else None
    if link is None:
        return {}
    return {
        "purchase_order_no": link.purchase_order_no,
        "purchase_order_line_no": link.purchase_order_line_no,
    }


def _check_type_stays(found: Violations, line: Line, given: dict[str, Any]) -> None:
    if given.get("type", line.type) != line.type:
        detail = f"line {line.line_no} stays a line of type {line.type}: delete it and add another"
        found.invalid("line-type-not-supported", detail, "/type", line_no=line.line_no)


def _check_empty(found: Violations, line: Line, given: dict[str, Any]) -> None:
    """A line that has an item, or none by its type, selects no catalog item (BC-MD-28)."""
    if given.get("catalog_entry_no", line.catalog_entry_no) != line.catalog_entry_no:
        detail = f"line {line.line_no} is not empty: a catalog item is selected on a new line"
        found.conflict("line-not-empty", detail, "/catalog_entry_no", line_no=line.line_no)


def _check_fields_of_type(found: Violations, line: Line, given: dict[str, Any]) -> None:
    """A line has only the fields of its type."""
    of_items = (PLAIN | frozenset(LineChanges.__struct_fields__)) - {"charge_code"}
    allowed = {"item": of_items, "charge": OF_CHARGES, "comment": OF_COMMENTS}[line.type] | {"type"}
    for field in sorted(given.keys() - allowed):
        found.invalid("line-type-not-supported", f"a {line.type} line has no {field}", f"/{field}")


class _LineChange:
    """Applies the given fields to a line, in the order in which one depends on another."""

    def __init__(
        self, found: Violations, header: Order, references: ReferenceData, given: dict[str, Any]
    ) -> None:
        self._found = found
        self._references = references
        self._given = given
        self._maker = LineMaker(found, header, references)

    def applied_to(self, line: Line) -> Line:
        """The line with the given fields and what follows from them."""
        before, given = line, self._given
        if given.get("item_no", line.item_no) != line.item_no:
            before = line = self._with_item(line, given["item_no"])
        line = replace(line, **{name: value for name, value in given.items() if name in PLAIN})
        # An amount of discount stands instead of a percentage, so a given one of the two ends the other.
        if "line_discount_pct" in given and "line_discount_amount" not in given:
            line = replace(line, line_discount_amount=None)
        if given.get("line_discount_amount") is not None and "line_discount_pct" not in given:
            line = replace(line, line_discount_pct=ZERO)
        charge = given.get("charge_code")
        if charge is not None and self._references.find(ChargeCode, charge) is None:
            self._found.unknown("charge-code", charge, "/charge_code")
        if "location_code" in given:
            line = replace(line, location_code=self._maker.location(given["location_code"], ""))
        return self._with_item_fields(before, line) if line.type == "item" else line

    def _with_item(self, line: Line, item_no: str) -> Line:
        """Another item: the line is made anew with that item's defaults, under its old identity."""
        if line.postings:
            detail = f"line {line.line_no} has postings: its item stays"
            self._found.conflict("has-postings", detail, "/item_no")
        made = self._maker.make(NewSalesLine(item_no=item_no, quantity=line.quantity), line.id, line.line_no)
        return replace(
            made,
            location_code=line.location_code,
            shipment_date=line.shipment_date,
            planned_delivery_date=line.planned_delivery_date,
        )

    def _with_item_fields(self, before: Line, line: Line) -> Line:
        item = self._references.find(Item, line.item_no) or Item(version=0, no=line.item_no)
        if "unit_of_measure_code" in self._given:
            code, qty_per = self._maker.unit(item, self._given["unit_of_measure_code"], "")
            line = replace(line, unit_of_measure_code=code, qty_per_unit_of_measure=qty_per)
        # In this order: the code sets the flags, flags decide the reservation, and the drop shipment the dates.
        line = self._with_drop_shipment(self._with_code(line))
        line = self._with_reserve(before, line, item)
        return self._with_dates(before, line)

    def _with_code(self, line: Line) -> Line:
        """A code sets both flags, none resets both (BC-MD-03)."""
        if "purchasing_code" not in self._given:
            return line
        code = self._maker.known_code(self._given["purchasing_code"], "")
        return replace(
            line,
            purchasing_code=self._given["purchasing_code"],
            drop_shipment=bool(code and code.drop_shipment),
            special_order=bool(code and code.special_order),
        )

    def _with_drop_shipment(self, line: Line) -> Line:
        """The flag alone makes a drop shipment (BC-DS-01); clearing it clears the purchasing code too."""
        ticked = self._given.get("drop_shipment", line.drop_shipment)
        if ticked == line.drop_shipment:
            return line
        if ticked and line.special_order:
            detail = "a special order cannot be a drop shipment too"
            self._found.invalid("purchasing-code-exclusive", detail, "/drop_shipment")
        if line.quantity_shipped > 0:
            detail = f"{line.quantity_shipped} of the line is shipped already"
            self._found.conflict("already-shipped", detail, "/drop_shipment")
        return replace(line, drop_shipment=ticked, purchasing_code=line.purchasing_code if ticked else "")

    def _with_reserve(self, before: Line, line: Line, item: Item) -> Line:
        """Reserve follows the flags: never with one, restored from item or header without (BC-SO-02, BC-SO-05)."""
        if "reserve" in self._given:
            return replace(line, reserve=self._maker.reserve(line, item, self._given["reserve"], "/reserve"))
        if line.flagged != before.flagged:
            return replace(line, reserve=self._maker.reserve(line, item, None, "/reserve"))
        return line

    def _with_dates(self, before: Line, line: Line) -> Line:
        """Handling times: none for a drop shipment, the location's again without the flag (BC-DS-02, BC-DS-05)."""
        if "shipment_date" in self._given:
            return self._maker.dated(line, self._given["shipment_date"])
        if line.drop_shipment != before.drop_shipment:
            return self._maker.dated(line, None)
        return line


def check_moved(found: Violations, before: Line, after: Line, given: dict[str, Any]) -> None:
    """What was shipped or invoiced already stands (BC-SD-06, BC-SD-07)."""
    if "quantity" in given and 0 < after.quantity < before.least_quantity:
        detail = f"{before.least_quantity} is shipped: the quantity cannot be lower"
        found.conflict("quantity-below-shipped", detail, "/quantity", line_no=before.line_no)
    code_changed = "purchasing_code" in given and after.purchasing_code != before.purchasing_code
    if code_changed and before.outstanding_quantity <= 0 and before.quantity_shipped > 0:
        detail = "the purchasing code of a line that has been completely shipped cannot change"
        found.conflict("line-completely-shipped", detail, "/purchasing_code", line_no=before.line_no)
    if after.unit_of_measure_code != before.unit_of_measure_code and before.postings:
        found.conflict("has-postings", "the unit of a line with postings stays", "/unit_of_measure_code")
