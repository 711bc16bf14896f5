"""Ship lines of several orders of one customer together, under one consignment number."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit import series
from recordkit.commands import Command, Done, decide_each
from sales.domain.posting.combining import plan_combined_shipment
from sales.domain.posting.commands import CombinedShipment
from sales.domain.posting.decisions import posting_from_plan
from sales.domain.posting.stock_to_ship import StockToShip
from sales.store import number_series, order_locks
from sales.use_cases.apply_postings import AppliedPosting, PostingBatch
from sales.use_cases.load_stock import load_stock
from sales.use_cases.locked_orders import ChangedOrders, load_context

KIND = "consignment"


class ShippedTogether(msgspec.Struct):
    """The shipments of one request; they get their numbers when the batch is stored."""

    shipments: list[AppliedPosting]
    consignment_no: str = ""


async def ship_orders(tx: Transaction, commands: Sequence[Command[CombinedShipment]]) -> list[Done | Refusal]:
    """Post one shipment per order, all of a request or none."""
    # All orders of all requests at once, by number: two requests for the same orders wait for each other.
    nos = {line.sales_order_no for command in commands for line in command.data.lines}
    rows = await order_locks.lock(tx, nos)
    orders = ChangedOrders(rows, await load_context(tx, rows, (), None), tx.now)
    stock = await load_stock(tx, orders, nos)
    batch = PostingBatch(tx, orders)
    results = decide_each(commands, lambda command: _decide(orders, stock, batch, command))
    done = [result for result in results if isinstance(result, Done)]
    # Before the numbers of shipments, here as everywhere: series are taken in one order.
    numbers = iter(await series.take(tx, number_series.CONSIGNMENT, len(done)))
    for each in done:
        _name(each.answer, next(numbers))
    await batch.store()
    return [
        replace(each, no=each.answer.consignment_no, seen=_seen(orders, each.answer))
        if isinstance(each, Done)
        else each
        for each in results
    ]


def _decide(
    orders: ChangedOrders, stock: StockToShip, batch: PostingBatch, command: Command[CombinedShipment]
) -> Done:
    context, wanted = orders.context, command.data
    planned = plan_combined_shipment(wanted, orders.by_no, context)
    stock.take(*((each.order, each.plan) for each in planned))
    posting_date = wanted.posting_date or context.references.today
    shipped = [
        batch.apply(
            each.order,
            posting_from_plan(posting_date, each.plan, context.new_id),
            command.context,
            *each.happened,
        )
        for each in planned
    ]
    return Done(KIND, "", answer=ShippedTogether(shipped))


def _name(together: ShippedTogether, consignment_no: str) -> None:
    together.consignment_no = consignment_no
    for each in together.shipments:
        if each.shipment is not None:
            each.shipment = replace(each.shipment, consignment_no=consignment_no)


def _seen(orders: ChangedOrders, together: ShippedTogether) -> tuple[tuple[str, str, int], ...]:
    nos = [each.shipment.sales_order_no for each in together.shipments if each.shipment]
    return tuple((orders.kind.name, no, orders.by_no[no].version) for no in nos)
