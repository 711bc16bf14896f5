"""*Get Sales Order*: flagged lines of a sales order onto a purchase order (BC-SO-26..28, BC-DS-06..13)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from contracts.planning.masters import Item, Location
from contracts.purchasing.fields import DROP_SHIPMENT
from contracts.purchasing.masters import Vendor
from contracts.purchasing.orders import PurchaseLink
from contracts.refusals import Refusal, Violations, conflict
from contracts.sales.masters import Customer
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import Address, SalesLineRef
from domainkit.decisions import DecisionContext
from domainkit.money import ONE, ZERO
from domainkit.parties import BUYING_FOR, check_customer, check_item, check_vendor
from domainkit.rates import RATE_MISSING, missing_rate
from domainkit.references import ReferenceData, ReferenceQuery
from purchasing.domain.catalogue import expected_receipt_date, need_terms
from purchasing.domain.links import ASSOCIATED, LinkState, next_generation
from purchasing.domain.locations import receiving_address
from purchasing.domain.orders.commands import SalesOrderToGet
from purchasing.domain.orders.line_prices import priced, terms
from purchasing.domain.orders.order import LINE_NO_STEP, Line, Order

Links = Mapping[UUID, LinkState]
"""What is known of the links of sales lines, by sales line; lines never linked are absent."""

_ENDED: Final = frozenset({"cancelled", "cancelling", "closed"})
_POINTER: Final = "/sales_order_no"


class GettingContext(DecisionContext, frozen=True, kw_only=True):
    """What getting a sales order is decided by."""

    sales_order: SalesOrder
    links: Links


def need_for_sales_order(query: ReferenceQuery, order: Order, sales_order: SalesOrder) -> None:
    """Ask for what the lines of the sales order would refer to on the purchase order."""
    query.need(Customer, order.sell_to_customer_no)
    query.need_rates(order.currency_code, order.order_date)
    query.need(Location, sales_order.location_code, *(line.location_code for line in sales_order.lines))
    need_terms(query, order.vendor_no, *(line.item_no for line in sales_order.lines))


def with_sales_order(order: Order, wanted: SalesOrderToGet, context: GettingContext) -> Order:
    """The purchase order with a linked line per sales line that can be bought."""
    sales_order = context.sales_order
    order.must_be_open()
    _check_customer(order, sales_order)
    _check_blocked(order, context.references)
    lines = retrievable(sales_order, wanted.kind, context.links)
    if not lines:
        raise _nothing_to_retrieve(wanted, context)
    after = _addressed(order, wanted.kind, lines, context)
    _check_items(lines, context.references)
    first_no = after.next_line_no
    return after.with_more_lines(
        _line(after, line, first_no + i * LINE_NO_STEP, wanted.kind, context) for i, line in enumerate(lines)
    )


def outstanding(line: SalesLine) -> Decimal:
    """What of a sales line neither has left nor is here for it."""
    supplied = line.demand.supplied if line.demand is not None else ZERO
    return line.quantity - max(line.quantity_shipped, supplied)


def retrievable(sales_order: SalesOrder, kind: str, links: Links) -> list[SalesLine]:
    """The lines that *get sales order* would take: flagged, outstanding, not linked (BC-SO-28, BC-DS-10)."""
    return [line for line in _flagged(sales_order, kind) if not _active_order_no(line, links)]


def _flagged(sales_order: SalesOrder, kind: str) -> list[SalesLine]:
    if sales_order.deleted or sales_order.status in _ENDED:
        return []
    changing = _changing(sales_order)
    return [
        line
        for line in sales_order.lines
        if line.type == "item"
        and line.id not in changing
        and (line.drop_shipment if kind == DROP_SHIPMENT else line.special_order)
        and outstanding(line) > 0
        and (line.demand is None or line.demand.quantity > 0)
    ]


def _changing(sales_order: SalesOrder) -> set[UUID]:
    """Lines of which a change is under way: what they are bought by is not known before its end (G5)."""
    return {asked.sales_line_id for change in sales_order.requested_changes for asked in change.lines}


def _active_order_no(line: SalesLine, links: Links) -> str:
    state = links.get(line.id)
    return state.active_order_no if state is not None else ""


def _nothing_to_retrieve(wanted: SalesOrderToGet, context: GettingContext) -> Refusal:
    sales_order = context.sales_order
    kind = wanted.kind.replace("_", "-")
    found = Violations()
    found.conflict(
        "no-sales-lines-to-retrieve",
        f"there are no {kind} lines to retrieve from sales order {sales_order.no}",
        _POINTER,
    )
    for line in _flagged(sales_order, wanted.kind):
        note_associated(found, line, sales_order, context.links[line.id])
    for line in sales_order.lines:
        if line.id in _changing(sales_order):
            detail = f"a change of sales order {sales_order.no} line {line.line_no} is under way"
            found.conflict("change-pending", detail, _POINTER, line_no=line.line_no)
    found.may_change_with("sales-order", sales_order.no)
    refusal = found.refusal()
    assert refusal is not None  # noqa: S101 - it has at least the first reason
    return refusal


def note_associated(found: Violations, line: SalesLine, sales_order: SalesOrder, state: LinkState) -> None:
    """Why a line is not taken: another purchase order has it."""
    found.conflict(
        ASSOCIATED,
        f"{line.item_no} on sales order {sales_order.no} line {line.line_no} is already associated with "
        f"purchase order {state.active_order_no}",
        _POINTER,
        line_no=line.line_no,
        purchase_order_no=state.active_order_no,
    )


def _check_customer(order: Order, sales_order: SalesOrder) -> None:
    """BC-DS-06, BC-SO-26: the purchase order names the customer whose orders can be fetched."""
    if order.sell_to_customer_no == sales_order.customer_no:
        return
    detail = (
        f"sales order {sales_order.no} is of customer {sales_order.customer_no}, the purchase order is for "
        f"{order.sell_to_customer_no}"
        if order.sell_to_customer_no
        else "Sell-to Customer No. must have a value on the purchase order"
    )
    raise conflict("customer-mismatch", detail, pointer=_POINTER, customer_no=sales_order.customer_no)


def _check_blocked(order: Order, references: ReferenceData) -> None:
    found = Violations()
    check_vendor(found, order.vendor_no, references.find(Vendor, order.vendor_no))
    check_customer(found, references.find(Customer, order.sell_to_customer_no), BUYING_FOR)
    found.refuse_if_any()


def _addressed(order: Order, kind: str, lines: list[SalesLine], context: GettingContext) -> Order:
    """The order with the address that these lines need; another one on existing lines is refused."""
    sales_order = context.sales_order
    drop = kind == DROP_SHIPMENT
    if (drop or order.ship_to_code) and order.ship_to_code != sales_order.ship_to_code:
        raise conflict(
            "ship-to-mismatch",
            f"ship-to code {order.ship_to_code or '(blank)'} is not that of sales order {sales_order.no}, "
            f"{sales_order.ship_to_code or '(blank)'}",
            pointer=_POINTER,
            field="ship_to_code",
        )
    location_code = sales_order.location_code or (lines[0].location_code if not drop else "")
    ship_to = sales_order.ship_to if drop else receiving_address(context.references, location_code)
    if order.live_lines:
        _check_same_address(order.ship_to, ship_to, sales_order)
        return order
    return order.replaced(
        ship_to=ship_to,
        location_code=location_code or order.location_code,
        your_reference=order.your_reference or sales_order.your_reference,
        external_reference=order.external_reference or sales_order.external_reference,
    )


def _check_same_address(present: Address, needed: Address, sales_order: SalesOrder) -> None:
    """BC-SO-27, BC-DS-09: one order has one address; every field that differs is named."""
    found = Violations()
    for field in Address.__struct_fields__:
        here, there = getattr(present, field), getattr(needed, field)
        if here != there:
            detail = f"ship_to.{field} must be the same as on sales order {sales_order.no}: {there!r}, not {here!r}"
            found.conflict("ship-to-mismatch", detail, _POINTER, field=field)
    found.refuse_if_any()


def _check_items(lines: list[SalesLine], references: ReferenceData) -> None:
    """Items that may be bought, in units that mean what they meant when they were sold (BC-SO-28)."""
    found = Violations()
    for line in lines:
        item = references.find(Item, line.item_no)
        check_item(found, item, pointer="")
        if item is not None and _qty_per_unit_now(item, line) != line.qty_per_unit_of_measure:
            unit = f"{line.unit_of_measure_code} of item {line.item_no}"
            detail = f"the quantity per {unit} has changed since line {line.line_no} was sold"
            found.conflict("unit-mismatch", detail, _POINTER, line_no=line.line_no)
    found.refuse_if_any()


def _qty_per_unit_now(item: Item, line: SalesLine) -> Decimal:
    """What the item says of the line's unit; a unit that it does not list any more stays as it was sold."""
    units = {unit.code: unit.qty_per for unit in item.units_of_measure} | {item.base_unit_of_measure: ONE}
    return units.get(line.unit_of_measure_code, line.qty_per_unit_of_measure)


