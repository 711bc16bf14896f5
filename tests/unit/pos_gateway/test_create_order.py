"""Creating an order, on plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from contracts.channel import ChannelOrder
from contracts.planning.masters import Item, PlanningSetup, StockkeepingUnit
from contracts.planning.stock import StockLevel
from contracts.refusals import Reason, Refusal
from contracts.sales.masters import ChargeCode, Company, Customer, ExchangeRate
from domainkit.references import ReferenceQuery
from pos_gateway.domain.orders.context import settings_for
from pos_gateway.domain.orders.create_order import CLOCK_SKEW_LIMIT, decide_order
from pos_gateway.domain.orders.needed_references import need_for_order
from pos_gateway.domain.orders.order import as_channel_order
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import FunctionalityProfile, Worker
from pos_gateway.domain.terminals.sessions import TillSession
from tests.unit.pos_gateway.samples import (
    FOUND,
    NOW,
    PARAMETERS,
    SHIP,
    STORE,
    WORKER,
    context,
    decide,
    line,
    new_order,
    reasons,
    refused,
    rehearse,
    settings,
)

SESSION = TillSession(store_no="S1", terminal_no="T1", worker_id="W1")


def configuration(**changes: Any) -> Configuration:
    given: dict[str, Any] = {
        "revision": 1,
        "version": 7,
        "stores": {"S1": STORE},
        "workers": {"W1": WORKER},
        "terminals": {"T1": "S1"},
        "parameters": PARAMETERS,
    }
    return Configuration(**given | changes)


def test_an_order_is_what_was_agreed() -> None:
    order = decide(new_order(line(item_no=" 1000 ", purchasing_code=" special"), collector={"name": "Ben"}))

    assert (order.confirmation_no, order.customer_no, order.currency_code) == ("K-1", "C1", "EUR")
    assert (order.lines[0].item_no, order.lines[0].purchasing_code) == ("1000", "SPECIAL")
    assert order.collector is not None
    assert order.collector.pickup_code == "123456"


def test_pos_54_the_terms_are_kept_on_the_order() -> None:
    order = rehearse(line(), at=settings(default_deposit_pct=Decimal(10), cancellation_charge_pct=Decimal(5)))

    assert (order.terms.deposit_pct, order.terms.cancellation_pct) == (10, 5)
    assert order.terms.shipping_charge_code == "SHIP"


def test_pos_87_a_receipt_number_is_the_confirmation_number() -> None:
    assert decide(new_order(line(), receipt_no=" r1 ")).confirmation_no == "R1"


def test_what_sales_gets_is_the_same_order() -> None:
    order = decide(new_order(line(), line("ship", quantity="2"), balance_cards=[{"card_token": "t"}]))

    sent = as_channel_order(order, "pulled")

    assert msgspec.json.decode(msgspec.json.encode(order), type=ChannelOrder) == msgspec.structs.replace(
        sent, happened=()
    )
    assert [x.line_no for x in sent.lines] == [10000, 20000]
    assert sent.happened == ("pulled",)


@pytest.mark.parametrize(
    ("profile", "mode"),
    [
        ({}, "synchronous"),
        ({"create_customer_order_in_async_mode": True}, "asynchronous"),
        ({"create_customer_order_in_async_mode": True, "realtime_with_async_backup": True}, "backup"),
    ],
)
def test_pos_15_pos_16_the_profile_says_which_way_orders_go(profile: dict[str, Any], mode: str) -> None:
    with_profile = configuration(
        profiles={"P": FunctionalityProfile(id="P", **profile)},
        stores={"S1": msgspec.structs.replace(STORE, profile_id="P")},
    )

    assert with_profile.mode_of("S1") == mode


def test_a_store_without_a_profile_waits_for_sales() -> None:
    assert configuration().mode_of("S1") == "synchronous"


@dataclass
class Stranger:
    session: TillSession = SESSION
    worker: Worker = WORKER
    code: str = ""


@pytest.mark.parametrize(
    "stranger",
    [
        Stranger(
            session=TillSession(store_no="S1", terminal_no="T2", worker_id="W1"), code="terminal-mismatch"
        ),
        Stranger(
            session=TillSession(store_no="S2", terminal_no="T1", worker_id="W1"), code="terminal-mismatch"
        ),
        Stranger(
            session=TillSession(store_no="S1", terminal_no="T1", worker_id="W9"), code="worker-not-of-store"
        ),
        Stranger(
            worker=Worker(id="W1", store_nos=("S2",), permissions=("create_order",)),
            code="worker-not-of-store",
        ),
    ],
)
def test_a_till_speaks_for_itself_with_a_worker_of_its_store(stranger: Stranger) -> None:
    with pytest.raises(Refusal) as refusal:
        settings_for(
            new_order(line()).transaction,
            stranger.session,
            configuration(workers={"W1": stranger.worker}),
            "asynchronous",
        )

    assert (refusal.value.reason, refusal.value.code) == (Reason.FORBIDDEN, stranger.code)


def test_pos_23_an_order_has_one_customer() -> None:
    nobody = refused(new_order(line(), customer_no=None))
    two = refused(new_order(line(), new_customer={"name": "Ben"}))

    assert nobody.code == two.code == "customer-required"


def test_what_is_unknown_may_still_come() -> None:
    refusal = refused(
        new_order(line(item_no="9"), line("ship", fulfilment={"mode": "ship", "address_code": "x"}))
    )

    assert refusal.waits_for == (("item", "9"), ("ship-to-address", "C1/X"))


def test_an_order_needs_the_records_that_it_names_and_the_stock_of_its_lines() -> None:
    query = ReferenceQuery(company=False)
    need_for_order(query, new_order(line()), configuration(), "C1")

    assert set(query) == {
        (Customer, "C1"),
        (Item, "1000"),
        (StockkeepingUnit, "SHOP1/1000"),
        (StockLevel, "1000/SHOP1"),
        (ChargeCode, "SHIP"),
        (PlanningSetup, "SETUP"),
    }
    assert query.currencies == {settings().store.currency_code}


def test_pos_24_an_order_has_lines() -> None:
    assert reasons(refused(new_order())) == [("lines-required", "/lines")]
    assert reasons(refused(new_order(*[line()] * 1001)))[0] == ("too-many-lines", "/lines")


def test_pos_24_a_shipping_charge_is_one_of_the_sales_order_s_lines() -> None:
    full = [line("ship")] * 1000

    assert reasons(refused(new_order(*full, shipping_charge="5.00"))) == [("too-many-lines", "/lines")]
    assert len(rehearse(*full[1:], shipping_charge="5.00").lines) == 999


def test_pos_116_each_way_of_handing_goods_over_needs_its_permission() -> None:
    new = new_order(line(), line("ship"), line("carry_out"), line("ship"))
    nothing = msgspec.structs.replace(settings(), worker=Worker(id="W1", role="manager"))
    no_shipping = Worker(id="W1", permissions=("create_order", "pickup_lines"))

    assert reasons(refused(new, nothing)) == [
        ("permission-missing", "/kind"),
        ("permission-missing", "/lines/0/fulfilment/mode"),
        ("permission-missing", "/lines/1/fulfilment/mode"),
    ]
    assert reasons(refused(new, msgspec.structs.replace(settings(), worker=no_shipping))) == [
        ("permission-missing", "/lines/1/fulfilment/mode")
    ]


def test_pos_116_a_quote_needs_its_own_permission() -> None:
    worker = Worker(id="W1", permissions=("create_order", "pickup_lines"))

    refusal = refused(new_order(line(), kind="quote"), msgspec.structs.replace(settings(), worker=worker))

    assert (refusal.code, refusal.violations[0].members) == (
        "permission-missing",
        {"permission": "create_quote"},
    )


def test_pos_25_all_that_is_shipped_goes_to_one_address() -> None:
    here = line("ship")
    spelled = line(fulfilment=SHIP | {"address": {"address": "am  wall 1 ", "city": "ULM"}})
    there = line(fulfilment={"mode": "ship", "address": {"city": "Bonn"}})

    assert len(rehearse(here, spelled).lines) == 2
    assert ("ship-to-mismatch", "/lines/2/fulfilment/address") in reasons(
        refused(new_order(here, spelled, there))
    )


def test_what_cannot_be_bought_is_not_promised() -> None:
    """BC-MD-11: also where the item's own code says that it is bought for the customer."""
    item = Item(version=1, no="1000", base_unit_of_measure="KG", vendor_no="V1", purchasing_blocked=True)
    special = msgspec.structs.replace(item, purchasing_code="SPECIAL")

    for known, code in ((item, "SPECIAL"), (special, None)):
        at = context(found={**FOUND, Item: {"1000": known}})
        with pytest.raises(Refusal) as refusal:
            decide_order(new_order(line(purchasing_code=code)), at)
        assert reasons(refusal.value) == [("item-blocked", "/lines/0/item_no")]


