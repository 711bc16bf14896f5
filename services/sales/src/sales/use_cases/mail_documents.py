"""Queue mails of posted documents: they leave after the commit, and a failed one never undoes a posting (BC-SD-16)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contracts.sales.masters import Company
from domainkit.references import ReferenceQuery
from eventkit.context import Context
from eventkit.transaction import Transaction
from mailkit import mails
from mailkit.mails import NewMail
from paperkit.paper import Paper
from sales.domain.papers import credit_memo_paper, invoice_paper, packing_slip
from sales.domain.posting.credit_memos import CreditMemo
from sales.domain.posting.documents import PostedInvoice, PostedShipment
from sales.store.references import load

Document = PostedShipment | PostedInvoice | CreditMemo


class ToMail(msgspec.Struct, frozen=True):
    """A posted document with its number, and where it goes."""

    document: Document
    to: str
    context: Context


async def queue_mails(tx: Transaction, to_mail: Sequence[ToMail]) -> None:
    """Queue them as they are printed now."""
    if not to_mail:
        return
    company = (await load(tx, ReferenceQuery())).company
    await mails.queue(tx, [_mail(each, company) for each in to_mail])


def _mail(each: ToMail, company: Company | None) -> NewMail:
    kind, paper = _printed(each.document, company)
    return NewMail(
        kind=kind,
        no=each.document.no,
        recipient=each.to,
        subject=paper.title,
        paper=paper,
        by=each.context.by,
    )


def _printed(document: Document, company: Company | None) -> tuple[str, Paper]:
    if isinstance(document, PostedShipment):
        return "posted-sales-shipment", packing_slip(document, company)
    if isinstance(document, PostedInvoice):
        return "posted-sales-invoice", invoice_paper(document, company)
    return "posted-sales-credit-memo", credit_memo_paper(document, company)
