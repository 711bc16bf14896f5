"""What becomes of planning's purchase requests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.planning.masters import Item
from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.masters import PriceBreak, Vendor
from contracts.sales.masters import Customer
from contracts.values import Address
from domainkit.references import CopyMissing, ReferenceData
from purchasing.domain.links import LinkState
from purchasing.domain.requests.purchase_requests import DecidedRequest, decide_request, without_lost
from tests.unit.purchasing import examples as x


def decided(
    request: PurchaseRequest,
    links: dict[UUID, LinkState] | None = None,
    *,
    found: ReferenceData | None = None,
) -> DecidedRequest:
    return decide_request(request, links or {}, x.context(found))


def test_bc_so_20_header_takes_customer_location_and_the_vendors_terms() -> None:
    vendor = Vendor(
        version=1, no="V10", name="Compass Works", currency_code="GBP", shipment_method_code="EXW"
    )
    order = decided(x.request(), found=x.rated(x.references(vendors=[vendor]), "GBP")).order
    assert order is not None
    assert (order.status, order.vendor_name, order.sell_to_customer_no) == ("open", "Compass Works", "C100")
    assert (order.currency_code, order.shipment_method_code, order.order_date) == ("GBP", "EXW", x.TODAY)
    assert (order.location_code, order.ship_to.city, order.ship_to_code) == ("NORTH", "Hamburg", "")


def test_a_price_that_nobody_knows_for_want_of_a_rate_is_shown_and_not_bought_at_zero() -> None:
    """BC-MD-15."""
    vendor = Vendor(version=1, no="V10", currency_code="USD")
    american = x.references(vendors=[vendor])
    refused = decided(x.request(), found=american)
    assert (refused.outcome, refused.order) == ("refused", None)
    assert [(e.code, e.line_no, e.pointer) for e in refused.errors] == [
        ("exchange-rate-missing", 20000, "/lines/0")
    ]
    order = decided(x.request(), found=x.rated(american)).order
    assert order is not None
    assert (order.currency_code, order.lines[0].direct_unit_cost) == ("USD", Decimal("8.75"))


def test_the_catalogue_s_currency_is_that_of_the_order() -> None:
    """BC-SO-18."""
    listed = x.references(entries=[x.catalogue(currency_code="USD", direct_unit_cost=Decimal(80))])
    order = decided(x.request(currency_code="EUR"), found=listed).order
    assert order is not None
    assert (order.currency_code, order.lines[0].direct_unit_cost) == ("USD", 80)


def test_g14_the_price_is_that_of_the_later_of_order_date_and_today() -> None:
    later = x.TODAY + timedelta(days=30)
    breaks = (
        PriceBreak(direct_unit_cost=Decimal(60), from_date=x.TODAY, to_date=x.TODAY),
        PriceBreak(direct_unit_cost=Decimal(50), from_date=later, to_date=later),
    )
    listed = x.references(entries=[x.catalogue(price_breaks=breaks)])

    def cost_on(order_date: date) -> Decimal:
        order = decided(x.request(order_date=order_date), found=listed).order
        assert order is not None
        return order.lines[0].direct_unit_cost

    assert cost_on(x.TODAY - timedelta(days=30)) == Decimal(60)
    assert cost_on(later) == Decimal(50)


def test_a_foreign_purchase_waits_for_the_company() -> None:
    vendor = Vendor(version=1, no="V10", currency_code="USD")
    nobody = ReferenceData({Vendor: {"V10": vendor}, Item: x.references().all_of(Item)})
    with pytest.raises(CopyMissing) as missing:
        decided(x.request(), found=nobody)
    assert missing.value.kind == "company"


def test_g15_customers_reference_reaches_the_vendor() -> None:
    order = decided(x.request()).order
    assert order is not None
    assert order.your_reference == "Anniversary"


def test_bc_so_20_without_location_goods_go_to_the_company() -> None:
    order = decided(x.request(location_code="")).order
    assert order is not None
    assert order.ship_to.city == "Kiel"


def test_bc_ds_16_drop_shipment_goes_to_the_customers_address() -> None:
    line = x.request_line(drop_shipment=True, special_order=False, purchasing_code="DROP")
    order = decided(x.request(line, ship_to=x.SHIP_TO, ship_to_code="LAKE")).order
    assert order is not None
    assert (order.ship_to, order.ship_to_code) == (x.SHIP_TO, "LAKE")
    assert order.lines[0].drop_shipment


def test_a_drop_shipment_without_any_address_is_not_sent_to_the_warehouse() -> None:
    line = x.request_line(drop_shipment=True, special_order=False)
    order = decided(x.request(line)).order
    assert order is not None
    assert order.ship_to == Address()


def test_bc_so_21_line_carries_dates_code_and_link() -> None:
    wanted = x.request_line(
        expected_receipt_date=date(2026, 3, 10),
        requested_receipt_date=date(2026, 3, 9),
        quantity=Decimal("2.5"),
    )
    order = decided(x.request(wanted)).order
    assert order is not None
    line = order.lines[0]
    assert (line.line_no, line.quantity, line.purchasing_code) == (10000, Decimal("2.5"), "SPEC")
    assert (line.expected_receipt_date, line.requested_receipt_date) == (date(2026, 3, 10), date(2026, 3, 9))
    assert line.requisition_line_id == wanted.requisition_line_id
    assert line.link is not None
    assert (line.link.kind, line.link.sales, line.link.active) == ("special_order", wanted.sales, True)


def test_lead_time_of_catalogue_item_and_vendor_date_a_line_without_date() -> None:
    by_vendor = decided(x.request()).order
    by_item = decided(x.request(), found=x.references(items=[x.item("1100", lead_time_days=3)])).order
    by_entry = decided(x.request(), found=x.references(entries=[x.catalogue(lead_time_days=0)])).order
    dates = [o.lines[0].expected_receipt_date for o in (by_vendor, by_item, by_entry) if o is not None]
    assert dates == [date(2026, 3, 7), date(2026, 3, 5), date(2026, 3, 2)]


def test_bc_so_22_line_with_an_active_link_is_skipped_and_names_the_order() -> None:
    decision = decided(x.request(), {x.COMPASS: LinkState(highest_generation=1, active_order_no="P-7")})
    assert (decision.order, decision.outcome) == (None, "skipped")
    assert decision.skipped[0].code == "already-associated-with-purchase-order"
    assert decision.skipped[0].purchase_order_no == "P-7"
    assert decision.publishes_outcome


def test_bc_so_22_other_lines_of_a_request_are_bought() -> None:
    request = x.request(x.request_line(), x.request_line("1200", x.ref(x.KAYAK)))
    decision = decided(request, {x.COMPASS: LinkState(highest_generation=1, active_order_no="P-7")})
    assert decision.order is not None
    assert [line.item_no for line in decision.order.lines] == ["1200"]
    assert (decision.outcome, len(decision.skipped), decision.publishes_outcome) == ("created", 1, True)


def test_a_sales_line_named_twice_in_one_request_is_bought_once() -> None:
    decision = decided(x.request(x.request_line(), x.request_line()))
    assert decision.order is not None
    assert len(decision.order.lines) == len(decision.skipped) == 1


def test_a_lower_generation_than_the_highest_seen_is_superseded() -> None:
    decision = decided(x.request(), {x.COMPASS: LinkState(highest_generation=2)})
    assert (decision.outcome, decision.order) == ("superseded", None)


def test_bc_so_42_a_generation_whose_purchase_line_was_deleted_is_not_bought_again() -> None:
    assert decided(x.request(), {x.COMPASS: LinkState(highest_generation=1)}).outcome == "superseded"


def test_procure_again_is_the_next_generation_and_is_bought() -> None:
    again = x.request(x.request_line(sales=x.ref(generation=2)))
    assert decided(again, {x.COMPASS: LinkState(highest_generation=1)}).outcome == "created"


def test_bc_so_15_every_reason_is_given_at_once() -> None:
    request = x.request(
        x.request_line(quantity=Decimal(0)),
        x.request_line("1200", x.ref(x.KAYAK), drop_shipment=True),
    )
    found = x.references(
        vendors=[Vendor(version=1, no="V10", blocked="all")],
        customers=[Customer(version=1, no="C100", name="Anna", blocked="all")],
        items=[x.item("1200", purchasing_blocked=True)],
    )
    decision = decided(request, found=found)
    assert decision.outcome == "refused"
    assert {e.code for e in decision.errors} == {
        "vendor-blocked",
        "customer-blocked",
        "item-blocked",
        "quantity-mismatch",
        "purchasing-code-exclusive",
    }
    assert decision.event().errors == decision.errors


@pytest.mark.parametrize(
    ("vendor", "code"),
    [
        (None, "unknown-vendor"),
        (Vendor(version=1, no="V10", blocked="all"), "vendor-blocked"),
        (Vendor(version=1, no="V10", privacy_blocked=True), "vendor-blocked"),
    ],
)
def test_bc_md_18_vendor_that_nothing_may_be_bought_from(vendor: Vendor | None, code: str) -> None:
    decision = decided(x.request(), found=x.references(vendors=[vendor] if vendor else []))
    assert [e.code for e in decision.errors] == [code]


def test_bc_md_18_a_vendor_blocked_for_payment_still_delivers() -> None:
    blocked = Vendor(version=1, no="V10", blocked="payment")
    assert decided(x.request(), found=x.references(vendors=[blocked])).outcome == "created"


def test_lines_already_bought_do_not_matter_to_refusals() -> None:
    state = LinkState(highest_generation=1, active_order_no="P-7")
    assert decided(x.request(), {x.COMPASS: state}, found=x.references(vendors=[])).outcome == "skipped"


def test_cost_needs_the_item_where_the_catalogue_is_silent() -> None:
    with pytest.raises(CopyMissing) as missing:
        decided(x.request(), found=x.references(items=[]))
    assert (missing.value.kind, missing.value.no) == ("item", "1100")
    listed = x.references(items=[], entries=[x.catalogue()])
    assert decided(x.request(), found=listed).outcome == "created"


def test_bc_md_30_that_an_item_came_from_the_catalog_stands_on_the_purchase_line() -> None:
    decision = decided(x.request(x.request_line(nonstock=True)))
    assert decision.order is not None
    assert decision.order.lines[0].nonstock


def test_an_item_of_the_catalog_is_waited_for_because_it_has_the_cost() -> None:
    with pytest.raises(CopyMissing):
        decided(x.request(x.request_line(nonstock=True)), found=x.references(items=[]))


def test_a_plain_success_publishes_the_order_alone_unless_a_run_waits_for_it() -> None:
    assert not decided(x.request()).publishes_outcome
    assert decided(x.request(run_id=x.new_id())).publishes_outcome


def test_ordinary_lines_bind_no_sales_line() -> None:
    line = x.request_line(special_order=False)
    decision = decided(x.request(line), {x.COMPASS: LinkState(highest_generation=1, active_order_no="P-7")})
    assert decision.order is not None
    assert decision.order.lines[0].link is None


def test_a_lost_race_takes_the_line_out_and_names_the_winner() -> None:
    decision = decided(x.request(x.request_line(), x.request_line("1200", x.ref(x.KAYAK))))
    after = without_lost(decision, {x.COMPASS: LinkState(highest_generation=2, active_order_no="P-9")})
    assert after.order is not None
    assert [line.item_no for line in after.order.lines] == ["1200"]
    assert [(s.code, s.purchase_order_no) for s in after.skipped] == [
        ("already-associated-with-purchase-order", "P-9")
    ]


def test_a_race_lost_on_all_lines_leaves_no_order() -> None:
    after = without_lost(
        decided(x.request()), {x.COMPASS: LinkState(highest_generation=2, active_order_no="P-9")}
    )
    assert (after.order, after.outcome) == (None, "skipped")


@given(st.lists(st.integers(min_value=1, max_value=4), min_size=1, max_size=8))
def test_i2_for_all_orders_of_generations_one_line_is_active(generations: list[int]) -> None:
    links: dict[UUID, LinkState] = {}
    bought = 0
    for generation in generations:
        decision = decided(x.request(x.request_line(sales=x.ref(generation=generation))), links)
        if decision.order is not None:
            bought += 1
            links[x.COMPASS] = LinkState(highest_generation=generation, active_order_no="P-1")
    assert bought == 1


def test_what_is_bought_for_a_stock_line_names_it_and_binds_nothing() -> None:
    """G8, BC-PO-12: a demand link; a sales line that is linked already is no reason to leave it out."""
    line = x.request_line(special_order=False, purchasing_code="")
    linked = LinkState(highest_generation=1, active_order_no="P-9")
    order = decided(x.request(line), {x.COMPASS: linked}).order
    assert order is not None
    (bought,) = order.lines
    assert bought.link is None
    (demand,) = bought.demand
    assert (demand.kind, demand.sales_order_no, demand.quantity) == ("order", "S-1001", Decimal(2))


def test_what_is_bought_for_a_customer_is_bound_and_has_no_demand_link() -> None:
    order = decided(x.request()).order
    assert order is not None
    assert [(line.link is None, line.demand) for line in order.lines] == [(False, ())]