def test_what_has_no_vendor_is_not_promised_where_sales_buys_by_itself() -> None:
    """G20, BC-MD-12: sales would refuse to release the order, after the till has taken the deposit."""
    item = Item(version=1, no="1000", base_unit_of_measure="KG")
    unit = StockkeepingUnit(version=1, location_code="SHOP1", item_no="1000", vendor_no="V9")
    by_hand = PlanningSetup(version=1, automation="manual")
    found: dict[type[Any], Mapping[str, Any]] = {**FOUND, Item: {"1000": item}}

    with pytest.raises(Refusal) as refusal:
        decide_order(new_order(line(purchasing_code="SPECIAL")), context(found=found))
    assert reasons(refusal.value) == [("vendor-required", "/lines/0/item_no")]
    answers: list[dict[type[Any], dict[str, Any]]] = [
        {StockkeepingUnit: {"SHOP1/1000": unit}},
        {PlanningSetup: {"SETUP": by_hand}},
    ]
    for more in answers:
        decide_order(new_order(line(purchasing_code="SPECIAL")), context(found={**found, **more}))
    decide_order(new_order(line()), context(found=found))


def test_a_store_s_foreign_currency_needs_its_exchange_rate() -> None:
    store = settings().store.currency_code
    home = Company(
        version=1, name="Koppel", currency_code="USD" if store != "USD" else "EUR", time_zone="UTC"
    )
    found: dict[type[Any], Mapping[str, Any]] = {**FOUND, Company: {"COMPANY": home}}
    rate = ExchangeRate(version=1, currency_code=store, date=date(2000, 1, 1), rate=Decimal("1.1"))

    with pytest.raises(Refusal) as refusal:
        decide_order(new_order(line()), context(found=found))
    assert reasons(refusal.value) == [("exchange-rate-missing", "/currency_code")]
    decide_order(new_order(line()), context(found={**found, ExchangeRate: {f"{store}/2000-01-01": rate}}))


