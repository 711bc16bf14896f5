"""Questions about what tills did, after a disturbance: is it done once, and do money and goods agree everywhere?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from deploy.local import LocalStack
from deploy.local.client import Koppel
from tests.reliability.checkers import fetch
from tests.reliability.patient_tills import PatientTill, Sent
from tests.reliability.shops import STOCK, Shop

ZERO = Decimal(0)
SALES_DECIDES = ("edit", "pickup", "cancel", "cancel_remaining", "return")
CANCELLATIONS = ("cancel", "cancel-remaining")
GATEWAY_ACTS = "SELECT act_id::text, operation, status, sequence FROM till_act WHERE store_no = $1"
ACTS_IN_SALES = """
SELECT act -> 'act' ->> 'act_id' AS act_id, act ->> 'status' AS status
FROM channel_transaction t CROSS JOIN LATERAL json_array_elements(t.acts) AS act WHERE t.store_no = $1
"""
STAGES = "SELECT confirmation_no, status, sales_order_no, sales_quote_no FROM order_stage WHERE store_no = $1"
TRANSACTIONS = """
SELECT confirmation_no, status, sales_order_no, sales_quote_no FROM channel_transaction WHERE store_no = $1
"""
ORDERS_MADE = "SELECT no, confirmation_no FROM sales_order WHERE confirmation_no = ANY($1)"
POSTED = """
SELECT coalesce(sum((body ->> 'amount')::numeric + (body ->> 'tax_amount')::numeric), 0) AS amount, count(*) AS n
FROM {table} WHERE customer_no = $1
"""


async def all_adds_up(stack: LocalStack, shop: Shop, tills: Sequence[PatientTill]) -> None:
    """POS-103, POS-122 to POS-127: acts, orders, money and what was posted agree in all services."""
    for till in tills:
        await each_act_is_done_once(stack, till)
        await orders_agree(stack, till)
        await lines_add_up(till)
        await deposits_add_up(till)
        await the_journal_is_the_drawer(till)
    await sales_has_posted_what_tills_settled(stack, shop, [sent for till in tills for sent in till.sent])


async def each_act_is_done_once(stack: LocalStack, till: PatientTill) -> None:
    """POS-103: what a till was answered stands in the gateway and in sales, once, and nothing is under way."""
    store_no = till.till.store_no
    kept = await fetch(stack, "pos_gateway", GATEWAY_ACTS, store_no)
    acts = [s for s in till.sent if s.kind != "create"]
    wanted = sorted(s.body["transaction"]["sequence"] for s in acts if s.kind != "convert")
    assert sorted(row["sequence"] for row in kept if row["operation"] != "convert") == wanted
    assert {row["status"] for row in kept} <= {"done", "queued"}, kept
    carried_out = await fetch(stack, "sales", ACTS_IN_SALES, store_no)
    assert {row["status"] for row in carried_out} <= {"done"}, carried_out
    for_sales = sorted(row["act_id"] for row in kept if row["operation"] in SALES_DECIDES)
    assert sorted(row["act_id"] for row in carried_out) == for_sales


async def orders_agree(stack: LocalStack, till: PatientTill) -> None:
    """POS-126: each order of a till is in one state, and has one sales order, or quote, if sales has made it."""
    store_no = till.till.store_no
    orders = {row["confirmation_no"]: row for row in await fetch(stack, "pos_gateway", STAGES, store_no)}
    confirmed = {s.answer["confirmation_no"] for s in till.sent if s.kind in {"create", "convert"}}
    assert set(orders) == confirmed, "an order was lost, or made twice"
    transactions = await fetch(stack, "sales", TRANSACTIONS, store_no)
    known = {row["confirmation_no"]: row for row in transactions}
    # A quote that became an order before it was pulled is not pulled any more.
    assert {no for no, row in orders.items() if row["status"] != "closed"} <= set(known) <= confirmed
    made = await fetch(stack, "sales", ORDERS_MADE, list(confirmed))
    of_sales = {row["confirmation_no"]: row["no"] for row in made}
    assert len(made) == len(of_sales), "two sales orders of one order"
    for no, row in known.items():
        numbers = (orders[no]["sales_order_no"], orders[no]["sales_quote_no"])
        assert numbers == (row["sales_order_no"], row["sales_quote_no"]), no
        assert of_sales.get(no, "") == row["sales_order_no"]
        assert row["status"] == ("succeeded" if any(numbers) else "void"), no
        assert row["status"] != "void" or orders[no]["status"] in {"cancelled", "closed"}, no


async def lines_add_up(till: PatientTill) -> None:
    """POS-124, POS-125."""
    for no in {s.answer["confirmation_no"] for s in till.sent if s.kind != "blind_return"}:
        for line in (await till.till.api.get(f"/customer-orders/{no}"))["lines"]:
            parts = [
                Decimal(line[f"quantity_{part}"]) for part in ("picked_up", "shipped", "cancelled", "open")
            ]
            assert sum(parts) == Decimal(line["quantity"]), (no, line)
            assert min(parts) >= 0
            assert Decimal(line["quantity_returned"]) <= Decimal(line["quantity_invoiced"]), (no, line)


async def deposits_add_up(till: PatientTill) -> None:
    """POS-122: used, kept, given back and left is what was paid; POS-123 where all was picked up."""
    for no, sent in _by_order(till).items():
        order = await till.till.api.get(f"/customer-orders/{no}")
        if order["kind"] == "quote":
            continue
        paid = sum((s.settlement["due"] for s in sent if s.kind in {"create", "convert", "edit"}), ZERO)
        used = sum((s.settlement["deposit_applied"] for s in sent if s.kind == "pickup"), ZERO)
        used += sum(
            (s.settlement["total"] - s.settlement["due"] for s in sent if s.kind in CANCELLATIONS), ZERO
        )
        assert Decimal(order["deposit_paid"]) == paid == used + Decimal(order["deposit_available"]), no
        picked = sum((s.settlement["due"] for s in sent if s.kind == "pickup"), ZERO)
        if order["status"] == "fulfilled" and not any(s.kind in CANCELLATIONS for s in sent):
            assert picked + paid == Decimal(order["totals"]["total"]), no


async def the_journal_is_the_drawer(till: PatientTill) -> None:
    """POS-127: for the business days and the terminal of the till."""
    path = f"/terminals/{till.till.terminal_no}/journal"
    days = sorted({s.body["transaction"]["business_date"] for s in till.sent})
    journals = [await till.till.api.get(path, business_date=day) for day in days]
    assert sum((Decimal(j["totals"]["cash"]) for j in journals), ZERO) == till.drawer


async def sales_has_posted_what_tills_settled(stack: LocalStack, shop: Shop, sent: Sequence[Sent]) -> None:
    """POS-74, POS-75, POS-82: invoices and credit memos are what pick-ups, charges and returns came to."""
    (invoiced,) = await fetch(stack, "sales", POSTED.format(table="posted_sales_invoice"), shop.customer_no)
    (credited,) = await fetch(
        stack, "sales", POSTED.format(table="posted_sales_credit_memo"), shop.customer_no
    )
    returns = [s for s in sent if s.kind == "returns"]
    billed = [s for s in sent if s.kind in {"pickup", *CANCELLATIONS} and s.settlement["total"]]
    assert (invoiced["n"], credited["n"]) == (len(billed), len(returns))
    assert invoiced["amount"] == sum((s.settlement["total"] for s in billed), ZERO)
    assert credited["amount"] == -sum((s.settlement["total"] for s in returns), ZERO)


async def goods_have_moved_once(koppel: Koppel, shop: Shop, sent: Sequence[Sent]) -> None:
    """I9: what was picked up has left stock, what came back is there."""
    (stock,) = (await koppel.planning.get("/stock", item_no=shop.rope, location_code=shop.name))["items"]
    moved = {
        kind: sum(
            (Decimal(line["quantity"]) for s in sent if s.kind == kind for line in s.body["lines"]), ZERO
        )
        for kind in ("pickup", "returns")
    }
    assert Decimal(stock["stock"]) == STOCK - moved["pickup"] + moved["returns"]


def _by_order(till: PatientTill) -> dict[str, list[Sent]]:
    found: dict[str, list[Any]] = {}
    for sent in till.sent:
        if sent.kind != "blind_return":
            found.setdefault(sent.answer["confirmation_no"], []).append(sent)
    return found
