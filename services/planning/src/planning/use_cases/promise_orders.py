"""Order promising: asked for and accepted by people, decided by sales (BC-PL-30 to 34)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.planning.requests import OrderPromise
from contracts.refusals import Reason, Refusal, Violation, not_found, unknown
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import PromiseDecision
from contracts.topics import KINDS
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from eventkit import copies, operations
from eventkit.consumer import Batch
from eventkit.ids import new_id
from eventkit.operations import Finished, Started
from eventkit.transaction import Transaction
from planning.domain.masters.supply import need_item
from planning.domain.promising.accepting import accept_promise
from planning.domain.promising.commands import AcceptedLine, AcceptPromise, OrderPromising, PromiseResult
from planning.domain.promising.promising import Place, order_promising, promise_lines
from planning.store import demand as demand_store
from planning.store import promises
from planning.store import references as reference_store
from planning.store.unit_of_work import DemandUnitOfWork
from planning.use_cases.publishing import ORDER_PROMISE, publish_decisions
from planning.use_cases.question_plans import question_new_orders
from recordkit.commands import Command, Done, decide_each

OPERATION: Final = "accept-order-promise"
_RETRY_AFTER_S: Final = 2
_SALES_ORDER: Final = KINDS["sales-order"]


async def read_promising(conn: AsyncConnection, sales_order_no: str) -> OrderPromising:
    """When the lines of a sales order can leave; refused if no order of this number has arrived here."""
    orders: Mapping[str, SalesOrder] = await copies.load(conn, _SALES_ORDER, [sales_order_no])
    order = orders.get(sales_order_no)
    if order is None or order.deleted:
        raise not_found("sales-order", sales_order_no)
    references = await reference_store.load(conn, _query([order]), datetime.now(UTC))
    demand = (await demand_store.find(conn, [order.no])).get(order.no)
    supply = await promises.supply_of(conn, order.no, _places(order))
    return order_promising(order.no, promise_lines(order, demand, supply, references))


async def accept_promises(
    tx: Transaction, commands: Sequence[Command[AcceptPromise]]
) -> list[Done | Refusal]:
    """Plan what is missing and ask sales for the dates; a second promise of an order waits for the first one's end."""
    nos = {command.data.sales_order_no for command in commands}
    orders: Mapping[str, SalesOrder] = await copies.load(tx, _SALES_ORDER, nos)
    demands = await demand_store.lock_or_create(tx, {no: orders[no].customer_no for no in orders})
    # Read anew under the lock: what another transaction promised since then is to be seen.
    orders = await copies.load(tx, _SALES_ORDER, nos)
    busy = await promises.under_way(tx, nos)
    references = await reference_store.load(tx, _query(list(orders.values())), tx.now)
    context = DecisionContext(references=references, new_id=new_id)
    supplies = {no: await promises.supply_of(tx, no, _places(order)) for no, order in orders.items()}
    work = DemandUnitOfWork(demands)
    made: list[OrderPromise] = []

    def decide(command: Command[AcceptPromise]) -> Done:
        no = command.data.sales_order_no
        order = orders.get(no)
        if order is None or order.deleted:
            raise unknown("sales-order", no, pointer="/sales_order_no", copy_of="sales-order")
        command.check_version(no, order.version)
        if no in busy:
            raise _under_way(no)
        foreseen = promise_lines(order, work.demands[no], supplies[no], references)
        accepted = accept_promise(order, foreseen, command.data, work.demands[no], context)
        work.add_decision(accepted.demand, command.context)
        made.append(accepted.promise)
        busy.add(no)
        tx.publish(ORDER_PROMISE, str(accepted.promise.id), accepted.promise, command.context)
        return Done("order-promise", str(accepted.promise.id), operation_id=accepted.promise.id)

    results = decide_each(commands, decide)
    await work.store(tx)
    publish_decisions(tx, work)
    await promises.begin(tx, made)
    await operations.start(tx, [Started(each.id, OPERATION, each.sales_order_no) for each in made])
    await question_new_orders(tx, work)
    return results


async def end_promises(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Sales decided promises, or deleted their order: their operations end. Most batches need no statement."""
    decided: dict[object, PromiseDecision] = {}
    for change in batch:
        known = change.old.promise_decisions if change.old is not None else ()
        decided |= {each.id: each for each in change.new.promise_decisions if each not in known}
    deleted = [c.no for c in batch if c.new.deleted and not (c.old is not None and c.old.deleted)]
    if not decided and not deleted:
        return
    ids = [each.id for each in decided.values()]
    ended = await promises.end(tx, ids, deleted)
    await operations.finish(tx, [_finished(each, decided.get(each.id)) for each in ended])


def _finished(promise: OrderPromise, decision: PromiseDecision | None) -> Finished:
    if decision is None:
        detail = f"sales order {promise.sales_order_no} was deleted"
        return Finished(promise.id, "refused", problem={"errors": [{"code": _GONE, "detail": detail}]})
    if decision.errors:
        return Finished(promise.id, "refused", problem={"errors": decision.errors})
    lines = tuple(
        AcceptedLine(
            line_no=line.sales_order_line_no,
            promised_date=line.shipment_date,
            requisition_line_id=line.requisition_line_id,
        )
        for line in promise.lines
    )
    return Finished(
        promise.id, "succeeded", PromiseResult(sales_order_no=promise.sales_order_no, lines=lines)
    )


_GONE: Final = "unknown-sales-order"


def _query(orders: Sequence[SalesOrder]) -> ReferenceQuery:
    query = ReferenceQuery()
    for order in orders:
        for line in order.lines:
            need_item(query, line.item_no, line.location_code)
    return query


def _places(order: SalesOrder) -> set[Place]:
    return {(line.item_no, line.location_code) for line in order.lines if line.item_no}


def _under_way(sales_order_no: str) -> Refusal:
    detail = f"sales has not decided the last promise of sales order {sales_order_no}"
    return Refusal(
        Violation("promise-under-way", detail, reason=Reason.CONFLICT), retry_after_s=_RETRY_AFTER_S
    )
