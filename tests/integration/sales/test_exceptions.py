"""Lines whose supply broke are answered by a person, once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from contracts.sales.orders import SalesOrder
from contracts.values import Problem
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import SPECIAL, STOCK, demand, line_of, purchase, purchase_line

REFUSED = Problem(code="vendor-blocked", detail="vendor V10 is blocked")


async def broken(sales: Sales) -> Any:
    """A released special order whose purchase was refused."""
    order = await sales.released(SPECIAL)
    await sales.deliver(demand(order, 1, "exception", problem=REFUSED))
    return order


def resolving(order: Any) -> str:
    return f"/sales-orders/{order['no']}/lines/10000/resolve-exception"


async def line_now(sales: Sales, order: Any) -> Any:
    return line_of(await sales.get(f"/sales-orders/{order['no']}"))


async def test_g21_procuring_again_ends_when_planning_has_taken_the_line_up(sales: Sales) -> None:
    order = await broken(sales)
    response = await sales.send("POST", resolving(order), {"answer": "procure_again"})
    operation = response.json()
    assert (response.status_code, operation["kind"], operation["status"]) == (
        202, "resolve-exception", "running",
    )  # fmt: skip
    wanted = (await sales.published(SalesOrder, order["no"]))[-1].lines[0].demand
    assert wanted is not None
    assert wanted.generation == 2
    shown = (await line_now(sales, order))["sourcing"]
    assert (shown["state"], shown["generation"], shown["problem"]) == ("awaiting_requisition", 2, None)
    assert (await sales.get("/exceptions"))["items"] == []
    await sales.deliver(demand(order, 2, "exception", problem=REFUSED, vendor_no="V20"))
    assert (await line_now(sales, order))["sourcing"]["state"] == "awaiting_requisition", "old news"
    await sales.deliver(demand(order, 3, "requested", generation=2))
    ended = await sales.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["result"]["generation"]) == ("succeeded", 2)


async def test_g21_a_line_that_purchasing_took_by_itself_ends_the_operation_too(sales: Sales) -> None:
    order = await broken(sales)
    operation = await sales.post(resolving(order), {"answer": "procure_again"})
    await sales.deliver(purchase("P-2", 1, purchase_line(order, generation=3)))
    assert (await sales.get(f"/operations/{operation['id']}"))["status"] == "succeeded"
    assert (await line_now(sales, order))["sourcing"]["state"] == "ordered"


async def test_g21_the_operation_of_a_line_that_is_given_up_ends_refused(sales: Sales) -> None:
    order = await broken(sales)
    operation = await sales.post(resolving(order), {"answer": "procure_again"})
    await sales.deliver(demand(order, 2, "cancelled"))
    ended = await sales.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "sales-line-cancelled")


@pytest.mark.parametrize(("answer", "outstanding"), [("supply_from_stock", "5"), ("cancel_line", "0")])
async def test_g21_giving_up_clears_code_and_flags(sales: Sales, answer: str, outstanding: str) -> None:
    order = await sales.released(SPECIAL, STOCK)
    await sales.deliver(purchase("P-1", 1, purchase_line(order)))
    await sales.deliver(purchase("P-1", 2, purchase_line(order, deleted=True)))
    response = await sales.send("POST", resolving(order), {"answer": answer}, headers={"Prefer": "wait=5"})
    assert (response.status_code, response.json()["line_no"]) == (200, 10000)
    line = await line_now(sales, order)
    assert (line["purchasing_code"], line["special_order"], line["sourcing"]["state"]) == ("", False, "none")
    assert line["outstanding_quantity"] == outstanding
    assert (await sales.get("/exceptions"))["items"] == []
    published = (await sales.published(SalesOrder, order["no"]))[-1]
    assert published.lines[0].demand is None


async def test_g21_only_an_exception_can_be_resolved(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    path = resolving(order)
    assert await sales.refused("POST", path, {"answer": "cancel_line"}) == (409, ["no-exception"])
    status, _ = await sales.refused("POST", path, {"answer": "forget_it"})
    assert status == 422
    assert (await sales.refused("POST", path.replace("10000", "90000"), {"answer": "cancel_line"}))[0] == 404
    assert (
        await sales.refused("POST", "/sales-orders/NONE/lines/1/resolve-exception", {"answer": "cancel_line"})
    )[0] == 404


async def test_g21_of_two_answers_at_once_one_counts(sales: Sales) -> None:
    """Twenty times: one answer is taken, one generation follows."""
    for _ in range(20):
        order = await broken(sales)
        bodies = ({"answer": "procure_again"}, {"answer": "supply_from_stock"}, {"answer": "procure_again"})
        answers = await asyncio.gather(*(sales.send("POST", resolving(order), body) for body in bodies))
        assert Counter(a.status_code for a in answers) == {202: 1, 409: 2}
        happened = [s.happened for s in await sales.published(SalesOrder, order["no"])]
        assert happened.count(("exception_resolved",)) == 1
