"""What is wrong with an order is said at once and completely (B1 to B14)."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime
from typing import Any

import httpx
import pytest

from contracts.planning.masters import Item
from tests.integration.pos_gateway.shop import (
    Gateway,
    Till,
    line,
    open_shop,
    set_parameters,
)
from tests.support.service import codes

TODAY = {"mode": "pickup", "store_no": "S1", "date": "2026-10-25"}
PARCEL = {"mode": "ship", "address_code": "HOME", "date": "2026-03-12", "delivery_mode": "PARCEL"}


def reasons(answer: httpx.Response) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


async def test_b1_a_body_that_is_not_json_is_malformed(till: Till) -> None:
    answer = await till.submit(b"{")

    assert (answer.status_code, codes(answer)) == (400, ["malformed-json"])


async def test_b1_a_body_of_another_kind_is_not_read(till: Till) -> None:
    answer = await till.gateway.send(
        "POST", "/customer-orders", b"{}", token=till.token, headers={"Content-Type": "text/plain"}
    )

    assert (answer.status_code, codes(answer)) == (415, ["unsupported-media-type"])


async def test_b1_every_difference_from_the_shape_is_told(till: Till) -> None:
    body = till.order(colour="red", occurred_at="2026-03-02T10:14:58")
    body["lines"] = [{"quantity": "1,00", "unit_price": True}]
    del body["transaction"]["sequence"]

    answer = await till.submit(body)

    assert answer.status_code == 422
    assert reasons(answer) == {
        "/colour": "unknown-field",
        "/occurred_at": "offset-required",
        "/lines/0/quantity": "not-a-number",
        "/lines/0/unit_price": "not-a-number",
        "/transaction/sequence": "required",
    }


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"customer_no": None}, 422, "customer-required"),
        ({"customer_no": "NOBODY"}, 422, "unknown-customer"),
        ({"customer_no": "C900"}, 409, "customer-blocked"),
        ({"currency_code": "USD"}, 422, "currency-mismatch"),
        ({"lines": []}, 422, "lines-required"),
        ({"kind": "gift"}, 422, "not-allowed"),
        ({"expiry_date": "2026-04-01"}, 422, "expiry-date-not-allowed"),
        ({"kind": "quote", "payments": [{"method": "cash", "amount": "1.00"}]}, 422, "payment-not-allowed"),
        ({"kind": "quote", "balance_cards": [{"card_token": "t"}]}, 422, "payment-not-allowed"),
        ({"kind": "quote", "deposit_override": "1.00"}, 422, "deposit-override-not-allowed"),
        ({"kind": "quote", "expiry_date": "2026-03-01"}, 422, "date-in-the-past"),
        ({"receipt_no": "K-1"}, 422, "receipt-no-reserved"),
        ({"lines": [line("carry_out")]}, 422, "cash-and-carry"),
        ({"lines": [line() | {"item_no": "NONE"}]}, 422, "unknown-item"),
        ({"lines": [line() | {"item_no": "1900"}]}, 409, "item-blocked"),
        ({"lines": [line() | {"purchasing_code": "NONE"}]}, 422, "unknown-purchasing-code"),
        ({"lines": [line() | {"type": "gift_card"}]}, 422, "line-type-not-allowed"),
        ({"lines": [line() | {"unit_of_measure_code": "TON"}]}, 422, "unknown-unit-of-measure"),
        ({"totals": {"total": "99.00"}}, 422, "total-mismatch"),
        ({"deposit_override": "-0.01"}, 422, "deposit-override-out-of-range"),
        ({"deposit_override": "100.01"}, 422, "deposit-override-out-of-range"),
        (
            {"payments": [{"method": "card", "amount": "1.00", "card_token": "t"}]},
            422,
            "overtender-not-allowed",
        ),
        (
            {"payments": [{"method": "card", "amount": "1.00", "card_token": "t"}] * 2},
            422,
            "duplicate-payment",
        ),
        ({"payments": [{"method": "shells", "amount": "1.00"}]}, 422, "not-allowed"),
        ({"payments": [{"method": "card", "amount": "1.00"}]}, 422, "card-token-required"),
        ({"shipping_charge": "5.00"}, 422, "charge-code-not-configured"),
    ],
)
async def test_one_wrong_thing_has_its_code(
    till: Till, changes: dict[str, Any], status: int, code: str
) -> None:
    """B2, B5 to B7, B11, B12, B15."""
    answer = await till.submit(till.order(**changes))

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("0", "out-of-range"),
        ("-1", "out-of-range"),
        (1e9, "out-of-range"),
        ("1000000", "out-of-range"),
        ("0.5", "invalid-quantity"),
        ("NaN", "not-a-number"),
        ("Infinity", "not-a-number"),
        ("1e400", "not-a-number"),
        ("1.000001", "too-many-decimals"),
    ],
)
async def test_b3_a_quantity_that_is_none(till: Till, quantity: Any, code: str) -> None:
    answer = await till.submit(till.order(lines=[line(quantity=quantity)]))

    assert (answer.status_code, reasons(answer)) == (422, {"/lines/0/quantity": code})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
async def test_b3_a_number_that_json_does_not_have_is_none(till: Till, number: str) -> None:
    """A quantity that is no string: the text of the body, as no JSON library writes it."""
    body = json.dumps(till.order(lines=[line(quantity="Q")])).replace('"Q"', number)

    answer = await till.submit(body.encode())

    assert answer.status_code in {400, 422}, answer.text


async def test_b3_goods_that_are_weighed_come_in_fractions(till: Till) -> None:
    answer = await till.submit(till.order(lines=[line(item_no="1200", quantity="0.5")]))

    assert answer.json()["totals"]["total"] == "50.00"


@pytest.mark.parametrize(
    ("price", "code"),
    [
        ("-1.00", "out-of-range"),
        ("1.005", "invalid-amount"),
        ("0.30000000000000004", "too-many-decimals"),
        ("NaN", "not-a-number"),
        (1e13, "out-of-range"),
    ],
)
async def test_b4_a_price_that_is_none(till: Till, price: Any, code: str) -> None:
    answer = await till.submit(till.order(lines=[line(unit_price=price)]))

    assert (answer.status_code, reasons(answer)) == (422, {"/lines/0/unit_price": code})


async def test_b5_a_wrong_total_is_told_with_both_figures(till: Till) -> None:
    answer = await till.submit(till.order(totals={"net": "100.00", "total": "99.99"}))

    assert answer.json()["client"] == "99.99"
    assert answer.json()["server"] == "100.00"


@pytest.mark.parametrize(
    ("fulfilment", "pointer", "code"),
    [
        (PARCEL | {"address_code": "OTHER"}, "/address_code", "address-not-of-customer"),
        (PARCEL | {"address_code": None}, "/address_code", "address-required"),
        (PARCEL | {"date": None}, "/date", "required"),
        (PARCEL | {"delivery_mode": ""}, "/delivery_mode", "required"),
        (PARCEL | {"date": "2026-03-01"}, "/date", "date-in-the-past"),
        (PARCEL | {"date": "0001-01-01"}, "/date", "out-of-range"),
        (PARCEL | {"delivery_date": "2026-03-01"}, "/delivery_date", "date-in-the-past"),
        (PARCEL | {"location_code": "FAR"}, "/location_code", "location-not-allowed"),
        ({"mode": "pickup"}, "/store_no", "pickup-location-not-allowed"),
        ({"mode": "pickup", "store_no": "S9"}, "/store_no", "pickup-location-not-allowed"),
        ({"mode": "pickup", "store_no": "NORTH"}, "/store_no", "pickup-location-not-allowed"),
        ({"mode": "drone"}, "/mode", "not-allowed"),
        ({}, "/mode", "required"),
    ],
)
async def test_b8_b9_a_way_that_goods_cannot_go(
    till: Till, fulfilment: dict[str, str], pointer: str, code: str
) -> None:
    answer = await till.submit(till.order(lines=[line() | {"fulfilment": fulfilment}]))

    assert (answer.status_code, reasons(answer)) == (422, {f"/lines/0/fulfilment{pointer}": code})


async def test_b8_a_line_to_ship_needs_address_date_and_mode_and_all_is_told_at_once(till: Till) -> None:
    """POS-25."""
    answer = await till.submit(till.order(lines=[line() | {"fulfilment": {"mode": "ship"}}]))

    assert (answer.status_code, reasons(answer)) == (
        422,
        {
            "/lines/0/fulfilment/address_code": "address-required",
            "/lines/0/fulfilment/date": "required",
            "/lines/0/fulfilment/delivery_mode": "required",
        },
    )


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_b8_all_that_is_shipped_goes_to_one_address_in_either_mode(
    gateway: Gateway, *, asynchronous: bool
) -> None:
    """POS-25: refused here, while sales is down, and nothing is stored."""
    till = await open_shop(gateway, asynchronous=asynchronous)
    there = PARCEL | {"address_code": None, "address": {"city": "Ulm"}}

    answer = await till.submit(till.order(lines=[line("ship"), line() | {"fulfilment": there}]))

    assert (answer.status_code, codes(answer)) == (422, ["ship-to-mismatch"])
    assert (await gateway.sql("SELECT count(*) FROM customer_order"))[0][0] == 0


async def test_pos_10_nothing_is_shipped_by_a_pick_up_mode(till: Till) -> None:
    await set_parameters(till.gateway, pickup_delivery_modes=["PARCEL"])

    answer = await till.submit(till.order(lines=[line("ship")]))

    assert (answer.status_code, codes(answer)) == (422, ["delivery-mode-not-allowed"])


async def test_an_order_as_large_as_a_sales_order_can_be_has_no_room_for_a_charge(till: Till) -> None:
    """POS-24."""
    await set_parameters(till.gateway, shipping_charge_code="SHIPPING")
    full = till.order(lines=[line("ship")] * 1000, shipping_charge="5.00")

    answer = await till.submit(full)

    assert (answer.status_code, codes(answer)) == (422, ["too-many-lines"])


async def test_b9_goods_are_not_picked_up_at_a_store_outside_the_group(till: Till) -> None:
    await open_shop(till.gateway, store_no="S3")

    there = line() | {"fulfilment": {"mode": "pickup", "store_no": "S3"}}
    answer = await till.submit(till.order(lines=[there]))

    assert (answer.status_code, reasons(answer)) == (
        422,
        {"/lines/0/fulfilment/store_no": "pickup-location-not-allowed"},
    )


async def test_b9_goods_are_not_picked_up_at_a_closed_store(till: Till) -> None:
    """What waits there already is still handed over; other lines of its order are still edited."""
    await open_shop(till.gateway, store_no="S2")
    there = line() | {"fulfilment": {"mode": "pickup", "store_no": "S2"}}
    before = (await till.submit(till.order(lines=[there, line()]))).json()["confirmation_no"]
    closed = {"name": "B", "time_zone": "Europe/Berlin", "currency_code": "EUR", "location_code": "SHOP2"}
    await till.gateway.put("/stores/S2", closed | {"closed": True})

    answer = await till.submit(till.order(lines=[there]))
    edited = await till.carry_out("edit", before, till.act(lines=[{"line_no": 20000, "quantity": "2"}]))

    assert (answer.status_code, reasons(answer)) == (
        422,
        {"/lines/0/fulfilment/store_no": "pickup-location-not-allowed"},
    )
    assert edited.status_code == 202, edited.text


async def test_b9_goods_are_picked_up_at_another_store_of_the_group(till: Till) -> None:
    """POS-20, POS-27."""
    await open_shop(till.gateway, store_no="S2")

    there = line() | {"fulfilment": {"mode": "pickup", "store_no": "s2"}}
    answer = await till.submit(till.order(lines=[there]))

    assert answer.status_code == 202, answer.text
    assert answer.json()["lines"][0]["fulfilment"]["location_code"] == "SHOP2"


async def test_b10_a_charge_without_a_code_is_named_where_it_stands(till: Till) -> None:
    """POS-04."""
    lines = [line(), line("ship", shipping_charge="2.00")]

    answer = await till.submit(till.order(lines=lines, balance_cards=[{"card_token": "tok_1"}]))

    assert (answer.status_code, reasons(answer)) == (
        422,
        {"/lines/1/shipping_charge": "charge-code-not-configured"},
    )


async def test_b11_a_deposit_that_cannot_be_is_the_only_fault_of_what_is_paid(till: Till) -> None:
    for impossible in ("-0.01", "100.01"):
        answer = await till.submit(
            till.order(deposit_override=impossible, payments=[{"method": "cash", "amount": "10.00"}])
        )

        assert (answer.status_code, codes(answer)) == (422, ["deposit-override-out-of-range"])


async def test_b10_a_shipping_charge_stands_in_one_place_and_only_on_shipped_lines(till: Till) -> None:
    await set_parameters(till.gateway, shipping_charge_code="SHIPPING")
    both = till.order(shipping_charge="5.00", lines=[line("ship", shipping_charge="2.00")])
    negative = till.order(lines=[line("ship", shipping_charge="-2.00")])
    picked_up = till.order(lines=[line(shipping_charge="2.00")])
    nothing_shipped = till.order(shipping_charge="2.00")

    assert "shipping-charge-twice" in codes(await till.submit(both))
    assert codes(await till.submit(negative)) == ["out-of-range"]
    assert codes(await till.submit(picked_up)) == ["shipping-charge-not-allowed"]
    assert codes(await till.submit(nothing_shipped)) == ["shipping-charge-not-allowed"]


async def test_b11_another_deposit_needs_the_right_to_set_it(till: Till) -> None:
    """POS-117."""
    await till.gateway.send("PUT", "/workers/W-S1", {"permissions": ["create_order", "pickup_lines"]})

    answer = await till.submit(till.order(deposit_override="10.00"))

    assert (answer.status_code, codes(answer)) == (403, ["manager-approval-required", "deposit-not-paid"])


async def test_b12_a_deposit_that_is_not_paid_is_told_with_what_is_missing(till: Till) -> None:
    await set_parameters(till.gateway, default_deposit_pct="10")

    answer = await till.submit(till.order(payments=[{"method": "cash", "amount": "4.00"}]))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "deposit-not-paid")
    assert (problem["required"], problem["paid"], problem["missing"]) == ("10.00", "4.00", "6.00")


async def test_b12_a_transaction_has_a_hundred_payments_at_most(till: Till) -> None:
    many = [{"method": "cash", "amount": "1.00"}] * 101

    answer = await till.submit(till.order(payments=many))

    assert (answer.status_code, reasons(answer)) == (422, {"/payments": "too-long"})


async def test_b13_a_store_that_asks_for_cards_does_so_for_goods_to_pick_up(gateway: Gateway) -> None:
    strict = await open_shop(gateway, require_payment_for_fulfilment="card_required")

    without = await strict.submit(strict.order())
    with_card = await strict.submit(strict.order(balance_cards=[{"card_token": "tok_1"}]))

    assert (without.status_code, codes(without)) == (422, ["card-required"])
    assert with_card.status_code == 202
    assert with_card.json()["card_on_file"] is True


async def test_b14_a_card_number_in_any_field_is_refused_and_never_repeated(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    number = "4111 1111 1111 1111"
    with caplog.at_level(logging.DEBUG):
        answers = [
            await till.submit(till.order(customer_no="NOBODY", collector={"name": number})),
            await till.submit(till.order(receipt_no=number.replace(" ", ""))),
            await till.submit(
                till.order(payments=[{"method": "card", "amount": "1", "card_token": f"x {number}"}])
            ),
        ]

    for answer in answers:
        assert (answer.status_code, set(codes(answer))) == (422, {"card-number-not-allowed"})
        assert "1111" not in answer.text
    assert "1111 1111" not in caplog.text


async def test_all_that_is_wrong_is_told_at_once(till: Till) -> None:
    """POS-90: customer, currency, quantities, prices, items, codes and payments are checked together."""
    body = till.order(
        customer_no="NOBODY",
        currency_code="USD",
        lines=[
            line(quantity="0.5"),
            line(unit_price="1.005", item_no="NONE"),
            line("ship", purchasing_code="NONE"),
        ],
        payments=[{"method": "card", "amount": "1.00"}],
    )

    answer = await till.submit(body)

    assert answer.status_code == 422
    assert set(codes(answer)) == {
        "unknown-customer",
        "currency-mismatch",
        "invalid-quantity",
        "invalid-amount",
        "unknown-item",
        "unknown-purchasing-code",
        "card-token-required",
    }


async def test_an_unknown_item_is_waited_for_a_moment(start: Any) -> None:
    gateway = await start(reference_grace_ms=3000)
    till = await open_shop(gateway)
    posting = asyncio.create_task(till.submit(till.order(lines=[line(item_no="2000")])))
    await gateway.deliver(("item", "2000", Item(version=1, no="2000")))

    assert (await posting).status_code == 202


@pytest.mark.parametrize("text", ["Zoë 🛶", "مرحبا", "'; DROP TABLE customer_order; --", 'say "hi" \\ /'])
async def test_b29_names_are_kept_as_they_are_given(till: Till, text: str) -> None:
    """POS-28."""
    answer = await till.submit(till.order(collector={"name": text}))

    assert answer.json()["collector"]["name"] == text


@pytest.mark.parametrize(
    ("text", "code"),
    [("x" * 10_000, "too-long"), ("a\u0000b", "invalid-text"), ("a\u0007b", "control-character")],
)
async def test_b29_names_that_cannot_be_kept_are_refused(till: Till, text: str, code: str) -> None:
    answer = await till.submit(till.order(collector={"name": text}))

    assert (answer.status_code, codes(answer)) == (422, [code])


async def test_b29_half_a_character_is_refused(till: Till) -> None:
    """A lone surrogate, which no encoding of text can keep."""
    body = json.dumps(till.order(collector={"name": "Q"})).replace('"Q"', '"\\ud800"')

    answer = await till.submit(body.encode())

    assert answer.status_code in {400, 422}, answer.text


@pytest.mark.parametrize("at", ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"])
async def test_b28_an_hour_that_comes_twice_is_two_hours(till: Till, at: str) -> None:
    """POS-114: both are the business date's night; dates are judged by the business date."""
    body = till.order(occurred_at=at, lines=[line() | {"fulfilment": TODAY}])
    body["transaction"]["business_date"] = TODAY["date"]

    answer = await till.submit(body)

    assert answer.status_code == 202, answer.text
    shown = datetime.fromisoformat(answer.json()["occurred_at"])
    assert shown == datetime.fromisoformat(at)


