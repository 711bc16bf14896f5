"""Number, store and publish credit memos, and the invoices that they credit."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from contracts.sales.documents import PostedSalesCreditMemo, PostedSalesInvoice
from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.transaction import Transaction
from recordkit import series
from sales.domain.posting.credit_memos import CreditMemo, numbered_memo
from sales.domain.posting.documents import PostedInvoice
from sales.store import number_series, posted_documents
from sales.use_cases.report_progress import report_invoices

POSTED_INVOICE = KINDS["posted-sales-invoice"]
CREDIT_MEMO = KINDS["posted-sales-credit-memo"]


class MadeMemo(msgspec.Struct):
    """A credit memo of this transaction; it gets its number when all are stored."""

    memo: CreditMemo
    invoices: Sequence[PostedInvoice]
    """The invoices after it."""
    context: Context


async def store_credit_memos(tx: Transaction, made: Sequence[MadeMemo], *, reports: bool = True) -> None:
    """Numbers for exactly the memos that were made, gapless, after everything is decided.

    `reports`: the progress of tills' orders is published with them; else the caller does that.
    """
    numbers = iter(await series.take(tx, number_series.CREDIT_MEMO, len(made)))
    invoices: dict[str, tuple[PostedInvoice, Context]] = {}
    for each in made:
        each.memo = numbered_memo(each.memo, next(numbers))
        for invoice in each.invoices:
            corrected = "" if each.memo.sales_return_order_no else each.memo.no
            noted = replace(invoice, credit_memo_no=corrected) if corrected else invoice
            invoices[invoice.no] = noted, each.context
    await posted_documents.store_credit_memos(tx, [each.memo for each in made])
    await posted_documents.update_invoices(tx, [invoice for invoice, _ in invoices.values()])
    for each in made:
        memo = msgspec.convert(each.memo, PostedSalesCreditMemo, from_attributes=True)
        tx.publish(CREDIT_MEMO, memo.no, replace(memo, happened=("posted",)), each.context)
    for invoice, context in invoices.values():
        publish_invoice(tx, invoice, context, "credited")
    if reports:
        await report_invoices(tx, invoices)


def publish_invoice(tx: Transaction, invoice: PostedInvoice, context: Context, happened: str) -> None:
    """Publish a posted invoice of which something changed."""
    event = msgspec.convert(invoice, PostedSalesInvoice, from_attributes=True)
    tx.publish(POSTED_INVOICE, event.no, replace(event, happened=(happened,)), context)
