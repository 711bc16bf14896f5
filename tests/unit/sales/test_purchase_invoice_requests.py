"""A purchase invoice is asked for: what sales itself knows to be impossible is refused at once (BC-PI-01 to 06)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal
from sales.domain.orders.commands import NewSalesLine
from sales.domain.orders.order import Order
from sales.domain.orders.purchase_invoices import (
    ask_for_purchase_invoice,
    without_purchase_invoice_request,
)
from sales.domain.orders.supply_commands import PurchaseInvoiceWanted
from tests.unit.sales.samples import context, linked, made, references, sold

VENDORS = references(V1=Vendor(version=1, no="V1", name="Works")).with_records(
    Vendor, {"V9": Vendor(version=1, no="V9", name="Old Works", blocked="all")}
)
COMMENT = NewSalesLine(type="comment", description="Handle with care")


def asked(order: Order, *line_nos: int, **wanted: Any) -> Order:
    return ask_for_purchase_invoice(
        order, PurchaseInvoiceWanted(lines=line_nos, **wanted), context(linked(order), VENDORS)
    )


def refused(order: Order, *line_nos: int, **wanted: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        asked(order, *line_nos, **wanted)
    return [(found.code, found.pointer) for found in refusal.value.violations]


def test_bc_pi_01_purchasing_is_asked_once_about_each_line_that_was_named() -> None:
    order = asked(made(sold("STOCK"), COMMENT), 20000, 10000, 10000, vendor_no="V1", allow_repeat=True)
    (request,) = order.purchase_invoice_requests
    assert request.line_nos == (20000, 10000)
    assert (request.vendor_no, request.allow_repeat) == ("V1", True)


def test_a_second_request_waits_for_the_end_of_the_first() -> None:
    order = asked(made(sold("STOCK")))
    (request,) = order.purchase_invoice_requests
    assert refused(order) == [("change-pending", "")]
    assert without_purchase_invoice_request(order, UUID(int=99)) == order
    ended = without_purchase_invoice_request(order, request.id)
    assert len(asked(ended).purchase_invoice_requests) == 1


def test_what_cannot_be_bought_is_refused_with_every_reason() -> None:
    """Only the lines that are named count."""
    order = made(sold("SPECIAL"), NewSalesLine(type="charge", charge_code="SHIPPING"), sold("STOCK"))
    assert refused(order, 10000, 20000, 50000) == [
        ("unknown-line", "/lines/2"),
        ("already-associated-with-purchase-order", ""),
        ("line-type-not-supported", ""),
    ]
    assert refused(order, 20000) == [("nothing-to-create", ""), ("line-type-not-supported", "")]
    assert len(asked(order, 30000).purchase_invoice_requests) == 1
    assert refused(replace(order, lines=())) == [("nothing-to-create", "")]


def test_bc_pi_07_a_vendor_that_is_unknown_or_blocked_is_refused_at_once() -> None:
    """A newer copy of the vendor may change that."""
    order = made(sold("STOCK"))
    assert refused(order, vendor_no="V404") == [("unknown-vendor", "/vendor_no")]
    assert refused(order, vendor_no="V9") == [("vendor-blocked", "/vendor_no")]
    with pytest.raises(Refusal) as refusal:
        asked(order, vendor_no="V9")
    assert refusal.value.waits_for == (("vendor", "V9"),)