def test_a_charge_needs_the_record_of_its_code() -> None:
    """POS-04."""
    at = context(found={**FOUND, ChargeCode: {}})

    with pytest.raises(Refusal) as refusal:
        decide_order(new_order(line("ship"), shipping_charge="5.00"), at)

    assert (refusal.value.code, refusal.value.waits_for) == (
        "unknown-charge-code",
        (("charge-code", "SHIP"),),
    )


def test_pos_54_an_order_keeps_the_tax_of_its_charges() -> None:
    assert rehearse(line("ship"), shipping_charge="5.00").shipping_charge_tax_pct == 19
    assert rehearse(line("ship")).shipping_charge_tax_pct is None


def test_pos_26_yesterday_is_too_late_and_today_is_not() -> None:
    yesterday = SHIP | {"date": "2026-03-01"}
    today = SHIP | {"date": "2026-03-02"}

    assert reasons(refused(new_order(line(fulfilment=yesterday)))) == [
        ("date-in-the-past", "/lines/0/fulfilment/date")
    ]
    assert rehearse(line(fulfilment=today)).lines[0].requested_date is not None


def test_pos_26_the_order_s_date_is_the_earliest_of_its_lines() -> None:
    order = rehearse(*(line(fulfilment=SHIP | {"date": f"2026-03-{d}"}) for d in (20, 11, 15)))

    assert str(order.wanted_date) == "2026-03-11"


def test_pos_27_goods_are_picked_up_within_the_group() -> None:
    there = rehearse(line(fulfilment={"mode": "pickup", "store_no": "s2"}))
    far = refused(new_order(line(fulfilment={"mode": "pickup", "store_no": "S3"})))

    assert (there.lines[0].location_code, there.pickup_stores) == ("SHOP2", ("S2",))
    assert reasons(far) == [("pickup-location-not-allowed", "/lines/0/fulfilment/store_no")]


