"""What may be set up: POS-01 to POS-05, POS-14 to POS-21, B34."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest

from contracts import pos
from contracts.planning.masters import Location
from contracts.refusals import Refusal
from contracts.sales.masters import ChargeCode
from domainkit.references import ReferenceData
from pos_gateway.domain.setup.checks import (
    charge_codes_of,
    check_parameters,
    check_profile,
    check_store,
    check_worker,
)
from pos_gateway.domain.setup.commands import PutWorker
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import (
    CommerceParameters,
    FunctionalityProfile,
    RefundTender,
    Worker,
    published_store,
)
from tests.unit.pos_gateway.samples import STORE, reasons

CODES = ReferenceData(
    {ChargeCode: {code: ChargeCode(version=1, code=code) for code in ("SHIPPING", "CANCEL")}}
)
LOCATIONS = ReferenceData(
    {Location: {code: Location(version=1, code=code) for code in ("SHOP1", "NORTH", "SHOP2")}}
)
PROFILES = {"P": FunctionalityProfile(id="P")}


def refusal_of(check: Callable[[], None]) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refused:
        check()
    return reasons(refused.value)


def test_a_store_names_a_time_zone_a_currency_and_a_profile_that_exist() -> None:
    wrong = msgspec.structs.replace(STORE, time_zone="Mars/Olympus", currency_code="ZZZ", profile_id="NONE")

    assert refusal_of(lambda: check_store(wrong, PROFILES, LOCATIONS)) == [
        ("unknown-time-zone", "/time_zone"),
        ("unknown-currency", "/currency_code"),
        ("unknown-functionality-profile", "/profile_id"),
    ]


def test_a_store_without_a_profile_has_the_defaults() -> None:
    check_store(STORE, {}, LOCATIONS)

    assert Configuration(revision=1, version=1).profile_of(STORE) == FunctionalityProfile()


def test_pos_20_a_store_lies_where_planning_knows_a_location_which_may_still_come() -> None:
    store = msgspec.structs.replace(STORE, location_code="NOPE", fulfilment_group=("NORTH", "NONE"))

    with pytest.raises(Refusal) as refused:
        check_store(store, {}, LOCATIONS)

    assert reasons(refused.value) == [
        ("unknown-location", "/location_code"),
        ("unknown-location", "/fulfilment_group/1"),
    ]
    assert refused.value.waits_for == (("location", "NOPE"), ("location", "NONE"))


def test_pos_10_a_mode_that_open_orders_ship_by_becomes_no_pick_up_mode() -> None:
    parameters = CommerceParameters(pickup_delivery_modes=("COUNTER", "VAN"))

    assert refusal_of(lambda: check_parameters(parameters, CODES, {"VAN", "POST"})) == [
        ("delivery-mode-in-use", "/pickup_delivery_modes/1")
    ]


def test_pos_16_the_back_up_mode_needs_asynchronous_creation() -> None:
    profile = FunctionalityProfile(id="P", realtime_with_async_backup=True)

    assert refusal_of(lambda: check_profile(profile)) == [
        ("backup-needs-async-mode", "/realtime_with_async_backup")
    ]


def test_pos_03_a_cancellation_charge_needs_its_code() -> None:
    parameters = CommerceParameters(cancellation_charge_pct=Decimal(5))

    assert refusal_of(lambda: check_parameters(parameters, CODES, ())) == [
        ("charge-code-not-configured", "/cancellation_charge_code")
    ]


def test_pos_05_the_two_charge_codes_differ() -> None:
    parameters = CommerceParameters(cancellation_charge_code="SHIPPING", shipping_charge_code="SHIPPING")

    assert refusal_of(lambda: check_parameters(parameters, CODES, ())) == [
        ("charge-codes-equal", "/cancellation_charge_code")
    ]


def test_pos_84_refunds_of_a_way_of_paying_have_one_rule() -> None:
    tenders = tuple(RefundTender(paid_by=way, refund_by=("cash",)) for way in ("card", "cash", "card"))

    assert refusal_of(lambda: check_parameters(CommerceParameters(refund_tenders=tenders), CODES, ())) == [
        ("refund-tender-repeated", "/refund_tenders/2/paid_by")
    ]


def test_a_charge_code_that_sales_has_not_published_may_still_come() -> None:
    with pytest.raises(Refusal) as refused:
        check_parameters(CommerceParameters(shipping_charge_code="LATER"), CODES, ())

    assert refused.value.waits_for == (("charge-code", "LATER"),)


def test_blank_charge_codes_are_not_looked_up() -> None:
    assert charge_codes_of(CommerceParameters(shipping_charge_code="SHIPPING")) == {
        "shipping_charge_code": "SHIPPING"
    }


def test_pos_20_a_store_reaches_its_own_location_and_its_group() -> None:
    assert STORE.reaches("SHOP1")
    assert STORE.reaches("NORTH")
    assert not STORE.reaches("SHOP3")


def test_others_see_no_profile_of_a_store() -> None:
    store = msgspec.structs.replace(STORE, profile_id="P", version=3)

    published = published_store(store)

    assert isinstance(published, pos.Store)
    assert (published.no, published.version) == ("S1", 3)
    assert b"profile" not in msgspec.json.encode(published)


def test_a_worker_without_stores_works_at_all() -> None:
    assert Worker(id="W1").works_at("S1")
    assert not Worker(id="W1", store_nos=("S2",)).works_at("S1")


def test_b34_a_worker_works_at_stores_that_are_set_up() -> None:
    worker = Worker(id="W1", store_nos=("S1", "S9"))

    assert refusal_of(lambda: check_worker(worker, {"S1"})) == [("unknown-store", "/store_nos/1")]
    check_worker(worker, {"S1", "S9"})
    check_worker(Worker(id="W1"), {})


def test_a_worker_may_what_its_permissions_say() -> None:
    worker = Worker(id="W1", permissions=("recall",))

    assert worker.may("recall")
    assert not worker.may("create_order")


def test_a_pin_is_no_part_of_the_worker() -> None:
    put = PutWorker(Worker(id="W1"), "hash")

    assert b"hash" not in msgspec.json.encode(put.worker)
