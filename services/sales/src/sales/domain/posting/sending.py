"""Post and send: the posted invoice, or else the packing slip, goes to the customer (BC-SD-16)."""

from __future__ import annotations

from contracts.sales.masters import Customer
from domainkit.references import ReferenceData
from domainkit.sending import address_to_mail
from sales.domain.orders.order import Order
from sales.domain.posting.commands import PostOrder


def address_of(order: Order, command: PostOrder, references: ReferenceData) -> str:
    """Where what is posted goes by mail; "" if it shall not be mailed."""
    customer = references.find(Customer, order.customer_no)
    return address_to_mail(
        command.posting.send,
        customer.email if customer else "",
        f"customer {order.customer_no}",
        mail_is_configured=command.mail_is_configured,
        at="/send",
    )
