"""*Get Sales Order*: flagged lines of a sales order onto a purchase order (BC-SO-26..28, BC-DS-06..13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from contracts.purchasing import PurchaseLink
from contracts.refusals import Reason, Refusal, Violation, conflict
from contracts.sales import SalesLine, SalesOrder
from contracts.values import Address, Model, SalesLineRef
from purchasing.domain.known import Known, customer_violations, item_violations, refuse_if, vendor_violations
from purchasing.domain.links import ASSOCIATED, LinkState, next_generation
from purchasing.domain.order_lines import priced, terms
from purchasing.domain.orders import DROP_SHIPMENT, LINE_NO_STEP, Line, Order

NewId = Callable[[], UUID]
Links = Mapping[UUID, LinkState]

_ENDED = frozenset({"cancelled", "cancelling", "closed"})
_ONE = Decimal(1)


class GetSalesOrder(Model, frozen=True, kw_only=True):
    """The wish: lines of this kind (`drop_shipment`, `special_order`) of a sales order onto an order."""

    no: str
    kind: str
    sales_order_no: str


def with_sales_order(
    order: Order, wish: GetSalesOrder, sales_order: SalesOrder, links: Links, known: Known, new_id: NewId
) -> Order:
    """The purchase order with a linked line per sales line that can be bought."""
    order.must_be_open()
    _must_be_of_customer(order, sales_order)
    _must_not_be_blocked(order, known)
    lines = retrievable(sales_order, wish.kind, links)
    if not lines:
        raise _nothing_to_retrieve(wish, sales_order, links)
    after = _addressed(order, wish, sales_order, lines, known)
    _must_fit_items(lines, known)
    first_no = after.next_line_no
    context = _Context(wish.kind, sales_order, links, known)
    return after.with_more_lines(
        _line(after, line, first_no + i * LINE_NO_STEP, context, new_id) for i, line in enumerate(lines)
    )


def outstanding(line: SalesLine) -> Decimal:
    """What of a sales line is still to ship."""
    return line.quantity - line.quantity_shipped


def retrievable(sales_order: SalesOrder, kind: str, links: Links) -> list[SalesLine]:
    """The lines that *get sales order* would take: flagged, outstanding, not linked (BC-SO-28, BC-DS-10)."""
    return [line for line in _flagged(sales_order, kind) if not _active_order_no(line, links)]


def _flagged(sales_order: SalesOrder, kind: str) -> list[SalesLine]:
    if sales_order.deleted or sales_order.status in _ENDED:
        return []
    return [
        line
        for line in sales_order.lines
        if line.type == "item"
        and (line.drop_shipment if kind == DROP_SHIPMENT else line.special_order)
        and outstanding(line) > 0
        and (line.demand is None or line.demand.quantity > 0)
    ]


def _active_order_no(line: SalesLine, links: Links) -> str:
    state = links.get(line.id)
    return state.active_order_no if state is not None else ""


def _nothing_to_retrieve(wish: GetSalesOrder, sales_order: SalesOrder, links: Links) -> Refusal:
    detail = f"there are no {wish.kind.replace('_', '-')} lines to retrieve from sales order {sales_order.no}"
    linked = tuple(associated(line, sales_order, links[line.id]) for line in _flagged(sales_order, wish.kind))
    return Refusal(
        Violation("no-sales-lines-to-retrieve", detail, "/sales_order_no", reason=Reason.CONFLICT),
        *linked,
        waits_for=(("sales-order", sales_order.no),),
    )


def associated(line: SalesLine, sales_order: SalesOrder, state: LinkState) -> Violation:
    """Why a line is not taken: another purchase order has it."""
    return Violation(
        ASSOCIATED,
        f"{line.item_no} on sales order {sales_order.no} line {line.line_no} is already associated with "
        f"purchase order {state.active_order_no}",
        "/sales_order_no",
        {"line_no": line.line_no, "purchase_order_no": state.active_order_no},
        Reason.CONFLICT,
    )


def _must_be_of_customer(order: Order, sales_order: SalesOrder) -> None:
    """BC-DS-06, BC-SO-26: the purchase order names the customer whose orders can be fetched."""
    if order.sell_to_customer_no == sales_order.customer_no:
        return
    detail = (
        f"sales order {sales_order.no} is of customer {sales_order.customer_no}, the purchase order is for "
        f"{order.sell_to_customer_no}"
        if order.sell_to_customer_no
        else "Sell-to Customer No. must have a value on the purchase order"
    )
    raise conflict(
        "customer-mismatch", detail, pointer="/sales_order_no", customer_no=sales_order.customer_no
    )


def _must_not_be_blocked(order: Order, known: Known) -> None:
    customer_no = order.sell_to_customer_no
    refuse_if(
        (
            *vendor_violations(order.vendor_no, known.vendors.get(order.vendor_no)),
            *customer_violations(customer_no, known.customers.get(customer_no), shipping=False),
        )
    )


def _addressed(
    order: Order, wish: GetSalesOrder, sales_order: SalesOrder, lines: list[SalesLine], known: Known
) -> Order:
    """The order with the address that these lines need; another one on existing lines is refused."""
    drop = wish.kind == DROP_SHIPMENT
    if (drop or order.ship_to_code) and order.ship_to_code != sales_order.ship_to_code:
        raise conflict(
            "ship-to-mismatch",
            f"ship-to code {order.ship_to_code or '(blank)'} is not that of sales order {sales_order.no}, "
            f"{sales_order.ship_to_code or '(blank)'}",
            pointer="/sales_order_no",
            field="ship_to_code",
        )
    location_code = sales_order.location_code or (lines[0].location_code if not drop else "")
    ship_to = sales_order.ship_to if drop else known.receiving_address(location_code)
    if order.live_lines:
        _must_equal(order.ship_to, ship_to, sales_order)
        return order
    return order.replaced(
        ship_to=ship_to,
        location_code=location_code or order.location_code,
        your_reference=order.your_reference or sales_order.your_reference,
    )


def _must_equal(present: Address, needed: Address, sales_order: SalesOrder) -> None:
    """BC-SO-27, BC-DS-09: one order has one address; every field that differs is named."""
    violations = tuple(
        Violation(
            "ship-to-mismatch",
            f"ship_to.{field} must be the same as on sales order {sales_order.no}: "
            f"{getattr(needed, field)!r}, not {getattr(present, field)!r}",
            "/sales_order_no",
            {"field": field},
            Reason.CONFLICT,
        )
        for field in Address.__struct_fields__
        if getattr(present, field) != getattr(needed, field)
    )
    if violations:
        raise Refusal(*violations)


def _must_fit_items(lines: list[SalesLine], known: Known) -> None:
    """Items that may be bought, in units that mean what they meant when they were sold (BC-SO-28)."""
    violations: list[Violation] = []
    for line in lines:
        item = known.items.get(line.item_no)
        violations += item_violations(item)
        if item is None:
            continue
        units = {u.code: u.qty_per for u in item.units_of_measure} | {item.base_unit_of_measure: _ONE}
        if units.get(line.unit_of_measure_code, line.qty_per_unit_of_measure) != line.qty_per_unit_of_measure:
            unit = f"{line.unit_of_measure_code} of item {line.item_no}"
            detail = f"the quantity per {unit} has changed since line {line.line_no} was sold"
            violations.append(
                Violation(
                    "unit-mismatch", detail, "/sales_order_no", {"line_no": line.line_no}, Reason.CONFLICT
                )
            )
    if violations:
        raise Refusal(*violations)


class _Context(NamedTuple):
    kind: str
    sales_order: SalesOrder
    links: Links
    known: Known


def _line(order: Order, sold: SalesLine, line_no: int, context: _Context, new_id: NewId) -> Line:
    """BC-DS-11: the sales line's outstanding quantity, unit and location, at the vendor's terms."""
    kind, sales_order, links, known = context
    vendor = known.vendors[order.vendor_no]
    ref = SalesLineRef(
        sales_order_no=sales_order.no,
        sales_order_line_no=sold.line_no,
        sales_line_id=sold.id,
        generation=next_generation(sold, links.get(sold.id)),
        customer_no=sales_order.customer_no,
    )
    line = Line(
        id=new_id(),
        line_no=line_no,
        item_no=sold.item_no,
        description=sold.description,
        quantity=outstanding(sold),
        unit_of_measure_code=sold.unit_of_measure_code,
        qty_per_unit_of_measure=sold.qty_per_unit_of_measure,
        location_code=sold.location_code,
        expected_receipt_date=sold.shipment_date
        or known.expected_date(order.order_date, vendor, sold.item_no),
        requested_receipt_date=sold.planned_delivery_date if kind == DROP_SHIPMENT else sold.shipment_date,
        purchasing_code=sold.purchasing_code,
        link=PurchaseLink(link_id=new_id(), kind=kind, sales=ref),
    )
    return priced(line, terms(order, line, known))
