"""A person makes a purchase invoice, with or without lines."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal, conflict
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from purchasing.domain.invoices.commands import NewPurchaseInvoice
from purchasing.domain.invoices.invoice import Invoice
from purchasing.domain.invoices.lines import need_for_new_invoice, new_invoice
from purchasing.store import purchase_invoices
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_invoices import KIND
from recordkit import records
from recordkit.commands import Command, Done


async def create_purchase_invoices(
    tx: Transaction, commands: Sequence[Command[NewPurchaseInvoice]]
) -> list[Done | Refusal]:
    """Make invoices. A number that the caller gave must be free; the others come from the series, last of all."""
    wanted = [c.data for c in commands]
    vendors = await records.load(tx, KINDS_OF_PURCHASING, Vendor, (data.vendor_no for data in wanted))
    query = ReferenceQuery()
    for data in wanted:
        need_for_new_invoice(query, data, vendors.get(data.vendor_no))
    context = await load_context(tx, query)
    taken = set(await purchase_invoices.read(tx, (data.no for data in wanted if data.no)))
    decided = [_decide(data, context, taken) for data in wanted]
    without_no = sum(1 for made in decided if isinstance(made, Invoice) and not made.no)
    numbers = iter(await purchase_invoices.free_numbers(tx, without_no))
    numbered = [
        made.replaced(no=next(numbers)) if isinstance(made, Invoice) and not made.no else made
        for made in decided
    ]
    await purchase_invoices.insert(tx, [made for made in numbered if isinstance(made, Invoice)])
    return [
        made if isinstance(made, Refusal) else Done(KIND.name, made.no, made.version, created=True)
        for made in numbered
    ]


def _decide(data: NewPurchaseInvoice, context: DecisionContext, taken: set[str]) -> Invoice | Refusal:
    if data.no in taken:
        return conflict("document-exists", f"purchase invoice {data.no} exists", pointer="/no")
    try:
        made = new_invoice(data, context)
    except Refusal as refusal:
        return refusal
    if data.no:
        taken.add(data.no)
    return made
