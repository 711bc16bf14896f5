"""Get sales orders: requisition lines for flagged sales lines that nothing procures (BC-SO-07..11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from contracts.refusals import Refusal, Violations, not_found
from contracts.sales.orders import SalesOrder
from contracts.topics import KINDS
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from eventkit import copies
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.demand.worksheets import get_sales_lines
from planning.domain.masters.supply import need_item
from planning.domain.masters.worksheets import Worksheet
from planning.domain.requisitions.commands import GetSalesOrders, SalesLineFilters
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.sales_lines import wants_nothing
from planning.store import demand as demand_store
from planning.store import references as reference_store
from planning.store.kinds import WORKSHEET
from planning.store.unit_of_work import DemandUnitOfWork
from planning.use_cases.publishing import publish_decisions
from recordkit.commands import Command, Done, Notice, decide_each
from recordkit.stored import StoredDocument

MAX_ORDERS: Final = 1000
"""Sales orders that one call takes; the next call takes the next ones."""


async def get_sales_orders(
    tx: Transaction, commands: Sequence[Command[GetSalesOrders]]
) -> list[Done | Refusal]:
    """Write requisition lines, action message New, not accepted. Two at once: the second finds nothing."""
    candidates = {command.data: await _candidates(tx, command.data.filters) for command in commands}
    nos = {no for found in candidates.values() for no in found}
    work = DemandUnitOfWork(await demand_store.lock(tx, nos))
    orders: Mapping[str, SalesOrder] = await copies.load(tx, KINDS["sales-order"], nos)
    query = _query(orders.values(), (command.data.worksheet for command in commands))
    context = DecisionContext(references=await reference_store.load(tx, query, tx.now), new_id=new_id)

    def decide(command: Command[GetSalesOrders]) -> Done:
        if context.references.find(Worksheet, command.data.worksheet) is None:
            raise not_found(WORKSHEET, command.data.worksheet)
        lines: list[RequisitionLine] = []
        for no in candidates[command.data]:
            order = orders.get(no)
            if order is not None and not wants_nothing(order):
                demand, written = get_sales_lines(work.demands[no], order, command.data, context)
                if written:
                    work.add_decision(demand, command.context)
                    lines += written
        _refuse_if_nothing(command.data.filters, lines)
        return _done(command.data.worksheet, lines, tx.now)

    results = decide_each(commands, decide)
    await work.store(tx)
    publish_decisions(tx, work)
    return results


async def _candidates(tx: Transaction, filters: SalesLineFilters) -> list[str]:
    return await demand_store.gettable_orders(
        tx, sales_order_no=filters.sales_order_no, customer_no=filters.customer_no, limit=MAX_ORDERS
    )


def _query(orders: Iterable[SalesOrder], worksheets: Iterable[str]) -> ReferenceQuery:
    query = ReferenceQuery()
    query.need(Worksheet, *worksheets)
    for order in orders:
        for line in order.lines:
            if line.demand is not None:
                need_item(query, line.item_no, line.location_code)
    return query


def _refuse_if_nothing(filters: SalesLineFilters, lines: Sequence[RequisitionLine]) -> None:
    """An order that was named may not have come yet."""
    if lines:
        return
    found = Violations()
    where = f" of sales order {filters.sales_order_no}" if filters.sales_order_no else ""
    found.conflict("no-sales-lines-to-retrieve", f"there are no sales lines{where} to retrieve")
    if filters.sales_order_no:
        found.may_change_with("sales-order", filters.sales_order_no)
    found.refuse_if_any()


def _done(worksheet: str, lines: Sequence[RequisitionLine], now: datetime) -> Done:
    warnings = [
        Notice(
            "vendor-required",
            f"sales order {line.sales_order_no} line {line.sales_order_line_no}: item {line.item_no} has no vendor",
            line.sales_order_line_no,
        )
        for line in lines
        if not line.vendor_no
    ]
    written = tuple(StoredDocument(line, now, now) for line in lines)
    return Done(WORKSHEET, worksheet, answer=written, warnings=tuple(warnings))
