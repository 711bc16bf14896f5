"""Channel transactions: tills' orders become sales orders, once, by either path."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from contracts.channel import ChannelOrder, ChannelTransaction
from contracts.planning.masters import Item
from contracts.pos import NamedAddress, NewCustomer, Totals
from contracts.sales.documents import PostedSalesInvoice
from contracts.sales.masters import Customer, ShipToAddress
from contracts.sales.orders import SalesOrder
from contracts.values import Problem
from sales.jobs.synchronize_orders import synchronize_orders
from sales.store.gauges import LineGauges
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import ADDRESS, TILL_LINES, line_of, pulled, till_order
from tests.support.met_statuses import provoked


async def run(sales: Sales, **body: Any) -> Any:
    return await sales.post("/order-synchronization/run", body)


async def submit(
    sales: Sales, order: ChannelOrder, *, key: str | None = None, token: str | None = None
) -> httpx.Response:
    body = msgspec.json.encode(order)
    return await sales.send(
        "POST", "/channel-transactions", body, key=key or str(order.transaction_id), token=token
    )


async def test_a_transaction_that_the_caller_has_is_not_sent_again(sales: Sales) -> None:
    till = till_order(1)
    await sales.deliver(pulled(till))
    await run(sales)
    path = f"/channel-transactions/{till.transaction_id}"
    first = await sales.send("GET", path)
    again = await sales.send("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_pulled_order_becomes_one_released_sales_order(sales: Sales) -> None:
    """POS-91, POS-92: only by a run; the till's line numbers, charges after them, prepaid, location by mode."""
    charges = Totals(
        net=Decimal("869.00"), tax=Decimal("169.86"), charges=Decimal("25.00"), total=Decimal("1063.86")
    )
    till = till_order(1, shipping_charge=Decimal("25.00"), shipping_charge_code="SHIPPING", totals=charges)
    await sales.deliver(pulled(till))
    assert (await sales.get("/sales-orders"))["items"] == []
    assert await run(sales) == {"succeeded": 1, "failed": 0, "pending": 0}
    transaction = await sales.get(f"/channel-transactions/{till.transaction_id}")
    order = await sales.get(f"/sales-orders/{transaction['sales_order_no']}")
    assert (order["status"], order["confirmation_no"], order["prepaid_amount"]) == (
        "released",
        "K-1",
        "200.00",
    )
    assert [(x["line_no"], x["type"], x["location_code"]) for x in order["lines"]] == [
        (10000, "item", "SHOP"),
        (20000, "item", "SHOP"),
        (30000, "charge", ""),
    ]
    assert order["totals"]["total"] == "1063.86"
    assert order["ship_to"]["city"] == "Konstanz"
    assert line_of(order, 20000)["drop_shipment"] is True
    (made,) = await sales.published(SalesOrder)
    assert (made.version, made.happened) == (1, ("created", "released"))
    assert made.lines[1].demand is not None
    assert made.lines[1].demand.released
    (told,) = await sales.published(ChannelTransaction)
    assert (told.version, told.status, told.sales_order_no) == (1, "succeeded", order["no"])


async def test_pulling_and_synchronizing_again_makes_nothing_new(sales: Sales) -> None:
    """POS-103."""
    till = pulled(till_order(1))
    await sales.deliver(till)
    await run(sales)
    await sales.sql("DELETE FROM copy WHERE kind = 'channel-order'")
    await sales.deliver(till)
    assert await run(sales) == {"succeeded": 0, "failed": 0, "pending": 0}
    assert len((await sales.get("/sales-orders"))["items"]) == 1


async def test_one_failure_does_not_stop_the_others_and_is_retried(sales: Sales) -> None:
    """POS-93, POS-94, POS-100, P8: faults are told apart; a run by hand tries failed ones again at once."""
    bad_lines = (msgspec.structs.replace(TILL_LINES[0], item_no="4711"), TILL_LINES[1])
    await sales.deliver(
        pulled(till_order(1, lines=bad_lines)),
        pulled(till_order(2, shipping_charge=Decimal(5))),
        pulled(till_order(3)),
    )
    assert await run(sales) == {"succeeded": 1, "failed": 2, "pending": 2}
    failed = (await sales.get("/channel-transactions", status="failed"))["items"]
    assert {
        (t["confirmation_no"], t["fault_class"], t["errors"][0]["code"], t["attempts"]) for t in failed
    } == {
        ("K-1", "data", "unknown-item", 1),
        ("K-2", "configuration", "charge-code-not-configured", 1),
    }
    assert all(t["next_attempt_at"] for t in failed)
    item = Item(version=1, no="4711", description="Late", unit_price=Decimal(10))
    await sales.deliver(("item", "4711", item))
    assert (await synchronize_orders(sales.database, 100)).succeeded == 0, (
        "the job waits for the next attempt's time"
    )
    assert await run(sales) == {"succeeded": 1, "failed": 1, "pending": 1}


