"""A purchase invoice that sales asks for: which lines, which vendor, and what refuses it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.sales.orders import SalesLine
from contracts.sales.requests import PurchaseInvoiceRequest
from domainkit.references import CopyMissing, ReferenceData
from domainkit.structs import extended
from purchasing.domain.invoices.invoice import Invoice
from purchasing.domain.links import LinkState
from purchasing.domain.requests.invoice_requests import (
    DecidedInvoice,
    InvoiceRequestContext,
    decide_invoice_request,
    of_order,
)
from tests.unit.purchasing import examples as x

OF_V10 = x.references(items=[x.item(no, vendor_no="V10") for no in ("1000", "1100", "1200")])
LINES = (
    x.sales_line(x.ROPE, 10000),
    x.sales_line(x.KAYAK, 20000, item_no="1200", quantity_shipped=Decimal(2)),
)


def decided(
    *lines: SalesLine,
    found: ReferenceData = OF_V10,
    made: tuple[Invoice, ...] = (),
    linked: dict[UUID, LinkState] | None = None,
    **asked: object,
) -> DecidedInvoice:
    request = PurchaseInvoiceRequest(id=x.new_id(), **asked)  # type: ignore[arg-type]
    context = extended(InvoiceRequestContext, x.context(found), linked=linked or {}, made=made)
    return decide_invoice_request(of_order(x.sales_order(*(lines or LINES))), request, context)


def codes(decision: DecidedInvoice) -> list[str]:
    assert decision.invoice is None
    return [problem.code for problem in decision.errors]


def invoice_of(decision: DecidedInvoice) -> Invoice:
    assert decision.invoice is not None, decision.errors
    return decision.invoice


def test_bc_pi_05_the_full_quantity_is_bought_at_the_vendors_price_and_the_lines_location() -> None:
    """BC-PI-05: not the outstanding quantity; unit, description and location are the sales line's."""
    invoice = invoice_of(decided())
    first, second = invoice.lines
    assert (second.quantity, second.unit_of_measure_code, second.location_code) == (5, "PCS", "NORTH")
    assert (first.description, first.direct_unit_cost) == ("Brass compass", 7)
    assert (invoice.sales_document_no, invoice.vendor_no) == ("S-1001", "V10")


def test_bc_pi_06_each_line_shows_the_sales_line_that_it_was_made_for() -> None:
    """BC-PI-06: a demand link of kind invoice that does not bind."""
    demand = [line.demand[0] for line in invoice_of(decided()).lines]
    assert [(d.kind, d.sales_order_no, d.sales_order_line_no) for d in demand] == [
        ("invoice", "S-1001", 10000),
        ("invoice", "S-1001", 20000),
    ]


def test_bc_pi_02_only_the_named_lines_are_bought() -> None:
    """BC-PI-02: selected lines."""
    assert [line.line_no for line in invoice_of(decided(line_nos=(20000,))).lines] == [20000]


def test_bc_pi_03_items_without_a_vendor_in_common_need_one_that_is_chosen() -> None:
    """BC-PI-03: the shared vendor is taken, else the user must choose."""
    mixed = x.references(items=[x.item("1100", vendor_no="V10"), x.item("1200", vendor_no="V20")])
    assert codes(decided(found=mixed)) == ["vendor-required"]
    assert codes(decided(found=x.references())) == ["vendor-required"]
    assert invoice_of(decided(found=mixed, vendor_no="V10")).vendor_no == "V10"


def test_bc_pi_04_a_charge_refuses_the_request_and_a_comment_is_copied() -> None:
    """BC-PI-04: other types are not supported; BC-PI-05: comment lines are copied."""
    charge = x.sales_line(x.COMPASS, 30000, type="charge", item_no="")
    text = replace(charge, type="comment", description="Thank you", quantity=Decimal(0))
    assert codes(decided(*LINES, charge)) == ["line-type-not-supported"]
    comment = invoice_of(decided(*LINES, text)).lines[-1]
    assert (comment.type, comment.description, comment.quantity) == ("comment", "Thank you", 0)
    assert codes(decided(text, vendor_no="V10")) == ["nothing-to-create"]


def test_bc_pi_07_a_blocked_or_unknown_vendor_refuses_it() -> None:
    """BC-PI-07: vendor blocked for all."""
    blocked = OF_V10.with_records(type(x.VENDOR), {"V10": replace(x.VENDOR, blocked="all")})
    assert codes(decided(found=blocked)) == ["vendor-blocked"]
    assert codes(decided(vendor_no="V99")) == ["unknown-vendor"]


def test_bc_pi_06_a_line_that_a_purchase_order_brings_is_refused() -> None:
    """BC-PI-06: as chosen here, it would be bought twice."""
    linked = {x.ROPE: LinkState(highest_generation=1, active_order_no="P-7")}
    (problem,) = decided(linked=linked).errors
    assert problem.code == "already-associated-with-purchase-order"
    assert "P-7" in problem.detail


def test_bc_pi_06_a_second_run_names_the_first_invoice_unless_repeating_is_allowed() -> None:
    """BC-PI-06: running twice is a duplicate risk."""
    first = invoice_of(decided(line_nos=(10000,))).replaced(no="PIV-1")
    (problem,) = decided(made=(first,)).errors
    assert problem.code == "already-purchased"
    assert "PIV-1" in problem.detail
    assert len(invoice_of(decided(made=(first,), allow_repeat=True)).lines) == 2
    assert len(invoice_of(decided(made=(first,), line_nos=(20000,))).lines) == 1


def test_an_item_whose_copy_has_not_come_is_waited_for() -> None:
    with pytest.raises(CopyMissing):
        decided(found=x.references(items=[]))
