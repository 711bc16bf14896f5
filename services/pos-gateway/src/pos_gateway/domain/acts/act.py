"""An act as the gateway keeps it, and what deciding one comes to."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.channel import ChannelAct
from contracts.fields import NoOrBlank, choice
from contracts.pos import ConfirmationNo
from contracts.values import Problem
from pos_gateway.domain.acts.commands import BlindReturnLine, OfflineReturn
from pos_gateway.domain.orders.order import CustomerOrder, ReceiptNoOrBlank
from pos_gateway.domain.orders.order_money import Override, Settlement

TillOperation = Annotated[
    str,
    choice("edit", "pickup", "cancel", "cancel_remaining", "return", "convert", "blind_return"),
    Meta(description="What the till does.", examples=["pickup"]),
]


class TillAct(ChannelAct, frozen=True, kw_only=True):
    """An act with its money. What sales must know of it, it gets as the contract's `ChannelAct`.

    Of a conversion and of a return without an order sales is not asked as of an act.
    """

    operation: TillOperation
    confirmation_no: ConfirmationNo | None = None
    """None for a return without an order."""
    receipt_no: ReceiptNoOrBlank = ""
    goods: tuple[BlindReturnLine, ...] = ()
    """Of a return without an order."""
    settlement: Settlement
    overrides: tuple[Override, ...] = ()
    taken_offline: OfflineReturn | None = None
    """Of a return: what the till asks for, if it has happened already."""
    flags: tuple[str, ...] = ()
    conflicts_with: NoOrBlank = ""
    """The order of the transaction that has the identity; this act is kept beside it."""
    counted: bool = False
    """Of a return that was taken offline and is not posted: its money counts for the order all the same."""
    version: int = 1
    """Of a return that was taken offline: raised by each act of a person on it."""
    repaired: bool = False
    """A person has changed it or sent it again: neither its money nor its worker is judged any more."""
    errors: tuple[Problem, ...] = ()
    """Of a return that was taken offline: why it is not posted."""


class Acted(msgspec.Struct, frozen=True):
    """The outcome of a decision: the order after the act, and the act.

    A decision sets `money_sums`, `payments`, `refunds`, totals and lines of the order. What follows from the act is set
    for it (`acting.py::after_act`): version, acts, settlement, overrides and the prepaid amount.
    """

    order: CustomerOrder
    act: TillAct
    ends_as: str = ""
    """The order's last status, if the act gives it one: `cancelled` or `closed`."""


def as_channel_act(act: TillAct) -> ChannelAct:
    """The act as sales must carry it out; what is the gateway's alone is left out."""
    return msgspec.convert(act, ChannelAct, from_attributes=True)
