"""A person asks for a purchase invoice of an order's lines; purchasing decides and makes it (BC-PI-01..06)."""

from __future__ import annotations

from typing import Final, TypeVar
from uuid import UUID

from msgspec.structs import replace

from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations
from contracts.sales.requests import PurchaseInvoiceRequest
from domainkit.parties import check_vendor
from domainkit.references import ReferenceData, ReferenceQuery
from sales.domain.orders.context import OrderContext
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order
from sales.domain.orders.supply_commands import CreatePurchaseInvoice, PurchaseInvoiceWanted

D = TypeVar("D", bound=Order)
_SUPPORTED: Final = frozenset({"item", "comment"})


def need_vendor(query: ReferenceQuery, command: CreatePurchaseInvoice, _: Order) -> None:
    """The vendor that the request names, if it names one."""
    query.need(Vendor, command.wanted.vendor_no)


def ask_for_purchase_invoice(order: D, wanted: PurchaseInvoiceWanted, context: OrderContext) -> D:
    """The order with a request to purchasing; what sales itself knows to be impossible is refused at once."""
    found = Violations()
    if order.purchase_invoice_requests:
        detail = f"a purchase invoice of {order.title} is being made"
        found.conflict("change-pending", detail)
    line_nos = wanted.line_nos
    known = {line.line_no for line in order.lines}
    for i, line_no in enumerate(line_nos):
        if line_no not in known:
            found.invalid("unknown-line", f"{order.title} has no line {line_no}", f"/lines/{i}")
    lines = [line for line in order.lines if not line_nos or line.line_no in line_nos]
    _check_lines(found, lines, context)
    if wanted.vendor_no:
        _check_vendor(found, wanted.vendor_no, context.references)
    found.refuse_if_any()
    request = PurchaseInvoiceRequest(
        id=context.new_id(),
        line_nos=tuple(dict.fromkeys(line_nos)),
        vendor_no=wanted.vendor_no,
        allow_repeat=wanted.allow_repeat,
    )
    return replace(order, purchase_invoice_requests=(request,))


def _check_vendor(found: Violations, vendor_no: str, references: ReferenceData) -> None:
    """Judged by sales' copy, so that a wrong number is refused at once (BC-PI-07); purchasing judges it again."""
    before = len(found)
    check_vendor(found, vendor_no, references.find(Vendor, vendor_no))
    if len(found) > before:
        found.may_change_with("vendor", vendor_no)


def _check_lines(found: Violations, lines: list[Line], context: OrderContext) -> None:
    if not any(line.type == "item" for line in lines):
        found.conflict("nothing-to-create", "no line can be bought")
    for line in lines:
        if line.type not in _SUPPORTED:
            detail = f"type {line.type} of line {line.line_no} is not supported"
            found.conflict("line-type-not-supported", detail, line_no=line.line_no)
        sourcing = context.sourcings.get(line.id)
        link = sourcing.active if sourcing is not None else None
        if link is not None:
            detail = f"line {line.line_no} is already associated with purchase order {link.purchase_order_no}"
            found.conflict("already-associated-with-purchase-order", detail, line_no=line.line_no)


def without_purchase_invoice_request(order: D, ended: UUID) -> D:
    """The order without a request that came to its end."""
    left = tuple(request for request in order.purchase_invoice_requests if request.id != ended)
    return replace(order, purchase_invoice_requests=left)
