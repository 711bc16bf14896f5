"""What a carry-out run came to, as people see it: the result of the run's operation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    LineNo,
    PurchaseOrderNo,
    SalesOrderNoOrBlank,
    Timestamp,
    VendorNoOrBlank,
    choice,
)
from contracts.planning.fields import RequisitionLineId
from domainkit.structs import extended
from planning.domain.masters.worksheets import WorksheetName
from planning.domain.requisitions.runs import (
    FAILED,
    LINE_FAILED,
    LINE_ORDERED,
    LINE_SKIPPED,
    PARTLY_FAILED,
    RUNNING,
    SUCCEEDED,
    CarryOutRun,
    RunLine,
)


class _LineResult(msgspec.Struct, frozen=True, kw_only=True):
    """A requisition line of the run and the sales line that it serves."""

    line_id: RequisitionLineId
    sales_order_no: SalesOrderNoOrBlank
    sales_order_line_no: Annotated[
        LineNo | None, Meta(description="The sales line, if the line serves one.", examples=[10000])
    ]


class OrderedLine(_LineResult, frozen=True, kw_only=True):
    """A requisition line that became a purchase line."""

    line_no: Annotated[LineNo | None, Meta(description="Line of the purchase order.", examples=[10000])]


class MadeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order that the run made."""

    no: PurchaseOrderNo
    vendor_no: VendorNoOrBlank
    lines: Annotated[tuple[OrderedLine, ...], Meta(description="What it buys for the worksheet.")]


class LineError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a line was not carried out."""

    pointer: Annotated[str, Meta(description="JSON pointer into the line.", examples=["/vendor_no"])]
    code: Annotated[str, Meta(description="Stable, kebab-case.", examples=["vendor-blocked"])]
    detail: Annotated[str, Meta(description="For people.", examples=["vendor V-100 is blocked"])]


class FailedLine(_LineResult, frozen=True, kw_only=True):
    """A requisition line that stays open."""

    errors: Annotated[tuple[LineError, ...], Meta(description="Every reason.")]


class SkippedLine(_LineResult, frozen=True, kw_only=True):
    """A requisition line whose sales line was procured another way."""

    code: Annotated[str, Meta(description="Why.", examples=["already-associated-with-purchase-order"])]
    detail: Annotated[str, Meta(description="For people.", examples=["already on purchase order P-1007"])]
    purchase_order_no: Annotated[
        PurchaseOrderNo | None, Meta(description="The purchase order that has it.", examples=["P-1007"])
    ]


class CarryOutResult(msgspec.Struct, frozen=True, kw_only=True):
    """A carry-out of a worksheet and what became of its lines so far."""

    id: Annotated[UUID, Meta(description="Id of the run and of its operation.", examples=[EXAMPLE_ID])]
    worksheet: WorksheetName
    status: Annotated[
        str,
        choice(RUNNING, SUCCEEDED, PARTLY_FAILED, FAILED),
        Meta(description="How far the run is.", examples=[SUCCEEDED]),
    ]
    purchase_orders: Annotated[tuple[MadeOrder, ...], Meta(description="What was ordered.")]
    failed_lines: Annotated[tuple[FailedLine, ...], Meta(description="What could not be ordered.")]
    skipped: Annotated[tuple[SkippedLine, ...], Meta(description="What was procured another way meanwhile.")]
    started_at: Annotated[
        datetime, Meta(tz=True, description="When it began.", examples=["2026-03-12T08:00:00Z"])
    ]
    ended_at: Annotated[
        Timestamp | None,
        Meta(description="When its last line was decided; null: not yet.", examples=["2026-03-12T08:00:02Z"]),
    ]


class SkippedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a proposal that needs no purchase any more."""

    line_no: Annotated[LineNo | None, Meta(description="Line of the sales order.", examples=[10000])]
    code: Annotated[str, Meta(description="Why.", examples=["already-purchased"])]
    detail: Annotated[
        str,
        Meta(description="For people.", examples=["line 10000 was purchased since the proposal was made"]),
    ]
    purchase_order_no: Annotated[
        PurchaseOrderNo | None, Meta(description="The purchase order that has it.", examples=["P-1007"])
    ]


class ProposalResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an accepted proposal so far."""

    id: Annotated[UUID, Meta(description="Id of the operation.", examples=[EXAMPLE_ID])]
    proposal_id: Annotated[UUID | None, Meta(description="The proposal.", examples=[EXAMPLE_ID])]
    status: Annotated[
        str,
        choice(RUNNING, SUCCEEDED, PARTLY_FAILED, FAILED),
        Meta(description="How far it is.", examples=[SUCCEEDED]),
    ]
    purchase_orders: Annotated[tuple[MadeOrder, ...], Meta(description="What was ordered.")]
    failed_lines: Annotated[tuple[FailedLine, ...], Meta(description="What could not be ordered.")]
    skipped: Annotated[tuple[SkippedRow, ...], Meta(description="What was procured another way meanwhile.")]


def result_of(run: CarryOutRun) -> CarryOutResult:
    """The run by outcome: purchase orders with their lines, failed lines, skipped lines."""
    return CarryOutResult(
        id=run.id,
        worksheet=run.worksheet,
        status=run.status,
        purchase_orders=tuple(_orders(line for line in run.lines if line.status == LINE_ORDERED)),
        failed_lines=tuple(_failed(line) for line in run.lines if line.status == LINE_FAILED),
        skipped=tuple(_skipped(line) for line in run.lines if line.status == LINE_SKIPPED),
        started_at=run.started_at,
        ended_at=run.ended_at,
    )


def proposal_result(run: CarryOutRun) -> ProposalResult:
    """What accepting a proposal came to so far."""
    carried_out = result_of(run)
    return extended(
        ProposalResult,
        carried_out,
        proposal_id=run.proposal_id,
        skipped=tuple(
            extended(SkippedRow, line, line_no=line.sales_order_line_no) for line in carried_out.skipped
        ),
    )


def _orders(lines: Iterable[RunLine]) -> Iterable[MadeOrder]:
    by_order: dict[str, list[RunLine]] = {}
    for line in lines:
        by_order.setdefault(line.purchase_order_no, []).append(line)
    for no, members in sorted(by_order.items()):
        ordered = tuple(_ordered(line) for line in members)
        yield MadeOrder(no=no, vendor_no=members[0].vendor_no, lines=ordered)


def _ordered(line: RunLine) -> OrderedLine:
    return OrderedLine(
        line_id=line.line_id,
        line_no=line.purchase_order_line_no,
        sales_order_no=line.sales_order_no,
        sales_order_line_no=line.sales_order_line_no,
    )


def _failed(line: RunLine) -> FailedLine:
    return FailedLine(
        line_id=line.line_id,
        errors=tuple(LineError(pointer=e.pointer, code=e.code, detail=e.detail) for e in line.errors),
        sales_order_no=line.sales_order_no,
        sales_order_line_no=line.sales_order_line_no,
    )


def _skipped(line: RunLine) -> SkippedLine:
    first = line.errors[0] if line.errors else None
    return SkippedLine(
        line_id=line.line_id,
        code=first.code if first else "",
        detail=first.detail if first else "",
        purchase_order_no=line.purchase_order_no or None,
        sales_order_no=line.sales_order_no,
        sales_order_line_no=line.sales_order_line_no,
    )
