"""What a planning run takes from open lines: by item and location, without what is reserved (BC-PL-05, BC-PL-15)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from planning.domain.plan.inputs import PlanInput, profiles
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.stock.availability import PURCHASE, SALE, OpenLine
from tests.unit.planning.plan.samples import day
from tests.unit.planning.samples import ROPE, plain_line, references

PLACES = [(item_no, code) for item_no in ("1100", "1200") for code in ("NORTH", "")]
NOTHING: dict[Any, Decimal] = {}


@st.composite
def open_lines(draw: st.DrawFn) -> list[OpenLine]:
    return [_open_line(draw, number) for number in range(draw(st.integers(0, 12)))]


def _open_line(draw: st.DrawFn, number: int) -> OpenLine:
    item_no, location_code = draw(st.sampled_from(PLACES))
    quantity = draw(st.integers(1, 9))
    return OpenLine(
        line_id=UUID(int=number),
        source=draw(st.sampled_from([SALE, PURCHASE])),
        document_no=f"D-{number}",
        line_no=10000,
        item_no=item_no,
        location_code=location_code,
        due_date=day(draw(st.integers(0, 30))),
        quantity=Decimal(quantity),
        reserved=Decimal(draw(st.integers(0, quantity))),
    )


def orders_of(lines: list[OpenLine]) -> list[PurchaseOrder]:
    return [
        PurchaseOrder(
            version=1,
            no=line.document_no,
            vendor_no="V10",
            order_date=day(0),
            status="open",
            lines=(
                PurchaseLine(
                    id=line.line_id,
                    line_no=10000,
                    item_no=line.item_no,
                    quantity=line.quantity,
                    unit_of_measure_code="PCS",
                ),
            ),
        )
        for line in lines
        if line.source == PURCHASE
    ]


@given(open_lines())
def test_bc_pl_05_each_place_has_its_lines_without_what_is_reserved(lines: list[OpenLine]) -> None:
    found = PlanInput(NOTHING, lines, orders_of(lines), ())
    for source, taken in ((SALE, found.demands), (PURCHASE, found.supplies)):
        for place in PLACES:
            left = {
                line.line_id: line.quantity - line.reserved
                for line in lines
                if (line.source, *line.stock_key) == (source, *place) and line.quantity > line.reserved
            }
            assert {each.line_id: each.quantity for each in taken.get(place, ())} == left
    reserved = {line.line_id for line in lines if line.reserved}
    assert all(s.fixed == (s.line_id in reserved) for each in found.supplies.values() for s in each)


def test_a_purchase_line_that_is_being_changed_comes_as_it_was_asked_for() -> None:
    """And is not changed a second time; one that is being cancelled does not come. New lines come as well."""
    lines = [
        OpenLine(
            line_id=UUID(int=number),
            source=PURCHASE,
            document_no=f"P-{number}",
            line_no=10000,
            item_no="1100",
            location_code="NORTH",
            due_date=day(3),
            quantity=Decimal(5),
        )
        for number in range(3)
    ]
    asked: dict[str, Any] = {"status": "carrying_out", "purchase_order_line_no": 10000, "due_date": day(9)}
    under_way: list[RequisitionLine] = [
        plain_line(action_message="change_qty", quantity=Decimal(8), purchase_order_no="P-1", **asked),
        plain_line(action_message="cancel", quantity=Decimal(0), purchase_order_no="P-2", **asked),
        plain_line(status="carrying_out", quantity=Decimal(2), qty_per_unit_of_measure=Decimal(6)),
    ]
    found = PlanInput(NOTHING, lines, orders_of(lines), under_way).supplies["1100", "NORTH"]
    assert [(s.document_no, s.day, s.quantity, s.fixed) for s in found[:2]] == [
        ("P-0", day(3), 5, False),
        ("P-1", day(9), 8, True),
    ]
    assert [(s.document_no, s.quantity, s.fixed) for s in found[2:]] == [("", 12, True)]


def test_bc_pl_24_only_what_has_a_policy_and_may_be_bought_is_planned() -> None:
    planned = replace(ROPE, reordering_policy="lot_for_lot")
    found = PlanInput(NOTHING, (), (), ())
    for item, count in (
        (planned, 1),
        (ROPE, 0),
        (replace(planned, type="service"), 0),
        (replace(planned, blocked=True), 0),
        (replace(planned, purchasing_blocked=True), 0),
    ):
        assert len(profiles([("1100", "NORTH")], found, references(items=[item]))) == count
