"""Decide acts of tills on locked orders one after the other, and store what they made together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.channel import ChannelAct
from contracts.refusals import conflict
from eventkit import operations
from eventkit.context import Context
from eventkit.operations import Started
from eventkit.transaction import Transaction
from recordkit import series
from sales.domain.channel.acts import (
    CANCEL,
    CANCEL_REMAINING,
    EDIT,
    PICKUP,
    RETURN,
    KeptAct,
    Numbers,
    carried_out,
)
from sales.domain.channel.charging import invoice_of_charge, new_invoice_of_charge, posting_of_charge
from sales.domain.channel.editing import edited
from sales.domain.channel.handing_over import posting_of_pickup, withdrawn
from sales.domain.channel.returning import return_of_till
from sales.domain.channel.transactions import TillTransaction
from sales.domain.invoices.invoice import SalesInvoice
from sales.domain.orders.context import OrderContext
from sales.domain.orders.deletion import delete_order
from sales.domain.orders.order import OPEN, Order
from sales.domain.orders.releasing import as_released
from sales.domain.posting.commands import PostingOptions
from sales.domain.posting.documents import PostedInvoice
from sales.domain.returns.posting import PostedReturn, post_return
from sales.domain.returns.return_order import ReturnOrder
from sales.store import documents, number_series
from sales.store import orders as order_store
from sales.store.order_locks import LockedRows
from sales.use_cases.act_numbers import LeftNumbers
from sales.use_cases.apply_postings import AppliedPosting, PostingBatch
from sales.use_cases.cancel_orders import OPERATION, REMAINING
from sales.use_cases.happened_edits import HappenedEdits, paid
from sales.use_cases.locked_acts import Locked
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.post_credit_memos import MadeMemo, store_credit_memos
from sales.use_cases.sales_documents import INVOICE_KIND, QUOTE_KIND, ChangedDocuments


class _Charge(msgspec.Struct, frozen=True):
    act: ChannelAct
    invoice: SalesInvoice
    context: Context


class _Return(msgspec.Struct, frozen=True):
    posted: PostedReturn
    context: Context


class ActBatch:
    """The acts of one database transaction.

    `decide` changes nothing that is stored, so an act that is refused leaves nothing behind; `store` then writes all.
    """

    def __init__(
        self,
        tx: Transaction,
        orders: LockedOrders,
        locked: Locked,
        context: OrderContext,
        left: LeftNumbers,
        edits: HappenedEdits,
    ) -> None:
        self.orders = orders
        self._edits = edits
        self._quotes = ChangedDocuments(QUOTE_KIND, locked.quotes, context, tx.now)
        self.invoices = dict(locked.invoices)
        """Posted invoices that goods are returned from, after the acts so far."""
        self.made: list[PostedInvoice] = []
        """Invoices that the acts made, once they are stored."""
        self._tx = tx
        self._context = context
        self._posting = PostingBatch(tx, orders)
        self._picked_up: dict[UUID, AppliedPosting] = {}
        self._charges: dict[UUID, _Charge] = {}
        self._returns: dict[UUID, _Return] = {}
        self._started: list[Started] = []
        self._left = left

    def decide(
        self, kept: KeptAct, transaction: TillTransaction, context: Context, *, has_happened: bool
    ) -> KeptAct:
        """Carry an act out on its order or quote: the act after it. Raises the Refusal.

        `has_happened`: no till waits for the answer, so an edit of bought goods asks purchasing.
        """
        self._left.take(kept.act)
        if kept.act.operation == EDIT and has_happened and not transaction.sales_quote_no:
            return self._edits.decide(kept, transaction, context)
        self._decide(kept, transaction, context)
        return carried_out(kept)

    def _decide(self, kept: KeptAct, transaction: TillTransaction, context: Context) -> None:
        if transaction.sales_quote_no:
            self._decide_on_quote(kept, transaction, context)
            return
        order, act = self.orders.get(transaction.sales_order_no), kept.act
        if act.operation == RETURN:
            self._take_back(act, transaction, order, context)
            return
        if act.operation == PICKUP:
            decision = posting_of_pickup(order, act, self._context)
            released = as_released(paid(order, transaction))
            happened = ("released",) if released.status != order.status else ()
            self._picked_up[act.act_id] = self._posting.apply(released, decision, context, *happened)
            return
        if act.operation == EDIT:
            before = kept.before or transaction.payload
            after = edited(order, before, transaction.payload, self._context)
            self.orders.put(paid(after, transaction), context, "edited")
            return
        after = withdrawn(order, act, self._context)
        self.charge(act, transaction, order.customer_no, context)
        asked = after.cancellation
        self.orders.put(paid(after, transaction), context, "cancelling" if asked else "cancelled")
        known = order.cancellation
        if asked is not None and (known is None or asked.id != known.id):
            kind = REMAINING if act.operation == CANCEL_REMAINING else OPERATION
            self._started.append(Started(asked.id, kind, order.no))

    def _decide_on_quote(self, kept: KeptAct, transaction: TillTransaction, context: Context) -> None:
        """A quote can be edited and cancelled, until it has become an order."""
        quote, act = self._quotes.get(transaction.sales_quote_no), kept.act
        if quote.status != OPEN or act.operation not in {EDIT, CANCEL}:
            detail = f"sales quote {quote.no} is {quote.status}: {act.operation} is not for it"
            raise conflict("order-not-open", detail)
        if act.operation == EDIT:
            before = kept.before or transaction.payload
            self._quotes.put(edited(quote, before, transaction.payload, self._context), context, "edited")
            return
        self.charge(act, transaction, quote.customer_no, context)
        self._quotes.put(delete_order(quote, self._context), context, "deleted")

    def give_up(
        self, act: ChannelAct, transaction: TillTransaction, customer_no: str, context: Context
    ) -> None:
        """Charge for an order that is never made. Raises the Refusal."""
        self._left.take(act)
        self.charge(act, transaction, customer_no, context)

    def charge(
        self, act: ChannelAct, transaction: TillTransaction, customer_no: str, context: Context
    ) -> None:
        """The invoice of a cancellation's charge, if it has one; a customer without a number gets none."""
        if act.charge is None or act.charge.amount <= 0 or not customer_no:
            return
        till = transaction.payload
        new = new_invoice_of_charge(till, customer_no, act, act.charge)
        self._charges[act.act_id] = _Charge(act, invoice_of_charge(new, till, self._context), context)

    async def store(self) -> dict[UUID, Numbers]:
        """Number, store and publish all that the acts made; their numbers by act."""
        # Series are locked in one order everywhere: those of documents before those of what is posted.
        invoices = await self._number(self._invoices(), number_series.SALES_INVOICE, documents.INVOICE)
        returns = await self._number(self._orders_of_returns(), number_series.SALES_RETURN, documents.RETURN)
        await self._posting.store()
        await self._edits.store(self._tx)
        charges = await self._post_charges(invoices)
        await self._store_returns(returns)
        await self._quotes.store(self._tx)
        await operations.start(self._tx, self._started)
        invoice_nos = {id_: each.result().invoice_no or "" for id_, each in self._picked_up.items()}
        self.made += [each.invoice for each in self._picked_up.values() if each.invoice]
        return {
            id_: Numbers(
                invoice_no=(invoice_nos | charges).get(id_, ""),
                sales_return_order_no=returns[id_].no if id_ in returns else "",
            )
            for id_ in {*invoice_nos, *charges, *returns}
        }

    def _take_back(
        self, act: ChannelAct, transaction: TillTransaction, order: Order, context: Context
    ) -> None:
        made = return_of_till(act, transaction.payload, order, self.invoices, self._context)
        wanted = PostingOptions(ship=True, invoice=True, posting_date=act.transaction.business_date)
        posted = post_return(made, wanted, self.invoices, self._context, self._tx.now)
        self.invoices.update(posted.invoices)
        self._returns[act.act_id] = _Return(posted, context)

    def _invoices(self) -> dict[UUID, SalesInvoice]:
        return {id_: each.invoice for id_, each in self._charges.items()}

    def _orders_of_returns(self) -> dict[UUID, ReturnOrder]:
        return {id_: each.posted.order for id_, each in self._returns.items()}

    async def _number(self, made: Mapping[UUID, Order], code: str, type_: str) -> dict[UUID, Order]:
        """Documents with their numbers; a series that ends refuses the whole batch."""
        if not made:
            return {}
        insert = partial(documents.insert, self._tx, type_)
        stored = await order_store.insert_numbered(self._tx, made, code, insert)
        if len(stored) < len(made):
            raise series.exhausted(code)
        return stored

    async def _post_charges(self, invoices: Mapping[UUID, Order]) -> dict[UUID, str]:
        if not invoices:
            return {}
        rows = LockedRows({each.no: each for each in invoices.values()}, {}, {})
        changed = ChangedDocuments(INVOICE_KIND, rows, self._context, self._tx.now)
        batch = PostingBatch(self._tx, changed)
        applied: dict[UUID, AppliedPosting] = {}
        for id_, charge in self._charges.items():
            invoice = invoices[id_]
            assert isinstance(invoice, SalesInvoice)  # noqa: S101 - numbered above
            decision = posting_of_charge(invoice, charge.act, self._context.new_id)
            applied[id_] = batch.apply(invoice, decision, charge.context, "created")
        await batch.store()
        return {id_: each.result().invoice_no or "" for id_, each in applied.items()}

    async def _store_returns(self, returns: Mapping[UUID, Order]) -> None:
        made: dict[str, MadeMemo] = {}
        for id_, order in returns.items():
            posted = self._returns[id_].posted
            memo = replace(posted.memo, sales_return_order_no=order.no)
            # The invoices as they are after all returns of the batch: each is written once.
            credited = tuple(self.invoices[no] for no in posted.invoices)
            made[order.no] = MadeMemo(memo, credited, self._returns[id_].context)
        if not made:
            return
        await store_credit_memos(self._tx, list(made.values()), reports=False)
        credited_orders = [
            order.credited_by(made[order.no].memo.no)
            for order in returns.values()
            if isinstance(order, ReturnOrder)
        ]
        await documents.update(self._tx, documents.RETURN, credited_orders)
