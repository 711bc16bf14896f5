"""What a posted purchase invoice does to stock and to items' costs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.purchasing.documents import PostedPurchaseInvoice, PostedPurchaseInvoiceLine
from contracts.sales.masters import Company, ExchangeRate
from contracts.values import Posting
from domainkit.references import COMPANY_NO, ReferenceData
from planning.domain.stock.purchase_invoices import LastCost, invoice_entries, last_direct_costs, newest

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
    (cost,) = last_direct_costs(posted(received=False), known())
    assert (cost.item_no, cost.cost, cost.invoice_no) == ("1100", Decimal("5.00"), "PI-1001")


def test_bc_ds_30_the_invoice_that_was_posted_last_counts_whatever_its_date() -> None:
    """BC-DS-30: not the one that arrives last, and not the one with the later posting date."""

    def cost(no: str, posted_at: datetime) -> LastCost:
        return LastCost(item_no="1100", cost=Decimal(1), posted_at=posted_at, invoice_no=no)

    morning, evening = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (8, 18))
    first, last = cost("PI-1", morning), cost("PI-2", evening)
    assert newest([first, last]) == newest([last, first]) == {"1100": last}
    same = cost("PI-3", evening)
    assert newest([same, last]) == {"1100": same}, "the later number, if the moment is the same"


def test_an_invoice_of_an_older_release_counts_from_its_posting_date() -> None:
    (cost,) = last_direct_costs(posted(received=False), known())
    assert cost.posted_at == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_foreign_invoice_is_converted_at_the_rate_of_its_posting_date() -> None:
    (cost,) = last_direct_costs(posted(received=True, currency_code="USD"), known(USD="0.80"))
    assert cost.cost == Decimal("4.00")


def test_without_a_rate_nothing_is_known_of_the_cost() -> None:
    assert last_direct_costs(posted(received=True, currency_code="USD"), known()) == []


def test_a_comment_has_no_cost() -> None:
    assert last_direct_costs(posted(received=False, item_no=""), known()) == []
