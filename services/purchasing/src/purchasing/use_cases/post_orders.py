"""People post purchase orders: receipts, invoices, or both at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from contracts.purchasing import PostedPurchaseInvoice
from contracts.refusals import Refusal
from contracts.sales import SalesOrder
from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from purchasing.domain.known import Known
from purchasing.domain.orders import Order
from purchasing.domain.posting import Circumstances, Posted, PostOrder, post
from purchasing.domain.receipts import Delivery
from purchasing.store import invoices, masters, receipts, sales_orders
from purchasing.store.knowledge import Needs
from purchasing.use_cases.currencies import currency
from purchasing.use_cases.locked_orders import LockedOrders
from recordkit.commands import Command, Done

INVOICE = KINDS["posted-purchase-invoice"]


class PostAnswer(msgspec.Struct, frozen=True):
    """What a post made. `already_posted`: the receipt stood there before, as the same delivery."""

    receipt_no: str | None
    invoice_no: str | None
    already_posted: bool


class _State(msgspec.Struct):
    locked: LockedOrders
    known: Known
    sold: dict[str, SalesOrder]
    before_sales_invoice: bool
    invoiced_as: dict[tuple[str, str], str]


class _Accepted(msgspec.Struct):
    posted: Posted
    done: Done
    context: Context


async def post_orders(tx: Transaction, commands: Sequence[Command[PostOrder]]) -> list[Done | Refusal]:
    """Post orders, each all or nothing. Document numbers are taken last, so that refused posts leave no gap."""
    state = await _load(tx, commands)
    decided = [_decide(tx, command, state) for command in commands]
    accepted = [d for d in decided if isinstance(d, _Accepted)]
    receipt_nos = await receipts.post(
        tx, [a.posted.received.document for a in accepted if a.posted.received and a.posted.received.document]
    )
    await state.locked.store(receipt_nos)
    invoice_of = await _post_invoices(tx, accepted)
    answers = iter([_done(a, receipt_nos, invoice_of.get(id(a))) for a in accepted])
    return [d if isinstance(d, Refusal) else next(answers) for d in decided]


async def _load(tx: Transaction, commands: Sequence[Command[PostOrder]]) -> _State:
    locked = await LockedOrders.load(tx, (c.data.no for c in commands))
    needs = Needs()
    for order in locked.orders.values():
        needs.vendor(order.vendor_no)
        needs.customer(order.sell_to_customer_no)
    known = await needs.load(tx, tx.now)
    invoicing = [locked.orders[c.data.no] for c in commands if c.data.invoice and c.data.no in locked.orders]
    vendor_invoices = [
        (locked.orders[c.data.no].vendor_no, c.data.vendor_invoice_no)
        for c in commands
        if c.data.no in locked.orders
    ]
    setup = await masters.setup(tx)
    return _State(
        locked=locked,
        known=known,
        sold=await sales_orders.load(tx, _drop_shipment_sales(invoicing)),
        before_sales_invoice=setup.allow_purchase_invoice_before_sales_invoice,
        invoiced_as=await invoices.known(tx, vendor_invoices),
    )


def _drop_shipment_sales(orders: Iterable[Order]) -> set[str]:
    return {
        line.link.sales.sales_order_no
        for order in orders
        for line in order.live_lines
        if line.drop_shipment and line.link is not None
    }


def _decide(tx: Transaction, command: Command[PostOrder], state: _State) -> _Accepted | Refusal:
    wish = command.data
    try:
        order = state.locked.get(wish.no)
        key = (order.vendor_no, wish.vendor_invoice_no)
        circumstances = Circumstances(
            known=state.known,
            currency=currency(order.currency_code),
            sales_orders=state.sold,
            before_sales_invoice=state.before_sales_invoice,
            vendor_invoice_known_as=state.invoiced_as.get(key, ""),
        )
        delivery = _delivery(tx, command, state.known)
        posted = post(order, wish, command.expected_version, delivery, circumstances, new_id)
    except Refusal as refusal:
        return refusal
    if posted.invoiced is not None and wish.vendor_invoice_no:
        state.invoiced_as[key] = "another invoice of the same moment"
    done = state.locked.put(posted.order, command.context, *_happened(posted))
    return _Accepted(posted, done, command.context)


def _delivery(tx: Transaction, command: Command[PostOrder], known: Known) -> Delivery:
    return Delivery(
        document_id=new_id(),
        posting_date=command.data.posting_date or known.today,
        posted_at=tx.now,
        posted_by=command.context.by,
        origin="purchasing",
        carrier=command.data.carrier,
        tracking_no=command.data.tracking_no,
    )


def _happened(posted: Posted) -> tuple[str, ...]:
    received = posted.received is not None and posted.received.document is not None
    return (*(("received",) if received else ()), *(("invoiced",) if posted.invoiced is not None else ()))


async def _post_invoices(tx: Transaction, accepted: Sequence[_Accepted]) -> dict[int, PostedPurchaseInvoice]:
    """Posted invoices by the identity of what asked for them."""
    asking = [a for a in accepted if a.posted.invoiced is not None]
    posted = await invoices.post(tx, [a.posted.invoiced.document for a in asking if a.posted.invoiced])
    for a, document in zip(asking, posted, strict=True):
        tx.publish(INVOICE, document.no, document, a.context)
    return {id(a): document for a, document in zip(asking, posted, strict=True)}


def _done(accepted: _Accepted, receipt_nos: dict[UUID, str], document: PostedPurchaseInvoice | None) -> Done:
    answer = PostAnswer(
        receipt_no=_receipt_no(accepted.posted, receipt_nos),
        invoice_no=document.no if document is not None else None,
        already_posted=accepted.posted.already_posted,
    )
    return msgspec.structs.replace(accepted.done, answer=answer)


def _receipt_no(posted: Posted, receipt_nos: dict[UUID, str]) -> str | None:
    """The new receipt, or the newest of those that were there before."""
    if posted.received is None:
        return None
    if posted.received.document is not None:
        return receipt_nos[posted.received.document.id]
    before = [r for answering in posted.received.postings.values() for r in answering]
    newest = max(before, key=lambda r: r.order_version, default=None)
    return (newest.document_no or receipt_nos[newest.document_id]) if newest is not None else None