def _line(order: Order, sold: SalesLine, line_no: int, kind: str, context: GettingContext) -> Line:
    """BC-DS-11: the sales line's outstanding quantity, unit and location, at the vendor's terms."""
    references = context.references
    vendor = references.all_of(Vendor)[order.vendor_no]
    line = Line(
        id=context.new_id(),
        line_no=line_no,
        item_no=sold.item_no,
        description=sold.description,
        quantity=outstanding(sold),
        unit_of_measure_code=sold.unit_of_measure_code,
        qty_per_unit_of_measure=sold.qty_per_unit_of_measure,
        location_code=sold.location_code,
        expected_receipt_date=sold.shipment_date
        or expected_receipt_date(references, order.order_date, vendor, sold.item_no),
        requested_receipt_date=sold.planned_delivery_date if kind == DROP_SHIPMENT else sold.shipment_date,
        purchasing_code=sold.purchasing_code,
        nonstock=sold.nonstock,
        link=_link(sold, kind, context),
    )
    offer = terms(order, line, references)
    if offer.direct_unit_cost is None:
        detail = missing_rate(order.currency_code, references, order.order_date)
        raise conflict(RATE_MISSING, detail, pointer=_POINTER, line_no=sold.line_no)
    return priced(line, offer)


def _link(sold: SalesLine, kind: str, context: GettingContext) -> PurchaseLink:
    sales_order = context.sales_order
    ref = SalesLineRef(
        sales_order_no=sales_order.no,
        sales_order_line_no=sold.line_no,
        sales_line_id=sold.id,
        generation=next_generation(sold, context.links.get(sold.id)),
        customer_no=sales_order.customer_no,
    )
    return PurchaseLink(link_id=context.new_id(), kind=kind, sales=ref)
