"""Where the history of a sales order is kept: under its own number, and under the till's transaction it was made of."""

from __future__ import annotations

from sqlalchemy import text

from contracts.timeline import Subject
from domainkit.timelines import CHANNEL_TRANSACTION, SALES_ORDER
from eventkit.transaction import Queryable, fetch_one

FIND = text("""
SELECT t.transaction_id FROM sales_order o
LEFT JOIN channel_transaction t ON t.confirmation_no = o.confirmation_no AND o.confirmation_no <> ''
WHERE o.no = :no
""")


async def subjects(conn: Queryable, no: str) -> list[Subject]:
    """What makes up the order's history; nothing if there never was such an order."""
    row = await fetch_one(conn, FIND, no=no)
    if row is None:
        return []
    found = [Subject(SALES_ORDER, no)]
    if row.transaction_id is not None:
        found.append(Subject(CHANNEL_TRANSACTION, str(row.transaction_id)))
    return found
