"""Pick-ups and cancellations of tills: by HTTP while the till waits, by event, and before the order is synchronized."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from contracts.channel import ChannelOrder, ChannelTransaction
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import (
    line_of,
    pulled,
    purchase,
    purchase_line,
    receipt,
    till_order,
)
from tests.integration.sales.till_acts import (
    CHARGE,
    SPECIAL,
    act,
    of_stock,
    pickup,
    submit,
    synchronized,
    totals,
    transaction_of,
    with_act,
)


async def test_what_is_picked_up_is_shipped_and_invoiced_at_once(sales: Sales) -> None:
    """POS-70, POS-74: on the till's business day, also for a blocked customer; the gateway learns the progress."""
    order = of_stock(1)
    made = await synchronized(sales, order)
    await sales.put("/customers/C1", {"name": "Anna Berg", "blocked": "all"}, headers={"If-Match": "*"})
    after = with_act(order, pickup(2))
    answer = await submit(sales, after)
    assert answer.status_code == 200, answer.text
    (outcome,) = answer.json()["acts"]
    assert (outcome["status"], outcome["operation"]) == ("done", "pickup")
    invoice = await sales.get(f"/posted-sales-invoices/{outcome['invoice_no']}")
    assert (invoice["posting_date"], invoice["amount"], invoice["sales_order_no"]) == (
        "2026-03-02",
        "10.00",
        made["no"],
    )
    (progress,) = answer.json()["lines"]
    assert (progress["quantity_shipped"], progress["quantity_invoiced"]) == ("1", "1")
    assert [x["invoice_no"] for x in answer.json()["invoices"]] == [invoice["no"]]
    (told,) = await sales.published(ChannelTransaction)
    assert (told.acts[0].invoice_no, told.order_closed) == (invoice["no"], False)

    last = await submit(sales, with_act(after, pickup(3)))
    assert last.json()["order_closed"] is True
    assert (await sales.get(f"/sales-orders/{made['no']}"))["status"] == "closed"


async def test_an_act_that_comes_again_is_carried_out_once(sales: Sales) -> None:
    """POS-103: by another key, by event, and in an older snapshot."""
    order = of_stock(1)
    made = await synchronized(sales, order)
    first, second = pickup(2), pickup(3)
    one, two = with_act(order, first), with_act(with_act(order, first), first, second)
    await submit(sales, one)
    again = await submit(sales, one, key="another")
    assert (again.status_code, again.json()["acts"][0]["status"]) == (200, "done")
    await sales.deliver(pulled(two))
    await sales.sql("DELETE FROM copy WHERE kind = 'channel-order'")
    await sales.deliver(pulled(one))
    assert line_of(await sales.get(f"/sales-orders/{made['no']}"))["quantity_shipped"] == "2"
    assert len((await sales.get("/posted-sales-invoices"))["items"]) == 2


async def test_a_refused_act_leaves_nothing_behind(sales: Sales) -> None:
    """POS-69: too many; the order, its transaction and the act's identity are as before."""
    order = of_stock(1)
    made = await synchronized(sales, order)
    before = await transaction_of(sales, order)
    refused = await submit(sales, with_act(order, pickup(2, "3")))
    assert (refused.status_code, refused.json()["code"], refused.json()["remaining"]) == (
        422,
        "quantity-exceeds-outstanding",
        "2",
    )
    unknown = await submit(sales, with_act(order, pickup(2, line_no=70000)))
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown-line")
    assert await transaction_of(sales, order) == before
    assert await sales.get(f"/sales-orders/{made['no']}") == made


async def test_an_act_names_a_known_transaction_and_comes_with_its_order(sales: Sales) -> None:
    order = of_stock(1)
    unknown = await submit(sales, with_act(order, pickup(2)))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-channel-transaction")
    await synchronized(sales, order)
    without = await submit(sales, order)
    assert (without.status_code, without.json()["code"]) == (422, "act-required")
    other = replace(with_act(order, pickup(2)), transaction_id=uuid4())
    path = f"/channel-transactions/{order.transaction_id}/acts"
    mixed = await sales.send("POST", path, msgspec.json.encode(other))
    assert (mixed.status_code, mixed.json()["code"]) == (422, "transaction-mismatch")


async def test_a_special_order_is_picked_up_once_it_was_received(sales: Sales) -> None:
    """POS-74, BC-SO-33: the gateway learns of the receipt; more than was received stays on the shelf."""
    order = till_order(1, lines=(SPECIAL,), totals=totals("2"))
    made = await synchronized(sales, order)
    early = await submit(sales, with_act(order, pickup(2)))
    assert (early.status_code, early.json()["code"]) == (409, "quantity-exceeds-received")
    await sales.deliver(purchase("P-1", 1, purchase_line(made)))
    assert await sales.published(ChannelTransaction) == [], "a link alone is no progress"
    await sales.deliver(purchase("P-1", 2, purchase_line(made, 10000, receipt("1"))))
    (told,) = await sales.published(ChannelTransaction)
    assert [x.quantity_received for x in told.lines] == [1]
    assert (await submit(sales, with_act(order, pickup(2)))).status_code == 200
    more = await submit(sales, with_act(order, pickup(3)))
    assert (more.status_code, more.json()["code"]) == (409, "quantity-exceeds-received")


