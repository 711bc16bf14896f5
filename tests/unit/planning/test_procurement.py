"""What planning makes of sales orders, purchase orders and outcomes: pure decisions over plain values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.planning import PurchaseRequest
from contracts.purchasing import (
    ItemVendor,
    PriceBreak,
    PurchaseLine,
    PurchaseLink,
    PurchaseOrder,
    RequestOutcome,
    Vendor,
)
from contracts.sales import Company, LineDemand, PurchasingCode, SalesLine, SalesOrder
from contracts.values import Problem, SalesLineRef
from planning.domain.demand import OrderDemand, happenings, snapshot
from planning.domain.links import follow_purchase_order
from planning.domain.masters import ItemCard, LocationCard, Setup, StockkeepingUnitCard
from planning.domain.outcomes import follow_outcome
from planning.domain.procurement import follow_sales_order
from planning.domain.references import CopyMissing, References
from planning.domain.requisition import RequisitionLine
from planning.domain.worksheets import GetSalesOrders, delete_line, get_sales_lines

EMPTY = OrderDemand(sales_order_no="S-1")
BOTH = GetSalesOrders(worksheet="DEFAULT", kind="both")


def refs(**fields: Any) -> References:
    return References(
        **{
            "company": Company(version=1, name="K", currency_code="EUR", time_zone="UTC"),
            "items": {
                "1100": ItemCard(no="1100", vendor_no="V10", last_direct_cost=Decimal(70)),
                "1200": ItemCard(no="1200", vendor_no="V20"),
            },
            "locations": {"NORTH": LocationCard(code="NORTH", inbound_handling_days=1)},
            "vendors": {no: Vendor(version=1, no=no, lead_time_days=7) for no in ("V10", "V20")},
            "purchasing_codes": {
                "SPEC": PurchasingCode(version=1, code="SPEC", special_order=True),
                "DROP": PurchasingCode(version=1, code="DROP", drop_shipment=True),
            },
            **fields,
        }
    )


def sales_line(line_no: int = 10000, *, drop: bool = False, generation: int = 1, **fields: Any) -> SalesLine:
    quantity = Decimal(fields.pop("quantity", 2))
    return SalesLine(
        **{
            "id": UUID(int=line_no),
            "line_no": line_no,
            "item_no": "1200" if drop else "1100",
            "quantity": quantity,
            "location_code": "NORTH",
            "shipment_date": date(2026, 3, 20),
            "planned_delivery_date": date(2026, 3, 22),
            "purchasing_code": "DROP" if drop else "SPEC",
            "drop_shipment": drop,
            "special_order": not drop,
            "demand": LineDemand(
                generation=generation, quantity=quantity, released=fields.pop("released", True)
            ),
            **fields,
        }
    )


def order(*lines: SalesLine, **fields: Any) -> SalesOrder:
    return SalesOrder(
        **{
            "version": 1,
            "no": "S-1",
            "status": "released",
            "customer_no": "C1",
            "order_date": date(2026, 3, 1),
            "lines": lines,
            **fields,
        }
    )


def states(demand: OrderDemand) -> dict[tuple[int, int], str]:
    return {(row.sales_order_line_no, row.generation): row.state for row in demand.rows.values()}


def only_line(demand: OrderDemand) -> RequisitionLine:
    (line,) = demand.lines.values()
    return line


def bought(request: PurchaseRequest, *, active: bool = True) -> PurchaseOrder:
    lines = tuple(
        PurchaseLine(
            id=uuid4(),
            line_no=10000 * (i + 1),
            item_no=line.item_no,
            quantity=line.quantity,
            unit_of_measure_code="PCS",
            requisition_line_id=line.requisition_line_id,
            link=PurchaseLink(
                link_id=uuid4(),
                kind="drop_shipment" if line.drop_shipment else "special_order",
                sales=line.sales,
                active=active,
            )
            if line.sales
            else None,
        )
        for i, line in enumerate(request.lines)
    )
    return PurchaseOrder(
        version=1,
        no="P-1",
        status="open",
        vendor_no=request.vendor_no,
        order_date=date(2026, 3, 2),
        lines=lines,
    )


def linked_by_others(line: SalesLine, generation: int, no: str = "P-9") -> PurchaseOrder:
    sales = SalesLineRef(
        sales_order_no="S-1", sales_order_line_no=line.line_no, sales_line_id=line.id, generation=generation
    )
    link = PurchaseLink(link_id=uuid4(), kind="special_order", sales=sales)
    bought_line = PurchaseLine(
        id=uuid4(),
        line_no=10000,
        item_no=line.item_no,
        quantity=line.quantity,
        unit_of_measure_code="PCS",
        link=link,
    )
    return PurchaseOrder(
        version=1, no=no, status="open", vendor_no="V10", order_date=date(2026, 3, 2), lines=(bought_line,)
    )


@pytest.mark.parametrize(
    ("automation", "state", "lines", "requests"),
    [
        ("manual", "awaiting_requisition", 0, 0),
        ("requisition", "requisitioned", 1, 0),
        ("purchase_order", "requested", 1, 1),
    ],
)
def test_automation_decides_how_far_a_released_line_goes(
    automation: str, state: str, lines: int, requests: int
) -> None:
    decision = follow_sales_order(
        EMPTY, order(sales_line(), procurement_automation=automation), refs(), uuid4
    )
    assert states(decision.demand) == {(10000, 1): state}
    assert (len(decision.demand.lines), len(decision.requests)) == (lines, requests)
    assert decision.demand.version == 1
    assert decision.demand.gettable is (automation == "manual")


def test_order_that_says_nothing_follows_the_setup() -> None:
    decision = follow_sales_order(EMPTY, order(sales_line()), refs(setup=Setup(automation="manual")), uuid4)
    assert states(decision.demand) == {(10000, 1): "awaiting_requisition"}


def test_special_order_is_dated_back_by_handling_safety_and_lead_time() -> None:
    """BC-SO-11, BC-PL-27: due at the shipment date; lead time of the vendor when nobody nearer has one."""
    item = ItemCard(no="1100", vendor_no="V10", safety_lead_time_days=2)
    line = only_line(follow_sales_order(EMPTY, order(sales_line()), refs(items={"1100": item}), uuid4).demand)
    assert (line.due_date, line.receipt_date, line.order_date) == (
        date(2026, 3, 20),
        date(2026, 3, 17),
        date(2026, 3, 10),
    )


def test_drop_shipment_is_asked_for_at_the_delivery_date_without_handling() -> None:
    """BC-DS-11, BC-DS-16."""
    line = only_line(follow_sales_order(EMPTY, order(sales_line(drop=True)), refs(), uuid4).demand)
    assert (line.due_date, line.receipt_date, line.order_date) == (
        date(2026, 3, 20),
        date(2026, 3, 22),
        date(2026, 3, 13),
    )


def test_lead_time_is_the_units_else_the_catalogues_else_the_items_else_the_vendors() -> None:
    """BC-PL-27."""
    unit = StockkeepingUnitCard(location_code="NORTH", item_no="1100", lead_time_days=1)
    offer = ItemVendor(version=1, vendor_no="V10", item_no="1100", lead_time_days=2)
    item = ItemCard(no="1100", vendor_no="V10", lead_time_days=3)
    known: dict[str, Any] = {
        "units": {"NORTH/1100": unit},
        "catalogue": {"V10/1100": offer},
        "items": {"1100": item},
    }
    found = []
    for name in ("units", "catalogue", "items", ""):
        found.append(refs(**known).lead_time_days("V10", "1100", "NORTH"))
        known.pop(name, None)
    assert found == [1, 2, 3, 7]


def test_vendor_is_the_stockkeeping_units_before_the_items() -> None:
    """BC-MD-12: a blocked vendor on the item card does not matter then."""
    known = refs(
        units={"NORTH/1100": StockkeepingUnitCard(location_code="NORTH", item_no="1100", vendor_no="V20")},
        vendors={"V10": Vendor(version=1, no="V10", blocked="all"), "V20": Vendor(version=1, no="V20")},
    )
    (request,) = follow_sales_order(EMPTY, order(sales_line()), known, uuid4).requests
    assert request.vendor_no == "V20"


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"items": {"1100": ItemCard(no="1100")}}, "vendor-required"),
        ({"items": {"1100": ItemCard(no="1100", vendor_no="V10", purchasing_blocked=True)}}, "item-blocked"),
        ({"vendors": {"V10": Vendor(version=1, no="V10", blocked="all")}}, "vendor-blocked"),
        ({"vendors": {"V10": Vendor(version=1, no="V10", privacy_blocked=True)}}, "vendor-blocked"),
        (
            {"purchasing_codes": {"SPEC": PurchasingCode(version=2, code="SPEC", drop_shipment=True)}},
            "purchasing-code-mismatch",
        ),
        (
            {
                "catalogue": {
                    "V10/1100": ItemVendor(
                        version=1, vendor_no="V10", item_no="1100", minimum_quantity=Decimal(10)
                    )
                }
            },
            "below-minimum",
        ),
        ({"setup": Setup(automation_limit_amount=Decimal(139))}, "above-automation-limit"),
    ],
)
def test_what_stands_against_automation_leaves_the_line_open_and_tells_the_sales_order(
    known: dict[str, Any], code: str
) -> None:
    """BC-MD-05, BC-MD-11, BC-MD-18, G20, E9; automation never raises a quantity."""
    decision = follow_sales_order(EMPTY, order(sales_line()), refs(**known), uuid4)
    line = only_line(decision.demand)
    assert (decision.requests, line.status, line.accept_action_message) == ((), "open", False)
    assert line.quantity == 2
    assert code in {line.warning, line.problem.code if line.problem else ""}
    (told,) = snapshot(decision.demand).lines
    assert told.state == "requisitioned"
    assert told.problem is not None
    assert told.problem.code == code


def test_blank_location_stops_automation_where_locations_are_mandatory() -> None:
    """BC-MD-21."""
    known = refs(setup=Setup(location_mandatory=True))
    line = only_line(follow_sales_order(EMPTY, order(sales_line(location_code="")), known, uuid4).demand)
    assert line.problem is not None
    assert line.problem.code == "location-required"


def test_vendor_payment_block_stops_nothing() -> None:
    """BC-MD-18."""
    known = refs(vendors={"V10": Vendor(version=1, no="V10", blocked="payment")})
    assert len(follow_sales_order(EMPTY, order(sales_line()), known, uuid4).requests) == 1


def test_cost_preview_takes_the_best_reached_break_in_the_vendors_unit() -> None:
    offer = ItemVendor(
        version=1,
        vendor_no="V10",
        item_no="1100",
        direct_unit_cost=Decimal(90),
        price_breaks=(
            PriceBreak(
                minimum_quantity=Decimal(2), direct_unit_cost=Decimal(80), line_discount_pct=Decimal(10)
            ),
            PriceBreak(minimum_quantity=Decimal(50), direct_unit_cost=Decimal(60)),
            PriceBreak(direct_unit_cost=Decimal(1), to_date=date(2025, 12, 31)),
        ),
    )
    known = refs(catalogue={"V10/1100": offer})
    assert (
        only_line(follow_sales_order(EMPTY, order(sales_line()), known, uuid4).demand).direct_unit_cost == 72
    )


def test_vendor_copy_that_has_not_come_is_waited_for() -> None:
    with pytest.raises(CopyMissing) as missing:
        follow_sales_order(EMPTY, order(sales_line()), refs(vendors={}), uuid4)
    assert (missing.value.kind, missing.value.no) == ("vendor", "V10")


def test_unreleased_lines_are_only_gettable() -> None:
    decision = follow_sales_order(EMPTY, order(sales_line(released=False), status="open"), refs(), uuid4)
    assert (decision.demand.rows, decision.demand.gettable, decision.demand.version) == ({}, True, 0)


def test_requisition_that_a_person_took_before_release_stays_his() -> None:
    unreleased = order(sales_line(released=False), status="open")
    taken, lines = get_sales_lines(EMPTY, unreleased, BOTH, refs(), uuid4)
    assert len(lines) == 1
    after = follow_sales_order(taken, order(sales_line()), refs(), uuid4)
    assert (after.requests, states(after.demand)) == ((), {(10000, 1): "requisitioned"})


def test_requisition_deleted_before_release_is_procured_at_release() -> None:
    unreleased = order(sales_line(released=False), status="open")
    taken, (line,) = get_sales_lines(EMPTY, unreleased, BOTH, refs(), uuid4)
    after = follow_sales_order(delete_line(taken, line), order(sales_line()), refs(), uuid4)
    assert len(after.requests) == 1


def test_line_that_is_flagged_again_before_release_is_procured_at_release() -> None:
    unreleased = order(sales_line(released=False), status="open")
    taken, _ = get_sales_lines(EMPTY, unreleased, BOTH, refs(), uuid4)
    gone = follow_sales_order(taken, order(status="open"), refs(), uuid4).demand
    assert states(gone) == {(10000, 1): "cancelled"}
    assert len(follow_sales_order(gone, order(sales_line()), refs(), uuid4).requests) == 1


def test_next_generation_supersedes_an_exception() -> None:
    first = follow_sales_order(EMPTY, order(sales_line()), refs(), uuid4)
    linked = follow_purchase_order(first.demand, bought(first.requests[0]), uuid4)
    broken = follow_purchase_order(linked, bought(first.requests[0], active=False), uuid4)
    assert states(broken) == {(10000, 1): "exception"}
    assert broken.gettable
    again = follow_sales_order(broken, order(sales_line(generation=2)), refs(), uuid4)
    assert states(again.demand) == {(10000, 1): "superseded", (10000, 2): "requested"}
    assert [x.generation for x in snapshot(again.demand).lines] == [2]


def test_get_sales_orders_after_a_deleted_purchase_line_starts_the_next_generation() -> None:
    """BC-SO-42."""
    first = follow_sales_order(EMPTY, order(sales_line()), refs(), uuid4)
    linked = follow_purchase_order(first.demand, bought(first.requests[0]), uuid4)
    broken = follow_purchase_order(linked, bought(first.requests[0], active=False), uuid4)
    again, (line,) = get_sales_lines(broken, order(sales_line()), BOTH, refs(), uuid4)
    assert line.generation == 2
    assert states(again) == {(10000, 1): "superseded", (10000, 2): "requisitioned"}


def test_lower_generation_than_the_highest_known_is_never_taken_up() -> None:
    """A line that purchasing got by itself, before its order was released."""
    line = sales_line()
    adopted = follow_purchase_order(EMPTY, linked_by_others(line, 2), uuid4)
    after = follow_sales_order(adopted, order(line), refs(), uuid4)
    assert (after.requests, states(after.demand)) == ((), {(10000, 2): "ordered"})


def test_what_is_learned_from_purchasing_is_not_told_again() -> None:
    first = follow_sales_order(EMPTY, order(sales_line()), refs(), uuid4)
    linked = follow_purchase_order(first.demand, bought(first.requests[0]), uuid4)
    assert linked.version == first.demand.version
    assert happenings(first.demand, linked) == ("ordered",)


def test_refused_request_opens_its_lines_with_the_reason() -> None:
    first = follow_sales_order(EMPTY, order(sales_line(), sales_line(20000)), refs(), uuid4)
    errors = (
        Problem(code="currency-missing", detail="no rate"),
        Problem(code="item-blocked", detail="blocked", line_no=20000),
    )
    outcome = RequestOutcome(
        version=1, request_id=first.requests[0].id, kind="purchase_request", outcome="refused", errors=errors
    )
    after = follow_outcome(first.demand, outcome)
    found = {x.sales_order_line_no: x.problem.code for x in after.lines.values() if x.problem}
    assert found == {10000: "currency-missing", 20000: "item-blocked"}
    assert after.version == first.demand.version + 1
    assert follow_outcome(after, outcome).version == after.version


def test_refused_request_of_a_deleted_sales_line_ends_cancelled() -> None:
    """I8: never silently open."""
    first = follow_sales_order(EMPTY, order(sales_line()), refs(), uuid4)
    gone = follow_sales_order(first.demand, order(), refs(), uuid4).demand
    assert states(gone) == {(10000, 1): "requested"}
    outcome = RequestOutcome(
        version=1, request_id=first.requests[0].id, kind="purchase_request", outcome="refused"
    )
    after = follow_outcome(gone, outcome)
    assert (states(after), only_line(after).status) == ({(10000, 1): "cancelled"}, "cancelled")


ACTS = st.lists(
    st.sampled_from(["sales", "again", "gone", "link", "unlink", "foreign", "refuse", "skip_generation"]),
    max_size=12,
)


@given(ACTS)
def test_whatever_comes_in_whatever_order_a_line_is_asked_for_once_per_generation(
    acts: Iterable[str],
) -> None:
    """I2: idempotent re-application; at most one live requisition per sales line; one request per generation."""
    demand, generation = EMPTY, 1
    requests: list[PurchaseRequest] = []
    for act in acts:
        line = sales_line(generation=generation)
        before = demand
        if act in {"sales", "again"}:
            decision = follow_sales_order(demand, order(line), refs(), uuid4)
            requests += decision.requests
            demand = decision.demand
            repeated = follow_sales_order(demand, order(line), refs(), uuid4)
            assert (repeated.demand.rows, repeated.demand.lines, repeated.requests) == (
                demand.rows,
                demand.lines,
                (),
            )
        elif act == "gone":
            demand = follow_sales_order(demand, order(), refs(), uuid4).demand
        elif act == "foreign":
            generation = max((row.generation for row in demand.rows.values()), default=0) + 1
            demand = follow_purchase_order(demand, linked_by_others(line, generation), uuid4)
        elif act == "skip_generation":
            generation += 1
        elif requests and act in {"link", "unlink"}:
            snapshot_ = bought(requests[-1], active=act == "link")
            demand = follow_purchase_order(demand, snapshot_, uuid4)
            assert follow_purchase_order(demand, snapshot_, uuid4).rows == demand.rows
        elif requests:
            outcome = RequestOutcome(
                version=1, request_id=requests[-1].id, kind="purchase_request", outcome="refused"
            )
            demand = follow_outcome(demand, outcome)
        assert demand.rows.keys() >= before.rows.keys(), "rows are never deleted"
        assert demand.version >= before.version
        live = [x for x in demand.lines.values() if x.is_live and x.wants_purchase]
        assert len(live) <= 1
        asked = [x.sales.generation for r in requests for x in r.lines if x.sales]
        assert len(asked) == len(set(asked)), "one request per generation"
        newest = list(demand.newest())
        assert len(newest) == len({row.sales_line_id for row in newest})


def test_replacing_a_line_keeps_the_demand_of_the_others() -> None:
    first = follow_sales_order(EMPTY, order(sales_line(), sales_line(20000, drop=True)), refs(), uuid4)
    shorter = replace(order(sales_line(20000, drop=True)), version=2)
    after = follow_sales_order(first.demand, shorter, refs(), uuid4)
    assert states(after.demand) == {(10000, 1): "requested", (20000, 1): "requested"}
    assert [
        row.withdrawn for row in sorted(after.demand.rows.values(), key=lambda r: r.sales_order_line_no)
    ] == [
        True,
        False,
    ]