async def test_a_transaction_that_fails_five_times_is_dead(sales: Sales) -> None:
    """POS-106."""
    await sales.deliver(pulled(till_order(1, customer_no="NOBODY")))
    for _ in range(5):
        await run(sales)
    (dead,) = (await sales.get("/channel-transactions"))["items"]
    assert (dead["status"], dead["attempts"], dead["next_attempt_at"]) == ("dead", 5, None)
    assert await run(sales) == {"succeeded": 0, "failed": 0, "pending": 0}
    statuses = [t.status for t in await sales.published(ChannelTransaction)]
    assert statuses == ["failed"] * 4 + ["dead"]


async def test_a_used_up_series_pauses_and_counts_no_attempt(sales: Sales) -> None:
    """api-pos 26: the next run by hand resumes."""
    await sales.put("/number-series/sales-order", {"prefix": "S-", "next": 1001, "last": 1001})
    await sales.deliver(pulled(till_order(1)), pulled(till_order(2)))
    assert await run(sales) == {"succeeded": 1, "failed": 0, "pending": 1}
    status = await sales.get("/order-synchronization")
    assert (status["state"], status["reason"], status["pending"]) == ("paused", "number-series-exhausted", 1)
    assert (await sales.get("/channel-transactions", status="pulled"))["items"][0]["attempts"] == 0
    await sales.put("/number-series/sales-order", {"prefix": "S-", "next": 1002, "last": None})
    assert (await synchronize_orders(sales.database, 100)).succeeded == 0, "paused until somebody runs it"
    assert (await run(sales))["succeeded"] == 1
    assert (await sales.get("/order-synchronization"))["state"] == "running"


async def test_a_fault_that_all_meet_pauses_the_queue_and_is_counted_once(sales: Sales) -> None:
    """P4, POS-100: a run by hand resumes, once the set-up is right."""
    amounts = Totals(
        net=Decimal("869.00"), tax=Decimal("166.06"), charges=Decimal(5), total=Decimal("1040.06")
    )
    freight = {
        "shipping_charge": Decimal(5),
        "shipping_charge_code": "FREIGHT",
        "shipping_charge_tax_pct": Decimal(19),
    }
    charged = [till_order(n, totals=amounts, **freight) for n in (1, 2, 3)]
    await sales.deliver(*(pulled(till) for till in charged))
    assert (await run(sales))["failed"] == 3
    status = await sales.get("/order-synchronization")
    assert (status["state"], status["reason"]) == ("paused", "unknown-charge-code")
    await sales.put("/charge-codes/FREIGHT", {"description": "Freight", "tax_pct": "19"})
    await sales.deliver(pulled(till_order(4)))
    assert (await synchronize_orders(sales.database, 100)).succeeded == 0
    attempts = {x["attempts"] for x in (await sales.get("/channel-transactions", status="failed"))["items"]}
    assert attempts == {1}
    assert await run(sales) == {"succeeded": 4, "failed": 0, "pending": 0}
    assert (await sales.get("/order-synchronization"))["state"] == "running"


async def test_pos_108_what_has_no_order_after_15_minutes_is_warned_of_with_its_reason(sales: Sales) -> None:
    """What was never tried, what was refused, and what a person keeps back."""
    bad = msgspec.structs.replace(TILL_LINES[0], item_no="4711")
    order = till_order(1, lines=(bad,))
    await sales.deliver(pulled(order))
    await sales.sql("UPDATE channel_transaction SET received_at = now() - interval '15 minutes'")
    waiting = await sales.get("/order-synchronization")
    await run(sales)
    refused = await sales.get("/order-synchronization")
    await sales.post(f"/channel-transactions/{order.transaction_id}/hold", {})
    held = await sales.get("/order-synchronization")
    await sales.sql("UPDATE channel_transaction SET received_at = now() - interval '14 minutes'")
    in_time = await sales.get("/order-synchronization")

    warnings = [x["warning"] for x in (waiting, refused, held, in_time)]
    assert warnings == ["job-ended", "failed", "held", None]


