"""Which requisition lines share a purchase order (BC-SO-17, BC-SO-18, BC-DS-17, G12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.fields import MAX_LINES
from contracts.planning.masters import Location
from contracts.sales.orders import SalesOrder
from contracts.values import Address
from planning.domain.requisitions.grouping import group, grouping_key, purchase_request, ship_to_of
from planning.domain.requisitions.lines import RequisitionLine
from tests.unit.planning.samples import NORTH, references, requisition_line, sales_order, vendor

FOUND = references(
    locations=[
        NORTH,
        Location(version=1, code="SOUTH", name="South", address="Pier 1"),
        replace(NORTH, code="TWIN"),
    ],
    vendors=[
        vendor("V1"),
        vendor("PER", grouping_policy="per_sales_order"),
        vendor("MERGE", grouping_policy="merge_special_orders"),
        vendor("USD", currency_code="USD"),
    ],
)


def line(**fields: Any) -> RequisitionLine:
    return requisition_line(**{"vendor_no": "V1", **fields})


def order(no: str, address: str, reference: str = "") -> SalesOrder:
    return sales_order(no=no, ship_to=Address(address=address), your_reference=reference)


def sizes(lines: Sequence[RequisitionLine], **orders: SalesOrder) -> list[int]:
    return sorted(len(g) for g in group(lines, {o.no: o for o in orders.values()}, FOUND))


def test_special_orders_of_one_customer_and_location_share_an_order_also_over_sales_orders() -> None:
    assert sizes([line(), line(sales_order_no="S-2")]) == [2]


def test_another_customer_vendor_currency_or_code_is_another_order() -> None:
    others = (
        {"sell_to_customer_no": "C2"},
        {"vendor_no": "PER"},
        {"vendor_no": "USD"},
        {"purchasing_code": "X"},
    )
    for other in others:
        assert sizes([line(), line(**other)]) == [1, 1], other


def test_locations_are_compared_by_address_text_not_by_code() -> None:
    assert sizes([line(), line(location_code="SOUTH")]) == [1, 1]
    assert sizes([line(), line(location_code="TWIN")]) == [2]


def test_ordinary_lines_are_not_split_by_address() -> None:
    plain = {"special_order": False, "purchasing_code": "", "sell_to_customer_no": "", "sales_order_no": ""}
    assert sizes([line(**plain), line(**plain, location_code="SOUTH")]) == [2]


def test_drop_shipments_go_by_the_sales_orders_ship_to() -> None:
    drop = {"drop_shipment": True, "special_order": False, "purchasing_code": "DROP"}
    lines = [line(**drop), line(**drop, sales_order_no="S-2"), line(**drop, location_code="SOUTH")]
    assert sizes(lines, a=order("S-1", "Seeweg 4"), b=order("S-2", "Havnen 12")) == [1, 2]
    assert sizes(lines, a=order("S-1", "Seeweg 4"), b=order("S-2", "Seeweg 4")) == [3]


def test_drop_shipments_of_different_customers_never_merge() -> None:
    """BC-DS-17, also with equal addresses and a vendor that merges."""
    drop = {"drop_shipment": True, "special_order": False, "vendor_no": "MERGE"}
    lines = [line(**drop), line(**drop, sell_to_customer_no="C2", sales_order_no="S-2")]
    assert sizes(lines, a=order("S-1", ""), b=order("S-2", "")) == [1, 1]


def test_vendor_may_want_an_order_per_sales_order_or_one_for_all_customers() -> None:
    """G12."""
    assert sizes([line(vendor_no="PER"), line(vendor_no="PER", sales_order_no="S-2")]) == [1, 1]
    merged = [line(vendor_no="MERGE"), line(vendor_no="MERGE", sell_to_customer_no="C2")]
    assert sizes(merged) == [2]
    request = purchase_request(merged, {"S-1": order("S-1", "", "Anna's")}, FOUND, new_id=uuid4)
    assert (request.sell_to_customer_no, request.your_reference) == ("", "")


def test_a_vendor_that_merges_keeps_locations_codes_and_currencies_apart() -> None:
    """G12: only the customer does not matter any more, and only of special orders."""
    special = line(vendor_no="MERGE")
    for other in ({"location_code": "SOUTH"}, {"purchasing_code": "X"}, {"special_order": False}):
        assert sizes([special, line(vendor_no="MERGE", sell_to_customer_no="C2", **other)]) == [1, 1], other


def test_header_goes_to_the_location_or_the_company_and_is_dated_by_the_earliest_line() -> None:
    """BC-SO-20."""
    lines = [line(), line(order_date=date(2026, 3, 5))]
    request = purchase_request(lines, {"S-1": order("S-1", "Seeweg 4", "ref 7")}, FOUND, new_id=uuid4)
    assert (request.ship_to.address, request.ship_to_code) == ("Dock 3", "")
    assert (request.order_date, request.your_reference) == (date(2026, 3, 5), "ref 7")
    assert request.lines[0].expected_receipt_date == date(2026, 3, 20)
    assert ship_to_of(line(location_code=""), None, FOUND).address == "Head office"


def test_large_group_becomes_several_orders() -> None:
    assert sizes([line() for _ in range(MAX_LINES + 1)]) == [1, MAX_LINES]


LINES = st.lists(
    st.builds(
        line,
        id=st.uuids(),
        vendor_no=st.sampled_from(["V1", "PER", "MERGE"]),
        sell_to_customer_no=st.sampled_from(["C1", "C2"]),
        location_code=st.sampled_from(["NORTH", "SOUTH", "TWIN", ""]),
        sales_order_no=st.sampled_from(["S-1", "S-2"]),
        sales_order_line_no=st.integers(1, 9),
        drop_shipment=st.booleans(),
    ),
    unique_by=lambda x: x.id,
    max_size=20,
)
ORDERS = {"S-1": order("S-1", "Seeweg 4"), "S-2": order("S-2", "Havnen 12")}


@given(LINES, st.randoms(use_true_random=False))
def test_groups_partition_the_lines_by_key_whatever_their_order(
    lines: list[RequisitionLine], random: Any
) -> None:
    groups = group(lines, ORDERS, FOUND)
    assert sorted(x.id for g in groups for x in g) == sorted(x.id for x in lines)

    def key(x: RequisitionLine) -> Any:
        return grouping_key(x, ship_to_of(x, ORDERS[x.sales_order_no], FOUND), FOUND)

    keys = [{key(x) for x in g} for g in groups]
    assert all(len(k) == 1 for k in keys)
    assert len({k.copy().pop() for k in keys}) == len(keys)
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert group(shuffled, ORDERS, FOUND) == groups


@given(LINES.filter(bool))
def test_request_holds_every_line_of_its_group_and_no_sales_price(lines: list[RequisitionLine]) -> None:
    ids = iter([UUID(int=1)])
    request = purchase_request(lines, ORDERS, FOUND, new_id=lambda: next(ids))
    assert [x.requisition_line_id for x in request.lines] == [x.id for x in lines]
    assert [x.quantity for x in request.lines] == [x.quantity for x in lines]


def test_a_request_names_the_external_reference_that_all_its_orders_share() -> None:
    def reference_of(*references_of_orders: str) -> str:
        numbers = [f"S-{i}" for i in range(len(references_of_orders))]
        orders = {
            no: sales_order(no=no, external_reference=reference)
            for no, reference in zip(numbers, references_of_orders, strict=True)
        }
        lines = [line(sales_order_no=no) for no in numbers]
        return purchase_request(lines, orders, FOUND, new_id=uuid4).external_reference

    assert reference_of("A", "A") == "A"
    assert reference_of("A", "B") == ""
