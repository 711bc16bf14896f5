"""What is due now, what was paid, what stays (POS-34 to POS-42, POS-51)."""

from __future__ import annotations

from tests.integration.pos_gateway.shop import Gateway, Till, line, open_shop, set_parameters


async def test_a_deposit_is_a_share_of_the_total_with_tax_and_charges(till: Till) -> None:
    await set_parameters(till.gateway, default_deposit_pct="10", shipping_charge_code="SHIPPING")
    body = till.order(
        lines=[line("ship", tax_pct="19")],
        shipping_charge="5.00",
        payments=[{"method": "card", "amount": "12.40", "card_token": "tok_1"}],
    )

    order = (await till.submit(body)).json()

    assert order["totals"] == {"net": "100.00", "tax": "19.00", "charges": "5.00", "total": "124.00"}
    assert order["deposit_required"] == order["deposit_paid"] == order["deposit_available"] == "12.40"
    assert order["balance"] == "111.60"
    assert order["charges"] == [{"code": "SHIPPING", "amount": "5.00"}]
    assert (order["card_on_file"], order["card_hold"], order["pay_later"]) == (True, "111.60", False)


async def test_too_much_cash_gives_change(till: Till) -> None:
    await set_parameters(till.gateway, default_deposit_pct="10")

    order = (await till.submit(till.order(payments=[{"method": "cash", "amount": "20.00"}]))).json()

    assert (order["change"], order["deposit_paid"]) == ("10.00", "10.00")
    assert order["settlement"]["paid"] == "10.00"
    assert order["payments"] == [{"method": "cash", "amount": "10.00"}]


async def test_money_is_written_with_the_decimals_of_its_currency(till: Till) -> None:
    """Also what did not happen: 0.00."""
    order = (await till.submit(till.order())).json()

    settled = ("deposit_applied", "charge", "charges_refunded", "due", "paid", "refunded", "change")
    assert {order["settlement"][name] for name in settled} == {"0.00"}
    assert {order["change"], *(order["lines"][0][name] for name in ("discount", "shipping_charge"))} == {
        "0.00"
    }


async def test_goods_that_are_carried_out_are_paid_in_full(till: Till) -> None:
    await set_parameters(till.gateway, default_deposit_pct="10")
    body = till.order(
        lines=[line("carry_out", unit_price="7.00"), line()], payments=[{"method": "cash", "amount": "17.00"}]
    )

    order = (await till.submit(body)).json()

    assert order["deposit_required"] == "10.00"
    assert order["settlement"]["due"] == order["settlement"]["paid"] == "17.00"
    assert order["balance"] == "90.00"
    assert [(x["quantity_open"], x["quantity_picked_up"]) for x in order["lines"]] == [("0", "1"), ("1", "0")]


async def test_pos_41_a_business_customer_pays_no_deposit(till: Till) -> None:
    await set_parameters(till.gateway, default_deposit_pct="10")

    order = (await till.submit(till.order(customer_no="C300"))).json()

    assert order["deposit_required"] == "0.00"
    assert order["pay_later"] is True


async def test_pos_39_an_override_replaces_the_share_and_is_recorded(till: Till) -> None:
    """POS-120."""
    await set_parameters(till.gateway, default_deposit_pct="10")
    body = till.order(deposit_override="25.00", payments=[{"method": "cash", "amount": "25.00"}])

    order = (await till.submit(body)).json()

    assert order["deposit_required"] == "25.00"
    (override,) = order["overrides"]
    assert (override["operation"], override["from_amount"], override["to_amount"], override["requested_by"]) == (
        "deposit_override", "10.00", "25.00", "W-S1",
    )  # fmt: skip


