"""Order promising over HTTP: dates, acceptance until sales has decided, and two at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from contracts.planning.requests import OrderPromise
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import PromiseDecision
from contracts.values import Problem
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company, purchase_into_stock, sales_line, sales_order
from tests.support.polling import eventually

ACCEPT = "/order-promising/accept"
TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=3)


async def company(planning: Planning, stock: str = "6") -> None:
    await open_company(planning, automation="manual")
    await planning.put("/items/1000", {"vendor_no": "V20", "lead_time_days": 9})
    lines = [{"item_no": "1000", "location_code": "NORTH", "quantity": stock}]
    await planning.post("/item-journal", {"lines": lines})


def plain(no: int = 10000, quantity: str = "10", on: date = SOON) -> Any:
    return sales_line(no, "1000", quantity, id=uuid4(), shipment_date=on)


async def ordered(planning: Planning, *lines: Any, no: str = "S-1", status: str = "open") -> SalesOrder:
    order = sales_order(no, *lines, status=status, order_date=TODAY)
    await planning.deliver(("sales-order", no, order))
    return order


async def decided(planning: Planning, order: SalesOrder, promise: OrderPromise, *errors: Problem) -> None:
    decision = PromiseDecision(id=promise.id, errors=errors)
    after = replace(order, version=order.version + 1, promise_decisions=(decision,))
    await planning.deliver(("sales-order", order.no, after), ("sales-order", order.no, after))


async def worksheet(planning: Planning) -> list[tuple[str, str, str]]:
    lines = (await planning.get("/requisition-worksheets/DEFAULT/lines", status="all"))["items"]
    return [(x["item_no"], x["quantity"], x["status"]) for x in lines]


async def test_an_order_is_promised_and_what_it_lacks_is_planned(planning: Planning) -> None:
    """BC-PL-31: of ten six are there; sales puts the date on the line, then the operation ends."""
    await company(planning)
    order = await ordered(planning, plain())
    (line,) = (await planning.get("/order-promising", sales_order_no="S-1"))["lines"]
    ctp = TODAY + timedelta(days=10)
    assert (line["requested_date"], line["atp_date"]) == (str(SOON), None)
    assert (
        ctp <= date.fromisoformat(line["ctp_date"]) <= ctp + timedelta(days=1)
    )  # the company's day may be UTC's next
    assert (line["quantity"], line["unavailable_quantity"]) == ("10", "4")
    operation = await planning.post(ACCEPT, {"sales_order_no": "s-1"}, expect=202)
    assert operation["status"] == "running"
    assert await worksheet(planning) == [("1000", "4", "open")]
    (promise,) = await planning.published(OrderPromise)
    assert [str(x.shipment_date) for x in promise.lines] == [line["ctp_date"]]
    await decided(planning, order, promise)
    ended = await planning.get(f"/operations/{operation['id']}")
    planned = (await planning.get("/requisition-lines", sales_order_no="S-1"))["items"][0]
    assert (planned["promise_id"], planned["accept_action_message"]) == (operation["id"], True)
    assert (ended["status"], ended["result"]) == (
        "succeeded",
        {
            "sales_order_no": "S-1",
            "lines": [
                {"line_no": 10000, "promised_date": line["ctp_date"], "requisition_line_id": planned["id"]}
            ],
        },
    )
    again = (await planning.get("/order-promising", sales_order_no="S-1"))["lines"][0]
    assert again["atp_date"] == line["ctp_date"], "what is planned for it counts"


async def test_bc_pl_30_what_is_reserved_is_promised_to_its_line_alone(planning: Planning) -> None:
    """BC-PL-01: of stock and of what comes, for others without it; the line itself is promised its own."""
    await company(planning)
    await ordered(planning, plain(quantity="5"), no="S-1")
    await ordered(planning, plain(quantity="4"), no="S-2")
    wish = {"sales_order_no": "S-2", "line_no": 10000, "quantity": "4", "from": "stock"}
    await planning.post("/reservations", wish)

    async def promised(no: str) -> tuple[str | None, str]:
        (line,) = (await planning.get("/order-promising", sales_order_no=no))["lines"]
        return line["atp_date"], line["unavailable_quantity"]

    assert await promised("S-2") == (str(SOON), "0")
    assert await promised("S-1") == (None, "3")
    coming = TODAY + timedelta(days=2)
    await planning.deliver(("purchase-order", "P-1", purchase_into_stock("P-1", "8", coming)))
    assert await promised("S-1") == (str(SOON), "0")
    await ordered(planning, plain(quantity="8"), no="S-3")
    supply = {"purchase_order_no": "P-1", "line_no": 10000}
    await planning.post("/reservations", wish | {"sales_order_no": "S-3", "quantity": "8", "from": supply})
    assert await promised("S-1") == (None, "3")
    assert await promised("S-3") == (str(SOON), "0")


async def test_a_caller_that_waits_is_answered_once_sales_has_decided(planning: Planning) -> None:
    await company(planning)
    order = await ordered(planning, plain(quantity="2"))
    asked = asyncio.create_task(
        planning.post(ACCEPT, {"sales_order_no": "S-1"}, expect=200, headers={"Prefer": "wait=20"})
    )
    (promise,) = await eventually(lambda: planning.published(OrderPromise), bool)
    await decided(planning, order, promise)
    assert [line["line_no"] for line in (await asked)["lines"]] == [10000]


async def test_what_sales_refuses_is_not_planned(planning: Planning) -> None:
    await company(planning)
    order = await ordered(planning, plain())
    operation = await planning.post(ACCEPT, {"sales_order_no": "S-1"}, expect=202)
    (promise,) = await planning.published(OrderPromise)
    await decided(planning, order, promise, Problem(code="change-pending", detail="held", line_no=10000))
    ended = await planning.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "change-pending")
    assert await worksheet(planning) == [("1000", "4", "cancelled")]
    assert await planning.sql("SELECT id FROM order_promise") == []


async def test_a_deleted_order_ends_its_promise_and_what_was_planned(planning: Planning) -> None:
    """BC-PL-34."""
    await company(planning)
    order = await ordered(planning, plain())
    operation = await planning.post(ACCEPT, {"sales_order_no": "S-1"}, expect=202)
    gone = replace(order, version=2, deleted=True)
    await planning.deliver(("sales-order", "S-1", gone))
    ended = await planning.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "unknown-sales-order")
    assert await worksheet(planning) == [("1000", "4", "cancelled")]


async def test_a_deleted_line_ends_what_was_planned_for_it(planning: Planning) -> None:
    """BC-PL-34, also after sales has put the date on it."""
    await company(planning)
    order = await ordered(planning, plain(), plain(20000, "1"))
    await planning.post(ACCEPT, {"sales_order_no": "S-1", "line_nos": [10000]}, expect=202)
    (promise,) = await planning.published(OrderPromise)
    await decided(planning, order, promise)
    await planning.deliver(("sales-order", "S-1", replace(order, version=3, lines=order.lines[1:])))
    assert await worksheet(planning) == [("1000", "4", "cancelled")]


async def test_a_drop_shipment_is_promised_by_its_own_requisition(planning: Planning) -> None:
    """BC-PL-33."""
    await company(planning)
    await ordered(planning, sales_line(10000, "1200", shipment_date=SOON))
    await planning.post(ACCEPT, {"sales_order_no": "S-1"}, expect=202)
    (line,) = (await planning.get("/requisition-lines", sales_order_no="S-1"))["items"]
    assert (line["drop_shipment"], line["sell_to_customer_no"], line["vendor_no"]) == (True, "C100", "V20")


async def test_wrong_promises_are_refused(planning: Planning) -> None:
    await company(planning)
    await ordered(planning, plain(), status="released")
    assert await planning.refused("GET", "/order-promising?sales_order_no=NONE") == (
        404,
        ["unknown-sales-order"],
    )
    assert await planning.refused("GET", "/order-promising") == (422, ["required"])
    for body, refusal in (
        ({"sales_order_no": "NONE"}, (422, ["unknown-sales-order"])),
        ({"sales_order_no": "S-1", "line_nos": [1]}, (422, ["unknown-line"])),
        ({"sales_order_no": "S-1"}, (409, ["order-not-open"])),
        ({"sales_order_no": "S-1", "line_nos": []}, (422, ["too-short"])),
    ):
        assert await planning.refused("POST", ACCEPT, body) == refusal
    stale = await planning.send("POST", ACCEPT, {"sales_order_no": "S-1"}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412


async def test_of_two_promises_at_once_one_waits(planning: Planning, second: Planning) -> None:
    """Twenty orders, each accepted twice at once: what is missing is planned once."""
    await company(planning, stock="1")
    for i in range(20):
        no = f"S-{i}"
        await ordered(planning, plain(quantity="5"), no=no)
        answers = await asyncio.gather(
            *(p.send("POST", ACCEPT, {"sales_order_no": no}) for p in (planning, second))
        )
        assert sorted(a.status_code for a in answers) == [202, 409]
        late = next(a for a in answers if a.status_code == 409)
        assert (late.json()["code"], late.headers["Retry-After"]) == ("promise-under-way", "2")
        lines = (await planning.get("/requisition-lines", sales_order_no=no))["items"]
        assert len(lines) == 1
