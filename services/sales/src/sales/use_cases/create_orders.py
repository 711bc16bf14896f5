"""Make sales orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from contracts.refusals import Refusal, conflict
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain.drafts import NewOrder
from sales.domain.headers import new_order
from sales.domain.orders import Order, snapshot
from sales.domain.references import References
from sales.domain.views import order_view
from sales.store import orders as order_store
from sales.store import references, series
from sales.store.references import Wanted
from sales.use_cases.order_acts import SALES_ORDER, want_new_line


async def create_orders(tx: Transaction, commands: Sequence[Command[NewOrder]]) -> list[Done | Refusal]:
    """Make orders, numbered by the series unless the caller gives a number."""
    refs = await _look_up(tx, [command.data for command in commands])
    results: dict[int, Done | Refusal] = {}
    made: dict[int, Order] = {}
    for index, command in enumerate(commands):
        try:
            made[index] = new_order(command.data, refs, line_ids(), refs.today(tx.now))
        except Refusal as refusal:
            results[index] = refusal
    stored, refused = await _store(tx, made)
    for index, order in stored.items():
        publish_new(tx, order, commands[index].context, "created")
        answer = order_view(order, {}, refs.setup)
        results[index] = Done("sales-order", order.no, order.version, created=True, answer=answer)
    results |= refused
    return [results[index] for index in range(len(commands))]


def line_ids() -> Iterator[UUID]:
    """Ids for the lines of one order."""
    while True:
        yield new_id()


def publish_new(tx: Transaction, order: Order, context: Context, *happened: str) -> None:
    """Tell the others of a new order."""
    tx.publish(SALES_ORDER, order.no, snapshot(order, *happened), context)


async def _look_up(tx: Transaction, drafts: Sequence[NewOrder]) -> References:
    """Locations that only the customer or the address names come in a second look, where there are any."""
    wanted = Wanted()
    for draft in drafts:
        want_draft(wanted, draft)
    refs = await references.load(tx, wanted, tx.now.date())
    missing = defaults_missing(drafts, refs)
    if not missing:
        return refs
    for draft, location in missing:
        for line in draft.lines:
            want_new_line(wanted, line, location)
    return await references.load(tx, wanted, tx.now.date())


def want_draft(wanted: Wanted, draft: NewOrder) -> None:
    """What making the order looks up."""
    wanted.customer(draft.customer_no, draft.ship_to_code or "")
    wanted.location(draft.location_code or "")
    if draft.currency_code:
        wanted.currencies.add(draft.currency_code)
    for line in draft.lines:
        want_new_line(wanted, line, draft.location_code or "")


def defaults_missing(drafts: Sequence[NewOrder], refs: References) -> list[tuple[NewOrder, str]]:
    """Orders whose location is the customer's or the address's own, which nobody has looked up yet."""
    found = []
    for draft in drafts:
        if draft.location_code is not None:
            continue
        customer = refs.customers.get(draft.customer_no)
        ship_to = refs.ship_tos.get(f"{draft.customer_no}/{draft.ship_to_code}")
        location = (ship_to.location_code if ship_to else "") or (customer.location_code if customer else "")
        if location and location not in refs.locations:
            found.append((draft, location))
    return found


async def _store(tx: Transaction, made: dict[int, Order]) -> tuple[dict[int, Order], dict[int, Refusal]]:
    """Store orders; those that the series has no number for are refused, and those whose own number was used.

    The series is locked before any number given by hand is stored: whoever takes numbers may wait for such a one while
    he holds the series, so its owner must not wait for the series.
    """
    unnumbered = {index: order for index, order in made.items() if not order.no}
    stored = await order_store.insert_numbered(tx, unnumbered)
    refused = {index: series.exhausted(series.SALES_ORDER) for index in unnumbered if index not in stored}
    given: dict[str, int] = {}
    for index, order in made.items():
        if order.no and given.setdefault(order.no, index) != index:
            refused[index] = _exists(order.no)
    free = await order_store.insert(tx, [made[index] for index in given.values()])
    for no, index in given.items():
        if no in free:
            stored[index] = made[index]
        else:
            refused[index] = _exists(no)
    return stored, refused


def _exists(no: str) -> Refusal:
    return conflict("document-exists", f"sales order {no} exists already", pointer="/no")
