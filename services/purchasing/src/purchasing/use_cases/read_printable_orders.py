"""A purchase order with all that stands on its paper."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.planning.masters import Item
from contracts.purchasing.masters import Vendor
from domainkit.references import ReferenceQuery
from eventkit.transaction import Queryable
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.sending import refuse_if_mixed
from purchasing.domain.papers import OrderParties
from purchasing.store import orders
from purchasing.store.kinds import KINDS_OF_PURCHASING
from recordkit import references


async def read_printable_order(where: Queryable, no: str) -> tuple[Order, OrderParties] | None:
    """The order, and who it is from and to; None if there is none. Refused if it has no one address (BC-DS-31)."""
    stored = await orders.find(where, no)
    if stored is None:
        return None
    order = stored.document
    query = ReferenceQuery()
    query.need(Vendor, order.vendor_no)
    query.need(Item, *(line.item_no for line in order.printed_lines))
    found = await references.load(where, query, KINDS_OF_PURCHASING, datetime.now(UTC))
    refuse_if_mixed(order, found)
    return order, OrderParties(company=found.company, vendor=found.find(Vendor, order.vendor_no))
