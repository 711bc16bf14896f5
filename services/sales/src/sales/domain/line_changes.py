"""Changing and removing a line: who holds it decides what may still change (BC-SO-37, BC-DS-32)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from contracts.planning import Item
from contracts.refusals import Violations, conflict
from sales.domain.drafts import LineChanges, NewLine
from sales.domain.line_rules import LineMaker, check_amounts
from sales.domain.lines import Line, with_demand
from sales.domain.orders import Order, refuse_unless_open
from sales.domain.references import References
from sales.domain.sourcing import Sourcing

GUARDED: Final = (
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

PLAIN: Final = ("description", "unit_price", "line_discount_pct", "tax_pct", "unit_cost", "charge_code")

Sourcings = Mapping[UUID, Sourcing]


def change_line(order: Order, line: Line, changes: LineChanges, refs: References, known: Sourcings) -> Order:
    """The order with one line changed; the order's version is the caller's to raise."""
    given = changes.given()
    if not given <= ALWAYS_OPEN:
        refuse_unless_open(order)
    if line.id in order.under_way:
        raise conflict(
            "posting-under-way", f"a posting of line {line.line_no} is under way", line_no=line.line_no
        )
    faults = Violations()
    refuse_guarded(line, changes, known.get(line.id), faults)
    _refuse_wrong_type(line, given, faults)
    faults.refuse_if_any()
    maker = LineMaker(order, refs, faults)
    after = _with_item(maker, line, changes, faults) if _other_item(line, changes) else line
    after = _with_fields(maker, after, changes, refs, faults)
    _check_moved(line, after, given, faults)
    check_amounts(after, given, order.currency_code, faults, "")
    faults.refuse_if_any()
    return order.with_line(with_demand(after))


def guard(line: Line, known: Sourcing | None) -> tuple[str, str] | None:
    """Why the line's guarded fields are closed: (code, detail), or None while sales decides alone."""
    link = known.active if known else None
    if link is not None:
        where = f"purchase order {link.purchase_order_no} line {link.purchase_order_line_no}"
        return "line-linked-to-purchase-order", f"line {line.line_no} is associated with {where}"
    if line.released_once:
        return "line-released", f"line {line.line_no} is being procured since its order was released"
    return None


def refuse_guarded(line: Line, changes: LineChanges, known: Sourcing | None, faults: Violations) -> None:
    """A guarded field may be sent, but not with another value (BC-SO-37)."""
    why = guard(line, known)
    if why is None:
        return
    code, detail = why
    for field in GUARDED:
        value = getattr(changes, field)
        if value is not UNSET and value != getattr(line, field):
            members = _link_members(known)
            faults.conflict(
                code, f"cannot change {field}: {detail}", f"/{field}", line_no=line.line_no, **members
            )


def _link_members(known: Sourcing | None) -> dict[str, Any]:
    link = known.active if known else None
    if link is None:
        return {}
    return {
        "purchase_order_no": link.purchase_order_no,
        "purchase_order_line_no": link.purchase_order_line_no,
    }


def _refuse_wrong_type(line: Line, given: frozenset[str], faults: Violations) -> None:
    """A line keeps its type; it has only that type's fields."""
    allowed = {
        "item": LineChanges.__struct_fields__,
        "charge": (
            "charge_code",
            "description",
            "quantity",
            "unit_price",
            "line_discount_pct",
            "tax_pct",
            "qty_to_ship",
            "qty_to_invoice",
        ),
        "comment": ("description",),
    }[line.type]
    absent = given - set(allowed) | (given & {"charge_code"} if line.type == "item" else set())
    for field in sorted(absent):
        detail = f"a {line.type} line has no {field}"
        faults.invalid("line-type-not-supported", detail, f"/{field}")


def _other_item(line: Line, changes: LineChanges) -> bool:
    return changes.item_no is not UNSET and changes.item_no != line.item_no


def _with_item(maker: LineMaker, line: Line, changes: LineChanges, faults: Violations) -> Line:
    """Another item: the line is made anew with that item's defaults, under its old identity."""
    if line.postings:
        faults.conflict("has-postings", f"line {line.line_no} has postings: its item stays", "/item_no")
    made = maker.make(NewLine(item_no=str(changes.item_no), quantity=line.quantity), line.id, line.line_no)
    return replace(
        made,
        location_code=line.location_code,
        shipment_date=line.shipment_date,
        planned_delivery_date=line.planned_delivery_date,
    )


