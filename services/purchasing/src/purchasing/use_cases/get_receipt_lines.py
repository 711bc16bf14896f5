"""People put lines of posted receipts onto purchase invoices."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal, unknown
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from purchasing.domain.invoices.commands import GetReceiptLines
from purchasing.domain.invoices.receipt_lines import with_receipt_lines
from purchasing.store import orders, receipts
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_invoices import lock_invoices, store_invoices
from recordkit.commands import Command, Done, decide_each


async def get_receipt_lines(
    tx: Transaction, commands: Sequence[Command[GetReceiptLines]]
) -> list[Done | Refusal]:
    """Put lines of receipts onto invoices. Posting decides, under the order's lock, who invoices a receipt."""
    locked = await lock_invoices(tx, (c.data.no for c in commands))
    found = await receipts.read(tx, (c.data.wanted.receipt_no for c in commands))
    bought = await orders.read(tx, (receipt.purchase_order_no for receipt in found.values()))
    context = await load_context(tx, ReferenceQuery())

    def decide(command: Command[GetReceiptLines]) -> Done:
        invoice = locked.get(command.data.no, command.if_match)
        wanted = command.data.wanted
        receipt = found.get(wanted.receipt_no)
        if receipt is None:
            raise unknown("posted-purchase-receipt", wanted.receipt_no, pointer="/receipt_no")
        after = with_receipt_lines(invoice, receipt, wanted, bought, context)
        return locked.put(after, command.context)

    results = decide_each(commands, decide)
    await store_invoices(tx, locked)
    return results
