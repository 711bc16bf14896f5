"""Releasing an order starts the procurement of its flagged lines; reopening lets people edit, and withdraws nothing."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from contracts.refusals import Violations, conflict
from sales.domain.headers import customer_of
from sales.domain.lines import Line, released
from sales.domain.orders import CLOSED, OPEN, RELEASED, Order
from sales.domain.references import References


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """What releasing would buy for one line."""

    line_no: int
    item_no: str
    quantity: Decimal
    unit_of_measure_code: str
    vendor_no: str
    procurement_method: str
    purchasing_code: str


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not stop the release but should be known (`vendor-required`)."""

    code: str
    detail: str
    line_no: int


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """The released order, what its lines make planning buy, and what people should know."""

    order: Order
    purchases: tuple[Purchase, ...] = ()
    remarks: tuple[Remark, ...] = ()


def release(order: Order, refs: References) -> Release:
    """Release an order (BC-SD-02); all lines without a vendor are told at once (G20).

    A missing vendor refuses only where the order buys automatically; else it is a remark.
    """
    if order.status == RELEASED:
        return Release(order=order)
    if order.status != OPEN:
        raise conflict("order-not-open", f"sales order {order.no} is {order.status}")
    faults = Violations()
    customer_of(order.customer_no, refs, faults)
    if not any(line.counts and line.quantity > 0 for line in order.lines):
        faults.conflict("nothing-to-release", f"sales order {order.no} has no line with a quantity", "/lines")
    _refuse_blocked_items(order, refs, faults)
    purchases = tuple(_purchase(line, refs) for line in order.lines if _to_buy(line))
    remarks = tuple(_no_vendor(purchase) for purchase in purchases if not purchase.vendor_no)
    if refs.automation(order.procurement_automation) == "purchase_order":
        for remark, at in zip(remarks, (p for p in purchases if not p.vendor_no), strict=True):
            faults.conflict(
                remark.code, remark.detail, _pointer(order, remark.line_no), line_no=remark.line_no
            )
            faults.may_change_with("item", at.item_no)
    faults.refuse_if_any()
    done = replace(order.map_lines(released), status=RELEASED)
    return Release(order=done, purchases=purchases, remarks=remarks)


def _to_buy(line: Line) -> bool:
    """A flagged line whose demand starts with this release."""
    return line.flagged and not line.released_once


def _purchase(line: Line, refs: References) -> Purchase:
    return Purchase(
        line_no=line.line_no,
        item_no=line.item_no,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        vendor_no=refs.vendor_of(line.item_no, line.location_code),
        procurement_method=line.procurement_method,
        purchasing_code=line.purchasing_code,
    )


def _no_vendor(purchase: Purchase) -> Remark:
    detail = f"line {purchase.line_no}: item {purchase.item_no} has no vendor"
    return Remark(code="vendor-required", detail=detail, line_no=purchase.line_no)


def _pointer(order: Order, line_no: int) -> str:
    index = next(i for i, line in enumerate(order.lines) if line.line_no == line_no)
    return f"/lines/{index}"


def _refuse_blocked_items(order: Order, refs: References, faults: Violations) -> None:
    """An item may have been blocked since the line was made (BC-MD-11)."""
    for line in order.lines:
        item = refs.items.get(line.item_no) if line.type == "item" else None
        if item and _to_buy(line) and (item.blocked or item.purchasing_blocked):
            detail = f"item {item.no} cannot be bought: it is blocked"
            faults.conflict("item-blocked", detail, _pointer(order, line.line_no), line_no=line.line_no)


def reopen(order: Order) -> Order:
    """Open the order for edits again; its demand stands (architecture: change after release)."""
    if order.status == CLOSED:
        raise conflict("order-closed", f"sales order {order.no} is closed")
    if order.pending_posts:
        raise conflict("posting-under-way", f"a posting of sales order {order.no} is under way")
    return replace(order, status=OPEN)
