"""Edits over the API: while sales has the order, before it, and at the same time as others (POS-61 to POS-66; B17)."""

from __future__ import annotations

import asyncio

from contracts.channel import ChannelOrder
from tests.integration.pos_gateway.shop import (
    Gateway,
    Till,
    line,
    open_shop,
    picking,
    set_parameters,
    sign_on,
    sold,
)
from tests.integration.pos_gateway.standin import StandIn
from tests.support.service import codes

RACES = 20


async def test_an_edit_is_carried_out_by_sales_while_the_till_waits(waiting: Till, sales: StandIn) -> None:
    """POS-66, POS-67."""
    await set_parameters(waiting.gateway, default_deposit_pct="10")
    no = await sold(waiting, payments=[{"method": "cash", "amount": "30.00"}])
    body = waiting.act(
        lines=[{"line_no": 10000, "quantity": "1"}, line(item_no="1100", quantity="4")],
        payments=[{"method": "cash", "amount": "20.00"}],
        collector={"name": "Ben"},
    )
    tried = await waiting.rehearse("edit", no, body | {"payments": []})
    answer = await waiting.carry_out("edit", no, body)
    asked = sales.asked[-1]

    assert (tried.status_code, tried.json()["settlement"]["due"]) == (200, "20.00"), tried.text
    assert answer.status_code == 200, answer.text
    order = answer.json()
    assert [(x["line_no"], x["quantity"]) for x in order["lines"]] == [(10000, "1"), (20000, "4")]
    assert (order["totals"]["total"], order["deposit_required"], order["deposit_paid"]) == (
        "500.00",
        "50.00",
        "50.00",
    )
    assert (order["version"], order["collector"]["name"]) == (2, "Ben")
    assert ([x.line_no for x in asked.lines], [x.operation for x in asked.acts]) == ([10000, 20000], ["edit"])


async def test_p1_an_edit_before_synchronization_travels_with_the_order(gateway: Gateway, till: Till) -> None:
    no = await sold(till)
    answer = await till.carry_out("edit", no, till.act(lines=[{"line_no": 10000, "quantity": "7"}]))
    await gateway.post("/pull-jobs/P-0001/run", {})
    (snapshot,) = await gateway.published(ChannelOrder, no)

    assert (answer.status_code, answer.json()["version"]) == (202, 2), answer.text
    assert ([str(x.quantity) for x in snapshot.lines], snapshot.version) == (["7"], 2)


async def test_goods_are_moved_to_another_store(gateway: Gateway, till: Till) -> None:
    """POS-68: they are picked up there from now on."""
    no = await sold(till)
    there = await open_shop(gateway, store_no="S2")
    before = await gateway.send("GET", f"/customer-orders/{no}", token=there.token)
    answer = await till.carry_out("edit", no, till.act(fulfilment={"store_no": "S2"}))
    after = await there.show(no)

    assert (before.status_code, answer.status_code) == (404, 202), answer.text
    assert after["lines"][0]["fulfilment"]["store_no"] == "S2"


async def test_pos_31_goods_to_ship_are_wanted_on_another_day_at_the_same_address(till: Till) -> None:
    body = till.order(lines=[line("ship"), line("ship")], balance_cards=[{"card_token": "tok_1"}])
    no = (await till.submit(body)).json()["confirmation_no"]
    later = [{"line_no": 10000, "fulfilment": {"date": "2026-03-20"}}]

    answer = await till.carry_out("edit", no, till.act(lines=later))

    assert answer.status_code == 202, answer.text
    ways = [x["fulfilment"] for x in answer.json()["lines"]]
    assert [(x["date"], x["address_code"]) for x in ways] == [("2026-03-20", "HOME"), ("2026-03-12", "HOME")]
    assert ways[0]["address"] == ways[1]["address"]


async def test_b17_bad_edits_are_refused(waiting: Till) -> None:
    """POS-24, POS-63, POS-64, B11: neither customer, numbers nor expiry are edited, nor an order that is done."""
    no = await sold(waiting)
    fixed = {"customer_no": "C200", "confirmation_no": "K-1", "sales_order_no": "S-1", "kind": "quote"}
    fixed["expiry_date"] = "2026-04-01"
    customer = await waiting.carry_out("edit", no, waiting.act(**fixed))
    price = await waiting.carry_out("edit", no, waiting.act(lines=[{"line_no": 10000, "unit_price": "1.00"}]))
    older = await waiting.carry_out("edit", no, waiting.act(), version=9)
    unsaid = await waiting.carry_out("edit", no, waiting.act(), version=None)
    unknown = await waiting.carry_out("edit", "K-0", waiting.act())
    nothing = await waiting.carry_out("edit", no, waiting.act(lines=[{"line_no": 10000, "quantity": "0"}]))
    too_much = await waiting.carry_out("edit", no, waiting.act(deposit_override="300.01"))
    await waiting.carry_out("pickup", no, picking(waiting, "2", "200.00"))
    below = await waiting.carry_out(
        "edit", no, waiting.act(lines=[{"line_no": 10000, "quantity": "1"}]), version=2
    )
    await waiting.carry_out("pickup", no, picking(waiting), version=2)
    done = await waiting.carry_out("edit", no, waiting.act(), version=3)

    answers = (customer, price, older, unsaid, unknown, nothing, too_much, below, done)
    assert [(x.status_code, codes(x)) for x in answers] == [
        (422, ["unknown-field"] * len(fixed)),
        (422, ["price-locked"]),
        (412, ["stale-version"]),
        (428, ["precondition-required"]),
        (404, ["unknown-customer-order"]),
        (422, ["out-of-range"]),
        (422, ["deposit-override-out-of-range"]),
        (422, ["quantity-below-fulfilled"]),
        (409, ["already-fulfilled"]),
    ]


async def test_of_an_edit_and_a_pick_up_at_once_one_is_done(waiting: Till) -> None:
    """POS-61; twenty rounds."""
    other = await sign_on(waiting.gateway, number=2)
    for _ in range(RACES):
        no = await sold(waiting, "2")
        edited, picked = await asyncio.gather(
            waiting.carry_out("edit", no, waiting.act(lines=[{"line_no": 10000, "quantity": "1"}])),
            other.carry_out("pickup", no, picking(other)),
        )
        statuses = sorted([edited.status_code, picked.status_code])
        assert statuses in ([200, 409], [200, 412]), (edited.text, picked.text)
        (shown,) = (await waiting.show(no))["lines"]
        done = (shown["quantity"], shown["quantity_picked_up"])
        assert done == (("1", "0") if edited.status_code == 200 else ("2", "1"))


async def test_pos_57_a_quote_is_edited_with_its_own_permission(till: Till) -> None:
    no = await sold(till, kind="quote")
    answer = await till.carry_out("edit", no, till.act(lines=[{"line_no": 10000, "quantity": "9"}]))
    picked = await till.carry_out("pickup", no, picking(till), version=2)

    assert (answer.status_code, answer.json()["totals"]["total"]) == (202, "900.00"), answer.text
    assert (picked.status_code, codes(picked)) == (409, ["quote-not-allowed"])
