"""What was learned about the supply of flagged lines, one row per sales line.

The check on `shipped` is what no race can pass: a special order ships no more than was received for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy import text

from eventkit.errors import OvertakenError
from eventkit.transaction import Transaction, json_rows, json_texts
from sales.domain.sourcing import Sourcing

LOCK = text("""
SELECT body FROM line_sourcing WHERE sales_line_id = ANY(CAST(:ids AS uuid[])) ORDER BY sales_line_id FOR UPDATE
""")

OF_ORDERS = text("SELECT body FROM line_sourcing WHERE sales_order_no = ANY(CAST(:nos AS text[]))")

# A row that another process inserted first is left alone and counts as missing.
INSERT = text("""
INSERT INTO line_sourcing (sales_line_id, sales_order_no, special_order, state, vendor_no, granted, shipped, revision,
                           delivery_date, body, updated_at)
SELECT sales_line_id, sales_order_no, special_order, state, vendor_no, granted, shipped, revision, delivery_date, body,
       :now
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
    sales_line_id uuid, sales_order_no text, special_order boolean, state text, vendor_no text, granted numeric,
    shipped numeric, revision bigint, delivery_date date), unnest(CAST(:bodies AS json[])))
AS r(sales_line_id, sales_order_no, special_order, state, vendor_no, granted, shipped, revision, delivery_date, body)
ORDER BY sales_line_id
ON CONFLICT (sales_line_id) DO NOTHING
""")

# No column of an index changes, so the new row stays on its page and no index is touched (HOT).
UPDATE = text("""
UPDATE line_sourcing s
SET special_order = r.special_order, state = r.state, vendor_no = r.vendor_no, granted = r.granted,
    shipped = r.shipped, revision = r.revision, delivery_date = r.delivery_date, body = r.body, updated_at = :now
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
    sales_line_id uuid, special_order boolean, state text, vendor_no text, granted numeric, shipped numeric,
    revision bigint, delivery_date date), unnest(CAST(:bodies AS json[])))
AS r(sales_line_id, special_order, state, vendor_no, granted, shipped, revision, delivery_date, body)
WHERE s.sales_line_id = r.sales_line_id AND s.revision = r.revision - 1
""")

SOURCING = msgspec.json.Decoder(Sourcing)


async def lock(tx: Transaction, line_ids: Iterable[UUID]) -> dict[UUID, Sourcing]:
    """What is known of these lines, locked in the order of their ids."""
    ids = list(set(line_ids))
    if not ids:
        return {}
    found = (SOURCING.decode(body) for (body,) in await tx.all(LOCK, ids=ids))
    return {sourcing.sales_line_id: sourcing for sourcing in found}


async def of_orders(tx: Transaction, nos: Iterable[str]) -> dict[UUID, Sourcing]:
    """What is known of the lines of these orders, not locked."""
    wanted = sorted(set(nos))
    found = (SOURCING.decode(body) for (body,) in await tx.all(OF_ORDERS, nos=wanted)) if wanted else ()
    return {sourcing.sales_line_id: sourcing for sourcing in found}


async def store(tx: Transaction, learned: Sequence[Sourcing]) -> list[Sourcing]:
    """Insert what is new, replace what this transaction has locked; as they are stored now.

    If another process made a row since it was looked for, the transaction starts again (a transient error).
    """
    # Revision 1 is inserted, later ones are updated from the revision that was read. A count that is too low means that
    # another process was first in either case; nothing is overwritten.
    rows = [replace(each, revision=each.revision + 1) for each in learned]
    new = [each for each in rows if each.revision == 1]
    stored = [each for each in rows if each.revision > 1]
    missing = len(rows)
    for statement, some in ((INSERT, new), (UPDATE, stored)):
        if some:
            texts = {"rows": json_rows(map(_row, some)), "bodies": json_texts(some)}
            missing -= await tx.run(statement, **texts, now=tx.now)
    if missing:
        raise OvertakenError(f"{missing} lines were changed by another process")
    return rows


def _row(sourcing: Sourcing) -> dict[str, Any]:
    link, demand = sourcing.effective_link, sourcing.current_demand
    vendor = link.vendor_no if link else demand.vendor_no if demand else ""
    return {
        "sales_line_id": sourcing.sales_line_id,
        "sales_order_no": sourcing.sales_order_no,
        "special_order": sourcing.special_order,
        "state": sourcing.state,
        "vendor_no": vendor,
        "granted": sourcing.granted,
        "shipped": sourcing.shipped,
        "revision": sourcing.revision,
        "delivery_date": link.outstanding_delivery if link is not None else None,
    }
