"""Accept a purchase proposal: its rows become requisition lines that go to purchasing at once (BC-PO-04 to 13)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations, conflict
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import Problem
from domainkit.parties import check_vendor
from domainkit.references import ReferenceData
from planning.domain.demand.rows import ORDERED, OrderDemand
from planning.domain.demand.working_demand import WorkingDemand
from planning.domain.demand.worksheets import CarryOutContext, put_handed_over, requests_for, row_to_procure
from planning.domain.masters.items import ItemCard
from planning.domain.masters.worksheets import DEFAULT_WORKSHEET
from planning.domain.proposals.commands import AcceptedRow, AcceptProposal
from planning.domain.proposals.proposal import (
    Proposal,
    ProposalRow,
    Supply,
    bought_for,
    is_procured,
    item_lines,
    purchase_unit,
)
from planning.domain.requisitions.checks import obstacles
from planning.domain.requisitions.costs import priced
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.runs import LINE_SKIPPED, CarryOutRun, RunLine, run_line
from planning.domain.requisitions.sales_lines import is_flagged, line_into_stock, outstanding
from planning.domain.requisitions.scheduling import rescheduled, schedule_into_stock
from planning.domain.reservations.following import NEVER

ASSOCIATED: Final = "already-associated-with-purchase-order"
ALREADY_PURCHASED: Final = "already-purchased"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A row to buy: as it was proposed, with what its author changed. `pointer`: where the request names it."""

    row: ProposalRow
    quantity: Decimal
    vendor_no: str
    reserve: bool = False
    pointer: str = ""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What accepting a proposal brings about."""

    demand: OrderDemand
    run: CarryOutRun
    requests: tuple[PurchaseRequest, ...]


def wanted_rows(proposal: Proposal, accept: AcceptProposal) -> list[Wanted]:
    """The rows to buy with their changes; refused if one is named twice or is not in the proposal."""
    if accept.acceptance.rows is None:
        return [
            Wanted(row=row, quantity=row.quantity_to_purchase, vendor_no=row.vendor_no)
            for row in proposal.rows
            if row.quantity_to_purchase > 0
        ]
    rows = {row.line_no: row for row in proposal.rows}
    found = Violations()
    wanted: list[Wanted] = []
    seen: set[int] = set()
    for i, asked in enumerate(accept.acceptance.rows):
        row, pointer = rows.get(asked.line_no), f"/rows/{i}"
        if row is None:
            detail = f"sales order {proposal.sales_order_no} has no line {asked.line_no} to purchase"
            found.invalid("unknown-line", detail, f"{pointer}/line_no")
        elif asked.line_no in seen:
            found.invalid("duplicate-line", f"line {asked.line_no} is named twice", f"{pointer}/line_no")
        else:
            seen.add(asked.line_no)
            wanted.append(_changed(row, asked, pointer))
    found.refuse_if_any()
    return [one for one in wanted if one.quantity > 0]


def _changed(row: ProposalRow, asked: AcceptedRow, pointer: str) -> Wanted:
    quantity = row.quantity_to_purchase if asked.quantity_to_purchase is None else asked.quantity_to_purchase
    vendor_no = row.vendor_no if asked.vendor_no is None else asked.vendor_no
    return Wanted(row=row, quantity=quantity, vendor_no=vendor_no, reserve=asked.reserve, pointer=pointer)


def accept_proposal(
    proposal: Proposal,
    wanted: Sequence[Wanted],
    demand: OrderDemand,
    supply: Supply,
    context: CarryOutContext,
) -> Accepted:
    """One purchase request per vendor and grouping key (BC-PO-08). What was bought since then is left out.

    Refused as a whole if a row cannot be bought, or if nothing is left to buy.
    """
    order = context.orders[proposal.sales_order_no]
    sold = {line.id: line for line in item_lines(order)}
    skipped: list[RunLine] = []
    working = WorkingDemand(demand)
    lines: list[tuple[Wanted, RequisitionLine]] = []
    for one in wanted:
        sales = sold.get(one.row.sales_line_id)
        problem = _bought_meanwhile(one.row, sales, demand, supply)
        if problem is not None or sales is None:
            skipped.append(_skipped(proposal, one.row, problem, demand))
        else:
            lines.append((one, _line(proposal, one, order, sales, working, context)))
    _check(lines, order, context.references)
    if not lines:
        raise conflict("nothing-to-create", _why_nothing(proposal, skipped))
    run = CarryOutRun(
        id=context.new_id(),
        worksheet=DEFAULT_WORKSHEET,
        proposal_id=proposal.id,
        started_at=context.references.now,
        lines=(*(run_line(line) for _, line in lines), *skipped),
    )
    requests = requests_for([line for _, line in lines], context, run_id=run.id, order_date=None)
    handed = [(line, request) for request, members in requests for line in members]
    return Accepted(
        demand=put_handed_over(working.result(), handed),
        run=run,
        requests=tuple(request for request, _ in requests),
    )


def _bought_meanwhile(
    row: ProposalRow, sales: SalesLine | None, demand: OrderDemand, supply: Supply
) -> Problem | None:
    """Why the line needs nothing any more: it is gone, delivered, or was bought since the proposal was made."""
    if sales is None:
        return Problem(code="unknown-sales-line", detail="the sales line is gone", line_no=row.line_no)
    if outstanding(sales) <= 0:
        return Problem(code="line-completely-shipped", detail="nothing is outstanding", line_no=row.line_no)
    if is_flagged(sales):
        if is_procured(sales, demand):
            detail = f"line {row.line_no} is being purchased already"
            return Problem(code=ASSOCIATED, detail=detail, line_no=row.line_no)
        return None
    if bought_for(sales.id, demand, supply) > row.bought_before:
        detail = f"line {row.line_no} was purchased since the proposal was made"
        return Problem(code=ALREADY_PURCHASED, detail=detail, line_no=row.line_no)
    return None


def _skipped(proposal: Proposal, row: ProposalRow, problem: Problem | None, demand: OrderDemand) -> RunLine:
    """The row in the result; it has no requisition line, so the sales line's id stands for it."""
    ordered = next(
        (one for one in demand.newest() if one.sales_line_id == row.sales_line_id and one.state == ORDERED),
        None,
    )
    return RunLine(
        line_id=row.sales_line_id,
        status=LINE_SKIPPED,
        vendor_no=row.vendor_no,
        sales_order_no=proposal.sales_order_no,
        sales_order_line_no=row.line_no,
        purchase_order_no=(ordered.purchase_order_no or "") if ordered is not None else "",
        errors=(problem,) if problem is not None else (),
    )


