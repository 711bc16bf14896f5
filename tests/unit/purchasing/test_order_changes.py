"""What people may change on a purchase order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from contracts.purchasing.masters import PriceBreak, Vendor
from contracts.refusals import Refusal
from contracts.sales.orders import LineDemand
from domainkit.changes import AddressChanges
from purchasing.domain.links import (
    LinkRow,
    LinkState,
    link_problem,
    link_row,
    linked_sales_order,
    next_generation,
)
from purchasing.domain.orders.commands import (
    NewPurchaseLine,
    NewPurchaseOrder,
    PurchaseLineChanges,
    PurchaseOrderChanges,
)
from purchasing.domain.orders.creating import new_order
from purchasing.domain.orders.header import changed_header
from purchasing.domain.orders.lines import changed_line
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.orders.status import deleted, released
from tests.unit.purchasing import examples as x

DROP, SPECIAL = "drop_shipment", "special_order"
BREAKS = (PriceBreak(minimum_quantity=Decimal(10), direct_unit_cost=Decimal(5)),)
ENTRY = x.catalogue(direct_unit_cost=Decimal(7), price_breaks=BREAKS)


def changed(order: Order, **fields: Any) -> Line:
    changes = PurchaseLineChanges(**fields)
    return changed_line(order, order.lines[0], changes, x.context(x.references(entries=[ENTRY])))


def test_money_off_a_line_stands_instead_of_a_percentage() -> None:
    line = changed(x.order(x.line()), line_discount_amount=Decimal("1.00"))
    assert (line.line_discount_amount, line.line_discount_pct) == (1, 0)
    by_percent = changed(x.order(line), line_discount_pct=Decimal(5))
    assert (by_percent.line_discount_amount, by_percent.line_discount_pct) == (None, 5)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"line_discount_amount": Decimal("1.005")}, "too-many-decimals"),
        ({"line_discount_amount": Decimal(1_000_000)}, "out-of-range"),
        ({"line_discount_amount": Decimal(1), "line_discount_pct": Decimal(1)}, "discount-exclusive"),
    ],
)
def test_money_off_a_line_has_its_bounds(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        changed(x.order(x.line()), **fields)
    assert [(v.code, v.pointer) for v in refused.value.violations] == [(code, "/line_discount_amount")]


def test_another_quantity_asks_the_price_breaks_again() -> None:
    assert changed(x.order(x.line()), quantity=Decimal(12)).direct_unit_cost == 5


def test_a_cost_set_by_hand_stays_when_the_quantity_changes() -> None:
    by_hand = msgspec.structs.replace(x.line(), direct_unit_cost=Decimal("6.10"))
    assert changed(x.order(by_hand), quantity=Decimal(12)).direct_unit_cost == Decimal("6.10")


def test_another_item_brings_its_description_unit_and_cost() -> None:
    order = x.order(x.line())
    after = changed_line(order, order.lines[0], PurchaseLineChanges(item_no="1200"), x.context())
    assert (after.description, after.unit_of_measure_code, after.direct_unit_cost) == ("Item 1200", "PCS", 7)


def test_another_unit_keeps_the_quantity_and_converts_the_cost() -> None:
    after = changed(x.order(x.line()), unit_of_measure_code="BOX")
    assert (after.quantity, after.qty_per_unit_of_measure, after.direct_unit_cost) == (5, 6, 30)


def test_g9_date_changes_touch_nothing_else() -> None:
    order = x.order(x.line(DROP), status="released")
    after = changed(order, expected_receipt_date=date(2026, 5, 1), confirmed_quantity=Decimal(4))
    assert after == msgspec.structs.replace(
        order.lines[0], expected_receipt_date=date(2026, 5, 1), confirmed_quantity=Decimal(4)
    )


def test_sending_a_guarded_field_unchanged_is_no_change() -> None:
    order = x.order(x.line(DROP))
    assert changed(order, quantity=Decimal("5.0"), item_no="1100", location_code="NORTH") == order.lines[0]


def test_a_closed_order_takes_no_dates_either() -> None:
    with pytest.raises(Refusal) as refused:
        changed(x.order(x.line(), status="closed"), expected_receipt_date=date(2026, 5, 1))
    assert refused.value.code == "order-not-open"


def test_a_received_line_keeps_its_item() -> None:
    line = msgspec.structs.replace(x.line(), receipts=(x.receipt(Decimal(1)),))
    with pytest.raises(Refusal) as refused:
        changed(x.order(line), item_no="1200")
    assert refused.value.code == "has-postings"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (DROP, {"item_no": "1200"}),
        (DROP, {"location_code": ""}),
        (DROP, {"quantity": Decimal(6)}),
        (DROP, {"unit_of_measure_code": "BOX"}),
        (SPECIAL, {"item_no": "1200"}),
        (SPECIAL, {"location_code": ""}),
    ],
)
def test_bc_ds_33_what_a_linked_line_buys_stays(kind: str, fields: dict[str, Any]) -> None:
    """BC-DS-33: and of a special order item and location."""
    with pytest.raises(Refusal) as refused:
        changed(x.order(x.line(kind)), **fields)
    assert [(v.code, v.pointer) for v in refused.value.violations] == [
        ("associated-with-sales-order", f"/{next(iter(fields))}")
    ]


def test_bc_ds_34_another_vendor_takes_the_links_over_until_one_has_delivered() -> None:
    """BC-DS-34: lines keep id, quantity and link."""
    known = x.references().with_records(Vendor, {"V20": msgspec.structs.replace(x.VENDOR, no="V20")})
    change = PurchaseOrderChanges(vendor_no="V20")
    order = x.order(x.line(DROP))
    (before,) = order.lines
    (after,) = changed_header(order, change, x.context(known)).lines
    assert (after.id, after.quantity, after.link) == (before.id, before.quantity, before.link)

    delivered = msgspec.structs.replace(before, receipts=(x.receipt(Decimal(1)),))
    with pytest.raises(Refusal) as refused:
        changed_header(x.order(delivered), change, x.context(known))
    assert [(v.code, v.pointer) for v in refused.value.violations] == [("has-postings", "/vendor_no")]


def test_bc_so_39_customer_stays_while_lines_are_linked_and_may_change_without() -> None:
    change = PurchaseOrderChanges(sell_to_customer_no="")
    with pytest.raises(Refusal) as refused:
        changed_header(x.order(x.line(SPECIAL)), change, x.context())
    assert refused.value.code == "associated-with-sales-order"
    assert changed_header(x.order(x.line()), change, x.context()).sell_to_customer_no == ""


def test_a_special_orders_address_may_change_and_a_drop_shipments_may_not() -> None:
    change = PurchaseOrderChanges(ship_to=AddressChanges(city="Bremen"))
    assert changed_header(x.order(x.line(SPECIAL)), change, x.context()).ship_to.city == "Bremen"
    with pytest.raises(Refusal):
        changed_header(x.order(x.line(DROP)), change, x.context())


def test_patching_part_of_the_address_keeps_the_rest() -> None:
    order = x.order(ship_to=x.SHIP_TO)
    after = changed_header(order, PurchaseOrderChanges(ship_to=AddressChanges(city="Bremen")), x.context())
    assert (after.ship_to.city, after.ship_to.name) == ("Bremen", "Anna Berg")


def test_another_currency_asks_the_vendors_terms_again() -> None:
    dollars = PurchaseOrderChanges(currency_code="USD")
    after = changed_header(x.order(x.line()), dollars, x.context(x.rated()))
    assert (after.currency_code, after.lines[0].direct_unit_cost) == ("USD", Decimal("8.75"))
    with pytest.raises(Refusal) as refused:
        changed_header(x.order(x.line(), x.line()), dollars, x.context())
    assert [(v.code, v.pointer) for v in refused.value.violations] == [
        ("exchange-rate-missing", "/currency_code")
    ]


def test_header_and_lines_are_refused_with_all_reasons_at_once() -> None:
    lines = (
        NewPurchaseLine(item_no="9", quantity=Decimal(1), location_code="MOON"),
        NewPurchaseLine(item_no="8", quantity=Decimal(1)),
    )
    with pytest.raises(Refusal) as refused:
        new_order(NewPurchaseOrder(vendor_no="V404", sell_to_customer_no="C9", lines=lines), x.context())
    assert [v.pointer for v in refused.value.violations] == [
        "/vendor_no",
        "/sell_to_customer_no",
        "/lines/0/item_no",
        "/lines/0/location_code",
        "/lines/1/item_no",
    ]
    assert refused.value.waits_for == (
        ("customer", "C9"),
        ("item", "9"),
        ("location", "MOON"),
        ("item", "8"),
    )


def test_a_vendor_without_location_delivers_to_the_company() -> None:
    """BC-MD-20."""
    order = new_order(NewPurchaseOrder(vendor_no="V10"), x.context())
    assert (order.location_code, order.ship_to.city, order.order_date) == ("", "Kiel", x.TODAY)


def test_a_vendors_location_is_the_orders_default() -> None:
    vendor = Vendor(version=1, no="V10", location_code="NORTH", currency_code="GBP")
    order = new_order(NewPurchaseOrder(vendor_no="V10"), x.context(x.references(vendors=[vendor])))
    assert (order.location_code, order.ship_to.city, order.currency_code) == ("NORTH", "Hamburg", "GBP")


def test_release_is_idempotent() -> None:
    order = released(x.order(x.line()), x.context())
    assert (order.status, released(order, x.context())) == ("released", order)


def test_a_deleted_order_keeps_its_lines_with_inactive_links() -> None:
    gone = deleted(x.order(x.line(SPECIAL), x.line(line_no=20000)))
    assert gone.deleted
    assert [line.deleted for line in gone.lines] == [True, True]
    assert gone.linked_lines == ()
    assert gone.next_line_no == 30000


def row(line: Line) -> LinkRow:
    assert line.link is not None
    return link_row(line.link, "P-1001", line.id)


@pytest.mark.parametrize(
    ("status", "demand", "code"),
    [
        ("released", LineDemand(generation=1, quantity=Decimal(5)), None),
        ("released", LineDemand(generation=1, quantity=Decimal(0)), "sales-line-cancelled"),
        ("released", None, "sales-line-not-flagged"),
        ("cancelled", LineDemand(generation=1, quantity=Decimal(5)), "sales-line-cancelled"),
        ("closed", LineDemand(generation=1, quantity=Decimal(5)), None),
    ],
)
def test_i2_a_link_whose_sales_line_wants_nothing_any_more_is_a_problem(
    status: str, demand: LineDemand | None, code: str | None
) -> None:
    line = x.line(SPECIAL)
    sold = x.sales_order(x.sales_line(x.COMPASS, 20000, SPECIAL, demand=demand), status=status)
    found = link_problem(row(line), linked_sales_order(sold))
    assert (found.code if found else None) == code
    assert link_problem(row(line), None) is None


def test_get_sales_order_takes_the_generation_above_all_that_were_seen() -> None:
    sold = x.sales_line(x.COMPASS, 20000, SPECIAL)
    assert next_generation(sold, None) == 2
    assert next_generation(sold, LinkState(highest_generation=4)) == 5
