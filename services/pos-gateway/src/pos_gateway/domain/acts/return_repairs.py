"""A person repairs a return that a till carried out offline: changes what it names, sends it again, or gives it up.

The money that went back is a fact and is never changed; what was given back too much stays owed.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from contracts.fields import MAX_LINES, No
from contracts.pos import ConfirmationNo, TillAmount
from contracts.refusals import Refusal, conflict
from domainkit.changes import Changes
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.acting import check_allowed, check_state
from pos_gateway.domain.acts.commands import OfflineReturn, ReturnLine
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.acts.offline_returns import FAILED, NOT_YET, return_of
from pos_gateway.domain.acts.returning import RETURN_OF_GOODS
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.records import PERMISSIONS

EDITING, VOID = "editing", "void"
KIND: Final = "offline-return"


class ReturnPayloadRepair(Changes, frozen=True, kw_only=True):
    """Changes of what the till sent; what is left out stays. Identity and money never change."""

    confirmation_no: ConfirmationNo | UnsetType = UNSET
    invoice_no: (
        Annotated[No, Meta(description="Posted sales invoice that the goods are on.", examples=["SI-1001"])]
        | UnsetType
    ) = UNSET
    shipping_refund: (
        Annotated[TillAmount, Meta(description="Shipping charges that are given back, without tax.")]
        | UnsetType
        | None
    ) = UNSET
    lines: Annotated[
        tuple[ReturnLine, ...],
        Meta(max_length=MAX_LINES, description="Lines to change or add, by their numbers."),
    ] = ()


class ReturnRepair(msgspec.Struct, frozen=True, kw_only=True):
    """What a person changes of a return."""

    payload: ReturnPayloadRepair
    dry_run: Annotated[bool, Meta(description="Check and answer, and change nothing.", examples=[True])] = (
        False
    )


class RepairReturn(msgspec.Struct, frozen=True):
    """Change what a return names."""

    id: UUID
    repair: ReturnRepair


class ActOnReturn(msgspec.Struct, frozen=True):
    """Send a return again, or give it up."""

    id: UUID


def repaired_return(taken: OfflineReturn, changes: ReturnPayloadRepair) -> OfflineReturn:
    """The return with these changes."""
    given = changes.given()
    lines = {line.line_no: line for line in (*taken.lines, *given.pop("lines"))}
    return replace(taken, **given, lines=tuple(lines.values()))


def check_open(status: str, id_: UUID) -> None:
    """Only a return that failed, or is being repaired, is open to a person."""
    if status not in {FAILED, EDITING}:
        raise conflict("transaction-not-open", f"return {id_} is {status}")


def repairing(context: ActContext) -> ActContext:
    """The context in which the back office has a return decided again: neither money nor worker is judged (POS-101)."""
    settings = context.settings
    worker = replace(settings.worker, permissions=PERMISSIONS)
    return replace(context, settings=replace(settings, worker=worker), dry_run=True)


def next_version(act: TillAct, **changes: Any) -> TillAct:
    """The return after an act of a person."""
    return replace(act, version=act.version + 1, repaired=True, **changes)


def check_repaired(order: CustomerOrder, stage: Stage, taken: OfflineReturn, context: ActContext) -> None:
    """Refuse a repair that sales could not be asked for, with everything that is wrong; it may wait for the order."""
    try:
        check_allowed(RETURN_OF_GOODS, order, context.settings)
        check_state(RETURN_OF_GOODS, order, stage, context.settings)
        RETURN_OF_GOODS.decide(order, stage, return_of(taken), context)
    except Refusal as refusal:
        if refusal.code != NOT_YET:
            raise
