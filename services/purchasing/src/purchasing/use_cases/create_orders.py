"""A person makes a purchase order, with or without lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.refusals import Refusal, conflict
from contracts.topics import KINDS
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from purchasing.domain.known import Known
from purchasing.domain.order_header import OrderDraft, new_order
from purchasing.domain.orders import Order
from purchasing.store import masters, orders
from purchasing.store.knowledge import Needs
from recordkit.commands import Command, Done

KIND = KINDS["purchase-order"]


async def create_orders(tx: Transaction, commands: Sequence[Command[OrderDraft]]) -> list[Done | Refusal]:
    """Make orders. A number that the caller gave must be free; the others come from the series, last of all."""
    drafts = [c.data for c in commands]
    known = await _known(tx, drafts)
    taken = set(await orders.read(tx, (d.no for d in drafts if d.no)))
    decided: list[Order | Refusal] = [_decide(draft, known, taken) for draft in drafts]
    without_no = [o for o in decided if isinstance(o, Order) and not o.no]
    numbers = iter(await orders.numbers(tx, len(without_no)))
    numbered = [o.replaced(no=next(numbers)) if isinstance(o, Order) and not o.no else o for o in decided]
    await _store(tx, numbered, commands)
    return [o if isinstance(o, Refusal) else Done("purchase-order", o.no, o.version) for o in numbered]


async def _known(tx: Transaction, drafts: Iterable[OrderDraft]) -> Known:
    drafts = list(drafts)
    vendors = await masters.load(tx, masters.VENDOR, (d.vendor_no for d in drafts))
    needs = Needs()
    for draft in drafts:
        needs.vendor(draft.vendor_no)
        needs.customer(draft.sell_to_customer_no, draft.ship_to_code)
        if draft.location_code is not None:
            needs.location(draft.location_code)
        elif draft.vendor_no in vendors:
            needs.location(vendors[draft.vendor_no].location_code)
        for line in draft.lines:
            needs.item(draft.vendor_no, line.item_no)
            needs.location(line.location_code or "")
    return await needs.load(tx, tx.now)


def _decide(draft: OrderDraft, known: Known, taken: set[str]) -> Order | Refusal:
    if draft.no in taken:
        return conflict("purchase-order-exists", f"purchase order {draft.no} exists", pointer="/no")
    try:
        order = new_order(draft, known, new_id)
    except Refusal as refusal:
        return refusal
    if draft.no:
        taken.add(draft.no)
    return order


async def _store(
    tx: Transaction, decided: Sequence[Order | Refusal], commands: Sequence[Command[OrderDraft]]
) -> None:
    await orders.insert(tx, [o for o in decided if isinstance(o, Order)])
    for order, command in zip(decided, commands, strict=True):
        if isinstance(order, Order):
            tx.publish(KIND, order.no, order.snapshot("created"), command.context)
