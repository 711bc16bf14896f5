"""What a bought line costs: its purchase says so, in the company's currency and in the line's unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from contracts.sales.masters import ExchangeRate
from domainkit.references import ReferenceData
from sales.domain.line_supply import costed
from sales.domain.orders.lines import Line
from sales.domain.purchase_costs import PurchaseCost, purchase_cost
from tests.unit.sales import samples as x
from tests.unit.sales.samples import DAY, REFERENCES, link_of, made, references, sold

DOLLARS = references(USD=ExchangeRate(version=1, currency_code="USD", date=DAY, rate=Decimal("0.80")))


def ordered(**more: Any) -> PurchaseLine:
    """Five pieces at 80."""
    line = PurchaseLine(
        id=x.made(sold("SPECIAL")).lines[0].id,
        line_no=10000,
        item_no="SPECIAL",
        quantity=Decimal(5),
        unit_of_measure_code="PCS",
        direct_unit_cost=Decimal("80.00"),
    )
    return replace(line, **more)


def cost_of(
    line: PurchaseLine, currency_code: str = "EUR", found: ReferenceData = REFERENCES
) -> PurchaseCost | None:
    order = PurchaseOrder(
        version=1,
        no="P-1",
        status="open",
        vendor_no="V1",
        order_date=DAY,
        currency_code=currency_code,
        lines=(line,),
    )
    return purchase_cost(order, line, found)


def shown(cost: PurchaseCost | None, line: Line | None = None) -> Decimal:
    """The cost of one unit of a sales line that is bought at this cost."""
    order = made(sold("SPECIAL", unit_cost=Decimal(7)))
    bought = line or order.lines[0]
    link = replace(link_of(order, bought).links[0], cost=cost)
    return costed(bought, link).unit_cost


def test_bc_so_24_a_linked_line_costs_what_its_purchase_line_costs() -> None:
    assert shown(cost_of(ordered())) == Decimal("80.00")


def test_bc_so_24_the_line_keeps_its_own_cost_without_a_link() -> None:
    line = made(sold("SPECIAL", unit_cost=Decimal(7))).lines[0]
    assert costed(line, None) is line


def test_bc_so_24_the_cost_is_converted_to_the_unit_of_the_sales_line() -> None:
    piece = made(sold("BOXED", unit_of_measure_code="PCS")).lines[0]
    box = made(sold("BOXED", unit_of_measure_code="BOX")).lines[0]
    in_boxes = cost_of(ordered(direct_unit_cost=Decimal(100), qty_per_unit_of_measure=Decimal(12)))
    assert (shown(in_boxes, piece), shown(in_boxes, box)) == (Decimal("8.33"), Decimal(100))


def test_bc_so_36_another_cost_on_the_purchase_line_is_another_cost_of_the_sales_line() -> None:
    assert shown(cost_of(ordered(direct_unit_cost=Decimal("74.50")))) == Decimal("74.50")


def test_discounts_of_the_purchase_line_are_taken_off() -> None:
    in_percent = ordered(line_discount_pct=Decimal(10))
    in_money = ordered(line_discount_amount=Decimal(20))
    assert (shown(cost_of(in_percent)), shown(cost_of(in_money))) == (Decimal(72), Decimal(76))


def test_bc_ds_11_a_foreign_cost_is_converted_at_the_rate_of_the_orders_day() -> None:
    assert shown(cost_of(ordered(), "USD", DOLLARS)) == Decimal(64)


def test_without_an_exchange_rate_the_line_keeps_its_own_cost() -> None:
    assert cost_of(ordered(), "USD") is None
    assert shown(None) == 7


def test_bc_ds_30_what_the_vendor_has_invoiced_costs_what_he_charged() -> None:
    """Two at 90 and three as ordered at 80."""
    part = ordered(quantity_invoiced=Decimal(2), amount_invoiced=Decimal(180))
    whole = ordered(quantity_invoiced=Decimal(5), amount_invoiced=Decimal(450))
    assert (shown(cost_of(part)), shown(cost_of(whole))) == (Decimal(84), Decimal(90))


def test_more_than_ordered_that_was_invoiced_counts_whole() -> None:
    assert shown(cost_of(ordered(quantity_invoiced=Decimal(6), amount_invoiced=Decimal(480)))) == 80


def test_the_cost_is_no_finer_than_the_companys_currency() -> None:
    assert shown(cost_of(ordered(direct_unit_cost=Decimal(10), line_discount_amount=Decimal(1)))) == Decimal(
        "9.80"
    )
    assert shown(cost_of(ordered(direct_unit_cost=Decimal("0.99")), "USD", DOLLARS)) == Decimal("0.79")