async def test_metrics_tell_what_is_not_synchronized(sales: Sales) -> None:
    """POS-108: how many, and for how long, by status."""
    bad = msgspec.structs.replace(TILL_LINES[0], item_no="4711")
    await sales.deliver(pulled(till_order(1, lines=(bad,))))
    await run(sales)
    await sales.deliver(pulled(till_order(2)))
    await sales.sql(
        "UPDATE channel_transaction SET received_at = now() - interval '1 hour' WHERE status = 'failed'"
    )
    async with sales.database.read() as conn:
        read = {g.name: g.values for g in await LineGauges(timedelta(minutes=15)).read(conn)}
    assert read["koppel_sales_unsynchronized"] == [({"status": "failed"}, 1.0), ({"status": "pulled"}, 1.0)]
    assert 3600 <= read["koppel_sales_unsynchronized_age_seconds"][0][1] < 3700
    assert read["koppel_sales_failed_acts"] == [({}, 0.0)]


async def test_a_customer_made_at_a_till_is_made_once(sales: Sales) -> None:
    """POS-99: two orders of one new customer, in one run and in the next."""
    new = NewCustomer(id=uuid4(), name="Ida Holm", phone="123", address=ADDRESS)
    orders = [till_order(n, customer_no="", new_customer=new) for n in (1, 2, 3)]
    await sales.deliver(pulled(orders[0]), pulled(orders[1]))
    await run(sales)
    await sales.deliver(pulled(orders[2]))
    await run(sales)
    found = (await sales.get("/sales-orders"))["items"]
    assert len(found) == 3
    (no,) = {order["customer_no"] for order in found}
    customer = await sales.get(f"/customers/{no}")
    assert (customer["name"], customer["phone"], customer["city"]) == ("Ida Holm", "123", "Konstanz")
    assert [c.name for c in await sales.published(Customer)] == ["Ida Holm"]
    assert {t.customer_no for t in await sales.published(ChannelTransaction)} == {no}


async def test_an_order_names_the_address_of_the_customer_that_a_till_made(sales: Sales) -> None:
    """POS-99: the address exists in sales with the first order, and the next order can name it too."""
    home = NamedAddress(code="HOME", name="Ida Holm", city="Bregenz")
    new = NewCustomer(id=uuid4(), name="Ida Holm", address=ADDRESS, addresses=(home,))
    shipped = tuple(
        msgspec.structs.replace(line, mode="ship", address_code="HOME", address=home) for line in TILL_LINES
    )
    orders = [till_order(n, customer_no="", new_customer=new, lines=shipped) for n in (1, 2, 3)]
    await sales.deliver(pulled(orders[0]), pulled(orders[1]))
    await run(sales)
    await sales.deliver(pulled(orders[2]))
    await run(sales)
    found = (await sales.get("/sales-orders"))["items"]
    assert {(order["ship_to_code"], order["ship_to"]["city"]) for order in found} == {("HOME", "Bregenz")}
    address = await sales.get(f"/customers/{found[0]['customer_no']}/ship-to-addresses/HOME")
    assert (len(found), address["city"]) == (3, "Bregenz")
    assert [a.code for a in await sales.published(ShipToAddress)] == ["HOME"]


def carried_out(sequence: int) -> ChannelOrder:
    """The first line leaves with the customer, the second one is shipped later."""
    return till_order(
        sequence, lines=(msgspec.structs.replace(TILL_LINES[0], mode="carry_out"), TILL_LINES[1])
    )


async def test_what_is_carried_out_is_shipped_and_invoiced_with_the_order(sales: Sales) -> None:
    """POS-30, POS-40: redelivered and synchronized again it is still posted once."""
    till = pulled(carried_out(1))
    await sales.deliver(till)
    await run(sales)
    await sales.sql("DELETE FROM copy WHERE kind = 'channel-order'")
    await sales.deliver(till)
    await run(sales)

    (transaction,) = (await sales.get("/channel-transactions"))["items"]
    order = await sales.get(f"/sales-orders/{transaction['sales_order_no']}")
    left = [(x["quantity_shipped"], x["quantity_invoiced"]) for x in order["lines"]]
    assert (order["status"], left) == ("released", [("2", "2"), ("0", "0")])
    invoice = await sales.get(f"/posted-sales-invoices/{transaction['invoice_no']}")
    assert (invoice["sales_order_no"], invoice["amount"], invoice["posting_date"]) == (
        order["no"],
        "20.00",
        "2026-03-02",
    )
    shipments = (await sales.get("/posted-sales-shipments", sales_order_no=order["no"]))["items"]
    assert [[line["quantity"] for line in shipment["lines"]] for shipment in shipments] == [["2"]]
    (made,) = await sales.published(SalesOrder)
    assert made.happened == ("created", "released", "shipped", "invoiced")
    assert [p.quantity for p in made.lines[0].postings] == [2]
    assert [i.no for i in await sales.published(PostedSalesInvoice)] == [invoice["no"]]
    (told,) = await sales.published(ChannelTransaction)
    assert told.invoice_no == invoice["no"]


