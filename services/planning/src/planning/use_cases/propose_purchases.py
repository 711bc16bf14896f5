"""Purchase proposals of sales orders: made, accepted, given up (BC-PO-01 to 13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from contracts.refusals import Refusal, not_found, unknown
from contracts.sales.masters import PurchasingCode
from contracts.sales.orders import SalesOrder
from contracts.topics import KINDS
from domainkit.references import ReferenceQuery
from eventkit import copies, operations
from eventkit.ids import new_id
from eventkit.operations import Started
from eventkit.transaction import Transaction
from planning.domain.demand.worksheets import CarryOutContext
from planning.domain.masters.supply import need_item, need_vendor
from planning.domain.proposals.accepting import accept_proposal, wanted_rows
from planning.domain.proposals.commands import AcceptProposal, NewProposal
from planning.domain.proposals.proposal import VERSION, Proposal, item_lines, propose
from planning.domain.requisitions.runs import CarryOutRun
from planning.store import demand as demand_store
from planning.store import proposals as proposal_store
from planning.store import references as reference_store
from planning.store import requisitions
from planning.store.unit_of_work import DemandUnitOfWork
from planning.use_cases.publishing import publish_decisions
from planning.use_cases.question_plans import question_new_orders
from recordkit.commands import Command, Done, Notice, decide_each

KIND: Final = "purchase-proposal"
OPERATION: Final = "accept-purchase-proposal"
_SALES_ORDER: Final = KINDS["sales-order"]


async def propose_purchases(
    tx: Transaction, commands: Sequence[Command[NewProposal]]
) -> list[Done | Refusal]:
    """Compute what each sales order needs, and keep it for the person who looks at it."""
    nos = {command.data.sales_order_no for command in commands}
    orders: Mapping[str, SalesOrder] = await copies.load(tx, _SALES_ORDER, nos)
    demands = await demand_store.lock(tx, nos)
    supply = await proposal_store.supply_of(tx, orders.values())
    references = await reference_store.load(tx, _query(orders.values()), tx.now)
    made: list[Proposal] = []

    def decide(command: Command[NewProposal]) -> Done:
        no = command.data.sales_order_no
        order = orders.get(no)
        if order is None or order.deleted:
            raise unknown("sales-order", no, pointer="/sales_order_no", copy_of="sales-order")
        proposal = propose(order, demands.get(no), supply, references, proposal_id=new_id(), now=tx.now)
        made.append(proposal)
        return Done(KIND, str(proposal.id), created=True, warnings=_warnings(proposal))

    results = decide_each(commands, decide)
    await proposal_store.store(tx, made)
    return results


async def accept_proposals(
    tx: Transaction, commands: Sequence[Command[AcceptProposal]]
) -> list[Done | Refusal]:
    """Look again under the lock of the sales order, and ask purchasing; two at once buy once."""
    proposals = await proposal_store.find(tx, {command.data.proposal_id for command in commands})
    nos = {proposal.sales_order_no for proposal in proposals.values()}
    orders: Mapping[str, SalesOrder] = await copies.load(tx, _SALES_ORDER, nos)
    demands = await demand_store.lock_or_create(tx, {no: orders[no].customer_no for no in orders})
    # Read anew under the lock: what another transaction bought since then is to be seen.
    orders = await copies.load(tx, _SALES_ORDER, nos)
    supply = await proposal_store.supply_of(tx, orders.values())
    query = _query(orders.values())
    for command in commands:
        _need_vendors(query, command.data, proposals)
    context = CarryOutContext(
        references=await reference_store.load(tx, query, tx.now), new_id=new_id, orders=orders
    )
    work = DemandUnitOfWork(demands)
    runs: list[CarryOutRun] = []

    def decide(command: Command[AcceptProposal]) -> Done:
        proposal = proposals.get(command.data.proposal_id)
        if proposal is None:
            raise not_found(KIND, str(command.data.proposal_id))
        command.check_version(str(proposal.id), VERSION)
        no = proposal.sales_order_no
        if no not in orders:
            raise unknown("sales-order", no, copy_of="sales-order")
        accepted = accept_proposal(
            proposal, wanted_rows(proposal, command.data), work.demands[no], supply, context
        )
        work.add_decision(accepted.demand, command.context)
        work.add_requests(accepted.requests, command.context)
        runs.append(accepted.run)
        return Done(KIND, str(proposal.id), operation_id=accepted.run.id)

    results = decide_each(commands, decide)
    await work.store(tx)
    publish_decisions(tx, work)
    await requisitions.store_runs(tx, runs)
    await operations.start(tx, [Started(run.id, OPERATION, str(run.proposal_id)) for run in runs])
    await question_new_orders(tx, work)
    return results


async def delete_proposals(tx: Transaction, commands: Sequence[Command[UUID]]) -> list[Done | Refusal]:
    """Give proposals up; nothing of them is left (BC-PO-10)."""
    deleted = await proposal_store.delete(tx, {c.data for c in commands if c.allows(VERSION)})

    def decide(command: Command[UUID]) -> Done:
        command.check_version(str(command.data), VERSION)
        if command.data not in deleted:
            raise not_found(KIND, str(command.data))
        return Done(KIND, str(command.data))

    return decide_each(commands, decide)


def _query(orders: Iterable[SalesOrder]) -> ReferenceQuery:
    query = ReferenceQuery()
    for order in orders:
        for line in item_lines(order):
            need_item(query, line.item_no, line.location_code)
            query.need(PurchasingCode, line.purchasing_code)
    return query


def _need_vendors(query: ReferenceQuery, accept: AcceptProposal, proposals: Mapping[UUID, Proposal]) -> None:
    """Vendors of the proposal's rows, and those that its author named instead."""
    proposal = proposals.get(accept.proposal_id)
    if proposal is None:
        return
    named = {asked.line_no: asked.vendor_no for asked in accept.acceptance.rows or ()}
    for row in proposal.rows:
        need_vendor(query, row.vendor_no, row.item_no)
        need_vendor(query, named.get(row.line_no) or "", row.item_no)


def _warnings(proposal: Proposal) -> tuple[Notice, ...]:
    """BC-PO-07: the answer says that there is nothing to do; BC-PO-06: and which vendors they have to choose."""
    needed = [row for row in proposal.rows if row.needed_quantity > 0]
    if not needed:
        return (Notice("all-available", f"all items on {proposal.sales_order_no} are available"),)
    return tuple(
        Notice("vendor-required", f"item {row.item_no} has no vendor", row.line_no)
        for row in needed
        if not row.vendor_no
    )
