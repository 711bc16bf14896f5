"""Acts of tills as sales keeps them: taken in once, carried out when the order exists, with what became of each."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.channel import ActOutcome, ChannelAct, ChannelOrder
from contracts.refusals import Refusal
from contracts.values import Problem
from domainkit.structs import extended

WAITING: Final = "waiting"
DONE: Final = "done"
FAILED: Final = "failed"

EDIT: Final = "edit"
PICKUP: Final = "pickup"
CANCEL: Final = "cancel"
CANCEL_REMAINING: Final = "cancel_remaining"
RETURN: Final = "return"

CHANGE_PENDING: Final = Problem(
    code="change-pending", detail="goods of the order are being bought: purchasing is asked for the change"
)


_DONE: Final = {
    EDIT: "edited",
    PICKUP: "picked_up",
    CANCEL: "cancelled",
    CANCEL_REMAINING: "rest_cancelled",
    RETURN: "returned",
}


class KeptAct(ActOutcome, frozen=True, kw_only=True):
    """An act with what became of it."""

    act: ChannelAct
    attempts: int = 0
    before: ChannelOrder | None = None
    """Of an edit: the order before it, as the till knew it. What the two differ in is what the edit changed."""
    asked: tuple[UUID, ...] = ()
    """Change requests that an edit made for goods that are being bought; all else of it is done."""
    looks: int = 0
    """How often purchasing's answer to them was looked for."""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be carried out."""
        return self.status != DONE

    @property
    def waits_for_purchasing(self) -> bool:
        """Whether purchasing was asked for what is left of it and, as far as is known, has not answered."""
        return self.status == FAILED and self.errors == (CHANGE_PENDING,)


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The documents that carrying out an act made."""

    invoice_no: str = ""
    sales_return_order_no: str = ""


def taken_in(
    acts: tuple[KeptAct, ...], order: ChannelOrder, before: ChannelOrder | None
) -> tuple[KeptAct, ...]:
    """The acts with those of a snapshot that were not known; a snapshot that comes again changes nothing.

    `before`: the order as it was known until now, which an edit changes.
    """
    known = {each.act_id for each in acts}
    new = tuple(
        extended(KeptAct, act, status=WAITING, act=act, before=before if act.operation == EDIT else None)
        for act in order.acts
        if act.act_id not in known
    )
    return acts + new


def outcome_of(kept: KeptAct) -> ActOutcome:
    """What the gateway learns of an act."""
    return extended(ActOutcome, kept)


def carried_out(kept: KeptAct) -> KeptAct:
    """The act once sales has done it."""
    return replace(kept, status=DONE, attempts=kept.attempts + 1, errors=(), before=None, asked=())


def numbered(kept: KeptAct, numbers: Numbers) -> KeptAct:
    """The act with the numbers of what it made."""
    return replace(kept, invoice_no=numbers.invoice_no, sales_return_order_no=numbers.sales_return_order_no)


def refused(kept: KeptAct, why: Refusal) -> KeptAct:
    """The act after an attempt that was refused: it has happened at the till, so it is tried again."""
    return with_errors(kept, why.problems())


def with_errors(kept: KeptAct, errors: tuple[Problem, ...]) -> KeptAct:
    """The act after an attempt that failed."""
    return replace(kept, status=FAILED, attempts=kept.attempts + 1, errors=errors)


def waiting_for_purchasing(kept: KeptAct, asked: tuple[UUID, ...] = ()) -> KeptAct:
    """The edit that ends when purchasing has answered; `asked`: what it asks for now. This is no failed attempt."""
    requests = kept.asked + asked
    return replace(kept, status=FAILED, asked=requests, looks=kept.looks + 1, errors=(CHANGE_PENDING,))


def with_act(acts: tuple[KeptAct, ...], after: KeptAct) -> tuple[KeptAct, ...]:
    """The acts with one in its new state."""
    return tuple(after if each.act_id == after.act_id else each for each in acts)


def act_of(acts: tuple[KeptAct, ...], act_id: UUID) -> KeptAct | None:
    """The act with this id; None if it is not known."""
    return next((each for each in acts if each.act_id == act_id), None)


def happened(before: tuple[KeptAct, ...], after: tuple[KeptAct, ...]) -> tuple[str, ...]:
    """What became of acts since then, in words for people."""
    known = {each.act_id: each.status for each in before}
    ended = [each for each in after if each.status != known.get(each.act_id, WAITING)]
    return tuple(
        dict.fromkeys(_DONE[x.operation] if x.status == DONE else f"{x.operation}_failed" for x in ended)
    )
