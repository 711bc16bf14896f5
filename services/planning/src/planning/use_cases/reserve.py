"""Reservations by hand: made for a sales line, of stock or of a purchase line, and given up (BC-PL-02, BC-PL-06)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from contracts.refusals import Refusal, conflict, not_found
from contracts.topics import KINDS
from eventkit import copies
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.reservations.commands import CancelReservation, NewReservation
from planning.domain.reservations.reservation import CANCELLED_BY_PERSON, Reservation
from planning.domain.reservations.reserving import reserve
from planning.store import reservations as store
from planning.use_cases.keep_reservations import lock_free, question_messages, store_reservations
from planning.use_cases.publishing import ORDER_RESERVATION, publish_reservations
from recordkit.commands import Command, Done, decide_each

KIND: Final = "reservation"


async def make_reservations(
    tx: Transaction, commands: Sequence[Command[NewReservation]]
) -> list[Done | Refusal]:
    """Reserve what is free. Of two for the last piece at once the second one finds nothing.

    The copies of both orders are held, so that their handlers come before or after; then the stock rows are locked,
    under which everything is reserved that is reserved of an item at a location.
    """
    bought = await copies.hold(
        tx, KINDS["purchase-order"], [c.data.purchase_order_no for c in commands if c.data.purchase_order_no]
    )
    sold = await copies.hold(tx, KINDS["sales-order"], [c.data.sales_order_no for c in commands])
    named = {(c.data.sales_order_no, c.data.line_no) for c in commands}
    keys = {
        (line.item_no, line.location_code)
        for order in sold.values()
        for line in order.lines
        if line.type == "item" and (order.no, line.line_no) in named
    }
    line_ids = [line.id for order in bought.values() for line in order.lines]
    free = await lock_free(tx, keys, list(sold), line_ids)
    made: dict[str, tuple[Reservation, Context]] = {}

    def decide(command: Command[NewReservation]) -> Done:
        new = command.data
        order, purchase = sold.get(new.sales_order_no), bought.get(new.purchase_order_no)
        reservation = reserve(new, order, purchase, free, new_id)
        made[str(reservation.id)] = reservation, command.context
        return Done(KIND, str(reservation.id), reservation.version, created=True)

    results = decide_each(commands, decide)
    reasons = {reservation.id: context for reservation, context in made.values()}
    new = [reservation for reservation, _ in made.values()]
    await store_reservations(tx, new, {}, lambda each: reasons[each.id])
    await question_messages(tx, new)
    contexts = {reservation.sales_order_no: context for reservation, context in made.values()}
    return _seen(results, made, await publish_reservations(tx, contexts))


async def cancel_reservations(
    tx: Transaction, commands: Sequence[Command[CancelReservation]]
) -> list[Done | Refusal]:
    """Give reservations up; what they hold is free again. They are kept, ended."""
    known = await store.lock(tx, [command.data.id for command in commands])
    before = dict(known)
    ended: dict[str, tuple[Reservation, Context]] = {}

    def decide(command: Command[CancelReservation]) -> Done:
        reservation = known.get(command.data.id)
        if reservation is None:
            raise not_found(KIND, str(command.data.id))
        command.check_version(str(reservation.id), reservation.version)
        if not reservation.is_active:
            raise conflict("reservation-ended", f"the reservation ended: {reservation.ended_because}")
        after = reservation.ended(CANCELLED_BY_PERSON)
        known[after.id] = after
        ended[str(after.id)] = after, command.context
        return Done(KIND, str(after.id), after.version)

    results = decide_each(commands, decide)
    reasons = {after.id: context for after, context in ended.values()}
    await store_reservations(
        tx, [after for after, _ in ended.values()], before, lambda each: reasons[each.id]
    )
    contexts = {after.sales_order_no: context for after, context in ended.values()}
    return _seen(results, ended, await publish_reservations(tx, contexts))


def _seen(
    results: Iterable[Done | Refusal],
    reservations: Mapping[str, tuple[Reservation, Context]],
    versions: Mapping[str, int],
) -> list[Done | Refusal]:
    """Callers can make sales wait until it knows what is reserved."""
    return [
        replace(done, seen=((ORDER_RESERVATION.name, no, versions[no]),))
        if isinstance(done, Done) and (no := reservations[done.no][0].sales_order_no)
        else done
        for done in results
    ]