async def test_a_drop_shipment_is_not_picked_up(sales: Sales) -> None:
    order = till_order(1)
    made = await synchronized(sales, order)
    await sales.deliver(purchase("P-1", 1, purchase_line(made, 20000, kind="drop_shipment")))
    refused = await submit(sales, with_act(order, pickup(2, line_no=20000)))
    assert (refused.status_code, refused.json()["code"]) == (409, "line-linked-to-purchase-order")


async def test_a_cancelled_order_is_cancelled_in_sales_and_its_charge_invoiced(sales: Sales) -> None:
    """POS-48, POS-75: the charge stands on a posted sales invoice of its own."""
    order = of_stock(1)
    made = await synchronized(sales, order)
    answer = await submit(sales, with_act(order, act("cancel", 2, reason="Found it cheaper", charge=CHARGE)))
    assert answer.status_code == 200, answer.text
    assert answer.json()["order_closed"] is True
    assert [x["quantity_cancelled"] for x in answer.json()["lines"]] == ["2"]
    assert (await sales.get(f"/sales-orders/{made['no']}"))["status"] == "cancelled"
    invoice = await sales.get(f"/posted-sales-invoices/{answer.json()['acts'][0]['invoice_no']}")
    assert (invoice["amount"], invoice["tax_amount"], invoice["customer_no"]) == ("10.00", "1.90", "C1")
    assert [(x["type"], x["charge_code"]) for x in invoice["lines"]] == [("charge", "CANCEL")]


async def test_a_till_settles_what_the_back_office_cancelled(sales: Sales) -> None:
    """POS-75: there is nothing left to cancel, and the charge that it states is invoiced."""
    order = of_stock(1)
    made = await synchronized(sales, order)
    await sales.post(f"/sales-orders/{made['no']}/cancel", {}, expect=200)
    answer = await submit(sales, with_act(order, act("cancel", 2, charge=CHARGE)))
    assert answer.status_code == 200, answer.text
    (outcome,) = answer.json()["acts"]
    assert (outcome["status"], (await sales.get(f"/sales-orders/{made['no']}"))["status"]) == (
        "done",
        "cancelled",
    )
    assert (await sales.get(f"/posted-sales-invoices/{outcome['invoice_no']}"))["amount"] == "10.00"


async def test_what_remains_of_a_picked_up_order_is_cancelled(sales: Sales) -> None:
    """POS-76: cancelling all of it is refused then."""
    order = of_stock(1)
    made = await synchronized(sales, order)
    await submit(sales, with_act(order, pickup(2)))
    whole = await submit(sales, with_act(order, act("cancel", 3)))
    assert (whole.status_code, whole.json()["code"]) == (409, "has-postings")
    rest = await submit(sales, with_act(order, act("cancel_remaining", 3)))
    assert rest.status_code == 200, rest.text
    (line,) = rest.json()["lines"]
    assert (line["quantity_shipped"], line["quantity_cancelled"]) == ("1", "1")
    assert (await sales.get(f"/sales-orders/{made['no']}"))["status"] == "closed"


async def test_purchasing_decides_about_the_lines_of_a_cancelled_order(sales: Sales) -> None:
    """For the till the act is done; the order ends when purchasing has answered."""
    order = till_order(1, lines=(SPECIAL,), totals=totals("2"))
    made = await synchronized(sales, order)
    answer = await submit(sales, with_act(order, act("cancel", 2)))
    assert (answer.status_code, answer.json()["acts"][0]["status"]) == (200, "done")
    assert (await sales.get(f"/sales-orders/{made['no']}"))["status"] == "cancelling"


async def test_a_cancellation_that_comes_first_makes_the_transaction_void(sales: Sales) -> None:
    """POS-95: no order is made, ever; the charge is invoiced."""
    await sales.put("/charge-codes/CANCEL", {"description": "Cancellation", "tax_pct": "19"})
    order = of_stock(1)
    await sales.deliver(pulled(order))
    await sales.deliver(pulled(with_act(order, act("cancel", 2, charge=CHARGE))))
    assert await sales.post("/order-synchronization/run", {}) == {"succeeded": 0, "failed": 0, "pending": 0}
    transaction = await transaction_of(sales, order)
    assert (transaction["status"], transaction["sales_order_no"]) == ("void", None)
    invoice = await sales.get(f"/posted-sales-invoices/{transaction['acts'][0]['invoice_no']}")
    assert (invoice["amount"], invoice["sales_order_no"]) == ("10.00", "")
    late = await submit(sales, with_act(order, transaction_act := pickup(3)))
    assert (late.status_code, late.json()["code"]) == (409, "transaction-not-open")
    assert str(transaction_act.act_id) not in {
        x["act_id"] for x in (await transaction_of(sales, order))["acts"]
    }


