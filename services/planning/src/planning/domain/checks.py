"""What must be right before a requisition line becomes a purchase (BC-SO-13, 15, 23; BC-DS-15; BC-MD-05, 11, 21)."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Final
from uuid import UUID

from contracts.refusals import Violation
from contracts.sales import SalesLine, SalesOrder
from planning.domain.references import References
from planning.domain.requisition import RequisitionLine, outstanding

_IDENTITY: Final = {
    "item_no": "item-mismatch",
    "location_code": "location-mismatch",
    "unit_of_measure_code": "unit-mismatch",
    "purchasing_code": "purchasing-code-mismatch",
    "drop_shipment": "purchasing-code-mismatch",
    "special_order": "purchasing-code-mismatch",
}
"""What a requisition line shares with its sales line, and the code of a difference."""
_identity: Final = attrgetter(*_IDENTITY)


def violations(line: RequisitionLine, order: SalesOrder | None, refs: References) -> list[Violation]:
    """Everything that keeps the line from being carried out; `order` is the newest copy of its sales order."""
    found = [*_line_faults(line, refs), *_vendor_faults(line, refs)]
    if line.sales_line_id is not None:
        found += _sales_faults(line, order, refs)
    return found


def find_line(order: SalesOrder | None, sales_line_id: UUID | None) -> SalesLine | None:
    """The sales line with this id, if the order still has it."""
    if order is None or order.deleted:
        return None
    return next((candidate for candidate in order.lines if candidate.id == sales_line_id), None)


def _fault(line: RequisitionLine, code: str, detail: str, pointer: str) -> Violation:
    where = (
        f"sales order {line.sales_order_no} line {line.sales_order_line_no}: " if line.sales_order_no else ""
    )
    return Violation(code, where + detail, pointer, {"line_no": line.sales_order_line_no})


def _line_faults(line: RequisitionLine, refs: References) -> Iterator[Violation]:
    if not line.wants_purchase:
        yield _fault(
            line,
            "action-message-not-supported",
            f"{line.action_message} of purchase order {line.purchase_order_no} line {line.purchase_order_line_no} "
            "is done by a person in that purchase order",
            "/action_message",
        )
    item = refs.items.get(line.item_no)
    if item is None:
        yield _fault(line, "unknown-item", f"item {line.item_no} does not exist", "/item_no")
    elif item.blocked or item.purchasing_blocked:
        yield _fault(line, "item-blocked", f"item {line.item_no} is blocked for purchasing", "/item_no")
    if line.quantity <= 0:
        yield _fault(line, "quantity-required", f"item {line.item_no}: quantity must be above 0", "/quantity")
    if refs.setup.location_mandatory and not line.location_code:
        yield _fault(line, "location-required", f"item {line.item_no} has no location", "/location_code")


def _vendor_faults(line: RequisitionLine, refs: References) -> Iterator[Violation]:
    if not line.vendor_no:
        yield _fault(line, "vendor-required", f"item {line.item_no} has no vendor", "/vendor_no")
        return
    vendor = refs.vendors.get(line.vendor_no)
    if vendor is None:
        yield _fault(line, "unknown-vendor", f"vendor {line.vendor_no} does not exist", "/vendor_no")
    elif vendor.blocked == "all" or vendor.privacy_blocked:
        yield _fault(line, "vendor-blocked", f"vendor {line.vendor_no} is blocked", "/vendor_no")


def _sales_faults(line: RequisitionLine, order: SalesOrder | None, refs: References) -> Iterator[Violation]:
    sales = find_line(order, line.sales_line_id)
    if order is None or sales is None or sales.demand is None:
        yield _fault(line, "unknown-sales-line", "the line is not procured any more", "/sales_order_line_no")
        return
    if outstanding(sales) <= 0:
        yield _fault(line, "line-completely-shipped", "nothing is outstanding", "/sales_order_line_no")
    yield from _identity_faults(line, sales)
    yield from _code_faults(line, sales, refs)
    if line.drop_shipment:
        yield from _drop_shipment_faults(line, order, sales)


def _identity_faults(line: RequisitionLine, sales: SalesLine) -> Iterator[Violation]:
    if _identity(line) == _identity(sales):
        return
    for name, code in _IDENTITY.items():
        ours, theirs = getattr(line, name), getattr(sales, name)
        if ours != theirs:
            yield _fault(line, code, f"{name} is {ours!r} here and {theirs!r} there", f"/{name}")


def _code_faults(line: RequisitionLine, sales: SalesLine, refs: References) -> Iterator[Violation]:
    """The code's flags may have changed since the line was marked (BC-MD-05)."""
    if not sales.purchasing_code:
        return
    code = refs.purchasing_codes.get(sales.purchasing_code)
    if code is None:
        yield _fault(
            line,
            "unknown-purchasing-code",
            f"purchasing code {sales.purchasing_code} does not exist",
            "/purchasing_code",
        )
    elif (code.drop_shipment, code.special_order) != (sales.drop_shipment, sales.special_order):
        yield _fault(
            line,
            "purchasing-code-mismatch",
            f"purchasing code {code.code} means something else than when the line was marked",
            "/purchasing_code",
        )


def _drop_shipment_faults(line: RequisitionLine, order: SalesOrder, sales: SalesLine) -> Iterator[Violation]:
    """No over- or under-buying of what goes straight to the customer, and to the same place (BC-DS-15)."""
    if line.quantity != outstanding(sales):
        yield _fault(
            line,
            "quantity-mismatch",
            f"{line.quantity} here, {outstanding(sales)} outstanding there",
            "/quantity",
        )
    if line.ship_to_code != order.ship_to_code:
        yield _fault(
            line,
            "ship-to-mismatch",
            f"ship-to {line.ship_to_code!r} here, {order.ship_to_code!r} there",
            "/ship_to_code",
        )
    if line.sell_to_customer_no != order.customer_no:
        yield _fault(
            line,
            "customer-mismatch",
            f"customer {line.sell_to_customer_no} here, {order.customer_no} there",
            "/sell_to_customer_no",
        )