async def test_what_is_carried_out_is_posted_once_by_both_paths_at_once(sales: Sales) -> None:
    """POS-30, POS-103."""
    tills = [carried_out(n) for n in range(1, 7)]

    async def both(till: ChannelOrder) -> Any:
        return await asyncio.gather(
            submit(sales, till),
            submit(sales, till, key=str(uuid4())),
            sales.deliver(pulled(till)),
            synchronize_orders(sales.database, 2),
        )

    await asyncio.gather(*(both(till) for till in tills))
    await run(sales)
    transactions = (await sales.get("/channel-transactions"))["items"]
    invoices = (await sales.get("/posted-sales-invoices"))["items"]
    assert len(transactions) == len(invoices) == 6
    assert {t["invoice_no"] for t in transactions} == {i["no"] for i in invoices}
    assert len((await sales.get("/posted-sales-shipments"))["items"]) == 6


async def test_without_a_number_for_its_invoice_an_order_waits_whole(sales: Sales) -> None:
    """POS-100: orders that need none are made; the series' end pauses the job and refuses the synchronous path."""
    await sales.put("/number-series/posted-sales-invoice", {"prefix": "CI-", "next": 1, "last": 1})
    await sales.deliver(pulled(carried_out(1)), pulled(till_order(2)), pulled(carried_out(3)))
    assert await run(sales) == {"succeeded": 2, "failed": 0, "pending": 1}
    assert (await sales.get("/order-synchronization"))["state"] == "paused"
    refused = await submit(sales, carried_out(4))
    assert (refused.status_code, refused.json()["code"], refused.json()["series"]) == (
        409,
        "number-series-exhausted",
        "posted-sales-invoice",
    )
    await sales.put("/number-series/posted-sales-invoice", {"prefix": "CI-", "next": 2, "last": None})
    assert (await run(sales))["succeeded"] == 1
    assert {i["no"] for i in (await sales.get("/posted-sales-invoices"))["items"]} == {"CI-1", "CI-2"}


async def test_the_synchronous_path_answers_with_the_order(sales: Sales) -> None:
    """POS-109; asked again under the same or another key it is the same order."""
    till = till_order(1)
    response = await submit(sales, till)
    assert response.status_code == 201
    assert (response.json()["status"], response.json()["confirmation_no"]) == ("succeeded", "K-1")
    for key in (str(till.transaction_id), "another"):
        again = await submit(sales, till, key=key)
        assert again.json()["sales_order_no"] == response.json()["sales_order_no"]
    await sales.deliver(pulled(till))
    assert await run(sales) == {"succeeded": 0, "failed": 0, "pending": 0}


async def test_a_refused_synchronous_order_leaves_nothing(sales: Sales) -> None:
    response = await submit(sales, till_order(1, customer_no="NOBODY"))
    assert response.status_code == 422
    assert {e["code"] for e in response.json()["errors"]} == {"unknown-customer"}
    assert (await sales.get("/channel-transactions"))["items"] == []
    assert (await submit(sales, till_order(1))).status_code == 201, "the identity is free again"


# The gateway never sends such an amount: rounding it exceeds the precision of decimals, which no rule expects.
UNROUNDABLE = Decimal("1e30")


async def test_an_internal_error_of_the_synchronous_path_is_no_refusal(sales: Sales) -> None:
    till = till_order(1)
    await sales.deliver(pulled(msgspec.structs.replace(till, prepaid_amount=UNROUNDABLE)))
    with provoked(500):
        wrong, right = await asyncio.gather(submit(sales, till), submit(sales, till_order(2)))
    assert (wrong.status_code, wrong.json()["code"]) == (500, "internal-error")
    assert right.status_code == 201
    transactions = (await sales.get("/channel-transactions"))["items"]
    assert {t["confirmation_no"]: t["status"] for t in transactions} == {"K-1": "pulled", "K-2": "succeeded"}


async def test_a_transaction_that_meets_an_internal_error_fails_alone(sales: Sales) -> None:
    """POS-94."""
    await sales.deliver(pulled(till_order(1, prepaid_amount=UNROUNDABLE)), pulled(till_order(2)))
    assert await run(sales) == {"succeeded": 1, "failed": 1, "pending": 1}
    (failed,) = (await sales.get("/channel-transactions", status="failed"))["items"]
    assert (failed["fault_class"], failed["errors"][0]["code"]) == ("internal", "internal-error")


