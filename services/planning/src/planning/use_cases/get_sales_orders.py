"""Get sales orders: requisition lines for flagged sales lines that nothing procures (BC-SO-07..11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from contracts.refusals import Reason, Refusal, Violation, not_found
from contracts.sales import SalesOrder
from contracts.topics import KINDS
from eventkit import copies
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.demand import OrderDemand
from planning.domain.references import References
from planning.domain.requisition import RequisitionLine, RequisitionLineView
from planning.domain.worksheets import GetSalesOrders, get_sales_lines
from planning.store import demand as demand_store
from planning.store import masters, references
from planning.store.decided import Decided
from planning.use_cases.publishing import publish_demand
from recordkit.commands import Command, Done, Notice

MAX_ORDERS: Final = 1000
"""Sales orders that one call takes; the next call takes the next ones."""


async def get_sales_orders(
    tx: Transaction, commands: Sequence[Command[GetSalesOrders]]
) -> list[Done | Refusal]:
    """Write requisition lines, action message New, not accepted. Two at once: the second finds nothing."""
    worksheets = await masters.existing(tx, masters.WORKSHEET, [c.data.worksheet for c in commands])
    candidates = [await _candidates(tx, c.data) for c in commands]
    nos = {no for found in candidates for no in found}
    demands = await demand_store.lock(tx, nos)
    orders = await copies.load(tx, KINDS["sales-order"], nos)
    refs = await references.load(tx, _wanted(orders))
    decided = Decided()
    results: list[Done | Refusal] = []
    contexts = {}
    for command, found in zip(commands, candidates, strict=True):
        if command.data.worksheet not in worksheets:
            results.append(not_found("requisition-worksheet", command.data.worksheet))
            continue
        changed, lines = _get(command.data, found, demands, orders, refs)
        if not lines:
            results.append(_nothing(command.data))
            continue
        for demand in changed:
            decided.add(demands[demand.sales_order_no], demand)
            demands[demand.sales_order_no] = demand
            contexts[demand.sales_order_no] = command.context
        results.append(_done(command.data, lines))
    await decided.store(tx)
    for before, after in decided.told():
        publish_demand(tx, before, after, contexts[after.sales_order_no])
    return results


async def _candidates(tx: Transaction, wish: GetSalesOrders) -> list[str]:
    return await demand_store.gettable_orders(
        tx, sales_order_no=wish.sales_order_no, customer_no=wish.customer_no, limit=MAX_ORDERS
    )


def _wanted(orders: Mapping[str, SalesOrder]) -> references.Wanted:
    wanted = references.Wanted()
    for order in orders.values():
        for line in order.lines:
            if line.demand is not None:
                wanted.item(line.item_no, line.location_code)
    return wanted


def _get(
    wish: GetSalesOrders,
    nos: Sequence[str],
    demands: Mapping[str, OrderDemand],
    orders: Mapping[str, SalesOrder],
    refs: References,
) -> tuple[list[OrderDemand], list[RequisitionLine]]:
    changed, lines = [], []
    for no in nos:
        order = orders.get(no)
        if order is None or order.deleted or order.status == "cancelled":
            continue
        demand, got = get_sales_lines(demands[no], order, wish, refs, new_id)
        if got:
            changed.append(demand)
            lines += got
    return changed, lines


def _nothing(wish: GetSalesOrders) -> Refusal:
    """A named order may only not have come yet."""
    where = f" of sales order {wish.sales_order_no}" if wish.sales_order_no else ""
    detail = f"there are no sales lines{where} to retrieve"
    violation = Violation("no-sales-lines-to-retrieve", detail, reason=Reason.CONFLICT)
    waits_for = (("sales-order", wish.sales_order_no),) if wish.sales_order_no else ()
    return Refusal(violation, waits_for=waits_for)


def _done(wish: GetSalesOrders, lines: Sequence[RequisitionLine]) -> Done:
    warnings = [
        Notice(
            "vendor-required",
            f"sales order {line.sales_order_no} line {line.sales_order_line_no}: item {line.item_no} has no vendor",
            line.sales_order_line_no,
        )
        for line in lines
        if not line.vendor_no
    ]
    views = [msgspec.convert(line, RequisitionLineView, from_attributes=True) for line in lines]
    return Done("requisition-worksheet", wish.worksheet, answer={"lines": views}, warnings=tuple(warnings))
