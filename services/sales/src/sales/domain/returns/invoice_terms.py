"""What a line of a return order takes from the posted invoice line that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from contracts.refusals import Violations
from sales.domain.orders.commands import NewSalesLine
from sales.domain.posting.documents import PostedInvoice, PostedInvoiceLine
from sales.domain.returns.commands import NewReturnLine, NewReturnOrder, ReturnLineChanges

Invoices = Mapping[str, PostedInvoice]
"""Posted invoices by number; unknown ones are absent."""

_TAKEN: Final = ("unit_of_measure_code", "unit_price", "line_discount_pct", "tax_pct", "unit_cost")
"""What a line is credited by."""


def with_invoice_terms(new: NewReturnOrder, invoices: Invoices) -> NewReturnOrder:
    """The return order to make, each line with what it takes from its invoice; refused with all that is wrong."""
    found = Violations()
    lines = tuple(
        _line_terms(found, line, invoices, f"/lines/{index}", is_located=new.location_code is not None)
        for index, line in enumerate(new.lines)
    )
    found.refuse_if_any()
    return replace(new, lines=lines)


def line_with_invoice_terms(new: NewSalesLine, invoices: Invoices) -> NewSalesLine:
    """A line to add, with price and tax of the invoice line that it returns."""
    if not isinstance(new, NewReturnLine):
        return new
    found = Violations()
    line = _line_terms(found, new, invoices, "", is_located=False)
    found.refuse_if_any()
    return line


def changes_with_invoice_terms(changes: ReturnLineChanges, invoices: Invoices) -> ReturnLineChanges:
    """Changes that name another invoice line bring its price along."""
    given = changes.given()
    found = Violations()
    no, line_no = given.get("posted_invoice_no"), given.get("posted_invoice_line_no")
    billed = _find(found, no, line_no, invoices, "")
    found.refuse_if_any()
    if billed is None:
        return changes
    return replace(changes, **{name: getattr(billed, name) for name in _of(billed) if name not in given})


def _line_terms(
    found: Violations, new: NewReturnLine, invoices: Invoices, at: str, *, is_located: bool
) -> NewReturnLine:
    billed = _find(found, new.posted_invoice_no, new.posted_invoice_line_no, invoices, at)
    if billed is None:
        return new
    terms: dict[str, Any] = {name: getattr(billed, name) for name in _of(billed)}
    terms |= {"description": billed.description, "quantity": billed.left_to_credit or billed.quantity}
    if billed.type == "item":
        terms["item_no"] = billed.item_no
        # What the vendor delivered to the customer comes back to a location that a person has to choose.
        if not is_located or not billed.drop_shipment:
            terms["location_code"] = "" if billed.drop_shipment else billed.location_code
    else:
        terms["charge_code"] = billed.charge_code
    missing = {name: value for name, value in terms.items() if getattr(new, name) is None}
    return replace(new, type=billed.type, **missing)


def _of(billed: PostedInvoiceLine) -> tuple[str, ...]:
    return _TAKEN if billed.type == "item" else ("unit_price", "line_discount_pct", "tax_pct")


def _find(
    found: Violations, no: str | None, line_no: int | None, invoices: Invoices, at: str
) -> PostedInvoiceLine | None:
    """The invoice line that is named; None if none is, or if it does not exist."""
    if no is None and line_no is None:
        return None
    if no is None or line_no is None:
        missing = "posted_invoice_no" if no is None else "posted_invoice_line_no"
        detail = "a line names an invoice together with its line"
        found.invalid("posted-invoice-required", detail, f"{at}/{missing}")
        return None
    invoice = invoices.get(no)
    if invoice is None:
        found.unknown("posted-sales-invoice", no, f"{at}/posted_invoice_no")
        return None
    line = invoice.line(line_no)
    if line is None:
        detail = f"invoice {no} has no line {line_no}"
        found.invalid("unknown-line", detail, f"{at}/posted_invoice_line_no")
    return line
