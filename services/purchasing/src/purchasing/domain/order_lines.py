"""Lines of purchase orders that people write: what a new line gets, and what may change on a linked one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from contracts.planning import Item
from contracts.refusals import Reason, Refusal, Violation, Violations, conflict, unknown
from contracts.values import Model
from purchasing.domain.costs import Offer, Wanted
from purchasing.domain.known import Known, item_violations
from purchasing.domain.orders import CLOSED, LINE_NO_STEP, OPEN, Line, Order

NewId = Callable[[], UUID]

_ONE = Decimal(1)
_IDENTITY_OF_SPECIAL_ORDER = ("item_no", "location_code")
_IDENTITY_OF_DROP_SHIPMENT = ("item_no", "location_code", "quantity", "unit_of_measure_code")
_ALWAYS_OPEN = frozenset(
    {"expected_receipt_date", "requested_receipt_date", "confirmed_quantity", "confirmed_date"}
)
"""Dates and the vendor's answer may change on a released order too."""


class LineDraft(Model, frozen=True, kw_only=True):
    """A new line as its author wrote it; what is None is taken from the item, the vendor or the header."""

    item_no: str
    quantity: Decimal
    description: str | None = None
    unit_of_measure_code: str | None = None
    direct_unit_cost: Decimal | None = None
    line_discount_pct: Decimal | None = None
    location_code: str | None = None
    expected_receipt_date: date | None = None
    requested_receipt_date: date | None = None


class LineChange(Model, frozen=True, kw_only=True):
    """The fields of a line to change; the others stay."""

    item_no: str | UnsetType = UNSET
    quantity: Decimal | UnsetType = UNSET
    description: str | UnsetType = UNSET
    unit_of_measure_code: str | UnsetType = UNSET
    direct_unit_cost: Decimal | UnsetType = UNSET
    line_discount_pct: Decimal | UnsetType = UNSET
    location_code: str | UnsetType = UNSET
    expected_receipt_date: date | UnsetType | None = UNSET
    requested_receipt_date: date | UnsetType | None = UNSET
    confirmed_quantity: Decimal | UnsetType | None = UNSET
    confirmed_date: date | UnsetType | None = UNSET

    def fields(self) -> dict[str, object]:
        """The given fields by name."""
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in given.items() if value is not UNSET}


def new_lines(
    order: Order, drafts: tuple[LineDraft, ...], known: Known, new_id: NewId, *, at: str = "/lines"
) -> Order:
    """The order with these lines; refused with the reasons of all lines at once."""
    found = Violations()
    lines: list[Line] = []
    for i, draft in enumerate(drafts):
        pointer = f"{at}/{i}" if at else ""
        try:
            lines.append(
                _new_line(order, draft, order.next_line_no + i * LINE_NO_STEP, known, new_id, pointer)
            )
        except Refusal as e:
            found.include(e)
    found.refuse_if_any()
    return order.with_more_lines(lines)


def _new_line(
    order: Order, draft: LineDraft, line_no: int, known: Known, new_id: NewId, pointer: str
) -> Line:
    item = known_item(draft.item_no, known, pointer)
    unit = draft.unit_of_measure_code or item.purchase_unit_of_measure or item.base_unit_of_measure
    location_code = order.location_code if draft.location_code is None else draft.location_code
    must_be_a_location(location_code, known, f"{pointer}/location_code")
    line = Line(
        id=new_id(),
        line_no=line_no,
        item_no=item.no,
        description=draft.description if draft.description is not None else item.description,
        quantity=draft.quantity,
        unit_of_measure_code=unit,
        qty_per_unit_of_measure=_qty_per(item, unit, f"{pointer}/unit_of_measure_code"),
        location_code=location_code,
        expected_receipt_date=draft.expected_receipt_date
        or known.expected_date(order.order_date, known.vendors[order.vendor_no], item.no),
        requested_receipt_date=draft.requested_receipt_date,
    )
    return priced(line, terms(order, line, known), draft.direct_unit_cost, draft.line_discount_pct)


def known_item(item_no: str, known: Known, pointer: str) -> Item:
    """The item, if it exists and may be bought."""
    item = known.items.get(item_no)
    if item is None:
        raise unknown("item", item_no, pointer=f"{pointer}/item_no", copy_of="item")
    if violations := item_violations(item, pointer=f"{pointer}/item_no"):
        raise Refusal(*violations)
    return item


def must_be_a_location(code: str, known: Known, pointer: str) -> None:
    """A given location must exist; none is the company's own address."""
    if code and code not in known.locations:
        raise unknown("location", code, pointer=pointer, copy_of="location")


def _qty_per(item: Item, unit: str, pointer: str) -> Decimal:
    if unit == item.base_unit_of_measure:
        return _ONE
    for u in item.units_of_measure:
        if u.code == unit:
            return u.qty_per
    # The unit may be newer than the copy of the item.
    refusal = unknown("unit-of-measure", unit, pointer=pointer)
    raise Refusal(*refusal.violations, waits_for=(("item", item.no),))


