"""What customers get on paper: packing slip and invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

from msgspec.structs import replace

from contracts.sales.masters import Company
from contracts.values import Address
from paperkit.rendering import pdf
from sales.domain.papers import invoice_paper, packing_slip
from sales.domain.posting.documents import (
    PostedInvoice,
    PostedInvoiceLine,
    PostedShipment,
    PostedShipmentLine,
)
from tests.support.pdf import pages_of

COMPANY = Company(version=1, name="Northsea", currency_code="EUR", time_zone="Europe/Berlin", city="Kiel")
SHIP_TO = Address(name="Anna Berg", address="Seeweg 4", city="Konstanz")
DAY = date(2026, 3, 2)


def invoiced(line_no: int, amount: str, tax: str, tax_pct: str) -> PostedInvoiceLine:
    return PostedInvoiceLine(
        line_no=line_no,
        sales_order_no="S-1001",
        sales_order_line_no=line_no,
        item_no="1100",
        description="Brass compass",
        quantity=Decimal(2),
        unit_price=Decimal("149.00"),
        tax_pct=Decimal(tax_pct),
        amount=Decimal(amount),
        tax_amount=Decimal(tax),
    )


def test_a_packing_slip_shows_where_the_parcel_goes_and_no_prices() -> None:
    """E3: the carrier's tracking number is on it."""
    line = PostedShipmentLine(
        line_no=10000,
        sales_order_no="S-1001",
        sales_order_line_no=10000,
        sales_line_id=uuid4(),
        posting_id=uuid4(),
        item_no="1100",
        description="Brass compass",
        quantity=Decimal(2),
        unit_price=Decimal("149.00"),
    )
    shipment = PostedShipment(
        no="SS-1001",
        customer_no="C100",
        sales_order_no="S-1001",
        posting_date=DAY,
        ship_to=SHIP_TO,
        tracking_no="JD0146",
        lines=(line,),
    )
    (page,) = pages_of(pdf(packing_slip(shipment, COMPANY)))
    for text in ("SS-1001", "Seeweg 4", "Brass compass", "JD0146"):
        assert text in page
    assert "149" not in page


def test_an_invoice_shows_the_tax_of_each_rate_and_the_total() -> None:
    invoice = PostedInvoice(
        no="SI-1001",
        customer_no="C100",
        customer_name="Anna Berg",
        sales_order_no="S-1001",
        posting_date=DAY,
        currency_code="EUR",
        amount=Decimal("30.00"),
        tax_amount=Decimal("4.50"),
        lines=(invoiced(10000, "20.00", "3.80", "19"), invoiced(20000, "10.00", "0.70", "7")),
    )
    totals = [(fact.label, fact.value) for fact in invoice_paper(invoice, COMPANY).totals]
    assert totals == [
        ("Without tax", "30.00 EUR"),
        ("Tax 7 %", "0.70 EUR"),
        ("Tax 19 %", "3.80 EUR"),
        ("Total", "34.50 EUR"),
    ]


def test_an_invoice_line_shows_its_part_of_the_order_s_discount() -> None:
    line = replace(invoiced(10000, "15.00", "0", "0"), invoice_discount_amount=Decimal("5.00"))
    invoice = PostedInvoice(
        no="SI-1", customer_no="C1", sales_order_no="S-1", posting_date=DAY, lines=(line,)
    )
    (row,) = invoice_paper(invoice, None).rows
    assert row.notes == ("Less 5.00 of the discount on the order",)