@pytest.mark.parametrize("at", ["2026-03-03T10:00:00+01:00", "1970-01-01T00:00:00Z", "2026-12-31T23:59:60Z"])
async def test_b28_a_clock_that_is_wrong_is_noted_and_the_order_taken(till: Till, at: str) -> None:
    answer = await till.submit(till.order(occurred_at=at))

    assert answer.status_code == 202, answer.text
    assert answer.json()["clock_skew"] is True


async def test_a_till_speaks_for_itself_only(till: Till) -> None:
    body = till.order()
    body["transaction"]["terminal_no"] = "S1-9"

    answer = await till.submit(body)

    assert (answer.status_code, codes(answer)) == (403, ["terminal-mismatch"])


@pytest.mark.parametrize(
    ("permissions", "missing"),
    [
        ([], ["create_order", "pickup_lines", "ship_lines"]),
        (["create_order"], ["pickup_lines", "ship_lines"]),
        (["create_order", "pickup_lines"], ["ship_lines"]),
    ],
)
async def test_pos_116_a_worker_needs_the_permission_for_each_thing_that_an_order_does(
    till: Till, permissions: list[str], missing: list[str]
) -> None:
    """A manager too: the role alone permits nothing but approvals."""
    worker = {"role": "manager", "permissions": permissions}
    await till.gateway.send("PUT", "/workers/W-S1", worker)

    answer = await till.submit(till.order(lines=[line(), line("ship")]))

    assert (answer.status_code, set(codes(answer))) == (403, {"permission-missing"})
    assert [error["permission"] for error in answer.json()["errors"]] == missing


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"totals": {"total": "sNaN"}}, "/totals/total", "not-a-number"),
        ({"lines": [line(quantity="1_0")]}, "/lines/0/quantity", "not-a-number"),
        ({"lines": [line(quantity="\u0661")]}, "/lines/0/quantity", "not-a-number"),
        (
            {"lines": [line() | {"fulfilment": PARCEL | {"address": {"country_code": "Nederland"}}}]},
            "/lines/0/fulfilment/address/country_code",
            "too-long",
        ),
        ({"receipt_no": "R\u200b1"}, "/receipt_no", "malformed-number"),
    ],
)
async def test_values_are_read_as_in_the_other_services(
    till: Till, change: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await till.submit(till.order(**change))

    assert (answer.status_code, reasons(answer)) == (422, {pointer: code})


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31"])
async def test_a_business_day_of_no_calendar_is_refused(till: Till, day: str) -> None:
    body = till.order()
    body["transaction"]["business_date"] = day

    answer = await till.submit(body)

    assert (answer.status_code, reasons(answer)) == (422, {"/transaction/business_date": "out-of-range"})
