"""Purchase lines of which goods came that the vendor has not invoiced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from purchasing.domain.orders.order import Line
from purchasing.store.lists import is_received_not_invoiced
from purchasing.store.tables import LINES


class LineOfOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A line with what of its order a report needs."""

    purchase_order_no: str
    vendor_no: str
    vendor_name: str
    order_date: date
    currency_code: str
    line: Line


async def lines(
    conn: AsyncConnection, vendor_nos: Sequence[str], item_nos: Sequence[str]
) -> list[LineOfOrder]:
    """All lines with something received and not invoiced, by order and line; empty sequences narrow nothing."""
    columns = LINES.c
    query = select(LINES).where(is_received_not_invoiced(wanted=True))
    if vendor_nos:
        query = query.where(columns.vendor_no.in_(vendor_nos))
    if item_nos:
        query = query.where(columns.item_no.in_(item_nos))
    rows = await conn.execute(query.order_by(columns.purchase_order_no, columns.line_no))
    return [_line_of_order(row) for row in rows]


def _line_of_order(row: Any) -> LineOfOrder:
    return LineOfOrder(
        purchase_order_no=row.purchase_order_no,
        vendor_no=row.vendor_no,
        vendor_name=row.vendor_name or "",
        order_date=row.order_date,
        currency_code=row.currency_code or "",
        line=_decoder.decode(row.body),
    )


_decoder = msgspec.json.Decoder(Line)
