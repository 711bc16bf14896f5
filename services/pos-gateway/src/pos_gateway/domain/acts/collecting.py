"""Who may collect the goods of an order: the customer, or the person whom the order names, by a code (P12, POS-28)."""

from __future__ import annotations

from hmac import compare_digest

from contracts.refusals import Violations
from pos_gateway.domain.acts.commands import CollectedBy
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.approvals.approval import COLLECTOR_OVERRIDE
from pos_gateway.domain.approvals.using import approved
from pos_gateway.domain.orders.order import Collector, CustomerOrder
from pos_gateway.domain.orders.order_money import Override


def check_collector(
    found: Violations, order: CustomerOrder, by: CollectedBy | None, context: ActContext
) -> tuple[Override, ...]:
    """Another person than the customer proves it by the order's code, or a manager approves it."""
    if by is None or _is_proven(order.collector, by):
        return ()
    pointer = "/collected_by/pickup_code"
    approval = context.approvals.find(COLLECTOR_OVERRIDE)
    if approval is None:
        detail = "this is not the pick-up code of the person who may collect the goods"
        found.forbidden("collector-not-authorised", detail, pointer, operation=COLLECTOR_OVERRIDE)
        return ()
    record = Override(operation=COLLECTOR_OVERRIDE, requested_by=context.by, at=context.received_at)
    return (approved(record, approval),)


def _is_proven(collector: Collector | None, by: CollectedBy) -> bool:
    # In constant time: a till must not learn how many digits were right.
    return collector is not None and compare_digest(
        collector.pickup_code.encode(), by.pickup_code.strip().encode()
    )
