"""Configuration is checked when it is set, and holds at once (POS-01 to POS-05, POS-16, POS-19, B34)."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from contracts.planning.masters import Location
from contracts.pos import Store
from tests.integration.pos_gateway.conftest import Start
from tests.integration.pos_gateway.shop import Gateway, Till, line, open_shop, set_parameters
from tests.support.service import codes

CARD = "4111111111111111"
STORE = {"name": "A", "time_zone": "Europe/Berlin", "currency_code": "eur", "location_code": "shop1"}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"default_deposit_pct": "101"}, "out-of-range"),
        ({"default_deposit_pct": "-1"}, "out-of-range"),
        ({"cancellation_charge_pct": "5"}, "charge-code-not-configured"),
        ({"cancellation_charge_code": "SHIPPING", "shipping_charge_code": "SHIPPING"}, "charge-codes-equal"),
        ({"shipping_charge_code": "NONE"}, "unknown-charge-code"),
        ({"maximum_amount_without_approval": "-0.01"}, "out-of-range"),
    ],
)
async def test_b34_parameters_that_cannot_work_leave_the_old_ones(
    gateway: Gateway, parameters: dict[str, str], code: str
) -> None:
    await set_parameters(gateway, default_deposit_pct="10")

    answer = await gateway.send("PUT", "/commerce-parameters", parameters)

    assert (answer.status_code, codes(answer)) == (422, [code])
    assert (await gateway.send("GET", "/commerce-parameters")).json()["default_deposit_pct"] == "10"


async def test_pos_03_cancelling_at_no_charge_needs_no_code(gateway: Gateway) -> None:
    assert (
        await gateway.send("PUT", "/commerce-parameters", {"cancellation_charge_pct": "0"})
    ).status_code == 201


async def test_pos_16_the_back_up_mode_needs_asynchronous_creation(gateway: Gateway) -> None:
    answer = await gateway.send("PUT", "/functionality-profiles/P", {"realtime_with_async_backup": True})

    assert (answer.status_code, codes(answer)) == (422, ["backup-needs-async-mode"])


@pytest.mark.parametrize(
    ("where", "pointer"),
    [
        ({"location_code": "NOPE"}, "/location_code"),
        ({"fulfilment_group": ["NORTH", "NOPE"]}, "/fulfilment_group/1"),
    ],
)
async def test_pos_20_a_store_lies_at_locations_that_exist(
    gateway: Gateway, where: dict[str, Any], pointer: str
) -> None:
    answer = await gateway.send("PUT", "/stores/S1", STORE | where)

    assert (answer.status_code, codes(answer)) == (422, ["unknown-location"])
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_pos_20_a_location_that_is_new_is_waited_for_a_moment(start: Start) -> None:
    gateway = await start(reference_grace_ms=3000)
    putting = asyncio.create_task(gateway.send("PUT", "/stores/S1", STORE | {"location_code": "NEW"}))
    await gateway.deliver(("location", "NEW", Location(version=1, code="NEW")))

    assert (await putting).status_code == 201


async def test_pos_10_a_mode_that_an_open_order_ships_by_becomes_no_pick_up_mode(till: Till) -> None:
    card = [{"card_token": "tok_1"}]
    await till.submit(till.order(lines=[line("ship")], balance_cards=card))

    refused = await till.gateway.send("PUT", "/commerce-parameters", {"pickup_delivery_modes": ["PARCEL"]})
    other = await till.gateway.send("PUT", "/commerce-parameters", {"pickup_delivery_modes": ["COUNTER"]})
    await till.gateway.sql("UPDATE order_stage SET status = 'void'")
    later = await till.gateway.send("PUT", "/commerce-parameters", {"pickup_delivery_modes": ["PARCEL"]})

    assert (refused.status_code, codes(refused)) == (422, ["delivery-mode-in-use"])
    assert (other.status_code, later.status_code) == (201, 200)


async def test_a_store_with_everything_wrong_is_told_everything(gateway: Gateway) -> None:
    wrong = STORE | {"time_zone": "Mars/Olympus", "profile_id": "NONE", "location_code": "NOPE"}

    answer = await gateway.send("PUT", "/stores/S1", wrong)

    assert answer.status_code == 422
    assert set(codes(answer)) == {"unknown-time-zone", "unknown-functionality-profile", "unknown-location"}


@pytest.mark.parametrize("more", [{}, {"role": "king"}])
async def test_b34_a_worker_works_at_stores_that_are_set_up(gateway: Gateway, more: dict[str, str]) -> None:
    await gateway.put("/stores/S1", STORE)

    answer = await gateway.send("PUT", "/workers/W9", {"store_nos": ["s1", "S9"]} | more)

    assert answer.status_code == 422
    assert {("unknown-store", "/store_nos/1")} <= {(e["code"], e["pointer"]) for e in answer.json()["errors"]}
    assert (await gateway.send("GET", "/workers/W9")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/stores/S1", STORE | {"profile_id": CARD}, "/profile_id"),
        (
            "/functionality-profiles/P",
            {"require_payment_for_fulfilment": CARD},
            "/require_payment_for_fulfilment",
        ),
        ("/commerce-parameters", {"hold_code": CARD}, "/hold_code"),
        ("/workers/W9", {"store_nos": [CARD]}, "/store_nos/0"),
        ("/pull-jobs/P-0001", {"interval_s": CARD}, "/interval_s"),
        (f"/workers/{CARD}", {}, "/id"),
    ],
)
async def test_b14_what_is_set_up_holds_no_card_number_in_any_field(
    gateway: Gateway, path: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await gateway.send("PUT", path, body)

    assert (answer.status_code, codes(answer)) == (422, ["card-number-not-allowed"])
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_store_sells_in_a_currency_that_exists(gateway: Gateway) -> None:
    answer = await gateway.send("PUT", "/stores/S1", STORE | {"currency_code": "ZZZ"})

    assert (answer.status_code, codes(answer)) == (422, ["unknown-currency"])


async def test_a_store_is_told_to_the_others(gateway: Gateway) -> None:
    made = await gateway.send("PUT", "/stores/s1", STORE)
    again = await gateway.send("PUT", "/stores/S1", STORE)
    changed = await gateway.send("PUT", "/stores/S1", STORE | {"name": "B"})

    assert (made.status_code, again.status_code, changed.status_code) == (201, 200, 200)
    assert changed.json()["version"] == 2
    rows = await gateway.sql("SELECT key, body FROM outbox_event WHERE topic = 'pos.master.v1'")
    stores = [msgspec.json.decode(body, type=Store) for _, body in rows]
    assert [(key, store.version, store.name) for (key, _), store in zip(rows, stores, strict=True)] == [
        ("store/S1", 1, "A"),
        ("store/S1", 2, "B"),
    ]
    assert stores[0].currency_code == "EUR"


async def test_a_stale_change_of_a_store_is_refused(gateway: Gateway) -> None:
    await gateway.send("PUT", "/stores/S1", STORE)

    answer = await gateway.send("PUT", "/stores/S1", STORE | {"name": "B"}, headers={"If-Match": '"7"'})

    assert (answer.status_code, codes(answer)) == (412, ["stale-version"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/stores/S1", STORE),
        ("/functionality-profiles/P", {}),
        ("/commerce-parameters", {}),
    ],
)
async def test_every_put_raises_the_configuration_version(
    gateway: Gateway, path: str, body: dict[str, Any]
) -> None:
    before = int((await gateway.send("PUT", path, body)).headers["Koppel-Config-Version"])
    after = int((await gateway.send("PUT", path, body)).headers["Koppel-Config-Version"])

    assert after == before + 1


async def test_a_worker_is_not_what_tills_are_told_of(till: Till) -> None:
    before = int((await till.gateway.send("GET", "/stores/S1")).headers["Koppel-Config-Version"])
    answer = await till.gateway.send("PUT", "/workers/W9", {"name": "New"})

    assert answer.status_code == 201
    assert int(answer.headers["Koppel-Config-Version"]) == before


async def test_a_change_in_one_process_holds_in_another_at_once(till: Till, start: Start) -> None:
    assert (await till.submit(till.order())).status_code == 202
    other = await start()
    await set_parameters(other, default_deposit_pct="50")

    answer = await till.submit(till.order())

    assert (answer.status_code, answer.json()["required"]) == (422, "50.00")


async def test_pos_54_an_order_keeps_the_terms_it_was_made_with(till: Till) -> None:
    no = (await till.submit(till.order())).json()["confirmation_no"]
    await set_parameters(till.gateway, default_deposit_pct="50")

    assert (await till.show(no))["deposit_required"] == "0.00"


async def test_the_distribution_schedule_says_what_tills_have(till: Till) -> None:
    answer = await till.gateway.send("POST", "/distribution-schedules/1070/run", {})
    unknown = await till.gateway.send("POST", "/distribution-schedules/9999/run", {})

    assert answer.status_code == 200
    assert answer.json() == {"config_version": int(answer.headers["Koppel-Config-Version"])}
    assert unknown.status_code == 404


async def test_lists_of_what_is_set_up(gateway: Gateway) -> None:
    await open_shop(gateway, store_no="S1")
    await open_shop(gateway, store_no="S2")

    first = (await gateway.send("GET", "/stores", params={"limit": 1})).json()
    second = (
        await gateway.send("GET", "/stores", params={"limit": 1, "cursor": first["next_cursor"]})
    ).json()

    assert [s["no"] for s in first["items"] + second["items"]] == ["S1", "S2"]
    assert len((await gateway.send("GET", "/workers")).json()["items"]) == 2
    assert len((await gateway.send("GET", "/functionality-profiles")).json()["items"]) == 2
