"""Lines that select a catalog item, which may not be an item yet (BC-MD-28)."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import pytest

from contracts.planning.masters import CatalogItem, Item
from contracts.refusals import Refusal
from sales.domain.orders.commands import LineChanges, NewSalesLine
from sales.domain.orders.creation import new_document
from sales.domain.orders.line_changes import change_line
from sales.domain.orders.order import Order
from sales.domain.orders.releasing import release
from sales.domain.quotes.quote import new_quote
from tests.unit.sales.samples import NewSalesOrder as New
from tests.unit.sales.samples import context, item, made, references, sold

TENT = CatalogItem(
    version=1,
    entry_no="CAT-1",
    item_no="TENT",
    vendor_no="V1",
    vendor_item_no="T",
    description="Tent",
    unit_of_measure_code="BOX",
    unit_price=Decimal(349),
    direct_unit_cost=Decimal(210),
    purchasing_code="SPEC",
    tax_pct=Decimal(19),
)
CATALOG = references(**{"CAT-1": TENT})
SELECTED = NewSalesLine(catalog_entry_no="CAT-1", quantity=Decimal(2))


class Invoice(Order, frozen=True, kw_only=True):
    """A document whose goods are there already."""

    document: ClassVar[str] = "sales invoice"


def codes(refusal: pytest.ExceptionInfo[Refusal]) -> list[tuple[str, str]]:
    return [(v.code, v.pointer) for v in refusal.value.violations]


def test_bc_md_28_a_line_takes_everything_from_the_catalog_item() -> None:
    (line,) = made(SELECTED, found=CATALOG).lines
    assert (line.item_no, line.nonstock, line.catalog_entry_no) == ("TENT", True, "CAT-1")
    assert (line.description, line.unit_of_measure_code, line.tax_pct) == ("Tent", "BOX", 19)
    assert (line.unit_price, line.unit_cost) == (349, 210)
    assert line.special_order


def test_bc_md_28_an_item_that_exists_is_used_as_it_is_now() -> None:
    found = CATALOG.with_records(Item, {**CATALOG.all_of(Item), "TENT": item("TENT", purchasing_code="DROP")})
    (line,) = made(SELECTED, found=found).lines
    assert (line.description, line.unit_price, line.drop_shipment) == ("Item TENT", 10, True)
    blocked = CATALOG.with_records(Item, {**CATALOG.all_of(Item), "TENT": item("TENT", blocked=True)})
    with pytest.raises(Refusal) as refusal:
        made(SELECTED, found=blocked)
    assert codes(refusal) == [("item-blocked", "/lines/0/catalog_entry_no")]


def test_bc_md_28_only_an_empty_line_selects_a_catalog_item() -> None:
    both = NewSalesLine(catalog_entry_no="CAT-1", item_no="STOCK", quantity=Decimal(1))
    with pytest.raises(Refusal) as refusal:
        made(both, found=CATALOG)
    assert codes(refusal) == [("line-not-empty", "/lines/0/catalog_entry_no")]
    order = made(sold("STOCK"), found=CATALOG)
    with pytest.raises(Refusal) as refusal:
        change_line(order, order.lines[0], LineChanges(catalog_entry_no="CAT-1"), context(found=CATALOG))
    assert codes(refusal) == [("line-not-empty", "/catalog_entry_no")]


def test_bc_md_28_quotes_take_catalog_items_and_invoices_do_not() -> None:
    new = New(customer_no="C1", lines=(SELECTED,))
    assert new_quote(new, context(found=CATALOG)).lines[0].item_no == "TENT"
    with pytest.raises(Refusal) as refusal:
        new_document(Invoice, new, context(found=CATALOG))
    assert codes(refusal) == [("line-type-not-supported", "/lines/0/catalog_entry_no")]


def test_an_entry_that_is_not_in_the_catalog_is_unknown() -> None:
    with pytest.raises(Refusal) as refusal:
        made(SELECTED)
    assert codes(refusal) == [("unknown-catalog-item", "/lines/0/catalog_entry_no")]


def test_the_vendor_is_known_before_the_item_has_arrived() -> None:
    order = made(SELECTED, found=CATALOG)
    assert [purchase.vendor_no for purchase in release(order, CATALOG).purchases] == ["V1"]


def test_another_item_on_the_line_is_none_of_the_catalog() -> None:
    order = made(SELECTED, found=CATALOG)
    after = change_line(order, order.lines[0], LineChanges(item_no="STOCK"), context(found=CATALOG))
    assert (after.lines[0].nonstock, after.lines[0].catalog_entry_no) == (False, "")
