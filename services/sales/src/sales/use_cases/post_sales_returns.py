"""Post return orders: goods come back into stock and are credited."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.posting.commands import PostOrder
from sales.domain.posting.sending import address_of
from sales.domain.returns.posting import post_return
from sales.domain.returns.return_order import ReturnOrder
from sales.store import posted_documents
from sales.use_cases.mail_documents import ToMail, queue_mails
from sales.use_cases.post_credit_memos import MadeMemo, store_credit_memos
from sales.use_cases.sales_returns import RETURNS


async def post_sales_returns(tx: Transaction, commands: Sequence[Command[PostOrder]]) -> list[Done | Refusal]:
    """Post return orders, each whole or not at all (BC-SD-17). They are locked before the invoices that they credit."""
    returns = await RETURNS.lock(tx, commands)
    lines = [x for order in returns.by_no.values() if isinstance(order, ReturnOrder) for x in order.lines]
    invoices = await posted_documents.lock_invoices(tx, (line.posted_invoice_no for line in lines))
    made: list[MadeMemo] = []
    send_to: list[str] = []

    def decide(command: Command[PostOrder]) -> Done:
        order = returns.addressed(command)
        assert isinstance(order, ReturnOrder)  # noqa: S101 - the kind that was locked
        to = address_of(order, command.data, returns.context.references)
        posted = post_return(order, command.data.posting, invoices, returns.context, tx.now)
        invoices.update(posted.invoices)
        done = returns.put(posted.order, command.context, "credited")
        send_to.append(to)
        made.append(MadeMemo(posted.memo, tuple(posted.invoices.values()), command.context))
        return Done(done.kind, done.no, done.version, answer=made[-1])

    results = decide_each(commands, decide)
    await store_credit_memos(tx, made)
    memo_nos = {each.memo.sales_return_order_no: each.memo.no for each in made}
    returns.changed(
        tx, lambda order: order.credited_by(memo_nos[order.no]) if isinstance(order, ReturnOrder) else order
    )
    await returns.store(tx)
    mailed = [ToMail(each.memo, to, each.context) for each, to in zip(made, send_to, strict=True) if to]
    await queue_mails(tx, mailed)
    return results
