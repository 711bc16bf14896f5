"""What a planning run reads: all of it as of one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.purchasing.orders import PurchaseOrder
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Transaction
from planning.domain.masters.supply import need_item
from planning.domain.plan.commands import PlanRequest
from planning.domain.plan.inputs import Place, PlanInput
from planning.domain.stock.availability import PURCHASE, OpenLine
from planning.store import references
from planning.store.requisitions import LINE
from planning.store.reservations import of_lines

BATCH: Final = 500
"""Items whose masters are read together, and purchase orders."""

_ONE_MOMENT: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_WANTED: Final = """
(CAST(:items AS text[]) = '{}' OR item_no = ANY(CAST(:items AS text[])))
AND (CAST(:locations AS text[]) = '{}' OR location_code = ANY(CAST(:locations AS text[])))
"""
# What is reserved is left out on both sides: it is neither supply of other demand nor demand that lacks supply.
_STOCK: Final = text(f"""
SELECT item_no, location_code, stock - allocated - reserved AS free FROM stock WHERE {_WANTED}
""")
_OPEN_LINES: Final = text(f"""
SELECT line_id, source, document_no, line_no, item_no, location_code, due_date, quantity,
       coalesce(reserved, 0) AS reserved
FROM open_line LEFT JOIN ({of_lines()}) r USING (line_id)
WHERE NOT special_order AND {_WANTED}
""")
# What makes a promise possible is supply as well: it was promised, so it is bought.
_IS_UNDER_WAY: Final = """
(status = 'carrying_out'
 OR (status = 'open' AND body ->> 'promise_id' IS NOT NULL AND action_message IN ('', 'new')))
AND coalesce(body ->> 'special_order', 'false') = 'false'
AND coalesce(body ->> 'drop_shipment', 'false') = 'false'
"""
_UNDER_WAY: Final = text(f"SELECT body FROM requisition_line WHERE {_IS_UNDER_WAY}")
_BOUGHT_SINCE: Final = text(f"""
SELECT DISTINCT item_no, coalesce(body ->> 'location_code', '') FROM requisition_line
WHERE {_IS_UNDER_WAY} AND action_message IN ('', 'new') AND NOT id = ANY(CAST(:known AS uuid[]))
""")
_UNITS: Final = text("""
SELECT body ->> 'item_no' AS item_no, body ->> 'location_code' AS location_code
FROM master WHERE kind = 'stockkeeping-unit' AND NOT deleted
""")
# An item that lies, comes and leaves nowhere yet is planned without a location; a person gives one before buying it.
_NOWHERE: Final = text("""
SELECT no AS item_no, '' AS location_code FROM master i
WHERE kind = 'item' AND NOT deleted AND coalesce(body ->> 'reordering_policy', '') <> ''
  AND NOT EXISTS (SELECT FROM stock s WHERE s.item_no = i.no AND s.version > 0)
  AND NOT EXISTS (SELECT FROM open_line o WHERE o.item_no = i.no)
  AND NOT EXISTS (SELECT FROM master u WHERE u.kind = 'stockkeeping-unit' AND NOT u.deleted
                    AND u.body ->> 'item_no' = i.no)
""")
_ORDERS: Final = text("""
SELECT body FROM copy WHERE kind = 'purchase-order' AND no = ANY(CAST(:nos AS text[])) AND body IS NOT NULL
""")
_ORDER: Final = msgspec.json.Decoder(PurchaseOrder)


async def freeze(conn: AsyncConnection) -> None:
    """All that this connection reads from now on is of one moment: no receipt falls between stock and open lines."""
    await conn.execute(_ONE_MOMENT)


async def read(conn: AsyncConnection, request: PlanRequest) -> tuple[list[Place], PlanInput]:
    """The places to plan in a stable order, and what there is of them."""
    wanted = {"items": list(request.item_nos), "locations": list(request.location_codes)}
    stock = {(r.item_no, r.location_code): r.free for r in await conn.execute(_STOCK, wanted)}
    lines = [_open_line(*row) for row in (await conn.execute(_OPEN_LINES, wanted)).all()]
    orders: list[PurchaseOrder] = []
    for nos in _batches({line.document_no for line in lines if line.source == PURCHASE}):
        orders += [_ORDER.decode(r.body) for r in await conn.execute(_ORDERS, {"nos": nos})]
    under_way = [LINE.decode(r.body) for r in await conn.execute(_UNDER_WAY)]
    known = {
        (r.item_no, r.location_code)
        for statement in (_UNITS, _NOWHERE)
        for r in await conn.execute(statement)
    }
    places = stock.keys() | {(line.item_no, line.location_code) for line in lines} | known
    return sorted(p for p in places if _is_wanted(p, request)), PlanInput(stock, lines, orders, under_way)


async def bought_since(tx: Transaction, known: Iterable[UUID]) -> set[Place]:
    """Where requisition lines buy that were not under way yet when `known` was read."""
    return {(item_no, code) for item_no, code in await tx.all(_BOUGHT_SINCE, known=list(known))}


async def masters(conn: AsyncConnection, places: Iterable[Place], now: datetime) -> ReferenceData:
    """Items, units, locations and vendors of a batch of places."""
    query = ReferenceQuery()
    for item_no, location_code in places:
        need_item(query, item_no, location_code)
    return await references.load(conn, query, now)


def _open_line(  # noqa: PLR0913, PLR0917 - the columns; a mapping costs three times as much
    line_id: UUID,
    source: str,
    document_no: str,
    line_no: int,
    item_no: str,
    location_code: str,
    due_date: date,
    quantity: Decimal,
    reserved: Decimal,
) -> OpenLine:
    return OpenLine(
        line_id=line_id,
        source=source,
        document_no=document_no,
        line_no=line_no,
        item_no=item_no,
        location_code=location_code,
        due_date=due_date,
        quantity=quantity,
        reserved=reserved,
    )


def _is_wanted(place: Place, request: PlanRequest) -> bool:
    item_no, location_code = place
    return (not request.item_nos or item_no in request.item_nos) and (
        not request.location_codes or location_code in request.location_codes
    )


def _batches(values: Iterable[Any]) -> Iterator[Sequence[Any]]:
    ordered = sorted(values)
    return (ordered[i : i + BATCH] for i in range(0, len(ordered), BATCH))
