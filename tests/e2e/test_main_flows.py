"""The four main flows through the public HTTP APIs of the running stack, on real Kafka and PostgreSQL."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from deploy.local import LocalStack
from deploy.local.client import Koppel, Refused, until
from deploy.local.demo.sample import Till
from tests.e2e.acts import (
    DEADLINE_S,
    carried_out,
    linked,
    open_order,
    order_when,
    post_till_order,
    receive,
    release,
    stock_at_rest,
    stock_of,
    synchronized,
)


async def test_special_order_is_bought_received_granted_shipped_and_invoiced_on_both_sides(
    koppel: Koppel,
) -> None:
    """G1, BC-SO-11, 20, 21, 22: one release, and the line hangs on a purchase order at the item's vendor."""
    order = await release(koppel, "C100", [{"item_no": "1100", "quantity": "3"}])
    line = order["lines"][0]
    purchase = await koppel.purchasing.get(f"/purchase-orders/{line['sourcing']['purchase_order_no']}")
    assert purchase["vendor_no"] == "V10"
    bought = purchase["lines"][0]
    assert (bought["sales_order_no"], bought["sales_order_line_no"]) == (order["no"], line["line_no"])
    assert bought["special_order"] is True
    assert Decimal(bought["quantity"]) == 3
    assert Decimal(bought["direct_unit_cost"]) == 80

    await receive(koppel, purchase["no"])
    await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "received")
    posted = await koppel.sales.post(f"/sales-orders/{order['no']}/post", {"ship": True, "invoice": True})
    shipment = await koppel.sales.get(f"/posted-sales-shipments/{posted['shipment_no']}")
    assert shipment["sales_order_no"] == order["no"]
    assert Decimal(shipment["lines"][0]["quantity"]) == 3
    invoice = await koppel.purchasing.post(
        f"/purchase-orders/{purchase['no']}/post",
        {"receive": False, "invoice": True, "vendor_invoice_no": f"CW-{purchase['no']}"},
    )
    posted_invoice = await koppel.purchasing.get(f"/posted-purchase-invoices/{invoice['invoice_no']}")
    assert posted_invoice["purchase_order_no"] == purchase["no"]
    done = await koppel.sales.get(f"/sales-orders/{order['no']}")
    assert done["status"] == "closed"
    assert Decimal(done["lines"][0]["quantity_invoiced"]) == 3