def _why_nothing(proposal: Proposal, skipped: Sequence[RunLine]) -> str:
    if not skipped:
        return f"nothing is to be purchased for sales order {proposal.sales_order_no}"
    reasons = "; ".join(error.detail for line in skipped for error in line.errors)
    return f"nothing is left to be purchased for sales order {proposal.sales_order_no}: {reasons}"


def _line(
    proposal: Proposal,
    wanted: Wanted,
    order: SalesOrder,
    sales: SalesLine,
    working: WorkingDemand,
    context: CarryOutContext,
) -> RequisitionLine:
    references = context.references
    if is_flagged(sales):
        row = row_to_procure(working, order, sales, working.newest(sales.id))
        made = working.requisition(row, order, sales, DEFAULT_WORKSHEET, context)
        schedule = rescheduled(references, made, made.due_date, wanted.vendor_no, made.location_code)
        made = replace(made, receipt_date=schedule.receipt_date, order_date=schedule.order_date)
    else:
        made = _plain_line(wanted.row, order, sales, wanted.vendor_no, references, context.new_id())
        made = replace(made, reserve=wanted.reserve)
    line = priced(
        references,
        replace(made, vendor_no=wanted.vendor_no, quantity=wanted.quantity, proposal_id=proposal.id),
    )
    working.put(line)
    return line


def _plain_line(
    row: ProposalRow,
    order: SalesOrder,
    sales: SalesLine,
    vendor_no: str,
    references: ReferenceData,
    line_id: UUID,
) -> RequisitionLine:
    """The requisition line of a line sold from stock: bought into stock, in the purchase unit (BC-PO-09, 13)."""
    unit, qty_per = purchase_unit(references.find(ItemCard, sales.item_no), sales)
    schedule = schedule_into_stock(references, row.due_date, vendor_no, sales.item_no, sales.location_code)
    quantity = row.quantity_to_purchase
    made = line_into_stock(order, sales, schedule, line_id=line_id, quantity=quantity, unit=unit)
    return replace(made, qty_per_unit_of_measure=qty_per)


def _check(
    lines: Sequence[tuple[Wanted, RequisitionLine]], order: SalesOrder, references: ReferenceData
) -> None:
    """Every reason of every row; with one of them nothing is created (BC-PO-06)."""
    found = Violations()
    sold = {line.id: line for line in order.lines}
    for wanted, line in lines:
        _check_reserve(found, wanted, sold[wanted.row.sales_line_id])
        refusal = obstacles(line, order, references)
        if refusal is not None:
            found.include(refusal, at=wanted.pointer)
        if line.vendor_no:
            vendor = references.find(Vendor, line.vendor_no)
            check_vendor(found, line.vendor_no, vendor, f"{wanted.pointer}/vendor_no", copy_of="vendor")
    found.refuse_if_any()


def _check_reserve(found: Violations, wanted: Wanted, sales: SalesLine) -> None:
    """Neither flagged lines nor those whose reserve is never: that is the sales order's to change (BC-PO-12)."""
    if not wanted.reserve:
        return
    pointer = f"{wanted.pointer}/reserve"
    if wanted.row.drop_shipment or wanted.row.special_order:
        detail = f"line {wanted.row.line_no} is bought for its customer: reserve must be never"
        found.invalid("reserve-must-be-never", detail, pointer)
    elif sales.reserve == NEVER:
        detail = f"reserve of line {wanted.row.line_no} is never"
        found.conflict("reserve-is-never", detail, pointer, line_no=wanted.row.line_no)


def vendors_of(wanted: Sequence[Wanted]) -> list[tuple[str, str]]:
    """(vendor, item) of the rows, to be looked up."""
    return [(one.vendor_no, one.row.item_no) for one in wanted if one.vendor_no]
