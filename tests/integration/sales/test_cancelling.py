"""Cancelling orders over HTTP, and purchasing's answers."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.purchasing.outcomes import RequestOutcome, WithdrawnLine
from contracts.sales.orders import SalesOrder
from contracts.values import Problem
from tests.integration.sales import till_acts
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import (
    DROP,
    SPECIAL,
    STOCK,
    line_of,
    purchase,
    purchase_line,
    receipt,
    till_order,
)
from tests.support.service import Event


async def cancel(sales: Sales, order: Any, *, remaining: bool = False) -> Any:
    act = "cancel-remaining" if remaining else "cancel"
    return await sales.post(f"/sales-orders/{order['no']}/{act}")


def answered(operation: Any, order: Any, *errors: Problem, received: int = 0, line_no: int = 10000) -> Event:
    """Purchasing's decision: withdrawn, or refused for these reasons."""
    id_ = UUID(line_of(order, line_no)["id"])
    line = WithdrawnLine(sales_line_id=id_, quantity_received=received)  # type: ignore[arg-type]
    told = RequestOutcome(
        version=1,
        request_id=UUID(operation["id"]),
        kind="withdrawal_request",
        outcome="refused" if errors else "withdrawn",
        sales_order_no=order["no"],
        errors=errors,
        withdrawn=() if errors else (line,),
    )
    return "request-outcome", operation["id"], told


async def test_an_order_without_purchases_is_cancelled_at_once(sales: Sales) -> None:
    order = await sales.released(STOCK)
    done = await cancel(sales, order)
    assert done == {"no": order["no"], "status": "cancelled", "version": 3}
    now = await sales.get(f"/sales-orders/{order['no']}")
    assert (now["status"], line_of(now)["outstanding_quantity"]) == ("cancelled", "0")
    for act in ("cancel", "release", "reopen", "cancel-remaining"):
        assert await sales.refused("POST", f"/sales-orders/{order['no']}/{act}") == (409, ["order-not-open"])
    posting = {"ship": True}
    assert (await sales.refused("POST", f"/sales-orders/{order['no']}/post", posting))[0] == 409


async def test_g22_a_bought_order_is_cancelled_when_purchasing_has_withdrawn_its_lines(sales: Sales) -> None:
    order = await sales.released(DROP)
    operation = await cancel(sales, order)
    asked = (await sales.published(SalesOrder, order["no"]))[-1]
    assert (asked.status, str(asked.withdrawal_requests[0].id)) == ("cancelling", operation["id"])
    posting = {"ship": True}
    assert await sales.refused("POST", f"/sales-orders/{order['no']}/post", posting) == (
        409,
        ["change-pending"],
    )
    outcome = answered(operation, order)
    for _ in range(2):
        await sales.deliver(outcome)
    ended = await sales.get(f"/operations/{operation['id']}")
    now = await sales.get(f"/sales-orders/{order['no']}")
    assert (ended["status"], ended["result"]["status"]) == ("succeeded", "cancelled")
    assert (now["status"], now["version"], line_of(now)["sourcing"]["state"]) == ("cancelled", 4, "none")
    assert (await sales.published(SalesOrder, order["no"]))[-1].withdrawal_requests == ()


async def test_g22_a_refusal_names_the_reason_and_leaves_the_order_released(sales: Sales) -> None:
    order = await sales.released(DROP)
    operation = await cancel(sales, order)
    delivered = Problem(code="has-postings", detail="2 were delivered", line_no=10000)
    await sales.deliver(answered(operation, order, delivered))
    ended = await sales.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "has-postings")
    assert (await sales.get(f"/sales-orders/{order['no']}"))["status"] == "released"


async def test_postings_refuse_a_cancellation_and_the_rest_can_be_cancelled(sales: Sales) -> None:
    order = await sales.released(STOCK)
    lines = [{"line_no": 10000, "qty_to_ship": "1"}]
    await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True, "lines": lines})
    assert await sales.refused("POST", f"/sales-orders/{order['no']}/cancel") == (409, ["has-postings"])
    assert (await cancel(sales, order, remaining=True))["status"] == "released"
    line = line_of(await sales.get(f"/sales-orders/{order['no']}"))
    assert (line["quantity"], line["outstanding_quantity"]) == ("1", "0")
    path = f"/sales-orders/{order['no']}/cancel-remaining"
    assert await sales.refused("POST", path) == (409, ["nothing-to-cancel"])