def _with_fields(
    maker: LineMaker, line: Line, changes: LineChanges, refs: References, faults: Violations
) -> Line:
    """The line with what was sent, in the order in which one field depends on another."""
    after = replace(line, **{f: v for f in PLAIN if (v := getattr(changes, f)) is not UNSET})
    if changes.line_discount_pct is not UNSET:
        after = replace(after, line_discount_amount=None)
    if changes.charge_code is not UNSET and changes.charge_code not in refs.charge_codes:
        faults.unknown("charge-code", str(changes.charge_code), "/charge_code")
    for field in ("quantity", "qty_to_ship", "qty_to_invoice"):
        value = getattr(changes, field)
        if value is not UNSET:
            after = replace(after, **{field: value})
    if changes.location_code is not UNSET:
        after = replace(after, location_code=maker.location(changes.location_code, ""))
    if line.type != "item":
        return after
    item = refs.items.get(after.item_no) or Item(version=0, no=after.item_no)
    if changes.unit_of_measure_code is not UNSET:
        code, qty_per = maker.unit(item, changes.unit_of_measure_code, "")
        after = replace(after, unit_of_measure_code=code, qty_per_unit_of_measure=qty_per)
    after = _with_flags(maker, after, changes, faults)
    after = _with_reserve(maker, line, after, changes, item)
    return _with_dates(maker, line, after, changes)


def _with_flags(maker: LineMaker, line: Line, changes: LineChanges, faults: Violations) -> Line:
    """Code and flags: a code sets both, none resets both (BC-MD-03); the tick alone is a drop shipment (BC-DS-01)."""
    after = line
    if changes.purchasing_code is not UNSET:
        code = maker.known_code(changes.purchasing_code, "")
        after = replace(
            after,
            purchasing_code=changes.purchasing_code,
            drop_shipment=bool(code and code.drop_shipment),
            special_order=bool(code and code.special_order),
        )
    if changes.drop_shipment is not UNSET and changes.drop_shipment != after.drop_shipment:
        if changes.drop_shipment and after.special_order:
            detail = "a special order cannot be a drop shipment too"
            faults.invalid("purchasing-code-exclusive", detail, "/drop_shipment")
        if line.quantity_shipped > 0:
            detail = f"{line.quantity_shipped} of the line is shipped already"
            faults.conflict("already-shipped", detail, "/drop_shipment")
        kept = after.purchasing_code if changes.drop_shipment else ""
        after = replace(after, drop_shipment=changes.drop_shipment, purchasing_code=kept)
    return after


def _with_reserve(maker: LineMaker, before: Line, line: Line, changes: LineChanges, item: Item) -> Line:
    """Reserve follows the flags: never with one, restored from item or header without (BC-SO-02, BC-SO-05)."""
    if changes.reserve is not UNSET:
        return replace(line, reserve=maker.reserve(line, item, changes.reserve, "/reserve"))
    if line.flagged != before.flagged:
        return replace(line, reserve=maker.reserve(line, item, None, "/reserve"))
    return line


def _with_dates(maker: LineMaker, before: Line, line: Line, changes: LineChanges) -> Line:
    """Handling times: none for a drop shipment, the location's again without the flag (BC-DS-02, BC-DS-05)."""
    if changes.shipment_date is not UNSET:
        return maker.dated(line, changes.shipment_date)
    if line.drop_shipment != before.drop_shipment:
        return maker.dated(line, None)
    return line


def _check_moved(before: Line, after: Line, given: frozenset[str], faults: Violations) -> None:
    """What was shipped or invoiced already stands (BC-SD-06, BC-SD-07)."""
    if "quantity" in given and 0 < after.quantity < before.quantity_shipped:
        detail = f"{before.quantity_shipped} is shipped: the quantity cannot be lower"
        faults.conflict("quantity-below-shipped", detail, "/quantity", line_no=before.line_no)
    code_changed = after.purchasing_code != before.purchasing_code and "purchasing_code" in given
    if code_changed and before.outstanding_quantity <= 0 and before.quantity_shipped > 0:
        detail = "the purchasing code of a line that has been completely shipped cannot change"
        faults.conflict("line-completely-shipped", detail, "/purchasing_code", line_no=before.line_no)
    other_unit = after.unit_of_measure_code != before.unit_of_measure_code
    if other_unit and before.postings:
        faults.conflict("has-postings", "the unit of a line with postings stays", "/unit_of_measure_code")


def delete_line(order: Order, line: Line, known: Sourcings) -> Order:
    """The order without the line, unless something hangs on it (BC-SO-41, BC-DS-35)."""
    refuse_unless_open(order)
    why_not_delete(order, line, known.get(line.id)).refuse_if_any()
    return replace(order, lines=tuple(each for each in order.lines if each.id != line.id))


def why_not_delete(order: Order, line: Line, known: Sourcing | None) -> Violations:
    """Postings, a purchase line, or a purchase request that is under way keep a line."""
    faults = Violations()
    if line.postings or line.ever_invoiced:
        faults.conflict("has-postings", f"line {line.line_no} has postings", line_no=line.line_no)
    if line.id in order.under_way:
        faults.conflict(
            "posting-under-way", f"a posting of line {line.line_no} is under way", line_no=line.line_no
        )
    link = known.active if known else None
    if known and link:
        detail = f"line {line.line_no} is associated with purchase order {link.purchase_order_no}"
        faults.conflict("line-linked-to-purchase-order", detail, line_no=line.line_no, **_link_members(known))
    elif known and line.released_once and known.state == "requested":
        detail = f"the purchase request of line {line.line_no} is under way"
        faults.conflict("change-pending", detail, line_no=line.line_no)
        faults.may_change_with("demand", order.no)
    return faults
