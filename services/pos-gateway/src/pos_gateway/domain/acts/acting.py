"""What holds for every act of a till on an order, of any kind."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from contracts.refusals import conflict, forbidden, not_found
from pos_gateway.domain.acts.act import Acted, as_channel_act
from pos_gateway.domain.acts.context import Operation
from pos_gateway.domain.orders.context import TillSettings
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import Stage

QUOTE = "quote"
VOID = "void"
"""The status of an order that the back office has given up before sales made it."""
_REPAIRABLE: Final = ("failed", "held")
"""Statuses in which the back office may be changing the order."""


def check_allowed(operation: Operation, order: CustomerOrder, settings: TillSettings) -> None:
    """Refuse what this store or this worker may not do to the order (POS-116, POS-121; B30)."""
    store_no, no = settings.store.no, order.confirmation_no
    if not (operation.where == "any" or order.is_seen_by(store_no)):
        raise not_found("customer-order", no)
    if operation.where == "own" and order.transaction.store_no != store_no:
        detail = f"{no} is an order of store {order.transaction.store_no}; here its goods are picked up"
        raise forbidden("order-of-other-store", detail)
    if order.kind == QUOTE and not operation.quote_permission:
        raise conflict("quote-not-allowed", f"{no} is a quote: it can be edited, cancelled and converted")
    permission = operation.quote_permission if order.kind == QUOTE else operation.permission
    if not settings.worker.may(permission):
        detail = f"worker {settings.worker.id} lacks the permission {permission}"
        raise forbidden("permission-missing", detail, permission=permission)


def check_not_ended(operation: Operation, order: CustomerOrder, stage: Stage) -> None:
    """Refuse an act on an order that has ended (B18)."""
    no, status = order.confirmation_no, stage.status
    if status == "cancelled" and not (operation.after_back_office and awaits_refund(order)):
        raise conflict("already-cancelled", f"{no} is cancelled", confirmation_no=no)
    if status == "closed":
        made = order.converted_into
        raise conflict("already-converted", f"{no} has become order {made}", confirmation_no=made)
    if status == VOID and not operation.after_back_office:
        raise conflict("order-void", f"{no} was voided in the back office", confirmation_no=no)


def check_state(operation: Operation, order: CustomerOrder, stage: Stage, settings: TillSettings) -> None:
    """Refuse what the order's state forbids to every act (B18, POS-67)."""
    check_not_ended(operation, order, stage)
    if stage.synchronized:
        return
    no, status = order.confirmation_no, stage.status
    # Until sales has answered, an order that is made synchronously may still be withdrawn.
    undecided = status == "submitting" and order.mode == "synchronous"
    repairing = status in _REPAIRABLE and not operation.while_repaired
    if undecided or repairing or not (operation.queued and settings.profile.queue_changes_before_sync):
        detail = f"sales does not have {no} yet; ask again when it is synchronized"
        raise conflict("not-synchronized-yet", detail, confirmation_no=no)


def awaits_refund(order: CustomerOrder) -> bool:
    """Whether a cancelled order was cancelled in the back office: the till has not settled its deposit."""
    return any(line.quantity_cancelled < line.quantity for line in order.lines)


def after_act(acted: Acted, before: CustomerOrder, stage: Stage) -> CustomerOrder:
    """The order as the act leaves it; it carries the acts that sales has not confirmed (POS-62)."""
    order = acted.order
    progress = stage.progress
    waiting = tuple(
        act
        for act in before.acts
        if progress is None or (outcome := progress.outcome(act.act_id)) is None or outcome.status != "done"
    )
    return replace(
        order,
        version=before.version + 1,
        acts=(*waiting, as_channel_act(acted.act)),
        last_act_id=acted.act.act_id,
        settlement=acted.act.settlement,
        overrides=(*before.overrides, *acted.act.overrides),
        prepaid_amount=order.prepaid_now,
    )


def concluded(after: CustomerOrder, before: CustomerOrder) -> CustomerOrder:
    """The order as an act leaves it; payment instructions may have been confirmed since the act was decided."""
    known = replace(after, captures=before.captures, refunds_declined=before.refunds_declined)
    return replace(known, prepaid_amount=known.prepaid_now)
