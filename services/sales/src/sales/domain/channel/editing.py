"""An edit at the till: the sales order takes over what the till's order before and after it differ in (POS-63)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from msgspec.structs import asdict, replace

from contracts.channel import ChannelOrder
from contracts.refusals import Violations
from domainkit.changes import AddressChanges
from sales.domain.channel.orders import check_total, new_order_of_till
from sales.domain.orders.commands import HeaderChanges, LineChanges, NewSalesLine, NewSalesOrder, TillLine
from sales.domain.orders.context import OrderContext
from sales.domain.orders.deletion import delete_line
from sales.domain.orders.header_changes import change_header
from sales.domain.orders.header_rules import check_discount_fits
from sales.domain.orders.line_changes import change_line
from sales.domain.orders.line_maker import LineMaker
from sales.domain.orders.lines import Line
from sales.domain.orders.order import CLOSED, RELEASED, Order
from sales.domain.orders.releasing import release, reopen

_FIELDS: Final = (
    "item_no",
    "quantity",
    "unit_of_measure_code",
    "unit_price",
    "line_discount_amount",
    "tax_pct",
    "location_code",
    "purchasing_code",
)
_TERMS_OF_CHARGE: Final = ("charge_code", "unit_price", "tax_pct")


_NOTHING_LEFT: Final[Mapping[int, Collection[str]]] = {}


def edited(
    order: Order,
    before: ChannelOrder,
    till: ChannelOrder,
    context: OrderContext,
    *,
    left: Mapping[int, Collection[str]] = _NOTHING_LEFT,
) -> Order:
    """The order after the edit. What the back office changed besides stays.

    Ordinary lines are free to change; what is being bought for its customer is refused as in the back office.
    `left`: fields of lines, by line number, that stay as they are, because purchasing is asked for them.
    """
    was = new_order_of_till(before, order.customer_no, context.references)
    wanted = new_order_of_till(till, order.customer_no, context.references)
    if order.status == CLOSED and was == wanted:
        return order  # the till alone is concerned: it has another card for what is still to be paid (POS-72)
    matched = order.totals.total == before.totals.total
    after = _with_header(reopen(order), was, wanted, context)
    after = _with_lines(after, was, wanted, context, left)
    found = Violations()
    check_discount_fits(found, after)
    found.refuse_if_any()
    if order.status == RELEASED:
        after = release(after, context.references).order
    if matched and not left:
        check_total(till.totals.total, after.totals.total)
    return after


def _with_header(order: Order, was: NewSalesOrder, wanted: NewSalesOrder, context: OrderContext) -> Order:
    changes: dict[str, Any] = {}
    if wanted.requested_delivery_date != was.requested_delivery_date:
        changes["requested_delivery_date"] = wanted.requested_delivery_date
    if (wanted.ship_to_code, wanted.ship_to) != (was.ship_to_code, was.ship_to):
        changes["ship_to_code"] = wanted.ship_to_code or ""
        if wanted.ship_to is not None:
            changes["ship_to"] = AddressChanges(**asdict(wanted.ship_to))
    return change_header(order, HeaderChanges(**changes), context) if changes else order


def _with_lines(
    order: Order,
    was: NewSalesOrder,
    wanted: NewSalesOrder,
    context: OrderContext,
    left: Mapping[int, Collection[str]],
) -> Order:
    old, new = item_lines(was), item_lines(wanted)
    for line_no in old.keys() - new.keys() - left.keys():
        line = _line(order, line_no)
        order = delete_line(order, line, context) if line else order
    added = [line for line_no, line in new.items() if line_no not in old and not _is_there(order, line)]
    order, charges = _without_charges(order, was, wanted, {line.line_no for line in added}, context)
    for line_no in sorted(old.keys() & new.keys()):
        given = field_changes(old[line_no], new[line_no])
        given = {name: value for name, value in given.items() if name not in left.get(line_no, ())}
        order = _with_change(order, line_no, given, context)
    order = _with_new(order, added, context)
    return _with_new(order, charges, context)


def _is_there(order: Order, new: TillLine) -> bool:
    """Whether another edit has brought the line: two may come in one snapshot, and one that failed is tried later."""
    line = _line(order, new.line_no)
    return line is not None and line.type == "item" and line.item_no == new.item_no


def item_lines(new: NewSalesOrder) -> dict[int, TillLine]:
    """What the till sells, without its charges, by line number."""
    lines = (line for line in new.lines if isinstance(line, TillLine) and line.type == "item")
    return {line.line_no: line for line in lines}


def field_changes(was: TillLine, wanted: TillLine) -> dict[str, Any]:
    """The fields of a line that an edit at the till has changed."""
    given = {name: getattr(wanted, name) for name in _FIELDS if getattr(wanted, name) != getattr(was, name)}
    return {
        name: value for name, value in given.items() if value is not None or name == "line_discount_amount"
    }


def _charges(new: NewSalesOrder) -> list[TillLine]:
    return [line for line in new.lines if isinstance(line, TillLine) and line.type == "charge"]


def _line(order: Order, line_no: int) -> Line | None:
    return next((line for line in order.lines if line.line_no == line_no), None)


def _with_change(order: Order, line_no: int, given: dict[str, Any], context: OrderContext) -> Order:
    if not given:
        return order
    line = _line(order, line_no)
    if line is None:
        found = Violations()
        found.unknown("line", str(line_no), "/lines")
        found.refuse_if_any()
    return order if line is None else change_line(order, line, LineChanges(**given), context)


def _without_charges(
    order: Order, was: NewSalesOrder, wanted: NewSalesOrder, added: set[int], context: OrderContext
) -> tuple[Order, list[TillLine]]:
    """The order without charges that change or whose numbers new lines take, and the charges to add for them.

    The till numbers charges after its lines, so its new lines may have the numbers of charges in sales.
    """
    old, new = _charges(was), _charges(wanted)
    same = [_terms(each) for each in old] == [_terms(each) for each in new]
    known = _charge_lines(order, old)
    if same and not any(line.line_no in added for line in known):
        return order, []
    for line in known:
        order = delete_line(order, line, context)
    return order, new


def _charge_lines(order: Order, charges: Iterable[TillLine]) -> list[Line]:
    """The lines that the till's charges have become; one that the back office deleted or changed is left alone."""
    left = [line for line in order.lines if line.type == "charge"]
    found = []
    for charge in charges:
        line = next((each for each in left if _terms(each) == _terms(charge)), None)
        if line is not None:
            left.remove(line)
            found.append(line)
    return found


def _terms(charge: Line | NewSalesLine) -> tuple[Any, ...]:
    return tuple(getattr(charge, name) for name in _TERMS_OF_CHARGE)


def _with_new(order: Order, lines: Iterable[TillLine], context: OrderContext) -> Order:
    found = Violations()
    for index, line in enumerate(lines):
        taken = _line(order, line.line_no) is not None
        line_no = order.next_line_no() if taken else line.line_no
        maker = LineMaker(found, order, context.references)
        made = maker.make(replace(line, line_no=line_no), context.new_id(), line_no, f"/lines/{index}")
        found.refuse_if_any()
        order = order.with_line(made)
    return order
