"""The lines of an order: POS-24, POS-29, B3, B4."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from contracts.planning.masters import Item, ItemUnit
from contracts.refusals import Reason, Violations
from pos_gateway.domain.orders.deliveries import Delivery
from pos_gateway.domain.orders.lines import Position, build_line, positions
from pos_gateway.domain.orders.order import OrderLine
from tests.unit.pos_gateway.samples import FOUND, TODAY, context, found_in, line, new_order

AT = Position(10_000, "/lines/0")
PICKED_UP = Delivery(mode="pickup", location_code="SHOP1", pickup_store_no="S1", requested_date=TODAY)
SHIPPED = Delivery(mode="ship", location_code="SHOP1", requested_date=TODAY)
ROPE = Item(
    version=1,
    no="ROPE",
    base_unit_of_measure="PCS",
    sales_unit_of_measure="BOX",
    units_of_measure=(ItemUnit(code="BOX", qty_per=Decimal(10)),),
)


def built(
    delivery: Delivery | None = PICKED_UP, item: Item = ROPE, **changes: Any
) -> tuple[OrderLine | None, Violations]:
    found = Violations()
    (new,) = new_order(line(**{"item_no": item.no} | changes)).lines
    return build_line(found, new, AT, delivery, context(found={**FOUND, Item: {item.no: item}})), found


def test_lines_are_numbered_in_tens_of_thousands() -> None:
    assert positions(new_order(line(), line()).lines) == [
        Position(10_000, "/lines/0"),
        Position(20_000, "/lines/1"),
    ]


def test_the_unit_is_that_of_sale_unless_the_till_says_another() -> None:
    usual, _ = built()
    single, _ = built(unit_of_measure_code="pcs")

    assert usual is not None
    assert single is not None
    assert (usual.unit_of_measure_code, single.unit_of_measure_code) == ("BOX", "PCS")


def test_a_unit_that_the_item_lacks_may_come_with_a_newer_copy() -> None:
    _, found = built(unit_of_measure_code="TON")

    refusal = found.refusal()
    assert refusal is not None
    assert (refusal.code, refusal.waits_for) == ("unknown-unit-of-measure", (("item", "ROPE"),))


def test_b3_there_is_no_half_of_a_piece() -> None:
    _, found = built(quantity="0.5", unit_of_measure_code="PCS")

    assert found_in(found) == [("invalid-quantity", "/lines/0/quantity")]


def test_b4_a_price_has_no_more_decimals_than_the_currency() -> None:
    _, found = built(unit_price="1.005")

    assert found_in(found) == [("invalid-amount", "/lines/0/unit_price")]


def test_b4_a_discount_does_not_exceed_the_line() -> None:
    _, found = built(unit_price="10.00", quantity="2", discount="20.01")

    assert found_in(found) == [("invalid-amount", "/lines/0/discount")]


def test_an_item_that_is_blocked_for_sale_conflicts() -> None:
    _, found = built(item=msgspec.structs.replace(ROPE, sales_blocked=True))

    refusal = found.refusal()
    assert refusal is not None
    assert (refusal.code, refusal.reason) == ("item-blocked", Reason.CONFLICT)


def test_a_line_without_an_item_is_refused() -> None:
    _, found = built(item_no="")

    assert found_in(found) == [("item-required", "/lines/0/item_no")]


def test_b7_only_items_are_sold() -> None:
    _, found = built(type="gift_card")

    assert found_in(found) == [("line-type-not-allowed", "/lines/0/type")]


def test_pos_29_only_what_is_shipped_bears_a_shipping_charge() -> None:
    _, picked_up = built(shipping_charge="2.00")
    shipped, _ = built(SHIPPED, shipping_charge="2.00")

    assert found_in(picked_up) == [("shipping-charge-not-allowed", "/lines/0/shipping_charge")]
    assert shipped is not None
    assert shipped.shipping_charge == 2


def test_a_purchasing_code_that_is_not_known_may_still_come() -> None:
    _, found = built(purchasing_code="LATER")

    refusal = found.refusal()
    assert refusal is not None
    assert refusal.waits_for == (("purchasing-code", "LATER"),)


def test_a_line_is_not_made_while_its_delivery_is_wrong() -> None:
    made, found = built(None)

    assert (made, found_in(found)) == (None, [])
