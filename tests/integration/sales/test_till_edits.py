"""Edits and returns of tills in sales, and what sales reports back."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from contracts.channel import ActCharge, ChannelOrder, ChannelTransaction
from contracts.planning.masters import Location
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import (
    STORE,
    TILL_LINES,
    line_of,
    pulled,
    purchase,
    purchase_line,
    till_order,
)
from tests.integration.sales.till_acts import (
    SPECIAL,
    act,
    of_stock,
    pickup,
    returned,
    submit,
    synchronized,
    totals,
    with_act,
)


async def test_an_edit_changes_the_sales_order_as_the_till_s_order_changed(sales: Sales) -> None:
    """POS-65, POS-66: new, changed and removed lines, charges, prepayment; what the back office changed stays."""
    first = replace(TILL_LINES[0], quantity=Decimal(2))
    order = till_order(1, lines=(first, replace(first, line_no=20000)), totals=totals("4"))
    made = await synchronized(sales, order)
    await sales.post(f"/sales-orders/{made['no']}/reopen", {})
    await sales.send("PATCH", f"/sales-orders/{made['no']}/lines/10000", {"description": "For Anna"})
    await sales.post(f"/sales-orders/{made['no']}/release", {})
    added = replace(first, line_no=30000, quantity=Decimal(1), shipping_charge=Decimal("5.00"))
    lines = (replace(first, quantity=Decimal(3)), added)
    comes_to = msgspec.convert(
        {"net": "40.00", "tax": "8.55", "charges": "5.00", "total": "53.55"}, type(order.totals)
    )
    edit = act("edit", 2)
    edited = with_act(
        order,
        edit,
        lines=lines,
        totals=comes_to,
        prepaid_amount=Decimal("50.00"),
        shipping_charge_code="SHIPPING",
        shipping_charge_tax_pct=Decimal(19),
    )
    answer = await submit(sales, edited)
    assert answer.status_code == 200, answer.text
    after = await sales.get(f"/sales-orders/{made['no']}")
    assert (after["status"], after["prepaid_amount"], after["totals"]["total"]) == (
        "released",
        "50.00",
        "53.55",
    )
    shown = [(x["line_no"], x["type"], x["quantity"]) for x in after["lines"]]
    assert shown == [(10000, "item", "3"), (30000, "item", "1"), (40000, "charge", "1")]
    assert line_of(after)["description"] == "For Anna"
    more = (*lines, replace(first, line_no=40000, quantity=Decimal(1)))
    again = with_act(
        edited,
        act("edit", 3),
        lines=more,
        totals=replace(comes_to, net=Decimal("50.00"), tax=Decimal("10.45"), total=Decimal("65.45")),
    )
    answer = await submit(sales, again)
    assert answer.status_code == 200, answer.text
    numbers = [(x["line_no"], x["type"]) for x in (await sales.get(f"/sales-orders/{made['no']}"))["lines"]]
    assert numbers[-2:] == [(40000, "item"), (50000, "charge")], "new lines have the till's numbers"


async def test_an_edit_of_what_is_being_bought_is_refused(sales: Sales) -> None:
    """POS-63, BC-SO-37: also one that does not come to the till's total."""
    order = till_order(1, lines=(SPECIAL,), totals=totals("2"))
    made = await synchronized(sales, order)
    await sales.deliver(purchase("P-1", 1, purchase_line(made)))
    lines = (replace(SPECIAL, quantity=Decimal(3)),)
    refused = await submit(sales, with_act(order, act("edit", 2), lines=lines, totals=totals("3")))
    assert (refused.status_code, refused.json()["code"]) == (409, "line-linked-to-purchase-order")
    added = (SPECIAL, replace(TILL_LINES[0], line_no=20000))
    wrong = await submit(sales, with_act(order, act("edit", 2), lines=added, totals=totals("3")))
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "total-mismatch")
    gone = await submit(sales, with_act(order, act("edit", 2), lines=added[1:], totals=totals("2")))
    assert (gone.status_code, gone.json()["code"]) == (409, "line-linked-to-purchase-order")


async def test_pos_72_an_edit_of_the_till_s_card_is_carried_out_on_a_closed_order(sales: Sales) -> None:
    """All goods have left; an edit of goods is refused (B17)."""
    order = of_stock(1)
    made = await synchronized(sales, order)
    picked = with_act(order, pickup(2, "2"))
    assert (await submit(sales, picked)).status_code == 200
    named = await submit(sales, with_act(picked, act("edit", 3)))
    lines = (replace(order.lines[0], quantity=Decimal(3)),)
    goods = await submit(sales, with_act(picked, act("edit", 4), lines=lines, totals=totals("3"), version=9))
    after = await sales.get(f"/sales-orders/{made['no']}")

    assert (after["status"], line_of(after)["quantity"]) == ("closed", "2")
    assert named.status_code == 200, named.text
    assert (goods.status_code, goods.json()["code"]) == (409, "order-closed")


