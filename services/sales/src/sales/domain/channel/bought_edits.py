"""An edit that has happened at the till, of goods that are bought: purchasing is asked for what it decides (G5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contracts.channel import ChannelOrder
from domainkit.money import ZERO
from sales.domain.channel.editing import edited, field_changes, item_lines
from sales.domain.channel.orders import new_order_of_till
from sales.domain.orders.change_requests import ChangeAsked, request_change
from sales.domain.orders.commands import LineChangeWanted
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import OPEN, RELEASED, Order
from sales.domain.orders.procured_changes import is_procured

_DECIDED_BY_PURCHASING: Final = ("quantity", "location_code")

Wishes = Mapping[int, dict[str, Any]]
"""By line number, the fields of a bought line that are not as the till has them."""


class BoughtEdit(msgspec.Struct, frozen=True):
    """The order after what sales decides of an edit, and what it asks purchasing for, one after the other."""

    order: Order
    asked: tuple[ChangeAsked, ...] = ()


def edited_with_purchases(
    order: Order, before: ChannelOrder, till: ChannelOrder, context: OrderContext
) -> BoughtEdit:
    """Carry out an edit whose customer has left: of bought lines, quantity and location are asked for."""
    wishes = wishes_of(order, before, till, context)
    done = edited(order, before, till, context, left=wishes)
    asked: list[ChangeAsked] = []
    after = done
    for line_no, wanted in sorted(wishes.items()):
        asked.append(request_change(after, after.line(line_no), LineChangeWanted(**wanted), context))
        after = asked[-1].order
    return BoughtEdit(done, tuple(asked))


def wishes_of(order: Order, before: ChannelOrder, till: ChannelOrder, context: OrderContext) -> Wishes:
    """What the edit changes of lines whose purchase may be there, as far as the order is not so already.

    Of an order that has ended nothing is left to change.
    """
    if order.status not in {OPEN, RELEASED}:
        return {}
    was = item_lines(new_order_of_till(before, order.customer_no, context.references))
    wanted = item_lines(new_order_of_till(till, order.customer_no, context.references))
    found: dict[int, dict[str, Any]] = {}
    for line in order.lines:
        if line.line_no not in was or not is_procured(line, context.sourcings.get(line.id)):
            continue
        if line.line_no not in wanted:
            given: dict[str, Any] = {"quantity": ZERO} if line.outstanding_quantity > 0 else {}
        else:
            changes = field_changes(was[line.line_no], wanted[line.line_no])
            given = {name: changes[name] for name in _DECIDED_BY_PURCHASING if name in changes}
        given = {name: value for name, value in given.items() if value != getattr(line, name)}
        if given:
            found[line.line_no] = given
    return found