async def test_special_order_ships_only_what_was_received_for_it(koppel: Koppel) -> None:
    """BC-SO-33's gap is closed: the grant of the receipt bounds the shipment."""
    order = await release(koppel, "C100", [{"item_no": "1100", "quantity": "5"}])
    with pytest.raises(Refused) as refused:
        await koppel.sales.post(f"/sales-orders/{order['no']}/post", {"ship": True})
    assert refused.value.code == "quantity-exceeds-received"
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    await receive(koppel, purchase_no, "2")
    await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "partly_received")
    with pytest.raises(Refused) as refused:
        await koppel.sales.post(
            f"/sales-orders/{order['no']}/post",
            {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": "3"}]},
        )
    assert refused.value.code == "quantity-exceeds-received"
    await koppel.sales.post(
        f"/sales-orders/{order['no']}/post", {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": "2"}]}
    )
    shipped = await koppel.sales.get(f"/sales-orders/{order['no']}")
    assert Decimal(shipped["lines"][0]["quantity_shipped"]) == 2


async def test_received_special_order_stock_is_allocated_until_it_is_shipped(
    stack: LocalStack, koppel: Koppel
) -> None:
    """G16 and I9: stock = free + allocated; the shipment takes both down."""
    before = await stock_at_rest(stack, koppel, "1300", "NORTH")
    order = await release(koppel, "C100", [{"item_no": "1300", "quantity": "4"}])
    await receive(koppel, order["lines"][0]["sourcing"]["purchase_order_no"])
    received = await until(
        lambda: stock_of(koppel, "1300", "NORTH"),
        lambda s: s["stock"] == before["stock"] + 4,
        deadline_s=DEADLINE_S,
    )
    assert received["allocated"] == before["allocated"] + 4
    assert received["free"] == before["free"]
    await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "received")
    await koppel.sales.post(f"/sales-orders/{order['no']}/post", {"ship": True})
    await until(lambda: stock_of(koppel, "1300", "NORTH"), lambda s: s == before, deadline_s=DEADLINE_S)


async def test_special_order_by_hand_through_the_worksheet(koppel: Koppel) -> None:
    """BC-SO-07 to 14, 25: get sales orders, edit the quantity, set New, carry out; a second get finds nothing."""
    order = await open_order(koppel, "C200", [{"item_no": "1300", "quantity": "1"}], automation="manual")
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    body = {"kind": "special_order", "sales_order_no": order["no"]}
    got = await koppel.planning.post("/requisition-worksheets/DEFAULT/get-sales-orders", body)
    (line,) = got["lines"]
    assert (line["action_message"], line["accept_action_message"]) == ("new", False)
    with pytest.raises(Refused) as nothing:
        await koppel.planning.post("/requisition-worksheets/DEFAULT/get-sales-orders", body)
    assert nothing.value.code == "no-sales-lines-to-retrieve"
    changed = await koppel.planning.patch(
        f"/requisition-worksheets/DEFAULT/lines/{line['id']}", {"action_message": "new", "quantity": "2"}
    )
    assert changed["accept_action_message"] is True
    run = await koppel.planning.post(
        "/requisition-worksheets/DEFAULT/carry-out", {"line_ids": [line["id"]]}, wait_s=20
    )
    (made,) = run["purchase_orders"]
    order = await linked(koppel, order["no"])
    assert order["lines"][0]["sourcing"]["purchase_order_no"] == made["no"]
    purchase = await koppel.purchasing.get(f"/purchase-orders/{made['no']}")
    assert Decimal(purchase["lines"][0]["quantity"]) == 2


async def test_drop_shipment_posted_in_sales_posts_the_receipt_and_leaves_no_stock(
    stack: LocalStack, koppel: Koppel
) -> None:
    """BC-DS-16, 21, 23, 24: customer and address on the purchase; one posting on both sides; sale invoiced first."""
    before = await stock_at_rest(stack, koppel, "1200", "NORTH")
    order = await release(koppel, "C100", [{"item_no": "1200", "quantity": "2"}])
    purchase = await koppel.purchasing.get(
        f"/purchase-orders/{order['lines'][0]['sourcing']['purchase_order_no']}"
    )
    assert purchase["sell_to_customer_no"] == "C100"
    assert purchase["ship_to"]["address"] == "Seeweg 4"
    posted = await koppel.sales.post(f"/sales-orders/{order['no']}/post", {"ship": True}, wait_s=20)
    shipment = await koppel.sales.get(f"/posted-sales-shipments/{posted['shipment_no']}")
    receipts = await koppel.purchasing.get("/posted-purchase-receipts", purchase_order_no=purchase["no"])
    (receipt,) = receipts["items"]
    receipt = await koppel.purchasing.get(f"/posted-purchase-receipts/{receipt['no']}")
    assert [x["posting_id"] for x in receipt["lines"]] == [x["posting_id"] for x in shipment["lines"]]
    assert receipt["posting_date"] == shipment["posting_date"]
    with pytest.raises(Refused) as refused:
        await _invoice_purchase(koppel, purchase["no"])
    assert refused.value.code == "sales-order-not-invoiced"
    assert order["no"] in str(refused.value)
    await koppel.sales.post(f"/sales-orders/{order['no']}/post", {"ship": False, "invoice": True})
    await _invoice_purchase(koppel, purchase["no"])
    assert await stock_of(koppel, "1200", "NORTH") == before


async def test_drop_shipment_fetched_and_received_in_purchasing_ships_in_sales(koppel: Koppel) -> None:
    """BC-DS-06 to 11, 22: the purchase order takes the sales order's lines; its receipt is the sales shipment."""
    order = await open_order(koppel, "C200", [{"item_no": "1200", "quantity": "2"}], automation="manual")
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    purchase = await koppel.purchasing.post(
        "/purchase-orders", {"vendor_no": "V20", "sell_to_customer_no": "C200"}
    )
    candidates = await koppel.purchasing.get(
        f"/purchase-orders/{purchase['no']}/sales-order-candidates", kind="drop_shipment"
    )
    assert order["no"] in str(candidates)
    purchase = await koppel.purchasing.post(
        f"/purchase-orders/{purchase['no']}/get-sales-order",
        {"kind": "drop_shipment", "sales_order_no": order["no"]},
    )
    assert purchase["ship_to"]["address"] == "Havnen 12"
    await linked(koppel, order["no"])
    await receive(koppel, purchase["no"])
    shipped = await order_when(koppel, order["no"], lambda o: Decimal(o["lines"][0]["quantity_shipped"]) == 2)
    assert shipped["lines"][0]["sourcing"]["state"] == "received"
    shipments = await koppel.sales.get("/posted-sales-shipments", sales_order_no=order["no"])
    assert len(shipments["items"]) == 1


async def test_mixed_order_makes_one_purchase_order_per_vendor_and_grouping_key(koppel: Koppel) -> None:
    """BC-SO-17, 18: two special orders of one vendor share a purchase order; the drop shipment has its own."""
    order = await release(
        koppel,
        "C200",
        [
            {"item_no": "1000", "quantity": "7"},
            {"item_no": "1100", "quantity": "1"},
            {"item_no": "1200", "quantity": "1"},
            {"item_no": "1300", "quantity": "1"},
            {"item_no": "1100", "quantity": "2"},
        ],
    )
    numbers = [(x["sourcing"] or {}).get("purchase_order_no") for x in order["lines"]]
    assert not numbers[0]
    assert numbers[1] == numbers[4]
    assert len({numbers[1], numbers[2], numbers[3]}) == 3
    assert order["lines"][0]["procurement_method"] == "stock"


async def test_asynchronous_till_order_shows_its_sales_order_and_is_procured(
    koppel: Koppel, till: Till
) -> None:
    """POS-15, 87, 89, 91: 202 and a confirmation number, then pulled, synchronized, procured."""
    confirmed, response = await post_till_order(till)
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/customer-orders/{confirmed['confirmation_no']}"
    assert confirmed["status"] == "pending"
    await koppel.pos.post("/pull-jobs/P-0001/run", {})
    shown = await synchronized(koppel, till, confirmed["confirmation_no"])
    order = await linked(koppel, shown["sales_order_no"])
    assert [x["procurement_method"] for x in order["lines"][:3]] == [
        "stock",
        "special_order",
        "drop_shipment",
    ]
    assert Decimal(order["totals"]["total"]) == Decimal(confirmed["totals"]["total"])
    assert (order["ship_to_code"], order["ship_to"]["city"]) == ("HOME", "Konstanz")


async def test_synchronous_till_order_answers_with_its_sales_order(
    koppel: Koppel, waiting_till: Till
) -> None:
    """POS-109: the order exists at the back office when the till gets its answer."""
    confirmed, response = await post_till_order(waiting_till)
    assert response.status_code == 201
    order = await koppel.sales.get(f"/sales-orders/{confirmed['sales_order_no']}")
    assert order["status"] == "released"
    await linked(koppel, order["no"])


@pytest.mark.parametrize("way", ["asynchronous", "synchronous"])
async def test_what_is_carried_out_of_a_shop_is_shipped_and_invoiced_at_once(
    stack: LocalStack, koppel: Koppel, till: Till, waiting_till: Till, way: str
) -> None:
    """POS-30, POS-40: stock falls by it, and the till shows the invoice."""
    seller = till if way == "asynchronous" else waiting_till
    before = await stock_at_rest(stack, koppel, "1000", "SHOP1")
    confirmed, _ = await post_till_order(seller, carried_out(seller))
    await koppel.pos.post("/pull-jobs/P-0001/run", {})
    shown = await synchronized(koppel, seller, confirmed["confirmation_no"])
    invoice_no = shown["settlement"]["invoice_no"]
    assert (shown["status"], shown["lines"][0]["quantity_invoiced"]) == ("partly_fulfilled", "2")
    order = await koppel.sales.get(f"/sales-orders/{shown['sales_order_no']}")
    line = order["lines"][0]
    assert (line["quantity_shipped"], line["quantity_invoiced"]) == ("2", "2")
    invoices = await koppel.sales.get("/posted-sales-invoices", sales_order_no=order["no"])
    assert [invoice["no"] for invoice in invoices["items"]] == [invoice_no]
    left = before["stock"] - 2
    await until(
        lambda: stock_of(koppel, "1000", "SHOP1"), lambda s: s["stock"] == left, deadline_s=DEADLINE_S
    )


async def test_the_same_till_transaction_under_a_new_key_is_the_same_order(till: Till) -> None:
    """POS-86, P9, B24: identity decides; other content is a conflict that names the order."""
    confirmed, response = await post_till_order(till)
    body: dict[str, Any] = response.request_body
    again, repeated = await post_till_order(till, body)
    assert repeated.status_code == 200
    assert again["confirmation_no"] == confirmed["confirmation_no"]
    with pytest.raises(Refused) as refused:
        await post_till_order(till, body | {"customer_no": "C200"})
    assert refused.value.status == 409
    assert refused.value.code == "duplicate-transaction"
    assert confirmed["confirmation_no"] in str(refused.value.problem)


async def _invoice_purchase(koppel: Koppel, purchase_no: str) -> Any:
    return await koppel.purchasing.post(
        f"/purchase-orders/{purchase_no}/post",
        {"receive": False, "invoice": True, "vendor_invoice_no": f"KY-{purchase_no}"},
    )


async def test_g22_a_cancelled_sale_takes_its_purchase_back_in_all_services(koppel: Koppel) -> None:
    """G22, I8: no purchase order, no requisition and no demand remains of it."""
    order = await release(koppel, "C100", [{"item_no": "1100", "quantity": "3"}])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    done = await koppel.sales.post(f"/sales-orders/{order['no']}/cancel", wait_s=20)
    assert (done["no"], done["status"]) == (order["no"], "cancelled")
    with pytest.raises(Refused) as gone:
        await koppel.purchasing.get(f"/purchase-orders/{purchase_no}")
    assert gone.value.code == "unknown-purchase-order"
    open_lines = {"sales_order_no": order["no"]}
    await until(
        lambda: koppel.planning.get("/requisition-lines", **open_lines),
        lambda found: found["items"] == [],
        deadline_s=DEADLINE_S,
    )


async def test_g22_goods_delivered_to_the_customer_refuse_the_cancellation(koppel: Koppel) -> None:
    """G22: the sale stands; what remains of it is given up on both sides."""
    order = await release(koppel, "C100", [{"item_no": "1200", "quantity": "4"}])
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    await receive(koppel, purchase_no, "1")
    with pytest.raises(Refused) as refused:
        await koppel.sales.post(f"/sales-orders/{order['no']}/cancel", wait_s=20)
    assert refused.value.code == "has-postings"
    await order_when(koppel, order["no"], lambda o: Decimal(o["lines"][0]["quantity_shipped"]) == 1)
    await koppel.sales.post(f"/sales-orders/{order['no']}/cancel-remaining", wait_s=20)
    line = (await koppel.sales.get(f"/sales-orders/{order['no']}"))["lines"][0]
    bought = (await koppel.purchasing.get(f"/purchase-orders/{purchase_no}"))["lines"][0]
    assert (Decimal(line["quantity"]), Decimal(bought["quantity"])) == (1, 1)
