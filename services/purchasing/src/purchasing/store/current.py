"""Current snapshots of what purchasing owns, for publishing them again at the same versions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import TextClause, text

from contracts.purchasing import ItemVendor, PostedPurchaseInvoice, RequestOutcome, Vendor
from eventkit.kinds import Snapshot
from eventkit.republish import SnapshotReader
from eventkit.transaction import Queryable, fetch
from purchasing.store.orders import decoded

_FILTER = """
  (CAST(:nos AS text[]) IS NULL OR {no} = ANY(CAST(:nos AS text[])))
  AND (CAST(:since AS timestamptz) IS NULL OR {changed} >= CAST(:since AS timestamptz))
"""

MASTERS = text(f"""
SELECT no, body FROM master
WHERE kind = :kind AND {_FILTER.format(no="no", changed="updated_at")} ORDER BY no FOR SHARE
""")

ORDERS = text(f"""
SELECT no, body FROM purchase_order
WHERE {_FILTER.format(no="no", changed="updated_at")} AND NOT (:open_only AND (deleted OR status = 'closed'))
ORDER BY no FOR SHARE
""")

INVOICES = text(f"""
SELECT no, body FROM posted_purchase_invoice
WHERE {_FILTER.format(no="no", changed="posted_at")} AND NOT :open_only ORDER BY no FOR SHARE
""")

# A closed request is finished, but who waits for its outcome may have lost it: `open_only` does not leave it out.
OUTCOMES = text(f"""
SELECT no, body FROM (
    SELECT CAST(id AS text) AS no, body, decided_at FROM purchase_request WHERE body IS NOT NULL
    UNION ALL
    SELECT CAST(id AS text), body, decided_at FROM posting_request
) o WHERE {_FILTER.format(no="no", changed="decided_at")} ORDER BY no
""")


def current() -> dict[str, SnapshotReader]:
    """Readers by kind."""
    return {
        "vendor": _reader(MASTERS, msgspec.json.Decoder(Vendor).decode, kind="vendor"),
        "item-vendor": _reader(MASTERS, msgspec.json.Decoder(ItemVendor).decode, kind="item-vendor"),
        "purchase-order": _reader(ORDERS, lambda body: decoded(body).snapshot("republished"), open_only=True),
        "posted-purchase-invoice": _reader(
            INVOICES, msgspec.json.Decoder(PostedPurchaseInvoice).decode, open_only=True
        ),
        "request-outcome": _reader(OUTCOMES, msgspec.json.Decoder(RequestOutcome).decode),
    }


def _reader(
    statement: TextClause, decode: Callable[[Any], Snapshot], *, open_only: bool = False, **fixed: Any
) -> SnapshotReader:
    """`open_only` here: whether the statement knows that parameter."""
    with_open = open_only

    async def read(
        conn: Queryable,
        nos: Sequence[str] | None,
        since: datetime | None,
        open_only: bool,  # noqa: FBT001 - the kit's protocol
    ) -> AsyncIterator[tuple[str, Snapshot]]:
        parameters = {**fixed, "nos": list(nos) if nos is not None else None, "since": since}
        if with_open:
            parameters["open_only"] = open_only
        for no, body in await fetch(conn, statement, **parameters):
            yield no, decode(body)

    return read
