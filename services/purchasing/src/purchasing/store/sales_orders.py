"""Copies of sales orders, as far as purchasing looks at them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import text

from contracts.sales.orders import SalesOrder
from contracts.topics import KINDS
from eventkit import copies
from eventkit.transaction import Queryable, Transaction, fetch

KIND = KINDS["sales-order"]

OF_CUSTOMER = text("""
SELECT body FROM copy
WHERE kind = 'sales-order' AND body ->> 'customer_no' = :customer_no AND no > :after
  AND body ->> 'status' IN ('open', 'released')
  AND (CAST(body AS jsonb) @? :flagged)
ORDER BY no LIMIT :limit
""")

# The transaction that takes over a newer snapshot waits: what that snapshot asks for is decided on links made here.
HOLD = text("""
SELECT no FROM copy WHERE kind = 'sales-order' AND no = ANY(CAST(:nos AS text[])) ORDER BY no FOR SHARE
""")

DELETED = text("""
SELECT no FROM copy
WHERE kind = 'sales-order' AND no = ANY(CAST(:nos AS text[])) AND CAST(body ->> 'deleted' AS boolean)
""")

FLAGGED = {
    "drop_shipment": "$.lines[*] ? (@.drop_shipment == true)",
    "special_order": "$.lines[*] ? (@.special_order == true)",
    "": "$.lines[*] ? (@.drop_shipment == true || @.special_order == true)",
}


_whole = msgspec.json.Decoder(SalesOrder)


async def hold(tx: Transaction, nos: Iterable[str]) -> None:
    """Keep copies as they are until the transaction ends; as in the consumer they are locked before purchase orders."""
    await tx.all(HOLD, nos=sorted(set(nos)))


async def deleted(tx: Transaction, nos: Iterable[str]) -> set[str]:
    """Which of these sales orders are known to be deleted; their numbers are never used again."""
    wanted = sorted(set(nos))
    return {no for (no,) in await tx.all(DELETED, nos=wanted)} if wanted else set()


async def load(where: Queryable, nos: Iterable[str]) -> dict[str, SalesOrder]:
    """Whole copies of sales orders."""
    found: dict[str, SalesOrder] = await copies.load(where, KIND, nos)
    return found


async def of_customer(
    where: Queryable, customer_no: str, kind: str, after: str, limit: int
) -> list[SalesOrder]:
    """Open and released orders of a customer with flagged lines of a kind, by number, at most `limit`."""
    rows = await fetch(
        where,
        OF_CUSTOMER,
        customer_no=customer_no,
        after=after,
        flagged=FLAGGED[kind],
        limit=limit,
    )
    return [_whole.decode(body) for (body,) in rows]
