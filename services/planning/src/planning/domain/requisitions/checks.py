"""What must be right before a requisition line becomes a purchase (BC-SO-13, 15, 23; BC-DS-15; BC-MD-05, 11, 21)."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

from contracts.purchasing.masters import Vendor
from contracts.refusals import Reason, Refusal, Violation, Violations
from contracts.sales.masters import PurchasingCode
from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.parties import may_not_be_bought, may_not_be_bought_from
from domainkit.references import CopyMissing, ReferenceData
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import setup_of
from planning.domain.requisitions.lines import RESCHEDULE, RequisitionLine
from planning.domain.requisitions.sales_lines import find_line, outstanding

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


def obstacles(
    line: RequisitionLine, order: SalesOrder | None, references: ReferenceData, *, by_person: bool = True
) -> Refusal | None:
    """What planning itself holds against carrying the line out; `order` is the newest copy of its sales order.

    A person waits for the end of a change that is under way. Automation need not: whichever of its request and the
    change comes to purchasing first, the line is bought as it is after the change (G5), and nothing would go on later.
    Whether the vendor may be bought from is for purchasing to decide: see `foreseen_refusal`.
    """
    if line.action_message == RESCHEDULE or (not line.wants_purchase and line.sales_line_id is None):
        return None  # purchasing decides on its own line alone
    found = _Obstacles(line)
    _check_line(found, line, references)
    if line.sales_line_id is not None and line.is_bound:
        _check_sales_line(found, line, order, references)
        if by_person and order is not None:
            _check_change(found, line, order)
    return found.violations.refusal()


def foreseen_refusal(line: RequisitionLine, references: ReferenceData) -> Refusal | None:
    """What purchasing would refuse about the line's vendor (BC-MD-18), judged by the copy of it.

    Automation looks at it first, so that the sales line says so at once. A carry-out does not: there the refusal of one
    vendor's order must leave the orders of the others alone (BC-SO-16).
    """
    found = _Obstacles(line)
    vendor = references.find(Vendor, line.vendor_no)
    if vendor is None:
        found.add("unknown-vendor", f"vendor {line.vendor_no} does not exist", "/vendor_no")
    elif may_not_be_bought_from(vendor):
        found.add("vendor-blocked", f"vendor {line.vendor_no} is blocked", "/vendor_no")
    return found.violations.refusal()


def require_copies(line: RequisitionLine, references: ReferenceData) -> None:
    """Wait for the line's vendor and purchasing code: records name them, so their copies are on the way at worst."""
    vendor, code = line.vendor_no, line.purchasing_code
    if vendor and not references.has_come(Vendor, vendor):
        raise CopyMissing("vendor", vendor)
    if code and not references.has_come(PurchasingCode, code):
        raise CopyMissing("purchasing-code", code)


class _Obstacles:
    """Collects what is wrong with one line; each detail names the sales line, since a run reports many lines."""

    def __init__(self, line: RequisitionLine) -> None:
        self.violations = Violations()
        self._line_no = line.sales_order_line_no
        self._where = (
            f"sales order {line.sales_order_no} line {self._line_no}: " if line.sales_order_no else ""
        )

    def add(self, code: str, detail: str, pointer: str) -> None:
        """All of them are the state of things: the request only says that the line shall be carried out."""
        members: dict[str, Any] = {"line_no": self._line_no}
        self.violations.add(Violation(code, self._where + detail, pointer, members, Reason.CONFLICT))


def _check_line(found: _Obstacles, line: RequisitionLine, references: ReferenceData) -> None:
    if not line.wants_purchase:
        found.add(
            "action-message-not-supported",
            f"{line.action_message} of purchase order {line.purchase_order_no} line {line.purchase_order_line_no} "
            "of a sale is done by a person in that purchase order",
            "/action_message",
        )
    item = references.find(ItemCard, line.item_no)
    if item is None:
        found.add("unknown-item", f"item {line.item_no} does not exist", "/item_no")
    elif may_not_be_bought(item):
        found.add("item-blocked", f"item {line.item_no} is blocked for purchasing", "/item_no")
    if line.quantity <= 0:
        found.add("quantity-required", f"item {line.item_no}: quantity must be above 0", "/quantity")
    if setup_of(references).location_mandatory and not line.location_code:
        found.add("location-required", f"item {line.item_no} has no location", "/location_code")
    if not line.vendor_no:
        found.add("vendor-required", f"item {line.item_no} has no vendor", "/vendor_no")


def _check_sales_line(
    found: _Obstacles, line: RequisitionLine, order: SalesOrder | None, references: ReferenceData
) -> None:
    sales = find_line(order, line.sales_line_id)
    if order is None or sales is None or sales.demand is None:
        found.add("unknown-sales-line", "the line is not procured any more", "/sales_order_line_no")
        return
    if outstanding(sales) <= 0:
        found.add("line-completely-shipped", "nothing is outstanding", "/sales_order_line_no")
    _check_identity(found, line, sales)
    _check_purchasing_code(found, sales, references)
    if line.drop_shipment:
        _check_drop_shipment(found, line, order, sales)


def _check_change(found: _Obstacles, line: RequisitionLine, order: SalesOrder) -> None:
    changing = {asked.sales_line_id for change in order.requested_changes for asked in change.lines}
    if line.sales_line_id in changing:
        found.add("change-pending", "a change of the sales line waits for its end", "/sales_order_line_no")


def _check_identity(found: _Obstacles, line: RequisitionLine, sales: SalesLine) -> None:
    if _identity(line) == _identity(sales):
        return
    for name, code in _IDENTITY.items():
        ours, theirs = getattr(line, name), getattr(sales, name)
        if ours != theirs:
            found.add(code, f"{name} is {ours!r} here and {theirs!r} there", f"/{name}")


def _check_purchasing_code(found: _Obstacles, sales: SalesLine, references: ReferenceData) -> None:
    """The code's flags may have changed since the line was marked (BC-MD-05); of a deleted code the line's own hold."""
    if not sales.purchasing_code:
        return
    code = references.find(PurchasingCode, sales.purchasing_code)
    if code is None:
        if not references.has_come(PurchasingCode, sales.purchasing_code):
            detail = f"purchasing code {sales.purchasing_code} does not exist"
            found.add("unknown-purchasing-code", detail, "/purchasing_code")
    elif (code.drop_shipment, code.special_order) != (sales.drop_shipment, sales.special_order):
        found.add(
            "purchasing-code-mismatch",
            f"purchasing code {code.code} means something else than when the line was marked",
            "/purchasing_code",
        )


def _check_drop_shipment(
    found: _Obstacles, line: RequisitionLine, order: SalesOrder, sales: SalesLine
) -> None:
    """No over- or under-buying of what goes straight to the customer, and to the same place (BC-DS-15)."""
    if line.quantity != outstanding(sales):
        found.add(
            "quantity-mismatch", f"{line.quantity} here, {outstanding(sales)} outstanding there", "/quantity"
        )
    if line.ship_to_code != order.ship_to_code:
        found.add(
            "ship-to-mismatch",
            f"ship-to {line.ship_to_code!r} here, {order.ship_to_code!r} there",
            "/ship_to_code",
        )
    if line.sell_to_customer_no != order.customer_no:
        found.add(
            "customer-mismatch",
            f"customer {line.sell_to_customer_no} here, {order.customer_no} there",
            "/sell_to_customer_no",
        )
