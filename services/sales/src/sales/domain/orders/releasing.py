"""Releasing an order starts the procurement of its flagged lines; reopening lets people edit, and withdraws nothing."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from contracts.planning.masters import Item
from contracts.refusals import Violations, conflict
from domainkit.money import ZERO
from domainkit.parties import may_not_be_bought
from domainkit.procurement import buys_by_itself
from domainkit.references import ReferenceData
from sales.domain.orders.header_rules import check_discount_fits, customer_of
from sales.domain.orders.lines import Line, released
from sales.domain.orders.order import CLOSED, OPEN, RELEASED, Order, refuse_when_ended, refuse_while_posting
from sales.domain.references import vendor_of_line


class PlannedPurchase(msgspec.Struct, frozen=True, kw_only=True):
    """What a release makes planning buy for one line."""

    line_no: int
    item_no: str
    quantity: Decimal
    """In the line's unit."""
    unit_of_measure_code: str
    vendor_no: str
    procurement_method: str
    """One of `special_order`, `drop_shipment` and `stock`."""
    purchasing_code: str


class Release(msgspec.Struct, frozen=True):
    """The released order, and what its lines make planning buy."""

    order: Order
    purchases: tuple[PlannedPurchase, ...] = ()

    @property
    def without_vendor(self) -> tuple[PlannedPurchase, ...]:
        """What cannot be bought before a vendor is known."""
        return tuple(purchase for purchase in self.purchases if not purchase.vendor_no)


def release(order: Order, references: ReferenceData) -> Release:
    """Release an order (BC-SD-02); one that is released already stays as it is.

    Lines without a vendor refuse it, all at once, where the order buys automatically (G20); else they are named.
    """
    if order.status == RELEASED:
        return Release(order)
    if order.status != OPEN:
        raise conflict("order-not-open", f"sales order {order.no} is {order.status}")
    found = Violations()
    customer_of(found, type(order), order.customer_no, references)
    if not any(line.has_quantity and line.quantity > 0 for line in order.lines):
        found.conflict("nothing-to-release", f"sales order {order.no} has no line with a quantity", "/lines")
    check_discount_fits(found, order)
    _check_items(found, order, references)
    purchases = tuple(_purchase(line, references) for line in order.lines if _is_to_buy(line))
    decided = Release(as_released(order), purchases)
    if buys_by_itself(references, order.procurement_automation):
        _check_vendors(found, order, decided)
    found.refuse_if_any()
    return decided


def as_released(order: Order) -> Order:
    """An open order released without asking whether it may be: a vendor's delivery is a fact (BC-DS-22)."""
    if order.status != OPEN:
        return order
    return replace(order.map_lines(released), status=RELEASED, hold_code="")


def _is_to_buy(line: Line) -> bool:
    """A flagged line whose demand starts with this release."""
    return line.flagged and not line.released_once and _to_buy(line) > 0


def _to_buy(line: Line) -> Decimal:
    """What the line sells, less what other lines gave to it before its release (E5)."""
    return line.quantity - (line.demand.supplied if line.demand is not None else ZERO)


def _purchase(line: Line, references: ReferenceData) -> PlannedPurchase:
    return PlannedPurchase(
        line_no=line.line_no,
        item_no=line.item_no,
        quantity=_to_buy(line),
        unit_of_measure_code=line.unit_of_measure_code,
        vendor_no=vendor_of_line(references, line),
        procurement_method=line.procurement_method,
        purchasing_code=line.purchasing_code,
    )


def vendor_required(purchase: PlannedPurchase) -> str:
    """Why a line cannot be bought automatically, for people."""
    return f"line {purchase.line_no}: item {purchase.item_no} has no vendor"


def _check_vendors(found: Violations, order: Order, decided: Release) -> None:
    for purchase in decided.without_vendor:
        line_no = purchase.line_no
        found.conflict(
            "vendor-required", vendor_required(purchase), _pointer(order, line_no), line_no=line_no
        )
        found.may_change_with("item", purchase.item_no)


def _check_items(found: Violations, order: Order, references: ReferenceData) -> None:
    """An item may have been blocked since the line was made (BC-MD-11)."""
    for line in order.lines:
        item = references.find(Item, line.item_no) if line.type == "item" else None
        if item and _is_to_buy(line) and may_not_be_bought(item):
            detail = f"item {item.no} cannot be bought: it is blocked"
            found.conflict("item-blocked", detail, _pointer(order, line.line_no), line_no=line.line_no)


def _pointer(order: Order, line_no: int) -> str:
    index = next(i for i, line in enumerate(order.lines) if line.line_no == line_no)
    return f"/lines/{index}"


def reopen(order: Order) -> Order:
    """Open the order for edits again; the demand of its lines stands."""
    refuse_when_ended(order)
    if order.status == CLOSED:
        raise conflict("order-closed", f"sales order {order.no} is closed")
    refuse_while_posting(order)
    return replace(order, status=OPEN)
