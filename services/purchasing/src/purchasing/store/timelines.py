"""Where the history of a purchase order is kept: under its own number, its request, and the sales orders it serves."""

from __future__ import annotations

from sqlalchemy import text

from contracts.timeline import Subject
from domainkit.timelines import PURCHASE_ORDER, PURCHASE_REQUEST, SALES_ORDER
from eventkit.transaction import Queryable, fetch_one

FIND = text("""
SELECT o.body ->> 'purchase_request_id' AS request_id, ARRAY(
    SELECT DISTINCT no FROM (
        SELECT l #>> '{link,sales,sales_order_no}' AS no FROM json_array_elements(o.body -> 'lines') AS l) AS served
    WHERE no <> '' ORDER BY no) AS sales_order_nos
FROM purchase_order o WHERE o.no = :no
""")


async def subjects(conn: Queryable, no: str) -> list[Subject]:
    """What makes up the order's history; nothing if there never was such an order."""
    row = await fetch_one(conn, FIND, no=no)
    if row is None:
        return []
    found = [Subject(PURCHASE_ORDER, no)]
    if row.request_id:
        found.append(Subject(PURCHASE_REQUEST, row.request_id))
    return [*found, *(Subject(SALES_ORDER, sold) for sold in row.sales_order_nos)]
