"""Sales asks for changes of what is bought, against everything that may happen to its purchase at the same moment."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from contracts.sales.orders import SalesOrder
from contracts.sales.requests import RequestedChange, RequestedChangeLine
from eventkit.ids import new_id
from tests.integration.purchasing.rig import Purchasing
from tests.integration.purchasing.test_withdrawals import active_links, buy, give_up
from tests.unit.purchasing import examples as x

SPECIAL = x.sales_order(x.sales_line(x.COMPASS, 20000, "special_order"))
DROP = x.sales_order(x.sales_line(x.COMPASS, 20000, "drop_shipment"))
ORDER = "/purchase-orders/P-1001"


def asking(order: SalesOrder, quantity: str, id_: UUID | None = None, **more: Any) -> SalesOrder:
    """The order's next version, which asks for another quantity of its line: it sells and buys 2."""
    line = RequestedChangeLine(
        sales_line_id=x.COMPASS,
        generation=1,
        quantity=Decimal(quantity),
        quantity_before=Decimal(2),
        **more,
    )
    change = RequestedChange(id=id_ or new_id(), kind="change", lines=(line,))
    return replace(order, version=order.version + 1, requested_changes=(change,))


async def outcome_of(purchasing: Purchasing, order: SalesOrder) -> Any:
    return await purchasing.outcome(order.requested_changes[0].id)


async def test_g5_a_change_is_carried_to_the_purchase_once(purchasing: Purchasing) -> None:
    await buy(purchasing, SPECIAL)
    wanted = asking(SPECIAL, "4")
    for version in range(2):
        await purchasing.deliver_sales_orders(replace(wanted, version=wanted.version + version))
    outcome = await outcome_of(purchasing, wanted)
    assert (outcome.outcome, outcome.changed_lines[0].quantity) == ("changed", 4)
    order = await purchasing.purchase_order("P-1001")
    assert (order["lines"][0]["quantity"], order["version"]) == ("4", 2)
    (told, *_) = (await purchasing.get(f"{ORDER}/timeline"))["items"][::-1]
    assert told["happened"] in {"line_changed", "requested_change_changed"}


async def test_g5_a_request_that_arrives_after_the_change_buys_nothing_of_the_old_quantity(
    purchasing: Purchasing,
) -> None:
    wanted = asking(SPECIAL, "4")
    await purchasing.deliver_sales_orders(wanted)
    assert [line.unbought for line in (await outcome_of(purchasing, wanted)).changed_lines] == [True]
    old = x.request(x.request_line())
    await purchasing.deliver_requests(old)
    assert (await purchasing.outcome(old.id)).outcome == "superseded"
    new = x.request(x.request_line(sales=x.ref(generation=2), quantity=Decimal(4)))
    await purchasing.deliver_requests(new)
    order = await purchasing.order_of("S-1001")
    assert (order["lines"][0]["quantity"], order["lines"][0]["generation"]) == ("4", 2)


async def test_g5_a_line_whose_change_is_under_way_is_not_got(purchasing: Purchasing) -> None:
    await purchasing.deliver_sales_orders(asking(SPECIAL, "4"))
    await purchasing.post("/purchase-orders", {"vendor_no": "V10", "sell_to_customer_no": "C100"})
    body = {"kind": "special_order", "sales_order_no": "S-1001"}
    refused = await purchasing.refused("POST", f"{ORDER}/get-sales-order", body)
    assert refused == (409, ["no-sales-lines-to-retrieve", "change-pending"])


async def test_g5_quantity_0_ends_purchase_and_link(purchasing: Purchasing) -> None:
    await buy(purchasing, DROP)
    await purchasing.deliver_sales_orders(asking(DROP, "0"))
    assert (await purchasing.last_order("P-1001")).deleted
    assert await active_links(purchasing) == 0


async def test_g5_change_against_receipt(purchasing: Purchasing) -> None:
    """Twenty times: the goods come of the changed purchase, or the change finds them received."""
    for round_ in range(20):
        sale = await bought_again(purchasing, round_)
        no = (await purchasing.order_of(sale.no))["no"]
        wanted = asking_of(sale, "1")
        posted, _ = await asyncio.gather(
            purchasing.send("POST", f"/purchase-orders/{no}/post", {"receive": True}),
            give_up(purchasing, wanted),
        )
        assert posted.status_code == 200
        outcome = await outcome_of(purchasing, wanted)
        (line,) = (await purchasing.purchase_order(no))["lines"]
        # Either way all that is ordered was received, and nothing twice.
        assert line["quantity"] == line["quantity_received"]
        assert (outcome.outcome, line["quantity"]) in {("changed", "1"), ("refused", "2")}
        assert outcome.outcome == "changed" or outcome.errors[0].code == "quantity-below-received"


async def test_g5_change_against_send(purchasing: Purchasing) -> None:
    """Twenty times: the vendor gets the changed order, or the change finds the order sent."""
    for round_ in range(20):
        sale = await bought_again(purchasing, round_)
        no = (await purchasing.order_of(sale.no))["no"]
        wanted = asking_of(sale, "1")
        sent, _ = await asyncio.gather(
            purchasing.send("POST", f"/purchase-orders/{no}/send", {"method": "download"}),
            give_up(purchasing, wanted),
        )
        assert sent.status_code == 200
        outcome, order = await outcome_of(purchasing, wanted), await purchasing.purchase_order(no)
        assert not order["changed_since_sent"]
        assert (outcome.outcome, order["lines"][0]["quantity"]) in {("changed", "1"), ("refused", "2")}
        assert outcome.outcome == "changed" or outcome.errors[0].code == "purchase-order-sent"


async def test_g5_change_against_purchase_request(purchasing: Purchasing) -> None:
    """Twenty times: the request is bought and then changed, or nothing of its generation is bought any more."""
    for round_ in range(20):
        sale = sale_of(round_)
        await purchasing.deliver_sales_orders(sale)
        wanted = asking_of(sale, "4")
        request = x.request(x.request_line(sales=x.ref(sale.lines[0].id, order_no=sale.no)))
        await asyncio.gather(purchasing.deliver_requests(request), give_up(purchasing, wanted))
        (told,) = (await outcome_of(purchasing, wanted)).changed_lines
        orders = (await purchasing.get("/purchase-orders", sales_order_no=sale.no))["items"]
        assert [order["lines"][0]["quantity"] for order in orders] == ([] if told.unbought else ["4"])


def sale_of(round_: int) -> SalesOrder:
    line = x.sales_line(UUID(int=5000 + round_), 20000, "special_order")
    return x.sales_order(line, no=f"S-{5000 + round_}")


def asking_of(sale: SalesOrder, quantity: str) -> SalesOrder:
    wanted = asking(sale, quantity)
    (change,) = wanted.requested_changes
    lines = tuple(replace(line, sales_line_id=sale.lines[0].id) for line in change.lines)
    return replace(wanted, requested_changes=(replace(change, lines=lines),))


async def bought_again(purchasing: Purchasing, round_: int) -> SalesOrder:
    """A sale of its own, with its purchase of 2."""
    sale = sale_of(round_)
    await purchasing.deliver_sales_orders(sale)
    line = x.request_line(sales=x.ref(sale.lines[0].id, order_no=sale.no))
    await purchasing.deliver_requests(x.request(line))
    return sale
