"""Edits at tills that have happened: what is being bought changes when purchasing has agreed (G5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec.structs import replace

from contracts.refusals import Refusal, conflict
from eventkit import operations
from eventkit.context import Context
from eventkit.operations import Finished
from eventkit.transaction import Transaction
from sales.domain.channel.acts import KeptAct, carried_out, waiting_for_purchasing
from sales.domain.channel.bought_edits import edited_with_purchases, wishes_of
from sales.domain.channel.transactions import TillTransaction
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import Order
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.request_changes import AskedChanges


def paid(order: Order, transaction: TillTransaction) -> Order:
    """The order with what its customer has paid at the till."""
    return replace(order, prepaid_amount=transaction.payload.prepaid_amount)


class HappenedEdits:
    """The edits of one database transaction whose tills wait for no answer."""

    def __init__(self, orders: LockedOrders, context: OrderContext, answers: Mapping[UUID, Finished]) -> None:
        self._orders = orders
        self._context = context
        self._answers = answers
        self._asked = AskedChanges(orders)

    @classmethod
    async def of(
        cls, tx: Transaction, orders: LockedOrders, context: OrderContext, acts: Iterable[KeptAct]
    ) -> HappenedEdits:
        """With purchasing's answers to what these acts have asked for before; the orders are locked."""
        ids = {id_ for act in acts for id_ in act.asked}
        return cls(orders, context, await operations.ended(tx, ids))

    def decide(self, kept: KeptAct, transaction: TillTransaction, context: Context) -> KeptAct:
        """Carry it out, or end it where purchasing has answered all that it asked for. Raises the Refusal.

        While something else of the order waits for purchasing, so does the edit.
        """
        order = self._orders.get(transaction.sales_order_no)
        before = kept.before or transaction.payload
        if kept.asked:
            return self._after_asking(kept, transaction, order)
        if order.requested_changes:
            return waiting_for_purchasing(kept)
        edit = edited_with_purchases(order, before, transaction.payload, self._context)
        self._orders.put(paid(edit.order, transaction), context, "edited")
        for asked in edit.asked:
            self._asked.put(replace(asked, order=paid(asked.order, transaction)), context)
        waits = tuple(asked.id for asked in edit.asked if asked.is_pending)
        return waiting_for_purchasing(kept, waits) if waits else carried_out(kept)

    def _after_asking(self, kept: KeptAct, transaction: TillTransaction, order: Order) -> KeptAct:
        """What was refused is done all the same where the back office has changed the lines since."""
        answers = [self._answers[id_] for id_ in kept.asked if id_ in self._answers]
        if len(answers) < len(kept.asked):
            return waiting_for_purchasing(kept)
        refused = [each for each in answers if each.status != "succeeded"]
        before = kept.before or transaction.payload
        if refused and wishes_of(order, before, transaction.payload, self._context):
            raise _refusal(refused)
        return carried_out(kept)

    async def store(self, tx: Transaction) -> None:
        """Write what purchasing is asked for."""
        await self._asked.store(tx)


def _refusal(refused: Iterable[Finished]) -> Refusal:
    """Purchasing's reasons."""
    reasons = [reason for each in refused for reason in each.problem["errors"] or (each.problem,)]
    found = [conflict(x["code"], x["detail"], pointer=x.get("pointer", "")) for x in reasons]
    return Refusal(*(violation for each in found for violation in each.violations))
