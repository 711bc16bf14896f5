"""Taking shipments back: once, while they are not invoiced, and of a drop shipment on both sides (BC-DS-38)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.refusals import Violations, conflict
from contracts.sales.requests import RequestedChangeLine
from domainkit.money import ZERO
from sales.domain.orders.lines import Line
from sales.domain.orders.order import CLOSED, RELEASED, Order, PendingChange, check_not_held
from sales.domain.posting.documents import PostedShipment, PostedShipmentLine

UNDO_SHIPMENT: Final = "undo_shipment"


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """The order without the movements, and what special orders give back to their grants, by line."""

    order: Order
    given_back: Mapping[UUID, Decimal] = {}


def lines_to_undo(
    order: Order, shipment: PostedShipment, line_nos: Sequence[int] | None
) -> tuple[PostedShipmentLine, ...]:
    """The lines of the shipment that are taken back; refused with every reason."""
    found = Violations()
    wanted = _wanted(found, shipment, line_nos)
    by_id = {line.id: line for line in order.lines}
    for each, at in wanted:
        line = by_id[each.sales_line_id]
        check_not_held(found, order, line)
        check_undoable(found, line, each.posting_id, at)
    found.refuse_if_any()
    if not wanted:
        raise conflict("already-undone", f"shipment {shipment.no} was taken back before")
    return tuple(each for each, _ in wanted)


def _wanted(
    found: Violations, shipment: PostedShipment, line_nos: Sequence[int] | None
) -> list[tuple[PostedShipmentLine, str]]:
    if line_nos is None:
        return [(line, "") for line in shipment.lines if not line.undone]
    by_no = {line.line_no: line for line in shipment.lines}
    wanted = {}
    for index, line_no in enumerate(line_nos):
        if line_no not in by_no:
            found.unknown("line", str(line_no), f"/lines/{index}")
        else:
            wanted[line_no] = (by_no[line_no], f"/lines/{index}")
    return list(wanted.values())


def check_undoable(found: Violations, line: Line, posting_id: UUID, pointer: str = "") -> None:
    """A movement that stands and of which nothing is invoiced."""
    posting = next((each for each in line.postings if each.posting_id == posting_id), None)
    line_no = line.line_no
    if posting is None or posting.undone:
        found.conflict("already-undone", f"line {line_no} was taken back before", pointer, line_no=line_no)
    elif line.left_to_invoice(posting_id) < posting.quantity:
        found.conflict("already-invoiced", f"line {line_no} is invoiced", pointer, line_no=line_no)


def asked_of_purchasing(
    order: Order, shipment_no: str, lines: Iterable[PostedShipmentLine], request_id: UUID
) -> PendingChange | None:
    """The request to purchasing, which takes drop shipments back first; None if there is none among the lines.

    The other lines of the act wait with them, so that all of it is done or nothing.
    """
    asked = tuple(
        RequestedChangeLine(sales_line_id=line.sales_line_id, posting_ids=(line.posting_id,))
        for line in lines
    )
    change = PendingChange(id=request_id, kind=UNDO_SHIPMENT, lines=asked, shipment_no=shipment_no)
    return change if order.dropped(change) else None


def without_movements(order: Order, posting_ids: Collection[UUID]) -> Undone:
    """Take these movements back: the line can be shipped again, and a closed order is released again."""
    given_back: dict[UUID, Decimal] = {}

    def after(line: Line) -> Line:
        ids = {p.posting_id for p in line.postings if p.posting_id in posting_ids and not p.undone}
        if not ids:
            return line
        if line.special_order:
            given_back[line.id] = sum((p.quantity for p in line.postings if p.posting_id in ids), ZERO)
        postings = tuple(replace(p, undone=True) if p.posting_id in ids else p for p in line.postings)
        return replace(line, postings=postings, qty_to_ship=None)

    undone = order.map_lines(after)
    status = RELEASED if undone.status == CLOSED else undone.status
    return Undone(order=replace(undone, status=status), given_back=given_back)