async def test_what_remains_of_a_special_order_is_given_up_and_is_no_exception(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    bought = purchase_line(order, 10000, receipt("2"))
    await sales.deliver(purchase("P-1", 1, bought))
    lines = [{"line_no": 10000, "qty_to_ship": "2"}]
    await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True, "lines": lines})
    operation = await cancel(sales, order, remaining=True)
    await sales.deliver(purchase("P-1", 2, replace(bought, quantity=2)))
    await sales.deliver(answered(operation, order, received=2))
    line = line_of(await sales.get(f"/sales-orders/{order['no']}"))
    assert (line["quantity"], line["outstanding_quantity"]) == ("2", "0")
    assert (line["sourcing"]["state"], line["sourcing"]["problem"]) == ("received", None)
    assert (await sales.get("/exceptions"))["items"] == []


async def test_an_unknown_order_cannot_be_cancelled(sales: Sales) -> None:
    for act in ("cancel", "cancel-remaining"):
        assert await sales.refused("POST", f"/sales-orders/NONE/{act}") == (404, ["unknown-sales-order"])


@pytest.mark.parametrize("attempt", range(20))
async def test_a_cancellation_against_a_post_has_one_winner(sales: Sales, attempt: int) -> None:
    order = await sales.released(STOCK)
    acts = [
        sales.send("POST", f"/sales-orders/{order['no']}/cancel", {}),
        sales.send("POST", f"/sales-orders/{order['no']}/post", {"ship": True}),
    ]
    answers = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)))
    assert sorted(a.status_code for a in answers) == [200, 409]
    now = await sales.get(f"/sales-orders/{order['no']}")
    shipped = line_of(now)["quantity_shipped"]
    assert (now["status"], shipped) in {("cancelled", "0"), ("released", "4")}


@pytest.mark.parametrize("attempt", range(20))
async def test_two_cancellations_ask_purchasing_once(sales: Sales, attempt: int) -> None:
    order = await sales.released(SPECIAL)
    act = ("cancel", "cancel-remaining")[attempt % 2]
    paths = [f"/sales-orders/{order['no']}/{each}" for each in ("cancel", act)]
    answers = await asyncio.gather(*(sales.send("POST", path, {}) for path in paths))
    assert sorted(a.status_code for a in answers) == [202, 409]
    asked = (await sales.published(SalesOrder, order["no"]))[-1]
    assert len(asked.withdrawal_requests) == 1


async def test_g22_of_an_order_that_a_till_cancelled_after_a_delivery_the_rest_is_given_up(
    sales: Sales,
) -> None:
    """POS-75: its customer has the money back, so it cannot be refused; what was delivered stays sold, to be billed."""
    order = till_order(1)
    made = await till_acts.synchronized(sales, order)
    await sales.deliver(purchase("P-1", 1, purchase_line(made, 20000, kind="drop_shipment")))
    cancelled = till_acts.with_act(order, till_acts.act("cancel", 2))
    assert (await till_acts.submit(sales, cancelled)).status_code == 200
    (whole,) = (await sales.published(SalesOrder, made["no"]))[-1].withdrawal_requests
    delivered = Problem(code="has-postings", detail="1 was delivered to the customer")
    for _ in range(2):  # redelivered
        await sales.deliver(answered({"id": str(whole.id)}, made, delivered, line_no=20000))
    (rest,) = (await sales.published(SalesOrder, made["no"]))[-1].withdrawal_requests
    assert (rest.remaining, rest.id != whole.id) == (True, True)
    assert (await sales.get(f"/operations/{whole.id}"))["status"] == "refused"
    await sales.deliver(answered({"id": str(rest.id)}, made, received=1, line_no=20000))
    assert (await sales.get(f"/operations/{rest.id}"))["status"] == "succeeded"
    after = await sales.get(f"/sales-orders/{made['no']}")
    assert (after["status"], [x["quantity"] for x in after["lines"]]) == ("released", ["0", "1"])
    line = purchase_line(made, 20000, receipt("1"), kind="drop_shipment")
    await sales.deliver(purchase("P-1", 2, line))
    after = await sales.get(f"/sales-orders/{made['no']}")
    assert (after["prepaid_amount"], line_of(after, 20000)["quantity_shipped"]) == ("200.00", "1")
