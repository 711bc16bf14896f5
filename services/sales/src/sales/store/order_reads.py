"""Orders as readers see them: with what is known of their lines' supply and the set-up's defaults, in one query."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Select, func, select, text

from eventkit.transaction import Queryable, fetch_one
from recordkit.records import MASTER
from sales.domain.masters import SETUP_NO, SalesSetup
from sales.domain.orders.context import OrderWithSupply
from sales.domain.sourcing import Sourcing
from sales.store.orders import ORDER
from sales.store.reservations import reserved_by
from sales.store.tables import COPY, LINE_SOURCING, SALES_ORDER

FIND = text("""
SELECT o.body, o.created_at, o.updated_at,
       (SELECT body FROM master WHERE kind = 'sales-setup' AND no = :setup_no) AS setup,
       (SELECT json_agg(s.body) FROM line_sourcing s WHERE s.sales_order_no = o.no) AS sourcings,
       (SELECT c.body FROM copy c WHERE c.kind = 'order-reservation' AND c.no = o.no) AS reserved
FROM sales_order o WHERE o.no = :no AND NOT o.deleted
""")

SETUP = msgspec.json.Decoder(SalesSetup)
SOURCINGS = msgspec.json.Decoder(tuple[Sourcing, ...])


async def find(conn: Queryable, no: str) -> OrderWithSupply | None:
    """One order, unless it was deleted."""
    row = await fetch_one(conn, FIND, no=no, setup_no=SETUP_NO)
    return None if row is None else decoded(row)


def query() -> Select[Any]:
    """The same for many, deleted ones too: filter, order and page it."""
    setup = select(MASTER.c.body).where(MASTER.c.kind == "sales-setup", MASTER.c.no == SETUP_NO)
    sourcings = select(func.json_agg(LINE_SOURCING.c.body)).where(
        LINE_SOURCING.c.sales_order_no == SALES_ORDER.c.no
    )
    reserved = select(COPY.c.body).where(COPY.c.kind == "order-reservation", COPY.c.no == SALES_ORDER.c.no)
    return select(
        SALES_ORDER.c.body,
        SALES_ORDER.c.created_at,
        SALES_ORDER.c.updated_at,
        setup.scalar_subquery().label("setup"),
        sourcings.scalar_subquery().label("sourcings"),
        reserved.scalar_subquery().label("reserved"),
    )


SEARCHED: Final = (
    SALES_ORDER.c.no,
    SALES_ORDER.c.customer_no,
    SALES_ORDER.c.external_document_no,
    SALES_ORDER.c.confirmation_no,
    *(
        SALES_ORDER.c.body.op("->>")(name)
        for name in ("customer_name", "your_reference", "external_reference")
    ),
)
"""Where a search looks: the number, the customer and the references."""


def setup_of(row: Any) -> SalesSetup:
    """Sales' settings, as a row of such a query has them."""
    return SETUP.decode(row.setup) if row.setup else SalesSetup(version=0)


def decoded(row: Any) -> OrderWithSupply:
    """A row of one of these queries."""
    sourcings = SOURCINGS.decode(row.sourcings) if row.sourcings else ()
    return OrderWithSupply(
        ORDER.decode(row.body),
        {sourcing.sales_line_id: sourcing for sourcing in sourcings},
        setup_of(row),
        row.created_at,
        row.updated_at,
        reserved_by([row.reserved]),
    )
