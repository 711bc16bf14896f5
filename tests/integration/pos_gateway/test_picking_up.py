"""Pick-ups over the API: where, by whom, how much, and what sales reports of it (POS-68 to POS-74, POS-121; B18)."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from contracts.channel import ChannelInvoice, ChannelInvoiceLine
from tests.integration.pos_gateway.shop import (
    Gateway,
    Till,
    line,
    open_shop,
    picking,
    set_parameters,
    sold,
)
from tests.integration.pos_gateway.standin import StandIn, transaction_of
from tests.support.service import codes


async def test_b18_bad_pick_ups_are_refused(waiting: Till) -> None:
    ship = line("ship")
    answer = await waiting.submit(
        waiting.order(lines=[line(), ship], balance_cards=[{"card_token": "tok_1"}])
    )
    no = answer.json()["confirmation_no"]
    nothing = await waiting.carry_out("pickup", no, waiting.act())
    zeros = waiting.act(lines=[{"line_no": 10000 * n, "quantity": "0"} for n in (1, 2)])
    none = await waiting.carry_out("pickup", no, zeros)
    shipped = await waiting.carry_out("pickup", no, waiting.act(lines=[{"line_no": 20000, "quantity": "1"}]))
    much = await waiting.carry_out("pickup", no, picking(waiting, "2", "200.00"))
    half = await waiting.carry_out("pickup", no, picking(waiting, "0.5", "50.00"))
    unknown = await waiting.carry_out("pickup", "K-0", picking(waiting))
    strange = await waiting.carry_out("pickup", no, picking(waiting, customer_no="C200"))

    assert [(x.status_code, codes(x)) for x in (nothing, none, shipped, much, half, unknown, strange)] == [
        (422, ["lines-required"]),
        (422, ["lines-required"]),
        (422, ["not-for-pickup"]),
        (422, ["quantity-exceeds-outstanding"]),
        (422, ["invalid-quantity"]),
        (404, ["unknown-customer-order"]),
        (422, ["unknown-field"]),
    ]
    assert much.json()["errors"][0]["remaining"] == "1"


async def test_pos_121_goods_of_another_store_s_order_are_picked_up_where_they_wait(waiting: Till) -> None:
    gateway = waiting.gateway
    there = await open_shop(gateway, store_no="S2", asynchronous=False)
    elsewhere = await open_shop(gateway, store_no="S3", asynchronous=False)
    no = (await waiting.submit(waiting.order(lines=[line(store_no="S2")]))).json()["confirmation_no"]
    here = await waiting.carry_out("pickup", no, picking(waiting))
    unseen = await elsewhere.carry_out("pickup", no, picking(elsewhere))
    edited = await there.carry_out("edit", no, there.act())
    picked = await there.carry_out("pickup", no, picking(there))

    assert (here.status_code, codes(here)) == (409, ["wrong-pickup-store"])
    assert (unseen.status_code, codes(unseen)) == (404, ["unknown-customer-order"])
    assert (edited.status_code, codes(edited)) == (403, ["order-of-other-store"])
    assert (picked.status_code, picked.json()["status"]) == (200, "fulfilled")


async def test_a_worker_needs_the_permission(waiting: Till) -> None:
    no = await sold(waiting)
    permissions = ["create_order", "pickup_lines"]
    worker = {"name": "Kim", "permissions": permissions, "store_nos": ["S1"]}
    await waiting.gateway.put("/workers/W-S1", worker)
    answer = await waiting.carry_out("pickup", no, picking(waiting))

    assert (answer.status_code, codes(answer)) == (403, ["permission-missing"])


async def test_p12_the_collector_has_a_code(waiting: Till) -> None:
    no = await sold(waiting, collector={"name": "Ben"})
    code = (await waiting.show(no))["collector"]["pickup_code"]
    wrong = await waiting.carry_out(
        "pickup", no, picking(waiting, collected_by={"name": "Ben", "pickup_code": "0"})
    )
    right = await waiting.carry_out(
        "pickup", no, picking(waiting, collected_by={"name": "Ben", "pickup_code": code})
    )

    assert (wrong.status_code, codes(wrong)) == (403, ["collector-not-authorised"])
    assert right.status_code == 200, right.text


async def test_a_special_order_is_ready_when_its_goods_have_come_in(waiting: Till, sales: StandIn) -> None:
    """Only then it is found as ready, and handed over."""
    special = line(purchasing_code="SPECIAL", quantity="2")
    no = (await waiting.submit(waiting.order(lines=[special]))).json()["confirmation_no"]
    early = await waiting.carry_out("pickup", no, picking(waiting))
    before = [await ready(waiting, no, flag) for flag in ("true", "false")]
    sales.received = {10000: "2"}
    arrived = replace(transaction_of(sales.asked[0], sales.received), version=2)
    await waiting.gateway.deliver(("channel-transaction", no, arrived))
    after = [await ready(waiting, no, flag) for flag in ("true", "false")]
    picked = await waiting.carry_out("pickup", no, picking(waiting, "2", "200.00"))

    assert (early.status_code, codes(early)) == (409, ["quantity-exceeds-received"])
    assert (before, after) == ([False, True], [True, False])
    assert picked.status_code == 200, picked.text


async def ready(till: Till, no: str, flag: str) -> bool:
    page = await till.gateway.get("/customer-orders", token=till.token, ready=flag)
    return no in {order["confirmation_no"] for order in page["items"]}


async def test_pos_47_p11_of_an_overridden_deposit_the_share_is_proposed_and_stated(waiting: Till) -> None:
    await set_parameters(waiting.gateway, default_deposit_pct="10")
    payments = [{"method": "cash", "amount": "60.00"}]
    no = await sold(waiting, deposit_override="60.00", payments=payments)
    body = picking(waiting, "1", "")
    proposed = await waiting.rehearse("pickup", no, body)
    unsaid = await waiting.carry_out("pickup", no, picking(waiting, "1", "80.00"))
    said = await waiting.carry_out("pickup", no, picking(waiting, "1", "90.00", deposit_applied="10.00"))

    assert proposed.json()["settlement"]["deposit_applied"] == "20.00"
    assert (unsaid.status_code, codes(unsaid)) == (422, ["deposit-application-required"])
    assert (said.status_code, said.json()["deposit_available"]) == (200, "50.00"), said.text


async def test_pos_54_pick_ups_and_cancellations_follow_the_terms_of_the_order(waiting: Till) -> None:
    """POS-44, POS-48, POS-70: what is set up anew afterwards changes no figure of it; lines of 0 stay open."""
    old = {"cancellation_charge_pct": "5", "cancellation_charge_code": "CANCEL"}
    await set_parameters(waiting.gateway, default_deposit_pct="10", **old)
    lines = [line(quantity="2"), line()]
    paid = [{"method": "cash", "amount": "30.00"}]
    no = (await waiting.submit(waiting.order(lines=lines, payments=paid))).json()["confirmation_no"]
    new = {"cancellation_charge_pct": "20", "cancellation_charge_code": "SHIPPING"}
    await set_parameters(waiting.gateway, default_deposit_pct="50", **new)
    asked = [{"line_no": 10000, "quantity": "1"}, {"line_no": 20000, "quantity": "0"}]
    pick_up = picking(waiting, paid="90.00") | {"lines": asked}
    picked = await waiting.carry_out("pickup", no, pick_up)
    back = [{"method": "cash", "amount": "10.00"}]
    rest = waiting.act(reason="no longer wanted", refunds=back)
    cancelled = await waiting.carry_out("cancel-remaining", no, rest, version=2)

    assert picked.status_code == cancelled.status_code == 200, picked.text + cancelled.text
    assert picked.json()["settlement"]["deposit_applied"] == "10.00"
    assert [x["quantity_open"] for x in picked.json()["lines"]] == ["1", "1"]
    assert cancelled.json()["settlement"]["charge"] == "10.00"


async def test_an_act_s_receipt_finds_the_order(waiting: Till) -> None:
    no = await sold(waiting)
    await waiting.carry_out("pickup", no, picking(waiting, receipt_no="R-77"))
    page = await waiting.gateway.get("/customer-orders", token=waiting.token, order_no="R-77")

    assert [order["confirmation_no"] for order in page["items"]] == [no]


async def test_what_sales_reports_of_lines_and_invoices_is_shown(waiting: Till, sales: StandIn) -> None:
    gateway: Gateway = waiting.gateway
    ship = line("ship", quantity="3")
    body = waiting.order(lines=[ship], balance_cards=[{"card_token": "tok_1"}])
    no = (await waiting.submit(body)).json()["confirmation_no"]
    said = transaction_of(sales.asked[0], {10000: "0"})
    (known,) = said.lines
    shipped = replace(known, quantity_shipped=Decimal(2), quantity_invoiced=Decimal(2))
    invoice = ChannelInvoice(
        invoice_no="SI-1",
        posting_date=sales.asked[0].transaction.business_date,
        amount=Decimal("200.00"),
        lines=(
            ChannelInvoiceLine(
                line_no=10000, item_no="1000", quantity=Decimal(2), returned_quantity=Decimal(0)
            ),
        ),
    )
    news = replace(said, version=2, lines=(shipped,), invoices=(invoice,))
    await gateway.deliver(("channel-transaction", no, news))
    await gateway.deliver(("channel-transaction", no, replace(news, version=1, lines=())))
    order = await waiting.show(no)
    invoices = await gateway.get(f"/customer-orders/{no}/invoices", token=waiting.token)
    unknown = await gateway.refused("GET", "/customer-orders/K-0/invoices", token=waiting.token)

    (shown,) = order["lines"]
    assert (order["status"], shown["quantity_shipped"], shown["quantity_open"]) == (
        "partly_fulfilled",
        "2",
        "1",
    )
    assert [x["invoice_no"] for x in invoices["items"]] == ["SI-1"]
    assert invoices["items"][0]["lines"][0]["quantity"] == "2"
    assert unknown == (404, ["unknown-customer-order"])