async def test_the_synchronous_path_needs_its_own_scope(sales: Sales) -> None:
    response = await submit(sales, till_order(1), token=sales.issuer.token("sales:write"))
    assert response.status_code == 403


async def test_another_transaction_under_a_taken_identity_is_refused_or_parked(sales: Sales) -> None:
    """POS-86."""
    await submit(sales, till_order(1))
    twin = till_order(1, confirmation_no="K-9")
    response = await submit(sales, twin)
    assert (response.status_code, response.json()["code"]) == (409, "duplicate-transaction")
    await sales.deliver(pulled(twin), pulled(till_order(2)))
    assert [row["no"] for row in await sales.sql("SELECT no FROM parked")] == ["K-9"]
    assert (await run(sales))["succeeded"] == 1


async def test_what_the_till_s_gateway_found_wrong_makes_no_order(sales: Sales) -> None:
    """POS-112, B24: also of a transaction that stands beside another one with its identity."""
    wrong = (Problem(code="duplicate-transaction", detail="it is K-1"),)
    beside = till_order(1, confirmation_no="K-9", transaction_id=uuid4(), errors=wrong, conflicts_with="K-1")

    await sales.deliver(pulled(till_order(1)), pulled(beside))
    done = await run(sales)
    (kept,) = (await sales.get("/channel-transactions", status="failed"))["items"]

    assert (done["succeeded"], done["failed"]) == (1, 1)
    assert await sales.sql("SELECT FROM parked") == []
    assert (kept["confirmation_no"], kept["fault_class"]) == ("K-9", "data")
    assert [error["code"] for error in kept["errors"]] == ["duplicate-transaction"]


async def test_one_transaction_by_both_paths_at_once_makes_one_order(sales: Sales) -> None:
    tills = [till_order(n) for n in range(1, 9)]
    await sales.deliver(*(pulled(till) for till in tills[::2]))

    async def both(till: ChannelOrder) -> Any:
        return await asyncio.gather(
            submit(sales, till), sales.deliver(pulled(till)), synchronize_orders(sales.database, 3)
        )

    await asyncio.gather(*(both(till) for till in tills))
    await run(sales)
    found = (await sales.get("/sales-orders"))["items"]
    assert sorted(order["confirmation_no"] for order in found) == sorted(
        till.confirmation_no for till in tills
    )
    statuses = {t["status"] for t in (await sales.get("/channel-transactions"))["items"]}
    assert statuses == {"succeeded"}


async def test_hundreds_are_made_in_one_database_transaction(sales: Sales) -> None:
    await sales.deliver(*(pulled(till_order(n)) for n in range(1, 301)))
    assert (await synchronize_orders(sales.database, 300)).succeeded == 300
    assert len({row["xmin"] for row in await sales.sql("SELECT xmin::text FROM sales_order")}) == 1
    assert len(await sales.published(SalesOrder)) == 300


async def test_lines_shipping_to_different_addresses_are_a_data_fault(sales: Sales) -> None:
    other = msgspec.structs.replace(
        TILL_LINES[1], line_no=30000, address=msgspec.structs.replace(ADDRESS, city="Ulm")
    )
    await sales.deliver(pulled(till_order(1, lines=(*TILL_LINES, other))))
    await run(sales)
    (failed,) = (await sales.get("/channel-transactions"))["items"]
    assert (failed["fault_class"], failed["errors"][0]["code"]) == ("data", "ship-to-mismatch")


async def test_a_transaction_is_answered_once_per_version(sales: Sales) -> None:
    till = till_order(1)
    await sales.deliver(pulled(till))
    await run(sales)
    path = f"/channel-transactions/{till.transaction_id}"
    first = await sales.send("GET", path)
    again = await sales.send("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


async def test_a_transaction_is_not_read_after_something_that_is_no_version(sales: Sales) -> None:
    path = f"/channel-transactions/{uuid4()}"
    assert (await sales.send("GET", path, headers={"Koppel-After": "nonsense"})).status_code == 400


async def test_a_newer_gateway_may_send_members_that_are_not_known_here(sales: Sales) -> None:
    body = msgspec.to_builtins(till_order(1)) | {"added_later": {"anything": [1]}}
    response = await sales.send("POST", "/channel-transactions", body)
    assert response.status_code == 201, response.text


async def test_everything_wrong_with_a_submitted_transaction_is_told_at_once(sales: Sales) -> None:
    body = msgspec.to_builtins(till_order(1)) | {"prepaid_amount": "much", "customer_no": 7}
    response = await sales.send("POST", "/channel-transactions", body)
    assert response.status_code == 422
    assert {e["pointer"] for e in response.json()["errors"]} == {"/prepaid_amount", "/customer_no"}
