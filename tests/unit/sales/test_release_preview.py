"""What a dry run of a release says: purchase orders, vendors, costs, dates, margin (E6)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from contracts.keys import item_vendor_no
from contracts.planning.masters import Location, PlanningSetup
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.sales.masters import ExchangeRate
from domainkit.references import ReferenceData
from sales.domain.orders.commands import NewSalesLine
from sales.domain.orders.release_preview import PurchasePlan, purchase_plan
from sales.domain.orders.releasing import release
from tests.unit.sales.samples import DAY, REFERENCES, made, references, sold

SHIPPED = date(2026, 3, 31)


def entry(vendor_no: str, item_no: str, **more: Any) -> ItemVendor:
    return ItemVendor(version=1, vendor_no=vendor_no, item_no=item_no, **more)


def known(*entries: ItemVendor, v1: dict[str, Any] | None = None, **records: Any) -> ReferenceData:
    """With vendors V1 (lead time 7) and V2, and these terms."""
    found = references(**records)
    vendors = (
        Vendor(**{"version": 1, "no": "V1", "name": "One", "lead_time_days": 7, **(v1 or {})}),
        Vendor(version=1, no="V2", name="Two"),
    )
    found = found.with_records(Vendor, {vendor.no: vendor for vendor in vendors})
    terms = {item_vendor_no(each.vendor_no, each.item_no): each for each in entries}
    return found.with_records(ItemVendor, terms)


def plan(*lines: NewSalesLine, found: ReferenceData, **header: Any) -> PurchasePlan:
    order = made(*lines, found=found, **header)
    return purchase_plan(order, release(order, found), found)


def special(quantity: str = "5", price: str = "149.00") -> NewSalesLine:
    return sold("SPECIAL", quantity, unit_price=Decimal(price), shipment_date=SHIPPED)


AT_80 = entry("V1", "SPECIAL", direct_unit_cost=Decimal("80.00"))


def test_e6_cost_sale_and_margin_of_what_is_bought() -> None:
    found = plan(special(), sold("STOCK"), found=known(AT_80))
    (line,) = found.purchases
    assert (line.vendor_no, line.direct_unit_cost, line.amount) == ("V1", 80, 400)
    assert (found.cost_amount, found.sales_amount) == (Decimal("400.00"), Decimal("745.00"))
    assert (found.margin_amount, found.margin_pct) == (Decimal("345.00"), Decimal("46.31"))
    assert (found.automation, found.currency_code) == ("purchase_order", "EUR")


def test_e6_dates_go_back_from_the_shipment_by_handling_and_lead_time() -> None:
    north = Location(version=1, code="NORTH", inbound_handling_days=2)
    (line,) = plan(special(), found=known(AT_80, NORTH=north)).purchases
    assert (line.expected_receipt_date, line.requested_receipt_date, line.order_date) == (
        SHIPPED,
        date(2026, 3, 29),
        date(2026, 3, 22),
    )


def test_e6_the_catalogue_s_lead_time_and_price_for_the_quantity_hold() -> None:
    cheap = entry(
        "V1",
        "SPECIAL",
        lead_time_days=3,
        direct_unit_cost=Decimal("80.00"),
        minimum_quantity=Decimal(6),
    )
    (line,) = plan(special(), found=known(cheap)).purchases
    assert line.order_date == date(2026, 3, 28)
    assert line.problem is not None
    assert line.problem.code == "below-minimum"


def test_e6_a_foreign_purchase_is_shown_in_both_currencies() -> None:
    dollars = ExchangeRate(version=1, currency_code="USD", date=DAY, rate=Decimal("0.80"))
    found = plan(special(), found=known(AT_80, v1={"currency_code": "USD"}, **{"USD/2026-03-02": dollars}))
    assert (found.purchases[0].currency_code, found.purchases[0].amount) == ("USD", 400)
    assert found.cost_amount == Decimal("320.00")


def test_e6_without_an_exchange_rate_the_line_waits_for_a_person() -> None:
    found = plan(special(), found=known(v1={"currency_code": "USD"}))
    assert found.purchases[0].problem is not None
    assert found.purchases[0].problem.code == "exchange-rate-missing"
    assert (found.purchase_orders, found.cost_amount) == ((), 0)


def test_e6_lines_of_one_vendor_share_an_order_and_a_drop_shipment_has_its_own() -> None:
    terms = (AT_80, entry("V2", "DROPPED", direct_unit_cost=Decimal("500.00")))
    found = plan(special("1"), special("2"), sold("DROPPED", "1"), found=known(*terms))
    assert [(order.vendor_no, order.line_nos, order.cost_amount) for order in found.purchase_orders] == [
        ("V1", (10000, 20000), Decimal("240.00")),
        ("V2", (30000,), Decimal("500.00")),
    ]
    assert found.purchase_orders[1].ship_to.city == "Konstanz", "the customer's own address"


def test_e6_a_blocked_vendor_is_named_and_nothing_is_ordered_of_it() -> None:
    found = plan(special(), found=known(AT_80, v1={"blocked": "all"}))
    assert found.purchases[0].problem is not None
    assert found.purchases[0].problem.code == "vendor-blocked"
    assert found.purchase_orders == ()


def test_e9_an_order_above_the_limit_would_wait_for_a_person() -> None:
    at = {amount: PlanningSetup(version=1, automation_limit_amount=Decimal(amount)) for amount in (399, 400)}
    (above,) = plan(special(), found=known(AT_80, SETUP=at[399])).purchase_orders
    (within,) = plan(special(), found=known(AT_80, SETUP=at[400])).purchase_orders
    assert above.problem is not None
    assert (above.problem.code, within.problem) == ("above-automation-limit", None)


def test_e6_the_order_s_discount_lessens_the_margin() -> None:
    found = plan(special(), found=known(AT_80), invoice_discount_amount=Decimal("45.00"))
    assert found.margin_amount == Decimal("300.00")


def test_e6_a_line_without_a_vendor_is_named_where_a_person_buys() -> None:
    found = plan(sold("ORPHAN"), found=known(), procurement_automation="manual")
    assert found.automation == "manual"
    assert found.purchases[0].problem is not None
    assert found.purchases[0].problem.code == "vendor-required"


def test_nothing_to_buy_is_an_empty_plan() -> None:
    found = plan(sold("STOCK"), found=REFERENCES)
    assert (found.purchases, found.margin_amount, found.margin_pct) == ((), 0, None)
