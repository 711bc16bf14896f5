"""Current snapshots of what purchasing owns, so that they can be published again at the same versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from contracts.purchasing.documents import PostedPurchaseInvoice
from contracts.purchasing.orders import PurchaseOrder
from contracts.purchasing.outcomes import RequestOutcome
from eventkit.republish import SnapshotReader
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.store.orders import decoded
from recordkit.snapshots import ASKED, master_readers, snapshot_reader

ORDERS: Final = f"""
SELECT no, body FROM purchase_order
WHERE {ASKED.format(no="no", changed="updated_at")} AND NOT (:open_only AND (deleted OR status = 'closed'))
ORDER BY no
"""

INVOICES: Final = f"""
SELECT no, body FROM posted_purchase_invoice
WHERE {ASKED.format(no="no", changed="posted_at")} AND NOT :open_only ORDER BY no
"""

# A decided request is finished, but the service that waits for its outcome may have lost it: `open_only` keeps it.
OUTCOMES: Final = f"""
SELECT no, body FROM (
    SELECT CAST(id AS text) AS no, body, decided_at FROM purchase_request WHERE body IS NOT NULL
    UNION ALL
    SELECT CAST(id AS text), body, decided_at FROM posting_request
) o WHERE {ASKED.format(no="no", changed="decided_at")} AND CAST(:open_only AS boolean) IS NOT NULL ORDER BY no
"""


def _order(body: str) -> PurchaseOrder:
    return decoded(body).snapshot("republished")


SNAPSHOTS: Final[Mapping[str, SnapshotReader]] = {
    **master_readers(KINDS_OF_PURCHASING),
    "purchase-order": snapshot_reader(ORDERS, _order),
    "posted-purchase-invoice": snapshot_reader(INVOICES, msgspec.json.Decoder(PostedPurchaseInvoice).decode),
    "request-outcome": snapshot_reader(OUTCOMES, msgspec.json.Decoder(RequestOutcome).decode, lock=False),
}
"""Kind → how to read its snapshots."""
