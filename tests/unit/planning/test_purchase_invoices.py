"""What a posted purchase invoice does to stock and to items' costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.purchasing import PostedPurchaseInvoice, PostedPurchaseInvoiceLine
from contracts.sales import Company, ExchangeRate
from contracts.values import Posting
from domainkit.references import COMPANY_NO, ReferenceData
from planning.domain.stock.purchase_invoices import invoice_entries, last_direct_costs

TODAY = date(2026, 3, 2)
COMPANY = Company(version=1, name="Northsea", currency_code="EUR", time_zone="Europe/Berlin")


def posted(*, received: bool, currency_code: str = "EUR", item_no: str = "1100") -> PostedPurchaseInvoice:
    quantity = Decimal(2)
    receipt = Posting(posting_id=UUID(int=1), quantity=quantity, posting_date=TODAY) if received else None
    line = PostedPurchaseInvoiceLine(
        line_no=10000,
        item_no=item_no,
        quantity=quantity,
        unit_of_measure_code="BOX",
        qty_per_unit_of_measure=Decimal(6),
        location_code="NORTH",
        amount=Decimal(60),
        receipt=receipt,
    )
    return PostedPurchaseInvoice(
        version=1,
        no="PI-1001",
        vendor_no="V10",
        vendor_invoice_no="CW-1",
        posting_date=TODAY,
        currency_code=currency_code,
        amount=Decimal(60),
        lines=(line,),
    )


def known(**rates: str) -> ReferenceData:
    records = {
        f"{code}/2026-01-01": ExchangeRate(
            version=1, currency_code=code, date=date(2026, 1, 1), rate=Decimal(rate)
        )
        for code, rate in rates.items()
    }
    return ReferenceData({Company: {COMPANY_NO: COMPANY}, ExchangeRate: records})


def test_bc_pi_08_goods_that_came_with_the_invoice_enter_stock_in_base_units() -> None:
    """BC-PI-08: posting the purchase invoice receives into stock."""
    (entry,) = invoice_entries(posted(received=True))
    assert (entry.quantity, entry.stock_key, entry.document_no) == (12, ("1100", "NORTH"), "PI-1001")


def test_what_an_invoice_only_bills_enters_no_stock() -> None:
    assert invoice_entries(posted(received=False)) == []


def test_bc_ds_30_an_item_costs_what_its_last_invoice_says_per_base_unit() -> None:
    """BC-DS-30: the item's last direct cost is that of the purchase invoice."""
    assert last_direct_costs(posted(received=False), known()) == {"1100": Decimal("5.00")}


def test_a_foreign_invoice_is_converted_at_the_rate_of_its_posting_date() -> None:
    assert last_direct_costs(posted(received=True, currency_code="USD"), known(USD="0.80")) == {
        "1100": Decimal("4.00")
    }


def test_without_a_rate_nothing_is_known_of_the_cost() -> None:
    assert last_direct_costs(posted(received=True, currency_code="USD"), known()) == {}


def test_a_comment_has_no_cost() -> None:
    assert last_direct_costs(posted(received=False, item_no=""), known()) == {}