def test_pos_29_a_charge_stands_on_the_header_or_on_lines() -> None:
    refusal = refused(new_order(line("ship", shipping_charge="1.00"), shipping_charge="1.00"))

    assert ("shipping-charge-twice", "/shipping_charge") in reasons(refusal)


def test_pos_30_goods_all_carried_out_are_no_order() -> None:
    assert refused(new_order(line("carry_out"), line("carry_out"))).code == "cash-and-carry"


def test_pos_31_a_line_s_own_way_overrides_the_header_s() -> None:
    order = rehearse(
        line(fulfilment=None),
        line(fulfilment={"mode": "pickup", "store_no": "S1"}),
        fulfilment=SHIP | {"date": "2026-03-20", "delivery_mode": "post"},
    )

    assert [(x.mode, x.delivery_mode, str(x.requested_date)) for x in order.lines] == [
        ("ship", "POST", "2026-03-20"),
        ("pickup", "", "2026-03-20"),
    ]


@pytest.mark.parametrize(
    ("mode", "card_required", "card", "asked"),
    [
        ("ship", False, None, True),
        ("ship", False, "t", False),
        ("pickup", False, None, False),
        ("pickup", True, None, True),
        ("pickup", True, "t", False),
    ],
)
def test_pos_14_pos_32_who_must_give_a_card(
    mode: str, *, card_required: bool, card: str | None, asked: bool
) -> None:
    new = new_order(line(mode), balance_cards=[{"card_token": card}] if card else [])
    at = settings(card_required=card_required)

    if asked:
        assert refused(new, at).code == "card-required"
    else:
        assert decide(new, at).confirmation_no


def test_pos_33_nobody_gives_a_card_when_all_is_paid() -> None:
    new = new_order(
        line("ship"), deposit_override="100.00", payments=[{"method": "cash", "amount": "100.00"}]
    )

    order = decide(new, settings(card_required=True))

    assert (order.settlement.paid, order.card_hold) == (100, 0)


def test_b12_a_card_is_not_charged_twice_for_one_payment() -> None:
    card = {"method": "card", "amount": "5.00", "card_token": "t", "authorisation": "a"}

    assert ("duplicate-payment", "/payments/1") in reasons(refused(new_order(line(), payments=[card, card])))


def test_b12_only_cash_exceeds_what_is_due() -> None:
    at = settings(default_deposit_pct=Decimal(10))
    card = [{"method": "card", "amount": "10.01", "card_token": "t"}]
    cash = [{"method": "card", "amount": "6.00", "card_token": "t"}, {"method": "cash", "amount": "10.00"}]

    assert refused(new_order(line(), payments=card), at).code == "overtender-not-allowed"
    assert decide(new_order(line(), payments=cash), at).settlement.change == 6


def test_b4_b5_every_stated_amount_is_compared() -> None:
    refusal = refused(
        new_order(line(), totals={"net": "1.00", "tax": "0.00", "charges": "2.00", "total": "100.00"})
    )

    assert reasons(refusal) == [("total-mismatch", "/totals/net"), ("total-mismatch", "/totals/charges")]


def test_a_missing_right_outweighs_what_is_invalid_and_that_outweighs_a_block() -> None:
    both = refused(
        new_order(line(), currency_code="USD", approval_ids=["01930000-0000-7000-8000-000000000100"])
    )

    assert (both.reason, both.code) == (Reason.FORBIDDEN, "manager-approval-required")
    assert {v.code for v in both.violations} == {"manager-approval-required", "currency-mismatch"}


@pytest.mark.parametrize(("late_by", "skewed"), [(timedelta(0), False), (CLOCK_SKEW_LIMIT * 2, True)])
def test_pos_114_a_clock_that_differs_is_noted(*, late_by: timedelta, skewed: bool) -> None:
    assert decide(new_order(line(), occurred_at=NOW - late_by)).clock_skew is skewed


def test_an_offline_order_says_when_its_settings_were_old() -> None:
    assert decide(new_order(line(), config_version=6)).config_stale is True
    assert decide(new_order(line(), config_version=7)).config_stale is False
