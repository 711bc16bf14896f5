"""Purchase proposals, and what they are computed from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.sales.orders import SalesOrder
from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from planning.domain.proposals.proposal import Proposal, Supply, item_lines, supply_key

# What was not accepted or cancelled is forgotten after a week: a new one is made in no time.
STORE = text("""
WITH forgotten AS (
    DELETE FROM purchase_proposal WHERE created_at < CAST(:now AS timestamptz) - INTERVAL '7 days'
)
INSERT INTO purchase_proposal (id, sales_order_no, body, created_at)
SELECT CAST(r.body ->> 'id' AS uuid), r.body ->> 'sales_order_no', r.body, :now
FROM json_array_elements(CAST(:rows AS json)) AS r(body)
""")

FIND = text("SELECT body FROM purchase_proposal WHERE id = ANY(CAST(:ids AS uuid[]))")
DELETE = text("DELETE FROM purchase_proposal WHERE id = ANY(CAST(:ids AS uuid[])) RETURNING id")

# Free stock and what comes into it, less what leaves it, up to the day of each line. Requests under way count as
# scheduled receipts. Supply and demand of special orders serve each other alone, and drop shipments touch no stock.
# What is reserved counts on neither side: stock and receipts without it, and demand without what is reserved for it.
AVAILABLE = text("""
SELECT k.item_no, k.location_code, k.day,
    coalesce((SELECT s.stock - s.allocated - s.reserved FROM stock s
              WHERE s.item_no = k.item_no AND s.location_code = k.location_code), 0)
  + coalesce((SELECT sum(CASE o.source WHEN 'purchase' THEN o.quantity ELSE -o.quantity END) FROM open_line o
              WHERE o.item_no = k.item_no AND o.location_code = k.location_code AND o.due_date <= k.day
                AND NOT o.special_order), 0)
  + coalesce((SELECT sum(CASE WHEN v.due_date <= k.day THEN v.stock_quantity + v.purchase_quantity ELSE 0 END
                         - CASE WHEN v.supply_date <= k.day THEN v.purchase_quantity ELSE 0 END)
              FROM reservation v
              WHERE v.item_no = k.item_no AND v.location_code = k.location_code AND v.status = 'active'), 0)
  + coalesce((SELECT sum(CAST(r.body ->> 'quantity' AS numeric)
                         * coalesce(CAST(r.body ->> 'qty_per_unit_of_measure' AS numeric), 1))
              FROM requisition_line r
              WHERE r.item_no = k.item_no AND r.status = 'carrying_out' AND r.action_message IN ('', 'new')
                AND coalesce(r.body ->> 'location_code', '') = k.location_code
                AND coalesce(r.body ->> 'special_order', 'false') = 'false'
                AND coalesce(r.body ->> 'drop_shipment', 'false') = 'false'
                AND CAST(r.body ->> 'due_date' AS date) <= k.day), 0) AS available
FROM json_to_recordset(CAST(:keys AS json)) AS k(item_no text, location_code text, day date)
""")

# A requisition line knows its purchase line by number: what of it is still to come is an open line.
BOUGHT = text("""
SELECT r.sales_line_id,
       sum(CAST(r.body ->> 'quantity' AS numeric)
           * coalesce(CAST(r.body ->> 'qty_per_unit_of_measure' AS numeric), 1)) AS bought,
       coalesce(sum((SELECT sum(o.quantity) FROM open_line o
                     WHERE o.item_no = r.item_no AND o.source = 'purchase'
                       AND o.document_no = r.body ->> 'purchase_order_no'
                       AND o.line_no = CAST(r.body ->> 'purchase_order_line_no' AS int))), 0) AS coming
FROM requisition_line r
WHERE r.sales_order_no <> '' AND r.sales_order_no = ANY(CAST(:nos AS text[])) AND r.status = 'carried_out'
  AND r.action_message IN ('', 'new')
  AND coalesce(r.body ->> 'special_order', 'false') = 'false'
  AND coalesce(r.body ->> 'drop_shipment', 'false') = 'false'
GROUP BY r.sales_line_id
""")

_PROPOSAL: Final = msgspec.json.Decoder(Proposal)


async def store(tx: Transaction, proposals: Sequence[Proposal]) -> None:
    """Insert new proposals; those of a week ago are deleted."""
    if proposals:
        await tx.run(STORE, rows=json_rows(proposals), now=tx.now)


async def find(where: Queryable, ids: Iterable[UUID]) -> dict[UUID, Proposal]:
    """Proposals by id; unknown ones are left out."""
    rows = await fetch(where, FIND, ids=sorted(set(ids)))
    found = (_PROPOSAL.decode(row[0]) for row in rows)
    return {proposal.id: proposal for proposal in found}


async def delete(tx: Transaction, ids: Iterable[UUID]) -> set[UUID]:
    """Forget proposals; the ids of those that were there."""
    return {row[0] for row in await tx.all(DELETE, ids=sorted(set(ids)))}


async def supply_of(tx: Transaction, orders: Iterable[SalesOrder]) -> Supply:
    """What the lines of these sales orders find, and what was bought for them."""
    nos = [order.no for order in orders]
    keys = sorted({supply_key(order, line) for order in orders for line in item_lines(order)})
    rows = json_rows({"item_no": item, "location_code": place, "day": day} for item, place, day in keys)
    available = await tx.all(AVAILABLE, keys=rows)
    bought = await tx.all(BOUGHT, nos=nos)
    return Supply(
        available={(item, place, day): quantity for item, place, day, quantity in available},
        bought={line_id: quantity for line_id, quantity, _ in bought},
        coming={line_id: quantity for line_id, _, quantity in bought},
    )
