"""What a till does to an order that sales does not have yet, with Kafka in between (P1)."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from deploy.local.client import Koppel, until
from deploy.local.demo.sample import Till
from tests.e2e.acts import DEADLINE_S, act_of_till, order_when, post_till_order, ropes, synchronized

ROUNDS = 20
CASH = [{"method": "cash", "amount": "20.00"}]
THREE = [{"line_no": 10000, "quantity": "3"}]


async def transaction_of(koppel: Koppel, no: str) -> dict[str, Any] | None:
    """The order's transaction in sales, if it is there."""
    found = await koppel.sales.get("/channel-transactions", confirmation_no=no)
    return dict(found["items"][0]) if found["items"] else None


async def ordered(till: Till, **changes: Any) -> dict[str, Any]:
    """An order, or a quote, of two ropes that is not pulled yet."""
    made, response = await post_till_order(till, ropes(till) | changes)
    assert response.status_code == 202
    return made


async def pull(koppel: Koppel) -> None:
    await koppel.pos.post("/pull-jobs/P-0001/run", {})


async def synchronize(koppel: Koppel) -> None:
    await koppel.sales.post("/order-synchronization/run", {})


async def test_an_order_that_is_edited_before_the_pull_is_made_as_it_was_edited(
    koppel: Koppel, till: Till
) -> None:
    """P1, POS-96."""
    order = await ordered(till)
    edited = await act_of_till(till, order, "edit", lines=THREE, payments=CASH)
    no = (await synchronized(koppel, till, order["confirmation_no"]))["sales_order_no"]
    made = await koppel.sales.get(f"/sales-orders/{no}")
    assert [x["quantity"] for x in made["lines"]] == [x["quantity"] for x in edited["lines"]] == ["3"]
    assert made["prepaid_amount"] == edited["deposit_paid"]


async def test_an_order_that_is_cancelled_before_it_is_made_is_void(koppel: Koppel, till: Till) -> None:
    """P1, POS-95: whether the cancellation travels with the order or follows it."""
    travels, follows = await ordered(till), await ordered(till)
    rehearsed = await act_of_till(till, travels, "cancel?dry_run=true", reason="too late")
    back = str(-Decimal(rehearsed["settlement"]["due"]))
    too_late = {"reason": "too late", "refunds": [{"method": "cash", "amount": back}]}
    await act_of_till(till, travels, "cancel", **too_late)
    await pull(koppel)
    await act_of_till(till, follows, "cancel", **too_late)
    assert (await cancelled(koppel, till, travels))["status"] == "void"
    after = await cancelled(koppel, till, follows)
    if after["status"] != "void":  # the job was faster than the cancellation
        assert (await koppel.sales.get(f"/sales-orders/{after['sales_order_no']}"))["status"] == "cancelled"


async def cancelled(koppel: Koppel, till: Till, order: dict[str, Any]) -> dict[str, Any]:
    """The transaction of a cancelled order, once sales knows of the cancellation."""
    no = order["confirmation_no"]
    assert (await till.api.get(f"/customer-orders/{no}"))["status"] == "cancelled"
    found = await until(
        lambda: transaction_of(koppel, no),
        lambda t: t is not None and bool(t["acts"]),
        deadline_s=DEADLINE_S,
    )
    assert found is not None
    return found


async def test_the_order_of_a_quote_that_is_not_made_yet_is_made_alone(koppel: Koppel, till: Till) -> None:
    """P1, POS-57: the quote and its order reach sales side by side."""
    quote = await ordered(till, kind="quote", payments=[])
    await pull(koppel)
    order = await act_of_till(till, quote, "convert", payments=CASH)
    no = (await synchronized(koppel, till, order["confirmation_no"]))["sales_order_no"]
    made = await koppel.sales.get(f"/sales-orders/{no}")
    assert made["confirmation_no"] == order["confirmation_no"]
    transaction = await until(  # the quote may arrive after its order
        lambda: transaction_of(koppel, quote["confirmation_no"]),
        lambda found: found is not None and found["status"] in {"succeeded", "void"},
        deadline_s=DEADLINE_S,
    )
    assert transaction is not None
    if transaction["sales_quote_no"]:  # the job was faster than the conversion
        closed = await koppel.sales.get(f"/sales-quotes/{transaction['sales_quote_no']}")
        assert closed["sales_order_no"] == no
    else:
        assert transaction["status"] == "void"


async def test_an_edit_and_the_synchronization_at_once_leave_one_order_as_it_was_edited(
    koppel: Koppel, till: Till
) -> None:
    """P1, POS-103, POS-104: twenty rounds; the edit travels with the order, follows it, or asks sales."""
    orders = []
    for _ in range(ROUNDS):
        order = await ordered(till)
        edit = act_of_till(till, order, "edit", lines=THREE, payments=CASH)
        await asyncio.gather(pull(koppel), edit, synchronize(koppel))
        orders.append(order["confirmation_no"])
    for confirmation_no in orders:
        shown = await synchronized(koppel, till, confirmation_no)
        made = await order_when(
            koppel, shown["sales_order_no"], lambda o: [x["quantity"] for x in o["lines"]] == ["3"]
        )
        assert (made["confirmation_no"], shown["lines"][0]["quantity"]) == (confirmation_no, "3")
    found = await koppel.sales.get("/channel-transactions", confirmation_no=",".join(orders))
    assert [[act["status"] for act in t["acts"]] for t in found["items"]] == [["done"]] * ROUNDS
