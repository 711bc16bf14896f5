"""What a till has sold is demand at once, until its sales order is (POS-98, P5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from contracts.channel import ChannelOrder
from contracts.pos import TransactionLine
from contracts.sales.masters import PurchasingCode
from domainkit.money import plain_quantity
from domainkit.references import ReferenceData, ReferenceQuery
from planning.domain.masters.items import INVENTORY, ItemCard
from planning.domain.stock.availability import CHANNEL, OpenLine

KEPT_DAYS: Final = 30
"""How long it is remembered that an order is no demand any more."""
_TOO_OLD: Final = timedelta(days=KEPT_DAYS - 1)


def need_channel_order(query: ReferenceQuery, order: ChannelOrder) -> None:
    """What the demand of a till's order looks up."""
    for line in order.lines:
        query.need(ItemCard, line.item_no)
        query.need(PurchasingCode, line.purchasing_code)


def open_channel_lines(order: ChannelOrder, references: ReferenceData, now: datetime) -> list[OpenLine]:
    """What the order takes from stock. Quotes and cancelled orders take nothing; what is bought for it has own supply.

    An order that is first heard of after a month has its sales order, or will never get one.
    """
    is_cancelled = order.deleted or any(act.operation == "cancel" for act in order.acts)
    if is_cancelled or order.kind != "customer_order" or now - order.received_at > _TOO_OLD:
        return []
    found = []
    for line in order.lines:
        item = references.find(ItemCard, line.item_no)
        if item is None or item.type != INVENTORY or _is_bought(line, item, references) or line.quantity <= 0:
            continue
        qty_per = item.qty_per(line.unit_of_measure_code)
        found.append(
            OpenLine(
                line_id=channel_line_id(order.transaction_id, line.line_no),
                source=CHANNEL,
                document_no=order.confirmation_no,
                line_no=line.line_no,
                item_no=line.item_no,
                location_code=line.location_code,
                due_date=line.requested_date or order.transaction.business_date,
                quantity=plain_quantity(line.quantity * (qty_per or 1)),
            )
        )
    return found


def channel_line_id(transaction_id: UUID, line_no: int) -> UUID:
    """The id of a line until its sales order gives it another one; the same each time."""
    return uuid5(transaction_id, str(line_no))


def _is_bought(line: TransactionLine, item: ItemCard, references: ReferenceData) -> bool:
    """A special order or drop shipment; goods that are carried out come from stock."""
    if line.mode == "carry_out":
        return False
    code = references.find(PurchasingCode, line.purchasing_code or item.purchasing_code)
    return code is not None and (code.special_order or code.drop_shipment)
