"""Current snapshots of what planning owns, for republication."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from contracts.planning.requests import PurchaseRequest
from contracts.planning.stock import OrderReservation, StockLevel
from eventkit.kinds import Snapshot
from eventkit.republish import SnapshotReader
from eventkit.transaction import Queryable
from planning.domain.demand.rows import published_demand
from planning.store import demand, promises
from planning.store.kinds import KINDS_OF_PLANNING, PUBLISHED
from recordkit.snapshots import ASKED, master_readers, snapshot_reader

# A request is open as long as a line waits for its outcome; that purchasing has decided stands in the lines alone.
REQUESTS: Final = """
SELECT CAST(id AS text) AS no, body FROM purchase_request
WHERE (CAST(:nos AS text[]) IS NULL OR id = ANY(CAST(CAST(:nos AS text[]) AS uuid[])))
  AND (CAST(:since AS timestamptz) IS NULL OR updated_at >= CAST(:since AS timestamptz))
  AND (NOT :open_only OR id IN (
      SELECT CAST(body ->> 'purchase_request_id' AS uuid) FROM requisition_line WHERE status = 'carrying_out'))
ORDER BY id
"""

# Stock is never finished: `open_only` is taken and leaves none out.
_STOCK_NO: Final = "replace(replace(item_no, '%', '%25'), '/', '%2F') || '/' || location_code"
"""As `contracts.keys.stock_no` writes it."""
STOCK: Final = f"""
SELECT {_STOCK_NO} AS no,
       json_build_object('version', version, 'item_no', item_no, 'location_code', location_code,
                         'stock', CAST(stock AS text), 'allocated', CAST(allocated AS text),
                         'reserved', CAST(reserved AS text)) AS body
FROM stock
WHERE version > 0 AND {ASKED.format(no=f"({_STOCK_NO})", changed="updated_at")}
  AND CAST(:open_only AS boolean) IS NOT NULL
ORDER BY item_no, location_code
"""


ORDER_RESERVATIONS: Final = f"""
SELECT sales_order_no AS no, body FROM order_reservation
WHERE body IS NOT NULL AND {ASKED.format(no="sales_order_no", changed="updated_at")}
  AND (NOT CAST(:open_only AS boolean) OR EXISTS (
      SELECT FROM reservation r
      WHERE r.sales_order_no = order_reservation.sales_order_no AND r.status = 'active'))
ORDER BY sales_order_no
"""


async def _demands(
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: FBT001 - the kit's signature
) -> AsyncIterator[tuple[str, Snapshot]]:
    for found in await demand.current(conn, nos, since, open_only=open_only):
        yield found.sales_order_no, published_demand(found)


SNAPSHOTS: Final[Mapping[str, SnapshotReader]] = {
    **master_readers(KINDS_OF_PLANNING, PUBLISHED),
    "demand": _demands,
    "order-promise": snapshot_reader(promises.CURRENT, promises.PROMISE.decode),
    "purchase-request": snapshot_reader(REQUESTS, msgspec.json.Decoder(PurchaseRequest).decode),
    "order-reservation": snapshot_reader(ORDER_RESERVATIONS, msgspec.json.Decoder(OrderReservation).decode),
    "stock": snapshot_reader(STOCK, msgspec.json.Decoder(StockLevel).decode),
}
"""Kind → how to read its snapshots."""
