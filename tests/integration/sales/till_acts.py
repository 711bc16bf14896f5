"""Acts of tills as the gateway sends them, and the orders that they are about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import msgspec
from msgspec.structs import replace

from contracts.channel import ActCharge, ActLine, ChannelAct, ChannelOrder
from contracts.pos import TransactionIdentity, TransactionLine
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import TILL_LINES, TODAY, pulled, till_order

CHARGE = ActCharge(charge_code="CANCEL", amount=Decimal("10.00"), tax_pct=Decimal(19))


def act(operation: str, sequence: int, **more: Any) -> ChannelAct:
    order = till_order(1)
    return ChannelAct(
        act_id=uuid4(),
        operation=operation,
        transaction=TransactionIdentity(
            store_no="ST1", terminal_no="T1", business_date=TODAY, sequence=sequence
        ),
        occurred_at=order.occurred_at,
        received_at=order.received_at,
        **more,
    )


def pickup(sequence: int, quantity: str = "1", line_no: int = 10000) -> ChannelAct:
    return act("pickup", sequence, lines=(ActLine(line_no=line_no, quantity=Decimal(quantity)),))


def with_act(order: ChannelOrder, *acts: ChannelAct, **more: Any) -> ChannelOrder:
    """The order after an act: the next version of its snapshot."""
    return replace(order, **({"version": order.version + 1, "acts": acts} | more))


def of_stock(sequence: int, quantity: str = "2", **more: Any) -> ChannelOrder:
    """An order of ordinary goods to pick up, at 10.00 with 19 % tax each."""
    line = replace(TILL_LINES[0], quantity=Decimal(quantity))
    return till_order(sequence, lines=(line,), totals=totals(quantity), **more)


def totals(quantity: str) -> Any:
    net = Decimal(quantity) * 10
    tax = net * Decimal("0.19")
    return msgspec.convert(
        {"net": str(net), "tax": str(tax), "charges": "0", "total": str(net + tax)},
        type(till_order(1).totals),
    )


async def synchronized(sales: Sales, order: ChannelOrder) -> Any:
    """The sales order of a till's order."""
    await sales.put("/charge-codes/CANCEL", {"description": "Cancellation", "tax_pct": "19"})
    await sales.deliver(pulled(order))
    await sales.post("/order-synchronization/run", {})
    transaction = await transaction_of(sales, order)
    assert transaction["status"] == "succeeded", transaction
    await sales.forget_published()
    return await sales.get(f"/sales-orders/{transaction['sales_order_no']}")


async def transaction_of(sales: Sales, order: ChannelOrder) -> Any:
    return await sales.get(f"/channel-transactions/{order.transaction_id}")


async def submit(sales: Sales, order: ChannelOrder, *, key: str = "") -> httpx.Response:
    return await sales.send(
        "POST",
        f"/channel-transactions/{order.transaction_id}/acts",
        msgspec.json.encode(order),
        key=key or str(order.acts[-1].act_id if order.acts else uuid4()),
    )


SPECIAL = TransactionLine(
    line_no=10000,
    item_no="1100",
    quantity=Decimal(2),
    unit_price=Decimal("10.00"),
    tax_pct=Decimal(19),
    purchasing_code="SPEC",
    mode="pickup",
    pickup_store_no="ST1",
)


def returned(
    sequence: int, invoice_no: str, quantity: str = "1", line_no: int = 10000, **more: Any
) -> ChannelAct:
    line = ActLine(line_no=line_no, quantity=Decimal(quantity), reason_code="DAMAGED")
    return act("return", sequence, invoice_no=invoice_no, lines=(line,), **more)
