"""Purchasing wants to take receipts back: sales agrees while the goods are here, or the shipment is not invoiced."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from contracts.purchasing.orders import UndoRequest, UndoRequestLine
from contracts.refusals import Violations
from contracts.values import Problem
from sales.domain.granted_goods import hand_back
from sales.domain.orders.order import Order, check_not_held
from sales.domain.posting.undoing import check_undoable
from sales.domain.sourcing import Sourcing


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What sales answers: the reasons why not, or what it gives up.

    `posting_ids`: shipments of drop shipments that are taken back, by order. `sourcings`: special orders' grants.
    """

    errors: tuple[Problem, ...] = ()
    posting_ids: Mapping[str, frozenset[UUID]] = {}
    sourcings: Mapping[UUID, Sourcing] = {}


def decide_undo(
    request: UndoRequest, orders: Mapping[str, Order], sourcings: Mapping[UUID, Sourcing]
) -> Consent:
    """Agree to all receipts of the request, or say every reason why not (BC-DS-38, BC-SO-35)."""
    found = Violations()
    shipped: dict[str, set[UUID]] = {}
    handed: dict[UUID, Sourcing] = {}
    for asked in request.lines:
        order = orders.get(asked.sales_order_no)
        line = next((x for x in order.lines if x.id == asked.sales_line_id), None) if order else None
        if order is None or line is None:
            continue  # the sale is gone: nothing here depends on the receipt
        check_not_held(found, order, line)
        if line.drop_shipment:
            check_undoable(found, line, asked.posting_id)
            shipped.setdefault(order.no, set()).add(asked.posting_id)
            continue
        after = _handed_back(asked, handed.get(line.id) or sourcings.get(line.id))
        if after is None:
            detail = f"sales order {order.no} line {line.line_no}: the goods have been shipped"
            found.conflict("already-shipped", detail, line_no=line.line_no)
        else:
            handed[line.id] = after
    refusal = found.refusal()
    if refusal is not None:
        return Consent(errors=tuple(refusal.problems()))
    return Consent(posting_ids={no: frozenset(ids) for no, ids in shipped.items()}, sourcings=handed)


def _handed_back(asked: UndoRequestLine, sourcing: Sourcing | None) -> Sourcing | None:
    return hand_back(sourcing, asked.posting_id) if sourcing is not None else None
