"""*Get Sales Order*: which lines are taken, what they become, and when nothing is taken."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contracts.planning.masters import ItemUnit
from contracts.purchasing.fields import DROP_SHIPMENT, SPECIAL_ORDER
from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal, Violations
from contracts.sales.masters import Customer
from contracts.sales.orders import LineDemand, SalesLine, SalesOrder
from domainkit.references import ReferenceData, ReferenceQuery
from domainkit.structs import extended
from purchasing.domain.links import LinkState
from purchasing.domain.orders.commands import SalesOrderToGet
from purchasing.domain.orders.get_sales_order import (
    GettingContext,
    Links,
    need_for_sales_order,
    note_associated,
    outstanding,
    retrievable,
    with_sales_order,
)
from purchasing.domain.orders.order import Order
from tests.unit.purchasing import examples as x

SPECIAL = x.sales_line(x.COMPASS, 20000, SPECIAL_ORDER)
DROP = x.sales_line(x.KAYAK, 30000, DROP_SHIPMENT, item_no="1200", quantity_shipped=Decimal(2))
SOLD = x.sales_order(x.sales_line(x.ROPE, 10000), SPECIAL, DROP)
LINKED = {x.COMPASS: LinkState(highest_generation=3, active_order_no="P-7")}


def got(
    order: Order,
    sold: SalesOrder = SOLD,
    kind: str = SPECIAL_ORDER,
    *,
    links: Links | None = None,
    found: ReferenceData | None = None,
) -> Order:
    context = extended(GettingContext, x.context(found), sales_order=sold, links=links or {})
    return with_sales_order(order, SalesOrderToGet(kind=kind, sales_order_no=sold.no), context)


def refused(*args: Any, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        got(*args, **more)
    return refusal.value


def numbers(lines: list[SalesLine]) -> list[int]:
    return [line.line_no for line in lines]


def test_bc_so_28_only_flagged_lines_of_the_kind_are_retrievable() -> None:
    assert numbers(retrievable(SOLD, SPECIAL_ORDER, {})) == [20000]
    assert numbers(retrievable(SOLD, DROP_SHIPMENT, {})) == [30000]


def test_bc_ds_10_a_line_that_another_order_buys_is_not_retrievable() -> None:
    assert retrievable(SOLD, SPECIAL_ORDER, LINKED) == []


def test_a_line_whose_link_ended_is_retrievable_again() -> None:
    assert numbers(retrievable(SOLD, SPECIAL_ORDER, {x.COMPASS: LinkState(highest_generation=3)})) == [20000]


@pytest.mark.parametrize("status", ["cancelled", "cancelling", "closed"])
def test_an_ended_sales_order_has_nothing_to_retrieve(status: str) -> None:
    assert retrievable(x.sales_order(SPECIAL, status=status), SPECIAL_ORDER, {}) == []


def test_a_deleted_sales_order_has_nothing_to_retrieve() -> None:
    assert retrievable(x.sales_order(SPECIAL, deleted=True), SPECIAL_ORDER, {}) == []


def test_a_line_that_was_shipped_whole_is_not_retrievable() -> None:
    shipped = x.sales_line(x.COMPASS, 20000, SPECIAL_ORDER, quantity_shipped=Decimal(5))
    assert retrievable(x.sales_order(shipped), SPECIAL_ORDER, {}) == []


def test_a_line_that_is_not_wanted_any_more_is_not_retrievable() -> None:
    demand = LineDemand(generation=1, quantity=Decimal(0), released=True)
    unwanted = x.sales_line(x.COMPASS, 20000, SPECIAL_ORDER, demand=demand)
    assert retrievable(x.sales_order(unwanted), SPECIAL_ORDER, {}) == []


def test_outstanding_is_what_is_still_to_ship() -> None:
    assert outstanding(DROP) == 3


def test_bc_ds_11_a_line_takes_quantity_unit_location_and_dates_of_the_sales_line() -> None:
    (line,) = got(x.order(), kind=DROP_SHIPMENT).lines
    assert (line.item_no, line.quantity, line.unit_of_measure_code) == ("1200", 3, "PCS")
    assert (line.location_code, line.expected_receipt_date) == ("NORTH", DROP.shipment_date)


def test_a_line_is_at_the_vendors_terms_not_at_the_sales_price() -> None:
    found = x.references(entries=[x.catalogue()])
    (line,) = got(x.order(), found=found).lines
    assert (line.direct_unit_cost, line.vendor_item_no) == (80, "BC-9")


def test_the_link_takes_the_next_generation() -> None:
    states = {x.COMPASS: LinkState(highest_generation=3)}
    (line,) = got(x.order(), links=states).lines
    assert line.link is not None
    assert (line.link.kind, line.link.sales.generation, line.link.sales.sales_line_id) == (
        SPECIAL_ORDER,
        4,
        x.COMPASS,
    )


def test_fetched_lines_come_after_the_orders_own() -> None:
    order = x.order(x.line(line_no=40000), ship_to=x.receiving_address())
    assert [line.line_no for line in got(order).lines] == [40000, 50000]


def test_an_empty_order_takes_the_address_of_a_drop_shipment() -> None:
    order = got(x.order(), kind=DROP_SHIPMENT)
    assert (order.ship_to, order.your_reference) == (x.SHIP_TO, "Anniversary")


def test_an_empty_order_takes_the_location_of_a_special_order() -> None:
    order = got(x.order(location_code=""))
    assert (order.ship_to.city, order.location_code) == ("Hamburg", "NORTH")


def test_bc_so_27_every_field_of_another_address_is_named() -> None:
    refusal = refused(x.order(x.line()))
    assert {v.code for v in refusal.violations} == {"ship-to-mismatch"}
    assert {v.members["field"] for v in refusal.violations} == {"name", "city"}


def test_bc_ds_09_another_ship_to_code_is_refused() -> None:
    refusal = refused(x.order(), x.sales_order(DROP, ship_to_code="LAKE"), DROP_SHIPMENT)
    assert (refusal.code, refusal.violations[0].members) == ("ship-to-mismatch", {"field": "ship_to_code"})


@pytest.mark.parametrize("customer_no", ["", "C200"])
def test_bc_ds_06_the_order_must_be_of_the_customer(customer_no: str) -> None:
    refusal = refused(x.order(sell_to_customer_no=customer_no))
    assert (refusal.code, refusal.violations[0].members) == ("customer-mismatch", {"customer_no": "C100"})


def test_only_an_open_order_takes_lines() -> None:
    assert refused(x.order(status="released")).code == "order-not-open"


def test_bc_md_17_18_a_blocked_vendor_and_customer_are_both_named() -> None:
    found = x.references(
        vendors=[Vendor(version=1, no="V10", blocked="all")],
        customers=[Customer(version=1, no="C100", name="A", blocked="all")],
    )
    assert [v.code for v in refused(x.order(), found=found).violations] == [
        "vendor-blocked",
        "customer-blocked",
    ]


def test_bc_md_11_a_blocked_item_is_refused() -> None:
    found = x.references(items=[x.item("1100", purchasing_blocked=True)])
    assert refused(x.order(), found=found).code == "item-blocked"


def test_bc_so_28_a_unit_that_changed_since_the_sale_is_refused() -> None:
    sold = x.sales_line(x.COMPASS, 20000, SPECIAL_ORDER, unit_of_measure_code="BOX")
    bigger = x.item("1100", units_of_measure=(ItemUnit(code="BOX", qty_per=Decimal(12)),))
    refusal = refused(x.order(), x.sales_order(sold), found=x.references(items=[bigger]))
    assert (refusal.code, refusal.violations[0].members) == ("unit-mismatch", {"line_no": 20000})


def test_without_a_line_to_take_the_orders_that_have_them_are_named() -> None:
    refusal = refused(x.order(), links=LINKED)
    assert [v.code for v in refusal.violations] == [
        "no-sales-lines-to-retrieve",
        "already-associated-with-purchase-order",
    ]
    assert refusal.violations[1].members["purchase_order_no"] == "P-7"


def test_a_newer_copy_of_the_sales_order_could_have_lines_to_take() -> None:
    assert refused(x.order(), links=LINKED).waits_for == (("sales-order", "S-1001"),)


def test_a_lost_race_names_the_line_and_the_winner() -> None:
    found = Violations()
    note_associated(found, SPECIAL, SOLD, LINKED[x.COMPASS])
    refusal = found.refusal()
    assert refusal is not None
    assert refusal.violations[0].members == {"line_no": 20000, "purchase_order_no": "P-7"}


def test_what_the_lines_refer_to_is_asked_for() -> None:
    query = ReferenceQuery()
    need_for_sales_order(query, x.order(), SOLD)
    asked = {no for _, no in query}
    assert {"C100", "NORTH", "V10", "1100", "1200", "V10/1100"} <= asked


def test_e5_only_what_other_lines_did_not_give_is_bought() -> None:
    demand = LineDemand(generation=1, quantity=Decimal(5), released=True, supplied=Decimal(3))
    sold = x.sales_order(x.sales_line(x.COMPASS, 20000, SPECIAL_ORDER, demand=demand))
    assert [line.quantity for line in got(x.order(), sold).lines] == [2]
    whole = LineDemand(generation=1, quantity=Decimal(5), released=True, supplied=Decimal(5))
    assert (
        retrievable(
            x.sales_order(x.sales_line(x.COMPASS, 20000, SPECIAL_ORDER, demand=whole)), SPECIAL_ORDER, {}
        )
        == []
    )
