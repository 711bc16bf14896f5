"""Dates that planning promised: sales puts them on its lines, or says why not."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from contracts.planning.requests import OrderPromise, PromisedLine
from contracts.sales.orders import SalesOrder
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import SPECIAL, STOCK, line_of

DAY = date(2027, 4, 1)


def promise(order: Any, line_id: str | None = None) -> tuple[str, str, OrderPromise]:
    id_ = uuid4()
    line = PromisedLine(
        sales_line_id=UUID(line_id or line_of(order, 10000)["id"]),
        sales_order_line_no=10000,
        shipment_date=DAY,
    )
    return (
        "order-promise",
        str(id_),
        OrderPromise(version=1, id=id_, sales_order_no=order["no"], lines=(line,)),
    )


async def decisions(sales: Sales, order: Any) -> list[list[str]]:
    newest = (await sales.published(SalesOrder, order["no"]))[-1]
    return [[error.code for error in decision.errors] for decision in newest.promise_decisions]


async def test_a_promised_date_is_put_on_the_line_once(sales: Sales) -> None:
    """BC-PL-30, BC-PL-31: delivered twice it is one change; the release keeps the promise."""
    order = await sales.order(STOCK)
    event = promise(order)
    await sales.deliver(event, event)
    await sales.deliver(event)
    line = line_of(await sales.get(f"/sales-orders/{order['no']}"), 10000)
    assert (line["shipment_date"], line["planned_delivery_date"]) == (str(DAY), "2027-04-03")
    assert line["promised_delivery_date"] == "2027-04-03"
    assert await decisions(sales, order) == [[]]
    released = await sales.post(f"/sales-orders/{order['no']}/release")
    assert line_of(released, 10000)["promised_delivery_date"] == "2027-04-03"


async def test_a_special_order_is_promised_after_its_release_too(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    await sales.deliver(promise(order))
    line = line_of(await sales.get(f"/sales-orders/{order['no']}"), 10000)
    assert (line["shipment_date"], await decisions(sales, order)) == (str(DAY), [[]])


async def test_what_cannot_be_promised_is_answered_with_its_reason(sales: Sales) -> None:
    released = await sales.released(STOCK)
    await sales.deliver(promise(released))
    assert await decisions(sales, released) == [["order-not-open"]]
    order = await sales.order(STOCK)
    await sales.deliver(promise(order, str(uuid4())))
    assert await decisions(sales, order) == [["nothing-to-promise"]]


async def test_a_promise_of_a_deleted_order_changes_nothing(sales: Sales) -> None:
    order = await sales.order(STOCK)
    await sales.delete(f"/sales-orders/{order['no']}")
    await sales.forget_published()
    await sales.deliver(promise(order))
    assert await sales.sql("SELECT id FROM parked") == []
    assert await sales.published(SalesOrder, order["no"]) == []