def terms(order: Order, line: Line, known: Known) -> Offer:
    """What the order's vendor asks for the line."""
    wanted = Wanted(
        vendor_no=order.vendor_no,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        price_date=max(order.order_date, known.today),
        currency_code=order.currency_code,
        company_currency_code=known.company_currency_code,
    )
    return known.offer(wanted, line.item_no)


def priced(
    line: Line, offer: Offer, cost: Decimal | None = None, discount_pct: Decimal | None = None
) -> Line:
    """The line at the vendor's terms, or at those that were given."""
    return msgspec.structs.replace(
        line,
        vendor_item_no=offer.vendor_item_no,
        direct_unit_cost=offer.direct_unit_cost if cost is None else cost,
        line_discount_pct=(
            discount_pct
            if discount_pct is not None
            else offer.line_discount_pct
            if cost is None
            else Decimal(0)
        ),
    )


def changed_line(order: Order, line: Line, change: LineChange, known: Known) -> Line:
    """The line after a change; identity of a linked line is guarded (BC-SO-38, BC-DS-33)."""
    given = {name: value for name, value in change.fields().items() if value != getattr(line, name)}
    if order.status == CLOSED or (order.status != OPEN and given.keys() - _ALWAYS_OPEN):
        order.must_be_open()
    _must_keep_identity(order, line, given)
    _must_keep_received(line, given)
    if "item_no" in given:
        given = _with_item_defaults(given, known_item(str(given["item_no"]), known, ""))
    if "location_code" in given:
        must_be_a_location(str(given["location_code"]), known, "/location_code")
    after = msgspec.structs.replace(line, **given)
    if "unit_of_measure_code" in given:
        qty_per = _qty_per(
            known_item(after.item_no, known, ""), after.unit_of_measure_code, "/unit_of_measure_code"
        )
        after = msgspec.structs.replace(after, qty_per_unit_of_measure=qty_per)
    return _repriced(order, line, after, given, known)


def _with_item_defaults(given: dict[str, object], item: Item) -> dict[str, object]:
    """Another item brings its own description and unit, unless they were given too."""
    unit = item.purchase_unit_of_measure or item.base_unit_of_measure
    return {"description": item.description, "unit_of_measure_code": unit} | given


def _must_keep_identity(order: Order, line: Line, given: dict[str, object]) -> None:
    link = line.active_link
    if link is None:
        return
    guarded = _IDENTITY_OF_DROP_SHIPMENT if line.drop_shipment else _IDENTITY_OF_SPECIAL_ORDER
    violations = tuple(
        Violation(
            "associated-with-sales-order",
            f"{name} of purchase order {order.no} line {line.line_no} cannot change: the line is associated with "
            f"sales order {link.sales.sales_order_no} line {link.sales.sales_order_line_no}",
            f"/{name}",
            {
                "sales_order_no": link.sales.sales_order_no,
                "sales_order_line_no": link.sales.sales_order_line_no,
                "line_no": line.line_no,
            },
            Reason.CONFLICT,
        )
        for name in guarded
        if name in given
    )
    if violations:
        raise Refusal(*violations)


def _must_keep_received(line: Line, given: dict[str, object]) -> None:
    """Nothing that was received may change its meaning or exceed what is ordered."""
    received = line.quantity_received
    quantity = given.get("quantity", line.quantity)
    if isinstance(quantity, Decimal) and quantity < received:
        raise conflict(
            "quantity-below-received",
            f"line {line.line_no}: {received} are received",
            pointer="/quantity",
            line_no=line.line_no,
            quantity_received=received,
        )
    if received and given.keys() & {"item_no", "unit_of_measure_code", "location_code"}:
        raise conflict("has-postings", f"line {line.line_no} has receipts", line_no=line.line_no)


def _repriced(order: Order, before: Line, after: Line, given: dict[str, object], known: Known) -> Line:
    """Another quantity, unit or item asks the vendor's terms again, unless a person had set the cost."""
    if not given.keys() & {"quantity", "unit_of_measure_code", "item_no"}:
        return after
    offered = terms(order, before, known)
    by_hand = (before.direct_unit_cost, before.line_discount_pct) != (
        offered.direct_unit_cost,
        offered.line_discount_pct,
    )
    if "direct_unit_cost" in given or (by_hand and "item_no" not in given):
        return after
    discount = after.line_discount_pct if "line_discount_pct" in given else None
    return priced(after, terms(order, after, known), None, discount)


def must_be_deletable(order: Order, line: Line) -> None:
    """Only what was not received goes (BC-SO-42, BC-DS-36)."""
    order.must_be_open()
    if line.qty_rcd_not_invoiced > 0:
        raise conflict(
            "received-not-invoiced",
            f"line {line.line_no}: {line.qty_rcd_not_invoiced} are received and not invoiced",
            line_no=line.line_no,
        )
    if line.quantity_received or line.quantity_invoiced:
        raise conflict("has-postings", f"line {line.line_no} was received and invoiced", line_no=line.line_no)