async def test_acts_wait_for_their_order_and_are_carried_out_with_it(sales: Sales) -> None:
    """POS-96, beyond it: an edit and a pick-up of an order that is not synchronized yet."""
    order = of_stock(1)
    edit = act("edit", 2)
    edited = with_act(order, edit, lines=(replace(order.lines[0], quantity=Decimal(3)),), totals=totals("3"))
    await sales.deliver(pulled(order), pulled(edited))
    await sales.deliver(pulled(with_act(edited, edit, pickup(3))))
    waiting = [(x["operation"], x["status"]) for x in (await transaction_of(sales, order))["acts"]]
    assert waiting == [("edit", "done"), ("pickup", "waiting")]
    await sales.forget_published()
    assert (await sales.post("/order-synchronization/run", {}))["succeeded"] == 1
    transaction = await transaction_of(sales, order)
    assert [x["status"] for x in transaction["acts"]] == ["done", "done"]
    line = line_of(await sales.get(f"/sales-orders/{transaction['sales_order_no']}"))
    assert (line["quantity"], line["quantity_shipped"]) == ("3", "1")
    (told,) = await sales.published(ChannelTransaction)
    assert (told.status, told.acts[1].status, told.lines[0].quantity_shipped) == ("succeeded", "done", 1)


async def test_an_act_by_event_that_fails_is_tried_again(sales: Sales) -> None:
    """POS-94: it has happened at the till, so it is never dropped."""
    order = till_order(1, lines=(SPECIAL,), totals=totals("2"))
    made = await synchronized(sales, order)
    await sales.deliver(pulled(with_act(order, pickup(2))))
    (failed,) = (await transaction_of(sales, order))["acts"]
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", "quantity-exceeds-received")
    await sales.deliver(purchase("P-1", 1, purchase_line(made, 10000, receipt("2"))))
    await sales.post("/order-synchronization/run", {})
    (done,) = (await transaction_of(sales, order))["acts"]
    assert (done["status"], done.get("errors")) == ("done", None)


async def test_an_act_that_would_get_no_number_fails_alone(sales: Sales) -> None:
    """POS-100: by HTTP it is refused; by event it is kept, and neither stops the synchronization of other orders."""
    orders = [of_stock(n) for n in (1, 2)]
    await sales.deliver(*(pulled(with_act(order, pickup(10))) for order in orders))
    await sales.put("/number-series/posted-sales-invoice", {"prefix": "CI-", "next": 1, "last": 1})
    assert (await sales.post("/order-synchronization/run", {}))["succeeded"] == 2
    statuses = [(await transaction_of(sales, order))["acts"][0]["status"] for order in orders]
    assert sorted(statuses) == ["done", "failed"]
    refused = await submit(sales, with_act(orders[0], pickup(11)))
    assert (refused.status_code, refused.json()["code"]) == (409, "number-series-exhausted")
    await sales.put("/number-series/posted-sales-invoice", {"prefix": "CI-", "next": 2, "last": None})
    await sales.post("/order-synchronization/run", {})
    assert {(await transaction_of(sales, x))["acts"][0]["status"] for x in orders} == {"done"}


async def test_acts_at_the_same_moment_are_each_carried_out_once(sales: Sales) -> None:
    """POS-103: the same pick-up by both paths at once, and two tills that take the last piece."""
    orders = [of_stock(n) for n in range(1, 21)]
    await sales.deliver(*(pulled(order) for order in orders))
    await sales.post("/order-synchronization/run", {})

    async def race(order: ChannelOrder) -> list[Any]:
        same = with_act(order, pickup(100))
        await asyncio.gather(submit(sales, same), submit(sales, same, key="x"), sales.deliver(pulled(same)))
        return await asyncio.gather(*(submit(sales, with_act(order, pickup(n))) for n in (101, 102)))

    for answers in await asyncio.gather(*(race(order) for order in orders)):
        assert min(answer.status_code for answer in answers) == 200
    items = (await sales.get("/sales-orders"))["items"]
    assert {line_of(order)["quantity_shipped"] for order in items} == {"2"}
    assert len((await sales.get("/posted-sales-invoices", limit=500))["items"]) == 40


async def test_a_cancellation_against_synchronization_voids_or_cancels(sales: Sales) -> None:
    """Twenty rounds: no order stays that the till has cancelled."""
    orders = [of_stock(n) for n in range(1, 21)]
    await sales.deliver(*(pulled(order) for order in orders))
    cancelled = [pulled(with_act(order, act("cancel", 100))) for order in orders]

    async def cancel() -> None:
        for each in cancelled:
            await sales.deliver(each)

    await asyncio.gather(cancel(), sales.post("/order-synchronization/run", {}))
    transactions = (await sales.get("/channel-transactions"))["items"]
    assert {x["acts"][0]["status"] for x in transactions} == {"done"}
    made = {x["sales_order_no"] for x in transactions if x["status"] == "succeeded"}
    statuses = {(await sales.get(f"/sales-orders/{no}"))["status"] for no in made}
    assert statuses <= {"cancelled"}
    assert {x["status"] for x in transactions} <= {"succeeded", "void"}