async def test_what_comes_back_is_received_and_credited_at_once(sales: Sales) -> None:
    """POS-80 to POS-83: a posted return order; a shipping charge that is given back may exceed what was charged."""
    order = of_stock(1)
    await synchronized(sales, order)
    picked = await submit(sales, with_act(order, pickup(2, "2")))
    invoice_no = picked.json()["acts"][0]["invoice_no"]
    refund = ActCharge(charge_code="SHIPPING", amount=Decimal("7.50"), tax_pct=Decimal(19))
    answer = await submit(sales, with_act(order, returned(3, invoice_no, charges_refunded=(refund,))))
    assert answer.status_code == 200, answer.text
    outcome = answer.json()["acts"][1]
    document = await sales.get(f"/sales-return-orders/{outcome['sales_return_order_no']}")
    assert (document["status"], line_of(document)["location_code"]) == ("posted", "SHOP")
    memo = await sales.get(f"/posted-sales-credit-memos/{document['credit_memo_no']}")
    assert (memo["amount"], memo["tax_amount"], memo["posting_date"]) == ("17.50", "3.33", "2026-03-02")
    assert [(x["type"], x["quantity"], x["amount"]) for x in memo["lines"]] == [
        ("item", "1", "10.00"),
        ("charge", "1", "7.50"),
    ]
    assert [x["quantity_returned"] for x in answer.json()["lines"]] == ["1"]
    too_many = await submit(sales, with_act(order, returned(4, invoice_no, "2")))
    assert (too_many.status_code, too_many.json()["code"], too_many.json()["available"]) == (
        422,
        "quantity-exceeds-returnable",
        "1",
    )
    other = await submit(sales, with_act(order, returned(4, invoice_no, line_no=20000)))
    assert (other.status_code, other.json()["code"]) == (409, "quantity-exceeds-invoiced")
    unknown = await submit(sales, with_act(order, returned(4, "SI-9")))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-posted-sales-invoice")


async def test_what_comes_back_at_another_store_lies_there(sales: Sales) -> None:
    """POS-80: a return is taken at any store, whose location the order has nothing to do with."""
    await sales.deliver(
        ("location", "QUAY", Location(version=1, code="QUAY")),
        ("store", "ST2", replace(STORE, no="ST2", location_code="QUAY")),
    )
    order = of_stock(1)
    await synchronized(sales, order)
    picked = await submit(sales, with_act(order, pickup(2, "2")))
    back = returned(3, picked.json()["acts"][0]["invoice_no"])
    there = replace(back, transaction=replace(back.transaction, store_no="ST2", terminal_no="T2"))

    answer = await submit(sales, with_act(order, there))

    assert answer.status_code == 200, answer.text
    no = answer.json()["acts"][1]["sales_return_order_no"]
    assert line_of(await sales.get(f"/sales-return-orders/{no}"))["location_code"] == "QUAY"


async def test_two_returns_at_once_give_back_no_more_than_was_invoiced(sales: Sales) -> None:
    """POS-125, twenty rounds."""
    orders = [of_stock(n, "1") for n in range(1, 21)]
    await sales.deliver(*(pulled(order) for order in orders))
    await sales.post("/order-synchronization/run", {})

    async def race(order: ChannelOrder) -> list[int]:
        picked = await submit(sales, with_act(order, pickup(100)))
        invoice_no = picked.json()["acts"][0]["invoice_no"]
        both = (submit(sales, with_act(order, returned(n, invoice_no))) for n in (101, 102))
        return sorted(answer.status_code for answer in await asyncio.gather(*both))

    assert await asyncio.gather(*(race(order) for order in orders)) == [[200, 422]] * 20
    assert len((await sales.get("/posted-sales-credit-memos", limit=500))["items"]) == 20


async def test_the_gateway_learns_what_the_back_office_does(sales: Sales) -> None:
    """Shipped, invoiced, returned there: the progress follows; a change that moves nothing is not reported."""
    order = of_stock(1)
    made = await synchronized(sales, order)
    path = f"/sales-orders/{made['no']}"
    await sales.post(f"{path}/reopen", {})
    await sales.post(f"{path}/release", {})
    assert await sales.published(ChannelTransaction) == []
    await sales.post(f"{path}/post", {"ship": True})
    invoice_no = (await sales.post(f"{path}/post", {"invoice": True}))["invoice_no"]
    line = {"posted_invoice_no": invoice_no, "posted_invoice_line_no": 10000, "quantity": "1"}
    back = await sales.post("/sales-return-orders", {"customer_no": "C1", "lines": [line]})
    await sales.post(f"/sales-return-orders/{back['no']}/post", {})
    told = await sales.published(ChannelTransaction)
    moved = [
        (x.lines[0].quantity_shipped, x.lines[0].quantity_invoiced, x.lines[0].quantity_returned)
        for x in told
    ]
    assert moved == [(2, 0, 0), (2, 2, 0), (2, 2, 1)]
    assert [x.order_closed for x in told] == [False, True, True]
    assert told[-1].invoices[0].lines[0].returned_quantity == 1
