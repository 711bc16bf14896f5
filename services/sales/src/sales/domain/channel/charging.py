"""A cancellation charge: invoiced at once, on a sales invoice of its own."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from contracts.channel import ActCharge, ChannelAct, ChannelOrder
from domainkit.decisions import DecisionContext, NewId
from sales.domain.invoices.invoice import SalesInvoice, new_invoice
from sales.domain.orders.commands import NewSalesLine, NewSalesOrder
from sales.domain.orders.order import PlannedLine
from sales.domain.posting.decisions import PostingDecision, posting_from_plan


def new_invoice_of_charge(
    till: ChannelOrder, customer_no: str, act: ChannelAct, charge: ActCharge
) -> NewSalesOrder:
    """The invoice as any caller would ask for it: one charge line, on the till's business day."""
    line = NewSalesLine(
        type="charge",
        charge_code=charge.charge_code,
        quantity=Decimal(1),
        unit_price=charge.amount,
        tax_pct=charge.tax_pct,
    )
    return NewSalesOrder(
        customer_no=customer_no,
        order_date=act.transaction.business_date,
        currency_code=till.currency_code,
        external_document_no=till.confirmation_no,
        external_reference=act.external_reference or till.external_reference,
        lines=(line,),
    )


def invoice_of_charge(new: NewSalesOrder, till: ChannelOrder, context: DecisionContext) -> SalesInvoice:
    """The invoice, still without a number."""
    return replace(new_invoice(new, context), confirmation_no=till.confirmation_no)


def posting_of_charge(invoice: SalesInvoice, act: ChannelAct, new_id: NewId) -> PostingDecision:
    """All of it is posted: the till has taken the money, so nothing holds it back."""
    plan = tuple(
        PlannedLine(sales_line_id=line.id, ship=line.quantity, invoice=line.quantity)
        for line in invoice.lines
    )
    return posting_from_plan(act.transaction.business_date, plan, new_id)
