"""What stands on the documents that customers get: the packing slip of a shipment, and the sales invoice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from contracts.sales.documents import PostedSalesLine
from contracts.sales.masters import Company
from paperkit.paper import Column, Fact, Paper, Party, Row, address_lines, facts, plain, sender
from sales.domain.posting.credit_memos import CreditMemo, CreditMemoLine
from sales.domain.posting.documents import PostedDocument, PostedInvoice, PostedInvoiceLine, PostedShipment

_NUMBER: Final = Column("Line", is_number=True)
_PACKED: Final = (
    _NUMBER,
    Column("Item"),
    Column("Description"),
    Column("Quantity", is_number=True),
    Column("Unit"),
)
_INVOICED: Final = (
    *_PACKED,
    Column("Unit price", is_number=True),
    Column("Discount %", is_number=True),
    Column("Tax %", is_number=True),
    Column("Amount", is_number=True),
)
_DESCRIPTION: Final = 2


def packing_slip(shipment: PostedShipment, company: Company | None) -> Paper:
    """What is in the parcel, without prices; the carrier's number says where it is (E3)."""
    return Paper(
        title=f"Packing slip {shipment.no}",
        sender=sender(company),
        recipient=Party(heading="Deliver to", lines=address_lines(shipment.ship_to)),
        facts=(
            *facts(("Shipped on", shipment.posting_date.isoformat())),
            *_references(shipment),
            *facts(
                ("Consignment", shipment.consignment_no),
                ("Carrier", shipment.carrier),
                ("Tracking number", shipment.tracking_no),
            ),
        ),
        columns=_PACKED,
        description_column=_DESCRIPTION,
        rows=tuple(Row(cells=_goods(line, plain(line.quantity))) for line in shipment.lines),
    )


def invoice_paper(invoice: PostedInvoice, company: Company | None) -> Paper:
    """The printed invoice: lines, taxes and the total that the customer owes."""
    return _billed(f"Invoice {invoice.no}", "Invoice date", invoice, company)


def credit_memo_paper(memo: CreditMemo, company: Company | None) -> Paper:
    """What the customer gets back."""
    return _billed(f"Credit memo {memo.no}", "Credit memo date", memo, company)


def _billed(title: str, dated: str, invoice: PostedInvoice | CreditMemo, company: Company | None) -> Paper:
    code = invoice.currency_code
    return Paper(
        title=title,
        sender=sender(company),
        recipient=Party(heading="To", lines=(invoice.customer_name or invoice.customer_no,)),
        deliver_to=Party(heading="Delivered to", lines=address_lines(invoice.ship_to)),
        facts=(*facts((dated, invoice.posting_date.isoformat())), *_references(invoice)),
        columns=_INVOICED,
        description_column=_DESCRIPTION,
        rows=tuple(_invoiced(line) for line in invoice.lines),
        totals=facts(
            ("Without tax", f"{plain(invoice.amount)} {code}".strip()),
            *_taxes(invoice.lines, code),
            ("Total", f"{plain(invoice.total)} {code}".strip()),
        ),
    )


def _invoiced(line: PostedInvoiceLine | CreditMemoLine) -> Row:
    return Row(
        cells=(
            *_goods(line, plain(line.quantity)),
            plain(line.unit_price),
            plain(line.line_discount_pct) if line.line_discount_pct else "",
            plain(line.tax_pct),
            plain(line.amount),
        ),
        notes=_notes(line),
    )


def _notes(line: PostedInvoiceLine | CreditMemoLine) -> tuple[str, ...]:
    if isinstance(line, CreditMemoLine):
        return (f"Of invoice {line.posted_invoice_no}, line {line.posted_invoice_line_no}",)
    if line.invoice_discount_amount:
        return (f"Less {plain(line.invoice_discount_amount)} of the discount on the order",)
    return ()


def _taxes(lines: Iterable[PostedInvoiceLine | CreditMemoLine], code: str) -> list[tuple[str, str]]:
    """The tax of each rate, the lowest rate first."""
    by_rate = sorted({line.tax_pct for line in lines if line.tax_amount})
    sums = [(rate, sum(line.tax_amount for line in lines if line.tax_pct == rate)) for rate in by_rate]
    return [(f"Tax {plain(rate)} %", f"{plain(amount)} {code}".strip()) for rate, amount in sums if amount]


def _goods(line: PostedSalesLine, quantity: str) -> tuple[str, ...]:
    number = line.item_no or line.charge_code
    return (str(line.line_no), number, line.description, quantity, line.unit_of_measure_code)


def _references(document: PostedDocument) -> tuple[Fact, ...]:
    return facts(
        ("Sales order", document.sales_order_no),
        ("Order date", document.order_date.isoformat() if document.order_date else ""),
        ("Your order", document.external_document_no),
        ("Your reference", document.your_reference),
        ("Confirmation", document.confirmation_no),
    )
