"""Sales gives lines up, against everything that may happen to their purchases at the same moment."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from contracts.sales.orders import SalesOrder
from contracts.sales.requests import WithdrawalRequest
from eventkit.errors import OvertakenError
from eventkit.ids import new_id
from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

SPECIAL = x.sales_order(x.sales_line(x.COMPASS, 20000, "special_order"))
DROP = x.sales_order(x.sales_line(x.COMPASS, 20000, "drop_shipment"))
POST = "/purchase-orders/P-1001/post"


def giving_up(order: SalesOrder) -> SalesOrder:
    """The order's next version, which asks to give its line up."""
    request = WithdrawalRequest(id=new_id(), sales_line_ids=(x.COMPASS,))
    return replace(order, version=order.version + 1, status="cancelling", withdrawal_requests=(request,))


async def outcome_of(purchasing: Purchasing, asking: SalesOrder) -> str:
    return (await purchasing.outcome(asking.withdrawal_requests[0].id)).outcome


async def give_up(purchasing: Purchasing, asking: SalesOrder) -> None:
    """Deliver it as the consumer does, which tries again when another transaction was first."""
    while True:
        try:
            await purchasing.deliver_sales_orders(asking)
        except OvertakenError:
            continue
        return


async def buy(purchasing: Purchasing, order: SalesOrder) -> None:
    dropped = order.lines[0].drop_shipment
    line = x.request_line(
        drop_shipment=dropped, special_order=not dropped, purchasing_code=order.lines[0].purchasing_code
    )
    await purchasing.deliver_sales_orders(order)
    await purchasing.deliver_requests(x.request(line, ship_to=x.SHIP_TO))


async def active_links(purchasing: Purchasing) -> int:
    ((count,),) = await purchasing.sql("SELECT count(*) FROM purchase_link WHERE active")
    return int(count)


async def test_g22_a_withdrawn_purchase_is_deleted_once(purchasing: Purchasing) -> None:
    await buy(purchasing, SPECIAL)
    asking = giving_up(SPECIAL)
    for version in range(2):
        await purchasing.deliver_sales_orders(replace(asking, version=asking.version + version))
    assert await outcome_of(purchasing, asking) == "withdrawn"
    order = await purchasing.last_order("P-1001")
    assert (order.deleted, order.version, order.lines[0].deleted) == (True, 2, True)
    assert await active_links(purchasing) == 0


async def test_g22_a_request_that_arrives_after_the_withdrawal_buys_nothing(purchasing: Purchasing) -> None:
    asking = giving_up(SPECIAL)
    await purchasing.deliver_sales_orders(asking)
    request = x.request(x.request_line())
    await purchasing.deliver_requests(request)
    assert (await purchasing.outcome(request.id)).outcome == "superseded"
    assert (await purchasing.get("/purchase-orders"))["items"] == []


@pytest.mark.parametrize("attempt", range(20))
async def test_g22_withdrawal_against_receipt_of_a_drop_shipment(
    purchasing: Purchasing, attempt: int
) -> None:
    """Either the goods were delivered and the sale stands, or nothing was and the purchase is gone."""
    await buy(purchasing, DROP)
    asking = giving_up(DROP)
    acts = [
        purchasing.send("POST", POST, {"receive": True, "posting_date": "2026-03-05"}),
        purchasing.deliver_sales_orders(asking),
    ]
    results = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)))
    answer = results[0 if attempt % 2 else 1]
    outcome = await outcome_of(purchasing, asking)
    assert (answer.status_code, outcome) in {(200, "refused"), (404, "withdrawn")}
    assert await active_links(purchasing) == (1 if outcome == "refused" else 0)


@pytest.mark.parametrize("attempt", range(20))
async def test_g22_withdrawal_against_purchase_request(purchasing: Purchasing, attempt: int) -> None:
    await purchasing.deliver_sales_orders(SPECIAL)
    asking, request = giving_up(SPECIAL), x.request(x.request_line())
    acts = [purchasing.deliver_requests(request), give_up(purchasing, asking)]
    await asyncio.gather(*(acts if attempt % 2 else reversed(acts)))
    assert await outcome_of(purchasing, asking) == "withdrawn"
    assert await active_links(purchasing) == 0
    live = [order for order in (await purchasing.get("/purchase-orders"))["items"] if order["lines"]]
    assert live == []


@pytest.mark.parametrize("attempt", range(20))
async def test_g22_withdrawal_against_get_sales_order(purchasing: Purchasing, attempt: int) -> None:
    await purchasing.deliver_sales_orders(SPECIAL)
    await purchasing.post("/purchase-orders", {"no": "B1", "vendor_no": "V20", "sell_to_customer_no": "C100"})
    asking = giving_up(SPECIAL)
    get = {"kind": "special_order", "sales_order_no": "S-1001"}
    acts = [
        purchasing.send("POST", "/purchase-orders/B1/get-sales-order", get),
        give_up(purchasing, asking),
    ]
    await asyncio.gather(*(acts if attempt % 2 else reversed(acts)))
    assert await outcome_of(purchasing, asking) == "withdrawn"
    assert await active_links(purchasing) == 0
