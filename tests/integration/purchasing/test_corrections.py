"""Sales takes the invoice of a drop shipment back: the vendor may invoice less, unless it has invoiced that already."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from msgspec.structs import replace

from contracts.sales.orders import SalesOrder
from contracts.sales.requests import RequestedChange, RequestedChangeLine
from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

POST = "/purchase-orders/P-1001/post"
SOLD = x.sales_order(x.sales_line(x.COMPASS, 20000, "drop_shipment"))
ROUNDS = 20


async def delivered(purchasing: Purchasing) -> SalesOrder:
    """A drop shipment of 20 pieces that the vendor delivered."""
    sold = replace(SOLD, lines=(replace(SOLD.lines[0], quantity=x.Decimal(ROUNDS)),))
    line = x.request_line(
        "1100",
        x.ref(),
        drop_shipment=True,
        special_order=False,
        purchasing_code="DROP",
        quantity=x.Decimal(ROUNDS),
    )
    await purchasing.deliver_sales_orders(sold)
    await purchasing.deliver_requests(x.request(line, ship_to=x.SHIP_TO))
    await purchasing.post(POST, {"receive": True}, expect=200)
    return sold


def invoiced(sold: SalesOrder, version: int, quantity: int, *changes: RequestedChange) -> SalesOrder:
    """The sales order once so much of it was ever invoiced."""
    line = replace(sold.lines[0], ever_invoiced=x.Decimal(quantity))
    return replace(sold, version=version, lines=(line,), requested_changes=changes)


def correction(quantity: int) -> RequestedChange:
    line = RequestedChangeLine(sales_line_id=x.COMPASS, quantity=x.Decimal(quantity))
    return RequestedChange(id=uuid4(), kind="correct_invoice", lines=(line,))


def billing(quantity: int, no: str) -> dict[str, object]:
    lines = [{"line_no": 10000, "qty_to_invoice": quantity}]
    return {"invoice": True, "vendor_invoice_no": no, "lines": lines}


async def outcome(purchasing: Purchasing, request_id: UUID) -> tuple[str, list[str]]:
    found = await purchasing.outcome(request_id)
    return found.outcome, [error.code for error in found.errors]


async def test_g18_the_vendor_may_invoice_less_once_the_sale_is_credited(purchasing: Purchasing) -> None:
    sold = await delivered(purchasing)
    await purchasing.deliver_sales_orders(invoiced(sold, 2, 5))
    await purchasing.post(POST, billing(2, "CW-1"), expect=200)
    asked = correction(3)
    await purchasing.deliver_sales_orders(invoiced(sold, 3, 5, asked))
    await purchasing.deliver_sales_orders(invoiced(sold, 4, 5, asked))
    assert await outcome(purchasing, asked.id) == ("changed", [])
    problem = await purchasing.problem("POST", POST, billing(1, "CW-2"))
    assert problem["code"] == "sales-order-not-invoiced"
    await purchasing.deliver_sales_orders(invoiced(sold, 5, 6))
    await purchasing.post(POST, billing(1, "CW-2"), expect=200)


async def test_bc_ds_37_what_the_vendor_has_invoiced_is_not_taken_back(purchasing: Purchasing) -> None:
    sold = await delivered(purchasing)
    await purchasing.deliver_sales_orders(invoiced(sold, 2, 5))
    await purchasing.post(POST, billing(3, "CW-1"), expect=200)
    asked = correction(3)
    await purchasing.deliver_sales_orders(invoiced(sold, 3, 5, asked))
    assert await outcome(purchasing, asked.id) == ("refused", ["already-invoiced"])
    await purchasing.post(POST, billing(2, "CW-2"), expect=200)


async def test_a_correction_and_the_vendors_invoice_exclude_each_other(purchasing: Purchasing) -> None:
    """G18, BC-DS-24."""
    sold = await delivered(purchasing)
    left = 0
    for number in range(1, ROUNDS + 1):
        version = 2 * number
        await purchasing.deliver_sales_orders(invoiced(sold, version, number))
        asked = correction(1)
        bill, _ = await asyncio.gather(
            purchasing.send("POST", POST, billing(1, f"CW-{number}")),
            purchasing.deliver_sales_orders(invoiced(sold, version + 1, number, asked)),
        )
        decided, _ = await outcome(purchasing, asked.id)
        assert (bill.status_code, decided) in {(200, "refused"), (409, "changed")}
        left += decided == "changed"
    (line,) = (await purchasing.purchase_order("P-1001"))["lines"]
    assert int(line["quantity_invoiced"]) + left == ROUNDS