async def test_pos_32_a_balance_on_shipped_goods_needs_a_card(till: Till) -> None:
    without = await till.submit(till.order(lines=[line("ship")]))
    paid = await till.submit(till.order(lines=[line("ship")], deposit_override="100.00",
                                      payments=[{"method": "cash", "amount": "100.00"}]))  # fmt: skip

    assert without.json()["code"] == "card-required"
    assert paid.status_code == 202
    assert (paid.json()["card_hold"], paid.json()["pay_later"]) == ("0.00", False)


async def test_yen_have_no_decimals(gateway: Gateway) -> None:
    till = await open_shop(gateway)
    store = (await gateway.send("GET", "/stores/S1")).json()
    del store["version"], store["no"]
    await gateway.send("PUT", "/stores/S1", store | {"currency_code": "JPY"})

    refused = await till.submit(till.order(lines=[line(unit_price="100.50")]))
    taken = await till.submit(till.order(lines=[line(unit_price="105", tax_pct="10")]))

    assert refused.json()["code"] == "invalid-amount"
    assert taken.json()["totals"] == {"net": "105", "tax": "11", "charges": "0", "total": "116"}


async def test_a_line_takes_from_the_header_what_it_has_not(till: Till) -> None:
    """POS-25."""
    body = till.order(
        fulfilment={"mode": "ship", "address_code": "home", "date": "2026-03-20", "delivery_mode": "post"},
        lines=[
            line() | {"fulfilment": None},
            line(fulfilment={"mode": "ship", "date": "2026-03-15"}),
            line(),
        ],
        balance_cards=[{"card_token": "tok_1"}],
    )

    order = (await till.submit(body)).json()

    ways = [x["fulfilment"] for x in order["lines"]]
    assert [(w["mode"], w["date"], w["delivery_mode"]) for w in ways] == [
        ("ship", "2026-03-20", "POST"),
        ("ship", "2026-03-15", "POST"),
        ("pickup", "2026-03-12", None),
    ]
    assert ways[1]["address"]["city"] == "Bregenz"
    assert order["fulfilment"] == {"date": "2026-03-12"}


async def test_a_new_customer_is_known_to_tills_until_sales_gives_a_number(till: Till) -> None:
    customer = {
        "name": "Neu Kunde",
        "address": "Kai 1",
        "city": "Kiel",
        "addresses": [{"code": "home", "city": "Ulm"}],
    }
    body = till.order(
        customer_no=None,
        new_customer=customer,
        lines=[line("ship")],
        balance_cards=[{"card_token": "tok_1"}],
    )

    first = (await till.submit(body)).json()
    again = {"customer_no": None, "customer_id": first["customer_id"], "balance_cards": body["balance_cards"]}
    second = await till.submit(till.order(**again, lines=[line("ship")]))

    assert first["customer_no"] is None
    assert first["lines"][0]["fulfilment"]["address"] == {"city": "Ulm"}
    assert second.status_code == 202
    assert second.json()["customer_id"] == first["customer_id"]
    await till.submit(till.order())
    found = await till.gateway.get("/customer-orders", token=till.token, customer_id=first["customer_id"])
    numbers = [second.json()["confirmation_no"], first["confirmation_no"]]
    assert [order["confirmation_no"] for order in found["items"]] == numbers
    assert second.json()["lines"][0]["fulfilment"]["address"] == {"city": "Ulm"}


async def test_a_line_that_is_short_is_taken_and_says_so(till: Till) -> None:
    body = till.order(
        lines=[
            line(quantity="5"),
            line(quantity="6"),
            line(quantity="1", unit_of_measure_code="BOX"),
            line(quantity="9", purchasing_code="SPECIAL"),
            line(item_no="1100"),
        ]
    )

    order = (await till.submit(body)).json()

    short = {x["line_no"]: x["availability"] for x in order["lines"] if "availability" in x}
    assert short == {
        20000: {"available": "5", "earliest_date": "2026-03-05"},
        30000: {"available": "0.5", "earliest_date": "2026-03-05"},
        50000: {"available": "0", "earliest_date": None},
    }
    assert await till.show(order["confirmation_no"]) == order
