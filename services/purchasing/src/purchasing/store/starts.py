"""What deciding about purchase requests begins with, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Transaction
from purchasing.domain.known import Known
from purchasing.domain.links import LinkState
from purchasing.store import knowledge, orders
from purchasing.store.knowledge import Needs
from recordkit.series import DRAWN

DECIDED: Final = "decided"
LINKED: Final = "linked"
NUMBER: Final = "number"


def _missing(statement: str) -> str:
    """`statement` for the series and the count of `missing`; it draws nothing where nothing is missing."""
    return statement.replace(":code", "(SELECT code FROM missing)").replace(
        ":count", "(SELECT n FROM missing)"
    )


# All is read as of before the series is locked, as by statements before that: what others decide or link meanwhile
# meets the keys of `purchase_request` and `purchase_link`.
START = text(f"""
WITH wanted AS MATERIALIZED ({knowledge.WANTED}),
missing AS MATERIALIZED (
    SELECT CAST(:series AS text) AS code, count(*) AS n FROM unnest(CAST(:ids AS uuid[])) AS r(id)
    WHERE NOT EXISTS (SELECT FROM purchase_request q WHERE q.id = r.id) HAVING count(*) > 0),
drawn AS ({_missing(DRAWN)})
SELECT '{DECIDED}' AS what, CAST(NULL AS text) AS no, CAST(NULL AS json) AS body, id, 0 AS n
FROM purchase_request WHERE id = ANY(CAST(:ids AS uuid[]))
UNION ALL
SELECT '{LINKED}', coalesce(max(purchase_order_no) FILTER (WHERE active), ''), NULL, sales_line_id, max(generation)
FROM purchase_link WHERE sales_line_id = ANY(CAST(:lines AS uuid[])) GROUP BY sales_line_id
UNION ALL
SELECT '{NUMBER}', no, NULL, NULL, i FROM ({_missing(orders.OF_DRAWN)}) free WHERE NOT taken
UNION ALL
SELECT kind, no, body, NULL, NULL FROM ({knowledge.OF_WANTED}) known
""")


class Start(msgspec.Struct, frozen=True):
    """What is known of a batch of requests. `decided`: which of them were decided before."""

    decided: set[UUID]
    linked: dict[UUID, LinkState]
    """Links by sales line; lines never linked are absent."""
    numbers: list[str]
    """Free numbers for orders, one for each request that was not decided; fewer if the series or callers took them."""
    known: Known


async def start(tx: Transaction, ids: Sequence[UUID], sales_line_ids: Iterable[UUID], needs: Needs) -> Start:
    """Look at requests; locks the number series until the transaction ends if one was never decided."""
    rows = await tx.all(
        START,
        rows=needs.rows(),
        series=orders.SERIES,
        ids=list(ids),
        lines=list(set(sales_line_ids)),
    )
    own: dict[str, list[Any]] = {DECIDED: [], LINKED: [], NUMBER: []}
    copies = []
    for what, no, body, id_, n in rows:
        if what in own:
            own[what].append((n, no, id_))
        else:
            copies.append((what, no, body))
    return Start(
        decided={id_ for _, _, id_ in own[DECIDED]},
        linked={id_: LinkState(highest_generation=n, active_order_no=no) for n, no, id_ in own[LINKED]},
        numbers=[no for _, no, _ in sorted(own[NUMBER])],
        known=knowledge.known_of(copies, tx.now),
    )
